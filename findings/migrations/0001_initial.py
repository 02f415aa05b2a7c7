import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import taggit.managers
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

from findings.accounts import EDITOR, LIBRARIAN, make_groups


def make(apps, schema_editor):
    # Permissions are made when all migrations are done; the groups need theirs now.
    for label in ["auth", "taggit", "curation", "sources", "findings"]:
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    make_groups(apps.get_model("auth", "Group"), apps.get_model("auth", "Permission"))


def remove(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=[LIBRARIAN, EDITOR]).delete()


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("curation", "0001_initial"),
        ("sources", "0001_initial"),
        ("taggit", "0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Citation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order", models.PositiveSmallIntegerField(default=1)),
                (
                    "number",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="the review’s note number"),
                ),
                ("locator", models.CharField(blank=True, help_text="12–14", max_length=60)),
                (
                    "locator_label",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("page", "page"),
                            ("chapter", "chapter"),
                            ("section", "section"),
                            ("paragraph", "paragraph"),
                            ("figure", "figure"),
                            ("table", "table"),
                            ("appendix", "appendix"),
                            ("part", "part"),
                            ("volume", "volume"),
                            ("line", "line"),
                            ("note", "note"),
                        ],
                        max_length=20,
                    ),
                ),
                ("note", models.TextField(blank=True, help_text="One sentence: how the review uses this work.")),
                (
                    "covers",
                    models.CharField(
                        blank=True,
                        help_text="If the review’s note stands at a part of the finding alone: “The quotation only”.",
                        max_length=200,
                        verbose_name="what the note covers",
                    ),
                ),
            ],
            options={
                "ordering": ["finding", "order"],
            },
        ),
        migrations.CreateModel(
            name="EarlierTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(allow_unicode=True, max_length=100, unique=True)),
            ],
            options={
                "verbose_name": "earlier address",
                "verbose_name_plural": "earlier addresses",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.SlugField(
                        help_text="The last part of the address. Earlier ones keep leading here.", max_length=120
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in-review", "In review"),
                            ("published", "Published"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("published_on", models.DateField(blank=True, null=True)),
                (
                    "wording_changed_on",
                    models.DateField(
                        blank=True,
                        help_text="When the meaning last changed after publication; empty if it never did.",
                        null=True,
                    ),
                ),
                ("last_checked_on", models.DateField(blank=True, null=True, verbose_name="evidence last checked on")),
                (
                    "review_due_on",
                    models.DateField(
                        blank=True, db_index=True, help_text="A reminder; nothing is hidden when it passes.", null=True
                    ),
                ),
                ("withdrawn_on", models.DateField(blank=True, null=True)),
                (
                    "withdrawal_reason",
                    models.TextField(blank=True, help_text="Shown to the public, who may have the entry on a slide."),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Given when it is first saved. It never changes and is never used again.",
                        unique=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="code number",
                    ),
                ),
                (
                    "since_then",
                    models.TextField(
                        blank=True,
                        help_text="What has changed since the review, in our words: one note a line, the year first: “2018: The law on personal data changed. [S8]”. Name the source by its code in square brackets.",
                    ),
                ),
                (
                    "questions_answered",
                    models.TextField(
                        blank=True,
                        help_text="Questions that the entry answers, one a line, as somebody at work would type them; five to eight are enough. Searches find the entry by them, and readers see them at its foot. They claim nothing.",
                        verbose_name="questions this answers",
                    ),
                ),
                (
                    "also_asked_as",
                    models.TextField(
                        blank=True,
                        help_text="Everyday words and jargon by which people look for this and which it does not use, one a line: “hot desking”. Only for searches.",
                        verbose_name="also asked as",
                    ),
                ),
                (
                    "stance",
                    models.CharField(
                        choices=[
                            ("facilitator", "Helps"),
                            ("barrier", "Gets in the way"),
                            ("mixed", "Works both ways"),
                            ("condition", "What it takes"),
                            ("effect", "What it leads to"),
                            ("context", "Context"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "heading",
                    models.CharField(
                        help_text="A plain sentence that makes a claim, under 70 characters.", max_length=200
                    ),
                ),
                ("bottom_line", models.TextField(help_text="One sentence.")),
                (
                    "body",
                    models.TextField(
                        help_text="Two to five sentences, as certain as the evidence. [1] marks where the source with that number is used; an empty line starts a paragraph."
                    ),
                ),
                (
                    "has_practice_example",
                    models.BooleanField(default=False, verbose_name="includes a practice example"),
                ),
                (
                    "not_named",
                    models.TextField(
                        blank=True,
                        help_text="What the review leaves open about where this comes from: which studies, services or people.",
                        verbose_name="what is not named",
                    ),
                ),
                (
                    "not_known",
                    models.TextField(
                        blank=True,
                        help_text="What a careful reader would still ask, one point a line.",
                        verbose_name="what we do not know",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="KeyMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.SlugField(
                        help_text="The last part of the address. Earlier ones keep leading here.", max_length=120
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in-review", "In review"),
                            ("published", "Published"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("published_on", models.DateField(blank=True, null=True)),
                (
                    "wording_changed_on",
                    models.DateField(
                        blank=True,
                        help_text="When the meaning last changed after publication; empty if it never did.",
                        null=True,
                    ),
                ),
                ("last_checked_on", models.DateField(blank=True, null=True, verbose_name="evidence last checked on")),
                (
                    "review_due_on",
                    models.DateField(
                        blank=True, db_index=True, help_text="A reminder; nothing is hidden when it passes.", null=True
                    ),
                ),
                ("withdrawn_on", models.DateField(blank=True, null=True)),
                (
                    "withdrawal_reason",
                    models.TextField(blank=True, help_text="Shown to the public, who may have the entry on a slide."),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Given when it is first saved. It never changes and is never used again.",
                        unique=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="code number",
                    ),
                ),
                (
                    "since_then",
                    models.TextField(
                        blank=True,
                        help_text="What has changed since the review, in our words: one note a line, the year first: “2018: The law on personal data changed. [S8]”. Name the source by its code in square brackets.",
                    ),
                ),
                (
                    "questions_answered",
                    models.TextField(
                        blank=True,
                        help_text="Questions that the entry answers, one a line, as somebody at work would type them; five to eight are enough. Searches find the entry by them, and readers see them at its foot. They claim nothing.",
                        verbose_name="questions this answers",
                    ),
                ),
                (
                    "also_asked_as",
                    models.TextField(
                        blank=True,
                        help_text="Everyday words and jargon by which people look for this and which it does not use, one a line: “hot desking”. Only for searches.",
                        verbose_name="also asked as",
                    ),
                ),
                ("heading", models.CharField(max_length=200)),
                ("body", models.TextField()),
                (
                    "note",
                    models.TextField(
                        blank=True, help_text="Shown below the message, and marked as ours.", verbose_name="our note"
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="PracticeImplication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.SlugField(
                        help_text="The last part of the address. Earlier ones keep leading here.", max_length=120
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in-review", "In review"),
                            ("published", "Published"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("published_on", models.DateField(blank=True, null=True)),
                (
                    "wording_changed_on",
                    models.DateField(
                        blank=True,
                        help_text="When the meaning last changed after publication; empty if it never did.",
                        null=True,
                    ),
                ),
                ("last_checked_on", models.DateField(blank=True, null=True, verbose_name="evidence last checked on")),
                (
                    "review_due_on",
                    models.DateField(
                        blank=True, db_index=True, help_text="A reminder; nothing is hidden when it passes.", null=True
                    ),
                ),
                ("withdrawn_on", models.DateField(blank=True, null=True)),
                (
                    "withdrawal_reason",
                    models.TextField(blank=True, help_text="Shown to the public, who may have the entry on a slide."),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Given when it is first saved. It never changes and is never used again.",
                        unique=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="code number",
                    ),
                ),
                (
                    "since_then",
                    models.TextField(
                        blank=True,
                        help_text="What has changed since the review, in our words: one note a line, the year first: “2018: The law on personal data changed. [S8]”. Name the source by its code in square brackets.",
                    ),
                ),
                (
                    "questions_answered",
                    models.TextField(
                        blank=True,
                        help_text="Questions that the entry answers, one a line, as somebody at work would type them; five to eight are enough. Searches find the entry by them, and readers see them at its foot. They claim nothing.",
                        verbose_name="questions this answers",
                    ),
                ),
                (
                    "also_asked_as",
                    models.TextField(
                        blank=True,
                        help_text="Everyday words and jargon by which people look for this and which it does not use, one a line: “hot desking”. Only for searches.",
                        verbose_name="also asked as",
                    ),
                ),
                (
                    "element",
                    models.CharField(
                        choices=[
                            ("mutual-engagement", "Mutual engagement"),
                            ("joint-enterprise", "Joint enterprise"),
                            ("shared-repertoire", "Shared repertoire"),
                        ],
                        max_length=20,
                        verbose_name="Wenger’s element",
                    ),
                ),
                ("heading", models.CharField(max_length=200)),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("team", "Teams"),
                            ("policy", "Those who make policy, fund or employ"),
                            ("both", "Teams, and those who make policy, fund or employ"),
                        ],
                        default="team",
                        help_text="In our reading.",
                        max_length=10,
                        verbose_name="who can take it up",
                    ),
                ),
                (
                    "summary",
                    models.TextField(
                        help_text="One or two sentences: what might be taken forward, as certain as the review."
                    ),
                ),
                ("body", models.TextField()),
                (
                    "questions",
                    models.TextField(
                        blank=True,
                        help_text="Ours, one a line. The team check asks the first; without one, it leaves the point out.",
                        verbose_name="questions for a team",
                    ),
                ),
            ],
            options={
                "verbose_name": "practice point",
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.SlugField(
                        help_text="The last part of the address. Earlier ones keep leading here.", max_length=120
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in-review", "In review"),
                            ("published", "Published"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("published_on", models.DateField(blank=True, null=True)),
                (
                    "wording_changed_on",
                    models.DateField(
                        blank=True,
                        help_text="When the meaning last changed after publication; empty if it never did.",
                        null=True,
                    ),
                ),
                ("last_checked_on", models.DateField(blank=True, null=True, verbose_name="evidence last checked on")),
                (
                    "review_due_on",
                    models.DateField(
                        blank=True, db_index=True, help_text="A reminder; nothing is hidden when it passes.", null=True
                    ),
                ),
                ("withdrawn_on", models.DateField(blank=True, null=True)),
                (
                    "withdrawal_reason",
                    models.TextField(blank=True, help_text="Shown to the public, who may have the entry on a slide."),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Given when it is first saved. It never changes and is never used again.",
                        unique=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="code number",
                    ),
                ),
                (
                    "since_then",
                    models.TextField(
                        blank=True,
                        help_text="What has changed since the review, in our words: one note a line, the year first: “2018: The law on personal data changed. [S8]”. Name the source by its code in square brackets.",
                    ),
                ),
                (
                    "kind_of_text",
                    models.CharField(
                        choices=[("review", "Research review"), ("summary", "Summary of a research review")],
                        default="review",
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(max_length=300)),
                ("series", models.CharField(blank=True, max_length=200)),
                ("publisher", models.CharField(blank=True, max_length=200)),
                ("place", models.CharField(blank=True, max_length=200)),
                (
                    "year",
                    models.CharField(
                        blank=True,
                        help_text="Empty if the publication is undated.",
                        max_length=4,
                        validators=[django.core.validators.RegexValidator("^\\d{4}$", "Write a year, such as 2005.")],
                    ),
                ),
                (
                    "year_is_approximate",
                    models.BooleanField(
                        default=False, help_text="Shown as “about”.", verbose_name="the year is approximate"
                    ),
                ),
                ("country", models.CharField(blank=True, help_text="Where the research is from: UK.", max_length=100)),
                (
                    "updates",
                    models.CharField(
                        blank=True,
                        help_text="Such as “Search updated 2025”. Empty: readers are told “Not updated since”.",
                        max_length=200,
                        verbose_name="what is known of updates",
                    ),
                ),
                ("summary", models.TextField(help_text="Two or three sentences: what this review is.")),
                ("method", models.TextField(blank=True, verbose_name="how it was compiled")),
                (
                    "bear_in_mind",
                    models.TextField(
                        blank=True, help_text="What limits it, one point a line.", verbose_name="what to bear in mind"
                    ),
                ),
                ("rights", models.TextField(blank=True, verbose_name="whose work it is")),
                (
                    "publisher_details",
                    models.TextField(
                        blank=True,
                        help_text="As printed, one a line, with a word before each: “Phone: 01803 …”.",
                        verbose_name="the publisher’s details at the time",
                    ),
                ),
                ("how_to_get_it", models.TextField(blank=True, verbose_name="how to get the original")),
                (
                    "practice_note",
                    models.CharField(
                        blank=True,
                        help_text="Such as “Indicators of what might be taken forward, not rules”: shown with each of them.",
                        max_length=200,
                        verbose_name="how it puts its practice points",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="ReviewContributor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("author", "Author"),
                            ("editor", "Editor"),
                            ("compiler", "Compiler"),
                            ("translator", "Translator"),
                        ],
                        default="author",
                        max_length=20,
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=1)),
                ("family", models.CharField(blank=True, max_length=200, verbose_name="family name")),
                ("given", models.CharField(blank=True, max_length=200, verbose_name="given names or initials")),
                ("literal", models.CharField(blank=True, max_length=300, verbose_name="organisation")),
            ],
            options={
                "verbose_name": "contributor",
                "ordering": ["role", "order"],
            },
        ),
        migrations.CreateModel(
            name="ReviewSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("summarises", "The longer work that it summarises"),
                            ("framework", "The framework that groups its practice points"),
                            ("background", "Background"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "number",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="the review’s note number"),
                ),
            ],
            options={
                "ordering": ["-role", "number"],
            },
        ),
        migrations.CreateModel(
            name="Stamp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("letter", models.CharField(max_length=1)),
                ("number", models.PositiveIntegerField()),
                ("object_id", models.PositiveBigIntegerField()),
                (
                    "review",
                    models.PositiveIntegerField(
                        help_text="The code number of the review that it is part of.", null=True
                    ),
                ),
                ("theme", models.PositiveIntegerField(help_text="The code number of its theme.", null=True)),
                (
                    "digest",
                    models.CharField(
                        blank=True, help_text="Of its record; empty once it is not public.", max_length=64
                    ),
                ),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["changed_at", "pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TaggedFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "verbose_name": "tag on a finding",
                "verbose_name_plural": "tags on findings",
            },
        ),
        migrations.CreateModel(
            name="TaggedImplication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "verbose_name": "tag on a practice point",
                "verbose_name_plural": "tags on practice points",
            },
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.SlugField(
                        help_text="The last part of the address. Earlier ones keep leading here.", max_length=120
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in-review", "In review"),
                            ("published", "Published"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("published_on", models.DateField(blank=True, null=True)),
                (
                    "wording_changed_on",
                    models.DateField(
                        blank=True,
                        help_text="When the meaning last changed after publication; empty if it never did.",
                        null=True,
                    ),
                ),
                ("last_checked_on", models.DateField(blank=True, null=True, verbose_name="evidence last checked on")),
                (
                    "review_due_on",
                    models.DateField(
                        blank=True, db_index=True, help_text="A reminder; nothing is hidden when it passes.", null=True
                    ),
                ),
                ("withdrawn_on", models.DateField(blank=True, null=True)),
                (
                    "withdrawal_reason",
                    models.TextField(blank=True, help_text="Shown to the public, who may have the entry on a slide."),
                ),
                ("preferred_label", models.CharField(max_length=120)),
                ("definition", models.TextField()),
                (
                    "explained_in_text",
                    models.BooleanField(
                        default=True,
                        help_text="Readers can open the definition at its first use on a page. Leave off for everyday words.",
                        verbose_name="explained where it occurs",
                    ),
                ),
                (
                    "earlier_anchors",
                    models.JSONField(
                        blank=True,
                        default=list,
                        editable=False,
                        help_text="The slugs of terms that were merged into this one.",
                    ),
                ),
            ],
            options={
                "ordering": [django.db.models.functions.text.Lower("preferred_label")],
            },
        ),
        migrations.CreateModel(
            name="TermLabel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("spelling", "The same word, spelled otherwise"),
                            ("also-called", "Also called"),
                            ("leads-here", "Leads here in a search, but means something else"),
                        ],
                        default="also-called",
                        max_length=12,
                    ),
                ),
            ],
            options={
                "verbose_name": "other label",
                "ordering": ["kind", django.db.models.functions.text.Lower("label")],
            },
        ),
        migrations.CreateModel(
            name="TermNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("profession", models.CharField(max_length=80)),
                ("text", models.TextField()),
            ],
            options={
                "verbose_name": "note for a profession",
                "verbose_name_plural": "notes for professions",
                "ordering": ["profession"],
            },
        ),
        migrations.CreateModel(
            name="Theme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.SlugField(
                        help_text="The last part of the address. Earlier ones keep leading here.", max_length=120
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in-review", "In review"),
                            ("published", "Published"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("published_on", models.DateField(blank=True, null=True)),
                (
                    "wording_changed_on",
                    models.DateField(
                        blank=True,
                        help_text="When the meaning last changed after publication; empty if it never did.",
                        null=True,
                    ),
                ),
                ("last_checked_on", models.DateField(blank=True, null=True, verbose_name="evidence last checked on")),
                (
                    "review_due_on",
                    models.DateField(
                        blank=True, db_index=True, help_text="A reminder; nothing is hidden when it passes.", null=True
                    ),
                ),
                ("withdrawn_on", models.DateField(blank=True, null=True)),
                (
                    "withdrawal_reason",
                    models.TextField(blank=True, help_text="Shown to the public, who may have the entry on a slide."),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Given when it is first saved. It never changes and is never used again.",
                        unique=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="code number",
                    ),
                ),
                (
                    "since_then",
                    models.TextField(
                        blank=True,
                        help_text="What has changed since the review, in our words: one note a line, the year first: “2018: The law on personal data changed. [S8]”. Name the source by its code in square brackets.",
                    ),
                ),
                (
                    "questions_answered",
                    models.TextField(
                        blank=True,
                        help_text="Questions that the entry answers, one a line, as somebody at work would type them; five to eight are enough. Searches find the entry by them, and readers see them at its foot. They claim nothing.",
                        verbose_name="questions this answers",
                    ),
                ),
                (
                    "also_asked_as",
                    models.TextField(
                        blank=True,
                        help_text="Everyday words and jargon by which people look for this and which it does not use, one a line: “hot desking”. Only for searches.",
                        verbose_name="also asked as",
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("summary", models.TextField(help_text="One or two sentences, under 45 words.")),
                (
                    "drawing",
                    models.CharField(
                        choices=[
                            ("learning", "Open book"),
                            ("sharing", "Speech bubbles"),
                            ("joint", "Two circles"),
                            ("change", "Growing plant"),
                            ("colocation", "House"),
                            ("support", "Bridge"),
                        ],
                        default="joint",
                        max_length=20,
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.AddField(
            model_name="citation",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="citations", to="sources.source"
            ),
        ),
        migrations.AddField(
            model_name="earliertag",
            name="tag",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="earlier", to="taggit.tag"
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="replaced_by",
            field=models.ForeignKey(
                blank=True,
                help_text="If it is withdrawn: what to use instead.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaces",
                to="findings.finding",
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="sources",
            field=models.ManyToManyField(
                blank=True, related_name="findings", through="findings.Citation", to="sources.source"
            ),
        ),
        migrations.AddField(
            model_name="citation",
            name="finding",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="citations", to="findings.finding"
            ),
        ),
        migrations.AddField(
            model_name="keymessage",
            name="findings",
            field=models.ManyToManyField(blank=True, related_name="key_messages", to="findings.finding"),
        ),
        migrations.AddField(
            model_name="keymessage",
            name="replaced_by",
            field=models.ForeignKey(
                blank=True,
                help_text="If it is withdrawn: what to use instead.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaces",
                to="findings.keymessage",
            ),
        ),
        migrations.AddField(
            model_name="practiceimplication",
            name="findings",
            field=models.ManyToManyField(
                blank=True,
                help_text="The findings it rests on, in our reading.",
                related_name="implications",
                to="findings.finding",
            ),
        ),
        migrations.AddField(
            model_name="practiceimplication",
            name="replaced_by",
            field=models.ForeignKey(
                blank=True,
                help_text="If it is withdrawn: what to use instead.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaces",
                to="findings.practiceimplication",
            ),
        ),
        migrations.AddField(
            model_name="keymessage",
            name="implications",
            field=models.ManyToManyField(blank=True, related_name="key_messages", to="findings.practiceimplication"),
        ),
        migrations.AddField(
            model_name="review",
            name="replaced_by",
            field=models.ForeignKey(
                blank=True,
                help_text="If it is withdrawn: what to use instead.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaces",
                to="findings.review",
            ),
        ),
        migrations.AddField(
            model_name="practiceimplication",
            name="review",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="implications", to="findings.review"
            ),
        ),
        migrations.AddField(
            model_name="keymessage",
            name="review",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="key_messages", to="findings.review"
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="review",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="findings.review"
            ),
        ),
        migrations.AddField(
            model_name="reviewcontributor",
            name="review",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="contributors", to="findings.review"
            ),
        ),
        migrations.AddField(
            model_name="reviewsource",
            name="review",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="review_sources", to="findings.review"
            ),
        ),
        migrations.AddField(
            model_name="reviewsource",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="review_sources", to="sources.source"
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="sources",
            field=models.ManyToManyField(
                blank=True, related_name="reviews", through="findings.ReviewSource", to="sources.source"
            ),
        ),
        migrations.AddIndex(
            model_name="stamp",
            index=models.Index(fields=["changed_at", "id"], name="stamps_in_order"),
        ),
        migrations.AddIndex(
            model_name="stamp",
            index=models.Index(fields=["letter", "changed_at", "id"], name="stamps_of_a_kind"),
        ),
        migrations.AddIndex(
            model_name="stamp",
            index=models.Index(fields=["review", "changed_at", "id"], name="stamps_of_a_review"),
        ),
        migrations.AddIndex(
            model_name="stamp",
            index=models.Index(fields=["theme", "changed_at", "id"], name="stamps_of_a_theme"),
        ),
        migrations.AddIndex(
            model_name="stamp",
            index=models.Index(fields=["letter", "object_id"], name="stamp_of_a_row"),
        ),
        migrations.AddConstraint(
            model_name="stamp",
            constraint=models.UniqueConstraint(fields=("letter", "number"), name="an_entry_has_one_stamp"),
        ),
        migrations.AddField(
            model_name="taggedfinding",
            name="content_object",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="tagged_items", to="findings.finding"
            ),
        ),
        migrations.AddField(
            model_name="taggedfinding",
            name="tag",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="%(app_label)s_%(class)s_items",
                to="taggit.tag",
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="tags",
            field=taggit.managers.TaggableManager(
                blank=True,
                help_text="A comma-separated list of tags.",
                through="findings.TaggedFinding",
                to="taggit.Tag",
                verbose_name="Tags",
            ),
        ),
        migrations.AddField(
            model_name="taggedimplication",
            name="content_object",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tagged_items",
                to="findings.practiceimplication",
            ),
        ),
        migrations.AddField(
            model_name="taggedimplication",
            name="tag",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="%(app_label)s_%(class)s_items",
                to="taggit.tag",
            ),
        ),
        migrations.AddField(
            model_name="practiceimplication",
            name="tags",
            field=taggit.managers.TaggableManager(
                blank=True,
                help_text="A comma-separated list of tags.",
                through="findings.TaggedImplication",
                to="taggit.Tag",
                verbose_name="Tags",
            ),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug", ""), _negated=True), name="findings_term_has_a_slug"
            ),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "in-review", "published", "withdrawn"])),
                name="findings_term_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["published", "withdrawn"]), _negated=True),
                    ("published_on__isnull", False),
                    _connector="OR",
                ),
                name="findings_term_public_has_a_date",
                violation_error_message="A published or withdrawn entry needs the date it was published.",
            ),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "withdrawn"), _negated=True),
                    models.Q(("withdrawn_on__isnull", False), models.Q(("withdrawal_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="findings_term_withdrawn_says_why",
                violation_error_message="A withdrawn entry needs the date and the reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("wording_changed_on__isnull", True),
                    models.Q(("published_on__isnull", False), ("wording_changed_on__gte", models.F("published_on"))),
                    _connector="OR",
                ),
                name="findings_term_wording_changed_later",
                violation_error_message="The wording cannot have changed before it was published.",
            ),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.UniqueConstraint(fields=("slug",), name="a_term_has_its_own_slug"),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("preferred_label"), name="a_preferred_label_stands_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.CheckConstraint(
                condition=models.Q(("preferred_label", ""), _negated=True), name="a_term_has_a_preferred_label"
            ),
        ),
        migrations.AddField(
            model_name="termlabel",
            name="term",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="labels", to="findings.term"
            ),
        ),
        migrations.AddField(
            model_name="termnote",
            name="term",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="findings.term"
            ),
        ),
        migrations.AddField(
            model_name="theme",
            name="replaced_by",
            field=models.ForeignKey(
                blank=True,
                help_text="If it is withdrawn: what to use instead.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaces",
                to="findings.theme",
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="theme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="findings.theme"
            ),
        ),
        migrations.AddConstraint(
            model_name="citation",
            constraint=models.UniqueConstraint(
                fields=("finding", "order"),
                name="citations_stand_in_order",
                violation_error_message="Two citations have the same place.",
            ),
        ),
        migrations.AddConstraint(
            model_name="citation",
            constraint=models.UniqueConstraint(
                fields=("finding", "source", "locator"),
                name="a_finding_cites_a_place_once",
                violation_error_message="This source is cited already. Add to that citation, or give another locator.",
            ),
        ),
        migrations.AddConstraint(
            model_name="citation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("locator", ""), ("locator_label", "")),
                    models.Q(models.Q(("locator", ""), _negated=True), models.Q(("locator_label", ""), _negated=True)),
                    _connector="OR",
                ),
                name="a_locator_has_a_label",
                violation_error_message="A locator needs its label (page, chapter …), and a label its locator.",
            ),
        ),
        migrations.AddConstraint(
            model_name="keymessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug", ""), _negated=True), name="findings_keymessage_has_a_slug"
            ),
        ),
        migrations.AddConstraint(
            model_name="keymessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "in-review", "published", "withdrawn"])),
                name="findings_keymessage_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="keymessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["published", "withdrawn"]), _negated=True),
                    ("published_on__isnull", False),
                    _connector="OR",
                ),
                name="findings_keymessage_public_has_a_date",
                violation_error_message="A published or withdrawn entry needs the date it was published.",
            ),
        ),
        migrations.AddConstraint(
            model_name="keymessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "withdrawn"), _negated=True),
                    models.Q(("withdrawn_on__isnull", False), models.Q(("withdrawal_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="findings_keymessage_withdrawn_says_why",
                violation_error_message="A withdrawn entry needs the date and the reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="keymessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("wording_changed_on__isnull", True),
                    models.Q(("published_on__isnull", False), ("wording_changed_on__gte", models.F("published_on"))),
                    _connector="OR",
                ),
                name="findings_keymessage_wording_changed_later",
                violation_error_message="The wording cannot have changed before it was published.",
            ),
        ),
        migrations.AddConstraint(
            model_name="keymessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="findings_keymessage_number_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="keymessage",
            constraint=models.UniqueConstraint(fields=("review", "slug"), name="a_key_message_has_its_own_slug"),
        ),
        migrations.AddConstraint(
            model_name="keymessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("heading", ""), _negated=True), name="a_key_message_has_a_heading"
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewcontributor",
            constraint=models.UniqueConstraint(
                fields=("review", "role", "order"),
                name="contributors_of_a_review_stand_in_order",
                violation_error_message="Two contributors in one role have the same place.",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewcontributor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("literal", ""), models.Q(("family", ""), _negated=True)),
                    models.Q(models.Q(("literal", ""), _negated=True), ("family", ""), ("given", "")),
                    _connector="OR",
                ),
                name="a_review_s_contributor_is_a_person_or_an_organisation",
                violation_error_message="Give a family name, or the name of an organisation, not both.",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewsource",
            constraint=models.UniqueConstraint(fields=("review", "source"), name="a_review_rests_on_a_source_once"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug", ""), _negated=True), name="findings_review_has_a_slug"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "in-review", "published", "withdrawn"])),
                name="findings_review_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["published", "withdrawn"]), _negated=True),
                    ("published_on__isnull", False),
                    _connector="OR",
                ),
                name="findings_review_public_has_a_date",
                violation_error_message="A published or withdrawn entry needs the date it was published.",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "withdrawn"), _negated=True),
                    models.Q(("withdrawn_on__isnull", False), models.Q(("withdrawal_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="findings_review_withdrawn_says_why",
                violation_error_message="A withdrawn entry needs the date and the reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("wording_changed_on__isnull", True),
                    models.Q(("published_on__isnull", False), ("wording_changed_on__gte", models.F("published_on"))),
                    _connector="OR",
                ),
                name="findings_review_wording_changed_later",
                violation_error_message="The wording cannot have changed before it was published.",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="findings_review_number_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(fields=("slug",), name="a_review_has_its_own_slug"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="a_review_has_a_title"
            ),
        ),
        migrations.AddConstraint(
            model_name="taggedfinding",
            constraint=models.UniqueConstraint(fields=("content_object", "tag"), name="a_finding_has_a_tag_once"),
        ),
        migrations.AddConstraint(
            model_name="taggedimplication",
            constraint=models.UniqueConstraint(fields=("content_object", "tag"), name="an_implication_has_a_tag_once"),
        ),
        migrations.AddConstraint(
            model_name="practiceimplication",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug", ""), _negated=True), name="findings_practiceimplication_has_a_slug"
            ),
        ),
        migrations.AddConstraint(
            model_name="practiceimplication",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "in-review", "published", "withdrawn"])),
                name="findings_practiceimplication_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="practiceimplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["published", "withdrawn"]), _negated=True),
                    ("published_on__isnull", False),
                    _connector="OR",
                ),
                name="findings_practiceimplication_public_has_a_date",
                violation_error_message="A published or withdrawn entry needs the date it was published.",
            ),
        ),
        migrations.AddConstraint(
            model_name="practiceimplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "withdrawn"), _negated=True),
                    models.Q(("withdrawn_on__isnull", False), models.Q(("withdrawal_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="findings_practiceimplication_withdrawn_says_why",
                violation_error_message="A withdrawn entry needs the date and the reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="practiceimplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("wording_changed_on__isnull", True),
                    models.Q(("published_on__isnull", False), ("wording_changed_on__gte", models.F("published_on"))),
                    _connector="OR",
                ),
                name="findings_practiceimplication_wording_changed_later",
                violation_error_message="The wording cannot have changed before it was published.",
            ),
        ),
        migrations.AddConstraint(
            model_name="practiceimplication",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="findings_practiceimplication_number_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="practiceimplication",
            constraint=models.UniqueConstraint(fields=("element", "slug"), name="an_implication_has_its_own_slug"),
        ),
        migrations.AddConstraint(
            model_name="practiceimplication",
            constraint=models.CheckConstraint(
                condition=models.Q(("element__in", ["mutual-engagement", "joint-enterprise", "shared-repertoire"])),
                name="an_implication_has_a_known_element",
            ),
        ),
        migrations.AddConstraint(
            model_name="practiceimplication",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("heading", ""), _negated=True), models.Q(("summary", ""), _negated=True)),
                name="an_implication_has_a_heading_and_summary",
            ),
        ),
        migrations.AddConstraint(
            model_name="termlabel",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("label"),
                name="a_label_belongs_to_one_term",
                violation_error_message="This label belongs to a term already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="termlabel",
            constraint=models.CheckConstraint(
                condition=models.Q(("label", ""), _negated=True), name="a_label_is_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="termnote",
            constraint=models.UniqueConstraint(
                fields=("term", "profession"), name="a_profession_has_one_note_on_a_term"
            ),
        ),
        migrations.AddConstraint(
            model_name="theme",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug", ""), _negated=True), name="findings_theme_has_a_slug"
            ),
        ),
        migrations.AddConstraint(
            model_name="theme",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "in-review", "published", "withdrawn"])),
                name="findings_theme_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="theme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["published", "withdrawn"]), _negated=True),
                    ("published_on__isnull", False),
                    _connector="OR",
                ),
                name="findings_theme_public_has_a_date",
                violation_error_message="A published or withdrawn entry needs the date it was published.",
            ),
        ),
        migrations.AddConstraint(
            model_name="theme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "withdrawn"), _negated=True),
                    models.Q(("withdrawn_on__isnull", False), models.Q(("withdrawal_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="findings_theme_withdrawn_says_why",
                violation_error_message="A withdrawn entry needs the date and the reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="theme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("wording_changed_on__isnull", True),
                    models.Q(("published_on__isnull", False), ("wording_changed_on__gte", models.F("published_on"))),
                    _connector="OR",
                ),
                name="findings_theme_wording_changed_later",
                violation_error_message="The wording cannot have changed before it was published.",
            ),
        ),
        migrations.AddConstraint(
            model_name="theme",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="findings_theme_number_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="theme",
            constraint=models.UniqueConstraint(fields=("slug",), name="a_theme_has_its_own_slug"),
        ),
        migrations.AddConstraint(
            model_name="theme",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="a_theme_has_a_name"
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["theme", "status", "stance", "number"], name="finding_theme_stance"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["theme", "status", "number"], name="findings_in_theme"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["review", "status", "number"], name="findings_of_review"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["status", "last_checked_on"], name="findings_checked"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["status", "review_due_on", "number"], name="findings_to_check"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["status", "published_on", "number"], name="findings_by_date"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug", ""), _negated=True), name="findings_finding_has_a_slug"
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "in-review", "published", "withdrawn"])),
                name="findings_finding_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["published", "withdrawn"]), _negated=True),
                    ("published_on__isnull", False),
                    _connector="OR",
                ),
                name="findings_finding_public_has_a_date",
                violation_error_message="A published or withdrawn entry needs the date it was published.",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "withdrawn"), _negated=True),
                    models.Q(("withdrawn_on__isnull", False), models.Q(("withdrawal_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="findings_finding_withdrawn_says_why",
                violation_error_message="A withdrawn entry needs the date and the reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("wording_changed_on__isnull", True),
                    models.Q(("published_on__isnull", False), ("wording_changed_on__gte", models.F("published_on"))),
                    _connector="OR",
                ),
                name="findings_finding_wording_changed_later",
                violation_error_message="The wording cannot have changed before it was published.",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="findings_finding_number_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(fields=("slug",), name="a_finding_has_its_own_slug"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stance__in", ["facilitator", "barrier", "mixed", "condition", "effect", "context"])
                ),
                name="a_finding_has_a_known_stance",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("heading", ""), _negated=True), models.Q(("bottom_line", ""), _negated=True)
                ),
                name="a_finding_has_a_heading_and_bottom_line",
            ),
        ),
        migrations.RunPython(make, remove),
    ]

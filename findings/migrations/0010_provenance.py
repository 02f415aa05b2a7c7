import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


def name_compilers(apps, schema_editor):
    """Who compiled a review was one line; two or three plain words are taken for a person's name."""
    database = schema_editor.connection.alias
    people = apps.get_model("findings", "ReviewContributor").objects.using(database)
    for review in apps.get_model("findings", "Review").objects.using(database).exclude(compiled_by=""):
        *given, family = review.compiled_by.split()
        is_person = 0 < len(given) < 3 and all(word[0].isupper() for word in [*given, family])
        name = {"family": family, "given": " ".join(given)} if is_person else {"literal": review.compiled_by}
        people.create(review=review, role="compiler", order=1, **name)


class Migration(migrations.Migration):
    while_old_code_runs = "Nothing was released before 1.0.0, so no old code runs beside it."

    dependencies = [
        ("findings", "0009_addresses_of_tags"),
        ("sources", "0007_provenance"),
        ("taggit", "0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx"),
    ]

    operations = [
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
        migrations.RemoveConstraint(
            model_name="finding",
            name="a_finding_has_a_known_stance",
        ),
        migrations.RemoveField(
            model_name="term",
            name="rung",
        ),
        migrations.AddField(
            model_name="citation",
            name="covers",
            field=models.CharField(
                blank=True,
                help_text="If the review’s note stands at a part of the finding alone: “The quotation only”.",
                max_length=200,
                verbose_name="what the note covers",
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="not_known",
            field=models.TextField(
                blank=True,
                help_text="What a careful reader would still ask, one point a line.",
                verbose_name="what we do not know",
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="not_named",
            field=models.TextField(
                blank=True,
                help_text="What the review leaves open about where this comes from: which studies, services or people.",
                verbose_name="what is not named",
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="since_then",
            field=models.TextField(
                blank=True,
                help_text="What has changed since the review, in our words: one note a line, the year first: “2018: The law on personal data changed. [S8]”. Name the source by its code in square brackets.",
            ),
        ),
        migrations.AddField(
            model_name="keymessage",
            name="note",
            field=models.TextField(
                blank=True, help_text="Shown below the message, and marked as ours.", verbose_name="our note"
            ),
        ),
        migrations.AddField(
            model_name="keymessage",
            name="since_then",
            field=models.TextField(
                blank=True,
                help_text="What has changed since the review, in our words: one note a line, the year first: “2018: The law on personal data changed. [S8]”. Name the source by its code in square brackets.",
            ),
        ),
        migrations.AddField(
            model_name="practiceimplication",
            name="audience",
            field=models.CharField(
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
        migrations.AddField(
            model_name="practiceimplication",
            name="questions",
            field=models.TextField(
                blank=True,
                help_text="Ours, one a line. The team check asks the first; without one, it leaves the point out.",
                verbose_name="questions for a team",
            ),
        ),
        migrations.AddField(
            model_name="practiceimplication",
            name="since_then",
            field=models.TextField(
                blank=True,
                help_text="What has changed since the review, in our words: one note a line, the year first: “2018: The law on personal data changed. [S8]”. Name the source by its code in square brackets.",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="bear_in_mind",
            field=models.TextField(
                blank=True, help_text="What limits it, one point a line.", verbose_name="what to bear in mind"
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="country",
            field=models.CharField(blank=True, help_text="Where the research is from: UK.", max_length=100),
        ),
        migrations.AddField(
            model_name="review",
            name="how_to_get_it",
            field=models.TextField(blank=True, verbose_name="how to get the original"),
        ),
        migrations.AddField(
            model_name="review",
            name="kind_of_text",
            field=models.CharField(
                choices=[("review", "Research review"), ("summary", "Summary of a research review")],
                default="review",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="practice_note",
            field=models.CharField(
                blank=True,
                help_text="Such as “Indicators of what might be taken forward, not rules”: shown with each of them.",
                max_length=200,
                verbose_name="how it puts its practice points",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="publisher_details",
            field=models.TextField(
                blank=True,
                help_text="As printed, one a line, with a word before each: “Phone: 01803 …”.",
                verbose_name="the publisher’s details at the time",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="since_then",
            field=models.TextField(
                blank=True,
                help_text="What has changed since the review, in our words: one note a line, the year first: “2018: The law on personal data changed. [S8]”. Name the source by its code in square brackets.",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="updates",
            field=models.CharField(
                blank=True,
                help_text="Such as “Search updated 2025”. Empty: readers are told “Not updated since”.",
                max_length=200,
                verbose_name="what is known of updates",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="year_is_approximate",
            field=models.BooleanField(
                default=False, help_text="Shown as “about”.", verbose_name="the year is approximate"
            ),
        ),
        migrations.AddField(
            model_name="theme",
            name="since_then",
            field=models.TextField(
                blank=True,
                help_text="What has changed since the review, in our words: one note a line, the year first: “2018: The law on personal data changed. [S8]”. Name the source by its code in square brackets.",
            ),
        ),
        migrations.AlterField(
            model_name="finding",
            name="has_practice_example",
            field=models.BooleanField(default=False, verbose_name="includes a practice example"),
        ),
        migrations.AlterField(
            model_name="finding",
            name="stance",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="practiceimplication",
            name="summary",
            field=models.TextField(
                help_text="One or two sentences: what might be taken forward, as certain as the review."
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="year",
            field=models.CharField(
                blank=True,
                help_text="Empty if the publication is undated.",
                max_length=4,
                validators=[django.core.validators.RegexValidator("^\\d{4}$", "Write a year, such as 2005.")],
            ),
        ),
        migrations.AlterField(
            model_name="termlabel",
            name="kind",
            field=models.CharField(
                choices=[
                    ("spelling", "The same word, spelled otherwise"),
                    ("also-called", "Also called"),
                    ("leads-here", "Leads here in a search, but means something else"),
                ],
                default="also-called",
                max_length=12,
            ),
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
        migrations.AddField(
            model_name="reviewcontributor",
            name="review",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="contributors", to="findings.review"
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
        migrations.AlterField(
            model_name="stamp",
            name="digest",
            field=models.CharField(blank=True, help_text="Of its record; empty once it is not public.", max_length=64),
        ),
        migrations.RunPython(name_compilers, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name="review",
            name="compiled_by",
        ),
    ]

"""What reviews found: themes, key messages, findings with their citations, and what they mean for practice."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Count, Exists, F, FilteredRelation, Max, Min, Prefetch, Q, Window, prefetch_related_objects
from django.db.models.functions import Abs, Coalesce, Lower, RowNumber
from taggit.managers import TaggableManager
from taggit.models import Tag, TaggedItemBase

from curation.entries import (
    Curated,
    CuratedQuerySet,
    Entry,
    EntryQuerySet,
    Status,
    curated_constraints,
    entry_constraints,
    parse_code,
)
from curation.routes import path
from curation.tagging import Tags
from curation.text import listed
from findings.choices import Audience, EvidenceBasis, LocatorLabel, ReviewKind, Stance, WengerElement
from findings.extraction.models import (  # noqa: F401 - most are models too
    KeptRemark,
    Passage,
    Placed,
    ReviewText,
    SecondReading,
    Sentence,
    TextSection,
)
from findings.narrowing import having
from findings.oai.stamp import Stamp  # noqa: F401 - it is a model too
from sources.models import PersonOrOrganisation, Source, StudyDesign, is_a_person_or_an_organisation

# A source named in a note of ours: [S8].
SOURCE_MARK = re.compile(r"\[(S[1-9][0-9]{0,8})\]")


def refuse_publishing_under(entry, *parents):
    """A public entry never hangs from one that readers cannot open."""
    if entry.is_public:
        hidden = [parent for parent in parents if parent and not parent.is_public]
        if hidden:
            raise ValidationError(
                {"status": f"Publish “{hidden[0]}” ({hidden[0].code}) first: this entry is part of it."}
            )


class ChecksByReview:
    """What comes from a review is checked as often as the review says."""

    @property
    def months_between_checks(self):
        return self.review.check_every


def refuse_open_passages(review):
    """A review whose text has sentences that nothing was made of is published only when an editor has said why."""
    text = ReviewText.objects.filter(review=review.pk, open_because="").first()
    number = text.sentences.open().count() if text else 0
    if number:
        raise ValidationError(
            {
                "status": f"{number:,} sentence{' of its text is' if number == 1 else 's of its text are'} open. Read "
                "them, or say in its reading view why it is published all the same."
            }
        )


class SinceThen(models.Model):
    """What we know has happened since the review: ours, beside a wording that stays as it is."""

    since_then = models.TextField(
        blank=True,
        help_text="What has changed since the review, in our words: one note a line, the year first: "
        "“2018: The law on personal data changed. [S8]”. Name the source by its code in square brackets.",
    )

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        codes = set(SOURCE_MARK.findall(self.since_then))
        known = {source.code: source for source in Source.objects.with_codes(codes)} if codes else {}
        missing = sorted(code for code in codes if code not in known)
        hidden = sorted(code for code, source in known.items() if not source.is_public)
        if missing:
            raise ValidationError({"since_then": f"There is no source {listed(missing)}. Look at the code."})
        if hidden and self.is_public:
            raise ValidationError({"since_then": f"Publish {listed(hidden)} first: readers are sent there."})


def _short_lines(text, longest, most):
    """The lines of `text` without blanks and repeats.

    Raises ValidationError where there are more than `most`, or one is longer than `longest` characters.
    """
    lines = list(dict.fromkeys(filter(None, (" ".join(line.split()) for line in text.splitlines()))))
    too_long = [line for line in lines if len(line) > longest]
    if too_long:
        raise ValidationError(f"At most {longest} characters a line: “{too_long[0][:40]} …” is longer.")
    if len(lines) > most:
        raise ValidationError(f"At most {most} lines: here are {len(lines)}. Keep those that readers would type.")
    return lines


class Asked(models.Model):
    """What readers ask that an entry answers: written by its curators, searched, and no part of its wording."""

    LONGEST_QUESTION, MOST_QUESTIONS = 150, 12
    LONGEST_NAME, MOST_NAMES = 60, 20

    questions_answered = models.TextField(
        "questions this answers",
        blank=True,
        help_text="Questions that the entry answers, one a line, as somebody at work would type them; five to eight are"
        " enough. Searches find the entry by them, and readers see them at its foot. They claim nothing.",
    )
    also_asked_as = models.TextField(
        "also asked as",
        blank=True,
        help_text="Everyday words and jargon by which people look for this and which it does not use, one a line: “hot "
        "desking”. Only for searches.",
    )

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        faults = {}
        for name, longest, most in [
            ("questions_answered", self.LONGEST_QUESTION, self.MOST_QUESTIONS),
            ("also_asked_as", self.LONGEST_NAME, self.MOST_NAMES),
        ]:
            try:
                setattr(self, name, "\n".join(_short_lines(getattr(self, name), longest, most)))
            except ValidationError as error:
                faults[name] = error
        if faults:
            raise ValidationError(faults)


def basis_of(designs):
    """What a finding rests on that cites works of these designs."""
    if not designs:
        return EvidenceBasis.REVIEW_ONLY
    return EvidenceBasis.SYSTEMATIC_REVIEW if StudyDesign.SYSTEMATIC_REVIEW in designs else EvidenceBasis.NAMED_SOURCE


def number_of(findings, kind):
    """How many of `findings` a row of `kind` has, for `annotate`: by itself, so that it is counted in an index, and
    only for the rows that are shown."""
    own = findings.filter(**{kind: models.OuterRef("pk")}).order_by()
    return Coalesce(models.Subquery(own.values(kind).annotate(n=Count("*")).values("n")), 0)


def with_provenance(path=""):
    """What to prefetch for what `provenance` tells of reviews: who wrote each, and the work that it summarises. `path`
    leads to the reviews: “review__”."""
    links = ReviewSource.objects.summarising()
    return f"{path}contributors", Prefetch(f"{path}review_sources", links, to_attr="summarised")


class ReviewQuerySet(EntryQuerySet):
    def with_provenance(self):
        return self.prefetch_related(*with_provenance())

    def of(self, entries):
        """Those that `entries`, a list of findings, practice points and the like, are from."""
        return self.filter(pk__in={entry.review_id for entry in entries})

    def are_several(self):
        """Whether more than one is public, so that each entry says of which it is."""
        return len(self.published().values_list("pk")[:2]) > 1

    def behind(self, findings):
        """The published reviews that `findings` are from."""
        return self.published().filter(pk__in=findings.order_by().values("review"))

    def with_findings(self):
        """Those that published findings are from."""
        return self.behind(Finding.objects.published())

    def citing(self, source):
        """The published reviews that cite `source`, themselves or in a published finding."""
        findings = Finding.objects.published().filter(citations__source=source)
        links = ReviewSource.objects.filter(source=source)
        return self.published().filter(Q(pk__in=findings.values("review")) | Q(pk__in=links.values("review")))

    def tagged(self, tag):
        """The published reviews that have a published finding or practice point with `tag`."""
        entries = [model.objects.published().tagged(tag).values("review") for model in (Finding, PracticeImplication)]
        return self.published().filter(Q(pk__in=entries[0]) | Q(pk__in=entries[1]))

    def with_counts(self):
        return self.annotate(finding_count=number_of(Finding.objects.published(), "review"))

    def with_sources(self):
        return self.prefetch_related(
            Prefetch(
                "review_sources",
                ReviewSource.objects.filter(source__status=Status.PUBLISHED)
                .select_related("source")
                .prefetch_related("source__contributors"),
            )
        )


class Review(SinceThen, Entry):
    LETTER = "R"
    PARTS = ("contributors", "review_sources")

    kind_of_text = models.CharField(max_length=10, choices=ReviewKind, default=ReviewKind.REVIEW)
    title = models.CharField(max_length=300)
    series = models.CharField(max_length=200, blank=True)
    publisher = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=200, blank=True)
    year = models.CharField(
        max_length=4,
        blank=True,
        validators=[RegexValidator(r"^\d{4}$", "Write a year, such as 2005.")],
        help_text="Empty if the publication is undated.",
    )
    year_is_approximate = models.BooleanField("the year is approximate", default=False, help_text="Shown as “about”.")
    country = models.CharField(max_length=100, blank=True, help_text="Where the research is from: UK.")
    updates = models.CharField(
        "what is known of updates",
        max_length=200,
        blank=True,
        help_text="Such as “Search updated 2025”. Empty: readers are told “Not updated since”.",
    )
    summary = models.TextField(help_text="Two or three sentences: what this review is.")
    method = models.TextField("how it was compiled", blank=True)
    bear_in_mind = models.TextField("what to bear in mind", blank=True, help_text="What limits it, one point a line.")
    rights = models.TextField("whose work it is", blank=True)
    publisher_details = models.TextField(
        "the publisher’s details at the time",
        blank=True,
        help_text="As printed, one a line, with a word before each: “Phone: 01803 …”.",
    )
    how_to_get_it = models.TextField("how to get the original", blank=True)
    check_every = models.PositiveSmallIntegerField(
        "months between checks",
        default=24,
        db_default=24,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text="How often what comes from this review is compared with its evidence. The next check is set by it "
        "when an entry is published.",
    )
    practice_note = models.CharField(
        "how it puts its practice points",
        max_length=200,
        blank=True,
        help_text="Such as “Indicators of what might be taken forward, not rules”: shown with each of them.",
    )
    sources = models.ManyToManyField(Source, through="ReviewSource", related_name="reviews", blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            *entry_constraints(),
            models.UniqueConstraint(fields=["slug"], name="a_review_has_its_own_slug"),
            models.CheckConstraint(condition=~Q(title=""), name="a_review_has_a_title"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return path("review", self.slug)

    def clean(self):
        super().clean()
        if self.is_public and not Review.objects.published().filter(pk=self.pk).exists():
            refuse_open_passages(self)

    @property
    def compiled_by(self):
        """Who compiled it, or else wrote or edited it, in words: “Steve Flood”."""
        people = sorted(self.contributors.all(), key=lambda person: (person.role != "compiler", person.order))
        role = people[0].role if people else ""
        return listed(
            " ".join(filter(None, [one.given, one.family, one.literal])) for one in people if one.role == role
        )

    @property
    def months_between_checks(self):
        return self.check_every

    def works_named(self):
        """How many works its findings and its headings name, as `count`, and the date of the oldest, as `oldest`."""
        findings = Citation.objects.shown_sources().of_published_findings().filter(finding__review=self)
        background = self.review_sources.exclude(role=ReviewSource.Role.SUMMARISES)
        named = Q(pk__in=findings.values("source")) | Q(pk__in=background.values("source"))
        shown = Source.objects.filter(named, status__in=[Status.PUBLISHED, Status.WITHDRAWN])
        return shown.aggregate(count=Count("pk"), oldest=Min("issued", filter=~Q(issued="")))

    @property
    def last_words(self):
        return [self.summary]


class ReviewContributorQuerySet(models.QuerySet):
    def get_by_natural_key(self, code, role, order):
        return self.get(review=Review.objects.get_by_natural_key(code), role=role, order=order)


class ReviewContributor(PersonOrOrganisation):
    """Who wrote, compiled or edited the publication of a review."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="contributors")

    objects = ReviewContributorQuerySet.as_manager()

    class Meta:
        verbose_name = "contributor"
        ordering = ["role", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "role", "order"],
                name="contributors_of_a_review_stand_in_order",
                violation_error_message="Two contributors in one role have the same place.",
            ),
            models.CheckConstraint(
                condition=is_a_person_or_an_organisation(),
                name="a_review_s_contributor_is_a_person_or_an_organisation",
                violation_error_message="Give a family name, or the name of an organisation, not both.",
            ),
        ]

    def natural_key(self):
        return (*self.review.natural_key(), self.role, self.order)

    natural_key.dependencies = ["findings.review"]


class ReviewSourceQuerySet(models.QuerySet):
    def of_published_reviews(self):
        return self.filter(review__status=Status.PUBLISHED).select_related("review")

    def framework_of(self, review):
        """The published work whose framework groups the practice points of `review`, or None."""
        links = self.filter(review=review, role=ReviewSource.Role.FRAMEWORK, source__status=Status.PUBLISHED)
        link = links.select_related("source").prefetch_related("source__contributors").first()
        return link and link.source

    def summarising(self):
        """The longer works that reviews summarise, with who wrote them."""
        links = self.filter(role=ReviewSource.Role.SUMMARISES).select_related("source")
        return links.prefetch_related("source__contributors")

    def get_by_natural_key(self, review, source):
        return self.get(
            review=Review.objects.get_by_natural_key(review), source=Source.objects.get_by_natural_key(source)
        )


class ReviewSource(models.Model):
    """A work that a review as a whole, rather than one of its findings, rests on."""

    class Role(models.TextChoices):
        SUMMARISES = "summarises", "The longer work that it summarises"
        FRAMEWORK = "framework", "The framework that groups its practice points"
        BACKGROUND = "background", "Background"

    review = models.ForeignKey(Review, models.CASCADE, related_name="review_sources")
    source = models.ForeignKey(Source, models.PROTECT, related_name="review_sources")
    role = models.CharField(max_length=20, choices=Role)
    number = models.PositiveSmallIntegerField("the review’s note number", null=True, blank=True)

    objects = ReviewSourceQuerySet.as_manager()

    class Meta:
        ordering = ["-role", "number"]
        constraints = [
            models.UniqueConstraint(fields=["review", "source"], name="a_review_rests_on_a_source_once"),
        ]

    def __str__(self):
        return f"{self.review.code} → {self.source.code}"

    def natural_key(self):
        return (*self.review.natural_key(), *self.source.natural_key())

    natural_key.dependencies = ["findings.review", "sources.source"]


class ThemeQuerySet(EntryQuerySet):
    def with_counts(self):
        return self.annotate(finding_count=number_of(Finding.objects.published(), "theme"))

    def with_glance(self, most):
        """A list of them with counts, and the first findings of each as `glance`."""
        of_theme = Finding.objects.published().filter(theme=models.OuterRef("pk")).order_by("number")
        # One by one, since each is then a step in an index; a condition for each theme would go through all findings.
        places = {f"number_{i}": models.Subquery(of_theme.values("number")[i : i + 1]) for i in range(most)}
        themes = list(self.with_counts().annotate(**places))
        numbers = [number for theme in themes for place in places if (number := getattr(theme, place))]
        shown = Finding.objects.published().filter(number__in=numbers)
        first = shown.only("number", "slug", "stance", "heading", "theme")
        prefetch_related_objects(themes, Prefetch("findings", first, to_attr="glance"))
        return themes

    def of_review(self, review):
        """The themes under which `review` has published findings, with the number of those."""
        own = review.findings.published()
        return self.filter(pk__in=own.order_by().values("theme")).annotate(finding_count=number_of(own, "theme"))

    def near(self, theme, most):
        """The `most` others whose numbers are nearest to that of `theme`."""
        nearest = self.exclude(pk=theme.pk).order_by(Abs(F("number") - theme.number), "number")
        return self.filter(pk__in=nearest.values("pk")[:most])


class Theme(SinceThen, Asked, Entry):
    LETTER = "T"

    class Drawing(models.TextChoices):
        LEARNING = "learning", "Open book"
        SHARING = "sharing", "Speech bubbles"
        JOINT = "joint", "Two circles"
        CHANGE = "change", "Growing plant"
        COLOCATION = "colocation", "House"
        SUPPORT = "support", "Bridge"

    name = models.CharField(max_length=200)
    summary = models.TextField(help_text="One or two sentences, under 45 words.")
    drawing = models.CharField(max_length=20, choices=Drawing, default=Drawing.JOINT)

    objects = ThemeQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            *entry_constraints(),
            models.UniqueConstraint(fields=["slug"], name="a_theme_has_its_own_slug"),
            models.CheckConstraint(condition=~Q(name=""), name="a_theme_has_a_name"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return path("theme", self.slug)

    @property
    def last_words(self):
        return [self.summary]


class FindingQuerySet(EntryQuerySet):
    def with_citations(self):
        return self.prefetch_related(Prefetch("citations", Citation.objects.shown()))

    def currency(self):
        """How many there are, when one was last checked, when the next check is due."""
        # Each by itself, since an index then has the answer.
        return {
            "count": self.count(),
            **self.aggregate(last_checked_on=Max("last_checked_on")),
            **self.aggregate(review_due_on=Min("review_due_on")),
        }

    def for_cards(self):
        """What a list of findings shows of each: theme, and the names of the works it rests on."""
        return self.select_related("theme", "review").prefetch_related(Prefetch("citations", Citation.objects.named()))

    def whole(self):
        """With theme, and the works it rests on."""
        return self.select_related("theme", "review").with_citations()

    def tagged(self, tag):
        return self.filter(tagged_items__tag=tag)

    def counts_by_stance(self):
        """Stance -> how many there are."""
        return dict(self.order_by().values_list("stance").annotate(n=Count("*")))

    def by_stance(self, most):
        """For each stance: the stance, how many findings there are, and the first `most` of them."""
        place = Window(RowNumber(), partition_by="stance", order_by="number")
        first = self.filter(pk__in=self.annotate(place=place).filter(place__lte=most).values("pk"))
        counts = self.counts_by_stance()
        return [
            {
                "stance": stance,
                "count": counts.get(stance, 0),
                "findings": [one for one in first if one.stance == stance],
            }
            for stance in Stance
        ]

    def naming_works(self):
        """Those that name a work."""
        return self.filter(Exists(Citation.objects.shown_sources().filter(finding=models.OuterRef("pk"))))


class Finding(ChecksByReview, SinceThen, Asked, Placed, Entry):
    LETTER = "F"
    PARTS = ("citations",)

    review = models.ForeignKey(Review, models.PROTECT, related_name="findings")
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="findings")
    stance = models.CharField(max_length=20, choices=Stance)
    heading = models.CharField(max_length=200, help_text="A plain sentence that makes a claim, under 70 characters.")
    bottom_line = models.TextField(help_text="One sentence.")
    body = models.TextField(
        help_text="Two to five sentences, as certain as the evidence. [1] marks where the source with that number "
        "is used; an empty line starts a paragraph."
    )
    has_practice_example = models.BooleanField("includes a practice example", default=False)
    not_named = models.TextField(
        "what is not named",
        blank=True,
        help_text="What the review leaves open about where this comes from: which studies, services or people.",
    )
    not_known = models.TextField(
        "what we do not know",
        blank=True,
        help_text="What a careful reader would still ask, one point a line.",
    )
    sources = models.ManyToManyField(Source, through="Citation", related_name="findings", blank=True)
    tags = TaggableManager(through="TaggedFinding", blank=True, related_name="tagged_findings", manager=Tags)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["theme", "status", "stance", "number"], name="finding_theme_stance"),
            models.Index(fields=["theme", "status", "number"], name="findings_in_theme"),
            models.Index(fields=["review", "status", "number"], name="findings_of_review"),
            models.Index(fields=["status", "last_checked_on"], name="findings_checked"),
            models.Index(fields=["status", "review_due_on", "number"], name="findings_to_check"),
            models.Index(fields=["status", "published_on", "number"], name="findings_by_date"),
        ]
        constraints = [
            *entry_constraints(),
            models.UniqueConstraint(fields=["slug"], name="a_finding_has_its_own_slug"),
            models.CheckConstraint(condition=Q(stance__in=Stance.values), name="a_finding_has_a_known_stance"),
            models.CheckConstraint(
                condition=~Q(heading="") & ~Q(bottom_line=""), name="a_finding_has_a_heading_and_bottom_line"
            ),
        ]

    def __str__(self):
        return self.heading

    def get_absolute_url(self):
        return path("finding", self.slug)

    def clean(self):
        super().clean()
        if self.review_id and self.theme_id:
            refuse_publishing_under(self, self.review, self.theme)

    @property
    def told_apart(self):
        return f"{self.code}, {self.get_stance_display().lower()}, {self.get_status_display().lower()}"

    @property
    def evidence_basis(self):
        return basis_of({citation.source.study_design for citation in self.citations.all()})

    @property
    def last_words(self):
        return [self.bottom_line, *self.body.split("\n\n")]


class CitationQuerySet(models.QuerySet):
    def get_by_natural_key(self, finding, order):
        return self.get(finding=Finding.objects.get_by_natural_key(finding), order=order)

    def shown_sources(self):
        """Citations of works that the public may see; a withdrawn record stays named, and says so."""
        return self.filter(source__status__in=[Status.PUBLISHED, Status.WITHDRAWN])

    def shown(self):
        cited = self.shown_sources().select_related("source").order_by("order")
        return cited.prefetch_related("source__contributors")

    def named(self):
        """As shown, with no more of the works than their short citation, design and address take."""
        works = ["number", "slug", "status", "title", "publisher", "issued", "issued_is_approximate", "study_design"]
        return self.shown().only("finding", "order", "number", *(f"source__{name}" for name in works))

    def of_published_findings(self):
        return self.filter(finding__status=Status.PUBLISHED)

    def with_findings(self):
        return self.select_related("finding").order_by("finding__number", "order")


class Citation(models.Model):
    """The link from a finding to a source, and how the review uses it."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="citations")
    source = models.ForeignKey(Source, models.PROTECT, related_name="citations")
    order = models.PositiveSmallIntegerField(default=1)
    number = models.PositiveSmallIntegerField("the review’s note number", null=True, blank=True)
    locator = models.CharField(max_length=60, blank=True, help_text="12–14")
    locator_label = models.CharField(max_length=20, choices=LocatorLabel, blank=True)
    note = models.TextField(blank=True, help_text="One sentence: how the review uses this work.")
    covers = models.CharField(
        "what the note covers",
        max_length=200,
        blank=True,
        help_text="If the review’s note stands at a part of the finding alone: “The quotation only”.",
    )

    objects = CitationQuerySet.as_manager()

    class Meta:
        ordering = ["finding", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["finding", "order"],
                name="citations_stand_in_order",
                violation_error_message="Two citations have the same place.",
            ),
            models.UniqueConstraint(
                fields=["finding", "source", "locator"],
                name="a_finding_cites_a_place_once",
                violation_error_message="This source is cited already. Add to that citation, or give another locator.",
            ),
            models.CheckConstraint(
                condition=Q(locator="", locator_label="") | (~Q(locator="") & ~Q(locator_label="")),
                name="a_locator_has_a_label",
                violation_error_message="A locator needs its label (page, chapter …), and a label its locator.",
            ),
        ]

    def __str__(self):
        return f"{self.finding.code} → {self.source.code}"

    def natural_key(self):
        return (*self.finding.natural_key(), self.order)

    natural_key.dependencies = ["findings.finding", "sources.source"]

    @property
    def called(self):
        """What heads its card in a form."""
        return self.source.told_apart

    @property
    def label(self):
        """The number a reader sees: the review's own, else the place in the list."""
        return self.number or self.order


class RestingOnFindingsQuerySet(EntryQuerySet):
    def resting_on(self, findings):
        """Those that rest on any of `findings`, on most of them first."""
        own = self.model._meta.model_name
        links = self.model.findings.through.objects.filter(finding__in=findings.values("pk"))
        counted = links.filter(**{own: models.OuterRef("pk")}).values(own).annotate(n=Count("*"))
        shared = models.Subquery(counted.values("n"))
        return self.filter(pk__in=links.values(own)).annotate(shared=shared).order_by("-shared", "number")


class PracticeImplicationQuerySet(RestingOnFindingsQuerySet):
    def withdrawn(self, codes):
        """Those of these codes that were withdrawn."""
        numbers = [parse_code(code)[1] for code in codes]
        return self.filter(status=Status.WITHDRAWN, number__in=numbers).select_related("replaced_by")

    def tagged(self, tag):
        return self.filter(tagged_items__tag=tag)

    def asked_of_teams(self):
        """The published ones that have a question for a team."""
        return self.published().exclude(questions="")

    def having(self, text):
        """Those whose heading or wording has each word of `text`."""
        return self.filter(having(text, ["heading", "summary", "body"]))

    def with_findings(self):
        findings = Prefetch("findings", Finding.objects.published().select_related("theme"))
        return self.select_related("review").prefetch_related(findings)

    def by_element(self, most=50):
        """For each of Wenger's elements: the element, how many points it has, and the first of them."""
        counts = dict(self.order_by().values_list("element").annotate(n=Count("*")))
        return [
            {"element": element, "count": counts.get(element, 0), "points": self.filter(element=element)[:most]}
            for element in WengerElement
        ]

    def with_trail(self):
        """With the findings each rests on, and the sources that those cite."""
        return self.prefetch_related(Prefetch("findings", Finding.objects.published().whole()))


class PracticeImplication(ChecksByReview, SinceThen, Asked, Placed, Entry):
    LETTER = "P"

    review = models.ForeignKey(Review, models.PROTECT, related_name="implications")
    element = models.CharField("Wenger’s element", max_length=20, choices=WengerElement)
    heading = models.CharField(max_length=200)
    audience = models.CharField(
        "who can take it up", max_length=10, choices=Audience, default=Audience.TEAM, help_text="In our reading."
    )
    summary = models.TextField(help_text="One or two sentences: what might be taken forward, as certain as the review.")
    body = models.TextField()
    questions = models.TextField(
        "questions for a team",
        blank=True,
        help_text="Ours, one a line. The team check asks the first; without one, it leaves the point out.",
    )
    findings = models.ManyToManyField(
        Finding, related_name="implications", blank=True, help_text="The findings it rests on, in our reading."
    )
    tags = TaggableManager(through="TaggedImplication", blank=True, related_name="tagged_implications", manager=Tags)

    objects = PracticeImplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "practice point"
        ordering = ["number"]
        constraints = [
            *entry_constraints(),
            models.UniqueConstraint(fields=["element", "slug"], name="an_implication_has_its_own_slug"),
            models.CheckConstraint(
                condition=Q(element__in=WengerElement.values), name="an_implication_has_a_known_element"
            ),
            models.CheckConstraint(
                condition=~Q(heading="") & ~Q(summary=""), name="an_implication_has_a_heading_and_summary"
            ),
        ]

    def __str__(self):
        return self.heading

    def get_absolute_url(self):
        return path("implication", self.element, self.slug)

    @property
    def team_question(self):
        """What the team check asks; empty if it leaves the point out."""
        return self.questions.partition("\n")[0].strip()

    @property
    def slug_path(self):
        return f"{self.element}/{self.slug}"

    def clean(self):
        super().clean()
        if self.review_id:
            refuse_publishing_under(self, self.review)

    @property
    def last_words(self):
        return [self.summary, *self.body.split("\n\n")]


class KeyMessageQuerySet(RestingOnFindingsQuerySet):
    def of_published_reviews(self):
        return self.published().filter(review__status=Status.PUBLISHED).select_related("review")

    def with_links(self):
        """With the published findings (`shown_findings`) and practice points (`shown_points`) behind each."""
        return self.prefetch_related(
            Prefetch("findings", Finding.objects.published(), to_attr="shown_findings"),
            Prefetch("implications", PracticeImplication.objects.published(), to_attr="shown_points"),
        )


class KeyMessage(ChecksByReview, SinceThen, Asked, Placed, Entry):
    LETTER = "K"
    MOST_WORDS_IN_SHORT = 25

    review = models.ForeignKey(Review, models.PROTECT, related_name="key_messages")
    heading = models.CharField(max_length=200)
    body = models.TextField()
    in_short = models.CharField(
        "in short",
        max_length=220,
        blank=True,
        db_default="",
        help_text="For lists, in at most 25 words, as certain as the message. Empty: lists show all of the message.",
    )
    note = models.TextField("our note", blank=True, help_text="Shown below the message, and marked as ours.")
    findings = models.ManyToManyField(Finding, related_name="key_messages", blank=True)
    implications = models.ManyToManyField(PracticeImplication, related_name="key_messages", blank=True)

    objects = KeyMessageQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            *entry_constraints(),
            models.UniqueConstraint(fields=["review", "slug"], name="a_key_message_has_its_own_slug"),
            models.CheckConstraint(condition=~Q(heading=""), name="a_key_message_has_a_heading"),
        ]

    def __str__(self):
        return self.heading

    def get_absolute_url(self):
        return f"{self.review.get_absolute_url()}#{self.code}"

    def clean(self):
        super().clean()
        if self.review_id:
            refuse_publishing_under(self, self.review)
        if (words := len(self.in_short.split())) > self.MOST_WORDS_IN_SHORT:
            raise ValidationError(
                {"in_short": f"At most {self.MOST_WORDS_IN_SHORT} words: here are {words}. Keep what limits it."}
            )

    @property
    def brief(self):
        """What lists show of it."""
        return self.in_short or self.body

    @property
    def last_words(self):
        return [self.body]


TERM_COLUMNS = ["preferred_label", "definition", "labels__label", "notes__text"]


class TermQuerySet(CuratedQuerySet):
    def get_by_natural_key(self, slug):
        return self.get(slug=slug)

    def with_labels(self):
        return self.prefetch_related("labels", "notes")

    def having(self, text):
        """Those that have each word of `text`, in their definition or as another name for them."""
        return self.filter(pk__in=self.filter(having(text, TERM_COLUMNS)).values("pk"))

    def explained_in_text(self):
        """Those that are explained where they occur: a row for each other `spelling`, or one without."""
        spelled = FilteredRelation("labels", condition=Q(labels__kind=TermLabel.Kind.SPELLING))
        terms = self.filter(explained_in_text=True).annotate(spelled=spelled, spelling=F("spelled__label"))
        return terms.order_by("pk")


class Term(Curated):
    """A word of the field: what we mean by it, and what else it goes by."""

    PARTS = ("labels", "notes")

    preferred_label = models.CharField(max_length=120)
    definition = models.TextField()
    explained_in_text = models.BooleanField(
        "explained where it occurs",
        default=True,
        help_text="Readers can open the definition at its first use on a page. Leave off for everyday words.",
    )
    earlier_anchors = models.JSONField(
        default=list, blank=True, editable=False, help_text="The slugs of terms that were merged into this one."
    )

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering = [Lower("preferred_label")]
        constraints = [
            *curated_constraints(),
            models.UniqueConstraint(fields=["slug"], name="a_term_has_its_own_slug"),
            models.UniqueConstraint(Lower("preferred_label"), name="a_preferred_label_stands_once"),
            models.CheckConstraint(condition=~Q(preferred_label=""), name="a_term_has_a_preferred_label"),
        ]

    def __str__(self):
        return self.preferred_label

    def natural_key(self):
        return (self.slug,)

    def get_absolute_url(self):
        return f"{path('glossary')}#{self.slug}"

    def clean(self):
        super().clean()
        for term in Term.objects.exclude(earlier_anchors=[]):
            if self.slug in term.earlier_anchors:
                raise ValidationError({"slug": f"This address leads to “{term}”. Choose another."})

    @property
    def spellings(self):
        return self._labels(TermLabel.Kind.SPELLING)

    @property
    def also_called(self):
        return self._labels(TermLabel.Kind.ALSO_CALLED)

    @property
    def leading_here(self):
        return self._labels(TermLabel.Kind.LEADS_HERE)

    def _labels(self, kind):
        return [label for label in self.labels.all() if label.kind == kind]


class TermLabelQuerySet(models.QuerySet):
    def get_by_natural_key(self, label):
        return self.get(label=label)


class TermLabel(models.Model):
    class Kind(models.TextChoices):
        SPELLING = "spelling", "The same word, spelled otherwise"
        ALSO_CALLED = "also-called", "Also called"
        LEADS_HERE = "leads-here", "Leads here in a search, but means something else"

    term = models.ForeignKey(Term, models.CASCADE, related_name="labels")
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.ALSO_CALLED)

    objects = TermLabelQuerySet.as_manager()

    class Meta:
        verbose_name = "other label"
        ordering = ["kind", Lower("label")]
        constraints = [
            models.UniqueConstraint(
                Lower("label"),
                name="a_label_belongs_to_one_term",
                violation_error_message="This label belongs to a term already.",
            ),
            models.CheckConstraint(condition=~Q(label=""), name="a_label_is_not_empty"),
        ]

    def __str__(self):
        return self.label

    def natural_key(self):
        return (self.label,)

    def clean(self):
        super().clean()
        if Term.objects.filter(preferred_label__iexact=self.label).exists():
            raise ValidationError({"label": "This is the preferred label of a term already."})


class TermNoteQuerySet(models.QuerySet):
    def get_by_natural_key(self, term, profession):
        return self.get(term__slug=term, profession=profession)


class TermNote(models.Model):
    """How a profession uses or meets the word."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="notes")
    profession = models.CharField(max_length=80)
    text = models.TextField()

    objects = TermNoteQuerySet.as_manager()

    class Meta:
        verbose_name = "note for a profession"
        verbose_name_plural = "notes for professions"
        ordering = ["profession"]
        constraints = [
            models.UniqueConstraint(fields=["term", "profession"], name="a_profession_has_one_note_on_a_term")
        ]

    def __str__(self):
        return f"{self.term}: {self.profession}"

    def natural_key(self):
        return (*self.term.natural_key(), self.profession)

    natural_key.dependencies = ["findings.term"]


class TaggedEntryQuerySet(models.QuerySet):
    def get_by_natural_key(self, code, tag):
        entries = self.model._meta.get_field("content_object").related_model.objects
        return self.get(content_object=entries.get_by_natural_key(code), tag__name=tag)


class TaggedFinding(TaggedItemBase):
    content_object = models.ForeignKey(Finding, models.CASCADE, related_name="tagged_items")

    objects = TaggedEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "tag on a finding"
        verbose_name_plural = "tags on findings"
        constraints = [models.UniqueConstraint(fields=["content_object", "tag"], name="a_finding_has_a_tag_once")]

    def natural_key(self):
        return (*self.content_object.natural_key(), self.tag.name)

    natural_key.dependencies = ["findings.finding", "taggit.tag"]


class TaggedImplication(TaggedItemBase):
    content_object = models.ForeignKey(PracticeImplication, models.CASCADE, related_name="tagged_items")

    objects = TaggedEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "tag on a practice point"
        verbose_name_plural = "tags on practice points"
        constraints = [models.UniqueConstraint(fields=["content_object", "tag"], name="an_implication_has_a_tag_once")]

    def natural_key(self):
        return (*self.content_object.natural_key(), self.tag.name)

    natural_key.dependencies = ["findings.practiceimplication", "taggit.tag"]


class EarlierTagQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug):
        return self.get(slug=slug)


class EarlierTag(models.Model):
    """An address that a tag had before, or that of a tag merged into it: it keeps leading to the tag."""

    slug = models.SlugField(max_length=100, unique=True, allow_unicode=True)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="earlier")

    objects = EarlierTagQuerySet.as_manager()

    class Meta:
        verbose_name = "earlier address"
        verbose_name_plural = "earlier addresses"
        default_permissions = ()

    def __str__(self):
        return f"{self.slug} → {self.tag.slug}"

    def natural_key(self):
        return (self.slug,)

    natural_key.dependencies = ["taggit.tag"]

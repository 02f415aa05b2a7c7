"""The works that findings cite."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from taggit.managers import TaggableManager
from taggit.models import TaggedItemBase

from curation.entries import Entry, EntryQuerySet, Status, entry_constraints
from curation.routes import path
from curation.tagging import Tags
from sources.bibliography import identifiers, metadata, names, references, titles
from sources.different import Different
from sources.links import LinkCheck, Part
from sources.notices import Notice, Reported, in_words, retraction_of, told
from sources.remarks import Remark

__all__ = [
    "Contributor",
    "Different",
    "LinkCheck",
    "Notice",
    "Remark",
    "Reported",
    "Source",
    "TaggedSource",
]


class CslType(models.TextChoices):
    """The types of CSL 1.0.2 that reviews in this field cite."""

    ARTICLE_JOURNAL = "article-journal", "Journal article"
    ARTICLE_MAGAZINE = "article-magazine", "Magazine article"
    ARTICLE_NEWSPAPER = "article-newspaper", "Newspaper article"
    BOOK = "book", "Book"
    CHAPTER = "chapter", "Chapter"
    PAPER_CONFERENCE = "paper-conference", "Conference paper"
    DOCUMENT = "document", "Document"
    LEGISLATION = "legislation", "Legislation"
    PAMPHLET = "pamphlet", "Pamphlet"
    REPORT = "report", "Report"
    THESIS = "thesis", "Thesis"
    WEBPAGE = "webpage", "Web page"


class StudyDesign(models.TextChoices):
    SYSTEMATIC_REVIEW = "systematic-review", "Systematic review"
    RESEARCH_REVIEW = "research-review", "Research review"
    TRIAL = "trial", "Controlled trial"
    FOLLOW_UP = "follow-up-study", "Follow-up study"
    SURVEY = "survey", "Survey"
    INTERVIEW = "interview-study", "Interview study"
    QUALITATIVE = "qualitative-study", "Qualitative study"
    MIXED_METHODS = "mixed-methods", "Mixed-methods study"
    PRACTICE_TEXT = "practice-text", "Textbook, no new research"
    THEORY = "theory", "Theory"
    POLICY = "policy", "Policy or guidance"

    @property
    def short_name(self):
        """“interview study”, within a sentence."""
        return self.label.split(",")[0].lower()

    @property
    def gloss(self):
        """What work of this kind can and cannot show, in our words."""
        return {
            StudyDesign.SYSTEMATIC_REVIEW: (
                "It looks for all the studies on a question by a method set out beforehand. It is as strong as the "
                "studies it found."
            ),
            StudyDesign.RESEARCH_REVIEW: (
                "An author’s reading of many studies. How they were chosen is not always said."
            ),
            StudyDesign.TRIAL: (
                "People or places get one thing or another, and the results are compared. It can show that one thing "
                "caused another, for those who took part."
            ),
            StudyDesign.FOLLOW_UP: (
                "The same people or cases, looked at again later. Without a like group beside it, other causes are "
                "possible."
            ),
            StudyDesign.SURVEY: "What many people answered. It shows how common an answer is; it cannot show why.",
            StudyDesign.INTERVIEW: (
                "What people said and how they saw it. It cannot show that one thing caused another."
            ),
            StudyDesign.QUALITATIVE: "Close work in a few places. It shows how and why; it cannot show how often.",
            StudyDesign.MIXED_METHODS: ("Numbers and accounts side by side. Each part has the limits of its own kind."),
            StudyDesign.PRACTICE_TEXT: "One author’s reading and experience. No new research.",
            StudyDesign.THEORY: "A way of seeing things. It is not a test of them.",
            StudyDesign.POLICY: "What a government or body wants done. It is not evidence that it works.",
        }[self]


DESIGNS, TYPES = dict(StudyDesign.choices), dict(CslType.choices)  # as Django makes for each label that it is asked for


class SourceQuerySet(EntryQuerySet):
    def tagged(self, tag):
        return self.filter(tagged_items__tag=tag)

    def with_finding_counts(self):
        """With the number of published findings that cite each, counted only for the rows that are shown, and whether
        a published review rests on it as a whole."""
        citing = self.model.citations.rel.related_model.objects.filter(
            source=OuterRef("pk"), finding__status=Status.PUBLISHED
        )
        counted = citing.order_by().values("source").annotate(n=Count("finding", distinct=True)).values("n")
        reviews = self.model.review_sources.rel.related_model.objects.filter(
            source=OuterRef("pk"), review__status=Status.PUBLISHED
        )
        return self.annotate(finding_count=Coalesce(Subquery(counted), 0), is_of_a_review=Exists(reviews))

    def for_short_citations(self):
        """With no more than `short_citation` and a link take."""
        shown = ["number", "slug", "status", "title", "publisher", "issued", "issued_is_approximate"]
        return self.with_contributors().only(*shown)

    def with_records(self):
        """With all that a record of each needs (`sources.records`)."""
        return self.with_contributors().prefetch_related("tags", "notices")

    def with_notices(self):
        return self.prefetch_related("notices")

    def told_of_since(self):
        """The ids, as tuples, of those that were retracted, or of which another notice tells."""
        retracted = self.filter(retracted_on__isnull=False).order_by().values_list("pk")
        return retracted.union(Notice.objects.order_by().values_list("source"))

    def with_contributors(self):
        return self.prefetch_related("contributors")

    def in_use(self):
        return self.exclude(status=Status.WITHDRAWN)

    def with_dead_links(self):
        return self.in_use().filter(Exists(LinkCheck.objects.dead().filter(source=OuterRef("pk"))))

    def with_open_remarks(self):
        return self.in_use().filter(Exists(Remark.objects.open().filter(source=OuterRef("pk"))))

    def with_links_to_look_at(self):
        return self.in_use().filter(Exists(LinkCheck.objects.to_look_at().filter(source=OuterRef("pk"))))

    def with_links(self):
        """Those that are in use and have an address, the one nobody looked at for longest first."""
        has_one = Q(*(~Q(**{part: ""}) for part in Part.values), _connector=Q.OR)
        looked_at = Min("link_checks__checked_at")
        return self.in_use().filter(has_one).alias(at=looked_at).order_by(F("at").asc(nulls_first=True), "number")

    def due_for_link_check(self, now):
        """Of `with_links`, those with an address that nobody looked at lately."""
        fresh = LinkCheck.objects.fresh(now).filter(source=OuterRef("pk"))
        due = [~Q(**{part: ""}) & ~Exists(fresh.filter(part=part)) for part in Part.values]
        return self.with_links().filter(Q(*due, _connector=Q.OR))


class Source(Entry):
    LETTER = "S"
    PARTS = ("contributors", "notices")

    csl_type = models.CharField("type", max_length=30, choices=CslType, default=CslType.BOOK)
    study_design = models.CharField(max_length=30, choices=StudyDesign, blank=True)
    design_note = models.CharField(
        max_length=200, blank=True, help_text="What the design alone does not say: “six multi-agency services”."
    )
    country = models.CharField(
        "where the study was done", max_length=100, blank=True, help_text="United States. Empty if it is not known."
    )
    title = models.TextField()
    title_italics = models.TextField(
        "words of the title in italics",
        blank=True,
        default="",
        db_default="",
        help_text="The title of another work, a case, a species: as the title has them, separated by semicolons.",
    )
    issued = models.CharField(
        "date",
        max_length=10,
        blank=True,
        validators=[
            RegexValidator(r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$", "Write 2003, 2003-05 or 2003-05-12.")
        ],
        help_text="As much as is known: 2003, 2003-05 or 2003-05-12.",
    )
    issued_is_approximate = models.BooleanField(
        "the date is approximate", default=False, help_text="Shown in square brackets."
    )
    container_title = models.CharField("journal or book it is part of", max_length=500, blank=True)
    volume = models.CharField(max_length=40, blank=True)
    issue = models.CharField(max_length=40, blank=True)
    pages = models.CharField(max_length=60, blank=True, help_text="7-17")
    edition = models.CharField(max_length=60, blank=True)
    publisher = models.CharField(max_length=300, blank=True)
    place = models.CharField(max_length=200, blank=True)
    series = models.CharField(max_length=300, blank=True)
    doi = models.CharField("DOI", max_length=250, blank=True)
    isbn = models.CharField("ISBN", max_length=13, blank=True)
    issn = models.CharField("ISSN", max_length=9, blank=True)
    eissn = models.CharField("electronic ISSN", max_length=9, blank=True)
    url = models.URLField("address", max_length=1000, blank=True, validators=[URLValidator(["http", "https"])])
    accessed_on = models.DateField(null=True, blank=True)
    abstract = models.TextField(blank=True)
    summary = models.TextField(blank=True, help_text="What this work is and how our reviews use it, in our words.")
    as_cited = models.TextField(blank=True, help_text="The reference exactly as the review prints it, errors and all.")
    checked = models.CharField(
        "facts that were checked",
        max_length=300,
        blank=True,
        help_text="What somebody compared with the work or its catalogue record: title, year, publisher.",
    )
    unchecked = models.CharField(
        "facts that were not checked",
        max_length=300,
        blank=True,
        help_text="What is taken from a list of references as it stands there: volume, issue.",
    )
    note = models.TextField("note on the record", blank=True, help_text="What a reader of the record should know.")
    retracted_on = models.DateField(null=True, blank=True)
    retraction_reason = models.TextField(blank=True)
    retraction_url = models.URLField("retraction notice", max_length=1000, blank=True)
    newer_edition = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="older_editions")
    newer_edition_note = models.CharField(
        max_length=300, blank=True, help_text="What newer edition or update is known, if we hold no record of it."
    )
    tags = TaggableManager(through="TaggedSource", blank=True, related_name="tagged_sources", manager=Tags)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged"
    )

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["retracted_on"], condition=Q(retracted_on__isnull=False), name="retracted_sources")
        ]
        constraints = [
            *entry_constraints(),
            models.UniqueConstraint(fields=["slug"], name="a_source_has_its_own_slug"),
            models.UniqueConstraint(
                fields=["doi"],
                condition=~Q(doi="") & ~Q(status="withdrawn"),
                name="one_source_per_doi",
                violation_error_message="Another source has this DOI.",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="a_source_has_a_title"),
            models.CheckConstraint(
                condition=Q(retraction_reason="", retraction_url="") | Q(retracted_on__isnull=False),
                name="a_retraction_has_a_date",
                violation_error_message="Give the date of the retraction too.",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(status="withdrawn"),
                name="a_merged_source_stays_withdrawn",
                violation_error_message="This source was merged into another, to which its addresses lead: it stays "
                "withdrawn.",
            ),
        ]

    def __str__(self):
        return names.curly(self.title)

    def get_absolute_url(self):
        return path("source", self.slug)

    @property
    def leads_to(self):
        return self.merged_into or self

    def clean(self):
        super().clean()
        wrong = {}
        for field, normalise in [
            ("doi", identifiers.normalise_doi),
            ("isbn", identifiers.normalise_isbn),
            ("issn", identifiers.normalise_issn),
            ("eissn", identifiers.normalise_issn),
        ]:
            try:
                setattr(self, field, normalise(getattr(self, field)) if getattr(self, field) else "")
            except ValueError as error:
                wrong[field] = str(error)
        if missing := titles.not_in(self.title, self.title_italics):
            wrong["title_italics"] = f"“{missing[0]}” is not in the title. Write the words as they stand there."
        # The constraint says so too, but a form that leaves out the status would not ask it.
        same = (
            self.doi
            and Source.objects.filter(doi=self.doi).exclude(status=Status.WITHDRAWN).exclude(pk=self.pk).first()
        )
        if same and not self.is_withdrawn:
            wrong.setdefault("doi", f"Another source has this DOI: {same.code}, {same}.")
        if wrong:
            raise ValidationError(wrong)

    def people(self, role):
        """The contributors in `role` (a CSL name variable), in order."""
        return [person for person in self.contributors.all() if person.role == role]

    @property
    def year(self):
        return self.issued[:4]

    @property
    def short_citation(self):
        """How running text names the work: “Cameron and Lart (2003)”, “Frost [2005]”, “Data Protection Act 2018”."""
        people = self.people("author") or self.people("compiler") or self.people("editor")
        who = names.cited(people) if people else self.publisher or str(self)
        has_its_year = self.year and not self.issued_is_approximate and who.endswith(f" {self.year}")
        return who if has_its_year else f"{who} {references.year_in_brackets(self)}"

    @property
    def told_apart(self):
        return f"{self.short_citation}, {self.code}, {self.get_status_display().lower()}"

    @property
    def kind_label(self):
        """Design and type in words: “Systematic review, journal article”."""
        words = [DESIGNS.get(self.study_design, self.study_design), TYPES.get(self.csl_type, self.csl_type)]
        return ", ".join(filter(None, words)).capitalize()

    @property
    def is_article(self):
        return self.csl_type.startswith("article-")

    @property
    def page_range(self):
        return references.page_range(self.pages)

    @property
    def title_runs(self):
        return references.title(self)

    @property
    def reference(self):
        return references.reference(self, "harvard")

    @property
    def reference_text(self):
        return references.as_text(self.reference)

    @property
    def highwire(self):
        """The meta tags of its page, as (name, content)."""
        return metadata.highwire(self)

    @property
    def coins(self):
        """What tells reference managers of it where it stands in a list."""
        return metadata.coins(self)

    @property
    def retraction_notice(self):
        """What whoever cites the work must know, in a line; empty if it was not retracted."""
        return in_words(retraction_of(self)) if self.retracted_on else ""

    @property
    def notice(self):
        """All that whoever cites the work should know of what was said since: a line each."""
        return "\n".join(map(in_words, told(self)))

    @property
    def doi_url(self):
        return identifiers.doi_url(self.doi) if self.doi else ""

    @property
    def last_words(self):
        """What a tombstone quotes: the reference and the summary as last published."""
        return [self.reference_text, *filter(None, [self.summary])]


class ContributorRole(models.TextChoices):
    """Name variables of CSL 1.0.2."""

    AUTHOR = "author", "Author"
    EDITOR = "editor", "Editor"
    COMPILER = "compiler", "Compiler"
    TRANSLATOR = "translator", "Translator"


class PersonOrOrganisation(models.Model):
    """Somebody named in a reference, with a role and a place among those in that role."""

    role = models.CharField(max_length=20, choices=ContributorRole, default=ContributorRole.AUTHOR)
    order = models.PositiveSmallIntegerField(default=1)
    family = models.CharField("family name", max_length=200, blank=True)
    given = models.CharField("given names or initials", max_length=200, blank=True)
    literal = models.CharField("organisation", max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.literal or ", ".join(filter(None, [self.family, self.given]))


def is_a_person_or_an_organisation():
    return (Q(literal="") & ~Q(family="")) | (~Q(literal="") & Q(family="", given=""))


class ContributorQuerySet(models.QuerySet):
    def get_by_natural_key(self, code, role, order):
        return self.get(source=Source.objects.get_by_natural_key(code), role=role, order=order)


class Contributor(PersonOrOrganisation):
    Role = ContributorRole

    source = models.ForeignKey(Source, models.CASCADE, related_name="contributors")

    objects = ContributorQuerySet.as_manager()

    class Meta:
        ordering = ["role", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "role", "order"],
                name="contributors_stand_in_order",
                violation_error_message="Two contributors in one role have the same place.",
            ),
            models.CheckConstraint(
                condition=is_a_person_or_an_organisation(),
                name="a_contributor_is_a_person_or_an_organisation",
                violation_error_message="Give a family name, or the name of an organisation, not both.",
            ),
        ]

    def natural_key(self):
        return (*self.source.natural_key(), self.role, self.order)

    natural_key.dependencies = ["sources.source"]


class TaggedSourceQuerySet(models.QuerySet):
    def get_by_natural_key(self, code, tag):
        return self.get(content_object=Source.objects.get_by_natural_key(code), tag__name=tag)


class TaggedSource(TaggedItemBase):
    content_object = models.ForeignKey(Source, models.CASCADE, related_name="tagged_items")

    objects = TaggedSourceQuerySet.as_manager()

    class Meta:
        verbose_name = "tag on a source"
        verbose_name_plural = "tags on sources"
        constraints = [models.UniqueConstraint(fields=["content_object", "tag"], name="a_source_has_a_tag_once")]

    def natural_key(self):
        return (*self.content_object.natural_key(), self.tag.name)

    natural_key.dependencies = ["sources.source", "taggit.tag"]

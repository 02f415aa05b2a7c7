"""What the API says of each kind of entry: in a list, whole, and when it was withdrawn."""

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from curation.entries import Status
from curation.last_changed import last_changes
from curation.redirects import how_to_cite, replacement_of
from curation.routes import path
from curation.versions import newest_versions
from findings import cautions, provenance, since_then
from findings.choices import Audience, EvidenceBasis, LocatorLabel, ReviewKind, Stance, WengerElement
from findings.models import Finding, KeyMessage, PracticeImplication, Review, ReviewSource, Theme
from findings.records import record_to_cite
from findings.related import related_to
from findings.versions import editions
from joinedup.api.shapes import (
    ADDRESS,
    DATE,
    MOMENT,
    NUMBER,
    TEXT,
    YES_OR_NO,
    Shape,
    closed,
    day,
    first,
    in_utc,
    listed,
    one,
    or_null,
    says,
    several,
)
from joinedup.search.documents import KIND_OF_MODEL
from sources.bibliography.formats import WRITTEN
from sources.bibliography.references import STYLES, as_text, reference
from sources.links import Part
from sources.models import Contributor, CslType, Source, StudyDesign
from sources.records import tags_of

COLLECTIONS = {
    Review: "reviews",
    Theme: "themes",
    Finding: "findings",
    PracticeImplication: "implications",
    KeyMessage: "key-messages",
    Source: "sources",
}
PUBLIC_ONCE = (Status.PUBLISHED, Status.WITHDRAWN)


class Site:
    """Where the site is, and what is looked up for all `entries` of an answer at once. These are of one kind."""

    def __init__(self, address, entries=()):
        self.address = address
        provenance.load_behind(entries)
        cautions.load(entries)
        self.versions = newest_versions(entries)
        self.changes = last_changes(entries)

    def page(self, entry):
        return self.address + entry.get_absolute_url()

    def api(self, entry):
        return self.address + reverse(f"api-{COLLECTIONS[type(entry)]}-entry", args=[entry.code])

    def listing(self, collection, **filters):
        return f"{self.address}{reverse(f'api-{collection}')}?{urlencode(filters)}"


def values(choices):
    return {"type": "string", "enum": list(choices.values)}


def kind_of(entry):
    return KIND_OF_MODEL[type(entry)]


CODE = {"type": "string", "pattern": "^[RTKFPS][1-9][0-9]{0,8}$"}
KIND = {"type": "string", "enum": [KIND_OF_MODEL[model] for model in COLLECTIONS]}
STATUS = {"type": "string", "enum": list(PUBLIC_ONCE)}
STANCE = values(Stance)
ELEMENT = values(WengerElement)
STUDY_DESIGN = {"type": "string", "enum": ["", *StudyDesign.values]}

NAMED = {
    "code": says(CODE, "code", "Its permanent name."),
    "kind": says(KIND, lambda entry, site: kind_of(entry)),
    "status": says(STATUS, "status"),
    "title": says(TEXT, lambda entry, site: str(entry)),
    "url": says(ADDRESS, lambda entry, site: site.page(entry), "Its page."),
    "api_url": says(ADDRESS, lambda entry, site: site.api(entry), "The same entry here, whole."),
}
LINK = Shape("Link", "Another entry.", **NAMED)
FINDING_LINK = Shape("FindingLink", "A finding, and where it points.", **NAMED, stance=STANCE)


def link(name):
    """A field that names an entry to which this one belongs."""

    def get(entry):
        other = getattr(entry, name)
        return other if other and other.status in PUBLIC_ONCE else None

    return one(LINK, get)


TAG_LINK = Shape(
    "TagLink",
    "A tag.",
    slug=TEXT,
    name=TEXT,
    url=says(ADDRESS, lambda tag, site: site.address + path("tag", tag.slug)),
    api_url=says(ADDRESS, lambda tag, site: site.address + path("api-tags-entry", tag.slug)),
)
TAGS = several(TAG_LINK, tags_of)


def permanent(entry, site):
    return site.address + entry.short_url


def changed_at(entry, site):
    return in_utc(site.changes[entry.pk])


UPDATED_AT = says(MOMENT, changed_at, "When it last changed in public, in UTC; midnight where only the day is known.")

TOMBSTONE = Shape(
    "Withdrawn",
    "What became of an entry that was taken back. Please do not cite it.",
    **{**NAMED, "status": says({"type": "string", "const": Status.WITHDRAWN}, "status")},
    permanent_url=says(ADDRESS, permanent, "Answers for ever, whatever becomes of the entry."),
    published_on=says(DATE, lambda entry, site: entry.published_on.isoformat()),
    withdrawn_on=says(DATE, lambda entry, site: entry.withdrawn_on.isoformat()),
    withdrawal_reason=TEXT,
    updated_at=UPDATED_AT,
    said=says(listed(TEXT), "last_words", "The text as last published, in paragraphs."),
    replaced_by=one(LINK, replacement_of),
    merged_into=one(LINK, lambda entry: None if entry.leads_to == entry else entry.leads_to),
    cite_as=says(TEXT, lambda entry, site: how_to_cite(entry, site.address), "If you must cite what was there."),
)

HEAD = {
    **NAMED,
    "status": says({"type": "string", "const": Status.PUBLISHED}, "status"),
    "permanent_url": says(ADDRESS, permanent, "The address to cite. It never changes."),
    "published_on": says(DATE, lambda entry, site: entry.published_on.isoformat()),
    "wording_changed_on": day("wording_changed_on", "When its meaning last changed; null if it never did."),
    "last_checked_on": day("last_checked_on", "When the evidence was last checked."),
    "review_due_on": day("review_due_on", "When the next check is due."),
    "updated_at": UPDATED_AT,
    "version": says({"type": "integer", "minimum": 1}, lambda entry, site: site.versions.get(entry.code, 1)),
}


VERSION = Shape(
    "Version",
    "A public version: a change of meaning makes the next.",
    version=says({"type": "integer", "minimum": 1}, "number"),
    issued_on=says(DATE, lambda edition, site: edition.issued_on.isoformat()),
    until=day("until", "When the next one replaced it; null while it is the newest."),
    note=says(TEXT, "note", "What changed, in the editors’ words."),
    url=says(ADDRESS, lambda edition, site: site.address + edition.short_url, "The version as it read."),
)


def references(entry, site):
    record = record_to_cite(entry, site.address, site.versions.get(entry.code, 1))
    return {style: as_text(reference(record, style)) for style in STYLES}


def files(entry, site):
    return {name: site.address + reverse("export", args=[entry.code, name]) for name in WRITTEN}


TAIL = {
    "versions": several(VERSION, editions),
    "references": says(closed(dict.fromkeys(STYLES, TEXT)), references, "How to cite it, in three styles."),
    "files": says(closed(dict.fromkeys(WRITTEN, ADDRESS)), files, "For reference managers."),
}
CAUTIONS = says(
    TEXT,
    lambda entry, site: cautions.words(entry),
    "Tell it with the entry: a line for each work that it cites, or that it is, and that was retracted, is in doubt "
    "or was corrected. Empty if none was.",
)
PROVENANCE = says(
    TEXT,
    lambda entry, site: provenance.lines(provenance.behind(entry)),
    "Whose words it is and from when, a line for each review: to be shown with what is quoted.",
)
WORDING = {
    "licence": says(ADDRESS, lambda entry, site: settings.LICENCE["url"], "Under which our wording may be used."),
    "rights": says(
        TEXT,
        lambda entry, site: "\n\n".join(review.rights for review in provenance.behind(entry) if review.rights),
        "Whose work the review is, and what may be done with it. Quotations are not under our licence.",
    ),
}
NOTE = Shape(
    "SinceThenNote",
    "Something that has happened since the review, in our words.",
    year=says(TEXT, "year", "Empty if the note gives none."),
    text=says(TEXT, lambda note, site: note.text),
    sources=several(LINK, lambda note: [source for source in note.sources if source.is_public]),
)
SINCE_THEN = {
    "since_then": says(TEXT, "since_then", "What has changed since the review: ours. [S8] names a source."),
    "since_then_notes": several(NOTE, lambda entry: since_then.notes(entry.since_then)),
}


def points_of(text):
    return [line.strip() for line in text.split("\n") if line.strip()]


ASKED = {
    "questions_answered": says(
        listed(TEXT), lambda entry, site: points_of(entry.questions_answered), "Questions that it answers: ours."
    ),
    "also_asked_as": says(
        listed(TEXT), lambda entry, site: points_of(entry.also_asked_as), "Words by which people look for it: ours."
    ),
}

PLACED = {
    "place_section": says(TEXT, "place_section", "The heading of the review that it stands under; empty if not known."),
    "place_paragraph": says(or_null(NUMBER), "place_paragraph", "The paragraph below that heading."),
    "place_page": says(TEXT, "place_page", "The page of the review; empty if it has none."),
}

# Reviews

PERSON = Shape(
    "Contributor",
    "A person by family and given names, or an organisation by `literal`.",
    role=values(Contributor.Role),
    family=TEXT,
    given=TEXT,
    literal=TEXT,
)
WHAT_REVIEW = {
    "series": TEXT,
    "compiled_by": says(TEXT, lambda review, site: review.compiled_by, "Who compiled or wrote it, in words."),
    "kind_of_text": says(values(ReviewKind), "kind_of_text", "What its publication is."),
    "kind_of_text_label": says(TEXT, lambda review, site: review.get_kind_of_text_display()),
    "provenance": PROVENANCE,
    "cautions": CAUTIONS,
    "publisher": TEXT,
    "place": TEXT,
    "year": says(TEXT, "year", "Of the publication; empty if it is undated."),
    "year_is_approximate": YES_OR_NO,
    "country": says(TEXT, "country", "Where the research is from."),
    "updates": says(TEXT, "updates", "What is known of updates; empty if none are known."),
    "summary": TEXT,
}
REVIEW_IN_LIST = Shape("ReviewInList", "A review, in short.", **HEAD, **WHAT_REVIEW)
REVIEW_SOURCE = Shape(
    "ReviewSource",
    "A work that a review summarises, or takes its framework or background from.",
    source=one(LINK, "source"),
    role=values(ReviewSource.Role),
    number=says(or_null(NUMBER), "number", "The review’s note number."),
    reference=says(TEXT, "source.reference_text"),
)
REVIEW = Shape(
    "Review",
    "A review, whole.",
    **HEAD,
    **WHAT_REVIEW,
    contributors=several(PERSON, lambda review: review.contributors.all()),
    method=says(TEXT, "method", "How it was compiled."),
    bear_in_mind=says(listed(TEXT), lambda review, site: points_of(review.bear_in_mind), "What limits it."),
    practice_note=says(TEXT, "practice_note", "How it puts its practice points: to be shown with each of them."),
    publisher_details=says(TEXT, "publisher_details", "As printed at the time."),
    how_to_get_it=says(TEXT, "how_to_get_it", "How to get the original."),
    **SINCE_THEN,
    **WORDING,
    key_messages=first(LINK, lambda review: review.key_messages.published().select_related("review")),
    themes=first(LINK, lambda review: Theme.objects.published().of_review(review)),
    findings=first(
        FINDING_LINK,
        lambda review: review.findings.published(),
        lambda review, site: site.listing("findings", review=review.slug),
    ),
    implications=first(
        LINK,
        lambda review: review.implications.published(),
        lambda review, site: site.listing("implications", review=review.slug),
    ),
    sources=several(REVIEW_SOURCE, lambda review: review.review_sources.all()),
    **TAIL,
)

# Themes

THEME_IN_LIST = Shape(
    "ThemeInList", "A theme, in short.", **HEAD, summary=TEXT, provenance=PROVENANCE, cautions=CAUTIONS
)
THEME = Shape(
    "Theme",
    "A theme, whole.",
    **HEAD,
    summary=TEXT,
    provenance=PROVENANCE,
    cautions=CAUTIONS,
    **SINCE_THEN,
    **ASKED,
    **WORDING,
    findings=first(
        FINDING_LINK,
        lambda theme: theme.findings.published(),
        lambda theme, site: site.listing("findings", theme=theme.slug),
    ),
    implications=first(
        LINK, lambda theme: PracticeImplication.objects.published().resting_on(theme.findings.published())
    ),
    **TAIL,
)

# Findings

WHAT_FINDING = {
    "stance": STANCE,
    "stance_label": says(TEXT, lambda finding, site: finding.get_stance_display()),
    "bottom_line": TEXT,
    "evidence_basis": says(values(EvidenceBasis), "evidence_basis", "What its citations show. It is not a score."),
    "evidence_basis_label": says(TEXT, "evidence_basis.label"),
    "evidence_named": says(
        TEXT, lambda finding, site: provenance.named(finding), "What is named of the evidence, in a sentence."
    ),
    "theme": link("theme"),
    "review": link("review"),
    "provenance": PROVENANCE,
    "cautions": CAUTIONS,
    "tags": TAGS,
}
FINDING_IN_LIST = Shape("FindingInList", "A finding, in short.", **HEAD, **WHAT_FINDING)
LOCATOR = {
    "number": says(or_null(NUMBER), "number", "The review’s note number."),
    "label": says(NUMBER, "label", "The number that readers see, and that the body marks: [1]."),
    "locator": TEXT,
    "locator_label": {"type": "string", "enum": ["", *LocatorLabel.values]},
    "note": says(TEXT, "note", "How the review uses the work."),
    "covers": says(TEXT, "covers", "Which part of the finding the review’s note stands at; empty if all of it."),
}
CITATION = Shape(
    "Citation",
    "A work that a finding cites, and how.",
    **LOCATOR,
    source=one(LINK, "source"),
    short_citation=says(TEXT, "source.short_citation"),
    reference=says(TEXT, "source.reference_text", "In Harvard style."),
    study_design=says(STUDY_DESIGN, "source.study_design", "The kind of study."),
    work_url=says(TEXT, lambda citation, site: work_url(citation.source), "Where the work is, if that is known."),
    retraction_notice=says(TEXT, "source.retraction_notice", "Tell it with the work. Empty if it was not retracted."),
)


def work_url(source):
    return source.doi_url or source.url


FINDING = Shape(
    "Finding",
    "A finding, whole.",
    **HEAD,
    **WHAT_FINDING,
    body=says(TEXT, "body", "An empty line parts paragraphs; [1] marks where the work with that label is used."),
    has_practice_example=YES_OR_NO,
    not_named=says(TEXT, "not_named", "What the review leaves open about where this comes from."),
    not_known=says(listed(TEXT), lambda finding, site: points_of(finding.not_known), "What we do not know."),
    **SINCE_THEN,
    **ASKED,
    **PLACED,
    citations=several(CITATION, lambda finding: finding.citations.all()),
    implications=first(LINK, lambda finding: finding.implications.published()),
    key_messages=first(LINK, lambda finding: finding.key_messages.of_published_reviews()),
    related=several(FINDING_LINK, related_to),
    **WORDING,
    **TAIL,
)

# Practice points

WHAT_IMPLICATION = {
    "element": says(ELEMENT, "element", "The heading of the review, after Wenger."),
    "element_label": says(TEXT, lambda point, site: point.get_element_display()),
    "summary": TEXT,
    "practice_note": says(TEXT, "review.practice_note", "How the review puts its practice points: show it with them."),
    "audience": says(values(Audience), "audience", "Who can take it up, in our reading."),
    "audience_label": says(TEXT, lambda point, site: point.get_audience_display()),
    "review": link("review"),
    "provenance": PROVENANCE,
    "cautions": CAUTIONS,
    "tags": TAGS,
}
IMPLICATION_IN_LIST = Shape("ImplicationInList", "A practice point, in short.", **HEAD, **WHAT_IMPLICATION)
IMPLICATION = Shape(
    "Implication",
    "A practice point, whole.",
    **HEAD,
    **WHAT_IMPLICATION,
    body=TEXT,
    questions=says(listed(TEXT), lambda point, site: points_of(point.questions), "Questions for a team: ours."),
    **SINCE_THEN,
    **ASKED,
    **PLACED,
    findings=first(FINDING_LINK, lambda point: point.findings.published()),
    key_messages=first(LINK, lambda point: point.key_messages.of_published_reviews()),
    **WORDING,
    **TAIL,
)

# Key messages

WHAT_KEY_MESSAGE = {"body": TEXT, "review": link("review"), "provenance": PROVENANCE, "cautions": CAUTIONS}
KEY_MESSAGE_IN_LIST = Shape("KeyMessageInList", "A key message, in short.", **HEAD, **WHAT_KEY_MESSAGE)
KEY_MESSAGE = Shape(
    "KeyMessage",
    "A key message, whole.",
    **HEAD,
    **WHAT_KEY_MESSAGE,
    note=says(TEXT, "note", "Ours, shown below the message."),
    **SINCE_THEN,
    **ASKED,
    **PLACED,
    findings=first(FINDING_LINK, lambda message: message.findings.published()),
    implications=first(LINK, lambda message: message.implications.published()),
    **WORDING,
    **TAIL,
)

# Sources

WHAT_SOURCE = {
    "csl_type": says(values(CslType), "csl_type", "A type of CSL."),
    "study_design": says(STUDY_DESIGN, "study_design", "The kind of study."),
    "kind_label": says(TEXT, "kind_label", "Both in words."),
    "short_citation": TEXT,
    "reference": says(TEXT, "reference_text", "In Harvard style."),
    "issued": says(TEXT, "issued", "As much as is known: 2003, 2003-05 or 2003-05-12."),
    "issued_is_approximate": YES_OR_NO,
    "doi": TEXT,
    "work_url": says(TEXT, lambda source, site: work_url(source), "Where the work is, if that is known."),
    "summary": says(TEXT, "summary", "What it is, and how reviews use it."),
    "retraction_notice": says(TEXT, "retraction_notice", "Tell it with the work. Empty if it was not retracted."),
    "cautions": CAUTIONS,
    "tags": TAGS,
}
SOURCE_IN_LIST = Shape("SourceInList", "A cited work, in short.", **HEAD, **WHAT_SOURCE)
CITED_IN = Shape("CitedIn", "A finding that cites the work, and how.", **LOCATOR, finding=one(FINDING_LINK, "finding"))
RESTING_REVIEW = Shape(
    "RestingReview",
    "A review that summarises the work, or takes its framework or background from it.",
    review=one(LINK, "review"),
    role=values(ReviewSource.Role),
    number=says(or_null(NUMBER), "number", "The review’s note number."),
)
DEAD_LINK = Shape(
    "DeadLink",
    "An address of the work that did not work when it was last looked at.",
    part=values(Part),
    checked_on=says(DATE, lambda check, site: check.checked_at.date().isoformat()),
    last_worked_on=day("last_good_on"),
)
SOURCE = Shape(
    "Source",
    "A cited work, whole.",
    **HEAD,
    **WHAT_SOURCE,
    title_italics=says(TEXT, "title_italics", "The words of the title that are in italics, separated by semicolons."),
    design_note=TEXT,
    contributors=several(PERSON, lambda source: source.contributors.all()),
    container_title=says(TEXT, "container_title", "The journal or book that it is part of."),
    volume=TEXT,
    issue=TEXT,
    pages=TEXT,
    edition=TEXT,
    publisher=TEXT,
    place=TEXT,
    series=TEXT,
    isbn=TEXT,
    issn=TEXT,
    eissn=TEXT,
    cited_url=says(TEXT, lambda source, site: source.url, "The address with which it was cited."),
    accessed_on=day("accessed_on"),
    abstract=says(TEXT, "abstract", "By its authors or publisher, whose work it is."),
    as_cited=says(TEXT, "as_cited", "The reference as the review prints it, letter by letter."),
    country=says(TEXT, "country", "Where the study was done; empty if it is not known."),
    checked=says(TEXT, "checked", "Facts that were compared with the work or its catalogue record."),
    unchecked=says(TEXT, "unchecked", "Facts that stand as a list of references has them."),
    note=says(TEXT, "note", "What a reader of the record should know."),
    provenance=says(
        TEXT,
        lambda source, site: provenance.lines(Review.objects.citing(source).with_provenance()),
        "Whose words the findings are that cite it and from when, a line for each review.",
    ),
    retracted_on=day("retracted_on"),
    retraction_reason=TEXT,
    retraction_url=TEXT,
    newer_edition=one(LINK, lambda s: s.newer_edition if s.newer_edition and s.newer_edition.is_public else None),
    newer_edition_note=TEXT,
    cited_in=first(
        CITED_IN,
        lambda source: source.citations.of_published_findings().with_findings(),
        lambda source, site: site.listing("findings", source=source.slug),
    ),
    reviews=several(RESTING_REVIEW, lambda source: source.review_sources.of_published_reviews()),
    dead_links=several(DEAD_LINK, lambda source: source.link_checks.dead()),
    **TAIL,
)

# Tags

TAG_COUNTS = {f"{name}_count": NUMBER for name in ["finding", "implication", "source"]}
TAG_IN_LIST = Shape("TagInList", "A tag, and how many public entries have it.", **TAG_LINK.fields, **TAG_COUNTS)


def tagged(shape, model):
    name = COLLECTIONS[model]
    return first(
        shape,
        lambda tag: model.objects.published().tagged(tag),
        lambda tag, site: site.listing(name, tag=tag.slug),
    )


TAG = Shape(
    "Tag",
    "A tag, and what has it.",
    **TAG_LINK.fields,
    **TAG_COUNTS,
    provenance=says(
        TEXT,
        lambda tag, site: provenance.lines(Review.objects.tagged(tag).with_provenance()),
        "Whose words the findings and practice points are and from when, a line for each review.",
    ),
    findings=tagged(FINDING_LINK, Finding),
    implications=tagged(LINK, PracticeImplication),
    sources=tagged(LINK, Source),
)

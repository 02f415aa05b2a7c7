"""What of each kind of entry is searched, and in which field. Only public entries have one."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch, Q

from curation.entries import Status
from findings.choices import Stance
from findings.models import SOURCE_MARK, Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from sources.models import Source


@dataclass(frozen=True)
class Document:
    """An entry as plain text by field, and the values by which it can be filtered."""

    kind: str
    object_id: int
    code: str
    heading: str
    summary: str = ""
    labels: str = ""
    questions: str = ""
    body: str = ""
    names: tuple = ()
    facets: dict = field(default_factory=dict)
    date: date = None


def _text(*parts):
    return "\n".join(filter(None, parts))


def _tags(entry):
    return sorted(entry.tags.all(), key=lambda tag: tag.name)


def since(entry):
    """What has happened since, without the codes of its sources."""
    return SOURCE_MARK.sub("", entry.since_then)


def _asked(entry):
    return _text(entry.questions_answered, entry.also_asked_as)


def _cited(source):
    return _text(source.short_citation, source.doi)


def finding_document(finding):
    citations = finding.citations.all()
    points = finding.implications.all()
    tags = _tags(finding)
    return Document(
        "finding",
        finding.pk,
        finding.code,
        finding.heading,
        finding.bottom_line,
        _text(
            finding.code,
            *(tag.name for tag in tags),
            finding.theme.name,
            Stance(finding.stance).words.asked_as,
            *(_cited(citation.source) for citation in citations),
        ),
        _asked(finding),
        _text(
            finding.body,
            *(citation.source.title for citation in citations),
            finding.not_known,
            since(finding),
        ),
        facets={
            "theme": {finding.theme.code},
            "stance": {finding.stance},
            "element": {point.element for point in points},
            "tag": {tag.slug for tag in tags},
            "source": {citation.source.code for citation in citations},
            "review": {finding.review.code},
        },
        date=finding.wording_changed_on or finding.published_on,
    )


def implication_document(point):
    findings = point.findings.all()
    tags = _tags(point)
    return Document(
        "implication",
        point.pk,
        point.code,
        point.heading,
        point.summary,
        _text(point.code, *(tag.name for tag in tags), point.get_element_display(), "practice point: what to do"),
        _asked(point),
        _text(point.body, point.questions, since(point)),
        facets={
            "theme": {finding.theme.code for finding in findings},
            "element": {point.element},
            "tag": {tag.slug for tag in tags},
            "review": {point.review.code},
        },
        date=point.wording_changed_on or point.published_on,
    )


def key_message_document(message):
    return Document(
        "key-message",
        message.pk,
        message.code,
        message.heading,
        labels=_text(message.code, "key message"),
        questions=_asked(message),
        body=_text(message.body, message.note, since(message)),
        facets={
            "theme": {finding.theme.code for finding in message.findings.all()},
            "review": {message.review.code},
        },
        date=message.wording_changed_on or message.published_on,
    )


def theme_document(theme):
    return Document(
        "theme",
        theme.pk,
        theme.code,
        theme.name,
        theme.summary,
        theme.code,
        _asked(theme),
        since(theme),
        facets={"theme": {theme.code}},
        date=theme.published_on,
    )


def review_document(review):
    return Document(
        "review",
        review.pk,
        review.code,
        review.title,
        review.summary,
        _text(review.code, review.series, *map(str, review.contributors.all()), review.publisher),
        body=_text(review.method, review.bear_in_mind, since(review)),
        names=(review.series,),
        facets={"review": {review.code}},
        date=review.published_on,
    )


def source_document(source):
    tags = _tags(source)
    people = " ".join(f"{person.given} {person.family} {person.literal}" for person in source.contributors.all())
    findings = source.findings.all()
    return Document(
        "source",
        source.pk,
        source.code,
        source.title,
        source.summary,
        _text(
            source.code,
            source.short_citation,
            people,
            source.doi,
            source.isbn,
            source.kind_label,
            source.design_note,
            source.container_title,
            source.publisher,
            *(tag.name for tag in tags),
        ),
        body=_text(source.abstract, source.as_cited, source.series, source.place),
        names=(
            source.title.partition(":")[0],
            source.short_citation,
            " ".join(person.family or person.literal for person in source.contributors.all()),
            source.doi,
            source.isbn,
            source.issn,
            source.eissn,
        ),
        facets={
            "source": {source.code},
            "tag": {tag.slug for tag in tags},
            "theme": {finding.theme.code for finding in findings},
            "review": {finding.review.code for finding in findings}
            | {link.review.code for link in source.review_sources.all()},
        },
        date=source.published_on,
    )


def term_document(term):
    return Document(
        "term",
        term.pk,
        "",
        term.preferred_label,
        term.definition,
        _text(*(label.label for label in term.labels.all())),
        body=_text(*(f"{note.profession}: {note.text}" for note in term.notes.all())),
        names=tuple(label.label for label in term.labels.all()),
        date=term.published_on,
    )


@dataclass(frozen=True)
class Kind:
    """A kind of entry that is searched: how readers call it, how one is described, and the QuerySet of those that are
    public, loaded with all that a document says of each."""

    name: str
    label: str
    model: type
    describe: object
    loaded: object
    also: Q = field(default_factory=Q)

    def public(self):
        return self.model.objects.filter(self.also, status=Status.PUBLISHED)

    def public_of(self, ids):
        """Those of `ids` that are public, loaded."""
        return list(self.loaded().filter(pk__in=ids))


def _findings():
    points = Prefetch("implications", PracticeImplication.objects.published())
    return Finding.objects.published().whole().prefetch_related("tags", points)


def _implications():
    points = PracticeImplication.objects.published().with_findings()
    return points.select_related("review").prefetch_related("tags")


def _key_messages():
    findings = Finding.objects.published().select_related("theme")
    return KeyMessage.objects.of_published_reviews().prefetch_related(Prefetch("findings", findings))


def _sources():
    # A source may be cited thousands of times: no more is read of each finding than its document speaks of.
    findings = Finding.objects.published().only("theme", "review").prefetch_related("theme", "review")
    sources = Source.objects.published().with_records()
    return sources.prefetch_related(Prefetch("findings", findings), "review_sources__review")


def _reviews():
    return Review.objects.published().prefetch_related("contributors")


def _terms():
    return Term.objects.published().prefetch_related("labels", "notes")


KINDS = {
    kind.name: kind
    for kind in [
        Kind("finding", "Findings", Finding, finding_document, _findings),
        Kind(
            "implication",
            "Practice points",
            PracticeImplication,
            implication_document,
            _implications,
        ),
        Kind(
            "key-message",
            "Key messages",
            KeyMessage,
            key_message_document,
            _key_messages,
            Q(review__status=Status.PUBLISHED),
        ),
        Kind("theme", "Themes", Theme, theme_document, Theme.objects.published),
        Kind("source", "Sources", Source, source_document, _sources),
        Kind("term", "Glossary", Term, term_document, _terms),
        Kind("review", "Reviews", Review, review_document, _reviews),
    ]
}
KIND_OF_MODEL = {kind.model: kind.name for kind in KINDS.values()}

"""The checks, with what the desk knows: the passages of an entry, the names of the works it cites, what was kept."""

import hashlib
import json

from django.contrib.contenttypes.models import ContentType

from curation import history
from findings.extraction import checks
from findings.extraction.models import KeptRemark, Passage
from findings.models import Finding, KeyMessage, PracticeImplication, Term, Theme

# The fields of a kind that say what the review says: the one that stands alone first.
WORDED = {
    Finding: ("heading", "bottom_line", "body"),
    KeyMessage: ("heading", "body"),
    PracticeImplication: ("heading", "summary", "body"),
    Theme: ("name", "summary"),
    Term: ("preferred_label", "definition"),
}


def remarks_on(passages, heading, texts, review=None, sources=()):
    """The remarks of `checks` on a wording, with the names that it may have."""
    names = [f"{source.short_citation} {source.year} {source.title}" for source in sources]
    if review:
        names += [review.title, review.series, review.publisher]
    return checks.remarks(passages, heading, texts, names)


def remarks_of(entry, passages):
    """Those on an entry as it is, given its passages."""
    heading, *texts = [getattr(entry, name) for name in WORDED[type(entry)]]
    sources = [citation.source for citation in entry.citations.all()] if isinstance(entry, Finding) else []
    wordings = [passage.wording for passage in passages]
    return remarks_on(wordings, heading, texts, getattr(entry, "review", None), sources)


def kept_of(entry):
    """Key -> KeptRemark of an entry."""
    kind = ContentType.objects.get_for_model(entry)
    return {kept.key: kept for kept in KeptRemark.objects.filter(content_type=kind, object_id=entry.pk)}


def digest_of(entry, passages):
    """What a second reader reads, as a digest: another one means that something was changed since."""
    state = history.without_besides(history.state_of(entry))
    read = [state, [[passage.sentence.wording, passage.start, passage.end] for passage in passages]]
    return hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()


def passages_of(entry):
    return list(Passage.objects.of(entry))

"""The checks, with what the desk knows: the passages of an entry, the names of the works it cites, what was kept."""

import hashlib
import json

from django.contrib.contenttypes.models import ContentType

from curation import history
from findings.extraction import checks
from findings.extraction.models import KeptRemark
from findings.models import Finding, KeyMessage, PracticeImplication, Term, Theme

# The fields of a kind that say what the review says: the one that stands alone first.
WORDED = {
    Finding: ("heading", "bottom_line", "body"),
    KeyMessage: ("heading", "body"),
    PracticeImplication: ("heading", "summary", "body"),
    Theme: ("name", "summary"),
    Term: ("preferred_label", "definition"),
}

# Their headings make a claim; those of others name a matter.
CLAIMS = (Finding, KeyMessage)


def remarks_on(passages, heading, texts, review=None, sources=()):
    """The remarks of `checks` on a wording, with the names that it may have."""
    names = [f"{source.short_citation} {source.year} {source.title}" for source in sources]
    if review:
        names += [review.title, review.series, review.publisher]
    return checks.remarks(passages, heading, texts, names)


def remarks_of(entry, passages):
    """Those on an entry as it is, given its passages."""
    heading, *texts = [getattr(entry, name) for name in WORDED[type(entry)]]
    if not isinstance(entry, CLAIMS):
        heading, texts = "", [heading, *texts]
    sources = [citation.source for citation in entry.citations.all()] if isinstance(entry, Finding) else []
    wordings = [passage.wording for passage in passages]
    return remarks_on(wordings, heading, texts, getattr(entry, "review", None), sources)


def kept_of(model, ids):
    """Id -> key -> KeptRemark of the entries of `model` with these ids."""
    kind, found = ContentType.objects.get_for_model(model), {}
    for kept in KeptRemark.objects.filter(content_type=kind, object_id__in=ids).select_related("by"):
        found.setdefault(kept.object_id, {})[kept.key] = kept
    return found


def digest_of(state, passages):
    """What a second reader reads, as a digest: another one means that something was changed since."""
    read = [history.without_besides(state), [[one.sentence.wording, one.start, one.end] for one in passages]]
    return hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()

"""What to offer while a reader types: words of the glossary, themes, and findings and points by their headings."""

from django.urls import reverse
from django.utils.http import urlencode

from findings.models import Term, TermLabel
from joinedup.search import analysis
from joinedup.search.backends import backend
from joinedup.search.backends.base import HEADING, facet_token
from joinedup.search.documents import KINDS
from joinedup.search.models import IndexEntry, Stem, Word

MOST = 8
KINDS_OFFERED = ["theme", "finding", "implication", "key-message", "source"]


def suggest(typed):
    """Up to `MOST` suggestions for what was typed so far: dictionaries with text, url and kind."""
    typed = " ".join(typed.replace("\0", " ").split())[:100]
    if len(typed) < 2:
        return []
    offered = {}
    for text in _labels(typed):
        url = f"{reverse('search')}?{urlencode({'q': text})}"
        offered.setdefault(text.casefold(), {"text": text, "url": url, "kind": "term"})
    with backend().time_limit():
        for kind, entry in _entries(typed):
            if len(offered) >= MOST and kind != "theme":
                break
            text = str(entry)
            key = text.casefold()
            if key not in offered or kind == "theme":
                offered[key] = {"text": text, "url": entry.get_absolute_url(), "kind": kind}
    return list(offered.values())[:MOST]


def _labels(typed):
    preferred = Term.objects.published().filter(preferred_label__istartswith=typed)
    others = TermLabel.objects.exclude(kind=TermLabel.Kind.SPELLING)
    others = others.filter(label__istartswith=typed, term__in=Term.objects.published())
    labels = [*preferred.values_list("preferred_label", flat=True)[:3], *others.values_list("label", flat=True)[:3]]
    return sorted(labels, key=lambda label: (len(label), label))[:3]


def _entries(typed):
    *whole, last = analysis.fold(typed).split()
    wanted = [
        ("all", [HEADING + token for word in analysis.words(piece) for token in word.canonical]) for piece in whole
    ]
    begun = _stems_beginning(last)
    if not begun:
        return
    wanted = [group for group in wanted if group[1]]
    kinds = ("any", [facet_token(f"kind={kind}") for kind in KINDS_OFFERED])
    expression = ("all", [*wanted, ("any", [HEADING + stem for stem in begun]), kinds])
    rows = IndexEntry.objects.filter(pk__in=backend().matching(expression, 50)).values_list("kind", "object_id")
    by_kind = {}
    for kind, object_id in rows:
        by_kind.setdefault(kind, []).append(object_id)
    for kind in KINDS_OFFERED:
        if kind in by_kind:
            entries = KINDS[kind].public().filter(pk__in=by_kind[kind]).order_by("number")
            # As many again as are offered: some may be called the same.
            for entry in (entries.select_related("review") if kind == "key-message" else entries)[: 2 * MOST]:
                yield kind, entry


def _stems_beginning(text, most=20):
    """The commonest stems of words that begin with `text`: a range of the word table."""
    bare = "".join(c for c in text if c.isalnum())
    if not bare:
        return []
    stems = set(Word.objects.filter(word__gte=bare, word__lt=bare + "\U0010ffff").values_list("stem", flat=True)[:200])
    held = Stem.objects.filter(stem__in=stems, entries__gt=0).order_by("-entries", "stem")
    return list(held.values_list("stem", flat=True)[:most])

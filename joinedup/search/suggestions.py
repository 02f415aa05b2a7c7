"""What to offer while a reader types: words of the glossary, themes, and findings and points by their headings."""

from django.urls import reverse
from django.utils.http import urlencode

from findings.models import Term, TermLabel
from joinedup.search.documents import KINDS
from joinedup.search.engine import headings_begun

MOST = 8
LOOKED_AT = 50
KINDS_OFFERED = ["theme", "finding", "implication", "key-message", "source"]


def suggest(typed):
    """Up to `MOST` suggestions for what was typed so far: dictionaries with text, url and kind. Raises
    `index.NotReady`."""
    typed = " ".join(typed.replace("\0", " ").split())[:100]
    if len(typed) < 2:
        return []
    offered = {}
    for text in _labels(typed):
        url = f"{reverse('search')}?{urlencode({'q': text})}"
        offered.setdefault(text.casefold(), {"text": text, "url": url, "kind": "term"})
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
    """Kind and entry of what has the words that were typed in its heading, the last one begun only."""
    by_kind = {}
    for kind, pk in headings_begun(typed, KINDS_OFFERED)[:LOOKED_AT]:
        by_kind.setdefault(kind, []).append(pk)
    for kind in KINDS_OFFERED:
        if kind in by_kind:
            entries = KINDS[kind].public().filter(pk__in=by_kind[kind]).order_by("number")
            # As many again as are offered: some may be called the same.
            for entry in (entries.select_related("review") if kind == "key-message" else entries)[: 2 * MOST]:
                yield kind, entry

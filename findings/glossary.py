"""Terms explained where they occur: the first use on a page opens the definition."""

import re
from dataclasses import dataclass
from functools import lru_cache

from django.utils.safestring import SafeString

from findings.models import Term
from sources.markup import escaped
from sources.routes import path

REFERENCE_MARK = r"\[(?P<reference>[1-9]\d?)\]"


@dataclass(frozen=True)
class Explained:
    """A term as running text explains it."""

    slug: str
    label: str
    definition: str

    def __str__(self):
        return self.label

    def get_absolute_url(self):
        return f"{path('glossary')}#{self.slug}"


class Glossary:
    """The published terms that are explained in text, and which of them a page has used so far.

    `by_label` has the terms by each way to spell them, `pattern` finds them in small letters; `used` grows as `prose`
    meets them, so that print can end with their list.
    """

    def __init__(self, by_label, pattern):
        self.by_label = by_label
        self.pattern = pattern
        self.used = []

    @classmethod
    def load(cls):
        """Read for each page, so that it is never stale, and prepared when it has changed."""
        terms = Term.objects.published().explained_in_text()
        return cls(*_by_label(tuple(terms.values_list("slug", "preferred_label", "definition", "spelling"))))

    def prose(self, text, references=()):
        """`text` as safe HTML paragraphs, with terms explained and ``[1]`` linked to the citation of that number.

        `references` are the numbers that stand in the page's list of sources; another number stays as typed.
        """
        paragraphs = re.split(r"\n\s*\n", text.strip().replace("\r\n", "\n"))
        return SafeString("\n".join(f"<p>{self._inline(paragraph, set(references))}</p>" for paragraph in paragraphs))

    def _inline(self, text, references):
        pieces, end = [], 0
        for match in self.pattern.finditer(_in_small_letters(text)):
            html = self._linked(match, text, references)
            if html:
                pieces += [escaped(text[end : match.start()]), html]
                end = match.end()
        pieces.append(escaped(text[end:]))
        return "".join(pieces)

    def _linked(self, match, text, references):
        # Each page has some: `format_html` would take three times as long.
        if match["reference"]:
            number = int(match["reference"])
            if number in references:
                return f'<span class="ref"><a href="#cite-{number}" aria-label="Source {number}">{number}</a></span>'
            return None
        term = self.by_label.get(re.sub(r"\s+", " ", match["term"]).casefold())
        if term is None or term in self.used:
            return None
        self.used.append(term)
        slug, label, word = escaped(term.slug), escaped(term.label), escaped(text[match.start() : match.end()])
        return (
            f'<button class="term" type="button" popovertarget="term-{slug}">{word}</button>'
            f'<span class="term-pop" id="term-{slug}" popover role="note" aria-label="{label}"><b>{label}</b> '
            f'<span>{escaped(term.definition)}</span> <a href="{escaped(term.get_absolute_url())}">{label} in the '
            "glossary</a></span>"
        )


@lru_cache(maxsize=2)
def _by_label(rows):
    """The terms by each way to spell them, and the pattern that finds one, or a reference."""
    by_label = {}
    for slug, preferred, definition, spelling in rows:
        term = Explained(slug, preferred, definition)
        by_label[preferred.casefold()] = term
        if spelling:
            by_label[spelling.casefold()] = term
    labels = sorted(by_label, key=len, reverse=True)
    words = "|".join(re.escape(label).replace("\\ ", r"\s+") for label in labels) or r"(?!)"
    return by_label, re.compile(rf"{REFERENCE_MARK}|(?<![\w-])(?P<term>{words})(?![\w-])")


def _in_small_letters(text):
    """`text`, each character in its place: without regard to case to search it takes three times as long."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(one.lower()[0] for one in text)

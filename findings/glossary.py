"""Terms explained where they occur: the first use on a page opens the definition."""

import re
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html, format_html_join

from curation.routes import path
from findings.models import Term

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
        return format_html_join("\n", "<p>{}</p>", ((self._inline(one, set(references)),) for one in paragraphs))

    def _inline(self, text, references):
        pieces, end = [], 0
        for match in self.pattern.finditer(_in_small_letters(text)):
            html = self._linked(match, text, references)
            if html:
                pieces += [text[end : match.start()], html]
                end = match.end()
        pieces.append(text[end:])
        return format_html_join("", "{}", ((piece,) for piece in pieces))

    def _linked(self, match, text, references):
        if match["reference"]:
            number = int(match["reference"])
            if number in references:
                return format_html(
                    '<span class="ref"><a href="#cite-{0}" aria-label="Source {0}">{0}</a></span>', number
                )
            return None
        term = self.by_label.get(re.sub(r"\s+", " ", match["term"]).casefold())
        if term is None or term in self.used:
            return None
        self.used.append(term)
        return format_html(
            '<button class="term" type="button" popovertarget="term-{slug}">{word}</button>'
            '<span class="term-pop" id="term-{slug}" popover role="note" aria-label="{label}"><b>{label}</b> '
            '<span>{definition}</span> <a href="{address}">{label} in the glossary</a></span>',
            slug=term.slug,
            word=text[match.start() : match.end()],
            label=term.label,
            definition=term.definition,
            address=term.get_absolute_url(),
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

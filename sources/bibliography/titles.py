"""Titles of works in sentence case, and titles of journals in short.

Harvard and Vancouver want titles in sentence case, APA too, with a capital after the colon. A title on record in title
case is told by its capitals: three or more words have one where only a name would, and no word of weight is without.
Only then are capitals taken away. Words that are known for names keep theirs, and so do words with a capital inside
(NHS, McDonald) or a digit. Of other names nothing tells, and so “Reflections on Victoria Climbié and Peter Connelly”
would lose its capitals: docs/references.md says what to do.
"""

import re
from collections.abc import Iterable, Iterator

from sources.bibliography.markup import without_tags

SMALL = frozenset(
    """
    a about after against among an and around as at before between but by during for from in into nor of off on onto
    or out over per since so than that the through till to toward towards under until up upon versus via vs when
    while with within without
    """.split()
)
OPENING = SMALL | frozenset("how what where which who whose why is are do does can".split())
NAMES = frozenset(
    """
    africa african america american asia asian australia australian belfast birmingham bristol britain british
    canada canadian cardiff christian denmark dutch edinburgh england english europe european finland france french
    german germany glasgow greek i india indian ireland irish islamic italian italy japan japanese jewish leeds
    liverpool london manchester muslim netherlands northern norway scandinavia scotland scottish sheffield spain
    spanish sweden swedish ulster united kingdom states wales welsh yorkshire zealand
    """.split()
)
PARTS = re.compile(r"([:?!]['’”\"]?\s+|\s*—\s*|\s+–\s+)")
WORDS = re.compile(r"(?<![\w'’])[^\W\d_](?:[\w'’]*\w)?")
ENOUGH = 3


def sentence_case(title: str, capital_after_colon: bool = False) -> str:
    """`title` with the capitals of a sentence; `capital_after_colon` as in APA."""
    pieces = PARTS.split(title)
    parts, marks = pieces[::2], ["", *pieces[1::2]]
    weighty = [_weighty(part) for part in parts]
    all_in_title_case = _in_title_case([word for words in weighty for word in words])
    found = ""
    for place, (mark, part, words) in enumerate(zip(marks, parts, weighty, strict=True)):
        opens_sentence = place == 0 or mark.strip()[:1] in ("?", "!")
        if all_in_title_case or _in_title_case(words):
            part = _lowered(part, keep_first=opens_sentence)
        elif not opens_sentence and (first := WORDS.search(part)) and first[0].casefold() in OPENING:
            part = _lowered(part[: first.end()], keep_first=False) + part[first.end() :]
        if capital_after_colon and place:
            part = _with_a_capital(part)
        found += mark + part
    return found


# Abbreviations that keep their full stop at the end of a title.
STOPPED = frozenset("al bros co cf corp ed eds etc inc jr ltd no nos prof rev sr st vol vols vs".split())


def unstopped(title: str) -> str:
    """`title` without a full stop at its end, which styles set themselves, nor a mark that leads to what follows it.

    That of an abbreviation such as “U.K.” or “Ltd.” stays.
    """
    title = re.sub(r"\s+[/:;,=]$", "", title.rstrip())
    last = title.rsplit(maxsplit=1)[-1:]
    if not last or not last[0].endswith(".") or last[0].count(".") > 1 or last[0][:-1].casefold() in STOPPED:
        return title
    return title[:-1].rstrip() or title


def with_subtitle(title: str, subtitle: str) -> str:
    """Title and subtitle as one title; nothing is added that the title says already."""
    title, subtitle = unstopped(title.strip()), subtitle.strip()
    bare, added = without_tags(title), without_tags(subtitle)
    if not subtitle or added.casefold() in bare.casefold():
        return title
    return f"{title}{' ' if bare.endswith(('?', '!', ':')) else ': '}{subtitle}" if title else subtitle


# A title is plain text, and what stands in italics in it (the title of another work, a case, a species) is kept beside
# it: the words, separated by semicolons. So no page has to strip a title of its marks.


def split_italics(words: str) -> list[str]:
    return [found for part in words.split(";") if (found := part.strip())]


def join_italics(words: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(found for part in words for found in split_italics(part)))


def italic_parts(title: str, words: str, typeset: str = "") -> Iterator[tuple[str, bool]]:
    """`title`, or what it became letter for letter when it was `typeset`, in parts, each with whether it is in italics.

    `words` are in italics where they stand as words of their own or, if they nowhere do, within others.
    """
    shown, done = typeset or title, 0
    for start, end in _spans(title, words):
        yield shown[done:start], False
        yield shown[start:end], True
        done = end
    yield shown[done:], False


def _spans(title: str, words: str) -> list[tuple[int, int]]:
    """Where `words` stand in `title`, as (start, end) in order, none within or beside another."""
    spans: list[tuple[int, int]] = []
    for found in split_italics(words):
        pattern = re.escape(found)
        places = re.finditer(rf"(?<!\w){pattern}(?!\w)", title)
        spans += [match.span() for match in places] or [match.span() for match in re.finditer(pattern, title)]
    apart: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if apart and start <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(apart[-1][1], end)
        else:
            apart.append((start, end))
    return apart


def not_in(title: str, words: str) -> list[str]:
    """Those of `words` that do not stand in `title`."""
    return [found for found in split_italics(words) if found not in title]


def _weighty(part: str) -> list[str]:
    """The words of which sentence case and title case differ: neither first, nor small, nor behind a hyphen, nor such
    as would keep a capital anyway."""
    words = list(WORDS.finditer(part))[1:]
    return [
        match[0]
        for match in words
        if part[match.start() - 1] != "-" and match[0].casefold() not in SMALL | NAMES and _is_plain(match[0])
    ]


def _is_plain(word: str) -> bool:
    """A word without capitals and digits but for its first letter."""
    return word[1:] == word[1:].lower() and not any(char.isdigit() for char in word)


def _in_title_case(words: list[str]) -> bool:
    return len(words) >= ENOUGH and all(word[0].isupper() for word in words)


def _lowered(part: str, keep_first: bool) -> str:
    first = WORDS.search(part)
    start = first and first.start()

    def lowered(match: re.Match[str]) -> str:
        word = match[0]
        is_kept = not _is_plain(word) or word.casefold() in NAMES or (keep_first and match.start() == start)
        return word if is_kept else word.lower()

    return WORDS.sub(lowered, part)


def _with_a_capital(part: str) -> str:
    """`part` with its first word in a capital, unless a digit comes before it or it has capitals of its own."""
    match = re.match(r"[^\w]*([^\W\d_][\w'’]*)", part)
    if not match or match[1] != match[1].lower():
        return part
    return part[: match.start(1)] + part[match.start(1)].upper() + part[match.start(1) + 1 :]


# As the catalogue of the National Library of Medicine (US) has them. Others stay as they are given.
ABBREVIATIONS = {
    "Archives of Disease in Childhood": "Arch Dis Child",
    "BMC Health Services Research": "BMC Health Serv Res",
    "British Journal of Social Work": "Br J Soc Work",
    "Child Abuse & Neglect": "Child Abuse Negl",
    "Child Abuse Review": "Child Abuse Rev",
    "Child & Family Social Work": "Child Fam Soc Work",
    "Child: Care, Health and Development": "Child Care Health Dev",
    "Children and Youth Services Review": "Child Youth Serv Rev",
    "Cochrane Database of Systematic Reviews": "Cochrane Database Syst Rev",
    "Health & Social Care in the Community": "Health Soc Care Community",
    "Health Expectations": "Health Expect",
    "Implementation Science": "Implement Sci",
    "International Journal of Integrated Care": "Int J Integr Care",
    "Journal of Advanced Nursing": "J Adv Nurs",
    "Journal of Child Psychology and Psychiatry": "J Child Psychol Psychiatry",
    "Journal of Children's Services": "J Child Serv",
    "Journal of Evaluation in Clinical Practice": "J Eval Clin Pract",
    "Journal of Health Services Research & Policy": "J Health Serv Res Policy",
    "Journal of Integrated Care": "J Integr Care",
    "Journal of Interprofessional Care": "J Interprof Care",
    "Journal of Mental Health": "J Ment Health",
    "Journal of Nursing Management": "J Nurs Manag",
    "Lancet": "Lancet",
    "Medical Education": "Med Educ",
    "Research on Social Work Practice": "Res Soc Work Pract",
    "Social Science & Medicine": "Soc Sci Med",
}


def _plain(journal: str) -> str:
    words = re.findall(r"\w+", journal.casefold().replace("&", " and ").replace("'", "").replace("’", ""))
    return " ".join(words[1:] if words[:1] == ["the"] else words)


SHORT = {_plain(journal): short for journal, short in ABBREVIATIONS.items()}


def abbreviated(journal: str) -> str:
    """The title of a journal as Vancouver wants it, if it is one of those that we are sure of."""
    return SHORT.get(_plain(journal), journal)

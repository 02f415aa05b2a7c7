"""A paragraph -> its sentences. Pure."""

import re

from findings.extraction.blocks import SUPERSCRIPTS

# Where one may end: the stop, the quotation marks and brackets that close with it, and note marks.
STOP = re.compile(rf"[.!?…]+[’”'\"»)\]]*(?:[{SUPERSCRIPTS},–]*[{SUPERSCRIPTS}]|\[[0-9, –-]+\])*(?=\s)")
OPENS = re.compile(r"[‘“'\"«(\[*–—-]*\s?([A-ZÀ-ÞŒŠŽ0-9])")
LAST_WORD = re.compile(r"([\w.’'&-]+)[.!?…]+$")
# Never the end of a sentence.
TITLES = frozenset("dr mr mrs ms prof rev st hon sr jr messrs mme vs cf viz approx c ca e.g i.e eg ie a.k.a".split())
# The end of one unless a number, a bracket or a small letter follows.
PARTS = frozenset("no nos vol vols p pp para paras ch chap fig figs sec eq ed eds al etc trans ibid art arts".split())
MONTHS = frozenset("jan feb mar apr jun jul aug sep sept oct nov dec".split())
INITIAL = re.compile(r"(?:[A-Z]\.)*[A-Z]")
STARTERS = re.compile(
    r"[‘“'\"(]?(?:The|This|These|Those|That|It|In|A|An|We|They|He|She|But|And|However|Many|Some|One|There|For|Staff)\b"
)


def split(paragraph: str) -> list[str]:
    """The sentences of a paragraph, without the blanks between them. Joined by blanks they are the paragraph again."""
    found, start = [], 0
    for match in STOP.finditer(paragraph):
        if _ends(paragraph, start, match):
            found.append(paragraph[start : match.end()].strip())
            start = match.end()
    found.append(paragraph[start:].strip())
    return [sentence for sentence in found if sentence]


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    after = text[match.end() : match.end() + 40].lstrip()
    opening = OPENS.match(after)
    if not opening:
        return False
    stop = match[0].rstrip(SUPERSCRIPTS)
    if stop[:1] in "!?" or len(stop.strip("’”'\"»)]")) > 1:  # “…” and “?!”
        return True
    word = LAST_WORD.search(text, max(start, match.start() - 40), match.start() + 1)
    if not word:
        return True
    last = word[1].rstrip(".")
    if last.lower() in TITLES:
        return False
    if last.lower() in PARTS or last.lower() in MONTHS:
        return not (opening[1].isdecimal() or after[:1] in "([") and last.lower() not in MONTHS
    if INITIAL.fullmatch(last) and last != "I":
        return bool(STARTERS.match(after)) and ("." in last or len(text[start : match.start()].split()) > 3)
    # “1. First”: a number at the start of what follows is its own.
    return not (last.isdecimal() and start + len(last) >= match.start())

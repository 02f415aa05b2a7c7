"""Text of a handout -> the entries that it mentions, as it mentions them. Pure: what exists is for `report` to say.

A link to an entry is one wherever it stands. A code in running text is one only as far as its surroundings let it be:
“F1” is a finding here, a racing class elsewhere and a school year in many a handout for teachers.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

MOST_MENTIONS = 500
MOST_IN_AN_ADDRESS = 2000  # characters
NEAR = 60  # characters between a code and the version or date said of it
CONTEXT = 40  # characters before and after a code that can say what it is

KINDS = {
    "R": "reviews?",
    "T": "themes?",
    "K": "(?:key )?messages?",
    "F": "findings?",
    "P": "practice (?:points?|implications?)|implications?",
    "S": "sources?",
}

TOKEN = re.compile(r"[^\s<>\"“”‘’'()\[\]{}|\\^`]+")
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
SCHEME = re.compile(r"https?://", re.I)
HOST = re.compile(r"(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::[0-9]{1,5})?/", re.I)
SHORT = re.compile(
    r"/(?P<code>[RTKFPS][1-9][0-9]{0,8})(?:v(?P<version>[1-9][0-9]{0,3}))?(?:\.(?:ris|bib|json|txt)|/qr\.(?:svg|png)|/)?",
    re.I,
)
PAGE = re.compile(
    r"/(?:(?P<F>findings/[\w-]+)|(?P<T>themes/[\w-]+)|(?P<S>sources/[\w-]+)|(?P<P>practice/[\w-]+/[\w-]+)"
    r"|(?P<R>reviews/[\w-]+)(?:/(?P<code>K[1-9][0-9]{0,8}))?)(?:/versions(?:/(?P<version>[1-9][0-9]{0,3}))?|/embed)?/?"
)
LIST = re.compile(r"/reading-list(?:/|/handout/|\.[a-z]+)|/check/")
PAGES_OF_A_KIND = {"practice/team-check"}

CODE = re.compile(
    r"(?<![\w.@#=&+£$€])(?<![^\W\d_]-)(?P<code>[RTKFPS][1-9][0-9]{0,8})"
    r"(?: ?v\.? ?(?P<version>[1-9][0-9]{0,3}))?(?![\w@%°]|[.,][0-9]|\.[a-z]| ?[0-9](?-i:[A-Z]{2})\b)",
    re.I,
)
BETWEEN = re.compile(r"[\s,;]+")
BETWEEN_CODES = re.compile(rf"(?:[\s{INVISIBLE},;:/&+•–—.-]|\band\b|\bor\b|\bto\b)*", re.I)
JOINED = re.compile(r"\s*(?:,|;|/|&|\+|–|-|and|or|to|, ?and|, ?or)\s*", re.I)
VERSION = re.compile(r"\bv(?:ersion|er\.|\.)\s?(?P<version>[1-9][0-9]{0,3})\b", re.I)
ENDED = re.compile(r"[;\n]|[.!?]\s")

# What a code in running text is if it is none of ours: tax forms; pages and sections of an Act, in small letters.
NEVER_BARE = re.compile(r"P(?:11|45|46|60|85|87)|[ps][0-9]+")
THEN = re.compile(
    r"[\s-]*(?:"
    r"racing|race|races|car|cars|driver|drivers|team’s car|grand|season|circuit"  # Formula One
    r"|key\b|hybrid|visa|student visa"
    r"|diabetes|diabetic|weighted|scan|imaging"
    r"|form|forms|tax"
    r"|doctor|doctors|nursery|class|classes|pupil|pupils|year|stage"  # years of training and of school
    r"|enquir|inquir|assessment|investigation|strategy|duty|duties|accommodat|of the (?:children|education|care)"
    r")",
    re.I,
)
BEFORE = re.compile(
    r"\b(?:press|press the|key|formula|form|section|s\.|type|junction|route|year|primary|postcode"
    r"|pages?|pp?\.|room|floor|seat|table|figure|fig\.)\s*$",
    re.I,
)

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTH = rf"(?P<{{}}>(?:{'|'.join(MONTHS)})[a-z]{{{{0,6}}}})\.?"
DAY = r"(?P<{}>[0-3]?[0-9])(?:st|nd|rd|th)?"
YEAR = r"(?P<{}>(?:19|20)[0-9]{{2}})"
DATE = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(
        [
            r"(?P<y1>(?:19|20)[0-9]{2})-(?P<m1>[01][0-9])-(?P<d1>[0-3][0-9])",
            rf"{DAY.format('d2')} {MONTH.format('m2')},? {YEAR.format('y2')}",
            rf"{MONTH.format('m3')} {DAY.format('d3')},? {YEAR.format('y3')}",
            rf"{YEAR.format('y4')} {MONTH.format('m4')} {DAY.format('d4')}",
            r"(?P<d5>[0-3]?[0-9])[/.](?P<m5>[01]?[0-9])[/.](?P<y5>(?:19|20)[0-9]{2})",
        ]
    )
    + r")(?![\w-])",
    re.I,
)


class Link(NamedTuple):
    """A link on a stretch of a paragraph's text."""

    start: int
    end: int
    address: str


class Paragraph(NamedTuple):
    text: str
    where: str = ""  # “Slide 4”
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Mention:
    """An entry as a paragraph names it: by `code`, or by the `page` (letter, slug) that is or was its address.

    `version` and `day` are what is said of it; `is_exact` if the version is part of the code or the address. It stands
    at `start` to `end` of the text, or is the address `behind` that stretch. `is_sure` unless it could be no code at
    all; `is_ours` if an address is at a host that is ours or at none.
    """

    paragraph: int
    start: int
    end: int
    written: str
    code: str = ""
    page: tuple[str, str] | None = None
    version: int | None = None
    version_at: tuple[int, int] | None = None
    is_exact: bool = False
    day: date | None = None
    is_sure: bool = True
    is_ours: bool = True
    behind: bool = False

    @property
    def names(self):
        return self.code or self.page


def paragraphs_of(text, most=None):
    """The lines of a text that hold something, with the numbers of the lines."""
    lines = ((number, line.strip()) for number, line in enumerate(text.split("\n"), 1))
    return list(islice((Paragraph(line, f"Line {number}") for number, line in lines if line), most))


def mentions_in(paragraphs, site=""):
    """The mentions in each of the `paragraphs`, in order, at most MOST_MENTIONS; `site` is the address of this site.

    Never raises.
    """
    found = []
    for place, paragraph in enumerate(paragraphs):
        here = _in_paragraph(paragraph, place, urlsplit(site), is_all=len(paragraphs) == 1)
        found += _with_versions_and_dates(here, paragraph.text)
        if len(found) >= MOST_MENTIONS:
            return found[:MOST_MENTIONS]
    return found


def codes_in(items, paragraph=0):
    """The mentions in a list such as ``F3v1,F23``: whoever wrote it meant codes. What is none is passed over."""
    return [replace(mention, is_sure=True) for mention in _bare(items, items, paragraph, lambda match: True)]


# Addresses


def _in_paragraph(paragraph, place, site, is_all):
    text = paragraph.text
    found, rest, last = [], [], 0
    for start, end in _addresses(text):
        if len(found) < MOST_MENTIONS:
            found += _at(text[start:end], place, start, end, site)
        rest += [text[last:start], " " * (end - start)]
        last = end
    rest = "".join([*rest, text[last:]])
    written = {(mention.names, mention.version) for mention in found}
    for link in paragraph.links[:MOST_MENTIONS]:
        for mention in _at(link.address, place, link.start, link.end, site):
            if (mention.names, mention.version) not in written:
                written.add((mention.names, mention.version))
                found.append(replace(mention, behind=True))
    found += _bare(text, rest, place, _only_codes(rest, is_all))
    return sorted(found, key=lambda mention: mention.start)[:MOST_MENTIONS]


def _addresses(text):
    """Where addresses stand, ours or not."""
    for token in TOKEN.finditer(text):
        if "/" not in token[0] or len(token[0]) > MOST_IN_AN_ADDRESS:
            continue
        starts = [match.start() for match in SCHEME.finditer(token[0])]
        if not starts:
            lead = re.match(r"[^\w/]*", token[0]).end()
            if token[0].startswith("/", lead) or HOST.match(token[0], lead):
                starts = [lead]
        for start, end in zip(starts, [*starts[1:], len(token[0])], strict=False):
            length = len(token[0][start:end].rstrip(".,;:!?…*_" + INVISIBLE))
            yield token.start() + start, token.start() + start + length


def _at(address, place, start, end, site):
    """What is named by an address: nothing, an entry, or those of a list."""
    whole = address if SCHEME.match(address) or address.startswith("/") else f"https://{address}"
    try:
        parts = urlsplit(whole)
        host = _host(parts.netloc)
    except ValueError:  # such as https://[
        return []
    path, query = unquote(parts.path), parts.query
    is_ours = not host or host == _host(site.netloc)
    if is_ours and site.path and path.startswith(f"{site.path}/"):
        path = path.removeprefix(site.path)
    base = Mention(place, start, end, address, is_ours=is_ours)
    if match := SHORT.fullmatch(path):
        return [_numbered(base, match["code"], match["version"])]
    if LIST.fullmatch(path):
        items = ",".join(parse_qs(query[:MOST_IN_AN_ADDRESS], max_num_fields=50).get("items", []))
        return [
            replace(base, code=mention.code, version=mention.version, is_exact=mention.is_exact)
            for mention in codes_in(items)
        ]
    match = PAGE.fullmatch(path)
    if not match:
        return []
    in_fragment = re.fullmatch(r"K[1-9][0-9]{0,8}", parts.fragment) if match["R"] else None
    if code := match["code"] or (in_fragment and in_fragment[0]):
        return [_numbered(base, code, match["version"])]
    letter = next(letter for letter in "FTSPR" if match[letter])
    if match[letter] in PAGES_OF_A_KIND:
        return []
    named = replace(base, page=(letter, match[letter].partition("/")[2]))
    return [replace(named, version=int(match["version"]), is_exact=True) if match["version"] else named]


def _numbered(mention, code, version):
    named = replace(mention, code=code.upper())
    return replace(named, version=int(version), is_exact=True) if version else named


def _host(netloc):
    return netloc.rpartition("@")[2].partition(":")[0].lower().removeprefix("www.")


# Codes


def _only_codes(text, is_all):
    """Whether a paragraph holds codes and nothing else, as a rule for each of them."""
    codes = len(CODE.findall(text))
    alone = codes > (0 if is_all else 1) and BETWEEN_CODES.fullmatch(CODE.sub(" ", text))
    return lambda match: bool(alone)


def _bare(text, rest, place, is_surely):
    """The codes in `rest`, the text without its addresses."""
    found, last, last_was_called = [], None, False
    for match in CODE.finditer(rest):
        code, version = match["code"], match["version"]
        before, after = rest[max(0, match.start() - CONTEXT) : match.start()], rest[match.end() : match.end() + CONTEXT]
        called = bool(
            re.search(
                rf"(?:\b(?:{KINDS[code[0].upper()]})|\bentr(?:y|ies)|\bcodes?)[\s:]*(?:no\.?|number)?\s*$", before, re.I
            )
            or (last_was_called and last and JOINED.fullmatch(rest[last : match.start()]))
        )
        sure = bool(version) or called or is_surely(match)
        last, last_was_called = match.end(), called
        if not sure and (NEVER_BARE.fullmatch(code) or THEN.match(after) or BEFORE.search(before)):
            continue
        mention = Mention(place, *match.span(), match[0], is_sure=sure)
        found.append(_numbered(mention, code, version))
        if len(found) >= MOST_MENTIONS:
            break
    return found


# Versions and dates


def day_named(text):
    """The day that `text` is the date of, or None."""
    match = DATE.fullmatch(text.strip())
    return _day(match) if match else None


def _with_versions_and_dates(mentions, text):
    """Each mention with the version and the day that the paragraph says of it: those that stand nearest to it."""
    if not mentions:
        return []
    versions, days = {}, {}
    for match in islice(VERSION.finditer(text), MOST_MENTIONS):
        if place := _nearest(match, mentions, text):
            versions.setdefault(place, (int(match["version"]), match.span("version")))
    dates = [(match, day) for match in islice(DATE.finditer(text), MOST_MENTIONS) if (day := _day(match))]
    for match, day in dates:
        spans = {(mention.start, mention.end) for mention in mentions}
        # One date in a paragraph is that of all that it lists.
        places = spans if len(dates) == 1 and len(text) < 20 * NEAR else {_nearest(match, mentions, text)}
        for place in places - {None}:
            days[place] = max(day, days.get(place, day))
    return [_dated(mention, versions, days) for mention in mentions]


def _dated(mention, versions, days):
    place = (mention.start, mention.end)
    version, at = versions.get(place, (None, None))
    if mention.version is None and version:
        is_sure = mention.is_sure or min(abs(at[0] - mention.end), abs(mention.start - at[1])) < NEAR
        mention = replace(mention, version=version, version_at=at, is_sure=is_sure)
    elif mention.version == version:
        mention = replace(mention, version_at=at)
    return replace(mention, day=days.get(place))


def _nearest(match, mentions, text):
    """The span of the mention that `match` is said of: the nearest, if it is near or the only one."""
    distances = []
    for mention in mentions:
        before, after = sorted([match.span(), (mention.start, mention.end)])
        gap = max(after[0] - before[1], 0)
        apart = NEAR / 2 if ENDED.search(text, before[1], before[1] + min(gap, NEAR)) else 0
        distances.append((gap + apart, mention.start >= match.end(), (mention.start, mention.end)))
    distance, _, place = min(distances)
    return place if distance <= NEAR or len({place for *_, place in distances}) == 1 else None


def _day(match):
    """The day that a date names, or None if there is none."""
    for form in "12345":
        if match[f"y{form}"]:
            month = match[f"m{form}"]
            number = int(month) if month.isdecimal() else MONTHS.index(month[:3].lower()) + 1
            try:
                return date(int(match[f"y{form}"]), number, int(match[f"d{form}"]))
            except ValueError:
                return None
    return None

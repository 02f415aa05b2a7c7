"""Titles, names and abstracts as databases export them, with HTML, JATS and signs nobody sees -> plain text."""

import re
import unicodedata
from html import unescape
from html.entities import html5

from curation.text import tidy, tidy_lines

ENTITY = re.compile(r"&(?:amp;)*(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
AMPERSANDS = re.compile(r"&(?:amp;)+", re.I)
BLOCK = "abstract|br|div|h[1-6]|jats:(?:abstract|disp-[a-z-]+|list|list-item|p|sec|title)|li|ol|p|sec|title|ul"
INLINE = (
    "b|bold|em|font|i|inf|inline-formula|italic|jats:[a-z-]{1,20}|mml:[a-z]{1,20}|math|roman|sc|scp|small|span|strike|"
    "strong|sub|sup|tt|u|underline|xref"
)
BLOCKS = re.compile(rf"</?(?:{BLOCK})(?:\s[^<>]{{0,500}})?/?>", re.I)
RAISED = re.compile(r"<(jats:)?sup(?:\s[^<>]{0,500})?>([^<>]{0,40})</(?:jats:)?sup>", re.I)
ITALIC = re.compile(
    r"<((?:jats:)?(?:i|em|italic))(?:\s[^<>]{0,500})?>((?:[^<]|<(?!/?(?:jats:)?(?:i|em|italic)[\s>])){1,1000})</\1>",
    re.I,
)
INLINES = re.compile(rf"</?(?:{INLINE})(?:\s[^<>]{{0,500}})?/?>", re.I)
SUPERSCRIPTS = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")  # soft hyphens, and blanks without width


def unescaped(text: str) -> str:
    """`text` with every entity of HTML as its character, also where an export escaped it twice (``&amp;ndash;``)."""
    if "&" not in text:
        return text
    text = ENTITY.sub(lambda match: _character(match[1], match[0]), text)
    return AMPERSANDS.sub("&", text)


def _character(name: str, whole: str) -> str:
    if name.startswith("#"):
        return unescape(f"&{name};")
    return html5.get(f"{name};") or html5.get(f"{name.lower()};", whole)


def raised(text: str) -> str:
    """`text` as a superscript where Unicode has all of its signs, else as it is: x³, 10⁻³, 1st."""
    bare = text.strip()
    return bare.translate(SUPERSCRIPTS) if re.fullmatch(r"[0-9+\-−=()n]{1,12}", bare) else text


def without_tags(text: str, between_blocks: str = " ") -> str:
    """`text` without the tags of HTML and JATS. Italics and subscripts are plain letters."""
    if "<" not in text:
        return text
    text = RAISED.sub(lambda match: raised(match[2]), text)
    return INLINES.sub("", BLOCKS.sub(between_blocks, text))


def plain(text: str) -> str:
    """What `text` says, on one line, its letters composed (Unicode's NFC) and its unseen signs gone."""
    return tidy(_composed(without_tags(unescaped(text))))


def in_italics(text: str) -> list[str]:
    """What stands in `text` between tags of italics, plain."""
    return [plain(match[2]) for match in ITALIC.finditer(unescaped(text))]


def plain_lines(text: str) -> str:
    """The same for a text of several lines; a paragraph of HTML is one."""
    return tidy_lines(_composed(without_tags(unescaped(text), "\n")))


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", UNSEEN.sub("", text))

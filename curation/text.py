"""Text as people see it, whatever it holds; made tidy, and as JSON."""

import html
import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

# Control characters but tab and line ends, what else breaks a line, halves of characters, and what is no character. No
# more of other planes: a set of these alone is looked through thirty times as fast.
NOT_PRINTABLE = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
_not_printable = re.compile(f"[{NOT_PRINTABLE}]")
_new_line = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_perhaps_not_printable = re.compile(f"[{NOT_PRINTABLE}]|\\\\[bfu]").search

LINE_END = re.compile(r"\r\n|\r|\n")
BLANKS = re.compile(r"[\s\ufeff]+")
ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#[0-9]{1,7}|#x[0-9a-f]{1,6});", re.I)
SURROGATE = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    """`text` with a blank for each character that no file and no page can show: so its words stay apart."""
    return _not_printable.sub(" ", text)


def in_lines(text: str) -> str:
    """The same for a text of several lines: what other programs have for a new line begins one."""
    return printable(_new_line.sub("\n", text))


def printable_in(value: Any) -> Any:
    """The same for every text in a value of JSON."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {name: printable_in(one) for name, one in value.items()}
    return [printable_in(one) for one in value] if isinstance(value, list | tuple) else value


def as_json(value: Any, **options: Any) -> str:
    """A value as JSON, its texts printable; to be sent as UTF-8."""
    text = json.dumps(value, ensure_ascii=False, **options)
    if _perhaps_not_printable(text):  # which few are, and JSON has most of them with a backslash
        return json.dumps(printable_in(value), ensure_ascii=False, **options)
    return text


def is_visible(text: str) -> bool:
    """Whether there is anything in it to see: no more than blanks, marks of direction and the like is nothing."""
    return any(unicodedata.category(char)[0] not in "CZ" for char in text)


def without_accents(text: str) -> str:
    """`text` with bare letters: “Café” -> “Cafe”, and what Unicode holds for compatible with others as those."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def listed(words: Iterable[str]) -> str:
    """Join with commas and a final “and”: ``A``, ``A and B``, ``A, B and C``."""
    words = list(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def tidy(text: str) -> str:
    """`text` on one line, single-spaced, without control characters; safe to store in any database."""
    return BLANKS.sub(" ", printable(SURROGATE.sub("\ufffd", text))).strip()


def tidy_lines(text: str) -> str:
    """As `tidy`, for each line; empty lines go."""
    return "\n".join(filter(None, map(tidy, LINE_END.split(text))))


def unescaped(text: str) -> str:
    """`text` with the entities of HTML that databases leave in their exports (``&amp;``) as characters."""
    return ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def split_keywords(text: str) -> list[str]:
    """The words of a list that has semicolons, or else commas."""
    return re.split(r"[;\n]", text) if re.search(r"[;\n]", text) else text.split(",")


def join_keywords(words: Iterable[str]) -> str:
    """A list that `split_keywords` takes apart again: semicolons where a keyword has a comma."""
    words = [word.replace(";", ",") for word in words]
    if any("," in word for word in words):
        return "; ".join(words) + (";" if len(words) == 1 else "")
    return ", ".join(words)

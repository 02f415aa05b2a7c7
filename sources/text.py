"""Text as people see it. Pure."""

import re
import unicodedata

# Control characters but tab and line ends, what else breaks a line, halves of characters, and what is no character.
_plane_ends = "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
NOT_PRINTABLE = f"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef{_plane_ends}"
_not_printable = re.compile(f"[{NOT_PRINTABLE}]")


def printable(text):
    """`text` with a blank for each character that no file and no page can show: so its words stay apart."""
    return _not_printable.sub(" ", text)


def is_visible(text):
    """Whether there is anything in it to see: no more than blanks, marks of direction and the like is nothing."""
    return any(unicodedata.category(char)[0] not in "CZ" for char in text)

"""A code such as F23 <-> the entry it names."""

import re
import unicodedata

from curation.entries import parse_code
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Theme
from sources.models import Source

KINDS = {model.LETTER: model for model in [Review, Theme, KeyMessage, Finding, PracticeImplication, Source]}
PLAIN = re.compile(
    rf"(?P<code>[{''.join(KINDS)}][1-9][0-9]{{0,8}})(?P<rest>v[1-9][0-9]{{0,3}}|\.(?:ris|bib|json|txt))?", re.IGNORECASE
)
ADDRESS = re.compile(
    r"(?:https?://|localhost|[\w-]+(?:\.[\w-]+)+)[^\s?#]*/(?P<last>[^\s/?#]+)/?(?:[?#]\S*)?", re.IGNORECASE
)
AROUND = re.compile(r"^[\W_]+|[\W_]+$")
FULLWIDTH = {code + 0xFEE0: code for code in range(ord("!"), ord("~") + 1)}
MOST_PASTED = 200  # characters


def as_pasted(text):
    """The match of the code, with a version or the ending of a file behind it, that `text` is but for what comes along
    when people copy: brackets, stops and quotation marks around it, and invisible characters. None without one."""
    if len(text) > MOST_PASTED:
        return None
    shown = "".join(letter for letter in text if unicodedata.category(letter) != "Cf").translate(FULLWIDTH)
    return PLAIN.fullmatch(AROUND.sub("", shown))


def plain_code(text):
    """“F23” for what people paste for it, its address or a version of it too; "" if it is no code."""
    address = ADDRESS.fullmatch(AROUND.sub("", text)) if len(text) <= MOST_PASTED else None
    match = as_pasted(address["last"] if address else text)
    return match["code"].upper() if match else ""


class PastedCode:
    """In an address: a code as people paste it, read as it is written plainly."""

    regex = rf"(?s:.{{2,{MOST_PASTED}}})"

    def to_python(self, value):
        match = as_pasted(value)
        if not match:
            raise ValueError("This is no code.")
        return match["code"].upper() + (match["rest"] or "").lower()

    def to_url(self, value):
        return value


def entry_for(code):
    """The entry with `code`, in either case of the letter, or the one into which it was merged; None without either."""
    try:
        letter, number = parse_code(code)
    except ValueError:
        return None
    entry = KINDS[letter].objects.filter(number=number).first() if letter in KINDS else None
    return entry and entry.leads_to

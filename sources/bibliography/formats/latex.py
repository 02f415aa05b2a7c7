"""Text as BibTeX holds it, with LaTeX's accents, signs and escapes, <-> plain text.

A decoder of our own: pylatexenc's takes seconds on a megabyte and drops what it does not know. Its table of signs is
used.
"""

import re
import unicodedata

from pylatexenc.latex2text import get_default_latex_context_db

from sources.bibliography.markup import raised

ACCENTS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
    "t": "\u0361",
}
SIGNS = {
    "P": "¶",
    "S": "§",
    "copyright": "©",
    "newline": "\n",
    "par": "\n",
    "pounds": "£",
    "textasciicircum": "^",
    "textasciitilde": "~",
    "textasteriskcentered": "*",
    "textbackslash": "\\",
    "textbar": "|",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textgreater": ">",
    "textless": "<",
    "textquotesingle": "'",
    "textunderscore": "_",
}
# Commands that only say how their text looks.
LOOKS = set(
    """
    MakeLowercase MakeUppercase bf bfseries bibstring em emph ensuremath hbox it itshape mathit mathrm mbox mkbibemph
    mkbibitalic normalfont protect relax rm sc scshape sf sl small textbf textit textmd textnormal textrm
    textsc textsf textsl textsubscript texttt textup uline underline uppercase upshape url
    """.split()
)
SPACES = {" ", "\n", "\t", ",", ";", ":"}
NOTHING = {"-", "/", "!", "@", "(", ")"}
PAIRS = {"---": "—", "--": "–", "``": "“", "''": "”", "~": " ", "{": "", "}": ""}

QUOTED = re.compile(r"\\(?:enquote|mkbibquote|textquote)\*?\s{0,5}\{([^{}]*)\}")
LINKED = re.compile(r"\\href\s{0,5}\{([^{}]*)\}\s{0,5}\{([^{}]*)\}")
ITALIC = re.compile(
    r"\\(?:emph|textit|mkbibemph|mkbibitalic)\s{0,5}\{((?:[^{}]|\{[^{}]*\})*)\}"
    r"|\{\\(?:em|it|itshape)(?![A-Za-z])\s{0,5}((?:[^{}]|\{[^{}]*\})*)\}"
)
RAISED = re.compile(r"\\(?:textsuperscript|mkbibsuperscript|sp)\s{0,5}\{([^{}\\]{0,40})\}")
RAISED_IN_MATH = re.compile(r"\^(?:\{([^{}\\]{1,40})\}|([0-9+−-]))")
MARKED = re.compile(r"[\\$~{}`'-]")
TOKEN = re.compile(
    r"""
    \\(?:
        (?P<accent>[`'^"~=.]|[uvHcdbrkt](?![A-Za-z]))\s{0,5}
            (?:\{\s{0,5}(?P<braced>\\?[^\W\d_])?\s{0,5}\}|(?P<bare>\\[ij](?![A-Za-z])|[^\W\d_]))
        |(?P<word>[A-Za-z]+)(?:\{\}|[ \t]{1,5})?
        |(?P<sign>.)
    )
    |\$(?P<math>(?:[^$\\]|\\.){1,200})\$
    |(?P<pair>---?|``|''|[~{}])
    """,
    re.X | re.S,
)

_known = get_default_latex_context_db()


def tagged(text: str) -> str:
    """LaTeX with its italics between tags of HTML, which `decode` leaves as they are."""
    return ITALIC.sub(lambda match: f"<i>{match[1] or match[2] or ''}</i>", text) if "\\" in text else text


def decode(text: str) -> str:
    """LaTeX as plain text. Unknown commands stay as they are; ``\\\\`` is a line break."""
    if "\\" in text:
        text = QUOTED.sub(r"``\1''", LINKED.sub(r"\2 (\1)", text))
        text = RAISED.sub(lambda match: raised(match[1]), text)
    return TOKEN.sub(_decoded, text) if MARKED.search(text) else text


def _decoded(match: re.Match[str]) -> str:
    if match["accent"]:
        letter = (match["braced"] or match["bare"] or "").lstrip("\\")
        return unicodedata.normalize("NFC", letter + ACCENTS[match["accent"]]) if letter else match["accent"]
    if match["word"]:
        is_of_more = match.string[match.end() : match.end() + 1] == "{"
        return _sign(match["word"], match[0] + " " * is_of_more)
    if match["sign"]:
        sign = match["sign"]
        return "\n" if sign == "\\" else " " if sign in SPACES else "" if sign in NOTHING else sign
    if match["math"]:
        inner = match["math"]
        # “$5 and $6” is money that someone forgot to escape.
        if len(inner) > 1 and not re.search(r"[\\^_{}]|^[^\s0-9].*[^\s-]$", inner):
            return match[0]
        inner = RAISED_IN_MATH.sub(lambda part: raised(part[1] or part[2]), inner)
        return re.sub(r"[\^_]", "", decode(inner))
    return PAIRS[match["pair"]]


def _sign(word: str, whole: str) -> str:
    if word in SIGNS:
        return SIGNS[word]
    if word in LOOKS:
        return ""
    for name in (word, word.removeprefix("text")):  # \textalpha is \alpha outside of formulas
        sign = getattr(_known.get_macro_spec(name), "simplify_repl", None)
        if isinstance(sign, str) and sign and "%" not in sign:
            return sign
    return whole


UNKNOWN = re.compile(r"\\[A-Za-z]{2,}")

ESCAPES = {char: f"\\{char}" for char in "{}%&#_$"} | {
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "\n": " \\\\ ",
}
# BibTeX itself counts braces, escaped or not, so those without a partner need their names.
BRACE_NAMES = {"{": "\\textbraceleft{}", "}": "\\textbraceright{}"}


def encode(text: str) -> str:
    """Plain text so that `decode`, and LaTeX, give it back."""
    escapes = ESCAPES if text.count("{") == text.count("}") else ESCAPES | BRACE_NAMES
    text = re.sub(r"(?:(?<=-)(?=-)|(?<=`)(?=`)|(?<=')(?='))", "\0", text)
    return "".join(escapes.get(char, char) for char in text).replace("\0", "{}")


def decode_address(text: str) -> str:
    """A web address or a DOI: in BibLaTeX they stand as they are, in BibTeX with escapes."""
    text = re.sub(r"\\(?:url|nolinkurl|path)\s{0,5}(?=\{)|\{?\\textasciitilde\s{0,5}(?:\{\})?\}?", _address_part, text)
    return re.sub(r"\\([_%#&~{}$])", r"\1", re.sub(r"(?<!\\)[{}]", "", text))


def _address_part(match: re.Match[str]) -> str:
    return "~" if "tilde" in match[0] else ""

"""Text -> the tokens by which it is found. The same for entries and for queries.

Accents and case are folded, British and American spellings meet, words are stemmed (Porter's second English stemmer, as
tantivy has it). A compound is found in every way it is written: ``co-location``, ``colocation`` and ``co location``
all have the token ``coloc``.
"""

import re
import threading
from functools import lru_cache
from typing import NamedTuple

from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from curation.text import without_accents

LONGEST = 40  # characters of a token; nothing longer is a word
REMEMBERED = 10_000  # words: nearly all that texts are made of, while anybody can type as many others
# Inside words and no part of them: accents that are characters of their own, soft hyphens, and what has no width.
UNSEEN = "\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff"
LETTER = rf"[^\W_][{UNSEEN}]*"
WORD = rf"(?:{LETTER})+(?:['’ʼ](?:{LETTER})+)*"
COMPOUND = re.compile(rf"{WORD}(?:[-‐-―]{WORD})*")
HYPHEN = re.compile(r"[-‐-―]")

# Before a hyphen or a space these make one word with the next: multi-agency, multi agency, multiagency.
PREFIXES = frozenset("anti co cross inter intra multi non post pre re semi sub trans".split())

SPELLINGS = [  # to one of the two, whichever disturbs fewer other words
    (re.compile(r"^practis"), "practic"),
    (re.compile(r"(?<=\w{3})iz(e|ed|es|er|ers|ing|ation|ations|ational)$"), r"is\1"),
    (re.compile(r"(?<=\w{3})yz(e|ed|es|ing)$"), r"ys\1"),
    (re.compile(r"(?<=\w{3})our(s|ed|ing|al|ally|able|ful|hood|hoods)?$"), r"or\1"),
    (re.compile(r"(?<=\w{3})ll(ed|ing|or|ors|er|ers)$"), r"l\1"),
    (re.compile(r"^programme"), "program"),
    (re.compile(r"^(cent|lit|met|theat)re"), r"\1er"),
]


class _Stemmer(threading.local):
    """One for each thread: it may be asked by one at a time."""

    def __init__(self):
        self.analyze = TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer("english")).build().analyze


_stemmer = _Stemmer()


def fold(text):
    """Lower case without accents: “Café” -> “cafe”."""
    return without_accents(text.replace("’", "'").replace("ʼ", "'")).casefold()


@lru_cache(maxsize=REMEMBERED)
def stem(word):
    """The token of a folded word."""
    word = re.sub(r"'s?$", "", word).replace("'", "")[:LONGEST]
    for pattern, one_way in SPELLINGS:
        word = pattern.sub(one_way, word)
    return _stemmer.analyze(word)[0] if word else ""


class Word(NamedTuple):
    """A stretch of text that is found as a whole: a word, or a compound with its parts.

    `start` and `end` are its place in the text, `forms` the folded words as written (for spelling), `canonical` the
    tokens that stand for it in a phrase, `extra` those that find it as well.
    """

    start: int
    end: int
    forms: tuple
    canonical: tuple
    extra: tuple = ()

    @property
    def tokens(self):
        return self.canonical + self.extra


@lru_cache(maxsize=REMEMBERED)
def _compound(text):
    """The forms, canonical and extra tokens of one compound."""
    forms = tuple(filter(None, (re.sub(r"[^\w']|_", "", fold(part)) for part in HYPHEN.split(text))))
    return _tokens(forms)


def _tokens(forms):
    parts = tuple(stem(form) for form in forms)
    if len(forms) < 2:
        return forms, parts, ()
    joined = (stem("".join(forms)),)
    # A prefix means nothing by itself.
    return (forms, joined, parts[1:]) if forms[0] in PREFIXES else (forms, parts, joined)


_new = tuple.__new__  # a text has hundreds of words, and a NamedTuple looks at each of its arguments


def each_word(text):
    """Every `Word` of `text` in order, as it is asked for."""
    held, is_prefix = None, False
    for match in COMPOUND.finditer(text):
        forms, canonical, extra = _compound(match.group())
        if not forms:
            continue
        start, end = match.span()
        if is_prefix and not forms[0].isdigit() and text[held.end : start].isspace():
            held = Word(held.start, end, *_tokens(held.forms + forms))
            is_prefix = False
            continue
        if held:
            yield held
        held = _new(Word, (start, end, forms, canonical, extra))
        is_prefix = len(forms) == 1 and forms[0] in PREFIXES
    if held:
        yield held


def words(text):
    """Every `Word` of `text` in order, as a list."""
    return list(each_word(text))


def tokens(text):
    """All tokens of `text`, in no promised order."""
    return [token for word in words(text) for token in word.tokens]

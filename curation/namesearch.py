"""Finding an entry in a list by what stands on the page: its code in any case, and a name however it is written.

A name is looked for by a regular expression, in which a letter stands for itself with any accent and in either case,
and a mark for all that look like it: every database takes it alike. The texts of a row are looked through as one, since
each look costs.
"""

import re
import unicodedata
from collections import defaultdict
from functools import cache

from django.db.models import Case, F, Q, TextField, Value, When
from django.db.models.constants import LOOKUP_SEP
from django.db.models.functions import Concat
from django.db.models.lookups import Regex
from django.utils.text import smart_split, unescape_string_literal

from curation.entries import parse_code

MARKS = ["'’‘ʼ`´′", "-‐‑‒–—−", '"“”„']
LETTERS = [range(0xC0, 0x250), range(0x370, 0x530), range(0x1E00, 0x2000)]  # Latin, Greek and Cyrillic, with accents
ACCENT = "[\u0300-\u036f]*"
WITHOUT_ACCENT = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i"}
LIGATURES = {"ss": "[ßẞ]", "ae": "[æÆ]", "oe": "[œŒ]"}
MOST_WORDS = 20
FEW = 500


def fold(text):
    """Lower case without accents, in one way of writing."""
    return "".join(map(_base, unicodedata.normalize("NFC", text).casefold().replace("æ", "ae").replace("œ", "oe")))


def _base(letter):
    bare = "".join(c for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c))
    return WITHOUT_ACCENT.get(bare, bare) if any(ord(letter) in some for some in LETTERS) else letter


@cache
def _accented():
    """{letter: all that are it with an accent}, in both cases."""
    found = defaultdict(str)
    for letter in map(chr, (number for some in LETTERS for number in some)):
        small = _base(letter).casefold()
        if letter.isalpha() and len(small) == 1 and len(base := _base(small)) == 1:
            found[base] += letter
    return found


def pattern(text):
    """The expression that finds `text`, however its letters and marks are written."""
    return "".join(
        f"(?:{''.join(map(_either, piece))}|{LIGATURES[piece]})" if piece in LIGATURES else _either(piece)
        for piece in re.findall("ss|ae|oe|.", fold(text), re.DOTALL)
    )


def _either(letter):
    for marks in MARKS:
        if letter in marks:
            return f"[{marks}]"
    if letter.isspace():
        return r"\s+"
    if letter.isalpha():
        upper = letter.upper() if len(letter.upper()) == 1 else ""
        return f"[{letter}{upper}{_accented().get(letter, '')}]{ACCENT}"
    return re.escape(letter)


def words(text):
    """The words of what was typed; what stands in quotation marks is one."""
    for word in list(smart_split(text.replace("\0", "")))[:MOST_WORDS]:
        quoted = len(word) > 1 and word[0] in "\"'" and word[0] == word[-1]
        yield unescape_string_literal(word) if quoted else word


def number_of(word, letter):
    """The number in a code of the kind with this letter, or in a bare number; None if it is neither."""
    try:
        found, number = parse_code(word if word[:1].isalpha() else letter + word)
    except ValueError:
        return None
    return number if found == letter else None


def matching(model, text, fields):
    """The condition that each word of `text` stands in one of `fields` of `model`, or is the code of an entry; empty,
    where there are no words. Words may stand in different fields, and in different rows of a relation."""
    letter = getattr(model, "LETTER", "")
    found = Q()
    for word in words(text):
        said = _stands_in(model, fields, pattern(word))
        if letter and (number := number_of(word, letter)):
            said |= Q(number=number)
        found &= said
    return found


def _stands_in(model, fields, expression):
    """The condition that one of `fields`, of a row or of those of a relation, has what the expression finds."""
    texts = defaultdict(list)
    for field in fields:
        texts[field.rpartition(LOOKUP_SEP)[0]].append(field)
    said = Q()
    for relation, some in texts.items():
        has = Regex(_as_one(some), expression)
        said |= Q(pk__in=model._base_manager.filter(has).values("pk")) if relation else Q(has)
    return said


def _as_one(fields):
    """The texts of `fields` with a mark between them that nobody types, so that no phrase goes over it."""
    pieces = [piece for field in fields for piece in (Value("\ue000"), F(field))][1:]
    return Concat(*pieces, output_field=TextField()) if len(fields) > 1 else pieces[0]


class FindsByName:
    """For an admin: its list and its choosers find an entry by its code and by name. `search_fields` are texts."""

    def get_search_results(self, request, queryset, search_term):
        fields = self.get_search_fields(request)
        found = matching(self.model, search_term, fields)
        if not found:
            return queryset, False
        # A list is counted, then shown: what few entries have is looked for once.
        few = list(self.model._base_manager.filter(found).values_list("pk", flat=True)[: FEW + 1])
        queryset = queryset.filter(pk__in=few) if len(few) <= FEW else queryset.filter(found)
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            queryset = self._best_first(queryset, fields, getattr(self.model, "LETTER", ""), search_term)
        return queryset, False

    @staticmethod
    def _best_first(queryset, fields, letter, text):
        """The entry that is called just that, then those whose name begins with it."""
        name = pattern(text.replace("\0", "").strip())
        ranks = [
            When(**{f"{fields[0]}__regex": f"^{name}$"}, then=0),
            When(**{f"{fields[0]}__regex": f"^{name}"}, then=1),
        ]
        if letter and (number := number_of(text.strip(), letter)):
            ranks.insert(0, When(number=number, then=0))
        order = queryset.query.order_by or queryset.model._meta.ordering
        return queryset.order_by(Case(*ranks, default=Value(2)), *order)

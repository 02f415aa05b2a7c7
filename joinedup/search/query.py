"""What a reader typed -> a Query. Nothing that can be typed is an error. Pure: no models, no database."""

import re
from dataclasses import dataclass, field, replace

from joinedup.search.analysis import fold, words
from sources.bibliography.identifiers import normalise_doi, normalise_isbn, normalise_issn

LONGEST_QUERY = 400  # characters
MOST_GROUPS = 24

# Words that say nothing about the subject of a question.
STOP_WORDS = frozenset(
    """a about am an because and any are as at be been being but by can could did do does doing done for from had has
    have how i if in into is it its just know may me might my of on or our ours shall should so some such than that the
    their them then there these they this those to too up us very want was we were what when where which who whom why
    will with would you your really see someone something anyone anything please tell thing things""".split()
)

PIECE = re.compile(r'(?P<minus>[-−]?)"(?P<phrase>[^"]*)"?|(?P<word>\S+)')


@dataclass(frozen=True)
class Alternative:
    """One way to satisfy a group: all of `tokens`, next to each other if `is_phrase`.

    `weight` is 1 for what was typed, less for what was added.
    """

    tokens: tuple
    is_phrase: bool = False
    weight: float = 1.0


@dataclass(frozen=True)
class Group:
    """One idea of the query: any of its alternatives will do. `text` is how the reader wrote it.

    `forms` are the folded words as typed, for spelling. A group that `is_required` was put in quotation marks; one that
    `is_beginning` was typed with a star: collab*.
    """

    text: str
    alternatives: tuple
    forms: tuple = ()
    is_stop_word: bool = False
    is_required: bool = False
    is_beginning: bool = False


@dataclass(frozen=True)
class Query:
    """An entry should meet the `groups`, as many as may be, and must meet none of the `excluded` alternatives."""

    text: str
    groups: tuple = ()
    excluded: tuple = ()
    also_searched: tuple = field(default=(), compare=False)

    @property
    def normalised(self):
        return " ".join(fold(self.text).split())

    def with_groups(self, groups, **changes):
        return replace(self, groups=tuple(groups), **changes)


def ways_to_write(word):
    """The alternatives of one `analysis.Word`. A compound is met by its joined form too: front-line by frontline."""
    own = Alternative(word.canonical, is_phrase=len(word.canonical) > 1)
    if len(word.canonical) > 1:
        return (own, *(Alternative((joined,)) for joined in word.extra))
    return (own,)


def phrase(text):
    """The alternative that `text` makes inside quotation marks, or None if there is no word in it."""
    found = tuple(token for word in words(text) for token in word.canonical)
    return Alternative(found, is_phrase=len(found) > 1) if found else None


def parse(text):
    """Read words, "phrases", -excluded words and OR. An open quotation mark closes at the end; operators with nothing
    to work on are ignored. Stop words stay, marked, since a label of the glossary may have them: see `telling`."""
    text = " ".join(text.replace("\0", " ").split())[:LONGEST_QUERY]
    groups, excluded, pending_or = [], [], False
    # Runs of plain words are read together, so that “co location” is seen whole.
    for kind, piece in _pieces(text):
        if kind == "or":
            pending_or = bool(groups)
            continue
        if kind == "phrase":
            quoted = phrase(piece)
            new = [Group(f"“{piece}”", (quoted,), is_required=True)] if quoted else []
        elif kind == "minus":
            unwanted = phrase(piece)
            excluded += [unwanted] if unwanted else []
            continue
        else:
            new = [
                Group(
                    piece[word.start : word.end],
                    ways_to_write(word),
                    word.forms,
                    _is_stop_word(word),
                    is_beginning=piece[word.end : word.end + 1] == "*",
                )
                for word in words(piece)
            ]
        if pending_or and new:
            first, *new = new
            last = groups.pop()
            groups.append(Group(f"{last.text} OR {first.text}", last.alternatives + first.alternatives))
            pending_or = False
        groups += new
    return Query(text, tuple(groups[:MOST_GROUPS]), tuple(excluded[:MOST_GROUPS]))


def telling(groups):
    """`groups` without repeats, and without stop words unless there is nothing else."""
    seen = {}
    for group in groups:
        seen.setdefault(group.alternatives, group)
    carrying = [group for group in seen.values() if not group.is_stop_word]
    return tuple(carrying or seen.values())


def name_key(text):
    """What two ways of writing one name share: its telling tokens in order."""
    return " ".join(token for group in telling(parse(text).groups) for token in group.alternatives[0].tokens)


def identifier_key(text):
    """The same for every way to write one DOI, ISBN or ISSN; "" if `text` is none of them, or has a wrong digit."""
    text = re.sub(r"^(?:https?://)?(?:www\.|dx\.)?doi\.org/", "", text.strip(), flags=re.IGNORECASE)
    for normalise in (normalise_doi, normalise_isbn, normalise_issn):
        try:
            return f"={normalise(text)}"
        except ValueError:
            continue
    return ""


def _pieces(text):
    run = []
    for match in PIECE.finditer(text):
        word = match["word"]
        plain = word and word != "OR" and word != "|" and not re.match(r"[-−]\w", word)
        if plain:
            run.append(word)
            continue
        if run:
            yield "words", " ".join(run)
            run = []
        if word is None:
            yield ("minus" if match["minus"] else "phrase"), match["phrase"]
        elif word in ("OR", "|"):
            yield "or", word
        else:
            yield "minus", word[1:]
    if run:
        yield "words", " ".join(run)


def _is_stop_word(word):
    return len(word.forms) == 1 and word.forms[0].replace("'", "") in STOP_WORDS

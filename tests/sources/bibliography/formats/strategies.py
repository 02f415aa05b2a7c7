"""Records that a file can hold: in normal form, as `parse` makes them."""

from datetime import date

from hypothesis import strategies as st

from sources.bibliography.markup import plain
from sources.bibliography.notices import KINDS, Notice
from sources.bibliography.record import CSL_TYPES, ROLES, Name, Record
from sources.bibliography.titles import join_italics, unstopped

letters = st.characters(exclude_categories=["C", "Z"], exclude_characters=",;*&")
word = st.text(letters, min_size=1, max_size=8)
line = st.lists(word, min_size=1, max_size=5).map(" ".join).map(plain).filter(lambda text: text and text == plain(text))
title = line.filter(lambda text: text == unstopped(text))
maybe = st.just("") | line
plain_word = st.text(st.characters(categories=["Ll"], max_codepoint=0x17F), min_size=2, max_size=8).map(str.capitalize)
keywords = st.lists(line, max_size=3, unique_by=str.casefold).map(tuple)


def isbn(body):
    digits = f"978{body:09d}"
    return digits + str(-sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits)) % 10)


def issn(body):
    digits = f"{body:07d}"
    check = -sum(int(digit) * (8 - at) for at, digit in enumerate(digits)) % 11
    return f"{digits[:4]}-{digits[4:]}{'X' if check == 10 else check}"


dates = st.dates(date(1500, 1, 1), date(2025, 12, 31))
issued = st.just("") | st.tuples(dates, st.sampled_from([4, 7, 10])).map(lambda pair: pair[0].isoformat()[: pair[1]])
pages = st.just("") | st.from_regex(r"[1-9][0-9]{0,3}(-[1-9][0-9]{0,3})?|e[0-9]{1,4}", fullmatch=True)
dois = st.just("") | st.from_regex(r"10\.[0-9]{4,6}/[a-z0-9()._-]{0,12}[a-z0-9]", fullmatch=True)
urls = st.just("") | st.from_regex(r"https?://[a-z]{1,8}\.org(/[a-zA-Z0-9~_%#?=&.-]{0,12}[a-z0-9])?", fullmatch=True)


families = st.builds(
    "{}{}{}".format, st.sampled_from(["", "de ", "van der "]), plain_word, st.sampled_from(["", " Jr.", " III"])
)
givens = plain_word | st.sampled_from(["N. J.", "J.-P.", "N.", "Anna M."])


@st.composite
def names(draw, roles=ROLES):
    role = draw(st.sampled_from(roles))
    if draw(st.booleans()):
        return Name(role, family=draw(families), given=draw(givens))
    return Name(role, literal=draw(plain_word) + draw(st.sampled_from(["", " Trust", " of Care, York", " Frost"])))


@st.composite
def notices(draw):
    address = f"https://example.org/{draw(st.integers(1, 999))}" if draw(st.booleans()) else ""
    detail = draw(st.sampled_from(["", "Retraction, reported by the publisher", "J Care. 2006 Jan;20(1):5."]))
    doi = draw(dois)
    return Notice(draw(st.sampled_from(KINDS)), draw(issued) or "2006", doi, address, detail)


@st.composite
def italics_of(draw, title):
    """Some of the words of a title."""
    words = [word for word in title.split() if word.isalnum()]
    taken = draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    return join_italics(word for word, is_taken in zip(words, taken, strict=True) if is_taken)


@st.composite
def records(draw, roles=ROLES, has_italics=True):
    issns = draw(st.lists(st.integers(0, 9_999_999).map(issn), max_size=2, unique=True))
    when, called = draw(issued), draw(title)
    return Record(
        csl_type=draw(st.sampled_from(CSL_TYPES)),
        title=called,
        title_italics=draw(italics_of(called)) if has_italics else "",
        contributors=sorted(
            draw(st.lists(names(roles), max_size=4, unique=True)), key=lambda name: ROLES.index(name.role)
        ),
        issued=when,
        issued_is_approximate=bool(when) and draw(st.booleans()),
        container_title=draw(st.just("") | title),
        volume=draw(maybe),
        issue=draw(maybe),
        pages=draw(pages),
        edition=draw(maybe),
        publisher=draw(maybe),
        place=draw(maybe),
        series=draw(st.just("") | title),
        doi=draw(dois),
        isbn=draw(st.just("") | st.integers(0, 999_999_999).map(isbn)),
        issn=issns[0] if issns else "",
        eissn=issns[1] if len(issns) > 1 else "",
        url=draw(urls),
        accessed_on=draw(st.none() | dates),
        abstract="\n".join(draw(st.lists(line, max_size=2))),
        keywords=draw(keywords),
        note="\n".join(draw(st.lists(line, max_size=3, unique=True))),
        language=draw(maybe),
        notices=tuple(draw(st.lists(notices(), max_size=2, unique=True))),
    )

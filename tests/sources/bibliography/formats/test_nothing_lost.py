"""Whatever stands where in a file: it comes out in the record, or is told."""

import csv
import io
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.bibliography import formats
from sources.bibliography.formats.csl_json.variables import LEFT_OUT, PLAIN, TYPES
from sources.bibliography.formats.nbib import ABOUT, IDENTIFIERS, NOTICES
from sources.bibliography.formats.nbib import LEFT_OUT as NBIB_LEFT_OUT
from sources.bibliography.formats.nbib import PLAIN as NBIB_PLAIN
from sources.bibliography.formats.ris.tags import KNOWN
from sources.bibliography.formats.ris.tags import TYPES as RIS_TYPES
from sources.bibliography.formats.table.headings import FIELD_OF
from sources.bibliography.record import ROLES, as_json

# Words that no program has a meaning for, so that they can be looked for.
token = st.integers(1, 10**6).map(lambda number: f"zq{number}x")
value = st.one_of(
    token,
    st.builds("{} {}".format, token, token),
    st.builds("{}, {}".format, token, token),
    st.builds("{}, {}, {}".format, token, token, token),
    st.builds("{}; {}".format, token, token),
    st.builds("{}. {}.".format, token, token),
    st.builds("<b>{}</b> &ndash; {}".format, token, token),
    st.builds("https://{}.example/{}".format, token, token),
    st.builds("doi: 10.5555/{}".format, token),
    st.builds("10.5555/{} [doi]".format, token),
    st.builds("2013 {}".format, token),
    st.builds("2013-05-12/{}".format, token),
    st.builds("{}-{}".format, token, token),
    st.builds("{} et al.".format, token),
    st.builds("({}) [{}]".format, token, token),
    st.builds("1234-5678 ({})".format, token),
    st.builds("Retraction in: {}. 2006;1:{}".format, token, token),
)


def tokens(text):
    return set(re.findall(r"zq[0-9]+x", text.casefold()))


def lost(labelled, parsed):
    """The values of (label, text) of which a word is neither in the records nor told; those left out by their label."""
    said = json.dumps([as_json(record) for record in parsed.records]) + json.dumps(
        [one.message for one in parsed.problems]
    )
    left_out = " ".join(one.message for one in parsed.problems if one.message.startswith("Left out"))
    found = tokens(said)
    return [
        (label, text)
        for label, text in labelled
        if not tokens(text) <= found and not re.search(rf"(?<!\w){re.escape(label)}(?!\w)", left_out)
    ]


MANY = settings(max_examples=150, deadline=None)


@MANY
@given(
    st.sampled_from(sorted(RIS_TYPES)),
    st.lists(st.tuples(st.sampled_from([*sorted(KNOWN - {"TY", "ER"}), "Z9"]), value), max_size=12),
)
def test_in_ris(kind, fields):
    text = "".join(f"{tag}  - {text}\n" for tag, text in [("TY", kind), *fields, ("ER", "")])
    parsed = formats.FORMATS["ris"].parse(text, None)
    assert lost(fields, parsed) == []


NBIB_TAGS = sorted({*NBIB_PLAIN, *IDENTIFIERS, *NOTICES, *ABOUT, *NBIB_LEFT_OUT} - {"PMID", "OWN", "STAT"})
NBIB_TAGS += "TI BTI JT TA FAU AU FED ED CN DP PG LID AID IS ISSN ISBN PL MH OT KW ZZ".split()


@MANY
@given(st.lists(st.tuples(st.sampled_from(NBIB_TAGS), value), max_size=12))
def test_in_nbib(fields):
    shorts = {"AU": "FAU", "ED": "FED"}  # the same people in short
    tags = {tag for tag, _ in fields}
    fields = [(tag, text) for tag, text in fields if shorts.get(tag) not in tags]
    parsed = formats.FORMATS["nbib"].parse(
        "".join(f"{tag:<4}- {text}\n" for tag, text in [("PMID", "1"), *fields]), None
    )
    assert lost(fields, parsed) == []


BIBTEX_FIELDS = """
title subtitle booktitle booksubtitle journal journaltitle journalsubtitle author editor editora editoratype translator
date year month day urldate doi isbn issn eissn url howpublished pages eid eprint eprinttype archiveprefix number
volume issue edition publisher institution school organization location address series abstract langid language
keywords keyword note annote addendum file owner type entrysubtype ee maintitle chapter crossref xdata
""".split()


@MANY
@given(
    st.sampled_from("article book inbook phdthesis techreport online misc zqkind".split()),
    st.lists(st.tuples(st.sampled_from([*BIBTEX_FIELDS, "zqfield"]), value), max_size=10),
)
def test_in_bibtex(kind, fields):
    text = (
        f"@{kind}{{k"
        + "".join(f",\n {name} = {{{text.replace('&', chr(92) + '&')}}}" for name, text in fields)
        + "\n}\n"
    )
    assert lost(fields, formats.FORMATS["bibtex"].parse(text, None)) == []


anything = st.recursive(
    value | st.integers(0, 3000) | st.none() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from("family given literal name suffix value DOI type date-parts raw zq".split()),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)
names = st.lists(
    st.dictionaries(
        st.sampled_from(
            "family given literal name suffix dropping-particle non-dropping-particle ORCID affiliation".split()
        ),
        anything | token,
        max_size=4,
    )
    | value,
    max_size=3,
)
dates = st.dictionaries(
    st.sampled_from("date-parts raw literal season circa year month day zq".split()), anything, max_size=3
)
VARIABLES = sorted(
    {*PLAIN, *LEFT_OUT, "page", "ISSN", "ISBN", "DOI", "URL", "keyword", "note", "subject", "event", "zq"}
)
VARIABLES += (
    "title subtitle container-title article-number institution relation update-to updated-by number genre".split()
)


def leaves(value):
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in leaves(one)]
    return [str(value)]


@MANY
@given(
    st.sampled_from([*sorted(TYPES), "zqkind"]),
    st.dictionaries(st.sampled_from(VARIABLES), value | anything, max_size=6),
    st.dictionaries(st.sampled_from(ROLES), names, max_size=2),
    st.dictionaries(st.sampled_from(["issued", "accessed"]), dates | anything, max_size=2),
)
def test_in_csl_json(kind, variables, people, when):
    item = {"type": kind, "id": 1, **variables, **people, **when}
    parsed = formats.FORMATS["csl-json"].parse(json.dumps([item]), None)
    put = [(name, leaf) for name, one in item.items() for leaf in leaves(one)]
    put = [(name, leaf) for name, leaf in put if name not in ROLES]
    put += [
        (part, leaf)
        for one in people.values()
        for name in one
        if isinstance(name, dict)
        for part, held in name.items()
        for leaf in leaves(held)
    ]
    put += [
        (role, leaf)
        for role, one in people.items()
        for name in one
        if not isinstance(name, dict)
        for leaf in leaves(name)
    ]
    assert lost(put, parsed) == []


@MANY
@given(st.lists(st.sampled_from([*sorted(FIELD_OF), "Cited by", "zqcolumn"]), max_size=8, unique=True), st.data())
def test_in_a_table(headings, data):
    headings = ["Title", *headings]
    cells = [data.draw(value) for _ in headings] + data.draw(st.lists(value, max_size=1))
    file = io.StringIO()
    csv.writer(file).writerows([headings, cells])
    parsed = formats.FORMATS["table"].parse(file.getvalue().replace("\r\n", "\n"), None)
    labels = [*headings, f"Column {len(cells)}"]
    assert lost(list(zip(labels, cells, strict=False)), parsed) == []


@pytest.mark.parametrize("text", ["TY  - JOUR\nTI  - zq1x\nZ9  - zq2x\nER  - \n"])
def test_what_is_lost_would_be_found(text):
    parsed = formats.parse(text.encode())
    assert lost([("TI", "zq1x"), ("Z9", "zq2x")], parsed) == []
    assert lost([("TI", "zq1x zq3x")], parsed) == [("TI", "zq1x zq3x")]

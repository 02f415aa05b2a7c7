"""A review comes in from a spreadsheet and goes out as one, and nothing is left out in silence."""

import csv
import io

import pytest
from django.core import serializers
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from curation import tagging
from curation.text import tidy
from findings.choices import LocatorLabel, Stance, WengerElement
from findings.models import Finding, ReviewSource, TermLabel, Theme
from findings.review_files import grids, tables
from findings.review_files.columns import KINDS
from findings.review_files.tables import EXAMPLES, Unreadable, Unwritable, read, template, write
from sources.bibliography.record import ROLES
from sources.models import CslType, Source, StudyDesign
from tests.factories import cite, make_finding, make_source, make_theme
from tests.findings.review_files.files import inline, packed, parts, row, sheet

HEAD = {"format": "joined-up-review", "version": 1}


def without_places(document):
    return {
        key: [{k: v for k, v in entry.items() if k != "_at"} for entry in value] if isinstance(value, list) else value
        for key, value in document.items()
    }


def as_csv(*rows, sign=";"):
    file = io.StringIO()
    csv.writer(file, delimiter=sign).writerows(rows)
    return file.getvalue().encode()


def one(headings, values, kind):
    """The one entry of a CSV file with these headings, without its place, and the problems."""
    found = read(as_csv(headings, values), f"{kind}.csv")
    [entry] = found.document[kind]
    entry.pop("_at")
    return entry, found.problems


def citation(text):
    entry, problems = one(["Heading", "Bottom line", "Citations"], ["a", "b", text], "findings")
    return entry.get("citations"), [message for _, message in problems]


# What is written is read again


def texts(alphabet=None, least=1):
    alphabet = alphabet or st.one_of(
        st.sampled_from(list("aé ;,:\"'[]()=+-@#_x0041\t\n“’—")), st.characters(exclude_categories=["C", "Zl", "Zp"])
    )
    return st.text(alphabet, min_size=least, max_size=20)


lines = texts().map(tidy).filter(lambda text: text and not text.replace(".", "").isdigit() and "E+" not in text)
paragraphs = texts().map(lambda text: text.replace("\r", "").strip()).filter(bool)
codes = st.from_regex(r"[A-Z][1-9][0-9]{0,3}", fullmatch=True)
numbers = st.integers(0, 32_767)
days = st.dates().filter(lambda day: day.year >= 1000).map(lambda day: day.isoformat())
words = st.lists(lines, min_size=1, max_size=3, unique=True)
tags = st.lists(lines.map(tagging.tidy).filter(bool), min_size=1, max_size=3, unique=True)
slugs = st.from_regex(r"[a-z]+(-[a-z]+)*", fullmatch=True)


def some(**values):
    return st.fixed_dictionaries({}, optional=values)


def entry(needed, **values):
    return st.tuples(needed, some(**values)).map(lambda two: two[0] | two[1])


people = st.lists(
    st.one_of(
        st.fixed_dictionaries({"role": st.sampled_from(ROLES), "literal": lines}),
        st.fixed_dictionaries({"role": st.sampled_from(ROLES), "family": lines}, optional={"given": lines}),
    ),
    min_size=1,
    max_size=4,
).map(lambda names: sorted(names, key=lambda name: ROLES.index(name["role"])))
citations = st.lists(
    st.one_of(
        entry(st.fixed_dictionaries({"source": codes}), number=numbers, covers=lines, note=lines),
        entry(
            st.fixed_dictionaries(
                {
                    "source": codes,
                    "locator_label": st.sampled_from(LocatorLabel.values),
                    "locator": st.from_regex(r"[0-9A-Z][-–0-9A-Za-z;(),:. ]{0,8}[0-9a-z)\"]", fullmatch=True).map(tidy),
                }
            ),
            note=lines,
        ),
    ),
    min_size=1,
    max_size=3,
)
used = st.lists(
    entry(st.fixed_dictionaries({"source": codes}), role=st.sampled_from(ReviewSource.Role.values), number=numbers),
    min_size=1,
    max_size=2,
)
labels = st.lists(
    st.fixed_dictionaries({"label": lines, "kind": st.sampled_from(TermLabel.Kind.values)}),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one["label"],
).map(lambda found: sorted(found, key=lambda one: TermLabel.Kind.values.index(one["kind"])))
notes = st.lists(st.fixed_dictionaries({"profession": lines, "text": lines}), min_size=1, max_size=2)


def listed(entries):
    return st.lists(entries, min_size=1, max_size=2)


def titled(key):
    return st.fixed_dictionaries({"code": codes, key: lines})


documents = entry(
    st.just(HEAD),
    reviews=listed(entry(titled("title"), slug=slugs, year=st.just("2003"), method=paragraphs, sources=used)),
    themes=listed(
        entry(titled("name"), summary=paragraphs, drawing=st.sampled_from(Theme.Drawing.values)),
    ),
    sources=listed(
        entry(
            titled("title"),
            csl_type=st.sampled_from(CslType.values),
            study_design=st.sampled_from(StudyDesign.values),
            issued=st.one_of(days, days.map(lambda day: day[:4]), days.map(lambda day: day[:7])),
            issued_is_approximate=st.booleans(),
            pages=st.just("7-17"),
            isbn=st.just("9781904984123"),
            accessed_on=days,
            as_cited=paragraphs,
            contributors=people,
            tags=tags,
        )
    ),
    findings=listed(
        entry(
            titled("heading"),
            review=codes,
            theme=codes,
            stance=st.sampled_from(Stance.values),
            body=paragraphs,
            has_practice_example=st.booleans(),
            tags=tags,
            citations=citations,
        )
    ),
    implications=listed(
        entry(titled("heading"), element=st.sampled_from(WengerElement.values), findings=st.just(["F1", "F2"]))
    ),
    key_messages=listed(entry(titled("heading"), body=paragraphs, implications=st.just(["P1"]))),
    terms=listed(
        entry(
            st.fixed_dictionaries({"preferred_label": lines}),
            definition=paragraphs,
            explained_in_text=st.booleans(),
            labels=labels,
            notes=notes,
        )
    ),
).filter(lambda document: len(document) > 2)


@given(documents)
def test_a_document_written_as_a_workbook_is_read_again(document):
    found = read(write(document), "review.xlsx")
    assert found.problems == []
    assert without_places(found.document) == document


@pytest.mark.django_db
def test_what_the_database_holds_goes_through_a_workbook_unchanged():
    theme = make_theme(name="Trust = respect", summary="=1+1")
    finding = make_finding(theme=theme, heading="+1 for trust", body="One.\n\nTwo [1].", has_practice_example=True)
    finding.tags.add("trust", "joint; training")
    source = make_source(authors=[("Hudson", "B"), ("Lart", "Rachel")], pages="7-17", doi="10.1000/a;b", isbn="")
    source.contributors.create(role="editor", order=1, literal="Department of Health; Social Care")
    cite(finding, source, number=4, locator="12–14", locator_label="page", note="A study; “the” one.")

    def fields(entry, names):
        [row] = serializers.serialize("python", [entry], fields=names)
        return {"code": entry.code, **{name: value for name, value in row["fields"].items() if value != ""}}

    document = {
        **HEAD,
        "themes": [fields(theme, ["slug", "name", "summary", "drawing"])],
        "sources": [
            {
                **fields(source, ["slug", "csl_type", "title", "issued", "pages", "publisher", "doi"]),
                "contributors": [
                    {key: getattr(one, key) for key in ["role", "family", "given", "literal"] if getattr(one, key)}
                    for one in source.contributors.all()
                ],
            }
        ],
        "findings": [
            {
                **fields(finding, ["slug", "stance", "heading", "bottom_line", "body", "has_practice_example"]),
                "review": finding.review.code,
                "theme": theme.code,
                "tags": sorted(finding.tags.names()),
                "citations": [
                    {
                        "source": one.source.code,
                        **{key: getattr(one, key) for key in ["number", "locator", "locator_label", "note"]},
                    }
                    for one in finding.citations.all()
                ],
            }
        ],
    }
    found = read(write(document))
    assert found.problems == []
    assert without_places(found.document) == document
    assert found.document["findings"][0]["_at"][""] == "Findings, row 2"


# Workbooks that are written


def test_a_cell_of_a_workbook_is_never_a_formula():
    book = load_workbook(io.BytesIO(write({"findings": [{"heading": "=1+1", "body": "#REF!", "tags": ["@a"]}]})))
    assert {cell.data_type for row in book["Findings"] for cell in row} <= {"s", "n"}
    assert [cell.value for cell in book["Findings"][2] if cell.value] == ["=1+1", "#REF!", "@a"]


def test_what_no_cell_holds_is_refused_with_its_place():
    with pytest.raises(Unwritable) as told:
        write({"findings": [{"heading": "a"}, {"heading": "b", "body": "c" * 40_000}]})
    assert told.value.messages == ["Findings, row 3: A cell holds no more than 32,767 characters."]


def test_the_template_explains_every_column_and_offers_every_choice():
    book = load_workbook(io.BytesIO(template()))
    assert book.sheetnames == [tables.README, *(kind.sheet for kind in KINDS)]
    told = {cell.value for row in book[tables.README] for cell in row}
    for kind in KINDS:
        heads = book[kind.sheet][1]
        assert [cell.value for cell in heads] == [column.heading for column in kind.columns]
        assert {column.heading for column in kind.columns} | {
            column.note for column in kind.columns if column.note
        } <= told
        assert [bool(cell.comment) for cell in heads] == [bool(column.note) for column in kind.columns]
        offered = {
            str(one.sqref).split("2:")[0]: one.formula1 for one in book[kind.sheet].data_validations.dataValidation
        }
        for cell, column in zip(heads, kind.columns, strict=True):
            assert offered.get(cell.column_letter) == (f'"{",".join(column.choices)}"' if column.choices else None)
            assert len(",".join(column.choices)) <= 255  # Excel's limit
            assert not any("," in choice for choice in column.choices)
    assert {cell.value for cell in book["Findings"][1]} >= {"What helps or hinders", "Bottom line", "Citations"}


def test_nothing_of_the_empty_template_is_imported():
    with pytest.raises(Unreadable) as told:
        read(template(), "template.xlsx")
    assert told.value.messages == ["There are no entries in the file: a row of headings, then a row for each."]


def test_the_examples_of_the_template_are_what_would_be_read():
    document = {**HEAD, **{kind: [entry] for kind, entry in EXAMPLES.items()}}
    found = read(write(document))
    assert found.problems == []
    assert without_places(found.document) == document


# Headings and kinds


@pytest.mark.parametrize(
    "headings",
    [
        ["Heading", "Bottom line", "What helps or hinders", "Tells a practice example"],
        ["heading", "bottom_line", "stance", "has_practice_example"],
        ["  HEADING ", "Bottom   Line:", "WHAT HELPS\nOR HINDERS", "tells a practice example?"],
    ],
)
@pytest.mark.parametrize(("stance", "yes"), [("Barrier", "yes"), ("barrier", "TRUE"), (" BARRIER ", "Y")])
def test_columns_go_by_heading_or_field_in_any_case(headings, stance, yes):
    found = read(as_csv(headings, ["Trust grows", "Slowly.", stance, yes]), "ours.csv")
    assert found.problems == []
    [entry] = found.document["findings"]
    assert entry.pop("_at")[""] == "row 2"
    assert entry == {
        "heading": "Trust grows",
        "bottom_line": "Slowly.",
        "stance": "barrier",
        "has_practice_example": True,
    }


@pytest.mark.parametrize(
    ("kind", "headings"),
    [
        ("findings", ["Code", "Heading", "Bottom line", "Theme"]),
        ("implications", ["Code", "Heading", "Summary", "Wenger's element"]),
        ("sources", ["Title", "Authors", "Date", "DOI"]),
        ("terms", ["Preferred label", "Definition", "Also called"]),
        ("reviews", ["Title", "Compiled by", "Summary"]),
        ("themes", ["Name", "Summary"]),
        ("key_messages", ["Heading", "Body", "Findings", "Practice points"]),
    ],
)
def test_a_csv_file_tells_by_its_columns_what_it_holds(kind, headings):
    values = {"Wenger's element": "Joint enterprise", "Date": "2003"}
    found = read(as_csv(headings, [values.get(heading, "a") for heading in headings]))
    assert list(found.document)[2:] == [kind]
    assert found.problems == []


def test_columns_that_fit_two_kinds_are_decided_by_the_name_of_the_file():
    data = as_csv(["Heading", "Body"], ["a", "b"])
    assert "key_messages" in read(data, "Key messages.csv").document
    assert "findings" in read(data, "findings.csv").document
    with pytest.raises(Unreadable, match="They do not tell what the rows are"):
        read(data, "ours.csv")


@pytest.mark.parametrize("name", ["Findings", "finding", " FINDINGS "])
def test_a_sheet_may_be_named_by_one_or_many_in_any_case(name):
    files = parts({name: sheet(row(inline("Heading")), row(inline("a")))})
    at = {"": f"{name}, row 2", "heading": f"{name}, cell A2"}
    assert read(packed(files)).document["findings"] == [{"heading": "a", "_at": at}]


def test_a_sheet_that_is_not_known_is_told_unless_its_columns_tell():
    rows = [row(inline("Heading"), inline("Bottom line")), row(inline("a"), inline("b"))]
    files = parts({"Sheet1": sheet(*rows), "Costs": sheet(row(inline("Euro"))), "Sheet3": sheet()})
    found = read(packed(files))
    assert [entry["_at"][""] for entry in found.document["findings"]] == ["Sheet1, row 2"]
    [(place, message)] = found.problems
    assert (place, "not read" in message) == ("Costs", True)


def test_what_has_no_place_is_named_and_the_rest_is_read():
    found = read(as_csv(["Heading", "Colour", "Bottom line", "heading"], ["a", "red", "b", "c", "d"], ["e", "", "f"]))
    assert [entry["heading"] for entry in found.document["findings"]] == ["a", "e"]
    places = dict(found.problems)
    assert "“Colour”" in places["row 1"]
    assert "already" in places["cell D1"]
    assert "no heading" in places["cell E2"]


def test_empty_rows_are_skipped_and_rows_keep_their_number():
    found = read(b"\n\nHeading;Bottom line\n\n;\n ; \na;b\n")
    assert [entry["_at"][""] for entry in found.document["findings"]] == ["row 7"]


def test_a_row_of_which_nothing_is_read_is_told():
    with pytest.raises(Unreadable) as told:
        read(as_csv(["Heading", "Bottom line", "Rung"], ["", "", "3"]))
    assert "row 2: Nothing of this row could be read." in told.value.messages


@pytest.mark.parametrize("data", [b"", b"\n\n", b"Heading;Bottom line\n", b"just a sentence, and more"])
def test_a_file_without_entries_is_refused_in_words(data):
    with pytest.raises(Unreadable) as told:
        read(data, "empty.csv")
    assert told.value.messages


# Cells


def test_a_cell_that_makes_no_sense_is_told_and_left_out():
    headings = ["Title", "Authors", "Type", "Date", "The date is approximate", "Accessed on", "ISBN", "Volume"]
    values = ["a", "Bob Hudson", "Scroll", "12/05/2003", "perhaps", "2003", "9.78E+12", "11"]
    entry, problems = one(headings, values, "sources")
    assert entry == {"title": "a", "volume": "11"}
    assert [place for place, _ in problems] == [f"cell {letter}2" for letter in "BCDEFG"]
    for heading, (_, message) in zip(headings[1:], problems, strict=False):
        assert message.startswith(f"{heading}: ")
    assert "Journal article" in problems[1][1]


def test_a_file_that_makes_no_sense_at_all_is_given_up(monkeypatch):
    monkeypatch.setattr(grids, "MAX_PROBLEMS", 3)
    with pytest.raises(Unreadable, match="More than 3 cells cannot be read, such as cell B5: What helps or hinders"):
        read(as_csv(["Heading", "Stance"], *[["a", "odd"]] * 5), "findings.csv")


@pytest.mark.parametrize(
    ("text", "issued"),
    [
        ("2003", "2003"),
        ("2003.0", "2003"),
        ("2003-05", "2003-05"),
        ("May 2003", "2003-05"),
        ("12 May 2003", "2003-05-12"),
        ("2003-05-12", "2003-05-12"),
        ("c2003?", None),
        ("2003-13", None),
        ("soon", None),
    ],
)
def test_dates_are_whole_or_as_much_as_is_known(text, issued):
    entry, problems = one(["Title", "Issued"], ["a", text], "sources")
    assert entry.get("issued") == issued
    assert bool(problems) == (issued is None)


def test_pages_of_which_the_spreadsheet_made_a_date_are_told():
    styles = '<cellXfs><xf numFmtId="16"/></cellXfs>'
    rows = [row(inline("Title"), inline("Pages")), row(inline("a"), '<c s="0"><v>37753</v></c>')]
    found = read(packed(parts({"Sources": sheet(*rows)}, styles=styles)))
    assert "pages" not in found.document["sources"][0]
    [(place, message)] = found.problems
    assert place == "Sources, cell B2"
    assert "has made a date of this" in message


def test_real_dates_and_numbers_of_a_workbook_are_read():
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="17"/></cellXfs>'
    headings = ["Title", "Date", "Accessed on", "ISBN", "Volume"]
    values = [
        '<c s="2"><v>37753</v></c>',
        '<c s="1"><v>37753</v></c>',
        "<c><v>9781904984123</v></c>",
        "<c><v>7.0</v></c>",
    ]
    rows = [row(*map(inline, headings)), row(inline("a"), *values)]
    found = read(packed(parts({"Sources": sheet(*rows)}, styles=styles)))
    assert found.problems == []
    assert without_places(found.document)["sources"] == [
        {"title": "a", "issued": "2003-05", "accessed_on": "2003-05-12", "isbn": "9781904984123", "volume": "7"}
    ]


def test_people_have_a_column_for_each_role():
    entry, problems = one(
        ["Title", "Authors", "Editor"],
        ["a", 'van Dyck, A. ; [Department of Health]; "Smith, Jones", B; World Health Organization', "Sample,"],
        "sources",
    )
    assert problems == []
    assert entry["contributors"] == [
        {"role": "author", "family": "van Dyck", "given": "A."},
        {"role": "author", "literal": "Department of Health"},
        {"role": "author", "family": "Smith, Jones", "given": "B"},
        {"role": "author", "literal": "World Health Organization"},
        {"role": "editor", "family": "Sample"},
    ]
    for text in ["[]", ", B", "[ ]"]:
        _, [(_, message)] = one(["Title", "Authors"], ["a", text], "sources")
        assert "names nobody" in message


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("S1; S3 (p. 12–14)", [("S1", {}), ("S3", {"locator": "12–14", "locator_label": "page"})]),
        ("S1\nS2;", [("S1", {}), ("S2", {})]),
        ("S1 (pp.12-14)", [("S1", {"locator": "12-14", "locator_label": "page"})]),
        ("S1 (iv–x)", [("S1", {"locator": "iv–x", "locator_label": "page"})]),
        ("S1(Chapter 3)", [("S1", {"locator": "3", "locator_label": "chapter"})]),
        ("S1 [4]: the main study", [("S1", {"number": 4, "note": "the main study"})]),
        (
            'S1 [4] (fig. 2): "so; and ""so"""',
            [("S1", {"number": 4, "locator": "2", "locator_label": "figure", "note": 'so; and "so"'})],
        ),
        ("S1: see (1998)", [("S1", {"note": "see (1998)"})]),
    ],
)
def test_citations_say_source_number_place_and_note(text, found):
    assert citation(text) == ([{"source": source, **rest} for source, rest in found], [])


@pytest.mark.parametrize("text", ["(p. 3)", "S1 (somewhere)", "S1 [x]", "S1 (p. 3) more", "S1 (p. 3"])
def test_a_citation_that_is_not_understood_is_told(text):
    found, messages = citation(text)
    assert found is None
    assert len(messages) == 1


def test_codes_may_be_written_in_small_letters_and_labels_stay_as_they_are():
    headings = ["Code", "Heading", "Review", "Summary", "Element", "Findings"]
    entry, problems = one(headings, ["p3", "a", "r1", "b", "joint-enterprise", "f2; our own; F2"], "implications")
    assert problems == []
    assert (entry["code"], entry["review"], entry["findings"]) == ("P3", "R1", ["F2", "our own"])
    assert citation("s1 (p. 3)")[0][0]["source"] == "S1"


def test_terms_have_labels_and_notes():
    entry, problems = one(
        ["Preferred label", "Spelled otherwise", "Also called", "Notes for professions", "Leads here"],
        ["Co-location", "colocation", "shared base; one roof", 'Health: "a hub; often"\nSchools: one site', "estates"],
        "terms",
    )
    assert problems == []
    assert entry["labels"] == [
        {"label": "colocation", "kind": "spelling"},
        {"label": "shared base", "kind": "also-called"},
        {"label": "one roof", "kind": "also-called"},
        {"label": "estates", "kind": "leads-here"},
    ]
    assert entry["notes"] == [
        {"profession": "Health", "text": "a hub; often"},
        {"profession": "Schools", "text": "one site"},
    ]


class TestParents:
    def read(self, themes, named):
        themes = [row(inline("Code"), inline("Name")), *(row(inline(code), inline(name)) for code, name in themes)]
        findings = [row(inline("Heading"), inline("Theme")), row(inline("a"), inline(named))]
        found = read(packed(parts({"Findings": sheet(*findings), "Themes": sheet(*themes)})))
        return found.document["findings"][0].get("theme"), found

    def test_are_named_by_code_or_title_in_any_case(self):
        themes = [("T1", "Trust"), ("T2", "Learning together")]
        assert self.read(themes, "t2")[0] == "T2"
        assert self.read(themes, "learning  together")[0] == "T2"

    def test_a_code_goes_before_a_title(self):
        assert self.read([("T1", "T2"), ("T2", "Trust")], "T2")[0] == "T2"

    def test_one_without_a_code_gets_its_title_for_one(self):
        named, found = self.read([("", "Trust")], "trust")
        assert named == "Trust"
        assert found.document["themes"][0]["code"] == "Trust"

    def test_two_of_one_title_are_told(self):
        named, found = self.read([("T1", "Trust"), ("T2", "Trust")], "Trust")
        assert named is None
        assert found.problems == [("Findings, cell B2", "More than one theme is called “Trust”. Give its code.")]

    def test_one_that_is_not_in_the_file_is_left_as_it_is_named(self):
        assert self.read([("T1", "Trust")], "T9")[0] == "T9"


@pytest.mark.django_db
def test_a_list_exported_from_the_desk_is_read(admin_client):
    from tests.curation.test_listexport import export

    finding = make_finding(theme=make_theme(name="Trust"), heading="=1 is a heading")
    data = b"".join(export(admin_client, Finding, "csv").streaming_content)
    found = read(data, "findings-2026-01-02.csv")
    [entry] = found.document["findings"]
    assert (entry["code"], entry["heading"], entry["theme"]) == (finding.code, "=1 is a heading", "Trust")
    assert all("called" in message or "column" in message for _, message in found.problems), found.problems
    make_source()
    assert read(export(admin_client, Source, "xlsx").content).document["sources"][0]["title"] == "A work"

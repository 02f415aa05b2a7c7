"""Whatever a file holds, it is read, or refused in words with their place."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.imports import importing
from curation.imports.filetypes import ImportRefused
from findings.review_files import checking, jsonfile
from findings.review_files.export import review_document
from findings.review_files.filetype import REVIEW_FILE
from findings.review_files.form import HEAD
from tests.findings.review_files.samples import document, finding, make_whole_review, small


def problems(document):
    return [f"{place}: {message}" if place else message for place, message in checking.check(document)[1]]


def of_finding(**values):
    return problems(small(finding(**values)))


class TestJson:
    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (b"", "The file is empty."),
            (b" \n ", "The file is empty."),
            (b'{"format":\n "joined-up-review",\n}', "Line 3: this is not JSON"),
            (b'{"a": NaN}', "NaN or an infinite number"),
            (b'{"a": -Infinity}', "NaN or an infinite number"),
            (b'{"a": 1e999}', "NaN or an infinite number"),
            (b'{"a": ' + b"9" * 5000 + b"}", "too many digits"),
            (b'{"a": 1, "b": {"c": 1, "c": 2}}', "The key “c” stands twice"),
            (b'{"a": ' * 100_000, "too many times over"),
            (b"[" * 100_000, "too many times over"),
            (b'{"a": "\xff"}', "Line 1: this is not text in UTF-8"),
            ("é".encode("utf-16"), "Line 1: this is not text in UTF-8"),
            (b"\x00\x01", "Line 1: this is not JSON"),
        ],
    )
    def test_what_is_not_plain_json_is_refused_in_words(self, data, told):
        with pytest.raises(jsonfile.Unreadable, match=told):
            jsonfile.read(data)

    def test_what_is_written_is_read_again(self):
        value = {"a": ["é\u2028", None, True, 1, {"b": ""}]}
        assert jsonfile.read(jsonfile.write(value)) == value
        assert jsonfile.read(b"\xef\xbb\xbf" + jsonfile.write(value)) == value


class TestForm:
    @pytest.mark.parametrize(
        ("document", "told"),
        [
            ([], "it does not begin with"),
            (None, "it does not begin with"),
            ({}, "“format” must be “joined-up-review”"),
            ({**HEAD, "version": 2}, "“version” 1"),
            ({**HEAD, "version": True}, "“version” 1"),
            (HEAD, "There are no entries in the file."),
            ({**HEAD, "findings": {}}, "Findings: This must be a list."),
            ({**HEAD, "findings": [[]]}, "Findings, entry 1: This is not an entry"),
            ({**HEAD, "chapters": []}, "no part “chapters”"),
        ],
    )
    def test_a_document_of_another_form_is_refused(self, document, told):
        assert told in " ".join(problems(document))

    @pytest.mark.parametrize(
        ("values", "told"),
        [
            (
                {"stance": "bad"},
                "Stance: “bad” is none of facilitator, barrier, mixed, condition, effect, context.",
            ),
            ({"heading": 7}, "Findings, entry 1 (F1): Heading: this must be text, in quotation marks, not a number."),
            ({"heading": " "}, "Findings, entry 1 (F1): Heading: this is empty."),
            ({"body": None}, "Findings, entry 1 (F1): Body: this must be text, in quotation marks, not null."),
            ({"body": "a\x00b"}, "Findings, entry 1 (F1): Body: this holds a character that cannot be kept."),
            ({"body": "a\ud800b"}, "Findings, entry 1 (F1): Body: this holds a character that cannot be kept."),
            ({"colour": "red"}, "Findings, entry 1 (F1): colour: Findings have no such field."),
            ({"review": "T1"}, "Findings, entry 1 (F1): Review: “T1” is not the code of a review, such as R1."),
            ({"theme": ""}, "Findings, entry 1 (F1): Theme: “” is not the code of a theme, such as T1."),
            (
                {"has_practice_example": 1},
                "Findings, entry 1 (F1): Includes a practice example: this must be true or false",
            ),
            ({"review_due_on": "2020-02-30"}, "Findings, entry 1 (F1): Review due on: “2020-02-30” is not a date."),
            ({"review_due_on": "20200203"}, "is not a date"),
            ({"slug": "ä b"}, "Findings, entry 1 (F1): Slug: "),
            ({"tags": "one"}, "Findings, entry 1 (F1): Tags: this must be a list."),
            ({"tags": ["One", "one"]}, "Findings, entry 1 (F1): Tags: “one” stands twice in this list."),
            ({"tags": ["x" * 101]}, "Tags: this has more than 100 characters."),
            ({"tags": [""]}, "Tags: this is empty."),
            ({"tags": ["\u200b\u00ad"]}, "Tags: this is empty"),
            ({"tags": ["t"] * 1001}, "more than 1,000 items"),
            ({"citations": ["S1"]}, "Citations: each must stand between"),
            ({"citations": [{}]}, "Citations: the source is missing."),
            ({"citations": [{"source": "S1", "number": -1}]}, "a whole number from 0 to 32,767"),
            ({"citations": [{"source": "S1", "number": 10**30}]}, "a whole number from 0 to 32,767"),
            ({"citations": [{"source": "S1", "number": True}]}, "a whole number from 0 to 32,767"),
            ({"citations": [{"source": "S1", "locator": "7"}]}, "a locator needs its label"),
            ({"citations": [{"source": "S1"}, {"source": "S1"}]}, "“S1” stands twice in this list."),
            ({"citations": [{"source": "S1", "page": "7"}]}, "there is no field “page” here."),
            ({"heading": "x" * 201}, "Ensure this value has at most 200 characters"),
            ({"status": "secret"}, "“secret” is none of draft, in-review, published, withdrawn."),
            ({"code": "F0"}, "“F0” is not the code of a finding, such as F1."),
            ({"code": "F9999999999"}, "is not the code of a finding"),
            ({"earlier_slugs": ["../x"]}, "cannot be part of an address"),
        ],
    )
    def test_a_wrong_value_is_told_with_its_place(self, values, told):
        assert any(told in message for message in of_finding(**values)), of_finding(**values)

    def test_identifiers_are_checked_and_written_one_way(self):
        assert "check digit" in problems(document(sources=[{"code": "S1", "title": "A", "isbn": "9780306406158"}]))[0]
        said, _ = checking.check(document(sources=[{"code": "S1", "title": "A", "doi": "https://doi.org/10.1000/A"}]))
        assert said[0].values["doi"] == "10.1000/a"
        assert "cannot be kept" in problems(document(sources=[{"title": "A", "doi": "https://doi.org/10.1000/%00"}]))[0]

    def test_a_contributor_is_a_person_or_an_organisation(self):
        for person in [{"family": "A", "literal": "B"}, {}, {"given": "A"}]:
            assert "Contributors: give a family name" in problems(
                document(sources=[{"title": "A", "contributors": [person]}])
            )[0].replace("Sources, entry 1 (A): ", "")

    def test_a_code_and_an_address_are_defined_once(self):
        told = problems(small(finding("F1", slug="a"), finding("F1", slug="b"), finding("F2", slug="b")))
        assert told == [
            "Findings, entry 2 (F1): Code “F1” stands in Findings, entry 1 too.",
            "Findings, entry 3 (F2): Slug “b” stands in Findings, entry 2 too.",
        ]

    def test_an_entry_needs_something_to_know_it_by(self):
        assert problems(document(findings=[{"body": "A."}])) == ["Findings, entry 1: Say the code or the heading."]

    def test_the_place_that_a_table_gives_is_told(self):
        assert problems(small(finding(stance="", _at="Findings, row 7")))[0].startswith("Findings, row 7 (F1): Stance:")

    def test_there_is_a_largest_number_of_entries(self, monkeypatch):
        monkeypatch.setattr(checking, "MAX_ENTRIES", 2)
        assert problems(small()) == ["The file has 3 entries; at most 2 can be imported at once."]

    def test_very_many_problems_are_not_all_told(self):
        assert len(problems(document(findings=[{}] * 2000))) == checking.MAX_PROBLEMS

    def test_what_is_empty_and_what_is_not_said_differ(self):
        said, _ = checking.check(small(finding(review_due_on=None, tags=[])))
        values = said[-1].values
        assert (values["review_due_on"], values["tags"]) == (None, [])
        assert "citations" not in values and "last_checked_on" not in values


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["F1", "S1", "a", ""])
anything = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


plausible = st.sampled_from(
    [
        "F1",
        "F2",
        "F9",
        "T1",
        "P1",
        "S2",
        "draft",
        "published",
        "withdrawn",
        "2020-01-02",
        "author",
        "Shared office",
        "x",
    ]
)


@st.composite
def mutated(draw, whole):
    """A sound document with some of its values replaced, removed or doubled."""
    changed = copy.deepcopy(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = changed[draw(st.sampled_from([name for name in changed if name not in HEAD]))]
        while True:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(at[key], (dict, list)) and at[key] and draw(st.integers(0, 4)):
                at = at[key]
                continue
            act = draw(st.sampled_from(["replace", "remove", "double"]))
            if act == "remove":
                del at[key]
            elif act == "double" and isinstance(at, list):
                at.append(at[key])
            else:
                at[key] = draw(plausible | scalars | anything)
            break
    return changed


def offer(data):
    """Import a file as its own process would, or be refused; anything else is a fault of ours."""
    try:
        importing.apply(importing.upload(REVIEW_FILE, data, "x.json", keeps_status=True))
    except ImportRefused as refused:
        assert refused.messages and all(refused.messages)


RELAXED = settings(suppress_health_check=list(HealthCheck))


@pytest.mark.django_db
class TestAnything:
    @RELAXED
    @given(
        anything
        | st.fixed_dictionaries(
            {"format": st.just("joined-up-review"), "version": st.just(1)},
            optional={
                name: st.lists(
                    st.dictionaries(st.sampled_from(["code", "slug", "heading", "title", "tags"]), anything) | anything
                )
                for name in ["findings", "sources", "terms"]
            },
        )
    )
    def test_arbitrary_json_is_taken_or_refused(self, value):
        offer(json.dumps(value).encode())

    @RELAXED
    @given(st.binary(max_size=60))
    def test_arbitrary_bytes_are_refused(self, data):
        offer(data.replace(b"PK", b""))

    def test_mutated_exports_are_taken_or_refused(self):
        whole = json.loads(jsonfile.write(review_document(make_whole_review())))

        @RELAXED
        @given(mutated(whole))
        def check(changed):
            offer(json.dumps(changed).encode())

        check()

    def test_files_cut_off_are_refused(self):
        data = jsonfile.write(review_document(make_whole_review()))
        for length in range(0, len(data) - 1, 501):
            with pytest.raises(ImportRefused):
                importing.upload(REVIEW_FILE, data[:length], "x.json")

"""Our wording keeps what the review says as certain as it says it; the check against its text finds what it should."""

import json
import re

import pytest

from findings.extraction.checks import quotations
from findings.extraction.plain import read_plain
from findings.extraction.reading import read
from tests.fidelity.run import coverage, main, problems, to_look_at
from tests.fidelity.wording import entries, hedges, said

ENTRIES = entries()


@pytest.mark.parametrize(("code", "field", "words"), hedges())
def test_a_hedge_is_kept_where_it_stands(code, field, words):
    assert words.lower() in ENTRIES[code][field].lower()


def test_every_finding_practice_point_and_key_message_is_in_the_table_of_hedges():
    assert {code for code, *_ in hedges()} == {code for code in ENTRIES if code[0] in "FPK"}


@pytest.mark.parametrize("code", ENTRIES)
def test_a_sentence_has_at_most_25_words(code):
    for text in ENTRIES[code].values():
        for sentence in re.split(r"(?<=[.?!])[’”]?\s+|\n", text):
            assert len(sentence.split()) <= 25, sentence


@pytest.mark.parametrize("code", [code for code in ENTRIES if code[0] == "F"])
def test_a_finding_is_a_short_sentence_with_a_short_bottom_line(code):
    assert len(ENTRIES[code]["heading"]) <= 70 and not ENTRIES[code]["heading"].endswith(".")
    assert len(ENTRIES[code]["bottom_line"].split()) <= 45


def test_quotations_are_whole():
    assert quotations(ENTRIES["F23"]["body"]) == ["in effect, a shift was taking place from hierarchy to network."]
    assert quotations(ENTRIES["F16"]["body"]) == [
        "the colonisation of multidisciplinary effort by one powerful perspective or agency view."
    ]


def test_a_quotation_that_is_not_the_texts_is_found():
    found = list(problems("Nothing of it."))
    assert any(problem.startswith("F23: the text has no “in effect") for problem in found)


def test_words_in_a_row_that_are_the_texts_are_found(tmp_path, capsys):
    sentence = said(ENTRIES["F4"])[-1].split(". ")[1]
    file = tmp_path / "review.txt"
    file.write_text(sentence, encoding="utf-8")
    assert main([str(file)]) == 1
    assert "F4: 8 words in a row are the text’s" in capsys.readouterr().out


def test_sentences_are_counted_by_section_and_checked_beside_their_paragraph(tmp_path):
    place = {"place_section": "Gardens", "place_paragraph": 2}
    fields = {"number": 1, "heading": "Rain always helps", "bottom_line": "Rain helps gardens.", "body": "", **place}
    fixture = tmp_path / "fixture.json"
    fixture.write_text(json.dumps([{"model": "findings.finding", "fields": fields}]), encoding="utf-8")
    reading = read(read_plain("# Gardens\n\nElsewhere.\n\nRain may help gardens. Not so hail.\n"))
    assert coverage(reading, fixture) == [("Gardens", 4, 2, 1)]
    assert {(code, one.check, one.words) for code, one in to_look_at(reading, fixture)} == {
        ("F1", "hedge", "may"),
        ("F1", "hedge", "Rain always helps"),
        ("F1", "certainty", "always"),
    }


def test_a_text_that_cannot_be_read_is_told(tmp_path, capsys):
    assert main([str(tmp_path / "nowhere.txt")]) == 2
    assert "make fidelity TEXT=" in capsys.readouterr().out

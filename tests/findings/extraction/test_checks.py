"""Each check is seen to fire, and to keep quiet, on passages of our own."""

import pytest

from findings.extraction.checks import remarks
from findings.extraction.degree import hedges_in

PASSAGE = (
    "One study found that neighbours who shared a plot often lent each other tools, and that 12 of 40 families may "
    "have grown more than they needed.³ It is not always easy."
)
GOOD = (
    "In one study, neighbours who shared land often lent tools",
    [
        "One study of 40 families links a shared plot with lending. Of these, 12 may have had a surplus; it was not "
        "always easy.",
    ],
)


def checks(heading, *texts, passages=(PASSAGE,), names=()):
    return {(remark.check, remark.words) for remark in remarks(passages, heading, texts, names)}


def kinds(*wording, **more):
    return {check for check, _ in checks(*wording, **more)}


def test_a_wording_that_keeps_to_its_passage_has_no_remark():
    assert checks(GOOD[0], *GOOD[1]) == set()


@pytest.mark.parametrize(
    ("passage", "wording", "hedge"),
    [
        ("Sharing may help.", "Sharing helps.", "may"),
        ("Sharing can help.", "Sharing helps.", "can"),
        ("Neighbours often share.", "Neighbours share.", "often"),
        ("Some neighbours share.", "Neighbours share.", "Some"),
        ("One study found that they shared.", "They shared.", "One study"),
        ("It was not always shared.", "It was not shared.", "not always"),
        ("Few gardens are watered by hand.", "Gardens are watered by hand.", "Few"),
        ("Water is likely to be short.", "Water is short.", "likely"),
    ],
)
def test_a_hedge_that_is_gone_is_told_and_one_that_is_kept_is_not(passage, wording, hedge):
    assert ("hedge", hedge) in checks("", wording, passages=[passage])
    assert "hedge" not in kinds("", passage, passages=[passage])


@pytest.mark.parametrize(
    ("wording", "word"),
    [
        ("Sharing always helps", "always"),
        ("Sharing is proven to help", "proven"),
        ("Sharing clearly helps", "clearly"),
        ("Sharing ensures help", "ensures"),
        ("Sharing is vital", "vital"),
        ("Gardens must be shared", "must"),
    ],
)
def test_a_certainty_that_the_passage_lacks_is_told_unless_it_is_denied(wording, word):
    passages = ["Sharing a garden helps."]
    assert ("certainty", word) in checks(wording, passages=passages)
    assert "certainty" not in kinds(wording, passages=[f"{wording}."])
    assert "certainty" not in kinds("Sharing does not always help", passages=passages)


def test_a_certainty_that_the_passage_denies_is_not_in_it():
    passages = ["Sharing a garden is not always easy, and may not solve all problems."]
    assert ("certainty", "always") in checks("Sharing is always easy", passages=passages)
    assert "certainty" not in kinds("Sharing may not always be easy", passages=passages)


def test_a_heading_that_is_surer_than_the_whole_passage_is_told():
    assert ("hedge", "Neighbours lend tools") in checks("Neighbours lend tools", *GOOD[1])
    assert "hedge" not in kinds("Neighbours often lend tools", *GOOD[1])


def test_numbers_and_names_that_the_passage_lacks_are_told_and_those_of_the_works_cited_are_not():
    heading, [text] = GOOD
    assert ("number", "14") in checks(heading, text.replace("12", "14"))
    assert ("number", "2001") in checks(heading, f"{text} It is of 2001.")
    assert "number" not in kinds(heading, f"{text} It is of 2001.", names=["Marsh 2001"])
    assert ("number", "thirteen") not in checks(heading, text)
    assert ("name", "Marsh") in checks(heading, f"{text} It was by Marsh.")
    assert "name" not in kinds(heading, f"{text} It was by Marsh.", names=["Marsh 2001"])


def test_a_number_in_words_is_the_same_in_figures():
    passages = ["Three families shared twelve beds."]
    assert "number" not in kinds("3 families shared 12 beds", passages=passages)
    assert ("number", "five") in checks("Five families shared 12 beds", passages=passages)


def test_eight_words_in_a_row_are_told_at_their_whole_length_and_seven_are_not():
    said = "neighbours who shared a plot often lent each other tools"
    assert ("copied", said) in checks("Often", f"Quite so: {said}, it found, in one study, if not always.")
    assert "copied" not in kinds("Often", f"One study: ‘{said}’, though not always, and they may.")
    assert "copied" not in kinds("Often", "One study: shared a plot often lent each other.")
    found = remarks([PASSAGE], "Often", [f"So {said}.", f"Hence {said}."])
    assert len([remark for remark in found if remark.check == "copied"]) == 1


def test_a_quotation_is_the_passage_s_letter_for_letter_whatever_the_form_of_its_marks():
    passages = ["She called it 'a garden's slow return to the commons'."]
    assert "quotation" not in kinds("She spoke of a return", "‘a garden’s slow return’", passages=passages)
    assert "quotation" in kinds("She spoke of a return", "‘a garden’s slow way back’", passages=passages)


def test_a_claim_with_no_passage_is_told():
    assert kinds("Anything", "Anything at all.", passages=[]) == {"passage"}
    invented = "Hedgehogs returned to suburban motorways following climatic improvements."
    assert ("passage", invented) in checks(GOOD[0], f"{GOOD[1][0]} {invented}")


def test_words_of_degree_are_found_where_they_stand():
    text = "In one study, staff often agreed; it may help."
    assert [text[start:end] for start, end in hedges_in(text)] == ["In one study", "often", "may"]

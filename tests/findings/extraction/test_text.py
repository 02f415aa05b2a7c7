"""The text of a review in its tables: numbers that stay, states that follow from passages, corrections by hand."""

import pytest

from curation.log import LogEntry
from findings.extraction import coverage
from findings.extraction.bringing_in import Loses, Refused, bring_in, divide, edit, join
from findings.extraction.making import take_back
from findings.extraction.models import KeptRemark, Passage, Sentence, State, Use
from findings.extraction.plain import read_plain
from tests.factories import make_finding, make_review

pytestmark = pytest.mark.django_db

TEXT = """# Sharing a garden

Neighbours who share a plot often talk. They may lend tools. Not all of them do.

## Water

Water is scarce. Neighbours who share a plot often talk!

- **Rotas** A rota can help.
"""


@pytest.fixture
def text(admin_user):
    return bring_in(make_review(), read_plain(TEXT), "garden.txt", admin_user)


def sentence(text, number, part=0):
    return text.sentences.get(number=number, part=part)


def passage(one, entry=None, use=Use.FINDING, **values):
    made = Passage.objects.create(sentence=one, use=use, entry=entry, **values)
    Sentence.objects.filter(pk=one.pk).settle()
    one.refresh_from_db()
    return made


def labels(text):
    return {one.label: one.wording for one in text.sentences.order_by("number", "part")}


def test_sentences_have_numbers_and_their_place(text):
    assert labels(text)["3"] == "They may lend tools."
    assert [(one.title, one.level) for one in text.sections.all()] == [("Sharing a garden", 1), ("Water", 2)]
    assert sentence(text, 9).place == ("Water", 2, "")
    assert [one.kind for one in text.sentences.order_by("number")][-2:] == ["heading", "item"]


def test_a_sentence_is_open_until_all_but_a_word_or_two_is_in_a_passage(text):
    one = sentence(text, 2)
    passage(one, make_finding(), start=0, end=22)
    assert one.state == State.OPEN and one.is_begun
    passage(one, make_finding(), start=22, end=33)
    assert one.state == State.COVERED
    aside = sentence(text, 1)
    passage(aside, use=Use.ASIDE, reason="Heading")
    assert aside.state == State.ASIDE


def test_a_heading_of_a_word_is_open_again_when_its_passage_is_taken_back(text):
    one = sentence(text, 5)
    assert one.wording == "Water"
    passage(one, use=Use.ASIDE, reason="Heading")
    take_back(Passage.objects.get())
    one.refresh_from_db()
    assert one.state == State.OPEN


def test_cover_is_counted_by_section_in_two_queries_however_many_there_are(text, django_assert_num_queries):
    passage(sentence(text, 2), make_finding())
    passage(sentence(text, 1), use=Use.ASIDE, reason="Heading")
    with django_assert_num_queries(2):
        covers = coverage.by_section(text)
    assert [(cover.covered, cover.aside, cover.open) for cover in covers] == [(1, 1, 2), (0, 0, 5)]
    assert coverage.of_all(covers).in_words == "7 open of 9"
    assert coverage.next_open(text).number == 3
    assert coverage.next_open(text, sentence(text, 4)).number == 5
    assert coverage.next_open(text, sentence(text, 9)).number == 3


def test_passages_that_say_the_same_are_known_whatever_their_stops(text):
    same = coverage.repeated(text, list(text.sentences.all()))
    assert list(same.values()) == [["2", "7"]]


def test_what_is_deleted_leaves_its_sentences_open_again(text):
    finding = make_finding(status="draft", published_on=None)
    one = sentence(text, 3)
    passage(one, finding)
    finding.delete()
    one.refresh_from_db()
    assert one.state == State.OPEN and not one.passages.exists()


def test_a_sentence_is_divided_and_joined_again_with_its_number_and_its_passages(text):
    finding = make_finding()
    one = sentence(text, 2)
    passage(one, finding)
    divide(one, "Neighbours who share a plot")
    assert labels(text)["2"] == "Neighbours who share a plot" and labels(text)["2b"] == "often talk."
    assert [sentence(text, 2, part).state for part in (0, 1)] == ["covered", "covered"]
    join(sentence(text, 2))
    assert labels(text)["2"] == "Neighbours who share a plot often talk." and "2b" not in labels(text)
    assert [(made.start, made.entry) for made in sentence(text, 2).passages.all()] == [(None, finding)]
    assert labels(text)["3"] == "They may lend tools."


def test_joining_keeps_what_was_made_of_each_half(text):
    first, second = make_finding(), make_finding()
    passage(sentence(text, 2), first)
    passage(sentence(text, 3), second)
    join(sentence(text, 2))
    made = {one.entry: one.wording for one in sentence(text, 2).passages.all()}
    assert made == {first: "Neighbours who share a plot often talk.", second: "They may lend tools."}
    assert sentence(text, 2).state == State.COVERED


def test_a_correction_keeps_the_parts_that_something_was_made_of(text):
    one = sentence(text, 3)
    passage(one, make_finding(), start=9, end=13)
    edit(one, "It is said that they may lend tools.")
    assert Passage.objects.get().wording == "lend"
    with pytest.raises(Refused, match="Something was made of “lend”"):
        edit(one, "They may give tools.")


@pytest.mark.parametrize("before", ["", "Not there", "They may lend tools."])
def test_a_sentence_is_divided_only_behind_words_that_it_starts_with(text, before):
    with pytest.raises(Refused):
        divide(sentence(text, 3), before)


def test_the_last_sentence_of_a_paragraph_is_not_joined_with_the_next_paragraph(text):
    with pytest.raises(Refused, match="another paragraph"):
        join(sentence(text, 4))


def test_another_text_takes_over_what_was_made_of_the_sentences_that_it_has_too(text, admin_user):
    finding, part = make_finding(), make_finding()
    passage(sentence(text, 2), finding)
    passage(sentence(text, 3), part, start=9, end=13)
    passage(sentence(text, 7), use=Use.ASIDE, reason="Repetition")
    better = read_plain(
        f"# A preface\n\nSomething new.\n\n{TEXT.replace('They may lend tools.', 'They may lend tools!')}"
    )
    again = bring_in(text.review, better, "better.txt", admin_user)
    made = {one.sentence.label: (one.wording, one.entry, one.reason) for one in Passage.objects.all()}
    assert made == {
        "4": ("Neighbours who share a plot often talk.", finding, ""),
        "5": ("lend", part, ""),
        "9": ("Neighbours who share a plot often talk!", None, "Repetition"),
    }
    assert [sentence(again, number).state for number in (1, 4, 5, 9)] == ["open", "covered", "open", "aside"]
    assert LogEntry.objects.get().note == "3 passages were kept."


def test_another_text_that_lacks_sentences_says_what_is_lost_and_changes_nothing_unless_that_is_meant(text, admin_user):
    kept, lost = make_finding(), make_finding()
    passage(sentence(text, 3), kept)
    passage(sentence(text, 4), lost)
    passage(sentence(text, 4), kept)
    passage(sentence(text, 8), use=Use.ASIDE, reason="Heading")
    for entry in (kept, lost):
        KeptRemark.objects.create(entry=entry, key="hedge:may", says="A hedge is gone.", reason="It is in the heading.")
    with pytest.raises(Loses) as told:
        bring_in(text.review, read_plain("They may lend tools."), "", admin_user)
    assert (told.value.entries, told.value.aside) == ({lost: 1, kept: 1}, 1)
    assert text.sentences.count() == 9 and Passage.objects.count() == 4
    again = bring_in(text.review, read_plain("They may lend tools."), "", admin_user, loses=True)
    assert again.sentences.count() == Sentence.objects.count() == 1
    assert [(one.entry, one.wording) for one in Passage.objects.all()] == [(kept, "They may lend tools.")]
    assert [remark.entry for remark in KeptRemark.objects.all()] == [kept]
    assert LogEntry.objects.get().note == f"1 passage was kept; 3 were lost, of {lost.code} and {kept.code}."


def test_a_file_without_a_sentence_leaves_the_text_that_there_is(text, admin_user):
    with pytest.raises(Refused, match="no sentence"):
        bring_in(text.review, [], "", admin_user)
    assert text.sentences.count() == 9

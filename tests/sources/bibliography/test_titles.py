"""Titles in sentence case, without taking a capital from a name where that can be told; and journals in short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.bibliography.titles import abbreviated, sentence_case


@pytest.mark.parametrize(
    ("title", "expected", "in_apa"),
    [
        (
            "Communities of Practice: Learning, Meaning, and Identity",
            "Communities of practice: learning, meaning, and identity",
            "Communities of practice: Learning, meaning, and identity",
        ),
        (
            "Working Together in Child Protection: An exploration of the task",
            "Working together in child protection: an exploration of the task",
            "Working together in child protection: An exploration of the task",
        ),
        (
            "NHS Teams, eCAF and Their Multi-Agency Working in Wales",
            "NHS teams, eCAF and their multi-agency working in Wales",
            "NHS teams, eCAF and their multi-agency working in Wales",
        ),
        (
            "Why Not Share? The Case for Better Records",
            "Why not share? The case for better records",
            "Why not share? The case for better records",
        ),
        ("“It’s not my job”: roles", "“It’s not my job”: roles", "“It’s not my job”: Roles"),
        ("Small steps — a guide", "Small steps — a guide", "Small steps — A guide"),
    ],
)
def test_a_title_in_title_case_gets_the_capitals_of_a_sentence(title, expected, in_apa):
    assert sentence_case(title) == expected
    assert sentence_case(title, capital_after_colon=True) == in_apa


@pytest.mark.parametrize(
    "title",
    [
        "Care in Northern Ireland",
        "Every Child Matters",
        "Neighbourhood teams: Manchester and after",
        "Review of the youth justice system in England and Wales",
        "Working with children, parents and the Bureau for Family Studies",
        "Hilfe für Familien und Kinder in Berlin: Ein Bericht",
        "How effective is the approach? A follow-up study",
        "跨专业合作",
    ],
)
def test_capitals_that_may_be_those_of_names_stay(title):
    assert sentence_case(title) == title


@given(st.text() | st.text("Aa Bb: ?—-’'1É"), st.booleans())
def test_only_capitals_change_and_a_second_time_nothing_does(title, after_colon):
    once = sentence_case(title, after_colon)
    assert once.casefold() == title.casefold()
    assert sentence_case(once, after_colon) == once


@pytest.mark.parametrize(
    ("journal", "expected"),
    [
        ("Child Abuse & Neglect", "Child Abuse Negl"),
        ("Child abuse and neglect", "Child Abuse Negl"),
        ("The Journal of Children’s Services", "J Child Serv"),
        ("Journal of Interprofessional Care", "J Interprof Care"),
        ("Journal of Shared Work", "Journal of Shared Work"),
    ],
)
def test_a_journal_that_is_known_is_abbreviated_and_others_stand_as_given(journal, expected):
    assert abbreviated(journal) == expected

import pytest

from curation.text import listed
from sources.bibliography.names import cited, curly, in_order, initials, inverted, spaced
from sources.bibliography.record import Name


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Nick", "N."),
        ("NJ", "N.J."),
        ("N. J.", "N.J."),
        ("Anne-Marie", "A.-M."),
        ("J.-P.", "J.-P."),
        ("Jean Paul", "J.P."),
        ("bell", "b."),
        ("", ""),
    ],
)
def test_given_names_become_initials(given, expected):
    assert initials(given) == expected


def test_an_organisation_is_never_turned_round():
    assert inverted(Name(literal="research in practice")) == "research in practice"
    assert in_order(Name(literal="research in practice")) == "research in practice"


def test_a_name_written_without_spaces_is_never_turned_round():
    assert inverted(Name(family="王", given="小明")) == in_order(Name(family="王", given="小明")) == "王小明"


def test_names_are_listed_and_cut_after_three():
    assert listed(["A", "B", "C"]) == "A, B and C"
    people = [Name(family="Townsley"), Name(family="Abbott"), Name(family="Watson")]
    assert cited(people) == "Townsley, Abbott and Watson"
    assert cited([*people, Name(family="D")]) == "Townsley and others"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the Achilles' heel", "the Achilles’ heel"),
        ("It's 'good enough'", "It’s ‘good enough’"),
        ("parents' and children's views", "parents’ and children’s views"),
        ('"It\'s not my job": roles', "‘It’s not my job’: roles"),
        ("“Who says 'no'?”", "‘Who says “no”?’"),
        ("the ‘rules’", "the ‘rules’"),
        ("6' 2\" tall", '6’ 2" tall'),
    ],
)
def test_quotation_marks_are_typeset(text, expected):
    assert curly(text) == expected


def test_quotations_within_quotation_marks_have_the_other_ones():
    assert curly("The 'good enough' team's “rules”", 1) == "The “good enough” team’s “rules”"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("NJ", "N. J."),
        (" JPR ", "J. P. R."),
        ("N.J.", "N. J."),
        ("J.-P.", "J.-P."),
        ("N. J.", "N. J."),
        ("Nick", "Nick"),
        ("R", "R"),
        ("Jo", "Jo"),
        ("", ""),
    ],
)
def test_initials_written_together_come_apart(given, expected):
    assert spaced(given) == expected

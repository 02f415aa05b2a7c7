from types import SimpleNamespace

import pytest

from sources.names import cited, initials, inverted, listed
from sources.references import as_text, harvard


def person(family="", given="", literal=""):
    return SimpleNamespace(family=family, given=given, literal=literal)


def work(**values):
    roles = {role: values.pop(role, []) for role in ["author", "editor", "compiler"]}
    fields = dict.fromkeys(
        [
            "title",
            "issued",
            "container_title",
            "volume",
            "issue",
            "pages",
            "edition",
            "publisher",
            "place",
            "series",
            "doi",
            "url",
        ],
        "",
    )
    fields |= {"csl_type": "book", "issued_is_approximate": False, "accessed_on": None, **values}
    return SimpleNamespace(people=lambda role: roles.get(role, []), year=fields["issued"][:4], **fields)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("Nick", "N."), ("NJ", "N.J."), ("N. J.", "N.J."), ("Anne-Marie", "A.-M."), ("Jean Paul", "J.P."), ("", "")],
)
def test_given_names_become_initials(given, expected):
    assert initials(given) == expected


def test_an_organisation_is_never_turned_round():
    assert inverted(person(literal="research in practice")) == "research in practice"


def test_names_are_listed_and_cut_after_three():
    assert listed(["A", "B", "C"]) == "A, B and C"
    assert cited([person("Townsley"), person("Abbott"), person("Watson")]) == "Townsley, Abbott and Watson"
    assert cited([person("A"), person("B"), person("C"), person("D")]) == "A and others"


HUDSON = work(
    csl_type="article-journal",
    author=[person("Hudson", "B")],
    issued="2002",
    title="Interprofessionality in health and social care: the Achilles' heel of partnership?",
    container_title="Journal of Interprofessional Care",
    volume="16",
    issue="1",
    pages="7-17",
    doi="10.1080/13561820220104122",
)


def test_a_journal_article():
    assert as_text(harvard(HUDSON)) == (
        "Hudson, B. (2002) ‘Interprofessionality in health and social care: the Achilles’ heel of partnership?’, "
        "Journal of Interprofessional Care, 16(1), pp. 7–17. Available at: https://doi.org/10.1080/13561820220104122"
    )
    assert [text for text, italic in harvard(HUDSON) if italic] == ["Journal of Interprofessional Care"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            work(
                author=[person("Murphy", "M")], issued="1995", title="Working", place="Aldershot", publisher="Ashgate"
            ),
            "Murphy, M. (1995) Working. Aldershot: Ashgate.",
        ),
        (
            work(author=[person("Frost", "Nick")], issued="2005", issued_is_approximate=True, title="Partnership"),
            "Frost, N. [2005] Partnership.",
        ),
        (work(title="A leaflet", publisher="A Council"), "A Council (no date) A leaflet."),
        (work(title="Nobody’s"), "Nobody’s (no date)."),
        (
            work(editor=[person("A", "B"), person("C", "D")], issued="2001", title="What works?", publisher="Press"),
            "A, B. and C, D. (eds) (2001) What works? Press.",
        ),
        (
            work(
                csl_type="chapter",
                author=[person("A", "B")],
                editor=[person("C", "D")],
                issued="2001",
                title="One",
                container_title="All",
                pages="3",
                publisher="Press",
            ),
            "A, B. (2001) ‘One’, in C, D. (ed.) All, p. 3. Press.",
        ),
    ],
)
def test_other_kinds(source, expected):
    assert as_text(harvard(source)) == expected

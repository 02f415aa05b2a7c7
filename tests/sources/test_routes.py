"""Addresses are those that Django works out."""

import pytest
from django.template import engines
from django.urls import NoReverseMatch, reverse, set_script_prefix

from sources.routes import path


@pytest.fixture
def prefix():
    yield set_script_prefix
    set_script_prefix("/")


NAMES = [
    ("home",),
    ("theme", "a-theme"),
    ("implication", "mutual-engagement", "a_point"),
    ("code", "F23"),
    ("export", "F23", "ris"),
    ("qr-code", "F23", "png"),
    ("linkset", "T7"),
    ("version_code", "F23", 2),
    ("api-findings-entry", "F23"),
]


@pytest.mark.parametrize("under", ["/", "/evidence/", "/a b/"])
@pytest.mark.parametrize("name, args", [(name, args) for name, *args in NAMES])
def test_they_are_those_of_reverse(prefix, under, name, args):
    prefix(under)
    for _ in range(2):
        assert path(name, *args) == reverse(name, args=args)


def test_what_no_address_can_hold_is_refused():
    with pytest.raises(NoReverseMatch):
        path("theme", "not a slug")
    with pytest.raises(NoReverseMatch):
        path("theme")
    with pytest.raises(NoReverseMatch):
        path("nowhere", "at-all")


def test_templates_have_them():
    template = engines["pages"].from_string('{{ path("export", code, "bib") }} {{ path("home") }}')
    assert template.render({"code": "F3"}) == "/F3.bib /"

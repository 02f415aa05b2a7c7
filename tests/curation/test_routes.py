"""Addresses are those that Django works out."""

import pytest
from django.template import engines
from django.urls import NoReverseMatch, reverse, set_script_prefix

from curation import routes
from curation.routes import path


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


@pytest.mark.parametrize("slug", ["", "not a slug", "日本", "a/b"])
def test_an_entry_that_no_address_can_hold_has_none_and_that_is_logged(slug, caplog):
    routes._path.cache_clear()
    assert path("theme", slug) == ""
    assert "mend the slug of that entry" in caplog.text


def test_what_is_no_page_has_no_address():
    with pytest.raises(NoReverseMatch):
        path("theme")
    with pytest.raises(NoReverseMatch):
        path("nowhere", "at-all")


def test_templates_have_them():
    template = engines["pages"].from_string('{{ path("export", code, "bib") }} {{ path("home") }}')
    assert template.render({"code": "F3"}) == "/F3.bib /"

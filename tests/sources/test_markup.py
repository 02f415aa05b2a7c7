"""Text for a page."""

import pytest
from django.utils.safestring import mark_safe
from jinja2 import ChainableUndefined
from markupsafe import Markup, escape

from sources.entries import Status
from sources.markup import escaped


class Shown:
    def __str__(self):
        return "a < b"


class Marked:
    def __html__(self):
        return "<b>"


@pytest.mark.parametrize(
    "value",
    [
        *("plain", "<b>&amp;'\"", "", 5, 1.5, None, Status.DRAFT, Shown(), Marked(), ChainableUndefined(name="nobody")),
        *(mark_safe("<i>"), Markup("<i>"), mark_safe("<i>") + "<b>", Markup("<i>") + "<b>"),
    ],
)
def test_anything_is_escaped_as_its_own_library_does(value):
    assert str(escaped(value)) == str(escape(value))

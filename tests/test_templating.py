"""Templates of the public pages."""

import json
import re

import pytest
from django.conf import settings
from django.template import TemplateDoesNotExist, engines
from jinja2 import UndefinedError, nodes

from findings.parts import unbroken
from sources.bibliography.record import Name, Record
from sources.bibliography.references import STYLES

FOLDER = settings.BASE_DIR / "templates"
PUBLIC = sorted(
    str(path.relative_to(FOLDER))
    for path in FOLDER.rglob("*")
    if path.is_file() and path.relative_to(FOLDER).parts[0] != "admin"
)


def rendered(source, **context):
    return engines["pages"].from_string(source).render(context)


@pytest.mark.parametrize("name", PUBLIC)
def test_each_is_sound_and_calls_only_what_there_is(name):
    environment = engines["pages"].env
    environment.get_template(name)
    tree = environment.parse((FOLDER / name).read_text())
    known = set(environment.globals) | {node.name for node in tree.find_all(nodes.Macro)}
    known |= {imported for node in tree.find_all(nodes.FromImport) for imported in node.names}
    called = {call.node.name for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name)}
    assert called <= known


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>Co-location, face-to-face.</p>", "<p><nb>Co-location</nb>, <nb>face-to-face</nb>.</p>"),
        (
            '<a title="co-location" href="/a-b/">co-location</a>',
            '<a title="co-location" href="/a-b/"><nb>co-location</nb></a>',
        ),
        ("<title>Joined-up</title><textarea>co-op</textarea>", "<title>Joined-up</title><textarea>co-op</textarea>"),
        ("https://joined-up.example/team-check/?a", "https://joined-up.example/team-check/?a"),
        ("pages 7-8, multi-professional", "pages 7-8, multi-professional"),
        ("<script>let well-known</script> well-known", "<script>let well-known</script> <nb>well-known</nb>"),
    ],
)
def test_a_short_compound_in_running_text_stays_on_one_line(page, expected):
    marked = unbroken(page).replace('<span class="nb">', "<nb>").replace("</span>", "</nb>")
    assert marked == expected


def test_text_is_escaped_and_markup_is_not():
    assert rendered("{{ text }} {{ icon('i-book') }}", text="<b>'\"").startswith("&lt;b&gt;&#39;&#34; <svg")


@pytest.mark.parametrize(
    "source", ["{{ nobody }}", "{% if nobody %}{% endif %}", "{{ icon.nobody }}", "{{ nobody() }}"]
)
def test_what_is_not_there_is_an_error(source):
    with pytest.raises(UndefinedError, match="nobody"):
        rendered(source)


@pytest.mark.parametrize("style", STYLES)
def test_references_are_escaped_once(style):
    work = Record("book", "<script>alert('x')</script> & more", [Name(literal="X<img src=x>")], "2001")
    html = rendered("{{ work|reference(style) }}", work=work, style=style)
    assert set(re.findall("<[^>]*>", html)) <= {"<i>", "</i>"}
    for text in ["&lt;script&gt;", "&amp; more", "X&lt;img src=x&gt;"]:
        assert text in html


def test_what_machines_read_cannot_end_its_script_and_says_what_it_was_given():
    about = {"name": "</script><b> & 'é'", "first": 1}
    text = rendered("{{ about|tojson }}", about=about)
    assert not set(text) & set("<>&'")
    assert json.loads(text) == about
    assert list(json.loads(text)) == ["name", "first"]


def test_those_of_the_admin_are_not_theirs():
    with pytest.raises(TemplateDoesNotExist):
        engines["pages"].get_template("admin/base_site.html")
    assert engines["admin"].get_template("admin/base_site.html")


def test_what_is_on_the_list_says_so(rf):
    source = "{% for code in ['F1'] %}{{ add_to_list(request, code, 'A & B') }}{% endfor %}"
    assert "A &amp; B" in rendered(source, request=rf.get("/", {"items": "F1"}))
    assert "On the list" in rendered(source, request=rf.get("/", {"items": "F1"}))

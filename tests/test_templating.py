"""Templates of the public pages."""

import json
import re

import pytest
from django.conf import settings
from django.template import TemplateDoesNotExist, engines
from jinja2 import DictLoader, UndefinedError, nodes
from sources.formats import Name, Record
from sources.references import STYLES

from joinedup.templating import PublicEnvironment

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


def test_text_is_escaped_and_markup_is_not():
    assert rendered("{{ text }} {{ icon('i-book') }}", text="<b>'\"").startswith("&lt;b&gt;&#39;&#34; <svg")


def test_what_is_not_there_prints_nothing():
    assert rendered("[{{ nobody.name[0].given }}]{% if nobody.name %}!{% endif %}") == "[]"


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


def test_what_is_called_is_given_what_it_takes_by_place_and_by_name():
    source = (
        '{% macro pair(a, b="-") %}{{ a }}{{ b }}{% endmacro %}{{ pair(1) }} {{ pair("<", b=2) }} {{ " x ".strip() }}'
    )
    assert rendered(source) == "1- &lt;2 x"


def test_a_call_that_stands_around_text_gets_it():
    source = "{% macro box(word) %}{{ word }}:{{ caller() }}{% endmacro %}{% call box('a') %}<b>{% endcall %}"
    assert rendered(source) == "a:<b>"


def test_lists_and_tables_of_arguments_are_unpacked():
    assert rendered("{{ '{}{}{x}'.format(*pair, **names) }}", pair=[1, 2], names={"x": "<"}) == "12&lt;"


@pytest.mark.parametrize("auto_reload", [True, False])
def test_what_is_included_has_the_context_and_changes_nothing_around_it(auto_reload):
    part = "{% set x = x ~ 1 %}{{ x }}{{ y|upper }};"
    environment = PublicEnvironment(loader=DictLoader({"part": part}), auto_reload=auto_reload)
    around = '{% for y in "ab" %}{% include "part" %}{{ x }}{% endfor %}'
    around += '{% with x=5 %}{% include "part" %}{% endwith %}{{ x }}'
    assert environment.from_string(around).render(x=0, y="c") == "01A;001B;051C;0"


def test_what_is_on_the_list_says_so(rf):
    source = "{% for code in ['F1'] %}{{ add_to_list(request, code, 'A & B') }}{% endfor %}"
    assert "A &amp; B" in rendered(source, request=rf.get("/", {"items": "F1"}))
    assert "On the list" in rendered(source, request=rf.get("/", {"items": "F1"}))


def test_to_call_what_is_not_there_is_an_error():
    with pytest.raises(UndefinedError, match="nobody"):
        rendered("{{ nobody() }}")

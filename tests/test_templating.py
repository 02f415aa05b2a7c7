"""Templates of the public pages."""

import pytest
from django.conf import settings
from django.template import TemplateDoesNotExist, engines
from jinja2 import nodes

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


def test_those_of_the_admin_are_not_theirs():
    with pytest.raises(TemplateDoesNotExist):
        engines["pages"].get_template("admin/base_site.html")
    assert engines["admin"].get_template("admin/base_site.html")

"""The documentation is true: what it links to, and each command and address that it names, exists."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from joinedup import __version__
from joinedup.operations.metrics import PAGE as METRICS

ROOT = Path(__file__).resolve().parent.parent
DOCS = [
    *sorted(path.relative_to(ROOT) for path in (ROOT / "docs").glob("*.md")),
    *(Path(name) for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]),
]
WIDTH = 160
APPS = ("joinedup", "findings", "sources", "curation")
# The first part of a path on a server, which is no address of the site.
OF_A_SERVER = {"backups", "etc", "opt", "srv", "usr", "var"}
PLACEHOLDER = re.compile("[<>{}…]")

FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

each_file = pytest.mark.parametrize("path", DOCS, ids=str)


def text_of(path):
    return (ROOT / path).read_text()


def prose_of(path):
    return FENCE.sub("", text_of(path))


def code_of(path):
    """The code spans and blocks of a file."""
    return [*FENCE.findall(text_of(path)), *spans_of(path)]


def spans_of(path):
    return SPAN.findall(prose_of(path))


def anchors_of(path):
    """The names that GitHub gives to headings."""
    headings = [re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", heading) for heading in HEADING.findall(prose_of(path))]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named(pattern):
    """What `pattern` finds in the code of all files."""
    return {name for path in DOCS for code in code_of(path) for name in re.findall(pattern, code)}


def make_targets():
    """Target -> whether `make help` lists it."""
    lines = re.findall(r"^([a-z-]+):(?!=)(.*)$", text_of("Makefile"), re.MULTILINE)
    return {name: "## " in rest for name, rest in lines}


def own_commands():
    return {path.stem for app in APPS for path in (ROOT / app).glob("**/management/commands/[!_]*.py")}


@each_file
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(path):
    for link in LINK.findall(SPAN.sub("", prose_of(path))):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (path.parent / target) if target else path
        assert (ROOT / file).exists(), link
        assert not anchor or anchor in anchors_of(file), link


@each_file
def test_every_path_of_the_code_exists(path):
    tops = {top.name for top in ROOT.iterdir() if top.is_dir() and not top.name.startswith(".") and top.name != "var"}
    for span in spans_of(path):
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", span) and "/" in span and span.partition("/")[0] in tops:
            assert (ROOT / span).exists(), span


@each_file
def test_every_address_answers(path):
    addresses = [*spans_of(path), *re.findall(r"http://127\.0\.0\.1:8000(/[^\s'\">]*)", text_of(path))]
    for address in addresses:
        place = re.split(r"[?#]", address)[0]
        if not re.fullmatch(r"/\S*", place) or PLACEHOLDER.search(place) or place == METRICS:
            continue
        if place.split("/")[1] in OF_A_SERVER:
            continue
        try:
            match = resolve(place)
        except Resolver404:
            pytest.fail(f"{address} leads nowhere.")
        assert match.url_name, f"{address} is answered only by what answers to everything."


def test_every_management_command_that_is_named_exists():
    commands = named(r"manage\.py ([a-z_]+)") | named(r"(?<![\w./-])joined-up ([a-z_]+)")
    assert len(commands) > 15
    assert commands - set(get_commands()) == set()


def test_every_management_command_of_ours_is_named():
    assert own_commands() - named(r"manage\.py ([a-z_]+)") == set()


def test_every_make_target_that_is_named_exists():
    targets = named(r"(?<![\w-])make ([a-z-]+)")
    assert len(targets) > 10
    assert targets - set(make_targets()) == set()


def test_every_make_target_for_people_is_named():
    assert {name for name, is_listed in make_targets().items() if is_listed} - named(r"make ([a-z-]+)") == set()


def test_the_index_links_to_every_file():
    linked = set(LINK.findall(text_of("docs/README.md")))
    assert {path.name for path in DOCS if path.parent.name == "docs"} - linked == {"README.md"}


def test_the_version_has_its_heading_in_the_changelog():
    assert re.search(rf"^## {re.escape(__version__)} \(\d{{4}}-\d\d-\d\d\)$", text_of("CHANGELOG.md"), re.MULTILINE)


@pytest.mark.parametrize("path", DOCS, ids=str)
def test_lines_are_short(path):
    assert [line for line in text_of(path).splitlines() if len(line) > WIDTH] == []

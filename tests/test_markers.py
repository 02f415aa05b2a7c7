"""What only one of the databases does, or each in its own way, is marked: else it would be tried on SQLite alone."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
TELLING = {"DataError", "IntegrityError", "cursor", "select_for_update", "vendor"}


def names(tree):
    nodes = list(ast.walk(tree))
    return {getattr(node, "id", None) for node in nodes} | {getattr(node, "attr", None) for node in nodes}


def touches_the_database(tree):
    """Whether it names what differs between databases, or has its changes really written."""
    written = (
        node.arg == "transaction" and getattr(node.value, "value", False)
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword)
    )
    return bool(TELLING & names(tree)) or any(written)


def is_marked(trees):
    return any("databases" in names(tree) for tree in trees)


def unmarked(text):
    """The functions, classes and assignments of a module of tests that need the marker and lack it."""
    body = ast.parse(text).body
    given = {ast.unparse(node.targets[0]): node.value for node in body if isinstance(node, ast.Assign)}
    if "pytestmark" in given and is_marked([given["pytestmark"]]):
        return []
    defined = [node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    lacking = [node.name for node in defined if touches_the_database(node) and not is_marked(node.decorator_list)]
    return lacking + [name for name, value in given.items() if touches_the_database(value)]


def test_what_differs_between_databases_is_tried_on_both():
    modules = [path for path in TESTS.rglob("test_*.py") if TESTS / "browser" not in path.parents]
    found = {str(path.relative_to(TESTS)): unmarked(path.read_text()) for path in modules}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def test_one(): pytest.raises(IntegrityError)", ["test_one"]),
        ("@pytest.mark.django_db(transaction=True)\ndef test_one(): pass", ["test_one"]),
        ("@pytest.mark.django_db(transaction=False)\ndef test_one(): pass", []),
        ("pytestmark = pytest.mark.skipif(connection.vendor != 'sqlite')", ["pytestmark"]),
        ("class TestOne:\n    def test_two(self): connection.cursor()", ["TestOne"]),
        ("@pytest.mark.databases\nclass TestOne:\n    def test_two(self): connection.cursor()", []),
        ("pytestmark = [pytest.mark.databases]\ndef test_one(): connection.cursor()", []),
    ],
)
def test_the_check_sees_what_lacks_the_marker(text, found):
    assert unmarked(text) == found

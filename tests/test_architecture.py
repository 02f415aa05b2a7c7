"""Who may import whom (joinedup -> findings -> sources -> curation -> Django), and what nobody may reach into."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_NOT_IMPORT = {
    "curation": {"sources", "findings", "joinedup"},
    "sources": {"findings", "joinedup"},
    "findings": {"joinedup"},
}


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def imported(path):
    return (name.split(".")[0] for name in imported_modules(path))


@pytest.mark.parametrize("package", MAY_NOT_IMPORT)
def test_imports_never_go_upward(package):
    files = list((ROOT / package).rglob("*.py"))
    assert files
    wrong = {str(path): set(imported(path)) & MAY_NOT_IMPORT[package] for path in files}
    assert {path: names for path, names in wrong.items() if names} == {}


UNPACKS_CODE = {"cPickle", "cloudpickle", "dill", "joblib", "jsonpickle", "marshal", "pickle", "shelve"}


@pytest.mark.parametrize("package", ["joinedup", "findings", "sources", "curation"])
def test_no_module_reads_data_that_can_run_something(package):
    for path in (ROOT / package).rglob("*.py"):
        assert not set(imported(path)) & UNPACKS_CODE, path
        called = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        assert not {name.id for name in called if isinstance(name, ast.Name)} & {"eval", "exec"}, path


MODULES = {
    str(path.relative_to(ROOT)): ast.parse(path.read_text())
    for package in ("joinedup", "findings", "sources", "curation")
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
}
PRIVATE_MODULES = (
    "django.db.models.base",
    "django.db.models.query_utils",
    "django.db.models.sql",
    "django.urls.resolvers",
    "jinja2.compiler",
    "jinja2.environment",
    "jinja2.runtime",
    "taggit.managers._TaggableManager",
)
PRIVATE_NAMES = {
    *("_fetch_all", "_hints", "_iterable_class", "_known_related_objects", "_prefetch_related_lookups"),
    *("_prefetched_objects_cache", "_raw_delete", "_result_cache", "get_resolver"),
    *("CursorWrapper", "DatabaseErrorWrapper", "SQLiteCursorWrapper"),
}
DOCUMENTED = {
    *("_base_manager", "_default_manager", "_meta", "_state"),  # Django
    *("_replace", "_value_"),  # Python
    *("_inline", "_p", "_tbl", "_tr"),  # python-docx, which has no other way to the XML
}


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def names_given(tree):
    """The names that a module gives to what it defines or sets."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr


def names_used(tree):
    """(line, name, whether it may be one of ours) of each name that a module imports, reads or sets."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            is_ours = bool(node.level) or node.module.split(".")[0] in ("joinedup", "findings", "sources", "curation")
            yield from ((node.lineno, f"{node.module or ''}.{alias.name}", is_ours) for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr, True
        elif isinstance(node, ast.Constant) and node.value in PRIVATE_NAMES:  # getattr, __dict__
            yield node.lineno, node.value, False


OURS = {name for tree in MODULES.values() for name in names_given(tree)} - PRIVATE_NAMES


def is_refused(name, may_be_ours):
    if f"{name}.".startswith(tuple(f"{module}." for module in PRIVATE_MODULES)):
        return True
    parts = set(name.split("."))
    allowed = DOCUMENTED | (OURS if may_be_ours else set())
    return bool(parts & PRIVATE_NAMES) or any(is_private(part) and part not in allowed for part in parts)


def test_nobody_reaches_into_private_parts_of_a_library():
    assert [
        f"{path}:{line}: {name}"
        for path, tree in MODULES.items()
        for line, name, may_be_ours in names_used(tree)
        if is_refused(name, may_be_ours)
    ] == []


SAFE_BY_WORD_ALONE = {"Markup", "SafeData", "SafeString", "SafeText", "mark_safe"}


def test_html_is_made_by_templates_and_format_html_alone():
    assert [
        f"{path}:{line}: {name}"
        for path, tree in MODULES.items()
        for line, name, _ in names_used(tree)
        if set(name.split(".")) & SAFE_BY_WORD_ALONE
    ] == []


PURE = [
    "findings/handout_check/office.py",
    "findings/handout_check/pdf.py",
    "findings/handout_check/reading.py",
    "findings/review_files/grids.py",
    "findings/review_files/jsonfile.py",
    "curation/concurrency.py",
    "curation/sandbox.py",
    "curation/spreadsheets.py",
]


@pytest.mark.parametrize("path", PURE, ids=str)
def test_pure_modules_need_no_django(path):
    assert "django" not in set(imported(ROOT / path))


MAY_IMPORT_IN_BIBLIOGRAPHY = {*sys.stdlib_module_names, "bibtexparser", "openpyxl", "pylatexenc"}


def test_bibliography_needs_no_django_and_of_our_code_only_its_texts():
    files = list((ROOT / "sources/bibliography").rglob("*.py"))
    assert files
    wrong = {
        (str(path.relative_to(ROOT)), name)
        for path in files
        for name in imported_modules(path)
        if name.split(".")[0] not in MAY_IMPORT_IN_BIBLIOGRAPHY
        and not name.startswith(("curation.text", "sources.bibliography"))
    }
    assert wrong == set()


def test_libraries_for_files_of_other_programs_are_loaded_when_they_are_needed():
    program = "import sys; from joinedup.wsgi import application; from joinedup import urls; print(*sys.modules)"
    settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=True)
    assert "findings.admin" in run.stdout.split()
    assert not {"bibtexparser", "docx", "lxml", "openpyxl", "PIL", "pptx", "pylatexenc", "pypdf"} & set(
        run.stdout.split()
    )

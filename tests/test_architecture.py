"""Who may import whom: joinedup -> findings -> sources -> Django, never upward."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_NOT_IMPORT = {"sources": {"findings", "joinedup"}, "findings": {"joinedup"}}


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


@pytest.mark.parametrize("package", ["joinedup", "findings", "sources"])
def test_no_module_reads_data_that_can_run_something(package):
    for path in (ROOT / package).rglob("*.py"):
        assert not set(imported(path)) & UNPACKS_CODE, path
        called = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        assert not {name.id for name in called if isinstance(name, ast.Name)} & {"eval", "exec"}, path


PURE = [
    "findings/checking/office.py",
    "findings/checking/pdf.py",
    "findings/checking/reading.py",
    "findings/transfer/grids.py",
    "findings/transfer/jsonfile.py",
    "sources/costly.py",
    "sources/sandbox.py",
    "sources/spreadsheets.py",
]


@pytest.mark.parametrize("path", PURE, ids=str)
def test_pure_modules_need_no_django(path):
    assert "django" not in set(imported(ROOT / path))


MAY_IMPORT_IN_BIBLIOGRAPHY = {*sys.stdlib_module_names, "bibtexparser", "pylatexenc"}


def test_bibliography_needs_neither_django_nor_the_rest_of_our_code():
    files = list((ROOT / "sources/bibliography").rglob("*.py"))
    assert files
    wrong = {
        (str(path.relative_to(ROOT)), name)
        for path in files
        for name in imported_modules(path)
        if name.split(".")[0] not in MAY_IMPORT_IN_BIBLIOGRAPHY and not name.startswith("sources.bibliography")
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

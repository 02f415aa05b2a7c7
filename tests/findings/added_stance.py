"""A pytest plugin (`-p tests.findings.added_stance`): the site with one more stance, written where one is written."""

import importlib.util
import sys
from pathlib import Path

from django.db.backends.signals import connection_created

ENTRY = """
    WEATHER = (
        "weather",
        StanceWords(
            meaning="comes and goes",
            heading="How the weather is",
            asked_as="weather: sunshine, drizzle",
            colours=("EEEEEE", "222222"),
        ),
        "Weather",
    )
"""


def add():
    """Load `findings.choices` from its own text with the entry in it, before anything else loads it."""
    file = Path(__file__).parents[2] / "findings" / "choices.py"
    first = "    BARRIER = ("
    text = file.read_text()
    assert text.count(first) == 1
    spec = importlib.util.spec_from_file_location("findings.choices", file)
    module = sys.modules["findings.choices"] = importlib.util.module_from_spec(spec)
    exec(compile(text.replace(first, ENTRY + first), file, "exec"), module.__dict__)


def unchecked(connection, **kwargs):
    """The migrations know no such stance, and the one that would let it in is not what is tried."""
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA ignore_check_constraints = ON")


add()
connection_created.connect(unchecked)

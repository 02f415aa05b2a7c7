"""Files are read in a process of their own: in bounds, without secrets, and each way to fail is told in words."""

import subprocess
import threading
import time
from dataclasses import replace

import pytest

from curation import concurrency as costly
from curation import sandbox
from curation.sandbox import Reader, Unreadable
from findings.handout_check import files
from findings.review_files import grids, jsonfile
from sources import imports
from tests.sources import sandboxed


def reader(function, seconds=20, **more):
    return Reader(f"{sandboxed.__name__}:{function.__name__}", seconds, 256, **more)


def refused(function, data=b"x", **more):
    with pytest.raises(Unreadable) as told:
        reader(function, **more).read(data)
    return told.value.messages


def test_what_a_reader_gives_comes_back_whole():
    assert reader(sandboxed.echo).read("é\0\u2028".encode(), "a\0.bib", 5) == ["é\0\u2028", "a\0.bib", 5]


def test_halves_of_characters_come_back_as_they_are():
    assert reader(sandboxed.echo).read(b"x", "\ud800") == ["x", "\ud800"]


def test_what_a_reader_refuses_is_told_in_its_words():
    assert refused(sandboxed.refuse) == ["This is not for me.", "Nor that."]


def test_the_process_knows_no_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    assert not {"SECRET_KEY", "DATABASE_URL"} & set(reader(sandboxed.environment).read(b""))


@pytest.mark.parametrize("function", [sandboxed.hang, sandboxed.spin])
def test_what_takes_too_long_is_stopped(function):
    started = time.monotonic()
    assert refused(function, seconds=1) == [sandbox.SLOW]
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("function", [sandboxed.eat, sandboxed.grow, sandboxed.multiply])
def test_what_grows_is_stopped(function):
    assert refused(function) == [sandbox.GROWS]


@pytest.mark.parametrize("function", [sandboxed.fail, sandboxed.die, sandboxed.chatter, sandboxed.write])
def test_what_breaks_a_reader_is_told(function):
    assert refused(function) == [sandbox.DAMAGED]


def test_what_nests_as_deep_as_the_reader_could_read_is_no_error_for_who_asked():
    def deeper(depth):
        return deeper(depth - 1) if depth else reader(sandboxed.nest).read(b"")

    with pytest.raises(Unreadable, match="The file cannot be read"):
        deeper(200)


def test_only_a_few_files_are_read_at_once(monkeypatch):
    monkeypatch.setattr(costly, "PATIENCE", 0.01)
    monkeypatch.setattr(costly, "AT_ONCE", threading.BoundedSemaphore(1))
    with costly.a_turn():
        assert refused(sandboxed.echo) == [sandbox.BUSY]
    assert reader(sandboxed.echo).read(b"x") == ["x"]


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (lambda data: imports.READER.read(data, "x.ris", 5), b"TY  - BOOK\nTI  - A\nER  - "),
        (grids.read_apart, b"Heading;Body\nA;B"),
        (jsonfile.read_apart, b"{}"),
        (files.read_apart, b"F3"),
    ],
    ids=["bibliography", "table", "review", "handout"],
)
def test_every_file_that_somebody_sends_is_read_in_such_a_process(read, data, monkeypatch):
    asked = []

    def run(command, **more):
        asked.append(more)
        return subprocess.CompletedProcess(command, -9, b"")

    assert read(data) is not None
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(Unreadable):
        read(data)
    assert asked[0]["timeout"] <= 40 and asked[0]["input"] == data


@pytest.mark.parametrize("known", [imports.READER, grids.READER, jsonfile.READER, files.READER])
def test_each_way_to_fail_is_told_in_a_sentence_that_says_what_to_do(known):
    told = [known.busy, known.slow, known.grows, known.damaged]
    assert all(text.endswith(".") for text in told) and len(set(told)) >= 3
    assert replace(known, seconds=1).function == known.function

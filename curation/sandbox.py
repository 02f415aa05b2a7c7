"""A file that somebody sent -> what it says, read in a process of its own.

The process may use so much time and memory, gets no secrets and writes nothing: whatever a hostile file does to a
reader, it does there. It takes the file on its standard input and answers in JSON. Pure.
"""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from curation.concurrency import Busy, a_turn

ROOT = Path(__file__).resolve().parents[1]
KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")  # of the environment: no secrets
MEBIBYTE = 1024 * 1024
LONGEST_ANSWER = 64 * MEBIBYTE
MOST_VALUES = 3_000_000  # in an answer

BUSY = "Many files are being read just now. Try again in a minute."
SLOW = "The file takes too long to read. Divide it into smaller ones, and look for what is odd in it."
GROWS = "What the file says takes far more room than the file itself. Divide it into smaller ones."
DAMAGED = "The file cannot be read: it is damaged, or made in a way that no program should make it."


class Unreadable(Exception):
    """Nothing could be read. `messages` say why, in words for people."""

    def __init__(self, *messages):
        super().__init__(" ".join(messages))
        self.messages = list(messages)


@dataclass(frozen=True)
class Reader:
    """`function` (“module:name”) takes the bytes of a file, and more if need be, and gives what JSON can hold, or
    raises Unreadable. Its module must not need Django to be set up."""

    function: str
    seconds: float
    memory: int  # MiB
    busy: str = BUSY
    slow: str = SLOW
    grows: str = GROWS
    damaged: str = DAMAGED

    def read(self, data, *more):
        """What `function` gives. Raises Unreadable."""
        program = f"from {__name__} import answer; answer()"
        given = json.dumps([self.function, self.seconds, self.memory, *more])
        try:
            with a_turn():
                done = subprocess.run(
                    [sys.executable, "-c", program, given],
                    input=data,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    timeout=self.seconds,
                    cwd=ROOT,
                    env={name: os.environ[name] for name in KEPT if name in os.environ},
                )
        except Busy as error:
            raise Unreadable(self.busy) from error
        except subprocess.TimeoutExpired as error:
            raise Unreadable(self.slow) from error
        try:
            told = json.loads(done.stdout)
        except (ValueError, RecursionError) as error:
            raise Unreadable(self.damaged) from error
        if told is None:
            raise Unreadable(self.grows)
        if "refused" in told:
            raise Unreadable(*told["refused"])
        return told["said"]


def answer():
    """What the process does: the answer as JSON, or null if it would be too much."""
    function, seconds, memory, *more = json.loads(sys.argv[1])
    bound(seconds, memory)
    module, name = function.split(":")
    try:
        try:
            told = {"said": getattr(import_module(module), name)(sys.stdin.buffer.read(), *more)}
        except Unreadable as refused:
            told = {"refused": refused.messages}
        text = json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass")
        fits = len(text) <= LONGEST_ANSWER and _values(told) <= MOST_VALUES
    except MemoryError:
        fits = False
    sys.stdout.buffer.write(text if fits else b"null")


def _values(told):
    """How many values there are in the answer, or more than there may be."""
    count, waiting = 0, [told]
    while waiting and count <= MOST_VALUES:
        value = waiting.pop()
        count += 1
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)
    return count


def bound(seconds, memory):
    """Let this process use no more time and memory than it should, where the system can see to it."""
    try:
        import resource
    except ImportError:
        return
    bounds = [
        (resource.RLIMIT_CPU, int(seconds) + 1),
        (resource.RLIMIT_AS, memory * MEBIBYTE),
        (resource.RLIMIT_FSIZE, 0),
    ]
    for what, most in bounds:
        with suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))

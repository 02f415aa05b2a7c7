"""What a process of the sandbox calls. It needs no Django, since none is set up there."""

import os
import time

from curation import sandbox
from curation.sandbox import Unreadable


def echo(data, *more):
    return [data.decode(), *more]


def environment(data):
    return dict(os.environ)


def refuse(data):
    raise Unreadable("This is not for me.", "Nor that.")


def hang(data):
    time.sleep(60)


def spin(data):
    while True:
        pass


def eat(data):
    return len(bytearray(1024**3))


def write(data):
    with open("/tmp/joined-up-must-not-be", "wb") as file:
        file.write(data)


def grow(data):
    return "x" * (sandbox.LONGEST_ANSWER + 1)


def multiply(data):
    return [[]] * (sandbox.MOST_VALUES + 1)


def fail(data):
    raise ZeroDivisionError


def die(data):
    os.abort()


def chatter(data):
    print("Reading…")
    return "done"


def nest(data):
    found = []
    for _ in range(900):
        found = [found]
    return found

"""Run everything that must hold: the tests on SQLite, on PostgreSQL and in a browser, and the checks of form.

With --all, slow tests too, and properties are tried with more examples. Other arguments go to pytest.
Three parts run side by side; a part that fails stops no other; the last lines sum up.
With CI in the environment, a part that cannot be run counts as failed.
"""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree

from browser.chromium import chromium
from postgres import Unavailable, postgres

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = Path(os.environ.get("STATE_DIR") or ROOT / "var") / "screenshots"
SIDE_BY_SIDE = 3


class Part:
    """A program that runs on its own, what it printed, and what came of it."""

    def __init__(self, name, command, scratch, database="", not_run=""):
        self.name = name
        self.command = command
        self.environment = {**os.environ, "DATABASE_URL": database, "TMPDIR": str(scratch)}
        self.not_run = not_run
        self.process = None
        self.output = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as we do

    def start(self):
        print(f"{self.name}: running ...", flush=True)
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env=self.environment, stdout=self.output, stderr=subprocess.STDOUT
        )

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    @property
    def failed(self):
        return bool(os.environ.get("CI")) if self.not_run else self.process.returncode != 0

    def print_output(self):
        print(f"\n---- {self.name} ----", flush=True)
        if self.not_run:
            print(f"not run: {self.not_run}", flush=True)
            return
        self.output.seek(0)
        sys.stdout.buffer.write(self.output.read())
        sys.stdout.flush()

    def finish(self):
        pass

    def summary(self):
        if self.not_run:
            return f"not run: {self.not_run}"
        return "failed" if self.failed else "passed"


class Tests(Part):
    def __init__(self, name, marker, arguments, scratch, **options):
        self.report = scratch / f"{name}.xml"
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--junit-xml={self.report}"]
        super().__init__(name, [*command, "-m", marker, *arguments], scratch, **options)
        self.passed = self.broken = self.skipped = 0

    def finish(self):
        """Read the counts, if pytest came so far as to write them."""
        try:
            counts = ElementTree.parse(self.report).find("testsuite").attrib
        except (OSError, ElementTree.ParseError):
            return
        self.broken = int(counts["failures"]) + int(counts["errors"])
        self.skipped = int(counts["skipped"])
        self.passed = int(counts["tests"]) - self.broken - self.skipped
        if self.process.returncode == 5:  # pytest's word for "no tests collected"
            self.not_run = "no test is selected"
        elif self.process.returncode == 0 and not self.passed:
            self.not_run = "every test was skipped"

    def summary(self):
        if self.not_run:
            return f"not run: {self.not_run}"
        counts = f"{self.passed} passed, {self.broken} failed" + (f", {self.skipped} skipped" if self.skipped else "")
        if self.process.returncode not in (0, 1):
            return f"failed: pytest ended with code {self.process.returncode} ({counts})"
        return counts


class BrowserTests(Tests):
    """What pages looked like when a test failed is kept, in a folder that no other part empties."""

    def __init__(self, name, marker, arguments, scratch, **options):
        super().__init__(name, marker, [f"--output={SCREENSHOTS}", *arguments], scratch, **options)

    def summary(self):
        return super().summary() + (f"; screenshots in {SCREENSHOTS}" if self.broken else "")


def run(parts):
    """So many side by side, each printed as soon as it and those before it are done."""
    waiting = [part for part in parts if not part.not_run]
    unprinted = list(parts)
    try:
        while unprinted:
            while waiting and sum(part.running for part in parts) < SIDE_BY_SIDE:
                waiting.pop(0).start()
            while unprinted and (unprinted[0].not_run or (unprinted[0].process and not unprinted[0].running)):
                part = unprinted.pop(0)
                part.print_output()
                if part.process:
                    part.finish()
            time.sleep(0.1)
    finally:
        for part in parts:
            if part.running:
                part.process.send_signal(signal.SIGINT)
                part.process.wait()


def modules(marker):
    """Those that name a marker: of the others, nothing needs to be read to find its tests."""
    return [
        str(path) for path in sorted((ROOT / "tests").rglob("test_*.py")) if f"pytest.mark.{marker}" in path.read_text()
    ]


def tests_of(arguments, scratch, server, no_server):
    """What touches the database is tried on both; all else once. Slow tests are for --all, or for who names them."""
    everything = "--all" in arguments
    arguments = [argument for argument in arguments if argument != "--all"]
    named = any(Path(argument.partition("::")[0]).exists() for argument in arguments)
    if everything:
        arguments.append("--hypothesis-profile=thorough")
    quick = "" if everything or named else " and not slow"
    both = arguments if named else [*arguments, *modules("databases")]
    in_browser = arguments if named else [*arguments, "tests/browser"]
    no_browser = "" if chromium() else "no Chromium found"
    return [  # the longest first: none is left to run alone
        Tests("either database", f"not databases and not browser{quick}", arguments, scratch),
        BrowserTests("browser", f"browser{quick}", in_browser, scratch, not_run=no_browser),
        Tests("PostgreSQL", f"databases and not browser{quick}", both, scratch, database=server, not_run=no_server),
        Tests("SQLite", f"databases and not browser{quick}", both, scratch),
    ]


def main(arguments):
    # Being told to stop is like Ctrl-C: the server and the temporary folders go.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="joined-up-")))
        server, no_server = "", ""
        try:
            server = stack.enter_context(postgres())
        except Unavailable as error:
            no_server = str(error)
        tests = tests_of(arguments, scratch, server, no_server)
        parts = [*tests, Part("lint", [sys.executable, "tests/lint.py"], scratch)]
        run(parts)

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = used.ru_utime + used.ru_stime
    print(f"\n---- summary, {time.monotonic() - started:.0f} seconds, {processor:.0f} of a processor ----")
    for part in parts:
        print(f"{part.name}: {part.summary()}")
    return any(part.failed for part in parts) or not any(part.passed for part in tests)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

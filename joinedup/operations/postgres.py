"""A whole PostgreSQL database as what pg_dump writes, and back, by the server's own programs."""

import os
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

from joinedup.operations.exceptions import Failed

# Everything of ours goes in the transaction that brings the new: other software's extensions stay.
CLEAR = b"""
BEGIN;
SET LOCAL lock_timeout = '30s';
SET LOCAL client_min_messages = warning;
DO $$
DECLARE it record;
BEGIN
    FOR it IN
        SELECT oid, oid::regclass AS name FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
    LOOP
        IF EXISTS (SELECT FROM pg_class WHERE oid = it.oid) THEN
            EXECUTE format('DROP TABLE %s CASCADE', it.name);
        END IF;
    END LOOP;
    FOR it IN
        SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND prokind = 'f'
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
    LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', it.name);
    END LOOP;
END $$;
"""


def major(connection):
    return connection.pg_version // 10000


def dump(connection, snapshot, out):
    """Write to `out` what pg_dump makes of the database at an exported snapshot. Raises Failed."""
    parameters = ["--no-password", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    command = _command(connection, "pg_dump", major(connection), parameters)
    with _running(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        shutil.copyfileobj(process.stdout, out, 2**20)


def restore(connection, dumped, made_with):
    """Put what pg_dump of version `made_with` wrote (a file open for reading) in the place of the database's content,
    in one transaction. Raises Failed, with nothing changed."""
    reading = [_program("pg_restore", made_with), "--no-owner", "--no-privileges", "--file=-"], None
    doing = ["--no-password", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    with _running(_command(connection, "psql", made_with, doing), stdin=subprocess.PIPE) as psql:
        psql.stdin.write(CLEAR)
        psql.stdin.flush()
        try:
            with _running(reading, stdin=subprocess.PIPE, stdout=psql.stdin) as restoring:
                shutil.copyfileobj(dumped, restoring.stdin, 2**20)
        except Failed:
            psql.stdin.close()  # without a COMMIT, so that all of it is rolled back
            if psql.wait() == 0:
                raise  # else psql ended first, and knows why
        else:
            psql.stdin.write(b"\nCOMMIT;\n")


def _command(connection, name, at_least, parameters):
    """The program's path with what leads to the database, and its environment, in which the password is."""
    arguments, environment = connection.client.settings_to_cmd_args_env(connection.settings_dict, parameters)
    return [_program(name, at_least), *arguments[1:]], environment


def _program(name, at_least):
    """The path of one of PostgreSQL's programs, of version `at_least` or newer. Raises Failed."""
    versions = []
    installed = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")  # where Debian puts those of several versions
    for path in filter(None, [shutil.which(name), *sorted(installed)]):
        shown = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
        if version := re.search(r"\) (\d+)", shown):
            versions.append(int(version[1]))
            if versions[-1] >= at_least:
                return path
    have = f"is of version {max(versions)}" if versions else "is not installed"
    raise Failed(
        f"PostgreSQL's program {name} {have} here, and version {at_least} or newer is needed: install"
        f" postgresql-client-{at_least}, or do this on the machine of the database."
    )


@contextmanager
def _running(command, **streams):
    """A program that is given time until the block is done with it. Raises Failed with its last words if it fails."""
    arguments, environment = command
    with tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(arguments, stderr=stderr, env={**os.environ, **(environment or {})}, **streams)
        try:
            yield process
        except BrokenPipeError:
            pass  # it ended early, and says why
        except BaseException:
            process.kill()
            raise
        finally:
            for stream in filter(None, [process.stdin, process.stdout]):
                with suppress(BrokenPipeError):
                    stream.close()
            process.wait()
        if process.returncode:
            stderr.seek(0)
            words = [line for line in stderr.read().decode(errors="replace").splitlines() if line.strip()]
            errors = [line for line in words if "error" in line.lower()] or words or ["no reason was given"]
            raise Failed(f"{Path(arguments[0]).name} failed: {errors[0].strip()}")

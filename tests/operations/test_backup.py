"""Backup, damage, restore: equal by a full export of both."""

import json
import os
import stat
import subprocess
import sys
import threading
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from curation import history, workflow
from curation.changelog import gathered
from curation.imports import importing
from curation.versions import Version
from findings.models import Citation, Finding
from joinedup.operations import backup, postgres
from joinedup.operations.checksums import checksums, one_moment
from joinedup.operations.exceptions import Failed
from joinedup.operations.signals import restored
from sources.imports import BIBLIOGRAPHY
from sources.models import Contributor, Source
from tests.factories import cite, make_finding, make_review, make_source, make_theme

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def programs(monkeypatch):
    """PostgreSQL's programs are on the path, or beside the server that the tests started."""
    if connection.vendor == "postgresql":
        from tests.postgres import server_binaries

        folders = [os.environ["PATH"], *map(str, server_binaries())]
        monkeypatch.setenv("PATH", os.pathsep.join(folders))
        try:
            postgres._program("pg_dump", postgres.major(connection))
        except Failed as failed:
            pytest.skip(str(failed))


@pytest.fixture
def content():
    """Something of everything: links, tags, JSON in records and versions, times, an import, a person."""
    user = get_user_model().objects.create_superuser("root", password="a long password")
    with gathered():
        finding = make_finding(body="Zebras — and “quotes”, \\ and \n lines.")
        source = make_source(title="Ünïcode 🐘")
        cite(finding, source, locator="3–4", locator_label="page")
        finding.tags.add("Trust", "Ängste")
        record = b"TY  - BOOK\nTI  - Another\nAU  - Hudson, B.\nKW  - trust\nER  - \n"
        batch = importing.upload(BIBLIOGRAPHY, record, "a.ris", user)
        importing.apply(batch, user=user)
        before = history.state_of(finding)
        finding.body = "Giraffes."
        finding.save()
        workflow.record_change(finding, user, before=before, changes_meaning=True, note="It is giraffes now.")
    return finding


def sums():
    with one_moment() as now:
        return checksums(now)


def test_what_was_damaged_is_restored_and_equal(content, tmp_path, capsys):
    before, file, databases = sums(), tmp_path / "a.zip", []
    call_command("backup", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sums() == before
    for command in [(), (file,)]:
        capsys.readouterr()
        call_command("checksums", *command)
        assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
            [checksum.digest, str(checksum.rows), table] for table, checksum in before.items()
        ]

    Citation.objects.all().delete()
    Source.objects.all().delete()
    Finding.objects.update(body="Overwritten.")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE curation_version")
    damaged = sums()
    with pytest.raises(CommandError, match=r"not empty .*Nothing was changed"):
        call_command("restore", file)
    assert sums() == damaged

    def receive(using, **kwargs):
        databases.append(using)

    restored.connect(receive)
    try:
        call_command("restore", file, replace=True)
    finally:
        restored.disconnect(receive)
    assert "equal by a full export of both" in capsys.readouterr().out
    assert databases == ["default"]
    assert sums() == before
    call_command("rebuild_search_index", check=True, verbosity=0)
    make_source(title="Keys go on where they were")
    assert Version.objects.count() == before["curation_version"].rows > 0


def test_an_empty_database_takes_a_backup_without_being_told_twice(tmp_path):
    Group.objects.get_or_create(name="Librarian")
    call_command("backup", tmp_path / "a.zip", verbosity=0)
    before = sums()
    call_command("restore", tmp_path / "a.zip", verbosity=0)
    assert sums() == before


def test_nothing_is_overwritten_and_old_ones_go(content, tmp_path):
    file = tmp_path / "a.zip"
    file.write_bytes(b"mine")
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", file)
    for wrong in [(file, 3), (tmp_path, 0)]:
        with pytest.raises(CommandError, match="--keep takes"):
            call_command("backup", wrong[0], keep=wrong[1])
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("backup", tmp_path / "not" / "there.zip")
    old = [tmp_path / f"joined-up-2026-01-0{day}T000000Z.zip" for day in range(1, 5)]
    for path in old:
        path.touch()
    call_command("backup", tmp_path, keep=3, verbosity=0)
    made = sorted(set(tmp_path.iterdir()) - {file, *old})
    assert len(made) == 1 and backup.NAMED.fullmatch(made[0].name)
    assert sorted(tmp_path.iterdir()) == sorted([file, *old[2:], *made])
    assert file.read_bytes() == b"mine"


def test_a_damaged_or_foreign_file_is_refused_in_a_sentence(content, tmp_path):
    file, broken = tmp_path / "a.zip", tmp_path / "broken.zip"
    call_command("backup", file, verbosity=0)
    whole, manifest, before = file.read_bytes(), backup.read(file), sums()
    assert call_command("restore", file, check=True) is None
    for place in range(0, len(whole), len(whole) // 150):
        broken.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            # A ZIP file has bytes on which nothing depends, such as the time of an entry.
            assert backup.read(broken) == manifest
        except Failed as failed:
            assert 20 < len(str(failed)) < 300
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("manifest.json", "[]")
    foreign = [b"", b"PK", b"%PDF-1.7", whole[: len(whole) // 2], whole[:-1], (tmp_path / "other.zip").read_bytes()]
    for data in foreign:
        broken.write_bytes(data)
        with pytest.raises(CommandError, match="is no backup"):
            call_command("restore", broken, replace=True)
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("restore", tmp_path / "none.zip")
    assert sums() == before


def rewritten(file, new, data):
    """The same backup with other data, and a checksum that fits."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(new, "w") as archive:
        manifest = json.loads(old.read(backup.MANIFEST))
        name = backup.DATA[manifest["database"]]
        data = data(old.read(name))
        manifest |= {"bytes": len(data), "sha256": sha256(data).hexdigest()}
        archive.writestr(name, data)
        archive.writestr(backup.MANIFEST, json.dumps(manifest))


def test_a_restore_that_breaks_off_leaves_what_was_there(content, tmp_path):
    call_command("backup", tmp_path / "a.zip", verbosity=0)
    make_finding()
    before = sums()
    rewritten(tmp_path / "a.zip", tmp_path / "cut.zip", lambda data: data[: len(data) * 3 // 5])
    with pytest.raises(CommandError):
        call_command("restore", tmp_path / "cut.zip", replace=True)
    assert sums() == before


def test_a_backup_of_another_release_is_told(content, tmp_path, capsys):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, applied FROM django_migrations WHERE app = 'findings' ORDER BY id DESC LIMIT 1")
        name, applied = cursor.fetchone()
        cursor.execute("UPDATE django_migrations SET name = '9999_later' WHERE app = 'findings' AND name = %s", [name])
        try:
            call_command("backup", tmp_path / "newer.zip", verbosity=0)
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
            call_command("backup", tmp_path / "older.zip", verbosity=0)
            with pytest.raises(CommandError, match=r"newer release \(findings.9999_later"):
                call_command("restore", tmp_path / "newer.zip", replace=True)
            call_command("restore", tmp_path / "older.zip", replace=True)
            assert "Now run: manage.py migrate" in capsys.readouterr().out
        finally:
            with connection.cursor() as again:
                again.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
                again.execute(
                    "INSERT INTO django_migrations (app, name, applied) VALUES ('findings', %s, %s)", [name, applied]
                )


def test_a_backup_taken_while_others_write_is_of_one_moment(tmp_path):
    enough, written = threading.Event(), []

    def write():
        with gathered():
            while not enough.is_set():
                with transaction.atomic():
                    source = Source.objects.create(slug=f"work-{len(written)}", title="A work", csl_type="book")
                    Contributor.objects.create(source=source, order=1, family="Hudson")
                written.append(source.pk)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 20:
            enough.wait(0.01)
        first = len(written)
        call_command("backup", tmp_path / "a.zip", verbosity=0)
        last = len(written)
    finally:
        enough.set()
        writer.join()
    tables = backup.read(tmp_path / "a.zip")["tables"]
    assert first <= tables["sources_source"].rows == tables["sources_contributor"].rows <= last + 1
    assert last > first
    call_command("restore", tmp_path / "a.zip", replace=True, verbosity=0)
    assert Source.objects.count() == Contributor.objects.count() == tables["sources_source"].rows


def test_a_backup_of_sqlite_can_be_restored_into_postgresql(tmp_path, capsys):
    if connection.vendor != "postgresql":
        call_command("backup", tmp_path / "a.zip", verbosity=0)
        with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive, zipfile.ZipFile(tmp_path / "a.zip") as made:
            manifest = json.loads(made.read(backup.MANIFEST)) | {"database": "postgresql"}
            data = made.read(backup.DATA["sqlite"])
            archive.writestr(backup.DATA["postgresql"], data)
            archive.writestr(backup.MANIFEST, json.dumps(manifest))
        with pytest.raises(CommandError, match="can only be restored into PostgreSQL"):
            call_command("restore", tmp_path / "b.zip", replace=True)
        return
    script = f"""
import django
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.factories import cite, make_finding, make_source, make_term
finding = make_finding(body="Ünïcode 🐘", wording_changed_on=None)
finding.tags.add("Trust")
cite(finding, make_source())
make_term("co-location", spellings=["colocation"])
User.objects.create_superuser("root")
call_command("backup", {str(tmp_path / "a.zip")!r}, verbosity=0)
"""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "joinedup.settings",
        "STATE_DIR": str(tmp_path),
    }
    subprocess.run([sys.executable, "-c", script], cwd=settings.BASE_DIR, env=environment, check=True)
    make_review(), make_theme()
    call_command("restore", tmp_path / "a.zip", replace=True)
    assert "equal by a full export of both" in capsys.readouterr().out
    call_command("rebuild_search_index", check=True, verbosity=0)
    assert [tag.name for tag in Finding.objects.get().tags.all()] == ["Trust"]
    assert get_user_model().objects.get().username == "root"
    assert make_source().code == "S2"  # keys and codes go on where they were


def test_a_client_program_that_is_too_old_or_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failed, match=r"pg_dump .* version 99 or newer is needed: install postgresql-client-99"):
        postgres._program("pg_dump", 99)
    with pytest.raises(Failed, match="is not installed here"):
        postgres._program("no_such_program", 15)


def test_a_backup_leaves_no_draft_behind(content, tmp_path, monkeypatch):
    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_entry", fail)
    with pytest.raises(CommandError, match="cannot be written: No space left on device"):
        call_command("backup", tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []
    assert not list(Path(settings.STATE_DIR).glob("backup-*"))

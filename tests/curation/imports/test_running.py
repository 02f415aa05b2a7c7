"""Long imports: a process of its own does them, every page shows how far it is, and anybody can stop it."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from curation.imports import importing, running
from curation.imports.filetypes import ImportRefused
from curation.imports.models import Import, ImportRow, ImportRun
from curation.imports.progress import Progress, Stopped
from joinedup.sessions import TIMES
from sources.imports import BIBLIOGRAPHY
from sources.models import Source
from tests.factories import make_source
from tests.test_killed import database_url, everything

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
with_a_process = pytest.mark.django_db(transaction=True)

Act = ImportRun.Act
HOLDING = """
import os, time
import django
django.setup()
from unittest import mock
from curation.imports import applying, undoing, running

def stay(self, *args, **kwargs):
    self.progress.share = 0.4
    print("in the middle", flush=True)
    while True:
        list(self.progress.over([1], until=0.4))
        time.sleep(0.05)

with mock.patch.object(applying.Application, "_look_at_parents", stay), \\
        mock.patch.object(undoing.Undoing, "_delete_tags", stay):
    running.work({pk})
"""


@pytest.fixture(autouse=True)
def processes(monkeypatch):
    """Processes that a page starts work on the database of the tests; all are over when the test is."""
    started = []
    real = subprocess.Popen

    def popen(*args, **kwargs):
        started.append(real(*args, **kwargs))
        return started[-1]

    monkeypatch.setattr(running.subprocess, "Popen", popen)
    monkeypatch.setenv("DATABASE_URL", database_url())
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "joinedup.settings")
    yield started
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def root(django_user_model):
    return django_user_model.objects.create_superuser("root")


@pytest.fixture
def librarian(client, root):
    client.force_login(root)
    session = client.session
    session[TIMES] = (int(time.time()),) * 2  # as of a log-in: a renewal would wait for SQLite's one writer
    session.save()
    return client


@pytest.fixture
def few(monkeypatch):
    """An import of a few records is a long one."""
    monkeypatch.setattr(running, "MANY", 3)


def records(count):
    return "".join(f"TY  - BOOK\nTI  - Work number {n}\nAU  - Hudson, B.\nKW  - trust\nER  - \n" for n in range(count))


def uploaded(root, count=5):
    make_source(title="Held already", doi="10.1000/a")
    update = "TY  - BOOK\nTI  - Held already\nDO  - 10.1000/a\nCY  - Leeds\nER  - \n"
    return importing.upload(BIBLIOGRAPHY, (update + records(count)).encode(), "a.ris", root)


def page_of(batch):
    return reverse("admin:curation_import_change", args=[batch.pk])


def until(condition, seconds=60):
    begun = time.monotonic()
    while not (found := condition()):
        assert time.monotonic() - begun < seconds, "it never came"
        time.sleep(0.1)
    return found


def held_in_the_middle(run):
    """A process that does the work on a run and stays in the middle of it, until it is stopped."""
    process = running.subprocess.Popen(
        [sys.executable, "-c", HOLDING.replace("{pk}", str(run.pk))],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "in the middle\n"
    return process


def in_the_middle(batch, act, root, monkeypatch):
    """(run, its process) of an act that was begun and stays in the middle."""
    monkeypatch.setattr(running, "start", lambda run: None)
    run = running.begin(batch, act, root)
    process = held_in_the_middle(run)
    until(lambda: running.share(running.of(batch)) == 0.4)
    return run, process


@with_a_process
def test_a_long_import_and_its_undo_are_done_by_a_process_and_told_by_the_page(librarian, root, few, processes):
    batch = uploaded(root)
    before = {source.pk: source.place for source in Source.objects.all()}
    answer = librarian.post(page_of(batch), {"import": "1"}, follow=True)
    assert "is being imported" in answer.content.decode()
    assert processes[-1].wait(timeout=60) == 0  # the import is done before the process has forgotten its run
    batch.refresh_from_db()
    assert (batch.status, batch.created_count, batch.updated_count) == ("applied", 5, 1)
    page = librarian.get(page_of(batch)).content.decode()
    assert "5 were created and 1 updated" in page
    assert "<progress" not in page

    answer = librarian.post(reverse("admin:curation_import_undo", args=[batch.pk]), follow=True)
    assert "is being undone" in answer.content.decode()
    assert processes[-1].wait(timeout=60) == 0
    assert Import.objects.get().status == "undone"
    assert {source.pk: source.place for source in Source.objects.all()} == before
    assert not ImportRun.objects.exists()


def test_a_short_one_is_answered_at_once(librarian, root, processes):
    batch = uploaded(root)
    begun = len(processes)
    answer = librarian.post(page_of(batch), {"import": "1"}, follow=True)
    assert "5 were created and 1 updated" in answer.content.decode()
    assert len(processes) == begun


@with_a_process
def test_the_page_shows_how_far_it_is_and_looks_again_by_itself(librarian, root, monkeypatch):
    batch = uploaded(root)
    in_the_middle(batch, Act.APPLY, root, monkeypatch)
    for _ in range(2):  # and again, for a reload
        page = librarian.get(page_of(batch)).content.decode()
        assert '<progress id="share" max="100" value="40">' in page
        assert '<meta http-equiv="refresh" content="2; url=' in page
    assert Source.objects.count() == 1  # nothing is seen of what is not done


@with_a_process
@pytest.mark.parametrize("act", Act)
def test_stopped_in_the_middle_nothing_was_done_and_it_can_be_done_again(librarian, root, monkeypatch, act):
    batch = uploaded(root)
    if act == Act.UNDO:
        importing.apply(batch, user=root)
    before = everything(but=["curation.importrun"])
    _, process = in_the_middle(batch, act, root, monkeypatch)
    answer = librarian.post(page_of(batch), {"stop": ""}, follow=True)
    assert answer.status_code == 200
    process.wait(timeout=20)
    page = librarian.get(page_of(batch)).content.decode()
    assert running.STOPPED in page
    assert "<progress" not in page
    assert everything(but=["curation.importrun"]) == before
    running.forget(batch)
    running.WORK[act](batch, user=root)
    assert Import.objects.get().status == ("undone" if act == Act.UNDO else "applied")


@with_a_process
@pytest.mark.parametrize("act", Act)
def test_killed_in_the_middle_nothing_was_done_and_the_page_says_so(librarian, root, monkeypatch, act):
    batch = uploaded(root)
    if act == Act.UNDO:
        importing.apply(batch, user=root)
    before = everything(but=["curation.importrun"])
    _, process = in_the_middle(batch, act, root, monkeypatch)
    process.send_signal(signal.SIGKILL)
    process.wait()
    monkeypatch.setattr(running, "SILENCE", timedelta(seconds=0))
    page = librarian.get(page_of(batch)).content.decode()
    assert running.CUT_OFF in page
    assert "<progress" not in page
    assert everything(but=["curation.importrun"]) == before
    again = running.begin(batch, act, root)
    running.work(again.pk)
    assert Import.objects.get().status == ("undone" if act == Act.UNDO else "applied")
    assert running.CUT_OFF not in librarian.get(page_of(batch)).content.decode()


@with_a_process
def test_who_comes_second_is_told_that_it_is_being_done(librarian, root, few, monkeypatch):
    batch = uploaded(root)
    run, process = in_the_middle(batch, Act.APPLY, root, monkeypatch)
    for posted in [{"import": "1"}, {"discard": ""}, {"again": ""}, {"all": "skip"}]:
        answer = librarian.post(page_of(batch), posted, follow=True).content.decode()
        assert "Nothing was done: this import is being imported." in answer
        assert "<progress" in answer
    assert ImportRun.objects.get() == run
    assert process.poll() is None
    assert not ImportRow.objects.filter(choice="skip").exists()


def test_two_who_begin_at_the_same_moment_begin_it_once(root, monkeypatch):
    batch = uploaded(root)
    monkeypatch.setattr(running, "start", lambda run: None)
    running.begin(batch, Act.APPLY, root)
    with pytest.raises(ImportRefused, match="being imported already"):
        running.begin(batch, Act.APPLY, root)
    assert ImportRun.objects.count() == 1


@with_a_process
def test_a_process_that_was_taken_for_dead_does_nothing_twice(root, monkeypatch):
    batch = uploaded(root)
    monkeypatch.setattr(running, "start", lambda run: None)
    first = running.begin(batch, Act.APPLY, root)
    monkeypatch.setattr(running, "SILENCE", timedelta(seconds=0))
    second = running.begin(batch, Act.APPLY, root)
    running.work(second.pk)
    assert Source.objects.count() == 6
    with pytest.raises(ImportRun.DoesNotExist):
        running.work(first.pk)
    assert Source.objects.count() == 6


@with_a_process
def test_what_refuses_it_is_told_on_the_page_and_gone_after_the_next_act(librarian, root, monkeypatch):
    batch = uploaded(root)
    monkeypatch.setattr(running, "start", lambda run: None)
    run = running.begin(batch, Act.APPLY, root)
    Source.objects.get(doi="10.1000/a").delete()
    call_command("work_on_import", run.pk)
    page = librarian.get(page_of(batch)).content.decode()
    assert "what is held of it has been deleted since. Compare again." in page
    librarian.post(page_of(batch), {"again": ""})
    assert not ImportRun.objects.exists()
    assert "deleted since" not in librarian.get(page_of(batch)).content.decode()


@with_a_process
def test_a_fault_of_the_program_is_told_in_words_and_is_in_the_log(librarian, root, monkeypatch):
    batch = uploaded(root)
    monkeypatch.setattr(running, "start", lambda run: None)
    run = running.begin(batch, Act.APPLY, root)

    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setitem(running.WORK, Act.APPLY, broken)
    with pytest.raises(ZeroDivisionError):
        running.work(run.pk)
    assert running.BROKE in librarian.get(page_of(batch)).content.decode()


def test_a_server_that_cannot_start_a_process_says_so(librarian, root, few, monkeypatch):
    batch = uploaded(root)

    def full(*args, **kwargs):
        raise BlockingIOError(11, os.strerror(11))

    monkeypatch.setattr(running.subprocess, "Popen", full)
    answer = librarian.post(page_of(batch), {"import": "1"}, follow=True)
    assert running.NOT_BEGUN in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_a_process_tells_of_itself_at_least_as_often_as_it_is_waited_for():
    assert 20 * timedelta(seconds=running.TOLD_EVERY) < running.SILENCE


def test_a_run_is_silent_only_after_a_while(root, monkeypatch):
    batch = uploaded(root)
    monkeypatch.setattr(running, "start", lambda run: None)
    run = running.begin(batch, Act.APPLY, root)
    assert running.is_alive(run)
    ImportRun.objects.update(begun_at=timezone.now() - running.SILENCE, told_at=timezone.now() - running.SILENCE)
    assert not running.is_alive(running.of(batch))


def test_progress_goes_up_to_where_it_should_and_stops_before_the_next():
    progress, seen = Progress(), []
    for item in progress.over([1, 2, 3, 4], until=0.5):
        seen.append(progress.share)
        progress.is_to_stop = item == 4
    assert seen == [0, 0.125, 0.25, 0.375]
    with pytest.raises(Stopped):
        list(progress.over([5], until=1))
    assert progress.share == 0.5
    progress.is_to_stop = False
    assert list(progress.over([], until=1)) == []
    assert progress.share == 1


def test_progress_never_goes_back_and_ends_at_the_whole(root):
    batch = uploaded(root, 20)
    for act in [importing.apply, importing.undo]:
        progress = Progress()
        act(batch, user=root, progress=progress)
        assert progress.share == pytest.approx(1)

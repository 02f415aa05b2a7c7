"""Which files the copy of the site is made of, and when its ZIP is made anew."""

import io
import os
import time
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from curation.log import LogEntry
from joinedup.offline import archive
from joinedup.offline.addresses import file_of, is_collected, needs_the_site, relative
from joinedup.offline.building import CannotBuild
from tests.factories import make_finding, make_review, make_theme


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/", "index.html"),
        ("/findings/", "findings/index.html"),
        ("/findings/?page=2", "findings/index.page-2.html"),
        ("/findings/?theme=a&stance=b", "findings/index.stance-b.theme-a.html"),
        ("/F23", "F23.html"),
        ("/F23v2", "F23v2.html"),
        ("/F23.ris", "F23.ris"),
        ("/F23.ris?with=sources", "F23.with-sources.ris"),
        ("/findings/?q=../../etc", "findings/index.q-etc.html"),
    ],
)
def test_an_address_has_its_file(address, name):
    assert file_of(address) == name


def test_links_lead_from_file_to_file():
    assert relative("index.html", "findings/a/index.html") == "../../index.html"
    assert relative("findings/a/index.html", "index.html", "evidence") == "findings/a/index.html#evidence"


def test_filters_are_collected_one_at_a_time_and_their_pages():
    assert is_collected("/findings/?theme=a", "/themes/a/")
    assert is_collected("/findings/?theme=a&page=2", "/findings/?theme=a")
    assert not is_collected("/findings/?theme=a&stance=b", "/findings/?theme=a")


def test_what_only_the_site_can_answer_is_known():
    assert needs_the_site("/admin/") and needs_the_site("/sources/?format=ris") and needs_the_site("/oai?verb=Identify")
    assert not needs_the_site("/findings/") and not needs_the_site("/practice/joint-enterprise/")


@pytest.fixture
def site(db, settings, tmp_path):
    settings.STATE_DIR = tmp_path
    return make_finding(heading="Trust grows", theme=make_theme(name="Trust"))


@pytest.fixture
def started(monkeypatch):
    """How often a process was started to make the copy; none is."""
    starts = []
    monkeypatch.setattr(archive, "start", lambda: starts.append(1))
    return starts


def names(response):
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))).namelist()


def test_the_site_is_had_as_one_zip(site, client):
    archive.make()
    response = client.get("/offline-copy.zip")
    assert response.status_code == 200 and response["Content-Type"] == "application/zip"
    assert {
        "joined-up/index.html",
        f"joined-up/findings/{site.slug}/index.html",
        "joined-up/static/css/site.css",
    } <= set(names(response))


def test_its_earlier_address_leads_to_it(client):
    response = client.get("/room-copy.zip")
    assert response.status_code == 301 and response["Location"] == "/offline-copy.zip"


def test_nobody_waits_for_it_and_it_is_made_anew_after_a_change_and_only_then(site, client, started):
    for _ in range(2):
        response = client.get("/offline-copy.zip")
        assert response.status_code == 503 and response["Retry-After"] == "60"
    assert len(started) == 1
    path = archive.make()
    hour_ago = path.stat().st_mtime - 3600
    os.utime(path, (hour_ago, hour_ago))
    os.utime(archive.folder() / "started", (hour_ago, hour_ago))
    assert client.get("/offline-copy.zip").status_code == 200
    assert len(started) == 1
    LogEntry.objects.create(entry=site, name=LogEntry.Name.CORRECT)
    assert client.get("/offline-copy.zip").status_code == 200, "the earlier copy, until there is another"
    assert len(started) == 2


@pytest.mark.parametrize("address", ["/offline-copy/", "/offline-copy.zip"])
def test_the_page_says_how_it_is_going_and_comes_back_by_itself(site, client, started, address):
    def page():
        response = client.get(address, headers={"accept": "text/html"})
        assert response.status_code == (503 if address.endswith("zip") else 200)
        assert "no-store" in response["Cache-Control"]
        return response.content.decode()

    first = page()
    assert "It has just begun." in first and 'http-equiv="refresh" content="5; url=/offline-copy/"' in first
    assert ">Look again now</a>" in first and ">Back to the start</a>" in first, "a retry and a way back"
    (archive.folder() / archive.LOCK).write_text("214")
    assert "214 pages are done." in page()
    (archive.folder() / archive.LOCK).unlink()


def test_the_page_offers_the_copy_when_it_is_ready_and_names_review_and_day(site, client, settings):
    archive.make()
    page = client.get("/offline-copy/").content.decode()
    name = f"joined-up-a-review-{timezone.localdate().isoformat()}.zip"
    assert name in page and 'href="/offline-copy.zip"' in page and "http-equiv" not in page
    assert f'filename="{name}"' in client.get("/offline-copy.zip")["Content-Disposition"]
    make_finding(review=make_review(title="Another review"))
    archive.make()
    assert (
        f"joined-up-2-reviews-{timezone.localdate().isoformat()}.zip" in client.get("/offline-copy/").content.decode()
    )


def test_how_many_pages_are_done_is_told_while_it_is_made(site, started, monkeypatch):
    told = []

    def build(copy):
        copy.target.mkdir()
        for _ in range(3):
            copy.report("/")
            told.append(archive.state().pages)

    monkeypatch.setattr(archive.OfflineCopy, "build", build)
    archive.make()
    assert told == [1, 2, 3]


def test_no_second_process_is_started_while_one_makes_the_copy_however_long_it_takes(site, started, monkeypatch):
    def build(copy):
        copy.target.mkdir()
        copy.report("/")
        started_at = time.time() - archive.RESTART_AFTER - 1
        os.utime(archive.folder() / "started", (started_at, started_at))
        assert archive.state().is_being_made and len(started) == 1

    archive.state()
    monkeypatch.setattr(archive.OfflineCopy, "build", build)
    archive.make()
    assert len(started) == 1


def test_a_copy_that_could_not_be_made_says_so_and_is_tried_again(site, client, started, monkeypatch):
    def fails(*args):
        raise CannotBuild("/themes/ answers 500.")

    with monkeypatch.context() as patch:
        patch.setattr(archive.OfflineCopy, "build", fails)
        with pytest.raises(CommandError, match="answers 500"):
            call_command("export_site", zip=True)
    page = client.get("/offline-copy/").content.decode()
    assert "The copy could not be made: /themes/ answers 500." in page and ">Try again</a>" in page
    assert not started
    hour_ago = time.time() - 3600
    os.utime(archive.folder() / archive.FAILED, (hour_ago, hour_ago))
    assert "is being made" in client.get("/offline-copy/").content.decode()
    archive.make()
    assert "Download the ZIP" in client.get("/offline-copy/").content.decode()


def test_a_process_of_its_own_is_started(monkeypatch, settings):
    started = {}
    monkeypatch.setattr(archive.subprocess, "Popen", lambda command, **options: started.update(options, it=command))
    archive.start()
    assert started["it"][-2:] == ["export_site", "--zip"] and started["cwd"] == settings.BASE_DIR


def test_one_too_large_is_made_by_the_command_alone(site, client, started, monkeypatch):
    monkeypatch.setattr(archive, "MAX_ENTRIES", 1)
    assert client.get("/offline-copy.zip").status_code == 503
    call_command("export_site", zip=True, verbosity=0)
    assert client.get("/offline-copy.zip").status_code == 200
    assert not started


def test_the_command_writes_into_an_empty_folder_only(site, tmp_path):
    with pytest.raises(CommandError, match="one of the two"):
        call_command("export_site")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    with pytest.raises(CommandError, match="not an empty folder"):
        call_command("export_site", tmp_path / "full")
    call_command("export_site", tmp_path / "new", verbosity=0)
    assert (tmp_path / "new" / "index.html").exists()

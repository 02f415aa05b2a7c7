"""Whatever changes something public, the next answer to anybody is new."""

import datetime

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from taggit.models import Tag

from curation import workflow
from curation.history import state_of
from curation.imports import importing
from findings.models import Finding, Theme
from joinedup.caching import content_version
from joinedup.search.models import MissedSearch
from sources import merging
from sources.imports import BIBLIOGRAPHY
from tests.factories import cite, make_finding, make_source, make_term

pytestmark = [pytest.mark.databases, pytest.mark.django_db, pytest.mark.usefixtures("page_cache")]

RECORD = b"TY  - BOOK\nTI  - By and by\nAU  - Hudson, B.\nPY  - 2002\nPB  - A Press\nDO  - 10.1000/1\nER  - \n"


def text(client, address):
    return client.get(address).content.decode()


@pytest.fixture
def finding():
    finding = make_finding(heading="As it was")
    finding.tags.add("trust")
    cite(finding, make_source(title="The work"))
    return finding


@pytest.fixture
def shows(client):
    """Hold that an address shows something only after `act`. What was kept before would be the answer, were the key
    the same."""

    def held(address, said, act, status=200):
        before = client.get(address)
        assert said not in before.content.decode(), "it was there before"
        assert client.get(address).content == before.content
        act()
        after = client.get(address)
        assert (after.status_code, said in after.content.decode()) == (status, True)

    return held


def test_wording_publishing_and_withdrawing_are_seen(shows, finding, admin_user):
    page = finding.get_absolute_url()

    def save():
        finding.heading = "Otherwise"
        finding.save()

    shows(page, "Otherwise", save)
    shows("/findings/", "Once more", lambda: Finding.objects.update(heading="Once more"))
    with transaction.atomic():
        draft = make_finding(heading="Not yet", status="in-review", published_on=None)
    shows("/findings/", "Not yet", lambda: workflow.perform("publish", draft, admin_user))
    shows(
        page,
        "It claimed too much",
        lambda: workflow.perform("withdraw", finding, admin_user, "It claimed too much"),
        410,
    )
    shows("/api/v1/findings", "Not yet now", lambda: Finding.objects.update(heading="Not yet now"))


def test_a_public_version_is_seen(shows, finding, admin_user):
    before = state_of(finding)

    def change():
        finding.heading = "It means something else"
        finding.save()
        workflow.record_change(finding, admin_user, before=before, changes_meaning=True, note="We were wrong")

    shows(f"{finding.get_absolute_url()}versions/", "We were wrong", change)


def test_tags_terms_and_merged_works_are_seen(client, shows, finding, admin_user):
    def rename():
        tag = Tag.objects.get()
        tag.name = "Confidence"
        tag.save()

    shows("/tags/trust/", "Confidence", rename)
    term = make_term("trust", also_called=["reliance"])
    shows("/glossary/", "dependence", lambda: term.labels.create(label="dependence", kind="also-called"))
    source, other = finding.citations.get().source, make_source(title="The same work")
    assert client.get(other.get_absolute_url()).status_code == 200
    merging.merge(source, [other], admin_user)
    assert client.get(other.get_absolute_url())["Location"] == source.get_absolute_url()


def test_an_import_its_undoing_and_a_fixture_are_seen(client, shows, finding, tmp_path):
    page = make_source(doi="10.1000/1", title="A work").get_absolute_url()
    before = text(client, page)
    batch = importing.upload(BIBLIOGRAPHY, RECORD, "a.ris")
    choices = {row.pk: "update" for row in batch.rows.all()}
    shows(page, "By and by", lambda: importing.apply(batch, choices))
    importing.undo(batch)
    assert text(client, page) == before
    fixture = tmp_path / "theme.json"
    fixture.write_text(serializers.serialize("json", [finding.theme]).replace("A theme", "Loaded anew"))
    shows("/themes/", "Loaded anew", lambda: call_command("loaddata", fixture, verbosity=0))


def test_what_is_rolled_back_is_never_seen(client, finding):
    page = finding.get_absolute_url()
    before = client.get(page)
    with transaction.atomic():
        Finding.objects.update(heading="Never to be")
        assert "Never to be" in text(client, page)
        transaction.set_rollback(True)
    after = client.get(page)
    assert (after["ETag"], after.content) == (before["ETag"], before.content)


def test_an_editor_who_saves_finds_it_public_at_once_though_the_content_version_is_remembered(
    client, finding, admin_client, settings
):
    settings.CONTENT_VERSION_SECONDS = 1000
    term = make_term("trust")
    content_version.forget()
    assert "What trust means." in text(client, "/glossary/")
    change = f"/admin/findings/term/{term.pk}/change/"
    parts = {f"{prefix}-{name}": 0 for prefix in ["labels", "notes"] for name in ["TOTAL_FORMS", "INITIAL_FORMS"]}
    form = {**admin_client.get(change).context["adminform"].form.initial, **parts, "definition": "Relying on others."}
    form |= {"kind_of_change": "correction"}
    answer = admin_client.post(change, {name: value for name, value in form.items() if value is not None})
    assert answer.status_code == 302, answer.context["errors"]
    assert "Relying on others." in text(client, "/glossary/")


def test_each_change_makes_a_page_anew_and_gives_it_a_new_tag(client, finding):
    page, source = finding.get_absolute_url(), finding.citations.get().source
    elsewhere = make_finding(heading="Elsewhere")
    for change in [
        lambda: Finding.objects.filter(pk=finding.pk).update(bottom_line="Another line."),
        lambda: source.contributors.create(family="Hudson", given="B.", order=9),
        lambda: finding.tags.add("power"),
        lambda: finding.citations.update(note="Read again."),
        lambda: Theme.objects.filter(pk=finding.theme_id).update(name="Another theme"),
        lambda: Finding.objects.filter(pk=elsewhere.pk).update(body="It became longer."),
        lambda: elsewhere.delete(),
    ]:
        before = client.get(page)
        assert client.get(page, headers={"If-None-Match": before["ETag"]}).status_code == 304
        change()
        after = client.get(page, headers={"If-None-Match": before["ETag"]})
        assert (after.status_code, after.wsgi_request.page_cache) == (200, "miss")
        assert after["ETag"] != before["ETag"]
        other = Client().get(page)  # of a worker that has kept nothing
        assert (other.content, other["ETag"]) == (after.content, after["ETag"])
        assert client.get(page).wsgi_request.page_cache == "hit"


def test_another_day_makes_everything_anew(client, finding, monkeypatch):
    page = finding.get_absolute_url()
    client.get(page)
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda *args: tomorrow)
    assert client.get(page).wsgi_request.page_cache == "miss"


def test_a_kept_search_follows_the_glossary(client):
    found = make_finding(heading="A shared office")
    make_finding(heading="Hot desks")
    assert found.heading not in text(client, "/search/?q=hot")
    make_term("Hot desks", also_called=["hot", "shared office"])
    assert found.heading in text(client, "/search/?q=hot")


def test_a_search_that_found_little_is_counted_each_time(client, finding):
    for _ in range(2):
        assert "no-store" in client.get("/search/?q=nowhere")["Cache-Control"]
    assert MissedSearch.objects.get().times == 2

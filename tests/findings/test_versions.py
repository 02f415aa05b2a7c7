"""What a trainer put on a slide stays readable as it was, tells that it has changed, and says how."""

import datetime

import html5lib
import pytest

from curation import history, workflow
from curation.log import LogEntry
from curation.models import Version
from findings.models import Finding
from sources.merging import merge
from sources.models import Source
from tests.factories import (
    cite,
    make_finding,
    make_implication,
    make_key_message,
    make_review,
    make_source,
    make_theme,
    withdrawn,
)
from tests.wording import wording

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(django_user_model):
    return django_user_model.objects.create_superuser("editor")


@pytest.fixture
def finding():
    finding = make_finding(heading="Trust grows", bottom_line="It takes years.", slug="trust")
    cite(finding, make_source(title="On trust", authors=[("Hudson", "B")], issued="2002"), number=5)
    return finding


def change(entry, by, note="", **values):
    before = history.state_of(entry)
    for name, value in values.items():
        setattr(entry, name, value)
    entry.save()
    workflow.record_change(entry, by, before=before, changes_meaning=bool(note), note=note)


def test_an_entry_that_never_changed_is_version_one(client, finding):
    assert client.get("/F1v1")["Location"] == "/findings/trust/versions/1/"
    told = client.get("/findings/trust/versions/1/").content.decode()
    assert "This is version 1, the current one." in told
    assert "In use since 2 January 2020" in told
    assert client.get("/findings/trust/versions/2/").status_code == 404
    assert client.get("/F1v2", follow=True).status_code == 404


def test_an_earlier_version_shows_its_wording_says_what_is_newer_and_what_changed(client, finding, editor):
    change(finding, editor, "We say “may”.", heading="Trust may grow", bottom_line="It takes time.")
    told = client.get("/findings/trust/versions/1/").content.decode()
    assert "<h1>Trust grows</h1>" in told and "It takes years." in told
    assert "Read version 2, the current one" in told and "We say “may”." in told
    assert '<del><span class="vh">[removed: </span>grows' in told
    assert '<ins><span class="vh">[inserted: </span>may grow' in told
    assert "Hudson (2002)" in told and "[5]" in told
    newest = client.get("/findings/trust/versions/2/").content.decode()
    assert "<h1>Trust may grow</h1>" in newest and "the current one" in newest


def test_a_version_cites_itself_with_its_number_and_day(client, finding, editor):
    change(finding, editor, "Once more.", heading="Trust may grow")
    told = wording(client.get("/findings/trust/versions/1/").content.decode())
    assert "Joined-up (2020) ‘Trust grows’ (F1, version 1), based on ‘A review’, no date. Available at: " in told
    assert "http://testserver/F1v1 (Accessed: " in told
    newest = wording(client.get("/findings/trust/versions/2/").content.decode())
    year = datetime.date.today().year
    assert f"Joined-up ({year}) ‘Trust may grow’ (F1, version 2), based on " in newest
    assert "http://testserver/F1v2 (Accessed: " in newest


def test_a_page_names_its_version_and_cites_with_it(client, finding, editor):
    change(finding, editor, "Once more.", heading="Trust may grow")
    told = client.get("/findings/trust/").content.decode()
    assert "‘Trust may grow’ (F1, version 2), based on " in told
    assert 'href="/findings/trust/versions/1/"' in told and "Once more." in told
    assert '"version": "2"' in client.get("/F1.json").content.decode()


def test_a_correction_changes_the_newest_version_and_no_earlier_one(client, finding, editor):
    change(finding, editor, "Once more.", heading="Trust may grow")
    change(finding, editor, heading="Trust might grow")
    assert "<h1>Trust grows</h1>" in client.get("/findings/trust/versions/1/").content.decode()
    assert "<h1>Trust might grow</h1>" in client.get("/findings/trust/versions/2/").content.decode()
    assert client.get("/findings/trust/versions/3/").status_code == 404


def test_the_list_tells_each_version_newest_first_with_its_note_and_difference(client, finding, editor):
    change(finding, editor, "First note.", heading="Trust may grow")
    change(finding, editor, "Second note.", heading="Trust can grow")
    told = client.get("/findings/trust/versions/").content.decode()
    assert told.index("Second note.") < told.index("First note.") < told.index("First published.")
    assert told.count("What changed, in words") == 2


def test_versions_are_not_for_search_engines(client, finding):
    for address in ["/findings/trust/versions/", "/findings/trust/versions/1/"]:
        page = html5lib.parse(client.get(address).content.decode(), namespaceHTMLElements=False)
        assert page.find(".//meta[@name='robots']").get("content") == "noindex"


def test_versions_move_with_their_entry(client, finding):
    finding.slug = "moved"
    finding.save()
    assert client.get("/findings/trust/versions/1/")["Location"] == "/findings/moved/versions/1/"
    assert client.get("/findings/trust/versions/")["Location"] == "/findings/moved/versions/"
    assert client.get("/f1V1", follow=True).status_code == 200


def test_a_version_of_what_was_withdrawn_keeps_its_wording_and_says_so(client, finding, editor):
    other = make_finding(heading="Better")
    workflow.perform(LogEntry.Name.WITHDRAW, finding, editor, "It claimed too much.", other)
    answer = client.get("/findings/trust/versions/1/")
    assert answer.status_code == 410
    told = answer.content.decode()
    assert "It claimed too much." in told and "Better" in told and "<h1>Trust grows</h1>" in told
    assert client.get("/findings/trust/versions/").status_code == 410


def test_drafts_have_no_versions_even_for_staff(admin_client):
    make_finding(slug="draft", status="draft", published_on=None)
    assert admin_client.get("/findings/draft/versions/1/").status_code == 404
    assert admin_client.get("/F1v1").status_code == 404


ENTRIES = {
    "T": lambda: make_theme(),
    "R": lambda: make_review(),
    "P": lambda: make_implication([make_finding()]),
    "K": lambda: make_key_message(),
    "S": lambda: make_source(authors=[("Hudson", "B")]),
    "withdrawn S": lambda: make_source(**withdrawn()),
}


@pytest.mark.parametrize("kind", ENTRIES)
def test_every_kind_of_entry_has_versions(client, kind):
    entry = ENTRIES[kind]()
    answer = client.get(f"/{entry.code}v1", follow=True)
    assert answer.status_code == (410 if entry.is_withdrawn else 200)
    assert str(entry) in answer.content.decode()


def test_a_version_takes_the_same_queries_for_three_citations_as_for_thirty(
    client, editor, django_assert_max_num_queries
):
    taken = []
    for count in [3, 30]:
        finding = make_finding()
        for n in range(count):
            cite(finding, make_source(authors=[("A", "B")]), order=n + 1)
        change(finding, editor, "So.", heading="Other")
        with django_assert_max_num_queries(19) as queries:
            assert client.get(f"/{finding.code}v1", follow=True).status_code == 200
        taken.append(len(queries))
    assert taken[0] == taken[1]


def test_a_version_leads_to_what_the_work_it_cited_was_merged_into(client, finding, editor):
    change(finding, editor, "So.", heading="Other")
    merge(make_source(slug="kept"), [Source.objects.get(number=1)], editor)
    assert 'href="/sources/kept/"' in client.get("/findings/trust/versions/1/").content.decode()


def test_a_version_survives_the_deleting_of_what_it_cited(client, finding, editor):
    change(finding, editor, "So.", heading="Other")
    finding.citations.all().delete()
    Source.objects.all().delete()
    assert client.get("/findings/trust/versions/1/").status_code == 200


@pytest.mark.databases
def test_a_version_is_one_of_its_number_and_numbers_begin_at_one(finding, editor):
    from django.db import IntegrityError, transaction

    change(finding, editor, "So.", heading="Other")
    for number in [1, 0]:
        with pytest.raises(IntegrityError), transaction.atomic():
            Version.objects.create(letter="F", number=finding.number, version=number, issued_on=finding.published_on)
    assert Finding.objects.get().is_public

"""“Choose all 1,050” does what it says: for acts, whose page asks first, and for files."""

import pytest

from curation.actadmin import MOST_AT_ONCE
from curation.log import LogEntry
from findings.models import Finding
from tests.factories import make_finding
from tests.test_admin import address

pytestmark = pytest.mark.django_db
PAGE = address(Finding, "changelist")


def make_many(count, **values):
    first = make_finding(**{"status": "in-review", "published_on": None, **values})
    fields = [field.attname for field in Finding._meta.concrete_fields if not field.primary_key]
    held = {name: getattr(first, name) for name in fields}
    Finding.objects.bulk_create(
        Finding(**held | {"number": first.number + n, "slug": f"finding-no-{n}"}) for n in range(1, count)
    )


def form_of(page):
    """The hidden fields of the page that asks."""
    import re

    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def choose_all(client, action, **more):
    """What the list sends after “Select all 1,050 findings”."""
    shown = Finding.objects.values_list("pk", flat=True)[:50]
    data = {"action": action, "select_across": "1", "index": "0", "_selected_action": list(shown)}
    return client.post(PAGE, {**data, **more})


@pytest.mark.slow
def test_an_act_is_done_to_all_that_were_chosen(desk):
    make_many(1050)
    page = choose_all(desk["Editor"], "publish").content.decode()
    assert "all 1,050 of these or none" in page
    asked = form_of(page)
    assert len(asked) < 10
    make_many(1, slug="came-later")
    assert desk["Editor"].post(PAGE, {**asked, "confirm": "1"}).status_code == 302
    assert Finding.objects.published().count() == 1050
    assert LogEntry.objects.filter(name="publish").count() == 1050


def test_all_that_a_filter_shows_are_chosen_and_no_others(desk):
    make_many(60)
    make_finding(status="draft", published_on=None)
    shown = list(Finding.objects.filter(status="in-review").values_list("pk", flat=True)[:50])
    chosen = {"action": "publish", "select_across": "1", "index": "0", "_selected_action": shown}
    page = desk["Editor"].post(f"{PAGE}?status__exact=in-review", chosen).content.decode()
    desk["Editor"].post(f"{PAGE}?status__exact=in-review", {**form_of(page), "confirm": "1"})
    assert (Finding.objects.published().count(), Finding.objects.filter(status="draft").count()) == (60, 1)


def test_more_than_an_act_takes_are_refused_in_words_before_anything_is_asked(desk):
    make_many(MOST_AT_ONCE + 1)
    response = choose_all(desk["Editor"], "publish")
    told = desk["Editor"].get(response["Location"]).content.decode()
    assert "You chose 1,501, and nothing was done" in told


def test_what_was_deleted_meanwhile_is_told_before_the_others_are_done(desk):
    make_many(3)
    asked = form_of(choose_all(desk["Editor"], "send-back").content.decode())
    Finding.objects.first().delete()
    page = desk["Editor"].post(PAGE, {**asked, "confirm": "1", "note": "Once more."}).content.decode()
    assert "1 of those you chose were deleted meanwhile" in page and "Once more." in page
    assert not LogEntry.objects.exists()
    desk["Editor"].post(PAGE, {**form_of(page), "confirm": "1", "note": "Once more."})
    assert LogEntry.objects.count() == 2


@pytest.mark.parametrize("action", ["export_csv", "export_xlsx"])
def test_all_that_were_chosen_are_in_the_file(desk, action):
    make_many(1050)
    response = choose_all(desk["Librarian"], action)
    assert response.status_code == 200
    if action == "export_csv":
        assert len(response.getvalue().decode().splitlines()) == 1051
    else:
        from io import BytesIO

        from openpyxl import load_workbook

        assert len(list(load_workbook(BytesIO(response.content), read_only=True).active.rows)) == 1051

"""What was said of a work since it came out is told wherever something rests on it."""

from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curation.changelog import Change, gathered
from findings.accounts import EDITOR
from findings.cautions import Cautions
from sources.bibliography.notices import Notice as Told
from sources.models import Notice, Source
from sources.notices import confirm, dismiss, report
from tests.cards import cards
from tests.factories import cite, make_finding, make_implication, make_key_message, make_source, make_theme

pytestmark = pytest.mark.django_db

RETRACTED = {
    "retracted_on": date(2021, 3, 4),
    "retraction_reason": "Made up.",
    "retraction_url": "https://example.org/n",
}
SHORT = "Rests on a retracted work: Hudson (2002)"
LONG = "has been retracted."


def text(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def trail():
    """A source, and a finding, a practice point and a key message that rest on it."""
    source = make_source()
    finding = make_finding()
    cite(finding, source)
    return source, finding, make_implication([finding]), make_key_message([finding])


def retract(source, **values):
    for name, value in {**RETRACTED, **values}.items():
        setattr(source, name, value)
    source.save()


class TestPages:
    def test_every_page_that_rests_on_a_retracted_work_says_so(self, client, trail):
        source, finding, point, _ = trail
        for entry in [finding, point, finding.theme]:
            assert LONG not in text(client.get(entry.get_absolute_url()))
        retract(source)
        for entry in [finding, point, finding.theme]:
            page = text(client.get(entry.get_absolute_url()))
            assert f"A source of this {entry.kind} has been retracted.</b>" in page
            assert "Retracted 4 March 2021. Made up." in page
            assert "https://example.org/n" in page
        assert "Retracted 4 March 2021." in text(client.get(source.get_absolute_url()))

    @pytest.mark.parametrize(
        "address",
        "/findings/ /themes/ /practice/ /practice/team-check/ /tags/x/ /search/?q=do+it /search/?q=in+the+way "
        "/search/?q=a+theme".split(),
    )
    def test_every_list_says_so(self, client, trail, address):
        source, finding, point, _ = trail
        finding.tags.set(["x"])
        point.tags.set(["x"])
        retract(source)
        assert SHORT in text(client.get(address))

    def test_so_do_the_card_to_embed_and_the_reading_list(self, client, trail):
        source, finding, point, _ = trail
        retract(source)
        assert SHORT in text(client.get(f"{finding.get_absolute_url()}embed/"))
        page = text(client.get(f"/reading-list/?items={finding.code},{point.code}"))
        assert page.count("Retracted: Hudson (2002). Retracted 4 March 2021. Made up.") >= 2

    @pytest.mark.parametrize("ending", ["ris", "bib", "json", "txt"])
    def test_so_do_the_files_of_whatever_rests_on_it(self, client, trail, ending):
        source, finding, point, message = trail
        retract(source)
        for entry in [finding, point, finding.theme, message]:
            told = client.get(f"/{entry.code}.{ending}").content.decode()
            assert "Retracted 4 March 2021" in told

    def test_so_does_the_api(self, client, trail):
        source, finding, point, message = trail
        retract(source)
        for collection, entry in [
            ("findings", finding), ("implications", point), ("themes", finding.theme), ("key-messages", message),
            ("reviews", finding.review), ("sources", source),
        ]:  # fmt: skip
            whole = client.get(reverse(f"api-{collection}-entry", args=[entry.code])).json()
            [listed] = client.get(reverse(f"api-{collection}")).json()["results"]
            for told in (whole, listed):
                by = "" if entry == source else "Retracted: Hudson (2002). "
                assert told["cautions"].startswith(f"{by}Retracted 4 March 2021.")
        found = client.get(reverse("api-search"), {"q": "do it"}).json()["results"]
        assert any(SHORT.split(": ")[1] in result["notice"] for result in found if result["kind"] == "implication")


class TestKinds:
    @pytest.mark.parametrize(
        ("kind", "short", "long"),
        [
            ("concern", "Rests on a work in doubt: Hudson (2002)", "A source of this finding is in doubt."),
            ("corrected", "Rests on a corrected work: Hudson (2002)", "A source of this finding has been corrected."),
        ],
    )
    def test_concerns_and_corrections_are_told_as_what_they_are(self, client, trail, kind, short, long):
        source, finding, *_ = trail
        source.notices.create(kind=kind, date="2022-05", doi="10.1000/n", detail="Two figures.")
        assert short in text(client.get("/findings/"))
        page = text(client.get(finding.get_absolute_url()))
        assert long in page
        assert "May 2022. Two figures." in page
        assert "https://doi.org/10.1000/n" in page

    def test_the_gravest_comes_first(self, trail):
        source, finding, *_ = trail
        other = make_source([("Frost", "N")], title="Another")
        cite(finding, other)
        source.notices.create(kind="corrected", date="2020")
        retract(other)
        cautions = Cautions()
        assert [caution.work for caution in cautions.of(finding)] == [other, source]
        assert cautions.in_short(finding) == "Rests on a retracted work: Frost (2002)"
        cite(finding, make_source([("Law", "C")], title="A third", **RETRACTED))
        assert Cautions().in_short(finding) == "Rests on retracted works: Frost (2002), Law (2002)"

    def test_what_readers_cannot_see_is_not_told(self, trail):
        source, finding, point, _ = trail
        retract(source, status="draft")
        assert Cautions().of(finding) == []
        retract(source, status="published")
        finding.status = "draft"
        finding.save()
        assert Cautions().of(point) == []
        assert Cautions().of(finding.theme) == []


class TestCost:
    @pytest.mark.parametrize(
        "address",
        ["/findings/", "/practice/", "/themes/", "/search/?q=trust&kind=finding", "/sources/", "/api/v1/findings"],
    )
    def test_three_and_thirty_take_the_same_queries(self, client, address):
        taken = []
        client.get(address)
        for count in [3, 30]:
            with transaction.atomic(), gathered():
                for n in range(count):
                    theme = make_theme(name=f"Trust {count} {n}")
                    finding = make_finding(theme=theme, heading=f"Trust {count} {n}")
                    cite(finding, make_source(title=f"Trust {count} {n}", **RETRACTED))
                    make_implication([finding], heading=f"Trust {count} {n}")
            client.get(address)  # so that search has followed
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            taken.append(len(queries))
        assert taken[0] == taken[1]

    def test_where_nothing_was_said_one_query_asks(self, trail, django_assert_num_queries):
        _, finding, point, message = trail
        with django_assert_num_queries(1):
            cautions = Cautions()
            for entry in [finding, point, message, finding.theme, finding.review]:
                assert cautions.in_short(entry) == ""


class TestReports:
    @pytest.fixture
    def editor(self, django_user_model):
        user = django_user_model.objects.create_user("editor", is_staff=True)
        user.groups.add(Group.objects.get(name=EDITOR))
        return user

    def reported(self, source, kind="retracted", date="2026-11-28"):
        [reported] = report(source, [Told(kind, date, doi="10.1000/n")], "Crossref")
        return reported

    def test_one_confirmation_is_on_every_page_and_a_proposal_on_none(self, client, trail, editor):
        source, finding, point, _ = trail
        reported = self.reported(source)
        pages = [finding.get_absolute_url(), point.get_absolute_url(), finding.theme.get_absolute_url()]
        assert all(LONG not in text(client.get(page)) for page in pages)
        before = Change.objects.count()
        confirm(reported, editor)
        assert Change.objects.count() > before
        assert all(LONG in text(client.get(page)) for page in pages)

    def test_a_confirmed_correction_is_a_row_of_its_source(self, trail, editor):
        source, *_ = trail
        confirm(self.reported(source, "corrected", "2026"), editor)
        [row] = Notice.objects.all()
        assert (row.source, row.kind, row.date, row.doi) == (source, "corrected", "2026", "10.1000/n")

    def test_what_was_dismissed_or_is_held_is_not_proposed_again(self, trail, editor):
        source, *_ = trail
        dismiss(self.reported(source), editor)
        confirm(self.reported(source, "concern", "2026"), editor)
        source.refresh_from_db()
        told = [Told("retracted", "2026-11-28", doi="10.1000/n"), Told("concern", "2026", doi="10.1000/n")]
        assert report(source, told, "Crossref") == []

    def test_the_desk_tells_what_rests_on_retracted_works_and_what_waits(self, trail, editor):
        source, finding, *_ = trail
        self.reported(source, "concern")
        retract(source)
        make_implication([finding], heading="Another")
        client = Client()
        client.force_login(editor)
        tasks = {card.title: card for card in cards(client.get("/admin/"))}
        assert tasks["Reports on works we hold"].count == 1
        assert tasks["Reports on works we hold"].lines[1].startswith("Oldest: ")
        assert tasks["Resting on retracted works"].count == 3
        resting = client.get(tasks["Resting on retracted works"].url).content.decode()
        assert finding.heading in resting and "Another" in resting

    def test_the_desk_tells_what_rests_on_works_of_which_nothing_was_checked(self, trail, editor):
        source, *_ = trail
        client = Client()
        client.force_login(editor)

        def card():
            title = "Resting on unconfirmed works"
            return next(one for one in cards(client.get("/admin/")) if one.title == title)

        assert card().count == 2, "the finding, and the point that rests on it"
        for part in client.get(card().url).context["parts"]:
            assert client.get(part.url).context["cl"].result_count == 1
        Source.objects.filter(pk=source.pk).update(checked="Title and year.")
        assert card().count == 0

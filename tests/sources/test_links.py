"""What is noted of the checks of links, when an address counts as dead, and who is told."""

import datetime
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curation.changelog import Change, gathered
from curation.conflicts import state_token
from curation.models import Revision
from sources import links
from sources.linkcheck import Answer, Outcome
from sources.links import LinkCheck, Part
from sources.models import Source
from tests.cards import cards
from tests.factories import make_source, withdrawn

pytestmark = [pytest.mark.databases, pytest.mark.django_db]

URL = "https://example.org/work"
NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
GOOD = Answer(Outcome.ALIVE, 200)
GONE = Answer(Outcome.GONE, 404, "Nothing is there.")
FAILED = Answer(Outcome.FAILED, None, "No answer came in time.")
UNCLEAR = Answer(Outcome.UNCLEAR, 403, "Open it in a browser.")


class Told:
    """A checker that gives prepared answers, and remembers what it was asked."""

    def __init__(self, answer=GOOD, **answers):
        self.answer, self.answers, self.asked = answer, answers, []

    def check(self, url, seconds):
        self.asked.append(url)
        return self.answers.get(url, self.answer)


def look(source, answer, at=NOON):
    return links.note(source, [(Part.URL, answer, at)])[0]


def hours(number):
    return NOON + datetime.timedelta(hours=number)


def is_dead(source):
    return Source.objects.with_dead_links().filter(pk=source.pk).exists()


class TestDeath:
    def test_what_the_site_says_is_gone_is_dead_at_once(self):
        source = make_source(url=URL)
        look(source, GONE)
        assert is_dead(source)

    def test_what_fails_is_dead_when_it_fails_again_a_day_later(self):
        source = make_source(url=URL)
        look(source, FAILED)
        assert not is_dead(source)
        look(source, FAILED, hours(1))
        assert look(source, FAILED, hours(2)).failures == 3
        assert not is_dead(source)
        look(source, FAILED, hours(24))
        assert is_dead(source)

    @pytest.mark.parametrize("answer", [GOOD, UNCLEAR, Answer(Outcome.REFUSED, words="Inside.")])
    def test_any_other_answer_between_begins_anew(self, answer):
        source = make_source(url=URL)
        look(source, FAILED)
        row = look(source, answer, hours(24))
        assert (row.failures, row.failing_since) == (0, None)
        look(source, FAILED, hours(48))
        assert not is_dead(source)

    def test_who_keeps_programs_out_is_not_dead(self):
        source = make_source(url=URL)
        for at in [0, 24, 48]:
            look(source, UNCLEAR, hours(at))
        assert not is_dead(source)

    def test_the_last_good_day_stays_while_it_fails(self):
        source = make_source(url=URL)
        look(source, GOOD)
        assert look(source, GONE, hours(48)).last_good_on == NOON.date()

    def test_another_address_begins_with_a_clean_sheet(self):
        source = make_source(url=URL)
        look(source, GOOD)
        look(source, GONE)
        source.url = "https://example.org/moved"
        source.save()
        assert not is_dead(source)
        row = look(source, FAILED, hours(24))
        assert (row.failures, row.last_good_on) == (1, None)
        assert source.link_checks.count() == 1

    def test_a_withdrawn_source_troubles_nobody(self):
        source = make_source(url=URL)
        look(source, GONE)
        Source.objects.filter(pk=source.pk).update(**withdrawn())
        assert not is_dead(source)


class TestCheck:
    def test_every_address_is_looked_at_and_the_same_one_once(self):
        source = make_source(doi="10.1000/a", url="https://doi.org/10.1000/a", retracted_on="2020-01-01",
                             retraction_url="https://example.org/sorry")  # fmt: skip
        checker = Told(**{"https://example.org/sorry": GONE})
        rows = links.check(source, checker)
        assert checker.asked == ["https://doi.org/10.1000/a", "https://example.org/sorry"]
        assert [(row.part, row.outcome) for row in rows] == [
            ("url", "alive"),
            ("doi", "alive"),
            ("retraction_url", "gone"),
        ]

    def test_it_changes_nothing_of_the_source_and_readers_are_told_of_none(self):
        source = make_source(url=URL)
        before, token = Source.objects.values().get(), state_token(source)
        changes = Change.objects.count()
        revisions = Revision.objects.count()
        links.check(source, Told(GONE))
        assert Source.objects.values().get() == before
        assert state_token(Source.objects.get()) == token
        assert Change.objects.count() == changes
        assert Revision.objects.count() == revisions

    def test_time_that_is_up_leaves_the_rest_as_it_was(self, monkeypatch):
        source = make_source(url=URL, doi="10.1000/a")
        moments = iter([0, 0, 16])
        monkeypatch.setattr(links.time, "monotonic", lambda: next(moments))
        assert [row.part for row in links.check(source, Told(), seconds=20)] == ["url"]

    def test_a_source_deleted_meanwhile_is_let_go(self):
        source = make_source(url=URL)
        Source.objects.filter(pk=source.pk).delete()
        assert links.check(source, Told()) == []

    def test_what_is_noted_of_an_address_taken_out_goes(self):
        source = make_source(url=URL, doi="10.1000/a")
        links.check(source, Told())
        source.doi = ""
        source.save()
        links.check(source, Told())
        assert [row.part for row in source.link_checks.all()] == ["url"]

    def test_it_says_who_we_are(self, settings):
        settings.SITE_NAME, settings.SITE_URL = "Über us", "https://kb.example.org/"
        checker = links.checker()
        assert "?ber us https://kb.example.org/" in checker.user_agent
        assert checker.ports == {80, 443}


class TestRules:
    @pytest.mark.parametrize(
        "broken",
        [
            {"outcome": "fine"},
            {"part": "title"},
            {"failures": 1},
            {"failing_since": NOON},
            {"part": "doi"},
        ],
    )
    def test_the_database_keeps_them(self, broken):
        source = make_source(url=URL)
        given = {"source": source, "value": URL, "checked_at": NOON, "outcome": "alive"}
        LinkCheck.objects.create(**given, part="doi")
        LinkCheck.objects.create(**{**given, "part": "url"})
        with pytest.raises(IntegrityError), transaction.atomic():
            LinkCheck.objects.create(**{**given, "part": "retraction_url", **broken})


class TestCommand:
    @pytest.fixture
    def run(self, monkeypatch):
        def run(*args, answer=GOOD):
            checker = Told(answer)
            monkeypatch.setattr(links, "checker", lambda: checker)
            out = io.StringIO()
            call_command("check_links", *args, stdout=out)
            return checker.asked, out.getvalue()

        return run

    def test_it_looks_at_all_in_use_longest_ago_first(self, run):
        make_source()
        make_source(url="https://example.org/withdrawn", **withdrawn())
        seen, never = make_source(url="https://example.org/1"), make_source(url="https://example.org/2")
        look(seen, GOOD)
        assert run()[0] == [never.url, seen.url]

    def test_only_what_is_due_on_request(self, run):
        now = timezone.now()
        day = datetime.timedelta(days=1)
        ages = {"fresh": (GOOD, 1), "old": (GOOD, 31), "failed": (FAILED, 1), "just-failed": (FAILED, 0),
                "gone": (GONE, 2), "unclear": (UNCLEAR, 2)}  # fmt: skip
        for name, (answer, days) in ages.items():
            look(make_source(url=f"https://example.org/{name}"), answer, now - days * day)
        changed = make_source(url="https://example.org/changed")
        look(changed, GOOD, now)
        Source.objects.filter(pk=changed.pk).update(url="https://example.org/now")
        partly = make_source(url="https://example.org/partly", doi="10.1000/new")
        look(partly, GOOD, now)
        assert set(run("--only-due")[0]) == {
            "https://example.org/old",
            "https://example.org/failed",
            "https://example.org/now",
            "https://example.org/partly",
            "https://doi.org/10.1000/new",
        }

    def test_it_stops_at_the_limit_and_says_what_waits(self, run):
        for n in range(3):
            make_source(url=f"https://example.org/{n}")
        asked, told = run("--limit", "2")
        assert len(asked) == 2
        assert "Sources that still wait: 1." in told
        with pytest.raises(CommandError, match="from 1"):
            run("--limit", "0")

    def test_a_dry_run_asks_nobody(self, run):
        source = make_source(url=URL)
        asked, told = run("--dry-run")
        assert (asked, f"{source.code} Address: {URL}" in told) == ([], True)
        assert not LinkCheck.objects.exists()

    def test_it_tells_what_is_not_good(self, run):
        make_source(url=URL)
        assert f"{URL}: gone. Nothing is there." in run(answer=GONE)[1]


def text(response):
    return " ".join(response.content.decode().split())


def changelist(**query):
    return reverse("admin:sources_source_changelist", query=query)


class TestDesk:
    @pytest.fixture
    def checker(self, monkeypatch):
        checker = Told(GONE)
        monkeypatch.setattr(links, "checker", lambda: checker)
        return checker

    @pytest.mark.parametrize("role", ["Librarian", "Editor"])
    def test_whoever_may_change_sources_checks_a_public_one_too(self, desk, checker, role):
        source = make_source(url=URL)
        page = reverse("admin:sources_source_change", args=[source.pk])
        button = reverse("admin:sources_source_check_links", args=[source.pk])
        assert button in text(desk[role].get(page))
        assert desk[role].get(button).status_code == 405
        answer = desk[role].post(button, follow=True)
        assert checker.asked == [URL]
        for told in ["Addresses looked at: 1. In order: 0.", "<strong>Dead.</strong> Nothing is there.",
                     "Failed 1 time in a row", "We have not seen it work."]:  # fmt: skip
            assert told in text(answer)

    def test_nobody_else_does(self, desk, checker, django_user_model):
        source = make_source(url=URL)
        button = reverse("admin:sources_source_check_links", args=[source.pk])
        assert desk[None].post(button).status_code == 403
        assert Client().post(button).status_code == 302
        assert desk["Editor"].post(reverse("admin:sources_source_check_links", args=[99])).status_code == 404
        reader = django_user_model.objects.create(username="reader", is_staff=True)
        reader.user_permissions.add(
            *django_user_model.objects.get(username="librarian").groups.get().permissions.filter(codename="view_source")
        )
        browser = Client()
        browser.force_login(reader)
        assert button not in text(browser.get(reverse("admin:sources_source_change", args=[source.pk])))
        assert browser.post(button).status_code == 403
        browser.post(changelist(), {"action": "check_links_of", "_selected_action": [source.pk]})
        assert checker.asked == []

    def test_several_are_checked_from_the_list_but_not_too_many(self, desk, checker):
        with gathered():
            sources = [make_source(url=f"https://example.org/{n}") for n in range(12)]
        chosen = {"action": "check_links_of", "_selected_action": [source.pk for source in sources]}
        told = text(desk["Librarian"].post(changelist(), chosen, follow=True))
        assert len(checker.asked) == 10
        assert "Addresses looked at: 10. In order: 0." in told
        assert "Addresses that there was no time for: 2." in told

    def test_where_there_is_no_address_that_is_told(self, desk, checker):
        chosen = {"action": "check_links_of", "_selected_action": [make_source().pk]}
        assert "There is no address to check." in text(desk["Librarian"].post(changelist(), chosen, follow=True))

    def test_a_draft_that_was_checked_can_still_be_deleted(self, desk):
        source = make_source(url=URL, status="draft", published_on=None)
        look(source, GONE)
        page = reverse("admin:sources_source_delete", args=[source.pk])
        assert desk["Editor"].post(page, {"post": "yes"}).status_code == 302
        assert not LinkCheck.objects.exists()

    def test_links_to_look_at_are_a_task_that_leads_to_their_list(self, desk):
        look(make_source(url=URL), Answer(Outcome.LOOK, 200, "It leads to the home page of a site."))
        look(make_source(url="https://example.org/other", title="Another work"), GOOD)
        home = cards(desk["Librarian"].get(reverse("admin:index")))
        card = next(card for card in home if card.title == "Links to look at")
        assert card.count == 1 and card.lines[0] == "S1" and card.lines[1].startswith("Since ")
        page = desk["Librarian"].get(card.url)
        assert page.context["cl"].result_count == 1

    def test_dead_links_are_a_task_that_leads_to_their_list(self, desk):
        source = make_source(url=URL)
        make_source(url=URL, title="Another work")
        look(source, GONE)
        card = next(card for card in cards(desk["Librarian"].get(reverse("admin:index"))) if card.title == "Dead links")
        assert card.count == 1 and card.lines[0] == "S1" and card.lines[1].startswith("Since ")
        assert list(desk["Librarian"].get(card.url).context["cl"].queryset) == [source]

    def test_three_and_thirty_take_the_same_queries(self, desk, django_assert_max_num_queries):
        taken = []
        for page in [changelist(**{"dead-links": "yes"}), reverse("admin:index")]:
            desk["Editor"].get(page)  # a process looks up its content types once
        for count in [3, 30]:
            with transaction.atomic():
                with gathered():
                    for _ in range(count):
                        look(make_source(url=URL), GONE)
                counts = []
                for page in [changelist(**{"dead-links": "yes"}), reverse("admin:index")]:
                    with django_assert_max_num_queries(40) as queries:
                        assert desk["Editor"].get(page).status_code == 200
                    counts.append(len(queries))
                taken.append(counts)
                transaction.set_rollback(True)
        assert taken[0] == taken[1]


class TestPublicPage:
    def test_a_dead_address_stays_and_is_told_kindly(self, client):
        source = make_source(url=URL)
        look(source, GOOD)
        page = text(client.get(source.get_absolute_url()))
        assert "did not work" not in page
        look(source, GONE, hours(48))
        page = text(client.get(source.get_absolute_url()))
        assert f'<a href="{URL}">{URL}</a>' in page
        assert f'href="https://web.archive.org/web/20260302/{URL}"' in page
        assert "The link did not work when we last looked." in page
        assert "This address did not work when we last looked, on 4 March 2026. It last worked on 2 March 2026." in page
        source.url = "https://example.org/moved"
        source.save()
        assert "did not work" not in text(client.get(source.get_absolute_url()))

    def test_so_are_a_dead_doi_and_a_dead_notice(self, client):
        source = make_source(doi="10.1000/a", retracted_on="2020-01-01", retraction_url=URL)
        links.check(source, Told(GONE))
        assert text(client.get(source.get_absolute_url())).count("This address did not work") == 2

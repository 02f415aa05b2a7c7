"""What is typed on the desk outlives the session and its token: it comes back, is never saved by itself, and is shown
to nobody who sends it from elsewhere."""

import re
import time

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from lxml import html
from taggit.models import Tag

from curation.models import Import, SavedView
from findings.models import Finding, Term, Theme
from joinedup import sessions
from joinedup.search.models import MissedSearch
from sources.models import Source
from tests.factories import cite, make_finding, make_source, make_term, make_theme
from tests.test_admin import address

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
NOT_SAVED = "Nothing is saved yet"


@pytest.fixture(autouse=True)
def accounts(django_user_model):
    made = {name: django_user_model.objects.create_superuser(name, password=PASSWORD) for name in ["lib", "other"]}
    return made


class Browser:
    """Sends forms as a browser does: all fields of the page, its token, its cookies."""

    def __init__(self, name="lib"):
        here = {"origin": "http://testserver"}
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False, headers=here)
        self.response = None
        self.open(reverse("admin:login"))
        self.log_in(name)

    def open(self, where):
        self.response = self.client.get(where, follow=True)
        self.where = where
        return self

    @property
    def text(self):
        return self.response.content.decode()

    def form(self, holding):
        text = re.sub(r"(<textarea[^>]*>)\n", r"\1", self.text)  # which is none of the text, to a browser
        forms = html.fromstring(text).xpath(f"//form[@method='post'][.//*[@name='{holding}']]")
        assert forms, f"no form with {holding}"
        return forms[0]

    def fields(self, holding):
        found = {}
        for name, value in self.form(holding).form_values():
            found.setdefault(name, []).append(value)
        return found

    def send(self, holding, typed=None, press=None, **headers):
        form = self.form(holding)
        self.where = form.get("action") or self.where
        typed = {**self.fields(holding), **(typed or {})} | ({press: "Save"} if press else {})
        return self.post(typed, **headers)

    def post(self, typed, **headers):
        self.response = self.client.post(self.where, typed, headers=headers)
        if self.response.status_code == 307:  # the same again, there
            self.where = self.response["Location"]
            return self.post(typed)
        return self

    def log_in(self, name="lib", password=PASSWORD):
        return self.send("username", {"username": name, "password": password})

    def session_ends(self):
        self.client.cookies.pop(settings.SESSION_COOKIE_NAME)
        return self

    def token_is_stale(self):
        """She logged in anew in another tab."""
        self.client.get(reverse("admin:index"))
        page = Client(enforce_csrf_checks=True)
        page.cookies = self.client.cookies
        response = page.get(reverse("admin:password_change"))
        token = html.fromstring(response.content).xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
        page.post(reverse("admin:logout"), {"csrfmiddlewaretoken": token})
        response = page.get(reverse("admin:login"))
        token = html.fromstring(response.content).xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
        page.post(reverse("admin:login"), {"csrfmiddlewaretoken": token, "username": "lib", "password": PASSWORD})
        return self


def finding_with_inlines(browser):
    finding = make_finding(status="draft", published_on=None, bottom_line="As it was.")
    cite(finding, make_source())
    browser.open(address(Finding, "change", finding.pk))
    typed = {
        "bottom_line": "Typed <b>at length</b>\r\nin two lines.",
        "citations-TOTAL_FORMS": "2",
        "citations-1-source": str(make_source().pk),
        "citations-1-order": "2",
        "citations-1-note": "A new row.",
        "tags": "trust, “quoted”",
    }
    return "bottom_line", typed, "_continue", lambda: finding.citations.filter(note="A new row.").exists()


def new_theme(browser):
    browser.open(address(Theme, "add"))
    typed = {"name": "A new theme", "slug": "a-new-theme", "summary": "Typed."}
    return "summary", typed, "_save", lambda: Theme.objects.filter(summary="Typed.").exists()


def withdrawal(browser):
    finding = make_finding()
    browser.open(address(Finding, "act", finding.pk, "withdraw"))
    return "note", {"note": "It claimed too much."}, "confirm", lambda: Finding.objects.get(pk=finding.pk).is_withdrawn


def put_back(browser):
    theme = make_theme(summary="First.")
    for summary in ["Second.", "Third."]:
        browser.open(address(Theme, "change", theme.pk))
        browser.send("summary", {"summary": summary, "kind_of_change": "correction"}, press="_save")
    revision = re.search(
        rf'href="({address(Theme, "history", theme.pk)}\d+/)"', browser.open(address(Theme, "history", theme.pk)).text
    )[1]
    browser.open(revision)
    typed = {"kind_of_change": "meaning", "public_note": "We say the first again."}
    return "public_note", typed, "confirm", lambda: Theme.objects.get(pk=theme.pk).summary != "Third."


def label(browser):
    make_term("Trust")
    missed = MissedSearch.objects.create(text="truth", results=0, day="2026-01-01")
    browser.open(reverse("admin:search_missedsearch_label", args=[missed.pk]))
    typed = {"label": "truthfulness", "term": str(Term.objects.get().pk)}
    return "label", typed, None, lambda: Term.objects.get().labels.filter(label="truthfulness").exists()


def pasted_records(browser):
    browser.open(reverse("admin:curation_import_upload", args=["bibliography"]))
    typed = {"text": "TY  - BOOK\nTI  - A pasted title\nER  - \n"}
    return "text", typed, None, lambda: Import.objects.exists()


def tag(browser):
    tag = Tag.objects.create(name="trust", slug="trust")
    browser.open(address(Tag, "change", tag.pk))
    return "slug", {"name": "Trust and truth"}, "_save", lambda: Tag.objects.get().name == "Trust and truth"


def sources_to_merge(browser):
    one, other = make_source(title="One title"), make_source(title="Another title")
    browser.open(f"{reverse('admin:sources_source_merge')}?source={one.pk}&source={other.pk}")
    chosen = next(value for value in [str(one.pk), str(other.pk)] if [value] != browser.fields("keep")["take-title"])
    return "keep", {"take-title": chosen}, None, lambda: Source.objects.published().count() == 1


def view_of_a_list(browser):
    browser.open(f"{address(Theme, 'views')}?q=trust")
    return "query", {"name": "On trust"}, None, lambda: SavedView.objects.filter(query="q=trust").exists()


def group(browser):
    group = Group.objects.create(name="Readers")
    browser.open(reverse("admin:auth_group_change", args=[group.pk]))
    return "name", {"name": "Guests"}, "_save", lambda: Group.objects.filter(name="Guests").exists()


def choices_of_an_import(browser):
    name, typed, _press, _ = pasted_records(browser)
    browser.send(name, typed)
    batch = Import.objects.get()
    browser.open(address(Import, "change", batch.pk))
    row = batch.rows.get()
    typed = {f"choice-{row.pk}": "skip", "page": "1"}
    return f"choice-{row.pk}", typed, None, lambda: batch.rows.get().choice == "skip"


def acts_in_bulk(browser):
    findings = [make_finding(), make_finding()]
    where = address(Finding, "changelist")
    browser.open(where)
    browser.send("_selected_action", {"action": "withdraw", "_selected_action": [finding.pk for finding in findings]})
    return "note", {"note": "Both claimed too much."}, "confirm", lambda: not Finding.objects.published().exists()


def tags_to_merge(browser):
    made = [Tag.objects.create(name=name, slug=name) for name in ["trust", "truth"]]
    browser.open(address(Tag, "changelist"))
    browser.send("_selected_action", {"action": "merge", "_selected_action": [tag.pk for tag in made]})
    return "kept", {}, "confirm", lambda: Tag.objects.count() == 1


BACK_IN_ITS_FORM = [
    finding_with_inlines,
    new_theme,
    withdrawal,
    put_back,
    label,
    pasted_records,
    tag,
    sources_to_merge,
    view_of_a_list,
]
SENT_AGAIN = [group, choices_of_an_import, acts_in_bulk, tags_to_merge]
kinds = pytest.mark.parametrize("kind", BACK_IN_ITS_FORM + SENT_AGAIN, ids=lambda kind: kind.__name__)


def told(browser):
    return " ".join(html.fromstring(browser.text).text_content().split())


def is_back(browser, name, typed):
    """What was typed is in the page, and is what its button would send."""
    fields = browser.fields(name)
    for field, value in typed.items():
        if field != "page" and not isinstance(value, list):
            assert [one.replace("\r\n", "\n") for one in fields[field]] == [value.replace("\r\n", "\n")], field


@kinds
def test_what_was_typed_when_the_session_had_ended_comes_back_after_the_log_in_and_is_saved_by_hand(kind):
    browser = Browser()
    name, typed, press, is_saved = kind(browser)
    browser.session_ends().send(name, typed, press)
    assert browser.response.status_code == 403
    assert "You are no longer logged in, so nothing was saved." in told(browser)
    assert not is_saved()
    browser.log_in()
    assert browser.response.status_code == 200
    assert NOT_SAVED in told(browser)
    assert not is_saved(), "a log-in saves nothing"
    is_back(browser, name, typed)
    assert browser.send(name, press=press).response.status_code == 302
    assert is_saved()


@kinds
def test_what_was_typed_into_a_form_with_a_stale_token_comes_back(kind):
    browser = Browser()
    name, typed, press, is_saved = kind(browser)
    browser.token_is_stale().send(name, typed, press)
    assert browser.response.status_code == 403
    assert NOT_SAVED in told(browser)
    assert not is_saved()
    is_back(browser, name, typed)
    assert browser.send(name, press=press).response.status_code == 302
    assert is_saved()


@kinds
@pytest.mark.parametrize("happens", ["session_ends", "token_is_stale"])
def test_what_another_site_sends_is_neither_saved_nor_shown(kind, happens):
    browser = Browser()
    _name, typed, press, is_saved = kind(browser)
    getattr(browser, happens)()
    for origin in ["https://evil.example", "null", "http://testserver.evil.example", "https://testserver"]:
        browser.client.get(reverse("admin:login"))
        sent = {**typed, "note": "Ours to see?", press or "x": "Save"}
        response = browser.client.post(browser.where, sent, headers={"origin": origin})
        page = response.content.decode()
        assert response.status_code in (302, 403)
        assert "_kept" not in page and "Ours to see?" not in page and NOT_SAVED not in page
    assert not is_saved()


def test_a_form_that_does_not_say_where_it_comes_from_is_refused_as_ever():
    browser = Browser()
    _, typed, _, is_saved = new_theme(browser)
    told = {}
    for said in [{}, {"HTTP_REFERER": "https://evil.example/"}, {"HTTP_REFERER": "http://testserver/admin/"}]:
        client = Client(enforce_csrf_checks=True)
        told[said.get("HTTP_REFERER")] = client.post(browser.where, typed, **said).content.decode()
    assert {said: "_kept" in page for said, page in told.items()} == {
        None: False,
        "https://evil.example/": False,
        "http://testserver/admin/": True,
    }
    assert not is_saved()


def test_wrong_passwords_lose_nothing_and_count_until_the_log_in_is_closed():
    browser = Browser()
    name, typed, press, _is_saved = new_theme(browser)
    browser.session_ends().send(name, typed, press)
    for _n in range(settings.AXES_FAILURE_LIMIT - 1):
        browser.log_in(password="wrong")
        assert browser.response.status_code == 200
        assert "There is no such name with that password here." in told(browser)
    browser.log_in(password="wrong")
    assert browser.response.status_code == 429
    assert "what you typed is kept in this page" in told(browser)
    browser.send("_kept")
    assert "Log in" in told(browser)
    assert browser.log_in().response.status_code == 429
    browser.send("_kept").log_in("other")
    is_back(browser, name, typed)


def test_who_logs_in_instead_is_told_whose_words_they_are():
    browser = Browser()
    name, typed, press, _ = new_theme(browser)
    browser.session_ends().send(name, typed, press)
    assert "You were logged in as “lib”." in told(browser)
    browser.log_in("other")
    assert "It was typed by “lib”; you are logged in as “other”." in told(browser)
    assert Browser("lib").open("/admin/").text.count("It was typed by") == 0


def test_who_may_not_change_it_can_still_read_what_was_typed(django_user_model):
    reader = django_user_model.objects.create_user("reader", password=PASSWORD, is_staff=True)
    browser = Browser()
    name, typed, press, is_saved = finding_with_inlines(browser)
    browser.session_ends().send(name, typed, press).log_in("reader")
    assert not reader.has_perm("findings.change_finding")
    assert "A new row." in told(browser) and NOT_SAVED in told(browser)
    browser.send("bottom_line")
    assert browser.response.status_code == 403
    assert "A new row." in told(browser), "nor is it lost when it is refused"
    assert not is_saved()


def test_two_librarians_are_still_told_of_each_other():
    theme = make_theme(status="draft", published_on=None, summary="As it was.")
    browser = Browser().open(address(Theme, "change", theme.pk))
    sent = {"summary": "My wording."}
    Browser("other").open(address(Theme, "change", theme.pk)).send("summary", {"summary": "Theirs."}, press="_save")
    browser.session_ends().send("summary", sent, "_save").log_in()
    is_back(browser, "summary", sent)
    browser.send("summary", press="_save")
    assert "other changed" in told(browser) and "while you were writing" in told(browser)
    is_back(browser, "summary", sent)
    theme.refresh_from_db()
    assert theme.summary == "Theirs."


def test_passwords_never_come_back_and_files_have_to_be_chosen_again(accounts):
    browser = Browser().open(reverse("admin:auth_user_add"))
    secret = "a very secret word"
    browser.session_ends().send("password1", {"username": "new", "password1": secret, "password2": secret}, "_save")
    assert "Passwords are never kept" in told(browser) and secret not in browser.text
    browser.log_in()
    assert "Passwords are never kept: type them again." in told(browser) and secret not in browser.text
    is_back(browser, "password1", {"username": "new"})

    browser.open(reverse("admin:auth_user_password_change", args=[accounts["other"].pk]))
    browser.session_ends().send("password1", {"password1": secret, "password2": secret})
    browser.log_in()
    assert "Passwords are never kept: type them again." in told(browser) and secret not in browser.text
    assert browser.response.status_code == 200 and "password1" in browser.text

    browser.open(reverse("admin:curation_import_upload", args=["entries"]))
    with open(__file__, "rb") as file:
        browser.session_ends().send("file", {"file": file, "keeps_status": "on"})
    assert "A file cannot be kept" in told(browser)
    browser.log_in()
    assert "Choose the file again." in told(browser)
    is_back(browser, "keeps_status", {"keeps_status": "on"})


@pytest.mark.parametrize("is_logged_in", [True, False])
def test_a_log_in_page_that_became_stale_itself_loses_nothing(is_logged_in):
    browser = Browser()
    name, typed, press, is_saved = new_theme(browser)
    browser.session_ends().send(name, typed, press)
    if is_logged_in:  # in another tab
        other = Browser()
        browser.client.cookies = other.client.cookies
    else:
        browser.client.cookies.pop(settings.CSRF_COOKIE_NAME)
    browser.log_in()
    if not is_logged_in:
        assert browser.response.status_code == 403 and "nothing was saved" in told(browser)
        browser.log_in()
    assert NOT_SAVED in told(browser) and not is_saved()
    is_back(browser, name, typed)


def test_a_log_in_with_what_was_typed_leads_nowhere_else():
    browser = Browser()
    name, typed, press, _ = new_theme(browser)
    browser.session_ends().send(name, typed, press)
    assert browser.form("username").get("action") == reverse("admin:login"), "where the web server counts log-ins"
    browser.send("username", {"username": "lib", "password": PASSWORD, "next": "https://evil.example/"})
    assert (browser.response.status_code, browser.where) == (200, address(Theme, "add"))
    is_back(browser, name, typed)


def test_a_long_text_comes_back_too():
    browser = Browser()
    name, _, press, is_saved = pasted_records(browser)
    typed = {"text": "".join(f"TY  - BOOK\r\nTI  - Über {n}\r\nER  - \r\n" for n in range(15_000))}
    browser.session_ends().send(name, typed, press).log_in()
    is_back(browser, name, typed)
    browser.send(name)
    assert is_saved()


def test_what_is_kept_cannot_be_made_up():
    browser = Browser()
    name, typed, press, is_saved = new_theme(browser)
    browser.session_ends().send(name, typed, press)
    browser.send("username", {"username": "lib", "password": PASSWORD, "_kept": "e30:made:up"})
    assert "A new theme" not in browser.text and not is_saved()


def test_a_reload_of_what_came_back_brings_it_back_again():
    browser = Browser()
    name, typed, press, is_saved = new_theme(browser)
    browser.session_ends().send(name, typed, press)
    log_in = {**browser.fields("username"), "username": "lib", "password": PASSWORD}
    browser.where = reverse("admin:login")
    for _load in range(2):
        assert browser.post(log_in).response.status_code == 200
        is_back(browser, name, typed)
    assert not is_saved()


def test_what_only_asks_for_a_yes_asks_again():
    theme = make_theme(status="draft", published_on=None)
    browser = Browser().open(address(Theme, "delete", theme.pk))
    browser.session_ends().send("post").log_in()
    assert NOT_SAVED in told(browser) and "This cannot be undone." in told(browser)
    assert browser.send("post").response.status_code == 302
    assert not Theme.objects.exists()


def test_a_button_alone_is_pressed_again():
    source = make_source(url="https://example.org/")
    browser = Browser().open(address(Source, "change", source.pk))
    browser.where = reverse("admin:sources_source_check_links", args=[source.pk])
    browser.session_ends()
    browser.response = browser.client.post(
        browser.where, {"csrfmiddlewaretoken": browser.client.cookies["csrftoken"].value}
    )
    browser.log_in()
    assert told(browser).count(NOT_SAVED) == 1 and "Send it again" in browser.text


def test_a_stale_log_in_page_is_shown_anew_and_a_stale_log_out_asks_again():
    browser = Browser()
    stale = {"csrfmiddlewaretoken": "x" * 64, "username": "lib", "password": PASSWORD}
    assert browser.client.post(reverse("admin:login"), stale).status_code == 302, "she is logged in already"
    out = browser.client.post(reverse("admin:logout"), {"csrfmiddlewaretoken": "x" * 64})
    assert out.status_code == 403 and "Send it again" in out.content.decode()
    browser.session_ends()
    page = browser.client.post(reverse("admin:login"), stale)
    assert page.status_code == 403 and "This page was out of date" in page.content.decode()
    browser.response = page
    assert browser.log_in().response.status_code == 302


class TestSessions:
    def test_a_session_lasts_as_long_as_somebody_works_and_is_written_now_and_then(
        self, monkeypatch, django_assert_num_queries
    ):
        now = time.time()
        clock = lambda: now  # noqa: E731
        monkeypatch.setattr(sessions.time, "time", lambda: clock())
        browser = Browser()
        first = browser.client.get("/admin/")
        assert settings.SESSION_COOKIE_NAME not in first.cookies, "not at each request"
        clock = lambda: now + sessions.RENEWED_EVERY  # noqa: E731
        renewed = browser.client.get("/admin/").cookies[settings.SESSION_COOKIE_NAME]
        assert renewed["max-age"] == 8 * 60 * 60
        assert settings.SESSION_COOKIE_NAME not in browser.client.get("/admin/").cookies

    def test_it_does_not_last_for_ever(self, monkeypatch):
        now = time.time()
        clock = lambda: now  # noqa: E731
        monkeypatch.setattr(sessions.time, "time", lambda: clock())
        browser = Browser()
        clock = lambda: now + sessions.LONGEST  # noqa: E731
        assert settings.SESSION_COOKIE_NAME not in browser.client.get("/admin/").cookies
        browser.session_ends().open(reverse("admin:login")).log_in()
        clock = lambda: now + sessions.LONGEST + sessions.RENEWED_EVERY  # noqa: E731
        assert settings.SESSION_COOKIE_NAME in browser.client.get("/admin/").cookies, "a log-in begins anew"

    def test_readers_get_no_cookie_and_public_pages_renew_nothing(self, client, monkeypatch):
        assert not client.get("/").cookies
        browser = Browser()
        monkeypatch.setattr(sessions.time, "time", lambda: 10**10)
        assert not browser.client.get("/findings/").cookies


def test_too_much_at_once_is_told_in_words(settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
    browser = Browser()
    name, typed, press, _is_saved = new_theme(browser)
    browser.send(name, {**typed, **{f"more-{n}": "x" for n in range(30)}}, press)
    assert browser.response.status_code == 400
    assert "20 fields" in told(browser) and "your browser still has what you typed" in told(browser)


def test_an_error_of_ours_keeps_what_was_typed(monkeypatch):
    browser = Browser()
    name, typed, press, is_saved = new_theme(browser)
    with monkeypatch.context() as patch:
        patch.setattr(Theme, "save", lambda *args, **kwargs: 1 / 0)
        browser.send(name, typed, press)
    assert browser.response.status_code == 500
    is_back(browser, name, typed)
    assert browser.send(name).response.status_code == 302
    assert is_saved()

"""Log-ins that a person can see and end, and the mail about one from a browser that is new."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from joinedup import sessions

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
PAGE = "/admin/log-ins/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def librarian(django_user_model):
    return django_user_model.objects.create_user("librarian", password=PASSWORD, is_staff=True, email="lib@example.org")


def logged_in(agent=FIREFOX, name="librarian", client=None):
    client = client or Client(headers={"User-Agent": agent})
    client.post(reverse("admin:login"), {"username": name, "password": PASSWORD})
    return client


def text(response):
    return response.content.decode()


def is_logged_in(client):
    return client.get("/admin/").status_code == 200


def handles(client):
    return re.findall(r'name="end" value="(\w+)"', text(client.get(PAGE)))


class TestSeeing:
    @pytest.mark.parametrize(
        ("agent", "name"),
        [
            (FIREFOX, "Firefox on Windows"),
            (CHROME, "Chrome on Linux"),
            (CHROME + " Edg/140.0", "Edge on Linux"),
            (SAFARI, "Safari on iPhone"),
            ("", "Another browser"),
            ("<script>alert(1)</script>", "Another browser"),
        ],
    )
    def test_a_log_in_names_its_browser_in_short(self, librarian, agent, name):
        page = text(logged_in(agent).get(PAGE))
        assert f"<strong>{name}</strong> (this one)" in page and "alert(1)" not in page

    def test_this_one_comes_first_then_the_last_used_and_none_of_anybody_else(self, librarian, django_user_model):
        django_user_model.objects.create_user("other", password=PASSWORD, is_staff=True)
        logged_in(SAFARI, "other")
        logged_in(CHROME)
        page = text(logged_in().get(PAGE))
        assert re.findall(r"<strong>(\w+) on", page) == ["Firefox", "Chrome"]

    def test_it_says_when_each_was_begun_and_last_used(self, librarian, monkeypatch):
        begun = timezone.now() - timedelta(hours=2)
        monkeypatch.setattr("joinedup.sessions.time.time", lambda: begun.timestamp())
        client = logged_in()
        monkeypatch.undo()
        shown = sessions.of(librarian)[0]
        assert (shown.began, shown.last_used) == (begun.replace(microsecond=0), begun.replace(microsecond=0))
        client.get("/admin/")
        shown = sessions.of(librarian)[0]
        assert shown.began < shown.last_used
        assert timezone.localtime(shown.last_used).strftime("%H:%M") in text(client.get(PAGE))

    def test_those_that_have_ended_are_not_shown(self, librarian):
        logged_in(CHROME)
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        out = logged_in(SAFARI)
        out.post(reverse("admin:logout"))
        assert re.findall(r"<strong>(\w+) on", text(logged_in().get(PAGE))) == ["Firefox"]

    def test_a_new_password_leaves_the_one_that_set_it(self, librarian):
        client = logged_in()
        logged_in(CHROME)
        new = {"old_password": PASSWORD, "new_password1": "another long word", "new_password2": "another long word"}
        client.post(reverse("admin:password_change"), new)
        assert re.findall(r"<strong>(\w+) on", text(client.get(PAGE))) == ["Firefox"]

    def test_one_from_before_browsers_were_noted_is_shown_too(self, client, librarian):
        client.force_login(librarian)
        session = client.session
        session.pop(sessions.TIMES, None)
        session.save()
        assert "Begun before such times were noted" in text(logged_in().get(PAGE))

    def test_the_key_of_a_session_is_in_no_page(self, librarian):
        clients = [logged_in(), logged_in(CHROME)]
        page = text(clients[0].get(PAGE))
        assert not [key for key in Session.objects.values_list("pk", flat=True) if key in page]

    def test_many_take_no_more_queries_than_few(self, librarian, django_assert_max_num_queries):
        taken = []
        for count in [3, 30]:
            clients = [logged_in() for _ in range(count)]
            clients[0].get(PAGE)
            with django_assert_max_num_queries(8) as queries:
                clients[0].get(PAGE)
            taken.append(len(queries))
        assert taken[0] == taken[1]


class TestEnding:
    def test_one_is_ended_and_the_others_go_on(self, librarian):
        this, second, third = logged_in(), logged_in(CHROME), logged_in(SAFARI)
        chrome = next(each.handle for each in sessions.of(librarian) if each.browser.startswith("Chrome"))
        page = this.post(PAGE, {"end": chrome}, follow=True)
        assert "1 log-in ended." in text(page)
        assert [is_logged_in(client) for client in [this, second, third]] == [True, False, True]

    def test_all_others_are_ended_and_this_goes_on(self, librarian, django_user_model):
        django_user_model.objects.create_user("other", password=PASSWORD, is_staff=True)
        this, second, third, other = logged_in(), logged_in(CHROME), logged_in(SAFARI), logged_in(name="other")
        assert "2 log-ins ended." in text(this.post(PAGE, follow=True))
        assert [is_logged_in(client) for client in [this, second, third, other]] == [True, False, False, True]

    @pytest.mark.parametrize("end", ["0" * 32, "x", "\x00"])
    def test_one_that_is_not_there_ends_nothing(self, librarian, end):
        this, second = logged_in(), logged_in(CHROME)
        assert "0 log-ins ended." in text(this.post(PAGE, {"end": end}, follow=True))
        assert is_logged_in(second)

    def test_nobody_ends_that_of_another_person(self, librarian, django_user_model):
        other = django_user_model.objects.create_user("other", password=PASSWORD, is_staff=True)
        theirs = logged_in(name="other")
        logged_in().post(PAGE, {"end": sessions.of(other)[0].handle})
        assert is_logged_in(theirs)


class TestMail:
    def test_a_log_in_from_a_new_browser_is_told_and_the_next_from_it_is_not(self, librarian, all_mail, settings):
        settings.SITE_URL = "https://evidence.example.org"
        client = logged_in()
        message = all_mail()[0]
        assert message.to == ["lib@example.org"] and "Firefox on Windows" in message.body
        assert "https://evidence.example.org/admin/log-ins/" in message.body
        client.post(reverse("admin:logout"))
        logged_in(client=client)
        assert all_mail() == []
        logged_in(CHROME)
        assert len(all_mail()) == 1

    def test_a_browser_is_known_for_each_person_who_shares_it(self, librarian, all_mail, django_user_model):
        django_user_model.objects.create_user("other", password=PASSWORD, is_staff=True, email="other@example.org")
        client = logged_in()
        for name in ["other", "librarian", "other"]:
            client.post(reverse("admin:logout"))
            logged_in(name=name, client=client)
        assert [message.to for message in all_mail()] == [["lib@example.org"], ["other@example.org"]]

    @pytest.mark.parametrize("change", ["1", "", "1:made-up:up"])
    def test_a_made_up_cookie_makes_no_browser_known(self, librarian, all_mail, change):
        client = Client()
        client.cookies["known-here"] = change
        logged_in(client=client)
        assert len(all_mail()) == 1

    def test_wrong_passwords_are_no_log_in(self, librarian, all_mail):
        Client().post(reverse("admin:login"), {"username": "librarian", "password": "wrong"})
        assert all_mail() == []

    def test_without_mail_or_address_nothing_is_sent_and_the_log_in_works(self, librarian, all_mail, settings):
        settings.SENDS_MAIL = False
        assert is_logged_in(logged_in())
        settings.SENDS_MAIL = True
        librarian.email = ""
        librarian.save()
        assert is_logged_in(logged_in(CHROME))
        assert all_mail() == []

    def test_the_cookie_goes_to_the_desk_alone_and_no_script_reads_it(self, librarian, settings):
        settings.SESSION_COOKIE_SECURE = True
        cookie = logged_in().cookies["known-here"]
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/admin/", True, "Lax")
        assert cookie["secure"] and cookie["max-age"] > 300 * 24 * 60 * 60

"""The two-step log-in: codes of a telephone and recovery codes, each taken once, and few wrong ones."""

import re
import time
from datetime import timedelta
from types import SimpleNamespace

import pyotp
import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core import mail, signing
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from findings.models import Finding
from joinedup.accounts import two_step
from joinedup.accounts.models import SecondStep
from joinedup.sent import SALT
from tests.factories import make_finding
from tests.test_admin import address, form_data

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
PAGE = "/admin/two-step/"


def text(response):
    return response.content.decode()


def account(django_user_model, name, role, **more):
    user = django_user_model.objects.create_user(name, password=PASSWORD, is_staff=True, **more)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture(autouse=True)
def one_moment(monkeypatch):
    """No half minute ends while a test runs."""
    now = time.time()
    monkeypatch.setattr("pyotp.totp.time", SimpleNamespace(time=lambda: now))


@pytest.fixture
def librarian(django_user_model):
    return account(django_user_model, "librarian", "Librarian")


@pytest.fixture
def editor(django_user_model):
    return account(django_user_model, "editor", "Editor")


def sealed_in(page):
    """What a page keeps of what was sent; its seal holds the second in which it was made, and has to be ours."""
    return signing.loads(re.search(r'name="_kept" value="([^"]*)"', page)[1], salt=SALT)


def code(secret, steps=0):
    """What a telephone shows, or showed so many half minutes ago."""
    return pyotp.TOTP(secret).at(pyotp.totp.time.time(), counter_offset=steps)


def set_up(user, steps=0):
    """The secret and the recovery codes of somebody who has just switched it on; her next code is still to come."""
    secret = pyotp.random_base32()
    codes = two_step.switch_on(user, secret, code(secret, steps), None)
    SecondStep.objects.update(last_timecode=0)
    return secret, codes


def first_step(client, name="librarian", **more):
    return client.post(reverse("admin:login"), {"username": name, "password": PASSWORD, **more})


def second_step(client, page, typed, **more):
    fields = dict(re.findall(r'<input type="hidden" name="(proof|next|_kept)" value="([^"]*)"', text(page)))
    return client.post(reverse("admin:login"), {**fields, "code": typed, **more})


def is_logged_in(client):
    return client.get("/admin/").status_code == 200


class TestSwitchingOn:
    def test_a_code_of_the_shown_key_switches_it_on_and_shows_the_recovery_codes_once(self, client, librarian):
        client.force_login(librarian)
        key = re.search(r'class="key">([^<]+)<', text(client.get(PAGE)))[1].replace(" ", "")
        assert not two_step.is_on(librarian), "nothing is on before a code shows that the telephone has the key"
        page = text(client.post(PAGE, {"code": code(key)}))
        assert len(re.findall(r"<code>([A-Z2-9]{4}-){3}[A-Z2-9]{4}</code>", page)) == 8
        assert "It is on since" in text(client.get(PAGE)) and "<code>" not in text(client.get(PAGE))
        assert key not in text(client.get(PAGE))

    @pytest.mark.parametrize("typed", ["", "000", "abcdef", "x" * 50, "1234567", "\x00"])
    def test_a_wrong_code_switches_nothing_on_and_the_key_stays_the_same(self, client, librarian, typed):
        client.force_login(librarian)
        before = re.search(r'class="key">([^<]+)<', text(client.get(PAGE)))[1]
        page = client.post(PAGE, {"code": typed})
        assert page.status_code == 200 and before in text(page) and "errorlist" in text(page)
        assert not two_step.is_on(librarian)

    def test_all_other_log_ins_of_the_person_end(self, client, librarian, editor):
        elsewhere, other = Client(), Client()
        elsewhere.force_login(librarian)
        other.force_login(editor)
        client.force_login(librarian)
        key = re.search(r'class="key">([^<]+)<', text(client.get(PAGE)))[1].replace(" ", "")
        client.post(PAGE, {"code": code(key)})
        assert [is_logged_in(each) for each in [client, elsewhere, other]] == [True, False, True]

    def test_the_page_of_log_ins_says_whether_it_is_on_and_leads_to_it(self, client, librarian):
        client.force_login(librarian)
        assert f'<strong>off</strong>. <a href="{PAGE}">Set it up</a>' in text(client.get("/admin/log-ins/"))
        set_up(librarian)
        client.force_login(librarian)
        assert f'<strong>on</strong>. <a href="{PAGE}">New recovery codes' in text(client.get("/admin/log-ins/"))

    def test_the_picture_says_the_same_as_the_key(self, librarian):
        parsed = pyotp.parse_uri(two_step.address(librarian, secret := pyotp.random_base32()))
        assert (parsed.secret, parsed.name, parsed.issuer) == (secret, "librarian", "Joined-up")

    def test_nobody_who_is_not_logged_in_sees_any_of_its_pages(self, client, librarian):
        for page in [PAGE, "/admin/log-ins/", f"/admin/auth/user/{librarian.pk}/two-step/"]:
            assert client.get(page)["Location"].startswith("/admin/login/")
            assert client.post(page, {"code": "1"})["Location"].startswith("/admin/login/")


class TestLogIn:
    def test_the_password_alone_opens_nothing(self, client, librarian):
        set_up(librarian)
        page = first_step(client)
        assert page.status_code == 200 and 'autocomplete="one-time-code"' in text(page)
        assert not is_logged_in(client) and not Session.objects.exists()

    @pytest.mark.parametrize("steps", [-1, 0, 1])
    def test_a_code_opens_the_desk_also_one_of_a_clock_that_is_half_a_minute_wrong(self, client, librarian, steps):
        secret, _ = set_up(librarian)
        assert second_step(client, first_step(client), code(secret, steps)).status_code == 302
        assert is_logged_in(client)

    @pytest.mark.parametrize("steps", [-10, -2, 2, 10])
    def test_a_code_of_another_time_opens_nothing(self, client, librarian, steps):
        secret, _ = set_up(librarian)
        page = second_step(client, first_step(client), code(secret, steps))
        assert "not the code for now" in text(page) and not is_logged_in(client)

    @pytest.mark.parametrize("spelled", ["{} {}", " {}-{} ", "{}{}"])
    def test_a_code_may_be_typed_as_it_is_shown(self, client, librarian, spelled):
        secret, _ = set_up(librarian)
        shown = code(secret)
        assert second_step(client, first_step(client), spelled.format(shown[:3], shown[3:])).status_code == 302

    def test_a_code_is_taken_once_and_none_from_before_it(self, client, librarian):
        secret, _ = set_up(librarian)
        assert second_step(client, first_step(client), code(secret)).status_code == 302
        for steps in [0, -1]:
            other = Client()
            assert second_step(other, first_step(other), code(secret, steps)).status_code == 200
            assert not is_logged_in(other)
        assert second_step(other, first_step(other), code(secret, 1)).status_code == 302

    def test_the_code_that_switched_it_on_opens_nothing_afterwards(self, client, librarian):
        secret = pyotp.random_base32()
        two_step.switch_on(librarian, secret, shown := code(secret), None)
        assert second_step(client, first_step(client), shown).status_code == 200

    def test_a_recovery_code_is_taken_once_in_any_spelling(self, client, librarian):
        _, codes = set_up(librarian)
        for spelled in [codes[0].lower(), codes[1].replace("-", " "), codes[2]]:
            other = Client()
            assert second_step(other, first_step(other), spelled).status_code == 302
            again = Client()
            assert second_step(again, first_step(again), spelled).status_code == 200
        assert "You have 5 recovery codes left" in text(other.get(PAGE))

    def test_it_leads_to_the_page_that_was_asked_for_and_to_no_other_site(self, client, librarian):
        secret, codes = set_up(librarian)
        asked = first_step(client, next="/admin/findings/finding/")
        assert second_step(client, asked, code(secret))["Location"] == "/admin/findings/finding/"
        asked = first_step(Client(), next="https://evil.example/")
        assert second_step(Client(), asked, codes[0])["Location"] == "/admin/"

    def test_the_proof_of_the_first_step_is_for_one_log_in_ten_minutes_and_this_password(
        self, client, librarian, monkeypatch
    ):
        _, codes = set_up(librarian)
        page = first_step(client)
        assert second_step(Client(), page, codes[0]).status_code == 302
        assert "Log in once more" in text(second_step(client, page, codes[1]))
        librarian.refresh_from_db()
        page = first_step(client)
        monkeypatch.setattr("joinedup.accounts.log_in.HOLDS", -1)
        assert "Log in once more" in text(second_step(client, page, codes[1]))
        monkeypatch.undo()
        librarian.set_password("another long word")
        librarian.save()
        assert "Log in once more" in text(second_step(client, page, codes[1]))
        assert not is_logged_in(client)

    @pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
    def test_who_may_log_in_no_more_meanwhile_does_not(self, client, librarian, change, django_user_model):
        secret, _ = set_up(librarian)
        page = first_step(client)
        django_user_model.objects.update(**change)
        assert "Log in once more" in text(second_step(client, page, code(secret)))

    @pytest.mark.parametrize("proof", ["", "x", "WzEsIngiXQ:1:x"])
    def test_a_made_up_proof_is_none(self, client, librarian, proof):
        secret, _ = set_up(librarian)
        page = client.post(reverse("admin:login"), {"proof": proof, "code": code(secret)})
        assert "Log in once more" in text(page) and not is_logged_in(client)

    def test_of_two_people_nobody_gets_in_by_the_code_of_the_other(self, client, librarian, editor):
        secret, _ = set_up(librarian)
        set_up(editor)
        assert second_step(client, first_step(client, "editor"), code(secret)).status_code == 200


class TestWrongCodes:
    def test_five_close_it_for_a_while_even_to_the_right_one_from_anywhere(self, client, librarian):
        secret, codes = set_up(librarian)
        page = first_step(client)
        for number in range(5):
            assert second_step(client, page, "000 00x", REMOTE_ADDR=f"192.0.2.{number}").status_code == 200
        for typed in [code(secret), codes[0]]:
            assert "Wait fifteen minutes" in text(second_step(Client(REMOTE_ADDR="192.0.2.99"), page, typed))
        SecondStep.objects.update(wrong_at=timezone.now() - timedelta(minutes=15, seconds=1))
        assert second_step(client, page, code(secret)).status_code == 302

    def test_after_the_while_five_close_it_again(self, client, librarian):
        set_up(librarian)
        page = first_step(client)
        for _n in range(5):
            second_step(client, page, "wrong")
        SecondStep.objects.update(wrong_at=timezone.now() - timedelta(minutes=15, seconds=1))
        for _n in range(5):
            assert "not the code for now" in text(second_step(client, page, "wrong"))
        assert "Wait fifteen minutes" in text(second_step(client, page, "wrong"))

    def test_a_right_one_forgets_the_wrong_ones(self, client, librarian):
        _, codes = set_up(librarian)
        for typed in codes[:3]:
            page = first_step(client)
            for _n in range(4):
                second_step(client, page, "wrong")
            assert second_step(client, page, typed).status_code == 302

    def test_the_person_is_told_by_mail_once(self, client, librarian, settings, all_mail):
        librarian.email = "lib@example.org"
        librarian.save()
        set_up(librarian)
        all_mail()
        page = first_step(client)
        for _n in range(8):
            second_step(client, page, "wrong")
        assert [message.subject for message in all_mail()] == [
            "Joined-up: Somebody who knows your password types wrong codes"
        ]

    def test_codes_are_counted_with_no_trace_of_what_was_typed(self, client, librarian):
        _, codes = set_up(librarian)
        page = first_step(client)
        second_step(client, page, codes[0][:-1])
        client.post(reverse("admin:login"), {"username": "librarian", "password": "wrong", "code": codes[1]})
        assert AccessAttempt.objects.count() == 1
        kept = AccessAttempt.objects.get()
        assert not any(part in f"{kept.post_data}{kept.get_data}" for typed in codes for part in [typed, typed[:-1]])


class TestWhatWasTyped:
    def test_it_survives_both_steps_and_their_mistakes(self, librarian):
        client = Client(enforce_csrf_checks=True, headers={"Origin": "http://testserver"})
        secret, _ = set_up(librarian)
        finding = make_finding(status="draft", published_on=None)
        page = address(Finding, "change", finding.pk)
        client.force_login(librarian)
        data = {**form_data(client.get(page)), "body": "Typed for an hour."}
        Session.objects.all().delete()

        asked = client.post(page, data)
        assert asked.status_code == 403 and "What you typed is kept" in text(asked)
        kept = re.search(r'name="_kept" value="([^"]*)"', text(asked))[1]
        token = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
        asked = first_step(client, _kept=kept, **token)
        assert "What you typed is kept" in text(asked)
        asked = second_step(client, asked, "wrong", **token)
        assert "What you typed is kept" in text(asked)
        done = second_step(client, asked, code(secret), **token)
        assert (done.status_code, done["Location"]) == (307, page)
        given_back = client.post(page, {**token, "_kept": kept})
        assert given_back.status_code == 200 and "Typed for an hour." in text(given_back)
        finding.refresh_from_db()
        assert finding.body != "Typed for an hour."

    def test_it_survives_a_set_up_that_is_required(self, client, editor, settings):
        finding = make_finding(status="draft", published_on=None)
        page = address(Finding, "change", finding.pk)
        client.force_login(editor)
        data = {**form_data(client.get(page)), "body": "Typed for an hour."}
        settings.TWO_STEP_REQUIRED_FOR_EDITORS = True
        asked = text(client.post(page, data))
        kept = re.search(r'name="_kept" value="([^"]*)"', asked)[1]
        key = re.search(r'class="key">([^<]+)<', asked)[1].replace(" ", "")
        wrong = text(client.post(PAGE, {"code": "wrong", "_kept": kept}))
        assert sealed_in(wrong) == sealed_in(asked)
        codes = text(client.post(PAGE, {"code": code(key), "_kept": kept}))
        assert f'action="{page}"' in codes and sealed_in(codes) == sealed_in(asked)
        given_back = text(client.post(page, {"_kept": kept}))
        assert "Nothing is saved yet" in given_back and "Typed for an hour." in given_back
        finding.refresh_from_db()
        assert finding.body != "Typed for an hour."


class TestRequired:
    @pytest.fixture(autouse=True)
    def required(self, settings):
        settings.TWO_STEP_REQUIRED_FOR_EDITORS = True

    def test_an_editor_sets_it_up_before_anything_else(self, client, editor):
        assert first_step(client, "editor").status_code == 302
        for page in ["/admin/", "/admin/findings/finding/", "/admin/password_change/", "/admin/log-ins/"]:
            assert client.get(page)["Location"] == PAGE
        shown = text(client.get(PAGE))
        assert "Everybody here who may publish" in shown
        key = re.search(r'class="key">([^<]+)<', shown)[1].replace(" ", "")
        client.post(PAGE, {"code": code(key)})
        assert is_logged_in(client)

    def test_so_does_a_superuser_and_a_librarian_does_not(self, client, admin_client, librarian):
        assert admin_client.get("/admin/")["Location"] == PAGE
        first_step(client)
        assert is_logged_in(client)

    def test_an_editor_may_log_out_instead(self, client, editor):
        client.force_login(editor)
        assert client.post(reverse("admin:logout")).status_code == 200
        assert not Session.objects.exists()

    def test_nothing_is_done_by_a_form_that_comes_before(self, client, editor):
        finding = make_finding()
        client.force_login(editor)
        client.post(address(Finding, "act", finding.pk, "withdraw"), {"confirm": "1", "note": "No."})
        finding.refresh_from_db()
        assert finding.is_public

    def test_it_cannot_be_switched_off(self, client, editor):
        _, codes = set_up(editor)
        client.force_login(editor)
        assert 'name="off"' not in text(client.get(PAGE))
        client.post(PAGE, {"code": codes[0], "off": "1"})
        assert two_step.is_on(editor)


class TestSwitchingOff:
    @pytest.mark.parametrize("kind", ["code", "recovery code"])
    def test_it_takes_a_code(self, client, librarian, kind):
        secret, codes = set_up(librarian)
        client.force_login(librarian)
        assert two_step.is_on(librarian)
        client.post(PAGE, {"code": "wrong", "off": "1"})
        assert two_step.is_on(librarian)
        client.post(PAGE, {"code": code(secret) if kind == "code" else codes[0], "off": "1"})
        assert not two_step.is_on(librarian) and is_logged_in(client)
        assert first_step(Client()).status_code == 302

    def test_new_recovery_codes_replace_those_of_before(self, client, librarian):
        secret, old = set_up(librarian)
        client.force_login(librarian)
        page = text(client.post(PAGE, {"code": code(secret), "new_codes": "1"}))
        new = re.findall(r"<code>([A-Z2-9-]{19})</code>", page)
        assert len(new) == 8 and not set(new) & set(old)
        assert [two_step.takes(librarian, typed) for typed in [old[0], new[0]]] == [False, True]


class TestReset:
    def url(self, user):
        return f"/admin/auth/user/{user.pk}/two-step/"

    def test_an_editor_resets_that_of_a_colleague_which_is_noted_and_ends_her_log_ins(self, client, librarian, editor):
        set_up(librarian)
        working = Client()
        working.force_login(librarian)
        client.force_login(editor)
        assert self.url(librarian) in text(client.get(reverse("admin:auth_user_change", args=[librarian.pk])))
        assert "lost, broken or new" in text(client.get(self.url(librarian)))
        assert two_step.is_on(librarian), "looking does nothing"
        client.post(self.url(librarian))
        assert not two_step.is_on(librarian) and not is_logged_in(working)
        noted = LogEntry.objects.filter(object_id=librarian.pk, user=editor).get()
        assert noted.change_message == "The two-step log-in was reset."
        assert "nothing to reset" in text(client.get(self.url(librarian)))

    def test_nobody_else_does_and_nobody_her_own(self, client, librarian, editor, django_user_model):
        boss = django_user_model.objects.create_superuser("boss", password=PASSWORD)
        for user in [librarian, editor, boss]:
            set_up(user)
        client.force_login(librarian)
        assert client.post(self.url(editor)).status_code == 403
        client.force_login(editor)
        assert client.post(self.url(editor)).status_code == 403
        assert client.post(self.url(boss)).status_code == 404
        assert client.post("/admin/auth/user/999999/two-step/").status_code == 404
        assert SecondStep.objects.count() == 3
        client.force_login(boss)
        client.post(self.url(editor))
        assert not two_step.is_on(editor)

    def test_the_server_resets_that_of_the_only_superuser(self, django_user_model, capsys):
        boss = django_user_model.objects.create_superuser("Boss", password=PASSWORD)
        set_up(boss)
        working = Client()
        working.force_login(boss)
        call_command("reset_two_step", "boss")
        assert not two_step.is_on(boss) and not is_logged_in(working)
        assert "from the server" in LogEntry.objects.filter(object_id=boss.pk).first().change_message
        with pytest.raises(CommandError, match="has no two-step log-in"):
            call_command("reset_two_step", "boss")
        with pytest.raises(CommandError, match="no account with the name"):
            call_command("reset_two_step", "nobody")


def test_secrets_and_codes_are_in_no_history_list_export_or_other_page(admin_client, admin_user, librarian, caplog):
    secret, codes = set_up(librarian)
    stored = SecondStep.objects.get().recovery_codes
    pages = ["auth_user_change", "auth_user_history", "auth_user_delete"]
    seen = [text(admin_client.get(reverse(f"admin:{name}", args=[librarian.pk]))) for name in pages]
    seen += [str(SecondStep.objects.get()), caplog.text, *LogEntry.objects.values_list("change_message", flat=True)]
    seen += [text(admin_client.get(reverse("admin:auth_user_changelist")))]
    assert not [part for part in [secret, *codes, *stored] if any(part in each for each in seen)]
    assert not any(code.replace("-", "") in str(stored) for code in codes), "recovery codes are kept as checksums"


def test_a_password_by_mail_does_not_pass_by_the_second_step(client, librarian):
    set_up(librarian)
    librarian.set_password("another long word")
    librarian.save()
    client.post(reverse("admin:login"), {"username": "librarian", "password": "another long word"})
    assert not is_logged_in(client)


def test_it_is_told_by_mail_when_it_is_switched_on_and_off(librarian, all_mail, editor):
    librarian.email = "lib@example.org"
    set_up(librarian)
    two_step.switch_off(librarian, editor)
    assert [message.subject for message in all_mail()] == [
        "Joined-up: The two-step log-in is on",
        "Joined-up: The two-step log-in is off",
    ]
    assert mail.outbox == []

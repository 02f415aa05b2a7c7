"""Checking a handout: what the page says of each entry, what to use now, and that bad input is told in words."""

import datetime
import re
from html import unescape

import html5lib
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from curation import history, workflow
from curation.changelog import gathered
from curation.log import LogEntry
from findings.handout_check.files import MAX_BYTES, TOO_LARGE
from findings.handout_check.office import DAMAGED
from findings.handout_check.reading import MOST_MENTIONS
from findings.handout_check.report import MOST_COMPARED, Status
from findings.handout_check.views import NOTHING, TEXT_TOO_LONG
from sources.merging import merge
from tests.factories import (
    make_finding,
    make_implication,
    make_key_message,
    make_review,
    make_source,
    make_theme,
    withdrawn,
)
from tests.findings.handout_check.makers import docx, pdf, pptx

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
LONG_AGO = "2020-05-06"


@pytest.fixture
def editor(django_user_model):
    return django_user_model.objects.create_superuser("editor")


def change(entry, by, note="", **values):
    with history.recording(type(entry), [entry.pk], by):
        before = history.state_of(entry)
        for name, value in values.items():
            setattr(entry, name, value)
        entry.save()
        workflow.record_change(entry, by, before=before, changes_meaning=bool(note), note=note)


def post(client, text="", **values):
    response = client.post("/check/", {"text": text, **values})
    assert response.status_code == 200
    return response


def upload(client, data, name="handout.pptx", **values):
    return post(client, file=SimpleUploadedFile(name, data), **values)


def rows(response):
    """(status, label) of each row, as the page shows them."""
    return [(row.status, row.label) for row in response.context["report"].rows]


def said(response):
    page = response.content.decode()
    inner = page[page.index("<main") : page.index("</main")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", inner)))


def corrected(response):
    return response.context["report"].corrected


# What became of an entry


def test_what_did_not_change_is_unchanged(client):
    make_finding(heading="Trust grows")
    response = post(client, "See finding F1v1")
    assert rows(response) == [(Status.CURRENT, "F1, version 1")]
    assert "The one entry found is unchanged." in said(response) and "Trust grows" in said(response)
    assert corrected(response) == "See finding F1v1"


def test_changed_wording_is_shown_in_words_with_the_note(client, editor):
    finding = make_finding(heading="Trust grows", slug="trust")
    change(finding, editor, "We say “may”.", heading="Trust may grow")
    response = post(client, "On a slide: https://testserver/F1v1")
    assert rows(response) == [(Status.CHANGED, "F1, version 1")]
    page = response.content.decode()
    assert '<del><span class="vh">[removed: </span>grows' in page
    assert '<ins><span class="vh">[inserted: </span>may grow' in page
    assert "We say “may”." in page and 'href="/findings/trust/versions/"' in page
    assert corrected(response) == "On a slide: https://testserver/F1v2"


def test_the_newest_version_of_what_changed_is_unchanged(client, editor):
    finding = make_finding()
    change(finding, editor, "So.", heading="Other")
    assert rows(post(client, "/F1v2")) == [(Status.CURRENT, "F1, version 2")]


def test_every_version_since_the_one_on_the_slide_is_told(client, editor):
    finding = make_finding(heading="One")
    for number in ["two", "three"]:
        change(finding, editor, f"Now {number}.", heading=number.capitalize())
    told = said(post(client, "F1v1"))
    assert told.index("Now three.") < told.index("Now two.")
    assert "removed: One" in told and "inserted: Three" in told
    assert "Now two." not in said(post(client, "F1v2"))


def test_without_a_version_or_date_a_changed_entry_asks_for_a_look(client, editor):
    finding = make_finding()
    change(finding, editor, "So.", heading="Other")
    response = post(client, "https://testserver/F1")
    assert rows(response) == [(Status.CHANGED, "F1")]
    assert "Check that your wording is the newer one." in said(response)
    assert corrected(response) == "https://testserver/F1"


def test_a_date_in_the_handout_says_which_version_it_has(client, editor):
    finding = make_finding()
    change(finding, editor, "So.", heading="Other")
    assert rows(post(client, "F1, 6 May 2020")) == [(Status.CHANGED, "F1, version 1")]
    assert rows(post(client, f"F1, {TODAY:%-d %B %Y}")) == [(Status.CURRENT, "F1, version 2")]


def test_the_date_of_the_form_holds_where_the_handout_says_nothing(client, editor):
    finding = make_finding()
    change(finding, editor, "So.", heading="Other")
    assert rows(post(client, "finding F1", made_on=LONG_AGO)) == [(Status.CHANGED, "F1, version 1")]
    assert rows(post(client, "F1v2", made_on=LONG_AGO)) == [(Status.CURRENT, "F1, version 2")]
    assert rows(post(client, f"F1, {TODAY}", made_on=LONG_AGO)) == [(Status.CURRENT, "F1, version 2")]
    assert rows(client.get(f"/check/?items=F1&made_on={LONG_AGO}")) == [(Status.CHANGED, "F1, version 1")]


@pytest.mark.parametrize("written", ["6 May 2020", "6th May 2020", "06/05/2020", " 2020-05-06 ", "May 6, 2020"])
def test_the_date_of_the_form_is_read_as_people_write_it(client, editor, written):
    change(make_finding(), editor, "So.", heading="Other")
    assert rows(post(client, "finding F1", made_on=written)) == [(Status.CHANGED, "F1, version 1")]


def test_a_day_to_come_says_nothing(client, editor):
    change(make_finding(), editor, "So.", heading="Other")
    response = post(client, "For the session on 3 May 2099: finding F1")
    assert rows(response) == [(Status.CHANGED, "F1")]
    assert "2099." not in said(response)


def test_a_correction_is_a_minor_change_that_shows_what_was_put_right(client, editor):
    finding = make_finding(heading="Trust grow")
    change(finding, editor, heading="Trust grows")
    response = post(client, "finding F1", made_on=LONG_AGO)
    assert rows(response) == [(Status.MINOR, "F1, version 1")]
    assert "removed: grow]" in said(response) and "The meaning is the same." in said(response)
    assert rows(post(client, "F1v1")) == [(Status.MINOR, "F1, version 1")]
    assert rows(post(client, f"F1, {TODAY}")) == [(Status.CURRENT, "F1, version 1")]


def test_a_correction_before_the_handout_was_made_is_no_change(client, editor):
    finding = make_finding(heading="Trust grow")
    change(finding, editor, heading="Trust grows")
    LogEntry.objects.update(at=timezone.now() - datetime.timedelta(days=30))
    week_ago = TODAY - datetime.timedelta(days=7)
    assert rows(post(client, "finding F1", made_on=week_ago.isoformat())) == [(Status.CURRENT, "F1, version 1")]


def test_what_was_withdrawn_says_why_and_is_marked_in_the_text(client):
    make_finding(**withdrawn())
    response = post(client, "As F1 says.\nNothing else.")
    assert rows(response) == [(Status.WITHDRAWN, "F1")]
    assert "Withdrawn 4 March 2021. It claimed too much. Nothing replaces it" in said(response)
    assert corrected(response) == "As F1 [withdrawn] says.\nNothing else."
    assert response.context["report"].lists == []


def test_what_was_replaced_names_what_to_use_and_puts_it_in(client):
    other = make_finding(heading="Better", slug="better")
    make_finding(replaced_by=other, slug="worse", **withdrawn())
    response = post(client, "F2v1, http://testserver/f2 and http://testserver/findings/worse/")
    assert rows(response) == [(Status.REPLACED, "F2")]
    assert "Use this instead: Better" in said(response)
    assert corrected(response) == "F1, http://testserver/F1 and http://testserver/findings/better/"
    assert response.context["report"].lists == ["/reading-list/?items=F1"]


def test_a_replacement_that_was_replaced_itself_leads_on(client):
    last = make_finding(heading="Last")
    middle = make_finding(replaced_by=last, **withdrawn())
    make_finding(replaced_by=middle, **withdrawn())
    assert [row.target.code for row in post(client, "/F3").context["report"].rows] == ["F1"]


def test_a_replacement_that_readers_cannot_open_is_none(client):
    draft = make_finding(status="draft", published_on=None, heading="Hidden")
    make_finding(replaced_by=draft, **withdrawn())
    response = post(client, "/F2")
    assert rows(response) == [(Status.WITHDRAWN, "F2")]
    assert "Hidden" not in said(response)


def test_a_merged_source_leads_to_the_one_that_was_kept(client, editor):
    kept, other = make_source(title="Kept"), make_source(title="Other", slug="other")
    merge(kept, [other], editor)
    response = post(client, "source S2 and /sources/other/")
    assert rows(response) == [(Status.MERGED, "S2")]
    assert "Kept" in said(response)
    assert corrected(response) == f"source S1 and {kept.get_absolute_url()}"


def test_a_source_that_was_merged_and_then_withdrawn_is_withdrawn(client, editor):
    kept, other = make_source(), make_source()
    merge(kept, [other], editor)
    workflow.perform(LogEntry.Name.WITHDRAW, kept, editor, "It was none.")
    assert rows(post(client, "/S2")) == [(Status.WITHDRAWN, "S2")]


def test_a_retracted_source_says_so(client):
    make_source(retracted_on=datetime.date(2021, 1, 1))
    assert "etracted" in said(post(client, "/S1"))


def test_codes_and_addresses_that_never_were_are_unknown(client):
    response = post(client, "finding F99 and /F98\nhttp://testserver/themes/none/ https://other.example/themes/none/")
    assert {label for _, label in rows(response)} == {"F99", "F98", "http://testserver/themes/none/"}
    assert {status for status, _ in rows(response)} == {Status.UNKNOWN}
    assert "are unknown" in said(response)


def test_a_version_that_never_was_is_told(client):
    make_finding()
    response = post(client, "/F1v9")
    assert rows(response) == [(Status.UNKNOWN, "F1")]
    assert "There is no version 9" in said(response)
    assert corrected(response) == "/F1v1"


def test_a_version_of_something_else_is_passed_over(client):
    make_finding()
    response = post(client, "F1 needs Office version 16")
    assert rows(response) == [(Status.CURRENT, "F1")]
    assert corrected(response) == "F1 needs Office version 16"


def test_what_is_not_public_is_not_shown(client):
    make_finding(heading="Secret", status="draft", published_on=None)
    make_key_message(heading="Hidden", review=make_review(status="draft", published_on=None))
    response = post(client, "/F1 /K1")
    assert [status for status, _ in rows(response)] == [Status.NOT_PUBLIC] * 2
    assert "Secret" not in said(response) and "Hidden" not in said(response)


def test_a_lone_code_in_running_text_counts_if_it_exists(client):
    make_finding()
    assert rows(post(client, "As F1 says, F2 is a jet")) == [(Status.CURRENT, "F1")]
    assert NOTHING in said(post(client, "The F1 racing team, and F2"))


@pytest.mark.parametrize("make", [make_review, make_theme, make_key_message, make_implication, make_source])
def test_every_kind_of_entry_is_known_by_its_code_and_its_page(client, make):
    entry = make()
    response = post(client, f"/{entry.code}v1 http://testserver{entry.get_absolute_url()}")
    assert rows(response) == [(Status.CURRENT, f"{entry.code}, version 1")]


def test_an_earlier_address_leads_to_the_entry(client):
    finding = make_finding(slug="old")
    finding.slug = "new"
    finding.save()
    response = post(client, "http://testserver/findings/old/versions/1/ and /findings/old/")
    assert rows(response) == [(Status.CURRENT, "F1, version 1")]
    assert corrected(response) == "http://testserver/findings/new/versions/1/ and /findings/new/"


def test_what_is_said_once_of_an_entry_holds_for_all_the_handout(client, editor):
    finding = make_finding()
    change(finding, editor, "So.", heading="Other")
    response = post(client, "Trust grows: http://testserver/F1\nMade from finding F1 (version 1)")
    assert rows(response) == [(Status.CHANGED, "F1, version 1")]
    assert corrected(response).endswith("finding F1 (version 2)")


# The text and the list put right


@pytest.mark.parametrize("style", ["harvard", "apa", "vancouver"])
def test_a_reference_is_written_anew_in_its_style(client, editor, style):
    finding = make_finding(heading="Trust grows")

    def lines():
        page = html5lib.parse(client.get("/F1", follow=True).content.decode(), namespaceHTMLElements=False)
        return "".join(page.find(f".//*[@id='ref-{style}']").itertext())

    before = lines()
    change(finding, editor, "So.", heading="Trust may grow")
    assert corrected(post(client, f"1. {before}")) == f"1. {lines()}"
    assert corrected(post(client, f"Cite as: {before}")) == f"Cite as: {lines()}"
    assert "Trust may grow" in lines() and before != lines()


def test_a_reference_to_a_version_is_one_to_the_newest(client, editor):
    finding = make_finding(heading="Trust grows")
    change(finding, editor, "So.", heading="Trust may grow")
    line = (
        "A body (2020) Trust grows, Joined-up. Version 1. Available at: http://testserver/F1v1 (Accessed: 1 May 2021)"
    )
    fresh = (
        f"Joined-up ({TODAY.year}) ‘Trust may grow’ (F1, version 2), based on ‘A review’, no date. "
        f"Available at: http://testserver/F1v2 (Accessed: {TODAY:%-d %B %Y})."
    )
    assert corrected(post(client, line)) == fresh


def test_a_reading_list_is_put_right_whole(client):
    make_finding()
    make_finding(replaced_by=make_finding(), **withdrawn())
    response = post(client, "http://testserver/reading-list/?items=F1,F3,F99")
    assert corrected(response) == "http://testserver/reading-list/?items=F1,F2"
    assert response.context["report"].lists == ["/reading-list/?items=F1,F2"]


def test_the_list_holds_each_entry_once_in_the_order_of_the_handout(client):
    for _ in range(3):
        make_finding()
    assert post(client, "/F3 /F1v1 /F1 /F2").context["report"].lists == ["/reading-list/?items=F3,F1,F2"]


def test_an_address_asks_for_the_same_again(client, editor):
    finding = make_finding()
    make_finding()
    change(finding, editor, "So.", heading="Other")
    first = post(client, "F1v1 and finding F2", made_on=LONG_AGO)
    again = client.get(f"/check/?{first.context['report'].query}")
    assert rows(again) == rows(first)


def test_the_counts_are_told_in_a_sentence(client, editor):
    for _ in range(4):
        make_finding()
    make_finding(**withdrawn())
    changed = make_finding()
    change(changed, editor, "So.", heading="Other")
    told = said(post(client, "F1, F2, F3, F4, F5, F6v1"))
    assert "Of 6 entries, 4 are unchanged, 1 changed and 1 was withdrawn." in told
    assert "Both entries are unchanged." in said(post(client, "F1, F2"))


# Files


def test_slides_are_checked_and_say_where(client, editor):
    finding = make_finding(heading="Trust grows")
    change(finding, editor, "So.", heading="Trust may grow")
    make_finding(heading="Meet")
    data = pptx({"text": "Trust grows", "link": ("source", "http://testserver/F1v1")}, {"notes": "see finding F2"})
    response = upload(client, data)
    assert rows(response) == [(Status.CHANGED, "F1, version 1"), (Status.CURRENT, "F2")]
    assert "Slide 1: source (http://testserver/F1v1)" in said(response)
    assert "Slide 2, notes: see finding F2" in said(response)
    assert corrected(response) == "source <http://testserver/F1v2>\nsee finding F2"


def test_a_document_and_a_pdf_are_checked(client, editor):
    finding = make_finding()
    change(finding, editor, "So.", heading="Other")
    for name, data in [
        ("handout.docx", docx("As F1 (version 1) says")),
        ("handout.docx", docx(link=("it", "http://testserver/F1v1"))),
        ("handout.pdf", pdf("As F1v1 says")),
        ("handout.pdf", pdf("Trust", "http://testserver/F1v1")),
        ("handout.html", b"<html><a href='/F1v1'>it</a>"),
        ("handout.pptx", docx("As F1v1 says")),
    ]:
        assert rows(upload(client, data, name)) == [(Status.CHANGED, "F1, version 1")], name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("bad.pptx", "This is no PowerPoint file"),
        ("Bad.PPTM", "This is no PowerPoint file"),
        ("bad.docx", "This is no Word document"),
        ("bad.pdf", "This is no PDF"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused_in_those_words(client, name, told):
    make_finding()
    for data in [b"As F1v1 says", b"<html><a href='/F1v1'>it</a>", "F1v1".encode("utf-16")]:
        assert told in said(upload(client, data, name))


def test_codes_that_are_none_of_ours_are_named_once_beside_those_that_are(client):
    make_finding()
    response = post(client, "As F1 says, F999 is a jet. So is F998, and F999 again; not P45.")
    assert rows(response) == [(Status.CURRENT, "F1")]
    assert "Also seen, not ours: F999, F998. Nothing public has such a code." in said(response)
    assert "Also seen" not in said(post(client, "As F1 says."))
    assert "Also seen, not ours: F999." in said(post(client, "The jet F999 flew low"))
    many = " is a jet. ".join(f"F{number}" for number in range(100, 115))
    assert "F111 and 3 more" in said(post(client, f"As F1 says. {many}"))


def test_nothing_uploaded_reaches_a_disk(client, monkeypatch):
    def fail(*args, **kwargs):
        raise AssertionError("a temporary file")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", fail)
    monkeypatch.setattr("django.core.files.uploadedfile.TemporaryUploadedFile.__init__", fail)
    make_finding()
    large = b"finding F1\n" + b"x" * (MAX_BYTES - 100)
    assert rows(upload(client, large, "handout.txt")) == [(Status.CURRENT, "F1")]


def test_a_bad_file_is_told_in_words_and_nothing_is_asked_twice(client):
    response = upload(client, docx("F1")[:500], "../../etc/passwd", made_on=LONG_AGO)
    assert DAMAGED in said(response)
    assert 'value="2020-05-06"' in response.content.decode()
    assert TOO_LARGE in said(upload(client, b"x" * (MAX_BYTES + 1)))


def test_an_upload_beyond_all_bounds_is_not_read(client):
    response = client.generic("POST", "/check/", b"", CONTENT_LENGTH=str(10**10))
    assert response.status_code == 200 and TOO_LARGE in said(response)


# The page


def test_the_empty_page_asks_and_is_not_for_search_engines(client):
    response = client.get("/check/")
    page = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    assert page.find(".//meta[@name='robots']").get("content") == "noindex"
    assert "no-store" in response["Cache-Control"]
    assert "Nothing you paste or upload is kept" in said(response)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Paste text or choose a file: one of the two."),
        ({"text": "  "}, "Paste text or choose a file: one of the two."),
        ({"text": "F1", "file": b"F1"}, "Paste text or choose a file: one of the two."),
        ({"text": "hello"}, NOTHING),
        ({"text": "F1", "made_on": "soon"}, "Write a date such as 12 March 2025 or 2025-03-12."),
        ({"text": "F1", "made_on": "2099-01-01"}, "This day is still to come."),
        ({"text": "x" * 3_000_000}, TEXT_TOO_LONG),
        ({"file": b""}, "The file is empty."),
    ],
)
def test_bad_input_is_told_in_words(client, values, message):
    if "file" in values:
        values = {**values, "file": SimpleUploadedFile("a.txt", values["file"])}
    assert message in said(client.post("/check/", values))


@pytest.mark.parametrize(
    "query", ["items=", "items=,,", "items=banana", "items=F1&made_on=soon", "items=F" + "1" * 9000]
)
def test_a_bad_address_is_told_in_words(client, query):
    make_finding()
    response = client.get(f"/check/?{query}")
    assert response.status_code == 200
    if "banana" in query:
        assert "it is no code: “banana”" in said(response)
    if "soon" in query:
        assert "The date was passed over." in said(response)


def test_codes_in_an_address_are_read_as_people_paste_them_and_only_what_is_none_is_told(client):
    finding = make_finding()
    response = client.get("/check/", {"items": f"{finding.code}.,({finding.code}),/{finding.code}/,oops."})
    assert finding.heading in said(response)
    assert "Passed over, because it is no code: “oops.”." in said(response)


def test_codes_in_the_address_are_checked_in_either_case(client, editor):
    finding = make_finding()
    make_finding()
    change(finding, editor, "So.", heading="Other")
    response = client.get("/check/?items=f1V1,F2&items=F99")
    assert rows(response) == [(Status.CHANGED, "F1, version 1"), (Status.UNKNOWN, "F99"), (Status.CURRENT, "F2")]


def test_no_reader_needs_a_cookie(client):
    strict = Client(enforce_csrf_checks=True)
    assert strict.get("/check/").cookies == {}
    make_finding()
    answer = strict.post("/check/", {"text": "F1"})
    assert rows(answer) == [(Status.CURRENT, "F1")] and answer.cookies == {}
    assert strict.put("/check/").status_code == 405


def test_more_than_can_be_checked_is_told(client):
    make_finding()
    assert f"Only the first {MOST_MENTIONS} links and codes" in said(post(client, "/F1\n" * (MOST_MENTIONS + 1)))
    assert "Only the first 5,000 paragraphs" in said(post(client, "F1 x\n" + "y\n" * 5000))


def test_what_a_handout_says_is_shown_as_text(client):
    make_finding()
    page = post(client, "<script>alert(1)</script> /F1 <b>").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)&lt;/script&gt; " in page


def test_the_html_is_sound(client, editor):
    finding = make_finding()
    change(finding, editor, "So.", heading="Other", body="One.\n\nTwo.")
    make_finding(**withdrawn())
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(post(client, "/F1v1 /F2 /F99\nF1").content.decode())
    assert [error for _, error, _ in parser.errors] == []


def test_pages_lead_to_it(client):
    make_finding(slug="trust")
    for address in ["/help/", "/findings/trust/", "/findings/trust/versions/", "/findings/trust/versions/1/"]:
        assert 'href="/check/"' in client.get(address).content.decode(), address


def test_it_takes_the_same_queries_for_three_entries_as_for_thirty(client, editor, django_assert_max_num_queries):
    taken, codes = [], []
    with gathered():
        for n in range(10):
            changed, corrected, gone = (make_finding(heading=f"One {n}") for _ in range(3))
            change(changed, editor, "So.", heading=f"Other {n}")
            change(corrected, editor, heading=f"One and {n}")
            workflow.perform(LogEntry.Name.WITHDRAW, gone, editor, "No.", make_finding())
            codes += [changed.code, corrected.code, gone.code]
    for count in [3, 30]:
        lines = [f"{code}, 6 May 2020" for code in codes[:count]]
        lines += [
            f"X (2020) One, Joined-up. Version 1. Available at: http://testserver/{code}" for code in codes[:count]
        ]
        with django_assert_max_num_queries(40) as queries:
            assert len(rows(post(client, "\n".join(lines)))) == count
        taken.append(len(queries))
    assert taken[0] == taken[1]


def test_only_so_many_rows_show_both_wordings(client, editor):
    with gathered():
        for n in range(MOST_COMPARED + 1):
            change(make_finding(heading=f"One {n}"), editor, "So.", heading=f"Other {n}")
    response = post(client, "\n".join(f"/F{n}v1" for n in range(1, MOST_COMPARED + 2)))
    shown = [bool(row.differences) for row in response.context["report"].rows]
    assert shown == [True] * MOST_COMPARED + [False]


class TestAnything(TestCase):
    @given(st.text(max_size=200) | st.text("FSTPRKfv0123456789 ,.:/-()#?=&%ersion\nhtp", max_size=200))
    def test_any_text_is_answered(self, text):
        make_finding()
        assert self.client.post("/check/", {"text": text}).status_code == 200
        assert self.client.get("/check/", {"items": text}).status_code == 200

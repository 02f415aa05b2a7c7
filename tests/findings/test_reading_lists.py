"""Reading lists: codes in an address, the page and the files."""

import csv
import json
import re
from datetime import date
from io import BytesIO, StringIO
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from pptx import Presentation

from curation import concurrency as costly
from curation.changelog import gathered
from curation.models import Version
from findings.handouts import slides
from findings.reading_lists.naming import Naming
from findings.reading_lists.reading_list import MOST, ReadingList
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

database = pytest.mark.django_db
PAGE = "/reading-list/"
HTML = "{http://www.w3.org/1999/xhtml}"


def text(response):
    return response.content.decode()


def codes_on(page):
    """The codes of the entries that a page lists, in order."""
    return re.findall(r'<span class="fid">([A-Z]\d+)[<]', page)


# Codes and address


@pytest.mark.parametrize(
    ("given_text", "codes"),
    [
        ("F3,F23,P9", "F3,F23,P9"),
        (" f3 ;p9,,\nT2\tR1 ", "F3,P9,T2,R1"),
        ("F3,f3,F3", "F3"),
        ("F3v2", "F3"),
        ("F3. (P9), /T2/ “R1” Ｆ２３ F\u200b4", "F3,P9,T2,R1,F23,F4"),
        ("https://example.org/F3 example.org/f4v2?items=F9#x (http://localhost:8000/P9).", "F3,F4,P9"),
        ("https://example.org/about/ https://[/ F3/F4 F2³", ""),
        ("F0,F03,X1,hello,F,3,F3F4,F1234567890,💥", ""),
        ("", ""),
    ],
)
def test_codes_are_read_in_either_case_each_once(given_text, codes):
    assert ReadingList.parse(given_text).items == codes


@given(st.text())
def test_no_text_is_an_error_and_what_is_read_reads_the_same_again(anything):
    read = ReadingList.parse(anything)
    assert ReadingList.parse(read.items) == ReadingList(read.codes)
    assert all(isinstance(notice, str) for notice in read.notices)


def test_what_is_not_listed_as_asked_is_told():
    told = " ".join(ReadingList.parse("F3,f3,hello,F4v2").notices)
    assert "“hello”" in told
    assert "Given more than once, listed once: “F3”" in told
    assert "“F4v2” stands without its version" in told
    assert ReadingList.parse("F3,F4").notices == []


def test_a_list_ends_at_five_hundred_and_says_so():
    read = ReadingList.parse(",".join(f"F{number}" for number in range(1, 601)))
    assert len(read.codes) == MOST == 500
    assert read.notices == ["A list holds at most 500 entries. The first 500 are here; 100 are left out."]


def test_a_list_is_changed_into_another_list():
    chosen = ReadingList.parse("F1,F2,F3")
    assert chosen.with_code("F4").address == "/reading-list/?items=F1,F2,F3,F4"
    assert chosen.with_code("F4", 1).items == "F1,F4,F2,F3"
    assert chosen.with_code("F2") == chosen
    assert chosen.minus("F2").items == "F1,F3"
    assert chosen.moved("F3", 1).items == "F1,F3,F2"
    assert chosen.moved("F1", 1).items == "F2,F1,F3"
    assert chosen.moved("F1", -1).items == chosen.moved("F3", 9).items == "F1,F2,F3"
    assert chosen.address == "/reading-list/?items=F1,F2,F3"
    assert ReadingList().address == "/reading-list/"


# The page


@database
def test_the_page_lists_entries_of_every_kind_in_the_order_of_the_address(client):
    finding, theme, source = make_finding(), make_theme(), make_source()
    point, message, review = make_implication([finding]), make_key_message([finding]), make_review()
    codes = [entry.code for entry in [source, message, finding, review, point, theme]]
    page = text(client.get(f"{PAGE}?items={','.join(codes).lower()}"))
    assert codes_on(page) == codes
    for said in [
        "It does so in one line.",
        "Gets in the way",
        "No study is named in the review",
        f"Findings that we link to it: {finding.code}",
    ]:
        assert said in page
    assert "Version 1, 2 January 2020." in page


@database
def test_the_page_shows_the_version_and_the_dates_that_hold_now(client):
    finding = make_finding(wording_changed_on=date(2024, 5, 6), last_checked_on=date(2025, 6, 7))
    for version, day in [(1, date(2020, 1, 2)), (2, date(2024, 5, 6))]:
        Version.objects.create(letter="F", number=finding.number, version=version, issued_on=day)
    page = text(client.get(f"{PAGE}?items={finding.code}"))
    assert "Version 2, 6 May 2024. Compared with the review on 7 June 2025." in page


@database
@pytest.mark.parametrize("status", ["draft", "in-review"])
def test_what_the_public_may_not_see_is_left_out_like_what_is_not_there(client, admin_user, status):
    shown, hidden = make_finding(), make_finding(status=status, published_on=None, heading="Hush")
    unseen_review = make_review(status="draft", published_on=None)
    message = make_key_message(review=unseen_review, heading="Hush too")
    client.force_login(admin_user)
    for suffix in ["/", ".json", ".csv"]:
        body = text(client.get(f"/reading-list{suffix}?items={hidden.code},{shown.code},{message.code},F999"))
        assert "Hush" not in body
        assert shown.heading in body
    page = text(client.get(f"{PAGE}?items={hidden.code},{shown.code},{message.code},F999"))
    assert f"nothing public has this code: “{hidden.code}”, “{message.code}”, “F999”" in page
    assert f"items={shown.code}<" in page, "the address to share holds what is shown"


@database
def test_a_withdrawn_entry_stays_and_says_what_to_use_instead(client):
    better = make_finding(heading="This is so")
    gone = make_finding(
        heading="It was said", bottom_line="Old line.", body="Old body.", **withdrawn(replaced_by=better)
    )
    page = text(client.get(f"{PAGE}?items={gone.code}"))
    assert f"Withdrawn 4 March 2021. It claimed too much. Use {better.code} instead: This is so." in page
    assert "It was said" in page
    assert "Old line." not in page
    record = json.loads(client.get(f"/reading-list.json?items={gone.code}").content)[0]
    assert record["id"] == gone.code
    assert "Withdrawn 4 March 2021." in json.dumps(record)


@database
def test_a_source_that_was_merged_is_listed_as_the_one_that_was_kept(client):
    kept = make_source(title="The work")
    other = make_source(title="The same work", merged_into=kept, **withdrawn())
    page = text(client.get(f"{PAGE}?items={other.code},{kept.code}"))
    assert codes_on(page) == [kept.code]
    assert f"now listed as the one that was kept: “{other.code}”" in page
    assert [record["id"] for record in json.loads(client.get(f"/reading-list.json?items={other.code}").content)] == [
        kept.code
    ]


@database
def test_a_retraction_is_told_where_its_finding_is_listed(client):
    finding = make_finding()
    cite(finding, make_source(retracted_on=date(2022, 2, 3), retraction_reason="Made up."))
    page = text(client.get(f"{PAGE}?items={finding.code}"))
    assert "Retracted: Hudson (2002). Retracted 3 February 2022. Made up." in page


@database
@pytest.mark.parametrize(
    ("act", "order"),
    [
        ("{0}.down", [1, 0, 2]),
        ("{2}.up", [0, 2, 1]),
        ("{2}.top", [2, 0, 1]),
        ("{1}.remove", [0, 2]),
        ("{0}.up", [0, 1, 2]),
        ("F999.up", [0, 1, 2]),
        ("{0}.sideways", [0, 1, 2]),
    ],
)
def test_a_button_leads_to_the_list_that_comes_of_it_at_the_entry_it_moved(client, act, order):
    codes = [make_finding().code for _ in range(3)]
    act = act.format(*codes)
    response = client.post(PAGE, {"items": ",".join(codes), "act": act, "title": "Mine", f"n{codes[0]}": "Begin here"})
    assert response.status_code == 303
    place, _, code = response["Location"].partition("#")
    assert code == "" or code == act.split(".")[0]
    page = text(client.get(place))
    assert codes_on(page) == [codes[number] for number in order]
    assert "<h1>Mine</h1>" in page and "Begin here" in page


@database
def test_what_was_removed_is_put_back_in_its_place_with_its_note(client):
    codes = [make_finding().code for _ in range(3)]
    sent = {"items": ",".join(codes), "act": f"{codes[1]}.remove", f"n{codes[1]}": "Mind & heed", f"n{codes[0]}": "1st"}
    page = text(client.post(PAGE, sent, follow=True))
    assert f"{codes[1]} was removed." in page and codes_on(page) == [codes[0], codes[2]]
    assert "Mind" not in re.search(r'id="list-link">([^<]*)', page)[1], "the address to share has it no more"
    back = re.search(rf'name="act" value="({codes[1]}\.[0-9])"', page)[1]
    kept = {f"n{codes[1]}": "Mind & heed", f"n{codes[0]}": "1st"}
    assert f'name="n{codes[1]}" value="Mind &amp; heed"' in page
    page = text(client.post(PAGE, {"items": f"{codes[0]},{codes[2]}", "act": back, **kept}, follow=True))
    assert codes_on(page) == codes
    assert "Mind &amp; heed" in page and "1st" in page


@database
def test_a_typed_note_is_not_lost_by_moving_another_entry(client):
    one, other = make_finding().code, make_finding().code
    sent = {"items": f"{one},{other}", "act": f"{other}.top", f"n{one}": "Typed a moment ago"}
    assert f"n{one}=Typed+a+moment+ago" in client.post(PAGE, sent)["Location"]


@database
def test_codes_are_added_by_the_form_and_slips_are_told(client):
    one, other = make_finding(), make_finding()
    for ask in [client.get, client.post]:
        response = ask(PAGE, {"items": one.code, "add": f"{other.code.lower()}, oops"}, follow=True)
        assert codes_on(text(response)) == [one.code, other.code]
        assert "“oops”" in text(response)
    assert client.post(PAGE, {"items": one.code, "add": " "}, follow=True).status_code == 200
    assert f"{other.code} added, at place 2 of 2." in text(
        client.post(PAGE, {"items": one.code, "add": other.code}, follow=True)
    )


@database
def test_a_list_is_joined_with_another_by_its_address(client):
    codes = [make_finding().code for _ in range(3)]
    others = f"https://evidence.example.org/reading-list/?items={codes[1]},{codes[2]}&title=Theirs"
    page = text(client.post(PAGE, {"items": codes[0], "add": others, "title": "Mine"}, follow=True))
    assert codes_on(page) == codes and "<h1>Mine</h1>" in page


# What its maker calls it


def named(**parameters):
    data = QueryDict(mutable=True)
    data.update(parameters)
    return data


@database
def test_title_group_date_and_notes_stand_in_the_address_and_read_the_same_again():
    said = {"title": "Under one roof?", "group": "Team A & B", "date": "2026-12-03", "nF3": "Start here: £5", "nF9": ""}
    chosen = ReadingList.read(named(items="F3,F9", **said))
    assert chosen.naming.occasion == "Team A & B, 3 December 2026"
    assert chosen.naming.notes == {"F3": "Start here: £5"}
    again = ReadingList.read(QueryDict(chosen.query))
    assert (again.codes, again.naming) == (chosen.codes, chosen.naming)


@given(st.dictionaries(st.sampled_from(["title", "group", "date", "nF1", "nF2", "nP3"]), st.text()))
def test_no_naming_is_an_error_or_too_long_for_an_address(typed):
    naming = Naming.read(named(**typed), ["F1", "F2"])
    again = Naming.read(named(**naming.parameters), ["F1", "F2"])
    assert again == naming.for_codes(["F1", "F2"])
    assert len(urlencode(naming.parameters)) < 6000


@database
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"title": "T" * 81}, "A title has at most 80 characters."),
        ({"group": "G" * 61}, "A group has at most 60 characters."),
        ({"date": "next week"}, "“next week” is no date"),
        ({"date": "2026-02-30"}, "“2026-02-30” is no date"),
        ({"nF1": "n" * 141}, "A note has at most 140 characters. Cut: F1."),
    ],
)
def test_what_is_cut_or_left_out_is_told(client, typed, told):
    make_finding(number=1)
    for response in [client.get(PAGE, {"items": "F1", **typed}), client.post(PAGE, {"items": "F1", **typed})]:
        assert response.status_code == 200
        assert told in text(response)


@database
def test_a_list_has_no_more_notes_than_an_address_holds(client):
    with gathered():
        codes = [make_finding().code for _ in range(60)]
    response = client.post(PAGE, {"items": ",".join(codes), **{f"n{code}": "é" * 140 for code in codes}})
    assert "An address has no room for so many notes. Left out:" in text(response)
    link = re.search(r'id="list-link">([^<]*)', text(response))[1]
    assert len(link) < 8000


@database
def test_every_page_and_file_bears_title_group_date_and_note(client):
    code = make_finding().code
    said = {"items": code, "title": "Under one roof", "group": "Team A", "date": "2026-12-03", f"n{code}": "Begin here"}
    for address in [PAGE, "/reading-list/handout/"]:
        page = text(client.get(address, said))
        for words in ["Under one roof", "Team A, 3 December 2026", "Begin here"]:
            assert words in page, address
    rows = list(csv.DictReader(StringIO(client.get("/reading-list.csv", said).content.decode("utf-8-sig"))))
    assert (rows[0]["List"], rows[0]["Group"], rows[0]["Date"]) == ("Under one roof", "Team A", "2026-12-03")
    assert rows[0]["Note on this list"] == "Begin here"
    document = Document(BytesIO(client.get("/reading-list.docx", said).content))
    words = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "Under one roof" in words and "Team A, 3 December 2026" in words and "Note: Begin here" in words
    deck = Presentation(BytesIO(client.get("/reading-list.pptx", said).content))
    assert deck.slides[0].shapes.title.text == "Under one roof"
    assert "Team A, 3 December 2026" in deck.slides[0].placeholders[1].text_frame.text
    assert "Your note: Begin here" in deck.slides[1].notes_slide.notes_text_frame.text
    for extension in ["csv", "docx", "pptx", "ris"]:
        disposition = client.get(f"/reading-list.{extension}", said)["Content-Disposition"]
        assert f'filename="under-one-roof.{extension}"' in disposition


@database
@pytest.mark.parametrize(("day", "since"), [("2020-05-06", "2020-05-06"), ("2999-01-01", None), ("", None)])
def test_the_link_to_keep_asks_what_changed_since_the_session_or_since_today(client, day, since):
    code = make_finding().code
    page = text(client.get(PAGE, {"items": code, "date": day}))
    link = re.search(r'href="(/check/\?[^"]*)"', page)[1].replace("&amp;", "&")
    assert QueryDict(link.partition("?")[2])["made_on"] == (since or localdate().isoformat())
    assert "Nothing has changed since" in text(client.get(link))


# Without script


@database
def test_pages_opened_with_a_list_lead_to_others_with_the_same_list(client):
    finding = make_finding()
    make_implication([finding])
    query = f"items={finding.code}&title=A+%26+B"
    carried = f"items={finding.code}&amp;title=A+%26+B"
    for address in ["/", "/findings/", finding.get_absolute_url(), finding.theme.get_absolute_url(), "/search/?q=it"]:
        page = text(client.get(f"{address}{'&' if '?' in address else '?'}{query}"))
        for name in ["themes", "practice", "sources", "reading-list"]:
            assert f'href="/{name}/?{carried}" data-taken="/{name}/"' in page, (address, name)
        assert f'name="items" value="{finding.code}" data-taken' in page, "and so do searches"
        assert 'name="title" value="A &amp; B" data-taken' in page
        for link in re.findall(r'href="([^"]*)" data-taken', page):
            assert client.get(link.replace("&amp;", "&")).status_code in {200, 404}, link
        assert "data-taken" not in text(client.get(address))
    assert f'href="/themes/?{carried}"' in text(client.get(f"{PAGE}?{query}"))


@database
@pytest.mark.parametrize(
    "query", ["", "?items=", "?items=,,,", "?items=%00", "?items=<script>", "?items=F999999999", "?add=%FF"]
)
def test_odd_addresses_show_the_page(client, query):
    response = client.get(PAGE + query, follow=True)
    assert response.status_code == 200
    assert "<script>" not in text(response).replace("<script src", "")


@database
def test_the_list_and_the_handout_take_the_same_queries_for_3_and_for_30(client, django_assert_max_num_queries):
    with gathered():
        work = make_source()
        findings = [make_finding() for _ in range(30)]
        for finding in findings:
            cite(finding, work)
        points = [make_implication([finding]) for finding in findings]
        messages = [make_key_message([finding]) for finding in findings]
    kinds = [findings, points, messages]
    for address in [PAGE, "/reading-list/handout/", "/reading-list.ris", "/reading-list.csv", "/reading-list.docx"]:
        counts = []
        for number in (3, 30):
            items = ",".join(entry.code for kind in kinds for entry in kind[:number])
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address, {"items": items, "with": "sources"}).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 30, address


# Links that add


@database
def test_entries_offer_to_be_added_to_the_list_that_the_page_was_opened_with(client):
    finding = make_finding()
    source, point = make_source(), make_implication([finding])
    for entry in [finding, finding.theme, source, point]:
        alone = text(client.get(entry.get_absolute_url()))
        assert f'href="/reading-list/?items={entry.code}" rel="nofollow" data-list-add="{entry.code}"' in alone
        with_list = text(client.get(f"{entry.get_absolute_url()}?items=K7,f9"))
        assert f'href="/reading-list/?items=K7,F9,{entry.code}"' in with_list
        listed = text(client.get(f"{entry.get_absolute_url()}?items={entry.code},F9"))
        assert "On the list" in listed
    for address in ["/findings/", "/sources/", f"/practice/{point.element}/", "/search/?q=something"]:
        assert 'data-list-add="' in text(client.get(address)), address


@database
def test_a_draft_is_not_offered_to_be_listed(admin_client):
    draft = make_finding(status="draft", published_on=None)
    assert f'data-list-add="{draft.code}"' not in text(admin_client.get(draft.get_absolute_url()))


# Files


@database
@pytest.mark.parametrize(("extension", "key"), [("ris", r"^ID  - (\S+)"), ("bib", r"^@\w+\{(\w+),"), ("json", None)])
def test_files_hold_one_record_for_each_entry_in_order(client, extension, key):
    finding = make_finding()
    work = make_source()
    cite(finding, work)
    codes = [make_theme().code, finding.code, make_implication([finding]).code]

    def keys(query):
        body = text(client.get(f"/reading-list.{extension}?{query}"))
        return re.findall(key, body, re.M) if key else [record["id"] for record in json.loads(body)]

    assert keys(f"items={','.join(codes)}") == codes
    assert keys(f"items={','.join(codes)}&with=sources") == [*codes, work.code]
    assert keys(f"items={work.code},{finding.code}&with=sources") == [work.code, finding.code], "no work twice"


@database
@pytest.mark.parametrize("extension", ["ris", "bib", "json", "csv", "docx", "pptx", "pdf"])
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "Nothing is listed."),
        ("items=F999", "nothing public has this code: “F999”"),
        ("items=nonsense", "“nonsense”"),
        (f"items={','.join(f'F{n}' for n in range(1, 502))}", "at most 500 entries. Leave out 1."),
        ("items=F1&with=everything", "“with” can be practice, notes, sources, strip, not “everything”"),
        ("items=F1&style=mla", "There is no style “mla”"),
        ("items=F1&body=yes", "“body” can be 1 or 0, not “yes”"),
    ],
)
def test_a_file_that_cannot_be_made_is_400_with_words(client, extension, query, told):
    response = client.get(f"/reading-list.{extension}?{query}")
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/plain")
    assert told in text(response)


@database
@pytest.mark.parametrize("extension", ["ris", "csv", "docx", "PPTX"])
def test_a_file_has_a_name(client, extension):
    address = f"/reading-list.{extension}?items={make_finding().code}"
    assert f'filename="reading-list.{extension.lower()}"' in client.get(address)["Content-Disposition"]
    assert client.post(address).status_code == 405


@database
def test_csv_has_a_row_for_each_entry_and_no_formula(client):
    one = make_finding(heading="=SUM(A1:A9)", bottom_line="+44 is how it starts, “quoted”; £5")
    other = make_finding(heading="@here")
    body = client.get(f"/reading-list.csv?items={other.code},{one.code}").content
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(StringIO(body.decode("utf-8-sig"), newline="")))
    assert [row["Code"] for row in rows] == [other.code, one.code]
    assert [row["Title"] for row in rows] == ["'@here", "'=SUM(A1:A9)"]
    assert rows[1]["In short"] == "'+44 is how it starts, “quoted”; £5"
    assert rows[1]["Address"] == f"http://testserver/{one.code}"


@database
class TestBounds:
    """What anybody may ask for takes no more than about three seconds, and not every thread."""

    def test_a_file_that_is_laid_out_holds_a_hundred_entries(self, client):
        many = ",".join(f"F{n}" for n in range(1, 102))
        for extension, what in [("docx", "A Word document"), ("pptx", "A presentation"), ("pdf", "A PDF")]:
            response = client.get(f"/reading-list.{extension}?items={many}")
            assert response.status_code == 400
            assert f"{what} holds at most 100 entries, and the list has 101." in text(response)

    def test_so_many_slides_are_not_made(self, client, monkeypatch):
        monkeypatch.setattr(slides, "MOST_SLIDES", 4)
        finding = make_finding(body="\n\n".join(["So it is said, in very many words. " * 20] * 6))
        address = f"/reading-list.pptx?items={finding.code}"
        assert client.get(address).status_code == 200
        response = client.get(f"{address}&body=1&large=1")
        assert response.status_code == 400
        assert "more than 4 slides" in text(response)

    def test_who_comes_while_many_are_being_made_is_asked_to_come_again(self, client, monkeypatch):
        address = f"/reading-list/handout/?items={make_finding().code}"
        monkeypatch.setattr(costly, "PATIENCE", 0.01)
        with costly.a_turn(), costly.a_turn():
            response = client.get(address)
            assert (response.status_code, response["Retry-After"]) == (503, "10")
            assert client.get("/reading-list/").status_code == 200
        assert client.get(address).status_code == 200

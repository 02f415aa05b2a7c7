"""A team's answers to the practice points: in an address, on a page, in a Word document, and nowhere else."""

import datetime
from io import BytesIO
from zipfile import ZipFile

import docx
import html5lib
import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from docx.oxml.ns import qn

from curation.changelog import gathered
from findings.models import PracticeImplication
from findings.team_check.answers import MOST_IN_A_NOTE, Answer, Typed, read, write
from findings.team_check.team_check import TeamCheck
from tests.factories import cite, make_finding, make_implication, make_review, make_source, withdrawn
from tests.signposts import load_signposts

ADDRESS = "/practice/team-check/"
FILE = "/practice/team-check.docx"


def text(response):
    return response.content.decode()


class TestAddress:
    def test_answers_are_written_by_code_and_read_back(self):
        answers = {"P10": Answer.NOT_YET, "P2": Answer.PARTLY, "P1": Answer.IN_PLACE, "P3": Answer.NOT_FOR_US}
        assert write(answers) == "P1.y,P2.p,P3.x,P10.n"
        assert read(write(answers)) == (answers, [])

    def test_the_case_does_not_matter_and_the_later_answer_counts(self):
        assert read("p1.Y, P1.n") == ({"P1": Answer.NOT_YET}, [])

    @pytest.mark.parametrize(
        "wrong", ["P1", "P1.z", "F1.y", "P0.y", "P1.yy", ".", "P" + "1" * 20 + ".y", "<b>", "P1.ſ"]
    )
    def test_what_is_no_answer_is_told_apart(self, wrong):
        assert read(f"P2.y,{wrong}") == ({"P2": Answer.IN_PLACE}, [wrong])

    def test_the_letters_never_change_since_saved_addresses_hold_them(self):
        assert {answer.value: answer.label for answer in Answer} == {
            "y": "In place",
            "p": "Partly",
            "n": "Not yet",
            "x": "Not for us",
        }


@pytest.mark.django_db
class TestResult:
    def test_what_is_read_first_is_behind_most_points_then_behind_most_not_yet(self):
        a, b, c, other = (make_finding(heading=f"Finding {n}") for n in "abcd")
        one = make_implication([a, b])
        two = make_implication([a, c])
        three = make_implication([a, b, c])
        fine = make_implication([other])
        check = TeamCheck(
            [one, two, three, fine],
            Typed(
                {
                    one.code: Answer.PARTLY,
                    two.code: Answer.NOT_YET,
                    three.code: Answer.PARTLY,
                    fine.code: Answer.IN_PLACE,
                }
            ),
        )
        assert [entry.finding for entry in check.to_read] == [a, c, b]
        assert check.to_read[0].behind == (
            f"Linked to 3 of your answers: {two.code} (not yet), {one.code} and {three.code} (partly)"
        )

    def test_counts_are_told_in_words_and_what_is_not_answered_is_told_too(self, client):
        points = [make_implication() for _ in range(3)]
        page = text(client.get(f"{ADDRESS}?a={points[0].code}.y,{points[1].code}.n"))
        assert "1 in place, 1 not yet, 1 not answered" in page
        assert "2 of 3 answered" in page

    def test_bars_are_told_apart_without_colour_and_fill_the_share_of_each_answer(self, client):
        points = [make_implication() for _ in range(4)]
        answers = ",".join(f"{point.code}.{letter}" for point, letter in zip(points, "yppn", strict=True))
        page = html5lib.parse(text(client.get(f"{ADDRESS}?a={answers}")), namespaceHTMLElements=False)
        bar = next(element for element in page.iter() if element.get("class") == "bar")
        stretches = [(part.get("class"), part.get("width")) for part in bar if part.tag.endswith("rect")]
        assert stretches == [("answer-y", "25.000%"), ("answer-p", "50.000%"), ("answer-n", "25.000%")]

    def test_it_is_kept_out_of_search_engines(self, client):
        assert "noindex" in text(client.get(f"{ADDRESS}?a={make_implication().code}.y"))

    def test_a_draft_is_neither_asked_nor_told_of(self, client):
        draft = make_implication(heading="Not yet out", status="draft", published_on=None)
        make_implication()
        assert "Not yet out" not in text(client.get(ADDRESS))
        page = text(client.get(f"{ADDRESS}?a={draft.code}.y"))
        assert "Not yet out" not in page
        assert "this check does not ask about it" in page

    def test_an_answer_to_a_point_withdrawn_since_is_told_kindly_with_what_to_use(self, client):
        stays = make_implication(heading="Still here")
        gone = make_implication(heading="Not any more", **withdrawn(replaced_by=stays))
        page = text(client.get(f"{ADDRESS}?a={stays.code}.y,{gone.code}.n"))
        assert "“Not any more”" in page
        assert "was withdrawn on 4 March 2021" in page
        assert f'href="{stays.get_absolute_url()}"' in page
        assert "1 in place" in page

    @pytest.mark.parametrize("value", ["%00", "%FF", "x" * 10_000, "P1.y," * 2000, "P999999999.y", "²", "<script>"])
    def test_no_address_breaks_the_page(self, client, value):
        make_implication()
        for path in [ADDRESS, FILE]:
            assert client.get(f"{path}?a={value}").status_code in (200, 302)
        assert client.get(f"{ADDRESS}?a={value}").status_code == 200

    def test_thousands_of_codes_that_are_none_are_no_error(self, client):
        make_implication()
        codes = ",".join(f"P{n}.y" for n in range(1000, 50_000))
        assert client.post(ADDRESS, {"a": codes}).status_code == 200

    def test_no_page_takes_more_queries_for_thirty_points_than_for_three(self, client, django_assert_max_num_queries):
        for path in [ADDRESS, f"{ADDRESS}?a={{}}", f"{FILE}?a={{}}"]:
            taken = []
            for count in [3, 30]:
                with transaction.atomic():
                    with gathered():
                        points = [make_implication([make_finding(), make_finding()]) for _ in range(count)]
                        for point in points:
                            cite(point.findings.first(), make_source())
                    answers = write({point.code: Answer.NOT_YET for point in points})
                    with django_assert_max_num_queries(12) as queries:
                        assert client.get(path.format(answers)).status_code == 200
                    taken.append(len(queries))
                    transaction.set_rollback(True)
            assert taken[0] == taken[1], path


@pytest.mark.django_db
class TestForm:
    def test_answers_alone_go_to_an_address_of_their_own(self, client):
        one, two = make_implication(), make_implication()
        response = client.post(ADDRESS, {one.code: "y", two.code: "n", f"note-{one.code}": "  "})
        assert (response.status_code, response["Location"]) == (303, f"{ADDRESS}?a={one.code}.y,{two.code}.n")

    def test_notes_stand_in_the_page_and_in_no_address(self, client):
        point = make_implication()
        response = client.post(ADDRESS, {point.code: "p", f"note-{point.code}": "Ask <Ann>\r\nin March"})
        page = text(response)
        assert response.status_code == 200
        assert "Ask &lt;Ann&gt;<br>in March" in page
        assert f"{ADDRESS}?a={point.code}.p" in page
        addresses = [
            value
            for element in html5lib.parse(page, namespaceHTMLElements=False).iter()
            for name, value in element.attrib.items()
            if name in ("href", "action", "formaction")
        ]
        assert not any("Ann" in address for address in addresses)

    def test_answers_and_notes_come_back_to_be_changed(self, client):
        point = make_implication()
        response = client.post(ADDRESS, {"a": f"{point.code}.p", f"note-{point.code}": "Keep me", "change": "1"})
        page = html5lib.parse(text(response), namespaceHTMLElements=False)
        chosen = [element.get("value") for element in page.iter("input") if element.get("checked") is not None]
        assert chosen == ["p"]
        assert [area.text for area in page.iter("textarea")] == ["Keep me"]

    def test_a_form_without_an_answer_says_what_to_do_and_keeps_the_notes(self, client):
        point = make_implication()
        page = text(client.post(ADDRESS, {f"note-{point.code}": "Keep me"}))
        assert "Choose an answer for at least one point" in page
        assert "Keep me" in page

    def test_what_is_no_answer_is_told_and_the_rest_counts(self, client):
        one, two = make_implication(), make_implication()
        page = text(client.post(ADDRESS, {one.code: "y", two.code: "maybe"}))
        assert f"“{two.code}.maybe” is not a valid answer" in page
        assert "1 in place" in page

    def test_a_note_that_is_too_long_is_cut_and_the_reader_told(self, client):
        point = make_implication()
        page = text(client.post(ADDRESS, {point.code: "y", f"note-{point.code}": "é" * (MOST_IN_A_NOTE + 1)}))
        assert "é" * MOST_IN_A_NOTE in page
        assert "é" * (MOST_IN_A_NOTE + 1) not in page
        assert f"A note may have {MOST_IN_A_NOTE} characters" in page

    def test_line_ends_of_a_form_do_not_count_twice(self, client):
        point = make_implication()
        page = text(client.post(ADDRESS, {point.code: "y", f"note-{point.code}": "a\r\n" * 249 + "b"}))
        assert "A note may have" not in page

    def test_nothing_is_stored_and_no_cookie_set(self, client):
        point = make_implication()
        for path in [ADDRESS, FILE]:
            with CaptureQueriesContext(connection) as queries:
                response = client.post(path, {point.code: "y", f"note-{point.code}": "A secret"})
            assert response.cookies == {}
            assert all(query["sql"].startswith("SELECT") for query in queries)

    def test_each_question_is_a_group_with_a_name_and_each_note_has_a_label(self, client):
        make_implication(
            heading="Share a base", summary="Sit together.", questions="Do we sit together?\nWho does not?"
        )
        page = html5lib.parse(text(client.get(ADDRESS)), namespaceHTMLElements=False)
        fieldset = page.find(".//fieldset")
        assert fieldset.find("legend").text == "Do we sit together?"
        described = next(element for element in page.iter("p") if element.get("id") == fieldset.get("aria-describedby"))
        assert "".join(described.itertext()) == "Share a base. Sit together."
        labels = {label.get("for") for label in page.iter("label")}
        assert {area.get("id") for area in page.iter("textarea")} <= labels

    def test_why_a_point_matters_opens_in_place_with_the_bottom_line_of_each_finding(self, client):
        finding = make_finding(heading="Kitchens help", bottom_line="Sharing one helps.", stance="facilitator")
        point = make_implication([finding, make_finding(status="draft", published_on=None)])
        page = html5lib.parse(text(client.get(ADDRESS)), namespaceHTMLElements=False)
        details = page.find(".//form[@class='team']//details")
        assert details.get("open") is None
        words = " ".join("".join(details.itertext()).split())
        assert words.startswith("Why this matters: 1 finding we link to")
        assert f"Helps: Kitchens help {finding.code}Sharing one helps." in words
        links = [link.get("href") for link in details.iter("a")]
        assert links == [finding.get_absolute_url(), point.get_absolute_url()]

    def test_the_browser_may_fill_in_what_was_typed_when_a_reader_comes_back(self, client):
        make_implication()
        page = html5lib.parse(text(client.get(ADDRESS)), namespaceHTMLElements=False)
        form = page.find(".//form[@class='team']")
        assert not [field for field in form.iter() if field.get("autocomplete")]
        assert not form.get("autocomplete")

    def test_other_methods_are_refused(self, client):
        assert client.put(ADDRESS).status_code == 405

    def test_without_questions_it_says_so(self, client):
        assert "No practice point has a question for a team yet." in text(client.get(ADDRESS))
        make_implication(questions="")
        assert "No practice point has a question for a team yet." in text(client.get(ADDRESS))

    def test_of_a_review_without_questions_it_says_so_and_offers_others(self, client):
        make_implication()
        make_implication(review=make_review(slug="silent"), questions="")
        page = text(client.get(ADDRESS, {"review": "silent"}))
        assert "None of these practice points has a question for a team. Choose others above" in page
        assert "Ask about those ticked" in page and "0 questions to" not in page


@pytest.mark.django_db
class TestWord:
    def word(self, client, data):
        response = client.post(FILE, data)
        assert response.status_code == 200
        assert "attachment" in response["Content-Disposition"]
        return response.content, docx.Document(BytesIO(response.content))

    def test_it_has_headings_a_title_and_our_language(self, client):
        point = make_implication([make_finding()])
        content, document = self.word(client, {"a": f"{point.code}.n"})
        headings = [(p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith("Heading")]
        assert headings[:3] == [
            ("Heading 1", "Where our team stands"),
            ("Heading 2", "By group"),
            ("Heading 2", "Actions"),
        ]
        assert document.core_properties.title == "Where our team stands"
        styles = ZipFile(BytesIO(content)).read("word/styles.xml").decode()
        assert 'w:val="en-GB"' in styles
        assert "en-US" not in styles

    def test_every_table_marks_its_first_row_as_header(self, client):
        point = make_implication()
        _, document = self.word(client, {"a": f"{point.code}.n"})
        assert len(document.tables) == 3
        for table in document.tables:
            marked = [row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in table.rows]
            assert marked[0]
            assert not any(marked[1:])

    def test_it_holds_answers_notes_what_to_read_and_the_way_back(self, client):
        finding = make_finding(heading="Read me")
        point = make_implication([finding], heading="Meet")
        _, document = self.word(client, {"a": f"{point.code}.n", f"note-{point.code}": "In\x00March\r\nor\x0bMay"})
        words = "\n".join(p.text for p in document.paragraphs)
        assert f"http://testserver{ADDRESS}?a={point.code}.n" in words
        assert f"Read me (Gets in the way, {finding.code})" in words
        assert f"http://testserver/{finding.code}" in words
        assert [cell.text for cell in document.tables[2].rows[1].cells] == [
            f"Is it done? ({point.code})",
            "Not yet",
            "In March\nor May",
        ]

    def test_without_an_answer_it_leads_to_the_questions(self, client):
        assert client.get(FILE)["Location"] == ADDRESS

    def test_its_name_has_the_day(self, client):
        response = client.get(f"{FILE}?a={make_implication().code}.y")
        assert f"team-check-{datetime.date.today()}" in response["Content-Disposition"]


def fields_of(response):
    """{name: value} of the fields of a page."""
    page = html5lib.parse(text(response), namespaceHTMLElements=False)
    found = {field.get("name"): field.get("value", "") for field in page.iter("input") if field.get("type") != "radio"}
    return found | {area.get("name"): area.text or "" for area in page.iter("textarea")}


@pytest.mark.django_db
class TestChoice:
    """A team asks itself about one review, a group of its points, or a chosen few."""

    @pytest.fixture
    def points(self):
        review = make_review(slug="ours")
        return [
            make_implication(review=review, element="mutual-engagement", heading="Meet"),
            make_implication(review=review, element="joint-enterprise", heading="Agree"),
            make_implication(review=make_review(slug="theirs"), heading="Elsewhere"),
        ]

    def asked(self, client, query):
        page = html5lib.parse(text(client.get(f"{ADDRESS}?{query}")), namespaceHTMLElements=False)
        return [item.get("id") for item in page.iter("li") if item.find("fieldset") is not None and item.get("id")]

    def test_with_two_reviews_the_team_chooses_before_it_is_asked(self, client, points):
        page = text(client.get(ADDRESS))
        assert "Choose first" in page and "<legend>Is it done?" not in page
        for point in points:
            assert f'value="{point.code}"' in page

    def test_a_review_a_group_or_a_few_points_are_asked_alone(self, client, points):
        meet, agree, elsewhere = points
        assert self.asked(client, "review=ours") == [meet.code, agree.code]
        assert self.asked(client, "review=ours&element=joint-enterprise") == [agree.code]
        assert self.asked(client, f"points={meet.code}&points={elsewhere.code}") == [meet.code, elsewhere.code]
        assert self.asked(client, f"points={meet.code.lower()},{elsewhere.code}") == [meet.code, elsewhere.code]

    def test_the_choice_stays_with_the_answers(self, client, points):
        meet, *_ = points
        response = client.post(ADDRESS, {"review": "ours", meet.code: "y"})
        assert response["Location"] == f"{ADDRESS}?a={meet.code}.y&review=ours"
        assert "1 of 2 answered" in text(client.get(response["Location"]))
        changed = client.post(ADDRESS, {"a": f"{meet.code}.y", "review": "ours", "change": "1"})
        assert fields_of(changed)["review"] == "ours"

    def test_an_address_of_before_is_about_the_reviews_that_were_answered(self, client, points):
        meet, _, elsewhere = points
        assert "1 of 2 answered" in text(client.get(f"{ADDRESS}?a={meet.code}.y"))
        assert "2 of 3 answered" in text(client.get(f"{ADDRESS}?a={meet.code}.y,{elsewhere.code}.n"))

    @pytest.mark.parametrize("query", ["review=nowhere", "element=fun", "points=F1", "points=P999", "review=%00"])
    def test_what_is_not_there_is_told(self, client, points, query):
        page = text(client.get(f"{ADDRESS}?{query}"))
        assert "left out" in page or "no review" in page


@pytest.mark.django_db
class TestActions:
    def test_what_is_not_yet_in_place_asks_for_an_action_first(self, client):
        one, two, done = make_implication(), make_implication(), make_implication()
        page = client.get(f"{ADDRESS}?a={one.code}.p,{two.code}.n,{done.code}.y")
        names = [name for name in fields_of(page) if name and name.startswith("what-")]
        assert names == [f"what-{two.code}", f"what-{one.code}"]

    def test_actions_team_and_date_are_printed_and_in_no_address(self, client):
        point = make_implication()
        sent = {"a": f"{point.code}.n", "team": "Family <team>", "date": "3 May", f"what-{point.code}": "Meet weekly"}
        response = client.post(ADDRESS, {**sent, f"who-{point.code}": "Ann", f"when-{point.code}": "June"})
        fields = fields_of(response)
        assert [fields[f"{part}-{point.code}"] for part in ("what", "who", "when")] == ["Meet weekly", "Ann", "June"]
        assert "Family &lt;team&gt;, 3 May" in text(response)
        assert f"{ADDRESS}?a={point.code}.n</p>" in text(response)

    def test_another_row_is_added_and_keeps_what_was_typed(self, client):
        point = make_implication()
        sent = {"a": f"{point.code}.n", f"what-{point.code}": "Meet weekly", "rows": "0", "more": "1"}
        fields = fields_of(client.post(ADDRESS, sent))
        assert (fields["what-1"], fields[f"what-{point.code}"], fields["rows"]) == ("", "Meet weekly", "1")
        fields = fields_of(client.post(ADDRESS, {**sent, "rows": "1", "what-1": "Buy chairs"}))
        assert (fields["what-1"], fields["what-2"]) == ("Buy chairs", "")

    def test_word_has_them_with_two_empty_rows(self, client):
        point = make_implication(heading="Meet")
        data = {"a": f"{point.code}.n", "team": "Our team", f"what-{point.code}": "A date", "what-1": "Buy chairs"}
        document = docx.Document(BytesIO(client.post(FILE, data).content))
        rows = [[cell.text for cell in row.cells] for row in document.tables[1].rows]
        assert rows[1:3] == [[f"Meet ({point.code})", "A date", "", ""], ["", "Buy chairs", "", ""]]
        assert rows[3:] == [["", "", "", ""]] * 2
        assert "Our team" in [paragraph.text for paragraph in document.paragraphs]

    def test_what_is_too_long_is_cut_and_told(self, client):
        point = make_implication()
        response = client.post(ADDRESS, {"a": f"{point.code}.n", "team": "x" * 121})
        assert "What was longer was cut" in text(response) and "x" * 121 not in text(response)

    def test_what_there_is_to_read_makes_a_reading_list(self, client):
        finding, other = make_finding(), make_finding()
        point = make_implication([finding, other])
        page = text(client.get(f"{ADDRESS}?a={point.code}.n"))
        assert f'href="/reading-list/?items={finding.code},{other.code}"' in page


@pytest.mark.django_db
class TestComparison:
    @pytest.fixture
    def points(self):
        return [make_implication() for _ in range(4)]

    def address(self, points, letters):
        answers = (f"{point.code}.{letter}" for point, letter in zip(points, letters, strict=True))
        return f"{ADDRESS}?a={','.join(answers)}"

    def test_an_earlier_result_stands_beside_by_its_address(self, client, points):
        earlier = f"https://elsewhere.example{self.address(points, 'npyx')}&review=x"
        data = {"a": self.address(points, "ynyp").partition("=")[2], "before": earlier, "on": "2026-06-03"}
        response = client.post(ADDRESS, data)
        assert response.status_code == 303
        page = text(client.get(response["Location"]))
        assert "Since 3 June 2026: 1 moved on, 1 slipped back." in page
        assert page.count("Moved on</span>") == 1 and page.count("Slipped back</span>") == 1
        assert page.count("No change</span>") == 1

    def test_the_answers_alone_are_as_good_as_the_link(self, client, points):
        before = self.address(points, "nnnn").partition("=")[2]
        page = text(client.get(f"{self.address(points, 'pppp')}&before={before}"))
        assert "Since the earlier result: 4 moved on." in page

    @pytest.mark.parametrize("given", ["https://example.org/", "yes", "https://[", "\0", "?a=", "x" * 5000])
    def test_a_link_without_answers_is_told_and_nothing_is_lost(self, client, points, given):
        data = {"a": self.address(points, "ynyp").partition("=")[2], "before": given, "team": "Ours"}
        response = client.post(ADDRESS, data)
        assert response.status_code == 200
        assert "holds no answers" in text(response) and "Ours" in text(response)

    def test_a_date_that_is_none_is_told(self, client, points):
        query = f"{self.address(points, 'pppp')}&before={points[0].code}.n&on=June"
        assert "is no date such as" in text(client.get(query))

    def test_word_has_then_and_change(self, client, points):
        before = self.address(points, "nnnn").partition("=")[2]
        data = {"a": self.address(points, "pppp").partition("=")[2], "before": before}
        document = docx.Document(BytesIO(client.post(FILE, data).content))
        assert [cell.text for cell in document.tables[-1].rows[0].cells] == [
            *("Question", "Answer", "Then", "Change", "Note")
        ]
        assert "Moved on" in [cell.text for cell in document.tables[-1].rows[1].cells]


@pytest.mark.django_db
def test_a_point_without_a_question_for_a_team_is_not_asked(client):
    policy = make_implication(heading="Fund it", audience="policy", questions="")
    asked = make_implication(heading="Meet")
    check = TeamCheck.load(QueryDict(f"a={policy.code}.y,{asked.code}.n"))
    assert [item.point for item in check.all.asked] == [asked]
    assert check.notices == [f"{policy.code}: this check does not ask about it, so it was left out."]
    page = text(client.get(ADDRESS))
    assert "Points for those who make policy are not asked here" in page and "Fund it" not in page


@pytest.mark.django_db
def test_the_review_is_asked_about_what_a_team_can_do_in_three_groups(client, settings):
    load_signposts()
    check = TeamCheck.load(QueryDict("a=" + ",".join(f"P{n}.n" for n in range(1, 16))))
    assert [group.total for group in check.groups] == [5, 2, 5]
    assert check.all.answered == PracticeImplication.objects.asked_of_teams().count() == 12
    assert all(item.point.team_question.endswith("?") for item in check.all.asked)
    for path in ["/", "/practice/"]:
        assert ADDRESS in text(client.get(path))

"""A stance is one entry of `findings.choices`, with a symbol and colours: every page, list and file follows it."""

import csv
import os
import re
import subprocess
import sys
from io import BytesIO, StringIO

import docx
import pptx
import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from curation.changelog import gathered
from findings.choices import Stance, WengerElement
from findings.handouts.slide_look import of_stance
from findings.review_files import schema
from findings.views import FINDINGS_A_SIDE
from tests.factories import make_finding, make_implication, make_theme

CSS = settings.BASE_DIR / "static" / "css"
SPRITE = settings.BASE_DIR / "templates" / "includes" / "sprite.html"
every_stance = pytest.mark.parametrize("stance", list(Stance), ids=str)


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def marker(stance):
    """How a finding's stance is told: word and symbol."""
    return f'<use href="#s-{stance.value}"/></svg>{stance.label}</span>'


@every_stance
class TestLook:
    def test_it_has_a_symbol(self, stance):
        assert f'<symbol id="s-{stance.value}"' in SPRITE.read_text()

    def test_it_has_colours_in_light_and_dark_and_the_light_ones_on_slides(self, stance):
        ground, ink = stance.words.colours
        named = re.findall(rf"--{stance.value}(-bg)?: (#\w+);", (CSS / "tokens.css").read_text())
        assert [name for name, _ in named] == ["", "-bg"] * 2
        assert [value for _, value in named[:2]] == [f"#{ink}".lower(), f"#{ground}".lower()]
        assert f".stance-{stance.value}" in (CSS / "site.css").read_text()


@pytest.mark.parametrize("element", list(WengerElement), ids=str)
def test_an_element_has_a_symbol(element):
    assert f'<symbol id="e-{element.value}"' in SPRITE.read_text()


@pytest.mark.django_db
@every_stance
class TestEverywhere:
    @pytest.fixture
    def finding(self, stance):
        return make_finding(stance=stance.value, heading="Kitchens matter", theme=make_theme(slug="tea"))

    def test_on_the_page_of_its_theme_with_a_link_to_more(self, client, stance, finding):
        with gathered():
            for _n in range(FINDINGS_A_SIDE):
                make_finding(stance=stance.value, theme=finding.theme)
        page = text(client.get(finding.theme.get_absolute_url()))
        assert f'<h2 id="side-{stance.value}">{stance.words.heading}</h2>' in page
        assert "Kitchens matter" in page
        assert f"All 5 findings: {stance.words.heading}</a>" in page
        assert f"?theme=tea&amp;stance={stance.value}" in page

    def test_on_its_own_page_the_card_and_the_lists(self, client, stance, finding):
        for address in [
            finding.get_absolute_url(),
            reverse("embed", args=[finding.slug]),
            "/findings/",
            finding.review.get_absolute_url(),
        ]:
            assert marker(stance) in text(client.get(address)), address

    def test_on_the_map_even_where_there_is_no_room_for_each_finding(self, client, stance, finding):
        with gathered():
            findings = [finding]
            for other in Stance:
                findings += [make_finding(stance=other.value, theme=finding.theme) for _n in range(20)]
            make_implication(findings)
        by_stance = text(client.get("/map/?by=stance"))
        assert f"?by=stance&amp;at={finding.theme.code}.{stance.value}#" in by_stance
        by_element = text(client.get("/map/?by=practice"))
        cell = by_element[by_element.index('class="cell"') :].partition("</a>")[0]
        assert stance.counted(21) in cell
        assert f"#s-{stance.value}" in cell

    def test_where_stances_are_explained(self, client, stance, finding):
        for address in ["/map/", "/themes/", "/about/", finding.review.get_absolute_url()]:
            page = text(client.get(address))
            assert stance.words.meaning in page.replace(stance.words.meaning.capitalize(), stance.words.meaning), (
                address
            )
            assert f"#s-{stance.value}" in page, address

    def test_in_the_filters_of_findings_and_of_the_search(self, client, stance, finding):
        make_finding(stance=next(other for other in Stance if other != stance).value, heading="Kitchens again")
        for address in ["/findings/", "/search/?q=kitchens"]:
            assert f'name="stance" value="{stance.value}"' in text(client.get(address)), address
        for address in [f"/findings/?stance={stance.value}", f"/search/?q=kitchens&stance={stance.value}"]:
            page = text(client.get(address))
            assert "Kitchens matter" in page, address
            assert "Kitchens again" not in page, address

    def test_in_what_the_search_finds_by_the_words_of_readers(self, client, stance, finding):
        found = text(client.get("/search/", {"q": stance.words.asked_as.split()[-1]}))
        assert finding.get_absolute_url() in found
        assert marker(stance) in found

    def test_in_the_api_and_its_description(self, client, stance, finding):
        answer = client.get(f"/api/v1/findings?stance={stance.value}").json()
        assert [(one["code"], one["stance"], one["stance_label"]) for one in answer["results"]] == [
            (finding.code, stance.value, stance.label)
        ]
        assert f'"{stance.value}"' in client.get("/api/v1/openapi.json").content.decode()
        assert client.get(f"/api/v1/search?q=kitchens&stance={stance.value}").json()["count"] == 1

    def test_in_the_reading_list_its_handout_and_files(self, client, stance, finding):
        for address in ["/reading-list/", "/reading-list/handout/"]:
            assert marker(stance) in text(client.get(f"{address}?items={finding.code}"))

        def file(extension):
            return client.get(f"/reading-list.{extension}?items={finding.code}").content

        shapes = [shape for slide in pptx.Presentation(BytesIO(file("pptx"))).slides for shape in slide.shapes]
        pill = next(shape for shape in shapes if shape.has_text_frame and shape.text_frame.text == stance.label)
        assert pill.fill.fore_color.theme_color == pill.line.color.theme_color == of_stance(stance)[1].of_theme
        document = docx.Document(BytesIO(file("docx")))
        assert stance.label in "\n".join(paragraph.text for paragraph in document.paragraphs)
        assert stance.label in next(row for row in csv.reader(StringIO(file("csv").decode())) if finding.code in row[0])

    def test_in_the_result_of_a_team_check(self, client, stance, finding):
        point = make_implication([finding])
        assert marker(stance) in text(client.get(f"/practice/team-check/?a={point.code}.n"))
        document = docx.Document(BytesIO(client.get(f"/practice/team-check.docx?a={point.code}.n").content))
        assert f"({stance.label}, {finding.code})" in "\n".join(paragraph.text for paragraph in document.paragraphs)

    def test_at_the_desk_where_it_is_chosen_and_saved(self, admin_client, stance, finding):
        address = reverse("admin:findings_finding_change", args=[finding.pk])
        page = admin_client.get(address)
        chosen = re.search(
            r'<input type="radio" name="stance" value="([^"]*)"[^>]* checked[^>]*>\s*([^<]*)<', text(page)
        )
        assert (chosen[1], chosen[2].strip()) == (stance.value, stance.label)
        assert admin_client.get(f"/admin/findings/finding/?stance__exact={stance.value}").status_code == 200

    def test_in_files_of_a_review(self, stance):
        assert stance.value in str(schema.schema())


@pytest.mark.databases
@pytest.mark.skipif(connection.vendor != "sqlite", reason="a check can be put off on SQLite alone")
@pytest.mark.skipif("WEATHER" in Stance.__members__, reason="this is the run with one more")
def test_one_more_entry_is_all_that_it_takes():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.findings.added_stance"]
    environment = {**os.environ, "DATABASE_URL": ""}
    done = subprocess.run(
        [*command, "-k", "TestEverywhere and weather", "tests/findings/test_stances.py"],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout

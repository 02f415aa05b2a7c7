"""The SIGNPOSTS fixture: the whole review, by its outline, and safe to load again."""

import io
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from taggit.models import Tag

from curation.models import CodeSeries, EarlierSlug
from findings.codes import entry_for
from findings.models import (
    Citation,
    Finding,
    KeyMessage,
    PracticeImplication,
    Review,
    ReviewContributor,
    ReviewSource,
    TaggedFinding,
    TaggedImplication,
    Term,
    TermLabel,
    TermNote,
    Theme,
)
from sources.models import Contributor, Source, TaggedSource
from tests.signposts import load_signposts
from tests.wording import wording

pytestmark = pytest.mark.django_db

OUTLINE = json.loads((Path(__file__).parent / "signposts_outline.json").read_text())
FIXTURE = settings.BASE_DIR / "fixtures" / "signposts.json"


@pytest.fixture
def signposts(db):
    load_signposts()


def dump():
    out = io.StringIO()
    asked = {
        "natural_foreign": True,
        "natural_primary": True,
        "exclude": ["findings.stamp", "curation.change"],
        "stdout": out,
    }
    call_command("dumpdata", "curation", "sources", "findings", "taggit.tag", **asked)
    return json.loads(out.getvalue())


def in_order(rows):
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def dumped():
    return in_order(dump())


def codes(entries):
    return sorted(entry.code for entry in entries)


def test_it_holds_the_whole_review(signposts):
    held = {
        model: model.objects.count()
        for model in [Review, Theme, KeyMessage, Finding, PracticeImplication, Source, Citation]
    }
    assert held == {Review: 1, Theme: 6, KeyMessage: 6, Finding: 27, PracticeImplication: 15, Source: 14, Citation: 5}
    assert Tag.objects.count() >= 25
    assert Term.objects.count() >= 12
    assert TermLabel.objects.count() >= 100


def test_findings_are_those_of_the_outline(signposts):
    for expected in OUTLINE["findings"]:
        finding = entry_for(expected["key"])
        assert (finding.slug, finding.stance, finding.theme.code) == (
            expected["slug"],
            expected["stance"],
            expected["theme"],
        )
        assert [citation.number for citation in finding.citations.all()] == expected["cites"]
        assert finding.has_practice_example == expected.get("practice_example", False)
        assert len(finding.heading) <= 70
        assert re.search(r"[^.?!]$", finding.heading)
        sentences = re.split(r"(?<=[.?!])(?:[”’]|\[\d\])?\s+", finding.bottom_line)
        assert 1 <= len(sentences) <= 2, finding.bottom_line


def test_the_rest_is_that_of_the_outline_too(signposts):
    for expected in OUTLINE["themes"]:
        theme = entry_for(expected["key"])
        assert (theme.slug, theme.name) == (expected["slug"], expected["name"])
    for expected in OUTLINE["implications"]:
        point = entry_for(expected["key"])
        assert (point.slug, point.get_element_display().lower()) == (expected["slug"], expected["element"])
        assert codes(point.findings.all()) == sorted(expected["findings"])
    for expected in OUTLINE["key_messages"]:
        message = entry_for(expected["key"])
        assert message.slug == expected["slug"]
        assert codes(message.findings.all()) == sorted(expected["findings"])
        assert codes(message.implications.all()) == sorted(expected["implications"])
    for expected in OUTLINE["sources"]:
        source = entry_for(expected["key"])
        assert source.slug == expected["slug"]
        numbers = {link.number for link in [*source.citations.all(), *source.review_sources.all()]}
        assert numbers == {expected["number"]}
    review = entry_for("R1")
    assert {name: getattr(review, name) for name in OUTLINE["review"]} == OUTLINE["review"]


def test_everything_is_published_and_valid(signposts):
    for model in [Review, Theme, KeyMessage, Finding, PracticeImplication, Source, Term]:
        for entry in model.objects.all():
            assert entry.is_public
            entry.full_clean()


def test_every_code_answers_in_either_case_and_leads_to_its_page(client, signposts):
    for key in ["R1", *(row["key"] for kind in list(OUTLINE)[1:] for row in OUTLINE[kind])]:
        locations = {client.get(f"/{code}")["Location"] for code in [key, key.lower()]}
        assert locations == {entry_for(key).get_absolute_url()}
        page = client.get(locations.pop().split("#")[0])
        assert page.status_code == 200
        assert str(entry_for(key)) in wording(page.content.decode())


@pytest.mark.databases
def test_loading_it_twice_doubles_and_loses_nothing(signposts):
    before = dumped()
    call_command("loaddata", FIXTURE, verbosity=0)
    assert dumped() == before


@pytest.mark.databases
def test_dump_and_load_gives_an_equal_database(signposts, tmp_path):
    entry = Finding.objects.get(number=23)
    entry.slug = "moved"
    entry.save()
    before = dump()
    assert {"curation.earlierslug", "findings.taggedfinding"} <= {row["model"] for row in before}
    path = tmp_path / "dump.json"
    path.write_text(json.dumps(before))
    links = [
        Citation,
        ReviewSource,
        TaggedFinding,
        TaggedImplication,
        TaggedSource,
        TermLabel,
        TermNote,
        Contributor,
        ReviewContributor,
    ]
    for model in [*links, KeyMessage, PracticeImplication, Finding, Theme, Review, Source, Term, Tag]:
        model.objects.all().delete()
    CodeSeries.objects.all().delete()
    EarlierSlug.objects.all().delete()
    call_command("loaddata", path, verbosity=0)
    assert dumped() == in_order(before)


def test_the_fixture_file_is_what_the_database_would_write(signposts):
    assert dumped() == in_order(json.loads(FIXTURE.read_text()))


@pytest.mark.databases
def test_load_if_empty_loads_once_and_keeps_changes():
    call_command("load_if_empty", "signposts", verbosity=0)
    Finding.objects.filter(number=23).update(heading="Changed by a librarian")
    call_command("load_if_empty", "signposts", verbosity=0)
    assert Finding.objects.get(number=23).heading == "Changed by a librarian"

"""Reviews out and in by command."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from findings.models import Finding, Review
from tests import factories
from tests.findings.review_files.samples import document, dump, emptied, exported, finding, make_whole_review, small

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "review.json"

    def write(document):
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    write.path = path
    return write


def run(name, *arguments, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command(name, *map(str, arguments), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_a_review_goes_out_and_comes_in_alike(file):
    data = exported(make_whole_review())
    assert run("export_review", "R1")[0].encode() == data
    run("export_review", "r1", output=str(file.path))
    assert file.path.read_bytes() == data
    emptied()
    assert "Created: 10, updated: 0" in run("import_review", file.path)[0]
    assert exported(Review.objects.get()) == data


def test_the_glossary_is_left_out_if_told():
    make_whole_review()
    assert json.loads(run("export_review", "R1", without_glossary=True)[0])["terms"] == []


@pytest.mark.parametrize("code", ["R9", "F1", "x", ""])
def test_a_review_that_is_not_there_is_told(code):
    make_whole_review()
    with pytest.raises(CommandError, match="There is no review"):
        run("export_review", code)


def test_a_file_that_cannot_be_written_or_read_is_told(tmp_path):
    make_whole_review()
    with pytest.raises(CommandError, match="cannot be written"):
        run("export_review", "R1", output=str(tmp_path))
    with pytest.raises(CommandError, match="cannot be read"):
        run("import_review", tmp_path / "none.json")


def test_everything_can_come_in_as_drafts(file):
    public = {"status": "published", "published_on": "2020-01-02"}
    run("import_review", file(small(finding(**public))), as_drafts=True)
    assert Finding.objects.get().status == "draft"


def test_a_dry_run_says_what_would_be_done_and_does_nothing(file):
    before = dump()
    assert "Would be created: 3, would be updated: 0" in run("import_review", file(small()), dry_run=True)[0]
    assert dump() == before


def test_what_is_left_out_is_told(file):
    factories.make_theme(name="Another theme", slug="elsewhere")
    factories.make_source(doi="10.1000/a")
    sources = [{"code": "S9", "title": "Titled otherwise", "doi": "10.1000/a"}]
    themes = [{"code": "T1", "name": "Another theme", "slug": "here", "summary": "A."}]
    told = run("import_review", file(small(sources=sources, themes=themes)), as_drafts=True)[1]
    assert "Sources, entry 1 (S9) is used as it is held here, which differs: title." in told


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({}, "must be “joined-up-review”"),
        (document(findings=[finding()]), "Findings, entry 1 (F1): R1 is neither in the file nor here."),
        (small({"code": "F1", "heading": "Alone"}), "Findings, entry 1 (F1): Review: a new entry needs this."),
    ],
)
def test_a_file_that_is_not_sound_is_refused_whole(file, document, told):
    before = dump()
    with pytest.raises(CommandError) as refused:
        run("import_review", file(document))
    assert str(refused.value).startswith("Nothing was imported.\n") and told in str(refused.value)
    assert dump() == before

"""Merging sources: nothing that pointed to what goes points to nothing, and old addresses lead on."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from curation.changelog import gathered
from curation.imports import importing
from curation.log import LogEntry
from curation.models import CodeSeries, ImportRow
from curation.workflow import Refused, offered, perform
from findings.models import Citation, ReviewSource
from joinedup.search.index import faults
from sources import merging
from sources.imports import BIBLIOGRAPHY
from sources.models import Contributor, Different, Source
from tests.factories import cite, make_finding, make_review, make_source, withdrawn
from tests.search.test_engine import find

pytestmark = [pytest.mark.databases, pytest.mark.django_db]
DRAFT = {"status": "draft", "published_on": None}


@pytest.fixture
def editor(django_user_model):
    user = django_user_model.objects.create(username="editor", is_staff=True)
    user.groups.add(Group.objects.get(name="Editor"))
    return user


@pytest.fixture
def librarian(django_user_model):
    user = django_user_model.objects.create(username="librarian", is_staff=True)
    user.groups.add(Group.objects.get(name="Librarian"))
    return user


def test_everything_that_referred_to_the_others_refers_to_the_kept_one(editor):
    kept, other, older = make_source(), make_source(), make_source()
    finding, review = make_finding(), make_review()
    citation = cite(finding, other, number=5, note="It says so.")
    link = ReviewSource.objects.create(review=review, source=other, role="background")
    other.tags.add("trust")
    older.newer_edition = other
    older.save()
    gone = make_source(**withdrawn(replaced_by=other))
    batch = importing.upload(BIBLIOGRAPHY, b"TY  - BOOK\nTI  - A work\nER  - \n", "a.ris")
    batch.rows.update(matched=other.pk, created=other.pk, updated=other.pk)
    kept, act = merging.merge(kept, [other], editor)
    for row in [citation, link, older, gone]:
        row.refresh_from_db()
    assert (citation.source, link.source, older.newer_edition, gone.replaced_by) == (kept, kept, kept, kept)
    assert (citation.order, citation.number, citation.note) == (1, 5, "It says so.")
    assert list(kept.tags.names()) == ["trust"]
    row = ImportRow.objects.get()
    assert (row.matched, row.created, row.updated) == (kept.pk, kept.pk, kept.pk)
    assert "1 citation" in act.note
    assert "1 tag" in act.note


def test_no_relation_to_a_source_is_forgotten(editor):
    """Whatever refers to sources now or in time to come is moved by `merge` or named as settled by it."""
    kept, other = make_source(), make_source()
    merging.merge(kept, [other], editor)
    for relation in Source._meta.get_fields(include_hidden=True):
        if relation.one_to_many and relation.auto_created and relation.related_model is not Contributor:
            rows = relation.related_model._base_manager.filter(**{relation.field.name: other})
            assert not rows.exists(), relation


def test_two_citations_of_one_place_become_one_that_says_what_both_said(editor):
    kept, other = make_source(), make_source()
    finding = make_finding()
    ours = cite(finding, kept, note="It says so.", locator="7", locator_label="page")
    cite(finding, other, note="It says more.", number=4, locator="7", locator_label="page")
    elsewhere = cite(finding, other, locator="9", locator_label="page")
    ReviewSource.objects.create(review=finding.review, source=kept, role="background")
    ReviewSource.objects.create(review=finding.review, source=other, role="background", number=8)
    for source in [kept, other]:
        source.tags.add("trust")
    _, act = merging.merge(kept, [other], editor)
    assert [(c.pk, c.order, c.number, c.note) for c in finding.citations.order_by("order")] == [
        (ours.pk, 1, 4, "It says so. It says more."),
        (elsewhere.pk, 3, None, ""),
    ]
    assert ReviewSource.objects.get().number == 8
    assert list(kept.tags.names()) == ["trust"]
    assert "1 citation moved; " in act.note
    assert act.note.endswith("became part of another.")
    for what in ["1 tag on a source", "1 review source (R1 → S2)", "1 citation (F1 → S2)"]:
        assert what in act.note.partition("moved; ")[2]


def test_what_two_of_the_others_share_becomes_one_too(editor):
    kept, *others = [make_source() for _ in range(3)]
    finding = make_finding()
    for other in others:
        cite(finding, other, note=f"As {other.code} says.")
    merging.merge(kept, others, editor)
    assert finding.citations.get().note == "As S2 says. As S3 says."


def test_every_address_that_was_public_leads_to_the_kept_one(editor, client):
    kept, other, last = make_source(slug="kept"), make_source(slug="before"), make_source(slug="last")
    other.slug = "other"
    other.save()
    merging.merge(kept, [other], editor)
    for address in ["/sources/other/", "/sources/before/"]:
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (301, "/sources/kept/")
    response = client.get("/s2")
    assert (response.status_code, response["Location"]) == (302, "/sources/kept/")
    # When that one is merged in turn, the addresses lead on in one step.
    merging.merge(last, [kept], editor)
    for address in ["/sources/other/", "/sources/before/", "/sources/kept/"]:
        assert client.get(address)["Location"] == "/sources/last/"
    assert client.get("/S2")["Location"] == client.get("/S1")["Location"] == "/sources/last/"


def test_addresses_lead_to_the_tombstone_when_the_kept_one_is_withdrawn_later(editor, client):
    kept, other = make_source(slug="kept"), make_source(slug="other")
    merging.merge(kept, [other], editor)
    Source.objects.filter(pk=kept.pk).update(**withdrawn())
    assert client.get("/sources/other/", follow=True).status_code == 410


def test_a_draft_that_was_never_public_goes_and_its_code_is_never_given_again(editor):
    kept, other = make_source(), make_source(**DRAFT)
    citation = cite(make_finding(), other)
    merging.merge(kept, [other], editor)
    assert not Source.objects.filter(pk=other.pk).exists()
    citation.refresh_from_db()
    assert citation.source == kept
    assert CodeSeries.objects.get(letter="S").last_number == 2
    assert make_source().code == "S3"


def test_values_are_kept_as_chosen_and_empty_ones_are_filled(editor):
    kept = make_source(title="A work", publisher="", doi="", issued="2002")
    other = make_source(
        authors=[("Cameron", "A"), ("Lart", "R")],
        title="A work: and more",
        publisher="Their Press",
        doi="10.1000/a",
        issued="2003",
        issued_is_approximate=True,
    )
    merging.merge(kept, [other], editor, {"title": other, "contributors": other, "issued": other})
    kept.refresh_from_db()
    assert (kept.title, kept.publisher, kept.doi) == ("A work: and more", "Their Press", "10.1000/a")
    assert (kept.issued, kept.issued_is_approximate) == ("2003", True)
    assert [str(person) for person in kept.contributors.all()] == ["Cameron, A", "Lart, R"]
    assert kept.slug == Source.objects.get(number=1).slug


def test_a_title_comes_with_its_italics(editor):
    kept = make_source(title="After Gillick", title_italics="Gillick")
    other = make_source(title="After Fraser", title_italics="Fraser")
    plain = make_source(title="After all")
    merging.merge(kept, [plain], editor)
    kept.refresh_from_db()
    assert kept.title_italics == "Gillick"
    merging.merge(kept, [other], editor, {"title": other})
    kept.refresh_from_db()
    assert (kept.title, kept.title_italics) == ("After Fraser", "Fraser")


def test_without_a_choice_the_kept_one_keeps_what_it_says(editor):
    kept, other = make_source(title="A work"), make_source(title="Another", authors=[("Lart", "R")])
    merging.merge(kept, [other], editor)
    kept.refresh_from_db()
    assert (kept.title, str(kept.contributors.get())) == ("A work", "Hudson, B")


def test_a_source_never_becomes_its_own_newer_edition(editor):
    other, draft = make_source(), make_source(**DRAFT)
    kept = make_source(newer_edition=draft)
    draft.newer_edition = other
    draft.save()
    kept, _ = merging.merge(kept, [other, draft], editor)
    kept.refresh_from_db()
    assert kept.newer_edition is None


def test_the_act_is_on_record_at_both(editor):
    kept, other = make_source(title="Kept"), make_source(title="Other")
    merging.merge(kept, [other], editor)
    for source, note in [(kept, "S2 “Other” merged into this one."), (other, "Merged into S1 “Kept”.")]:
        act = LogEntry.objects.on(source).get()
        assert (act.name, act.by, act.note) == ("merge", editor, note)


def test_what_was_said_to_differ_from_one_differs_from_the_kept_one(editor):
    kept, other, stranger, both = [make_source() for _ in range(4)]
    for pair in [(other, stranger), (kept, both), (both, other), (kept, other)]:
        Different.objects.create(one=pair[0], other=pair[1])
    merging.merge(kept, [other], editor)
    assert Different.objects.pairs() == {frozenset([kept.pk, stranger.pk]), frozenset([kept.pk, both.pk])}


def test_search_finds_the_finding_by_the_work_it_cites_now(editor):
    kept, other = make_source(title="Zebras at work"), make_source(title="Quaggas at work")
    finding = make_finding()
    cite(finding, other)
    other.tags.add("stripes")
    merging.merge(kept, [other], editor)
    assert set(find("zebras")) == {"S1", finding.code}
    assert find("quaggas") == []
    assert find("stripes") == ["S1"]
    assert faults() == []


def test_the_page_of_the_kept_one_lists_all_that_rests_on_it(editor, client):
    kept, other = make_source(), make_source()
    for n, source in enumerate([kept, other]):
        cite(make_finding(heading=f"Finding number {n}"), source)
    merging.merge(kept, [other], editor)
    page = client.get(kept.get_absolute_url()).content.decode()
    assert "Finding number 0" in page
    assert "Finding number 1" in page


def test_a_dump_keeps_what_was_merged(editor, client, tmp_path):
    other, kept = make_source(slug="other"), make_source(slug="kept")
    stranger = make_source(title="A stranger")
    Different.objects.create(one=other, other=stranger)
    cite(make_finding(), other)
    merging.merge(kept, [other], editor)
    file = tmp_path / "dump.json"
    left_out = ["curation.change", "curation.logentry", "curation.import", "curation.importrow"]
    call_command(
        "dumpdata", "curation", "sources", "findings", "taggit.tag", natural_foreign=True, natural_primary=True,
        exclude=left_out, output=file, verbosity=0,
    )  # fmt: skip
    Different.objects.all().delete()
    Citation.objects.all().delete()
    Source.objects.filter(merged_into__isnull=False).delete()
    Source.objects.all().delete()
    call_command("loaddata", file, verbosity=0)
    assert Source.objects.get(number=1).merged_into == Source.objects.get(number=2)
    assert str(Different.objects.get()) == "S2 ≠ S3"
    assert client.get("/sources/other/")["Location"] == "/sources/kept/"


def test_a_merged_source_cannot_be_put_back(editor):
    kept, other = make_source(), make_source()
    merging.merge(kept, [other], editor)
    with pytest.raises(Refused, match="it stays withdrawn"):
        perform(LogEntry.Name.RESTORE, other, editor, "It was another after all.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Source.objects.filter(pk=other.pk).update(status="published")


def test_nothing_more_is_offered_to_be_done_with_a_merged_source(editor):
    kept, other = make_source(), make_source()
    merging.merge(kept, [other], editor)
    other.refresh_from_db()
    assert offered(other, editor) == []


def test_an_import_that_has_the_merged_record_updates_the_kept_one(editor):
    kept = make_source(title="A work")
    other = make_source(title="Quite another title for it", doi="10.1000/a", authors=[("Lart", "R")])
    merging.merge(kept, [other], editor, {"doi": kept})
    file = b"TY  - BOOK\nTI  - Quite another title for it\nDO  - 10.1000/a\nER  - \n"
    assert importing.upload(BIBLIOGRAPHY, file, "a.ris", editor).rows.get().matched == kept.pk


def test_only_editors_merge(librarian):
    kept, other = make_source(), make_source()
    with pytest.raises(Refused, match="may not"):
        merging.merge(kept, [other], librarian)
    assert Source.objects.published().count() == 2


def test_a_public_source_is_not_merged_into_one_that_readers_cannot_open(editor):
    with pytest.raises(Refused, match="S2 is public and S1 is not"):
        merging.merge(make_source(**DRAFT), [make_source()], editor)
    with pytest.raises(Refused, match="is withdrawn"):
        merging.merge(make_source(), [make_source(**withdrawn())], editor)
    with pytest.raises(Refused, match="at least two"):
        merging.merge(make_source(), [], editor)


def test_what_breaks_a_rule_changes_nothing(editor):
    kept, other = make_source(), make_source(retracted_on="2020-01-01", retraction_reason="Wrong figures.")
    citation = cite(make_finding(), other)
    with pytest.raises(Refused, match="Give the date of the retraction"):
        merging.merge(kept, [other], editor, {"retracted_on": kept, "retraction_reason": other})
    citation.refresh_from_db()
    other.refresh_from_db()
    assert (citation.source, other.status) == (other, "published")
    assert not LogEntry.objects.exists()


def test_what_is_gone_is_told(editor):
    kept, other = make_source(), make_source(**DRAFT)
    Source.objects.get(pk=other.pk).delete()
    with pytest.raises(Refused, match="is gone"):
        merging.merge(kept, [other], editor)


def test_the_published_then_the_most_cited_then_the_first_is_kept():
    draft, plain, cited = make_source(**DRAFT), make_source(), make_source()
    cite(make_finding(), cited)
    last = make_source()
    for _ in range(2):
        cite(make_finding(), draft)
    assert merging.best_first([last, draft, plain, cited]) == [cited, plain, last, draft]


def test_it_takes_no_more_queries_for_thirty_citations_than_for_three(editor):
    taken = []
    for count in [1, 3, 30]:  # the first time, Django learns its content types
        with gathered():
            kept, other = make_source(), make_source()
            for _ in range(count):
                finding = make_finding()
                cite(finding, kept)
                cite(finding, other, note="More.")
                cite(make_finding(), other)
        with CaptureQueriesContext(connection) as queries:
            merging.merge(kept, [other], editor)
        assert kept.citations.count() == 2 * count
        taken.append(len(queries))
    assert taken[1] == taken[2]

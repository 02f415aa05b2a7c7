"""Bibliographies taken in: what is held already, what is proposed, done and undone."""

import io
import json
import random
import time

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from taggit.models import Tag

from curation.history import Revision
from curation.imports import applying, importing
from curation.imports.filetypes import ImportRefused
from curation.log import LogEntry
from curation.models import Import
from joinedup.search.engine import search
from joinedup.search.index import faults
from sources import imports
from sources.bibliography.formats.draft import LONGEST, LONGEST_LINE
from sources.bibliography.matching import SAME
from sources.imports import BIBLIOGRAPHY, SOURCES
from sources.models import Contributor, Source
from tests.factories import cite, make_finding, make_source, withdrawn

pytestmark = pytest.mark.databases

HUDSON = """TY  - JOUR
TI  - Interprofessionality in health and social care: the Achilles' heel of partnership?
AU  - Hudson, Bob
PY  - 2002
JO  - Journal of Interprofessional Care
VL  - 16
IS  - 1
SP  - 7
EP  - 17
DO  - 10.1080/13561820220104122
KW  - Partnership
KW  - Unknown here
AB  - Three hypotheses.
ER  -
"""
FROST = """TY  - BOOK
TI  - Professionalism, partnership and joined-up thinking
AU  - Frost, Nick
PY  - 2005
PB  - Research in Practice
ER  -
"""


def ris(**tags):
    values = {"TY": "BOOK", "TI": "A work", "AU": "Hudson, B.", "PY": "2002", **tags}
    lines = [
        f"{tag}  - {text}" for tag, texts in values.items() for text in ([texts] if isinstance(texts, str) else texts)
    ]
    return "\n".join([*lines, "ER  - ", ""])


def upload(data, filename, user=None):
    return importing.upload(BIBLIOGRAPHY, data, filename, user)


def planned(*records, user=None):
    return upload("".join(records).encode(), "list.ris", user)


def taken_in(*records, **choices):
    return importing.apply(planned(*records), **choices)


def matches(batch):
    return [(row.match, row.choice) for row in batch.rows.all()]


def chosen(batch, choice):
    return {row.pk: choice for row in batch.rows.all()}


def dump():
    """All of sources but the record of imports, acts and changes, and the numbers given: those are never taken back."""
    text = io.StringIO()
    left_out = ["curation.change", "curation.codeseries", "curation.logentry", "curation.revision"]
    left_out += ["curation.import", "curation.importrow"]
    call_command("dumpdata", "curation", "sources", "taggit", exclude=left_out, stdout=text)
    return text.getvalue()


@pytest.mark.django_db
class TestUpload:
    def test_a_file_is_kept_with_what_is_proposed_for_each_record(self):
        batch = planned(HUDSON, FROST)
        assert (batch.status, batch.format, batch.record_count) == ("preview", "ris", 2)
        assert matches(batch) == [("new", "create"), ("new", "create")]
        assert not Source.objects.exists()

    def test_what_is_held_is_skipped_or_filled_and_what_differs_is_told(self):
        held = make_source(
            authors=[("Hudson", "Bob")], doi="10.1080/13561820220104122", status="draft", published_on=None
        )
        row = planned(HUDSON).rows.get()
        assert (row.match, row.choice, row.matched) == ("same", "fill", held.pk)
        told = {difference["field"]: difference["is_new"] for difference in row.differences}
        assert told["title"] is False and told["abstract"] is True
        assert "contributors" not in told and "issued" not in told

    def test_initials_written_together_say_the_same_as_apart(self):
        make_source([("Hochstadt", "NJ")], title="The work of many teams", issued="1985", publisher="")
        [row] = planned(ris(TI="The work of many teams", AU="Hochstadt, N. J.", PY="1985")).rows.all()
        assert (row.match, row.differences) == (SAME, [])

    def test_what_is_perhaps_held_waits_for_a_decision(self):
        make_source(title="Professionalism, partnership and joined up thinkng", authors=[("Frost", "N")], issued="2005")
        assert matches(planned(FROST)) == [("maybe", "skip")]

    def test_a_record_that_stands_twice_in_the_file_is_made_once(self):
        batch = planned(FROST, HUDSON, FROST, FROST.replace("Research", "ABSTRACT"))
        assert matches(batch) == [("new", "create"), ("new", "create"), ("same", "skip"), ("same", "skip")]
        assert batch.rows.all()[2].repeats == 0
        importing.apply(batch)
        assert Source.objects.count() == 2

    def test_a_record_that_breaks_a_rule_is_told_and_not_proposed(self):
        row = planned(ris(JO="x" * 501)).rows.get()
        assert row.choice == "skip"
        assert "Journal or book it is part of" in row.faults[0]

    @pytest.mark.parametrize(
        "data", [b"", b"   ", b"Dear all,\nnothing here", b"\x00\xff\xfe\x00", b"[]", b"[{", b"PK\x03\x04"]
    )
    def test_a_file_without_records_is_refused_in_words(self, data):
        with pytest.raises(ImportRefused) as refused:
            upload(data, "x.ris")
        assert all(refused.value.messages)
        assert not Import.objects.exists()

    def test_files_have_a_largest_size_and_number_of_records(self, monkeypatch):
        monkeypatch.setattr(imports, "MAX_RECORDS", 1)
        with pytest.raises(ImportRefused, match="more than 1 records"):
            planned(HUDSON, FROST)
        with pytest.raises(ImportRefused, match="larger than 20 MB"):
            upload(b"x" * (importing.MAX_BYTES + 1), "x.ris")

    def test_a_file_that_is_cut_off_gives_what_can_be_read(self):
        whole = (HUDSON + FROST).encode()
        for length in range(0, len(whole), 37):
            try:
                batch = upload(whole[:length], "x.ris")
            except ImportRefused as refused:
                assert refused.messages
            else:
                assert batch.record_count in (1, 2)

    def test_text_in_another_encoding_is_read(self):
        batch = upload(ris(TI="Évaluation générale", AU="Bézier, É.").encode("cp1252"), "x.ris")
        assert importing.apply(batch).created_count == 1
        assert Source.objects.get().title == "Évaluation générale"
        assert Source.objects.get().slug == "bezier-2002"
        assert batch.problem_count

    def test_a_field_of_five_megabytes_is_cut_and_told_at_its_record(self):
        text = "word " * 1_000_000
        batch = taken_in(ris(), ris(TI="Another", AB=text))
        assert batch.created_count == 2
        assert len(Source.objects.get(title="Another").abstract) == LONGEST
        told = "Abstract: 4,999,999 characters are too many. Only the first 100,000 were taken."
        assert batch.problems == [] and batch.rows.get(position=1).remarks == [["abstract", told]]
        for tag in ["TI", "AU", "KW", "DO", "SN", "PY"]:
            assert planned(ris(**{tag: text[:200_000]})).record_count == 1

    def test_a_file_that_grows_ends_soon_and_is_told_line_by_line(self):
        doubling = "".join(f"@string{{a{n + 1} = a{n} # a{n}}}\n" for n in range(26))
        started = time.monotonic()
        batch = upload(f"@string{{a0 = {{harmless }}}}\n{doubling}@book{{k, title = a26}}".encode(), "x.bib")
        assert time.monotonic() - started < 15
        assert len(batch.rows.get().record["title"]) == LONGEST_LINE
        assert batch.problems[0][:2] == [
            "Line 15",
            "@string “a14” grows to more than 100,000 characters where names are put together: the rest was left out.",
        ]

    @pytest.mark.parametrize(
        "data",
        [
            b"@string{a = {%s}}\n" % (b"x" * 90_000) + b"@book{k, title = {T}, %s}" % b", ".join([b"n = a"] * 9000),
            b"@book{k, note = " + b" # ".join([b"jan"] * 250_000) + b"}",
            b"@a{\n" * 250_000,
            b"TY  - BOOK\nTI  - A\nER  - \n" * 30_000,
            b"PMID- 1\nTI  - A\n\n" * 30_000,
            b'[{"type": "book", "title": "A", "volume": %s}]' % (b"1" * 1_000_000),
            b"[" * 1_000_000,
            b"[" + b",".join([b'{"type": "book"}'] * 30_000) + b"]",
            b'[{"type": "book", "a": ' + b"[" * 900 + b"]" * 900 + b"}]",
            b"TY  - BOOK\n" + b"x\n" * 500_000,
        ],
        ids=["strings", "concatenation", "braces", "ris", "nbib", "digits", "brackets", "items", "nesting", "lines"],
    )
    def test_a_file_that_is_made_to_cost_much_ends_soon_and_in_words(self, data):
        started = time.monotonic()
        try:
            batch = upload(data, "x")
        except ImportRefused as refused:
            assert all(message.endswith(".") for message in refused.messages)
        else:
            assert len(json.dumps(batch.rows.values_list("record", flat=True)[0])) < 300_000
        assert time.monotonic() - started < 60

    def test_comparing_again_sees_what_came_since(self):
        batch = planned(FROST)
        make_source(
            title="Professionalism, partnership and joined-up thinking", authors=[("Frost", "Nick")], issued="2005"
        )
        importing.compare_again(batch)
        assert batch.rows.get().match == "same"


@pytest.mark.django_db
class TestApply:
    def test_a_new_source_is_a_draft_with_contributors_in_order_and_known_tags(self):
        Tag.objects.create(name="partnership", slug="partnership")
        batch = taken_in(HUDSON, ris(TI="Another", AU=["Cameron, A.", "Lart, R."], ED="Editor, E."))
        source = Source.objects.get(slug="hudson-2002")
        assert (source.status, source.number, source.pages) == ("draft", 1, "7-17")
        assert list(source.tags.names()) == ["partnership"]
        other = Source.objects.get(slug="cameron-2002")
        assert [(p.role, p.order, p.family) for p in other.contributors.all()] == [
            ("author", 1, "Cameron"),
            ("author", 2, "Lart"),
            ("editor", 1, "Editor"),
        ]
        assert (batch.status, batch.created_count) == ("applied", 2)
        assert batch.rows.first().created == source.pk
        for made in Source.objects.all():
            made.full_clean()

    def test_addresses_differ(self):
        make_source(slug="hudson-2002")
        taken_in(*[ris(TI=title) for title in ["First", "Another", "Last"]], ris(TI="Nobody’s: a work", AU=[], PY=[]))
        slugs = Source.objects.order_by("number").values_list("slug", flat=True)
        assert list(slugs) == ["hudson-2002", "hudson-2002-b", "hudson-2002-c", "hudson-2002-d", "nobodys-a-work"]
        assert [SOURCES.variant("x", n) for n in [2, 26, 27, 53]] == ["x-b", "x-z", "x-aa", "x-ba"]

    def test_an_address_that_led_somewhere_before_is_left_alone(self):
        source = make_source(slug="hudson-2002")
        source = Source.objects.get(pk=source.pk)
        source.slug = "moved"
        source.save()
        taken_in(ris(TI="Another"))
        assert Source.objects.filter(slug="hudson-2002-b").exists()
        assert SOURCES.stem({"title": "日本", "issued": "", "contributors": []}) == "source"

    def test_the_same_file_again_adds_nothing(self):
        taken_in(HUDSON, FROST, ris(AU=[], PY=[], TI="Undated"))
        before = dump()
        again = planned(HUDSON, FROST, ris(AU=[], PY=[], TI="Undated"))
        assert matches(again) == [("same", "skip")] * 3
        importing.apply(again)
        assert dump() == before

    def test_two_previews_of_one_file_do_not_add_it_twice(self):
        first, second = planned(FROST), planned(FROST)
        importing.apply(first)
        with pytest.raises(
            ImportRefused, match=r"Line 1 \(.*\): it has been added here since, as S1\. Compare again\."
        ):
            importing.apply(second)
        with pytest.raises(ImportRefused, match="import is imported"):
            importing.apply(first)
        assert Source.objects.count() == 1

    def test_an_update_fills_what_is_empty_and_overwrites_only_when_told(self):
        for choice, title in [("fill", "Ours"), ("update", "Interprofessionality")]:
            Source.objects.all().delete()
            held = make_source(title="Ours", doi="10.1080/13561820220104122", note="My own.")
            batch = planned(HUDSON.replace("AB  -", "N1  - From the file.\nAB  -"))
            batch = importing.apply(batch, chosen(batch, choice))
            held.refresh_from_db()
            assert held.title.startswith(title)
            assert (held.volume, held.note, held.status) == ("16", "My own.", "published")
            assert [p.given for p in held.contributors.all()] == ["Bob" if choice == "update" else "B"]
        assert batch.updated_count == 1

    def test_what_somebody_saved_since_the_preview_is_not_overwritten(self):
        held = make_source(title="Ours", doi="10.1080/13561820220104122")
        batch = planned(HUDSON)
        Source.objects.update(title="Ours, put right")
        with pytest.raises(ImportRefused, match=r"Title: somebody changed it since you looked\. Compare again\."):
            importing.apply(batch, chosen(batch, "update"))
        importing.apply(batch, chosen(batch, "fill"))
        held.refresh_from_db()
        assert (held.title, held.volume) == ("Ours, put right", "16")

    def test_more_contributors_than_a_source_holds_are_told_in_words(self):
        batch = planned(ris(TI="All of us", AU=[f"Author{n}, A." for n in range(1001)]))
        assert batch.rows.get().faults == ["Contributors: there are 1,001, and an entry holds 1,000: shorten the list."]

    def test_a_change_of_a_public_source_is_on_record(self):
        held = make_source(doi="10.1080/13561820220104122")
        batch = planned(HUDSON)
        importing.apply(batch, chosen(batch, "fill"))
        importing.undo(batch)
        notes = list(LogEntry.objects.on(held).values_list("name", "note"))
        assert notes == [("correct", "Import of list.ris undone."), ("correct", "Import of list.ris.")]

    def test_the_search_index_follows_an_update_and_its_undo(self):
        make_source(doi="10.1080/13561820220104122")
        batch = planned(HUDSON)
        importing.apply(batch, chosen(batch, "update"))
        assert faults() == [] and search("achilles", as_typed=True).count == 1
        importing.undo(batch)
        assert faults() == [] and search("achilles", as_typed=True).count == 0

    def test_each_row_is_done_as_chosen(self):
        held = make_source(title="A work", authors=[("Hudson", "B")])
        batch = planned(ris(), ris(TI="Second"), ris(TI="Third"))
        rows = list(batch.rows.all())
        importing.apply(batch, {rows[0].pk: "create", rows[1].pk: "skip"})
        assert sorted(Source.objects.exclude(pk=held.pk).values_list("title", flat=True)) == ["A work", "Third"]

    def test_a_choice_that_a_row_does_not_offer_is_left_aside(self):
        batch = planned(FROST)
        importing.choose(batch, chosen(batch, "update") | {0: "create"})
        importing.choose(batch, chosen(batch, "explode"))
        assert batch.rows.get().choice == "create"

    def test_a_repeated_record_can_add_to_the_first(self):
        batch = planned(FROST, FROST.replace("PB  -", "AB  - In short.\nCY  - Dartington\nPB  -"))
        assert matches(batch)[1] == ("same", "fill")
        importing.apply(batch)
        assert Source.objects.get().abstract == "In short."
        importing.undo(batch)
        assert not Source.objects.exists()

    def test_one_wrong_row_refuses_all_with_its_line(self):
        batch = planned(FROST, ris(JO="x" * 501), ris(TI="Fine"))
        with pytest.raises(ImportRefused) as refused:
            importing.apply(batch, chosen(batch, "create"))
        assert len(refused.value.messages) == 1
        assert refused.value.messages[0].startswith("Line 7 (A work): Journal or book")
        assert not Source.objects.exists()
        assert Import.objects.get().status == "preview"

    def test_a_doi_belongs_to_one_source(self):
        make_source(doi="10.1000/held")
        batch = planned(ris(DO="10.1000/held"), ris(TI="B", DO="10.1000/b"), ris(TI="C", DO="10.1000/b"))
        with pytest.raises(ImportRefused) as refused:
            importing.apply(batch, chosen(batch, "create"))
        assert refused.value.messages == [
            "Line 1 (A work): DOI: “10.1000/held” belongs to S1.",
            "Line 13 (C): DOI: “10.1000/b” belongs to Line 7 (B).",
        ]

    @pytest.mark.parametrize("step", ["_write_new", "_write_changes", "_keep_record"])
    def test_a_process_that_dies_in_the_middle_leaves_the_earlier_state(self, monkeypatch, step):
        make_source(doi="10.1080/13561820220104122")
        batch = planned(FROST, HUDSON)
        before = dump()

        def die(*args, **kwargs):
            raise KeyboardInterrupt

        monkeypatch.setattr(applying.Application, step, die)
        with pytest.raises(KeyboardInterrupt):
            importing.apply(batch, {batch.rows.last().pk: "update"})
        assert dump() == before
        monkeypatch.undo()
        assert importing.apply(batch).created_count == 1

    def test_only_those_who_may_publish_change_what_readers_see(self):
        user = User.objects.create_user("librarian")
        user.user_permissions.set(Permission.objects.filter(codename__in=["add_source", "change_source"]))
        make_source(doi="10.1080/13561820220104122")
        batch = planned(HUDSON, user=user)
        assert matches(batch) == [("same", "skip")]
        with pytest.raises(ImportRefused, match="you may not change S1, which is published"):
            importing.apply(batch, chosen(batch, "fill"), user)

    def test_a_source_deleted_since_is_told(self):
        held = make_source(doi="10.1080/13561820220104122")
        batch = planned(HUDSON)
        held.delete()
        with pytest.raises(ImportRefused, match="has been deleted"):
            importing.apply(batch, chosen(batch, "fill"))

    def test_the_work_of_a_withdrawn_source_is_recognised(self):
        make_source(doi="10.1080/13561820220104122", **withdrawn())
        assert planned(HUDSON).rows.get().match == "same"

    def test_the_number_of_queries_does_not_grow_with_the_drafts(self, django_assert_max_num_queries):
        batch = planned(*[ris(TI=f"Work number {n} of many", AU=f"Family{n}, A.") for n in range(30)])
        with django_assert_max_num_queries(30 + 25):  # one a row, to note what it made
            importing.apply(batch)


@pytest.mark.django_db
class TestUndo:
    def test_everything_is_as_it_was(self):
        Tag.objects.create(name="partnership", slug="partnership")
        make_source(title="Ours", doi="10.1080/13561820220104122", authors=[("Hudson", "B"), ("Else", "S")])
        make_source(title="Web page", doi="10.1000/web", issued="")
        before = dump()
        web = ris(TI="Web page", DO="10.1000/web", UR="https://example.org/a", Y2="2020/01/02")
        batch = planned(
            HUDSON, FROST, web, HUDSON.replace("Bob", "Robert").replace("16", "17"), ris(TI="Last", KW="partnership")
        )
        importing.apply(batch, {row.pk: "update" for row in batch.rows.exclude(match="new")})
        assert dump() != before
        assert Source.objects.get(number=1).contributors.get().given == "Robert"
        importing.undo(batch)
        assert dump() == before
        batch.refresh_from_db()
        assert batch.status == "undone"
        with pytest.raises(ImportRefused):
            importing.undo(batch)

    def test_a_number_once_given_is_not_given_again(self):
        importing.undo(taken_in(FROST))
        taken_in(FROST)
        assert Source.objects.get().number == 2

    def refused(self, batch):
        before = dump()
        with pytest.raises(ImportRefused) as refused:
            importing.undo(batch)
        assert dump() == before
        return refused.value.messages

    def test_not_when_a_created_source_is_cited(self):
        batch = taken_in(HUDSON, FROST)
        cite(make_finding(), Source.objects.get(number=2))
        assert self.refused(batch) == ["S2 (Line 15): it is used by now, in a finding."]

    def test_not_when_another_source_refers_to_a_created_one(self):
        batch = taken_in(FROST)
        make_source(newer_edition=Source.objects.get())
        assert self.refused(batch) == ["S1 (Line 1): it is used by now, in a source."]

    def test_not_when_a_created_source_is_published(self):
        batch = taken_in(FROST)
        Source.objects.update(status="published", published_on="2020-01-02")
        assert self.refused(batch) == ["S1 (Line 1): it has been changed since: status, published on."]

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (lambda source: Source.objects.update(summary="Ours."), "summary"),
            (lambda source: source.tags.add("new"), "tags"),
            (lambda source: Contributor.objects.create(source=source, role="editor", family="Late"), "contributors"),
        ],
    )
    def test_not_when_a_created_source_has_been_changed(self, change, told):
        batch = taken_in(FROST)
        change(Source.objects.get())
        assert self.refused(batch) == [f"S1 (Line 1): it has been changed since: {told}."]

    def test_not_when_an_updated_field_has_been_changed(self):
        make_source(doi="10.1080/13561820220104122")
        batch = planned(FROST, HUDSON)
        importing.apply(batch, {batch.rows.last().pk: "update"})
        Source.objects.filter(number=1).update(volume="99", publisher="Another")
        assert self.refused(batch) == ["S1 (Line 7): it has been changed since: volume."]
        Source.objects.filter(number=1).update(volume="16")
        Contributor.objects.filter(source__number=1).update(given="C.")
        assert self.refused(batch) == ["S1 (Line 7): it has been changed since: contributors."]

    def test_not_when_an_updated_source_has_been_deleted(self):
        held = make_source(doi="10.1080/13561820220104122")
        batch = planned(HUDSON)
        importing.apply(batch, chosen(batch, "fill"))
        held.delete()
        assert self.refused(batch) == ["S1 (Line 1): it has been deleted since."]

    def test_fields_changed_elsewhere_stay_as_they_are(self):
        held = make_source(doi="10.1080/13561820220104122")
        batch = planned(HUDSON)
        importing.apply(batch, chosen(batch, "fill"))
        Source.objects.update(summary="Written since.")
        importing.undo(batch)
        held.refresh_from_db()
        assert (held.summary, held.volume) == ("Written since.", "")

    def test_a_created_source_that_is_gone_is_no_obstacle(self):
        batch = taken_in(FROST)
        Source.objects.all().delete()
        importing.undo(batch)
        assert Import.objects.get().status == "undone"


@pytest.mark.django_db
def test_odd_text_never_breaks_it():
    rng = random.Random(7)
    pieces = [
        "TY  - ",
        "BOOK",
        "\n",
        "TI  - ",
        "\x00",
        "\ud7ff",
        "é",
        "ER  - ",
        "{",
        "}",
        "@book{a,",
        "title=",
        "DO  - 10.1/x",
        "[",
        '"',
    ]
    for _ in range(60):
        text = "".join(rng.choice(pieces) for _ in range(60))
        try:
            importing.apply(upload(text.encode(), rng.choice(["x.ris", "x.bib", "x.json", "x.nbib", ""])))
        except ImportRefused as refused:
            assert refused.messages


@pytest.mark.django_db
def test_characters_that_no_database_keeps_are_left_out():
    bad = "a\x00b\ud800c"
    names = ["title", "container-title", "volume", "issue", "page", "edition", "publisher", "collection-title", "DOI"]
    names += ["ISBN", "ISSN", "URL", "abstract", "note", "keyword", "id", "language", "publisher-place", "made-up"]
    record = {name: bad for name in names} | {
        "type": "book",
        "author": [{"family": bad, "given": bad}, {"literal": bad}],
    }
    batch = upload(json.dumps([record | {"issued": {"raw": bad}}, record]).encode(), f"{bad}.json")
    importing.apply(batch)
    assert Source.objects.exists()


def test_what_an_import_changes_and_its_undoing_are_in_the_history(db, django_user_model):
    user = django_user_model.objects.create_superuser("root")
    source = make_source(title="On trust", doi="10.1000/a", publisher="")
    batch = upload(b"TY  - BOOK\nTI  - On trust\nDO  - 10.1000/a\nPB  - Some Press\nER  - \n", "a.ris", user)
    importing.apply(batch, user=user)
    importing.undo(batch, user)
    undone, imported, before = Revision.objects.of(source)
    assert [r.state["publisher"] for r in (before, imported, undone)] == ["", "Some Press", ""]
    assert (imported.note, imported.by) == ("Import of a.ris.", user)

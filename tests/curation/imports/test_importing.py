"""Entries taken in: what is held already, what is proposed, done and undone."""

import json
import time

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from taggit.models import Tag

from curation.history import Revision
from curation.imports import applying, importing
from curation.imports.filetypes import ImportRefused
from curation.log import LogEntry
from curation.models import EarlierSlug
from findings.models import Citation, Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from findings.review_files import filetype
from findings.review_files.filetype import REVIEW_FILE
from joinedup.search.engine import search
from joinedup.search.index import faults
from sources.imports import BIBLIOGRAPHY
from sources.models import Source
from tests import factories
from tests.findings.review_files.files import row, workbook
from tests.findings.review_files.samples import (
    REVIEW,
    THEME,
    document,
    dump,
    emptied,
    exported,
    finding,
    make_whole_review,
    planned,
    rows,
    small,
    taken_in,
)
from tests.signposts import load_signposts

pytestmark = pytest.mark.django_db


def a_user(*codenames):
    user = User.objects.create_user("-".join(codenames) or "nobody", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def refused(act, *arguments, **options):
    """The messages of a refusal, after which everything is as before."""
    before = dump()
    with pytest.raises(ImportRefused) as refusal:
        act(*arguments, **options)
    assert dump() == before
    return refusal.value.messages


def shared(text, times):
    """A workbook that shows one text in very many cells."""
    cells = [row(*(f'<c r="{letter}{n}" t="s"><v>0</v></c>' for letter in "ABCDEFGH")) for n in range(1, times)]
    return workbook(*cells, strings=f"<si><t>{text}</t></si>")


COSTLY = {
    "nested as deep as can be read": b'{"findings": ' + b"[" * 960 + b"]" * 960 + b"}",
    "nested": b"[" * 1_000_000,
    "many lists": b"[" + b",".join([b"[]"] * 4_000_000) + b"]",
    "digits": b'{"version": ' + b"1" * 1_000_000 + b"}",
    "one text in many cells": shared("x" * 30_000, 10_000),
    "one cell": b'Heading;Body\n"' + b"x" * 5_000_000 + b'";B\n',
    "a quotation mark": b'Heading;Body\n"' + b"x;y\n" * 1_000_000,
    "semicolons": b"Heading,Tags\nA," + b";" * 1_000_000 + b"\n",
    "empty lines": b"Heading,Body\n" + b"\n" * 2_000_000,
}


@pytest.mark.parametrize("data", COSTLY.values(), ids=COSTLY)
def test_a_file_that_is_made_to_cost_much_ends_soon_and_in_words(data):
    started = time.monotonic()
    messages = refused(importing.upload, REVIEW_FILE, data, "x.csv" if data.startswith(b"Heading") else "x")
    assert all(message.endswith((".", "?")) for message in messages)
    assert time.monotonic() - started < 60


@pytest.mark.databases
class TestRoundTrip:
    def test_a_review_taken_into_an_empty_site_is_exported_byte_for_byte_alike(self):
        data = exported(make_whole_review())
        emptied()
        batch = importing.apply(importing.upload(REVIEW_FILE, data, "review.json", keeps_status=True))
        assert batch.created_count == 10
        assert exported(Review.objects.get()) == data
        assert faults() == []

    def test_so_is_the_review_that_comes_with_the_software(self):
        load_signposts()
        data = exported(Review.objects.get())
        emptied()
        importing.apply(importing.upload(REVIEW_FILE, data, "review.json", keeps_status=True))
        assert exported(Review.objects.get()) == data
        assert Finding.objects.published().count() == 27
        assert faults() == []

    @pytest.mark.parametrize("keeps_status", [True, False])
    def test_the_same_file_again_adds_and_changes_nothing(self, keeps_status):
        data = exported(make_whole_review())
        before = dump()
        for _ in range(2):
            batch = importing.upload(REVIEW_FILE, data, "review.json", keeps_status=keeps_status)
            assert set(rows(batch).values()) == {("same", "skip")}
            assert not batch.rows.exclude(differences=[]).exists()
            importing.apply(batch)
        assert dump() == before

    def test_a_second_review_taken_in_twice_is_recognised_under_its_new_codes(self):
        make_whole_review()
        taken_in(small(finding("F1"), finding("F2")))
        before = dump()
        again = planned(small(finding("F1"), finding("F2")))
        assert set(rows(again).values()) == {("same", "skip")}
        importing.apply(again)
        assert dump() == before

    def test_so_is_a_review_with_a_withdrawn_theme(self):
        review = make_whole_review()
        Theme.objects.update(**factories.withdrawn())
        data = exported(review)
        emptied()
        importing.apply(importing.upload(REVIEW_FILE, data, "review.json", keeps_status=True))
        assert exported(Review.objects.get()) == data

    def test_reference_kinds_keep_their_order(self):
        people = [{"family": name, "role": role} for name, role in [("B", "author"), ("A", "author"), ("C", "editor")]]
        sources = [{"code": f"S{n}", "title": f"Work {n}", "contributors": people} for n in [1, 2]]
        taken_in(small(finding(citations=[{"source": "S2"}, {"source": "S1"}]), sources=sources))
        assert [citation.source.code for citation in Finding.objects.get().citations.order_by("order")] == ["S2", "S1"]
        people = Source.objects.get(number=1).contributors.values_list("role", "order", "family")
        assert list(people) == [("author", 1, "B"), ("author", 2, "A"), ("editor", 1, "C")]


@pytest.mark.databases
class TestCodes:
    def test_free_codes_are_kept_and_taken_ones_replaced_everywhere(self):
        held = factories.make_finding(heading="Ours")
        assert held.code == "F1"
        taken_in(
            small(
                finding("F1"),
                finding("F2", replaced_by="F1"),
                implications=[
                    {
                        "code": "P7",
                        "review": "R1",
                        "element": "joint-enterprise",
                        "heading": "Do",
                        "summary": "Do.",
                        "body": "Do.",
                        "findings": ["F2", "F1"],
                    }
                ],
            ),
            keeps_status=True,
        )
        held.refresh_from_db()
        assert held.heading == "Ours"
        first, second = Finding.objects.get(heading__contains="F1"), Finding.objects.get(heading__contains="F2")
        assert (first.code, second.code) == ("F3", "F2")
        assert second.replaced_by == first
        assert set(PracticeImplication.objects.get(number=7).findings.all()) == {first, second}
        assert (first.review.title, first.theme.name) == ("Another review", "Another theme")
        assert first.review.code == "R2" and first.theme.code == "T2"

    def test_a_code_that_was_given_once_is_not_given_again(self):
        factories.make_finding(status="draft", published_on=None).delete()
        taken_in(small(finding("F1")))
        assert Finding.objects.get().code == "F2"

    def test_a_file_cannot_use_up_the_numbers(self):
        taken_in(small(finding("F999999999")))
        assert Finding.objects.get().code == "F1"
        taken_in(small(finding("F1", heading="Wholly other")))
        assert Finding.objects.count() == 2

    def test_entries_without_codes_and_addresses_are_given_them(self):
        nameless = finding(heading="Under one roof")
        del nameless["code"]
        taken_in(small(nameless, {**nameless, "heading": "Under another roof"}))
        assert list(Finding.objects.values_list("number", "slug")) == [(1, "under-one-roof"), (2, "under-another-roof")]

    def test_an_address_that_is_taken_or_once_was_is_left_alone(self):
        moved = factories.make_finding(slug="old")
        moved = Finding.objects.get(pk=moved.pk)
        moved.slug = "taken"
        moved.save()
        taken_in(small(finding("F5", slug="old"), finding("F6", slug="fine")), keeps_status=False)
        assert Finding.objects.get(number=5).slug == "old-2"
        batch = planned(small(finding("F7", slug="taken", heading="Elsewhere")))
        assert rows(batch)["F7"] == ("maybe", "skip")
        importing.apply(batch, {row.pk: "create" for row in batch.rows.filter(kind="findings")})
        assert Finding.objects.get(number=7).slug == "taken-2"

    def test_a_code_that_nobody_has_is_told_with_its_place(self):
        file = small(finding(citations=[{"source": "S9"}]))
        assert refused(planned, file) == ["Findings, entry 1 (F1): S9 is neither in the file nor here."]
        factories.make_source()
        assert refused(planned, small(finding(theme="T8"))) == [
            "Findings, entry 1 (F1): T8 is neither in the file nor here."
        ]

    def test_a_file_may_refer_to_what_the_site_holds(self):
        review, theme, source = factories.make_review(), factories.make_theme(), factories.make_source()
        taken_in(document(findings=[finding("F4", citations=[{"source": source.code}])]))
        made = Finding.objects.get(number=4)
        assert (made.review, made.theme, made.sources.get()) == (review, theme, source)


@pytest.mark.databases
class TestMatching:
    def found(self, *lists, **more):
        return rows(planned(small(*lists, **more)))

    @pytest.mark.parametrize(
        ("said", "match"),
        [
            ({"code": "F1", "slug": "ours", "heading": "Reworded"}, "same"),
            ({"code": "F1", "heading": "Sharing an office helps the team"}, "same"),
            ({"code": "F1", "slug": "other", "heading": "Something else"}, "new"),
            ({"code": "F9", "slug": "ours", "heading": "Something else"}, "maybe"),
            ({"code": "F9", "heading": "Sharing an office helps the team"}, "maybe"),
            ({"code": "F9", "heading": "Sharing an ofice helps the team"}, "maybe"),
            ({"code": "F9", "slug": "other", "heading": "Something else"}, "new"),
        ],
    )
    def test_code_and_address_or_heading_make_the_same_finding(self, said, match):
        factories.make_finding(slug="ours", heading="Sharing an office helps the team")
        assert self.found(finding(**said))[said["code"]][0] == match

    def test_the_same_heading_in_the_same_review_is_the_same_finding_whatever_its_code(self):
        review = factories.make_review(title=REVIEW["title"])
        factories.make_finding(heading="Sharing an office helps", review=review)
        assert self.found(finding("F9", heading="Sharing an office helps"))["F9"] == ("same", "update")

    def test_shared_entries_that_are_held_are_used_as_they_are(self):
        theme = factories.make_theme(name=THEME["name"], summary="Ours.")
        factories.make_theme()
        source = factories.make_source(doi="10.1000/a", title="Our title of it")
        tag = Tag.objects.create(name="Partnership", slug="partnership")
        term = factories.make_term("Co-location")
        file = small(
            finding("F1", theme="T4", tags=["partnership"], citations=[{"source": "S4"}]),
            themes=[{**THEME, "code": "T4"}],
            sources=[{"code": "S4", "title": "Another title", "doi": "10.1000/A"}],
            terms=[{"slug": "colocation", "preferred_label": "co-location", "definition": "Otherwise."}],
        )
        before = (Theme.objects.count(), Source.objects.count(), Term.objects.count())
        batch = planned(file)
        assert {name: rows(batch)[name] for name in ["T4", "S4"]} == dict.fromkeys(["T4", "S4"], ("same", "skip"))
        importing.apply(batch)
        made = Finding.objects.get()
        assert (made.theme, made.sources.get(), made.tags.get()) == (theme, source, tag)
        assert (Theme.objects.count(), Source.objects.count(), Term.objects.count()) == before
        theme.refresh_from_db()
        assert theme.summary == "Ours." and term.definition == Term.objects.get().definition

    def test_what_is_perhaps_held_waits_for_a_decision_and_is_used_if_left_out(self):
        theme = factories.make_theme(name="Under one roof together", slug="roof")
        file = small(themes=[{**THEME, "slug": "roofs", "name": "Under one rooof together", "code": "T9"}])
        file["findings"][0]["theme"] = "T9"
        batch = planned(file)
        assert rows(batch)["T9"] == ("maybe", "skip")
        importing.apply(batch)
        assert Finding.objects.get().theme == theme

    def test_a_work_with_our_code_and_address_and_another_title_is_not_ours(self):
        factories.make_source(slug="smith-2004", title="Working together in schools")
        found = rows(planned(document(sources=[{"code": "S1", "slug": "smith-2004", "title": "A history of tea"}])))
        assert found["S1"] == ("maybe", "skip")

    def test_by_what_was_merged_into_a_source_that_source_is_found(self):
        kept = factories.make_source(title="The work that is kept")
        gone = factories.make_source(slug="gone", title="Its double", merged_into=kept, **factories.withdrawn())
        batch = planned(small(finding(citations=[{"source": "S2"}]), sources=[{"code": "S2", "title": "Its double"}]))
        assert batch.rows.get(kind="sources").matched == kept.pk
        importing.apply(batch)
        taken_in(document(findings=[finding("F2", citations=[{"source": gone.code}])]))
        assert [made.sources.get() for made in Finding.objects.all()] == [kept, kept]

    def test_the_number_of_queries_does_not_grow_with_the_entries(self):
        taken = []
        for count in [3, 30]:
            for n in range(count):
                factories.make_finding(heading=f"Held number {n} of {count}")
            works = range(500, 500 + count // 2 + 1)
            file = small(
                *[
                    finding(f"F{n}", citations=[{"source": f"S{works[n % len(works)]}"}])
                    for n in range(500, 500 + count)
                ]
            )
            file["sources"] = [{"code": f"S{n}", "title": f"Work {n}"} for n in works]
            with CaptureQueriesContext(connection) as queries:
                planned(file)
            taken.append(len(queries))
        assert taken[0] == taken[1]

    def test_two_thousand_findings_take_a_bounded_number_of_queries(self):
        file = small(*[finding(f"F{n}", tags=["one"], heading=f"Thing {n} in the way") for n in range(1, 2001)])
        with CaptureQueriesContext(connection) as queries:
            batch = taken_in(file)
        assert batch.created_count == 2002
        assert len(queries) < 400


class TestTables:
    """The rows of a table name each other by any words."""

    @pytest.fixture
    def planned(self, monkeypatch):
        def planned(document):
            monkeypatch.setattr(filetype, "_read", lambda data, filename: ("csv", document, []))
            return importing.upload(REVIEW_FILE, b"", "list.csv")

        return planned

    def test_labels_lead_to_the_rows_that_have_them(self, planned):
        said = finding(
            "first", review="Our review", theme="roof", citations=[{"source": "Hudson"}], _at="Findings, row 2"
        )
        file = small(said, reviews=[REVIEW | {"code": "Our review"}], themes=[THEME | {"code": "roof"}])
        importing.apply(planned({**file, "sources": [{"code": "Hudson", "title": "A work"}]}))
        made = Finding.objects.get()
        assert (made.code, made.review.code, made.theme.code, made.sources.get().code) == ("F1", "R1", "T1", "S1")

    def test_what_is_held_can_be_named_by_its_title(self, planned):
        held = factories.make_finding(review=factories.make_review(title="Held"), slug="ours")
        said = {"code": "F1", "slug": "ours", "review": "HELD!", "theme": held.theme.name, "body": "Anew."}
        batch = planned(document(findings=[said]))
        assert [difference["field"] for difference in batch.rows.get().differences] == ["body"]
        importing.apply(batch)
        assert Finding.objects.get().body == "Anew."

    def test_a_title_that_nobody_or_more_than_one_has_is_told(self, planned):
        review = factories.make_review(title="Held")
        for name in ["Twice", "Twice"]:
            factories.make_theme(name=name)
        for theme in ["Twice", "Nowhere", "T9"]:
            file = document(findings=[finding(review=review.title, theme=theme, _at="Findings, row 2")])
            assert refused(planned, file) == [f"Findings, row 2 (F1): {theme} is neither in the file nor here."]


@pytest.mark.databases
class TestUpdate:
    def test_only_what_the_file_says_is_changed(self):
        held = factories.make_finding(heading="Ours", slug="ours", status="draft", published_on=None)
        held.tags.add("kept")
        batch = planned(
            document(findings=[{"code": "F1", "slug": "ours", "body": "Anew.", "review_due_on": "2030-01-01"}])
        )
        assert [(d["label"], d["held"], d["found"]) for d in batch.rows.get().differences] == [
            ("Body", "It does so at length.", "Anew."),
            ("Review due on", "", "2030-01-01"),
        ]
        assert importing.apply(batch).updated_count == 1
        held = Finding.objects.get()
        assert (held.body, held.heading, list(held.tags.names())) == ("Anew.", "Ours", ["kept"])

    def test_of_long_texts_the_part_that_differs_is_shown(self):
        factories.make_finding(slug="ours", body="Before. " * 200 + "Old end." + " After." * 200)
        said = {"code": "F1", "slug": "ours", "body": "Before. " * 200 + "New end." + " After." * 200}
        shown = planned(document(findings=[said])).rows.get().differences[0]
        assert "Old end." in shown["held"] and "New end." in shown["found"]
        assert len(shown["held"]) <= 400

    def test_an_empty_value_empties(self):
        review = make_whole_review()
        held = review.findings.get(number=1)
        file = {"code": "F1", "slug": held.slug, "tags": [], "citations": [], "has_practice_example": True}
        taken_in(document(findings=[file]))
        held = Finding.objects.get(number=1)
        assert held.has_practice_example and not held.tags.exists() and not held.citations.exists()
        assert faults() == []

    def test_a_public_entry_that_is_changed_has_it_on_record_and_in_the_index(self):
        held = factories.make_finding(slug="ours")
        batch = taken_in(document(findings=[{"code": "F1", "slug": "ours", "heading": "Elephants in the way"}]))
        importing.undo(batch)
        assert list(LogEntry.objects.on(held).values_list("name", "note")) == [
            ("correct", "Import of review.json undone."),
            ("correct", "Import of review.json."),
        ]
        undone, imported, before = Revision.objects.of(held)
        heading = "Something gets in the way"
        assert [r.state["heading"] for r in (before, imported, undone)] == [heading, "Elephants in the way", heading]
        assert faults() == [] and not search("elephants", as_typed=True).count

    def test_a_new_address_of_a_public_entry_leaves_the_old_one_leading_to_it(self, client):
        held = factories.make_finding(slug="old", heading="Ours")
        taken_in(document(findings=[{"code": "F1", "heading": "Ours", "slug": "new"}]))
        assert client.get("/findings/old/").status_code == 301
        assert Finding.objects.get().slug == "new" and held.code == "F1"

    def test_an_address_of_another_entry_is_refused(self):
        for slug in ["one", "two"]:
            factories.make_finding(slug=slug, heading=f"Heading {slug}")
        batch = planned(document(findings=[{"code": "F1", "heading": "Heading one", "slug": "two"}]))
        told = refused(importing.apply, batch)
        assert told == ["Findings, entry 1 (F1): Slug: another entry has the address “two”."]

    def test_two_rows_cannot_update_one_entry(self):
        factories.make_theme(name="Roofs", slug="roofs")
        themes = [{"code": "T1", "slug": "roofs", "summary": "A."}, {"code": "T7", "name": "Roofs", "summary": "B."}]
        batch = planned(document(themes=themes))
        told = refused(importing.apply, batch, {row.pk: "update" for row in batch.rows.all()})
        assert told == ["Themes, entry 2 (T7): Themes, entry 1 updates T1 as well: skip one of the two."]

    def test_what_somebody_saved_since_the_preview_is_not_overwritten(self):
        held = factories.make_finding(slug="ours", body="Ours.")
        file = document(findings=[{"code": "F1", "slug": "ours", "body": "Anew.", "tags": ["new"]}])
        for change in [lambda: Finding.objects.update(body="Ours, put right."), lambda: held.tags.add("other")]:
            batch = planned(file)
            change()
            [told] = refused(importing.apply, batch)
            assert told.endswith("somebody changed it since you looked. Compare again.")
        importing.apply(planned(file))
        held.refresh_from_db()
        assert held.body == "Anew."

    def test_what_readers_could_open_is_never_made_a_draft(self):
        factories.make_finding(slug="ours")
        file = document(findings=[{"code": "F1", "slug": "ours", "status": "draft", "body": "Anew."}])
        taken_in(file, keeps_status=True)
        assert (Finding.objects.get().status, Finding.objects.get().body) == ("published", "Anew.")


class TestStatus:
    PUBLIC = {"status": "published", "published_on": "2020-01-02"}

    def test_entries_come_in_as_drafts_and_readers_see_nothing(self, client):
        taken_in(small(finding(**self.PUBLIC, last_checked_on="2020-01-02", slug="x"), reviews=[REVIEW | self.PUBLIC]))
        made = Finding.objects.get()
        assert (made.status, made.published_on, made.last_checked_on) == ("draft", None, None)
        assert client.get("/findings/x/").status_code == 404
        assert not search("", {"kind": ["finding", "review", "theme"]}).count

    def test_the_status_and_dates_of_the_file_can_be_kept(self, client):
        file = small(
            finding(**self.PUBLIC, slug="x", earlier_slugs=["w"]),
            reviews=[REVIEW | self.PUBLIC],
            themes=[THEME | self.PUBLIC],
        )
        taken_in(file, keeps_status=True)
        assert client.get("/findings/x/").status_code == 200
        assert client.get("/findings/w/").status_code == 301
        # Its dates are of another site: programs that keep a copy of this one hear of it all the same.
        today = timezone.localdate().isoformat()
        for name in ["findings", "reviews", "themes"]:
            assert client.get(f"/api/v1/{name}?updated_since={today}").json()["count"] == 1
        assert faults() == [] and search("", {"kind": ["finding"]}).count == 1

    def test_a_public_entry_under_a_draft_is_refused(self):
        batch = planned(small(finding(**self.PUBLIC), reviews=[REVIEW | self.PUBLIC]), keeps_status=True)
        assert refused(importing.apply, batch) == [
            "Findings, entry 1 (F1): Status: publish “Another theme” (T1) first: this entry is part of it."
        ]

    @pytest.mark.parametrize(
        ("values", "told"),
        [
            ({"status": "published"}, "Published on: a published or withdrawn entry needs the date"),
            (PUBLIC | {"status": "withdrawn"}, "Withdrawn on: a withdrawn entry needs the date and the reason."),
            (
                PUBLIC | {"wording_changed_on": "2019-01-01"},
                "Wording changed on: the wording cannot have changed before",
            ),
            ({"replaced_by": "F1"}, "Replaced by: an entry cannot refer to itself."),
        ],
    )
    def test_dates_that_do_not_fit_are_told_and_not_proposed(self, values, told):
        batch = planned(small(finding(**values)), keeps_status=True)
        row = batch.rows.get(kind="findings")
        assert row.choice == "skip" and told in row.faults[0]
        assert told in refused(importing.apply, batch, {row.pk: "create"})[0]

    def test_all_drafts_of_an_import_are_sent_and_published_parents_first(self):
        editor = a_user("publish_entries", "send_for_review")
        messages = [{"code": "K1", "review": "R1", "heading": "In short", "body": "This.", "findings": ["F1"]}]
        batch = taken_in(small(key_messages=messages, sources=[{"title": "A work"}]))
        assert importing.advance("send-for-review", batch, editor) == 5
        assert importing.advance("publish", batch, editor) == 5
        for model in [Source, Review, Theme, Finding, KeyMessage]:
            assert model.objects.get().status == "published"
        assert LogEntry.objects.count() == 10
        assert faults() == []

    def test_one_that_cannot_be_published_holds_back_all(self):
        editor = a_user("publish_entries", "send_for_review")
        theme = factories.make_theme(status="draft", published_on=None, name=THEME["name"])
        batch = taken_in(small())
        importing.advance("send-for-review", batch, editor)
        told = refused(importing.advance, "publish", batch, editor)
        assert told == [
            f"F1 “Something of F1 gets in the way”: Publish “{theme}” (T1) first: this entry is part of it."
        ]
        assert not LogEntry.objects.filter(name="publish").exists()

    def test_only_those_who_may_do_it(self):
        librarian = a_user("send_for_review")
        batch = taken_in(small())
        assert importing.advance("send-for-review", batch, librarian) == 3
        assert "You may not do this" in refused(importing.advance, "publish", batch, librarian)[0]


@pytest.mark.databases
class TestApply:
    def test_each_row_is_done_as_chosen(self):
        batch = planned(small(finding("F1"), finding("F2"), finding("F3")))
        second = batch.rows.get(record__code="F2")
        importing.apply(batch, {second.pk: "skip", 0: "create"})
        assert [made.number for made in Finding.objects.all()] == [1, 3]

    def test_a_choice_that_a_row_does_not_offer_is_left_aside(self):
        batch = planned(small())
        importing.choose(
            batch, {row.pk: choice for row, choice in zip(batch.rows.all(), ["update", "x", None], strict=True)}
        )
        assert set(batch.rows.values_list("choice", flat=True)) == {"create"}

    def test_what_refers_to_something_skipped_is_told(self):
        batch = planned(small())
        theme = batch.rows.get(kind="themes")
        assert refused(importing.apply, batch, {theme.pk: "skip"}) == [
            "Findings, entry 1 (F1): it refers to T1, which is skipped."
        ]

    def test_what_a_new_entry_lacks_is_told(self):
        batch = planned(small({"code": "F1", "heading": "Alone"}))
        row = batch.rows.get(kind="findings")
        assert row.choice == "skip"
        told = refused(importing.apply, batch, {row.pk: "create"})
        assert told == [
            f"Findings, entry 1 (F1): {label}: a new entry needs this."
            for label in ["Review", "Theme", "Stance", "Bottom line", "Body"]
        ]

    def test_a_doi_belongs_to_one_source(self):
        factories.make_source(doi="10.1000/a")
        sources = [
            {"code": f"S{n}", "title": f"Work {n}", "doi": doi}
            for n, doi in [(5, "10.1000/a"), (6, "10.1000/b"), (7, "10.1000/b")]
        ]
        batch = planned(document(sources=sources))
        told = refused(importing.apply, batch, {row.pk: "create" for row in batch.rows.all()})
        assert told == [
            "Sources, entry 1 (S5): DOI: “10.1000/a” belongs to S1.",
            "Sources, entry 3 (S7): DOI: “10.1000/b” belongs to Sources, entry 2 (S6).",
        ]

    def test_a_label_belongs_to_one_term(self):
        factories.make_term("Co-location", also_called=["Shared office"])
        file = document(
            terms=[
                {
                    "slug": "office",
                    "preferred_label": "Office",
                    "definition": "A room.",
                    "labels": [{"label": "shared OFFICE", "kind": "also-called"}],
                }
            ]
        )
        told = refused(importing.apply, planned(file))
        assert told == ["Terms, entry 1 (office): Other labels: “shared OFFICE” belongs to co-location."]

    def test_two_codes_of_one_held_work_are_cited_once(self):
        factories.make_source(doi="10.1000/a")
        sources = [{"code": code, "title": code, "doi": "10.1000/a"} for code in ["S8", "S9"]]
        batch = planned(small(finding(citations=[{"source": "S8"}, {"source": "S9"}]), sources=sources))
        assert "“S1” stands twice in this list" in refused(importing.apply, batch)[0]

    def test_two_previews_of_one_file_do_not_add_it_twice(self):
        first, second = planned(small()), planned(small())
        importing.apply(first)
        assert "it has been added here since" in refused(importing.apply, second)[0]
        assert "import is imported" in refused(importing.apply, first)[0]
        importing.compare_again(second)
        assert set(rows(second).values()) == {("same", "skip")}

    def test_what_was_deleted_since_is_told(self):
        held = factories.make_finding(slug="ours", status="draft", published_on=None)
        batch = planned(document(findings=[{"code": "F1", "slug": "ours", "body": "Anew."}]))
        held.delete()
        assert "has been deleted since" in refused(importing.apply, batch)[0]

    @pytest.mark.parametrize("step", ["_write_changes", "_look_at_parents", "_keep_record"])
    def test_a_process_that_dies_in_the_middle_leaves_the_earlier_state(self, monkeypatch, step):
        make_whole_review()
        batch = planned(small(finding("F1", tags=["new"]), finding("F50")))
        before = dump()

        def die(*args):
            raise KeyboardInterrupt

        monkeypatch.setattr(applying.Application, step, die)
        with pytest.raises(KeyboardInterrupt):
            importing.apply(batch)
        assert dump() == before
        monkeypatch.undo()
        assert importing.apply(batch).created_count == 4

    def test_a_file_that_is_too_large_is_refused(self, monkeypatch):
        monkeypatch.setattr(importing, "MAX_BYTES", 10)
        assert "larger than" in refused(planned, small())[0]


@pytest.mark.databases
class TestUndo:
    def test_everything_is_as_it_was(self):
        review = make_whole_review()
        before = dump()
        file = json.loads(exported(review))
        first, second, _ = file["findings"]
        first |= {"body": "Reworded.", "slug": "reworded", "tags": ["new"], "citations": first["citations"][::-1]}
        first["earlier_slugs"].append("older-still")
        second |= {"status": "published", "replaced_by": "", "withdrawn_on": None, "withdrawal_reason": ""}
        file["sources"][1] |= {"contributors": [{"literal": "Another"}], "newer_edition": ""}
        file["implications"][0]["findings"] = ["F1", "F77"]
        file["key_messages"][0] |= {"findings": ["F77"], "implications": []}
        file["terms"][0] |= {"labels": [], "definition": "Another."}
        file["reviews"][0] |= {"sources": [{"source": "S2", "role": "background"}], "title": "Retitled"}
        file["findings"].append(finding("F77", theme="T1", citations=[{"source": "S1"}], tags=["new", "partnership"]))
        batch = planned(file, keeps_status=True)
        importing.choose_for_all(batch.rows.exclude(match="new"), "update")
        batch = importing.apply(batch)
        assert (batch.created_count, batch.updated_count) == (1, 7)
        assert dump() != before and faults() == []
        importing.undo(batch)
        assert dump() == before and faults() == []
        batch.refresh_from_db()
        assert batch.status == "undone"
        assert "import is undone" in refused(importing.undo, batch)[0]

    def test_a_whole_review_with_its_status_goes_again(self):
        data = exported(make_whole_review())
        emptied()
        before = dump()
        batch = importing.apply(importing.upload(REVIEW_FILE, data, "x.json", keeps_status=True))
        importing.undo(batch)
        assert dump() == before and faults() == []
        assert not Tag.objects.exists() and not EarlierSlug.objects.exists()

    def test_a_tag_that_others_use_by_now_stays(self):
        batch = taken_in(small(finding(tags=["new"])))
        factories.make_source().tags.add("new")
        importing.undo(batch)
        assert Tag.objects.get().name == "new"

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (lambda made: Finding.objects.update(body="Ours."), "body"),
            (lambda made: made.tags.add("late"), "tags"),
            (lambda made: Citation.objects.create(finding=made, source=factories.make_source()), "citations"),
            (lambda made: Finding.objects.update(status="in-review"), "status"),
        ],
    )
    def test_not_when_a_created_entry_was_changed(self, change, told):
        batch = taken_in(small())
        change(Finding.objects.get())
        assert refused(importing.undo, batch) == [f"F1 (Findings, entry 1): it has been changed since: {told}."]

    @pytest.mark.parametrize(
        ("use", "told"),
        [
            (lambda made: factories.make_implication([made]), "a practice point"),
            (lambda made: factories.make_key_message([made]), "a key message"),
            (lambda made: factories.make_finding(review=made.review), "a finding"),
        ],
    )
    def test_not_when_another_entry_uses_a_created_one(self, use, told):
        batch = taken_in(small())
        factories.make_review()
        use(Finding.objects.get())
        messages = refused(importing.undo, batch)
        assert any(message.endswith(f"it is used by now, in {told}.") for message in messages), messages

    def test_not_when_a_work_is_cited_by_now(self):
        batch = taken_in(document(sources=[{"code": "S1", "title": "A work"}]))
        factories.cite(factories.make_finding(), Source.objects.get())
        assert refused(importing.undo, batch) == ["S1 (Sources, entry 1): it is used by now, in a finding."]

    def test_not_when_an_updated_entry_was_changed_or_deleted(self):
        held = factories.make_finding(slug="ours", status="draft", published_on=None)
        batch = taken_in(document(findings=[{"code": "F1", "slug": "ours", "body": "Anew."}]))
        Finding.objects.update(body="Ours")
        assert refused(importing.undo, batch) == ["F1 (Findings, entry 1): it has been changed since: body."]
        held.delete()
        assert refused(importing.undo, batch) == ["F1 (Findings, entry 1): it has been deleted since."]

    def test_what_others_changed_in_other_fields_stays(self):
        held = factories.make_finding(slug="ours", body="Ours.")
        batch = taken_in(document(findings=[{"code": "F1", "slug": "ours", "body": "Anew.", "tags": ["new"]}]))
        Finding.objects.update(heading="Reworded since")
        cited = factories.cite(held, factories.make_source())
        importing.undo(batch)
        held.refresh_from_db()
        assert (held.body, held.heading, held.citations.get()) == ("Ours.", "Reworded since", cited)
        assert not held.tags.exists()

    def test_not_when_an_updated_entry_uses_a_created_one_by_now(self):
        held = factories.make_finding(slug="ours")
        sources = [{"code": "S1", "title": "A work"}]
        batch = taken_in(document(findings=[{"code": "F1", "slug": "ours", "body": "Anew."}], sources=sources))
        factories.cite(held, Source.objects.get())
        assert refused(importing.undo, batch) == ["S1 (Sources, entry 1): it is used by now, in a finding."]

    def test_a_created_entry_that_is_gone_is_no_obstacle(self):
        batch = taken_in(small())
        Finding.objects.all().delete()
        importing.undo(batch)
        assert not Theme.objects.exists()

    def test_a_preview_of_a_bibliography_does_not_stand_in_the_way(self):
        batch = taken_in(document(sources=[{"code": "S1", "title": "A work", "doi": "10.1000/a"}]))
        record = b"TY  - BOOK\nTI  - A work\nDO  - 10.1000/a\nER  - \n"
        assert importing.upload(BIBLIOGRAPHY, record, "list.ris").rows.get().matched
        importing.undo(batch)
        assert not Source.objects.exists()

    def test_a_code_once_given_is_not_given_again(self):
        importing.undo(taken_in(small()))
        taken_in(small())
        assert Finding.objects.get().code == "F2"


class TestPermission:
    LIBRARIAN = "add_source", "add_finding"

    def test_a_librarian_imports_drafts_and_undoes_them(self):
        librarian = a_user(*self.LIBRARIAN)
        batch = taken_in(small(), librarian)
        assert Finding.objects.get().status == "draft"
        importing.undo(batch, librarian)
        assert not Finding.objects.exists()

    def test_keeping_the_status_is_for_those_who_publish(self):
        librarian, editor = a_user(*self.LIBRARIAN), a_user(*self.LIBRARIAN, "publish_entries")
        assert "for editors" in refused(planned, small(), librarian, keeps_status=True)[0]
        batch = planned(small(), editor, keeps_status=True)
        assert "for editors" in refused(importing.apply, batch, user=librarian)[0]
        assert importing.apply(batch, user=editor).created_count == 3

    def test_updating_what_readers_see_is_for_those_who_publish(self):
        factories.make_finding(slug="ours")
        librarian = a_user(*self.LIBRARIAN, "change_finding")
        editor = a_user(*self.LIBRARIAN, "change_finding", "publish_entries")
        file = document(findings=[{"code": "F1", "slug": "ours", "body": "Anew."}])
        batch = planned(file, librarian)
        assert rows(batch) == {"F1": ("same", "skip")}
        told = refused(importing.apply, batch, {batch.rows.get().pk: "update"}, librarian)
        assert told == ["Findings, entry 1 (F1): you may not change F1, which is published."]
        batch = taken_in(file, editor)
        assert Finding.objects.get().body == "Anew."
        assert "you may not change it" in refused(importing.undo, batch, librarian)[0]
        importing.undo(batch, editor)

    def test_undoing_what_came_in_public_is_for_those_who_publish(self):
        public = {"status": "published", "published_on": "2020-01-02"}
        batch = taken_in(document(themes=[THEME | public]), keeps_status=True)
        assert "you may not change it" in refused(importing.undo, batch, a_user(*self.LIBRARIAN))[0]


class TestEarlierFiles:
    """Files that were exported before a field was given up."""

    @pytest.mark.parametrize(
        ("compiled_by", "who"),
        [
            ("Steve Flood", ("Flood", "Steve", "")),
            ("Imagined Reviews Team", ("", "", "Imagined Reviews Team")),
            ("Department of Health", ("", "", "Department of Health")),
        ],
    )
    def test_who_compiled_a_review_becomes_a_contributor_and_the_preview_says_so(self, compiled_by, who):
        file = json.loads(exported(make_whole_review()))
        emptied()
        file["reviews"][0].pop("contributors")
        file["reviews"][0]["compiled_by"] = compiled_by
        batch = planned(file)
        assert any(compiled_by in message and "compiler" in message for _, message, _ in batch.problems)
        importing.apply(batch)
        [person] = Review.objects.get().contributors.all()
        assert (person.role, (person.family, person.given, person.literal)) == ("compiler", who)

    def test_a_rung_of_the_ladder_is_left_out_and_the_preview_says_so(self):
        file = json.loads(exported(make_whole_review()))
        emptied()
        file["terms"][0]["rung"] = 3
        batch = planned(file)
        assert [place for place, message, _ in batch.problems if "ladder" in message] == ["Co-location"]
        importing.apply(batch)
        assert Term.objects.get().preferred_label == "Co-location"

    def test_a_file_that_lacks_the_new_fields_changes_nothing_of_them(self):
        review = make_whole_review()
        file = json.loads(exported(review))
        new = {
            "not_named",
            "not_known",
            "since_then",
            "questions",
            "audience",
            "kind_of_text",
            "bear_in_mind",
            "contributors",
        }
        for entries in (file["reviews"], file["findings"], file["implications"], file["themes"]):
            for entry in entries:
                for name in new & entry.keys():
                    del entry[name]
        file["findings"][0]["citations"] = [
            {name: value for name, value in row.items() if name != "covers"} for row in file["findings"][0]["citations"]
        ]
        batch = planned(file)
        assert [row.differences for row in batch.rows.exclude(kind="findings") if row.differences] == []
        assert not batch.rows.filter(match="new").exists()

    def test_a_workbook_names_its_compiler_in_the_column_of_before(self):
        table = "Title;Compiled by;Summary\nA review;Flood, Steve;What it is.\n"
        batch = importing.upload(REVIEW_FILE, table.encode(), "reviews.csv")
        assert batch.rows.get().record["contributors"][0]["family"] == "Flood"

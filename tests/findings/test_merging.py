"""Merging tags and terms: nothing is lost, nothing is there twice, and old addresses lead on."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from taggit.models import Tag

from curation.changelog import gathered
from curation.workflow import Refused
from findings import merging
from findings.models import EarlierTag, Term, TermLabel
from tests.factories import make_finding, make_implication, make_source, make_term, withdrawn
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


class TestTags:
    def test_no_entry_loses_a_tag_and_none_has_it_twice(self, editor):
        kept, other, third = [Tag.objects.create(name=name) for name in ["roles", "role", "Rolle"]]
        finding, point, source = make_finding(), make_implication(), make_source()
        finding.tags.add(kept, other)
        point.tags.add(other, third)
        source.tags.add(third)
        merging.merge(kept, [other, third], editor)
        for entry in [finding, point, source]:
            assert list(entry.tags.names()) == ["roles"]
        assert list(Tag.objects.all()) == [kept]

    def test_the_old_address_leads_to_the_kept_tag_also_after_the_next_merge(self, editor, client):
        kept, other, last = [Tag.objects.create(name=name) for name in ["roles", "role", "duties"]]
        make_finding().tags.add(other)
        merging.merge(kept, [other], editor)
        response = client.get("/tags/role/")
        assert (response.status_code, response["Location"]) == (301, "/tags/roles/")
        merging.merge(last, [kept], editor)
        assert client.get("/tags/role/")["Location"] == client.get("/tags/roles/")["Location"] == "/tags/duties/"
        assert client.get("/tags/duties/").status_code == 200

    def test_a_tag_that_takes_the_address_again_has_it(self, editor, client):
        kept, other = [Tag.objects.create(name=name) for name in ["roles", "role"]]
        merging.merge(kept, [other], editor)
        make_finding().tags.add("role")
        assert client.get("/tags/role/").status_code == 200
        merging.merge(kept, [Tag.objects.get(name="role")], editor)
        assert client.get("/tags/role/").status_code == 301

    def test_search_finds_by_the_kept_tag(self, editor):
        kept, other = [Tag.objects.create(name=name) for name in ["zebras", "quaggas"]]
        finding = make_finding()
        finding.tags.add(other)
        merging.merge(kept, [other], editor)
        assert find("zebras") == [finding.code]
        assert find("quaggas") == []

    def test_the_act_is_on_record_and_a_dump_keeps_the_address(self, editor, client, tmp_path):
        kept, other = [Tag.objects.create(name=name) for name in ["roles", "role"]]
        make_finding().tags.add(other)
        _, act = merging.merge(kept, [other], editor)
        assert act.note == "“role” merged into “roles”. 1 tag on a finding moved."
        file = tmp_path / "dump.json"
        call_command(
            "dumpdata", "findings.earliertag", "taggit.tag", natural_foreign=True, natural_primary=True, output=file
        )
        EarlierTag.objects.all().delete()
        call_command("loaddata", file, verbosity=0)
        assert client.get("/tags/role/")["Location"] == "/tags/roles/"

    def test_only_editors_merge(self, librarian):
        kept, other = [Tag.objects.create(name=name) for name in ["roles", "role"]]
        with pytest.raises(Refused, match="may not merge tags"):
            merging.merge(kept, [other], librarian)

    def test_it_takes_no_more_queries_for_thirty_entries_than_for_three(self, editor):
        taken = []
        for count in [1, 3, 30]:  # the first time, Django learns its content types
            kept, other = [Tag.objects.create(name=f"{name} {count}") for name in ["roles", "role"]]
            with gathered():
                for _ in range(count):
                    make_finding().tags.add(other)
                    make_finding().tags.add(kept, other)
            with gathered(), CaptureQueriesContext(connection) as queries:
                merging.merge(kept, [other], editor)
            taken.append(len(queries))
        assert taken[1] == taken[2]


class TestTerms:
    def test_labels_notes_and_the_name_go_to_the_kept_term(self, editor):
        kept = make_term("joint working", also_called=["partnership"])
        other = make_term("working together", also_called=["teamwork"], spellings=["co-working"])
        kept.notes.create(profession="Teachers", text="They say it.")
        other.notes.create(profession="Teachers", text="They say more.")
        other.notes.create(profession="Police", text="They say less.")
        kept, act = merging.merge(kept, [other], editor)
        assert {label.label: label.kind for label in kept.labels.all()} == {
            "partnership": "also-called",
            "teamwork": "also-called",
            "co-working": "spelling",
            "working together": "also-called",
        }
        assert {note.profession: note.text for note in kept.notes.all()} == {
            "Teachers": "They say it. They say more.",
            "Police": "They say less.",
        }
        kept.refresh_from_db()
        assert "The definition of “working together” was: What working together means." in act.note
        assert Term.objects.get() == kept

    def test_a_name_that_is_a_label_already_is_not_told_twice(self, editor):
        kept, other = make_term("joint working"), make_term("working together")
        TermLabel.objects.create(term=other, label="Joint Working")
        TermLabel.objects.create(term=kept, label="Working Together")
        merging.merge(kept, [other], editor)
        assert [label.label for label in kept.labels.all()] == ["Working Together"]

    def test_the_old_anchor_leads_to_the_kept_term_also_after_the_next_merge(self, editor, client):
        kept, other, last = make_term("joint working"), make_term("teamwork"), make_term("partnership")
        merging.merge(kept, [other], editor)
        merging.merge(last, [kept], editor)
        page = client.get("/glossary/").content.decode()
        place = page.index('<li id="partnership"')
        for anchor in ["joint-working", "teamwork"]:
            assert page.count(f'id="{anchor}"') == 1
            assert page.index(f'id="{anchor}"') > place

    def test_no_other_term_takes_the_anchor(self, editor):
        from django.core.exceptions import ValidationError

        merging.merge(make_term("joint working"), [make_term("teamwork")], editor)
        with pytest.raises(ValidationError, match="leads to “joint working”"):
            make_term("Team", slug="teamwork").full_clean()

    def test_search_finds_the_kept_term_by_the_other_name(self, editor):
        merging.merge(make_term("zebras"), [make_term("quaggas")], editor)
        assert str(Term.objects.get()) == "zebras"
        assert find("quaggas") == ["term"]

    def test_a_public_term_is_not_merged_into_one_that_readers_cannot_see(self, editor):
        with pytest.raises(Refused, match="“b” is public and “a” is not"):
            merging.merge(make_term("a", **DRAFT), [make_term("b")], editor)
        with pytest.raises(Refused, match="is withdrawn"):
            merging.merge(make_term("c"), [make_term("d", **withdrawn())], editor)

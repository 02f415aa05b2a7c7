"""Merging tags and terms on the desk, role by role."""

import pytest
from taggit.models import Tag

from curation.log import LogEntry
from findings.models import EarlierTag, Term
from tests.factories import make_finding, make_term
from tests.test_admin import address, form_data
from tests.test_desk import text

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def seen(page):
    """The states of what a page shows, as a browser would send them back."""
    return {f"seen-{entry.pk}": entry.token for entry in page.context["entries"]}


def choose(browser, model, entries, **also):
    sent = {"action": "merge", "_selected_action": [entry.pk for entry in entries], **also}
    return browser.post(address(model, "changelist"), sent, follow=True)


class TestTagsAndTerms:
    def test_tags_are_merged_from_their_list(self, desk):
        kept, other = [Tag.objects.create(name=name) for name in ["roles", "role"]]
        for n in range(3):
            make_finding().tags.add(other, *([kept] if n else []))
        page = choose(desk["Editor"], Tag, [kept, other])
        assert page.context["kept"] == other  # the more used one
        page = choose(desk["Editor"], Tag, [kept, other], keep=kept.pk, kept=other.pk)
        for words in [
            "1 tag on a finding will move to “roles”",
            "2 tags on findings (",
            "There is no button to undo this.",
        ]:
            assert words in text(page)
        done = choose(desk["Editor"], Tag, [kept, other], kept=kept.pk, confirm="1", **seen(page))
        assert "“role” merged into “roles”" in text(done)
        assert "/tags/role/" in text(done)
        assert list(Tag.objects.all()) == [kept]
        assert kept.findings_taggedfinding_items.count() == 3

    def test_terms_are_merged_from_their_list(self, desk):
        kept, other = make_term("joint working"), make_term("teamwork")
        page = choose(desk["Editor"], Term, [kept, other])
        assert "“teamwork” becomes another label of “joint working”" in text(page)
        done = choose(desk["Editor"], Term, [kept, other], kept=kept.pk, confirm="1", **seen(page))
        assert "/glossary/#teamwork" in text(done)
        assert [str(label) for label in kept.labels.all()] == ["teamwork"]

    @pytest.mark.parametrize("model", [Tag, Term])
    def test_only_editors_merge(self, desk, model):
        entries = _two(model)
        states = seen(choose(desk["Editor"], model, entries))
        for role in ["Librarian", None]:
            assert "Merge …" not in text(desk[role].get(address(model, "changelist")))
            choose(desk[role], model, entries, confirm="1", **states)
        assert model.objects.count() == 2

    @pytest.mark.parametrize("model", [Tag, Term])
    def test_what_changed_or_is_gone_is_told_and_nothing_is_merged(self, desk, model):
        entries = [*_two(model), model.objects.create(**_named(model, "third"))]
        page = choose(desk["Editor"], model, entries)
        model.objects.filter(pk=entries[1].pk).update(slug="changed")
        told = choose(desk["Editor"], model, entries, confirm="1", **seen(page))
        assert "changed while you were looking" in text(told)
        page = choose(desk["Editor"], model, entries)
        entries[2].delete()
        ids = [entry.pk for entry in page.context["entries"]]
        sent = {"action": "merge", "_selected_action": ids, "confirm": "1", **seen(page)}
        told = desk["Editor"].post(address(model, "changelist"), sent, follow=True)
        assert "one of those you chose is gone" in text(told)
        assert model.objects.count() == 2
        assert not LogEntry.objects.exists()

    def test_one_alone_is_not_enough(self, desk):
        tag = Tag.objects.create(name="role")
        assert "Choose two to 20 tags" in text(choose(desk["Editor"], Tag, [tag]))

    def test_a_second_tag_of_the_same_name_is_refused_in_words(self, desk):
        Tag.objects.create(name="Ünï", slug="uni")
        page = desk["Editor"].post(address(Tag, "add"), {"name": " ünï", "slug": "uni-2"})
        assert "There is a tag “Ünï” already" in text(page)
        assert Tag.objects.count() == 1

    @pytest.mark.parametrize(
        ("name", "typed", "slug"),
        [("日本", "", "tag-1"), ("日本", "日本", "tag-1"), ("Café", "café", "cafe"), ("Trust", "", "trust")],
    )
    def test_a_tag_gets_an_address_that_can_be_one_whatever_is_typed(self, desk, client, name, typed, slug):
        assert desk["Editor"].post(address(Tag, "add"), {"name": name, "slug": typed}).status_code == 302
        tag = Tag.objects.get()
        assert tag.slug == slug
        make_finding().tags.add(tag)
        assert client.get(f"/tags/{slug}/").status_code == 200
        page = address(Tag, "change", tag.pk)
        seen = desk["Editor"].get(page).context["adminform"].form.initial["state_seen"]
        sent = {"name": name, "slug": "", "state_seen": seen}
        assert desk["Editor"].post(page, sent).status_code == 302
        tag.refresh_from_db()
        assert tag.slug == slug and not EarlierTag.objects.exists()

    def test_a_name_of_which_nothing_can_be_seen_is_refused_in_words(self, desk):
        page = desk["Editor"].post(address(Tag, "add"), {"name": "\u200b\u00ad", "slug": ""})
        assert "Nothing of this name can be seen" in text(page)

    def test_a_tag_whose_address_changes_keeps_the_old_one(self, desk, client):
        tag = Tag.objects.create(name="role", slug="role")
        make_finding().tags.add(tag)
        page = address(Tag, "change", tag.pk)
        desk["Editor"].post(page, {**form_data(desk["Editor"].get(page)), "name": "Role", "slug": "roles"})
        assert (client.get("/tags/role/").status_code, client.get("/tags/roles/").status_code) == (301, 200)
        assert EarlierTag.objects.get().tag == tag


def _named(model, name):
    if model is Tag:
        return {"name": name, "slug": name}
    return {"preferred_label": name, "slug": name, "definition": "What it is."}


def _two(model):
    return [model.objects.create(**_named(model, name)) for name in ["first", "second"]]

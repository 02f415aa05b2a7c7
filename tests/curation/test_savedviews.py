"""Views of a list that somebody keeps under a name, for herself alone."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from taggit.models import Tag

from curation.models import SavedView
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from sources.models import Source
from tests.factories import make_finding
from tests.test_admin import address, populate

pytestmark = pytest.mark.django_db

KINDS = [Review, Theme, Finding, KeyMessage, PracticeImplication, Source, Term]


def text(response):
    return response.content.decode()


def keep(client, name, query, model=Finding):
    return client.post(f"{address(model, 'views')}?{query}", {"name": name, "query": query}, follow=True)


def above(client, model=Finding, query=""):
    """(name, address, whether it is what is shown) of the views above a list."""
    return client.get(f"{address(model, 'changelist')}?{query}").context["own_views"]


@pytest.mark.parametrize("model", KINDS)
def test_the_list_as_it_is_narrowed_searched_and_sorted_is_kept_under_a_name(desk, model):
    populate(2)
    query = "status__exact=published&q=1&o=-2"
    shown = desk["Librarian"].get(f"{address(model, 'changelist')}?{query}&p=1")
    page = f"{address(model, 'views')}?{shown.context['view_to_keep']}"
    assert page.replace("&", "&amp;") in text(shown)
    kept = desk["Librarian"].get(page).context["new"]["query"].value()
    assert kept == query
    saved = keep(desk["Librarian"], "Mine, sorted", kept, model)
    assert saved.redirect_chain[-1][0] == f"{address(model, 'changelist')}?{query}"
    assert "Mine, sorted" in text(saved)
    assert saved.context["cl"].query == "1" and saved.context["cl"].get_ordering_field_columns() == {2: "desc"}
    [(name, place, is_shown)] = above(desk["Librarian"], model, query)
    assert (name, is_shown) == ("Mine, sorted", True)
    assert desk["Librarian"].get(place)["Location"].endswith(query)
    assert not above(desk["Librarian"], model)[0][2]


def test_tags_have_views_too(desk):
    keep(desk["Librarian"], "Once", "used-once=yes", Tag)
    assert above(desk["Librarian"], Tag, "used-once=yes")[0][2]


def test_a_view_is_there_for_whoever_keeps_it_and_nobody_else(desk):
    keep(desk["Librarian"], "Mine", "q=trust")
    view = SavedView.objects.get()
    assert above(desk["Editor"]) == []
    assert desk["Editor"].get(address(Finding, "view", view.pk)).status_code == 404
    assert (
        desk["Editor"].post(address(Finding, "views"), {"view": view.pk, "delete": ""}, follow=True).status_code == 200
    )
    desk["Editor"].post(address(Finding, "views"), {"view": view.pk, "name": "Hers"})
    assert SavedView.objects.get().name == "Mine"
    assert keep(desk["Editor"], "Mine", "q=time").status_code == 200  # a name of hers
    for page in [address(Finding, "views"), address(Finding, "view", view.pk)]:
        assert desk[None].get(page).status_code == 403
    assert desk["Librarian"].get(address(Theme, "view", view.pk)).status_code == 404


def test_a_view_is_renamed_and_deleted(desk):
    keep(desk["Librarian"], "Mine", "q=trust")
    view = SavedView.objects.get()
    page = address(Finding, "views")
    assert "Rename" in text(desk["Librarian"].get(page))
    desk["Librarian"].post(page, {"view": view.pk, "name": "  On trust ", "rename": ""})
    view.refresh_from_db()
    assert (view.name, view.query) == ("On trust", "q=trust")
    told = desk["Librarian"].post(page, {"view": view.pk, "delete": ""}, follow=True)
    assert "The view “On trust” is deleted" in text(told)
    assert "was deleted already" in text(desk["Librarian"].post(page, {"view": view.pk, "delete": ""}, follow=True))
    assert "You keep no views yet" in text(desk["Librarian"].get(page))


def test_what_is_wrong_is_told_and_what_was_typed_stays(desk):
    keep(desk["Librarian"], "Mine", "q=trust")
    for name, query, told in [
        ("", "q=time", "Give the view a name."),
        ("Mine", "q=time", "You have a view of that name already"),
        ("x" * 61, "q=time", "at most 60 characters"),
        ("Other", "", "Narrow, search or sort the list first"),
        ("Other", "p=2", "Narrow, search or sort the list first"),
        ("Other", "q=" + "x" * 2000, "A view cannot keep that much"),
    ]:
        response = keep(desk["Librarian"], name, query)
        assert told in text(response), (name, query)
        assert response.context["new"]["name"].value() == name
    keep(desk["Librarian"], "Second", "q=time")
    second = SavedView.objects.get(name="Second")
    told = desk["Librarian"].post(address(Finding, "views"), {"view": second.pk, "name": "Mine"})
    assert "You have a view of that name already" in text(told)
    assert SavedView.objects.count() == 2


def test_a_list_has_twenty_views_of_one_person_at_most(desk):
    for n in range(20):
        keep(desk["Librarian"], f"View {n}", "q=trust")
    assert "which is the most. Delete one first." in text(keep(desk["Librarian"], "One more", "q=trust"))
    assert SavedView.objects.count() == 20
    keep(desk["Librarian"], "Of another list", "q=trust", Theme)
    assert SavedView.objects.count() == 21


@pytest.mark.databases
def test_the_database_keeps_one_view_of_a_name(desk, django_user_model):
    about = {"user": django_user_model.objects.get(username="librarian"), "model": "findings.finding", "name": "Mine"}
    SavedView.objects.create(query="q=a", **about)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(query="q=b", **about)


@pytest.mark.parametrize(
    "gone", ["no-such=1", "due=never", "status__exact=bogus", "theme__id__exact=99", "heading__x=1"]
)
def test_a_view_whose_filter_or_choice_is_gone_says_so_and_shows_the_rest(desk, gone):
    make_finding()
    make_finding(status="draft", published_on=None)
    keep(desk["Librarian"], "Mine", "q=a")
    SavedView.objects.update(query=f"{gone}&with=editor&stance__exact=barrier&o=1")
    response = desk["Librarian"].get(address(Finding, "view", SavedView.objects.get().pk), follow=True)
    assert response.redirect_chain[-1][0] == f"{address(Finding, 'changelist')}?with=editor&stance__exact=barrier&o=1"
    assert "Part of it is gone from the view “Mine”" in text(response)
    assert gone.split("=")[0] in text(response)
    SavedView.objects.update(query=gone)
    response = desk["Librarian"].get(address(Finding, "view", SavedView.objects.get().pk), follow=True)
    assert "What it showed is gone from the view “Mine”" in text(response)
    assert response.status_code == 200


def test_a_list_that_is_asked_for_by_a_filter_that_it_has_not_says_that_it_shows_all(desk):
    make_finding()
    response = desk["Librarian"].get(f"{address(Finding, 'changelist')}?published_on__bogus=1", follow=True)
    assert response.context["cl"].result_count == 1
    assert "cannot be narrowed that way, so all is shown" in text(response)


def test_views_go_with_the_account(desk, django_user_model):
    keep(desk["Librarian"], "Mine", "q=trust")
    django_user_model.objects.get(username="librarian").delete()
    assert not SavedView.objects.exists()


def test_a_list_takes_the_same_queries_for_many_views_as_for_few(desk):
    taken = []
    for count in (3, 15):
        for n in range(count):
            keep(desk["Librarian"], f"View {count} {n}", "q=trust")
        for page in [reverse("admin:findings_finding_changelist"), address(Finding, "views")]:
            desk["Librarian"].get(page)
            with CaptureQueriesContext(connection) as queries:
                desk["Librarian"].get(page)
            taken.append(len(queries))
    assert taken[:2] == taken[2:]

"""The tour of the desk: until somebody closes it, and then never again for her."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def home(client):
    return client.get(reverse("admin:index")).content.decode()


def test_it_is_there_until_it_is_closed_for_that_person_alone(desk):
    assert "New here?" in home(desk["Librarian"])
    desk["Librarian"].post("/admin/tour/close/")
    desk["Librarian"].post("/admin/tour/close/")
    assert "New here?" not in home(desk["Librarian"])
    assert "New here?" in home(desk["Editor"])


def test_it_leads_only_where_a_person_may_go(desk):
    for role in ["Librarian", "Editor", None]:
        page = home(desk[role])
        tour = page[page.index("New here?") : page.index("Close this for good")]
        links = [part.partition('"')[0] for part in tour.split('href="')[1:]]
        assert {desk[role].get(link).status_code for link in links} == {200}


def test_a_link_does_not_close_it(desk):
    assert desk["Editor"].get("/admin/tour/close/").status_code == 405
    assert "New here?" in home(desk["Editor"])

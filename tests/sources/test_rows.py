"""Rows that become objects by a shorter way are what Django makes of them."""

import pickle

import pytest
from django.apps import apps
from django.db import models

from sources.models import Source
from sources.rows import QuickRows
from tests.factories import make_source

pytestmark = pytest.mark.django_db
QUICK = [model for model in apps.get_models() if issubclass(model, QuickRows)]


@pytest.fixture
def source():
    return make_source(title="A study")


def test_they_are_what_django_makes(source):
    plain = models.Model.from_db.__func__
    names = [field.attname for field in Source._meta.concrete_fields]
    values = Source.objects.values_list(*names).get()
    quick, django = (
        QuickRows.from_db.__func__(Source, "default", names, values),
        plain(Source, "default", names, values),
    )
    state = quick.__dict__.pop("_state"), django.__dict__.pop("_state")
    assert quick.__dict__ == django.__dict__
    assert state[0].__dict__ == state[1].__dict__


def test_what_was_not_asked_for_comes_when_it_is_wanted(source, django_assert_num_queries):
    found = Source.objects.only("number").get()
    assert found.get_deferred_fields() >= {"title", "slug"}
    with django_assert_num_queries(1):
        assert found.title == "A study"
    assert "title" not in found.get_deferred_fields()


def test_they_can_be_saved_copied_and_pickled(source):
    found = pickle.loads(pickle.dumps(Source.objects.get()))
    found.title = "Another study"
    found.save()
    assert Source.objects.get().title == "Another study"


@pytest.mark.parametrize("model", QUICK, ids=str)
def test_no_model_of_them_has_what_only_django_s_way_looks_after(model):
    assert model.__init__ is models.Model.__init__
    assert not models.signals.post_init.has_listeners(model)
    assert not models.signals.pre_init.has_listeners(model)

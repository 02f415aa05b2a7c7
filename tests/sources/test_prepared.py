"""A prepared question finds what its QuerySet finds, by SQL that is put together once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import Count

from findings.models import Finding, Theme
from sources.entries import Status
from sources.prepared import Prepared, hold
from tests.factories import make_finding, make_theme

pytestmark = pytest.mark.django_db


@pytest.fixture
def findings():
    return [make_finding(heading=f"Finding {n}", theme=make_theme(name=f"Theme {n}")) for n in range(5)]


def test_it_finds_what_its_queryset_finds(findings):
    by_slug = Prepared(lambda slug: Finding.objects.filter(slug=slug).select_related("theme"))
    for finding in findings:
        found = by_slug.first(finding.slug)
        assert (found, found.theme.name, found.published_on) == (finding, finding.theme.name, finding.published_on)
    assert by_slug("no-such-slug") == []
    assert by_slug.first("no-such-slug") is None


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_it_takes_lists_of_any_length(findings, count):
    some = Prepared(lambda keys: Finding.objects.filter(pk__in=keys))
    assert some([finding.pk for finding in findings[:count]]) == findings[:count]


def test_it_takes_lists_of_texts_too(findings):
    some = Prepared(lambda slugs: Finding.objects.filter(slug__in=slugs))
    for count in [1, 3, 5]:
        assert some([finding.slug for finding in findings[:count]]) == findings[:count]


def test_of_an_empty_list_nothing_is_asked(findings, django_assert_num_queries):
    some = Prepared(lambda keys, status: Finding.objects.filter(pk__in=keys, status=status))
    with django_assert_num_queries(0):
        assert some([], "published") == []


def test_it_takes_several_values_in_any_place(findings):
    between = Prepared(
        lambda low, slug, high: (
            Finding.objects.filter(number__gt=low, number__lt=high).exclude(slug=slug).order_by("-pk")
        )
    )
    first, second, third, fourth, last = findings
    assert between(first.number, third.slug, last.number) == [fourth, second]
    assert between(first.number, first.slug, fourth.number) == [third, second]


def test_values_of_other_kinds_than_rows_are_found(findings):
    words = Prepared(lambda theme: Finding.objects.filter(theme=theme).values_list("heading", "theme__name"))
    assert words(findings[2].theme_id) == [("Finding 2", "Theme 2")]
    counts = Prepared(lambda: Finding.objects.order_by().values_list("status").annotate(n=Count("*")))
    assert counts() == [(Status.PUBLISHED, 5)]
    flat = Prepared(lambda: Theme.objects.order_by("name").values_list("name", flat=True))
    assert flat() == [f"Theme {n}" for n in range(5)]
    named = Prepared(lambda slug: Finding.objects.filter(slug=slug).values("heading"))
    assert named(findings[0].slug) == [{"heading": "Finding 0"}]


def test_unions_are_found(findings):
    either = Prepared(
        lambda one, other: (
            Finding.objects.filter(slug=one)
            .values_list("number")
            .order_by()
            .union(Finding.objects.filter(slug=other).values_list("number").order_by(), all=True)
        )
    )
    first, second = findings[:2]
    assert sorted(either(first.slug, second.slug)) == [(first.number,), (second.number,)]


def test_fields_that_were_left_out_are_fetched_when_they_are_asked_for(findings, django_assert_num_queries):
    short = Prepared(lambda slug: Finding.objects.filter(slug=slug).only("heading"))
    found = short.first(findings[0].slug)
    with django_assert_num_queries(1):
        assert found.body == findings[0].body


def test_its_sql_is_put_together_once_for_values_of_one_shape(findings):
    made = []

    def build(keys, slug):
        made.append(len(keys))
        return Finding.objects.filter(pk__in=keys).exclude(slug=slug)

    some = Prepared(build)
    for count in [3, 4, 3, 1, 4]:
        some([finding.pk for finding in findings[:count]], "none")
    assert made == [4, 1]


def test_a_question_that_can_have_no_answer_is_not_asked(django_assert_num_queries):
    nothing = Prepared(lambda slug: Finding.objects.filter(slug=slug).none())
    with django_assert_num_queries(0):
        assert nothing("any") == []


def test_a_value_that_the_queryset_changes_is_refused(findings):
    containing = Prepared(lambda text: Finding.objects.filter(heading__contains=text))
    with pytest.raises(ValueError, match="does not hand over"):
        containing("Finding")


def test_each_thread_asks_by_its_own_connection(findings):
    by_slug = Prepared(lambda slug: Finding.objects.filter(slug=slug))
    by_slug("any")

    class Asked(Exception):
        pass

    def refuse(*args):
        raise Asked

    def ask():
        try:
            with connection.execute_wrapper(refuse), pytest.raises(Asked):
                by_slug("any")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(ask).result()
    assert by_slug.first(findings[0].slug) == findings[0]


def test_what_is_held_is_not_asked_for(findings, django_assert_num_queries):
    finding = Prepared(lambda slug: Finding.objects.filter(slug=slug)).first(findings[0].slug)
    hold(finding, "citations", ["one"])
    hold(finding, "tags", ["red"])
    with django_assert_num_queries(0):
        assert (finding.citations.all(), finding.tags.all()) == (["one"], ["red"])

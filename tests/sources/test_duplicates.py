"""Which sources look like the same work, and which were said not to be."""

import pytest
from django.db import IntegrityError, transaction

from curation.changelog import gathered
from sources import duplicates
from sources.models import Different, Source
from tests.factories import make_source, withdrawn

pytestmark = [pytest.mark.databases, pytest.mark.django_db]

TITLE = "Interprofessional collaboration in community health services"


def found():
    codes = {source.pk: source.code for source in Source.objects.all()}
    return [[codes[pk] for pk in group] for group in duplicates.groups()]


def test_works_with_the_same_isbn_or_nearly_the_same_title_and_year_stand_together():
    make_source(title=TITLE, issued="2002")
    make_source(title="Quite another matter altogether", isbn="9780131103627")
    make_source(title=f"{TITLE}: a review", issued="2003", authors=[("Hudson", "Bob")])
    make_source(title="Quite another matter altogether", isbn="9780131103627", issued="1990")
    make_source(title=TITLE, issued="1985")
    make_source(title="Something else again that is like nothing")
    assert found() == [["S1", "S3"], ["S2", "S4"]]


def test_three_alike_are_one_group():
    for _ in range(3):
        make_source(title=TITLE)
    assert found() == [["S1", "S2", "S3"]]


def test_a_withdrawn_source_is_no_duplicate():
    make_source(title=TITLE)
    make_source(title=TITLE, **withdrawn())
    assert found() == []


def test_a_pair_that_was_told_apart_is_not_shown_again_and_the_rest_of_a_group_is():
    one, other = make_source(title=TITLE), make_source(title=TITLE)
    Different.objects.create(one=other, other=one)
    assert found() == []
    make_source(title=TITLE)
    # S3 is like both, so that all three have to be looked at.
    assert found() == [["S1", "S2", "S3"]]


def test_a_change_is_seen_at_once():
    make_source(title=TITLE)
    other = make_source(title="Something else again that is like nothing")
    assert found() == []
    other.title = TITLE
    other.save()
    assert found() == [["S1", "S2"]]


def test_a_pair_is_told_apart_once_whichever_comes_first():
    one, other = make_source(), make_source()
    Different.objects.create(one=one, other=other)
    for pair in [(one, other), (other, one), (one, one)]:
        with pytest.raises(IntegrityError), transaction.atomic():
            Different.objects.create(one=pair[0], other=pair[1])


def test_looking_takes_three_queries_for_three_sources_and_for_thirty(django_assert_num_queries):
    for count in [3, 27]:
        with transaction.atomic(), gathered():
            for _ in range(count):
                make_source(title=TITLE)
        with django_assert_num_queries(3):
            assert len(duplicates.groups()) == 1

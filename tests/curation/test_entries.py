"""Codes, earlier addresses, status and dates: tried by breaking them."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from curation.entries import CodeSeries, EarlierSlug, parse_code
from findings.models import Citation, Finding, PracticeImplication, Term
from sources.models import Contributor, Source
from tests.factories import (
    LONG_AGO,
    cite,
    make_finding,
    make_implication,
    make_review,
    make_source,
    make_term,
    make_theme,
    withdrawn,
)

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def refused(save):
    with pytest.raises(IntegrityError), transaction.atomic():
        save()


class TestCodes:
    def test_numbers_are_given_in_turn(self):
        assert [make_finding().number for _ in range(3)] == [1, 2, 3]

    def test_the_number_of_a_deleted_entry_is_never_given_again(self):
        make_finding()
        Finding.objects.get(pk=make_finding(number=40, status="draft").pk).delete()
        assert make_finding().number == 41

    def test_numbers_that_are_brought_are_kept_if_they_were_never_given(self):
        make_finding(number=3)
        assert CodeSeries.keep(Finding, [None, 3, 7, 7, 2, 10**9, 5]) == [8, 9, 7, 10, 11, 12, 5]
        assert make_finding().number == 13

    def test_the_number_of_entries_deleted_in_bulk_is_never_given_again(self):
        make_source(number=7)
        Contributor.objects.all().delete()
        Source.objects.all().delete()
        assert make_source().code == "S8"

    def test_a_code_is_unique(self):
        make_finding(number=5)
        refused(lambda: make_finding(number=5))

    @pytest.mark.parametrize("text", ["F0", "F01", "23", "FF3", "F", "F2.5", "F1000000000", "Ｆ2", "F²"])
    def test_what_is_not_a_code_is_refused(self, text):
        with pytest.raises(ValueError, match="not a code"):
            parse_code(text)

    def test_a_natural_key_of_another_kind_is_refused(self):
        make_finding(number=3)
        with pytest.raises(Finding.DoesNotExist):
            Finding.objects.get_by_natural_key("S3")


class TestEarlierSlugs:
    def test_a_published_slug_is_remembered(self):
        finding = Finding.objects.get(pk=make_finding(slug="old").pk)
        finding.slug = "new"
        finding.save()
        assert EarlierSlug.objects.get().slug == "old"

    def test_a_drafts_slug_is_not(self):
        finding = make_finding(slug="old", status="draft", published_on=None)
        finding.slug = "new"
        finding.save()
        assert not EarlierSlug.objects.exists()

    def test_going_back_to_an_earlier_slug_forgets_it_and_keeps_the_other(self):
        finding = make_finding(slug="old")
        for slug in ["new", "old"]:
            finding.slug = slug
            finding.save()
        assert [earlier.slug for earlier in EarlierSlug.objects.all()] == ["new"]

    def test_a_slug_that_led_to_another_entry_is_refused(self):
        finding = make_finding(slug="old")
        finding.slug = "new"
        finding.save()
        other = make_finding()
        other.slug = "old"
        with pytest.raises(ValidationError, match="once led to"):
            other.full_clean()

    def test_an_implication_that_changes_its_element_is_remembered_by_both(self):
        implication = make_implication(slug="lead", element="joint-enterprise")
        implication.element = "mutual-engagement"
        implication.save()
        assert EarlierSlug.objects.get().slug == "joint-enterprise/lead"


class TestStatusAndDates:
    def test_a_published_entry_has_a_date(self):
        refused(lambda: make_finding(published_on=None))

    def test_a_withdrawn_entry_has_a_reason_and_a_date(self):
        refused(lambda: make_finding(**withdrawn(withdrawal_reason="")))
        refused(lambda: make_finding(**withdrawn(withdrawn_on=None)))

    def test_wording_cannot_change_before_publication(self):
        refused(lambda: make_finding(wording_changed_on=LONG_AGO - datetime.timedelta(days=1)))

    def test_a_status_is_one_of_the_four(self):
        refused(lambda: make_finding(status="secret"))

    def test_a_finding_is_not_published_before_its_theme_and_review(self):
        finding = make_finding(theme=make_theme(status="draft", published_on=None))
        with pytest.raises(ValidationError, match="first"):
            finding.full_clean()

    def test_due_for_review_lists_what_is_due_and_nothing_else(self):
        due = make_finding(review_due_on=LONG_AGO)
        make_finding(review_due_on=LONG_AGO + datetime.timedelta(days=1))
        make_finding()
        make_finding(review_due_on=LONG_AGO, status="draft")
        assert list(Finding.objects.due_for_review(LONG_AGO)) == [due]


class TestRules:
    def test_slugs_stand_once_where_they_must(self):
        make_finding(slug="same")
        refused(lambda: make_finding(slug="same"))
        make_implication(slug="same", element="joint-enterprise")
        make_implication(slug="same", element="mutual-engagement")
        refused(lambda: make_implication(slug="same", element="mutual-engagement"))

    def test_stance_and_element_are_known_words(self):
        refused(lambda: make_finding(stance="good"))
        refused(lambda: make_implication(element="leadership"))

    def test_an_entry_says_something(self):
        refused(lambda: make_finding(heading=""))
        refused(lambda: make_theme(name=""))
        refused(lambda: make_source(title=""))

    def test_citations_stand_in_order_and_once(self):
        finding, source = make_finding(), make_source()
        cite(finding, source, order=1)
        refused(lambda: cite(finding, make_source(), order=1))
        refused(lambda: cite(finding, source, order=2))
        cite(finding, source, order=2, locator="7", locator_label="page")

    def test_a_locator_has_a_label(self):
        refused(lambda: cite(make_finding(), make_source(), locator="7"))

    def test_a_cited_source_cannot_be_deleted(self):
        cite(make_finding(), source := make_source())
        with pytest.raises(IntegrityError):
            source.delete()
        assert Citation.objects.exists()

    def test_a_contributor_is_a_person_or_an_organisation(self):
        source = make_source(authors=[])
        refused(lambda: Contributor.objects.create(source=source))
        refused(lambda: Contributor.objects.create(source=source, family="Frost", literal="A body"))
        refused(lambda: Contributor.objects.create(source=source, literal="A body", given="N"))

    def test_two_sources_never_share_a_doi_unless_one_is_withdrawn(self):
        make_source(doi="10.1/a")
        refused(lambda: make_source(doi="10.1/a"))
        make_source(doi="10.1/a", **withdrawn())

    def test_identifiers_are_checked_and_put_in_order(self):
        source = make_source(isbn="0521663636", doi="10.1/a")
        source.doi = "https://doi.org/10.1017/CBO9780511803932"
        source.full_clean()
        assert (source.isbn, source.doi) == ("9780521663632", "10.1017/cbo9780511803932")
        source.issn = "1"
        with pytest.raises(ValidationError, match="not an ISSN"):
            source.full_clean()

    def test_a_label_belongs_to_one_term_in_either_case(self):
        term = make_term("Co-location", also_called=["shared office"])
        refused(lambda: make_term("Other", also_called=["Shared Office"]))
        refused(lambda: make_term("CO-LOCATION", slug="x"))
        label = term.labels.model(term=term, label="co-location")
        with pytest.raises(ValidationError, match="preferred label"):
            label.full_clean()

    def test_an_entry_has_a_tag_once(self):
        finding = make_finding()
        finding.tags.add("trust")
        finding.tags.add("Trust")
        assert finding.tags.count() == 1


def test_what_a_finding_rests_on_is_worked_out_from_its_citations():
    finding = make_finding(review=make_review())
    assert finding.evidence_basis == "review-only"
    cite(finding, make_source(study_design="survey"))
    assert Finding.objects.with_citations().get().evidence_basis == "named-source"
    cite(finding, make_source(study_design="systematic-review"))
    assert Finding.objects.with_citations().get().evidence_basis == "systematic-review"


def test_a_source_that_is_no_more_than_a_draft_is_not_shown_as_evidence():
    finding = make_finding()
    cite(finding, make_source(status="draft", published_on=None, study_design="systematic-review"))
    assert Finding.objects.with_citations().get().evidence_basis == "review-only"


def test_who_sees_what(django_user_model):
    draft = make_finding(status="draft", published_on=None)
    public = make_finding()
    gone = make_finding(**withdrawn())
    reader, staff = django_user_model(), django_user_model(is_staff=True)
    assert list(Finding.objects.visible_to(reader)) == [public]
    assert set(Finding.objects.visible_to(staff)) == {draft, public}
    assert gone not in Finding.objects.visible_to(staff)
    assert not PracticeImplication.objects.visible_to(reader).exists()
    assert not Term.objects.visible_to(reader).exists()

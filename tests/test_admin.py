"""Every model can be edited in the admin, and no list asks the database once a row."""

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.urls import reverse
from taggit.forms import TagField
from taggit.models import Tag

from curation.changelog import gathered
from curation.models import EarlierSlug
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from sources.models import Source
from tests.factories import (
    cite,
    make_finding,
    make_implication,
    make_key_message,
    make_review,
    make_source,
    make_term,
    make_theme,
)

pytestmark = [pytest.mark.databases, pytest.mark.django_db]

MODELS = [Review, Theme, Finding, KeyMessage, PracticeImplication, Source, Term, Tag]


def populate(count):
    for n in range(count):
        review, theme = make_review(title=f"Review {n}"), make_theme(name=f"Theme {n}")
        finding = make_finding(review=review, theme=theme)
        finding.tags.add(f"tag {n}")
        cite(finding, make_source(authors=[("Hudson", "B"), ("Other", "A")]))
        make_implication([finding], review=review)
        make_key_message([finding], review=review)
        make_term(f"Word {n}", also_called=[f"a{n}", f"b{n}"])


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_every_model_a_librarian_works_with_has_a_desk():
    assert {*MODELS, EarlierSlug} <= set(admin.site._registry)


def test_a_list_takes_the_same_queries_for_three_rows_as_for_thirty(admin_client, django_assert_max_num_queries):
    ContentType.objects.get_for_models(*MODELS)  # which a process looks up once
    taken = {}
    for count in [3, 30]:
        with transaction.atomic():
            with gathered():
                populate(count)
            for model in MODELS:
                with django_assert_max_num_queries(13, info=model.__name__) as queries:
                    assert admin_client.get(address(model, "changelist"), {"q": ""}).status_code == 200
                taken.setdefault(model, []).append(len(queries))
            transaction.set_rollback(True)
    assert {model for model, (three, thirty) in taken.items() if three != thirty} == set()


@pytest.mark.parametrize("model", MODELS)
def test_forms_open_and_searches_answer(admin_client, model):
    populate(2)
    entry = model.objects.first()
    for page in [address(model, "add"), address(model, "change", entry.pk), f"{address(model, 'changelist')}?q=1"]:
        assert admin_client.get(page).status_code == 200
    if model is not Tag:
        redirect = admin_client.get(reverse("admin:view_on_site", args=[_content_type(model).pk, entry.pk]))
        assert redirect.status_code in (200, 302) or entry.get_absolute_url()


def _content_type(model):
    from django.contrib.contenttypes.models import ContentType

    return ContentType.objects.get_for_model(model)


def form_data(response):
    """What a browser would send back from the form as it stands."""
    form = response.context["adminform"].form
    data = {}
    for holder in [form, *(f for formset in response.context["inline_admin_formsets"] for f in formset.formset.forms)]:
        for bound in holder:
            value = bound.value()
            if isinstance(bound.field, TagField):
                data[bound.html_name] = bound.field.widget.format_value(value) or ""
            elif isinstance(value, bool):
                data |= {bound.html_name: "on"} if value else {}
            elif value is not None:
                data[bound.html_name] = [str(getattr(v, "pk", v)) for v in value] if isinstance(value, list) else value
    for formset in response.context["inline_admin_formsets"]:
        data |= {
            formset.formset.management_form[name].html_name: formset.formset.management_form[name].value()
            for name in formset.formset.management_form.fields
        }
    return data


def test_a_finding_is_written_with_citation_and_tags_and_gets_its_code(admin_client):
    review, theme, source = make_review(), make_theme(), make_source()
    response = admin_client.post(
        address(Finding, "add"),
        {
            "review": review.pk,
            "theme": theme.pk,
            "stance": "barrier",
            "heading": "Something",
            "slug": "something",
            "bottom_line": "In short.",
            "body": "At length.",
            "tags": "trust, information sharing",
            "status": "draft",
            "citations-TOTAL_FORMS": 1,
            "citations-INITIAL_FORMS": 0,
            "citations-0-source": source.pk,
            "citations-0-order": 1,
            "citations-0-number": 5,
        },
    )
    assert response.status_code == 302
    finding = Finding.objects.get()
    assert finding.code == "F1"
    assert sorted(finding.tags.names()) == ["information sharing", "trust"]
    assert finding.citations.get().number == 5


def test_a_rule_broken_in_a_form_is_told_in_words_and_nothing_is_saved(admin_client):
    source = make_source(doi="10.1000/a")
    other = make_source()
    page = address(Source, "change", other.pk)
    data = form_data(admin_client.get(page))
    response = admin_client.post(page, {**data, "doi": source.doi})
    assert "Another source has this DOI: S1" in response.content.decode()
    response = admin_client.post(page, {**data, "isbn": "123", "status": "withdrawn"})
    assert "not an ISBN" in response.content.decode()
    other.refresh_from_db()
    assert (other.doi, other.isbn, other.status) == ("", "", "published")


def test_what_is_wrong_stands_above_a_form_with_links_to_its_fields(admin_client):
    source = make_source(title="After Gillick", title_italics="Gillick", status="draft", published_on=None)
    page = address(Source, "change", source.pk)
    wrong = {"title": "", "issued": "soon", "contributors-0-order": "many"}
    shown = admin_client.post(page, form_data(admin_client.get(page)) | wrong).content.decode()
    summary = shown.partition('<div class="errornote">')[2].partition("</div>")[0]
    for field, label in [
        ("id_title", "Title"),
        ("id_issued", "Date"),
        ("id_contributors-0-order", "Who made it, 1: Order"),
    ]:
        assert f'<a href="#{field}">{label}</a>: ' in summary
        assert f'id="{field}"' in shown
    assert summary.count("<li>") == 3


def test_a_slug_changed_in_a_form_keeps_the_old_address(admin_client, client):
    theme = make_theme(slug="before")
    page = address(Theme, "change", theme.pk)
    response = admin_client.post(
        page, {**form_data(admin_client.get(page)), "slug": "after", "kind_of_change": "correction"}
    )
    assert response.status_code == 302
    assert client.get("/themes/before/")["Location"] == "/themes/after/"


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Social Work", ["Social Work"]),
        ("Social Work; trust, silos", ["Social Work", "silos", "trust"]),
        ('"Health, social care", 日本', ["Health, social care", "日本"]),
        ("tr\x00ust", ["tr ust"]),
    ],
)
def test_tags_come_back_from_a_form_as_they_were_typed_and_go_in_again_unchanged(admin_client, typed, names):
    source = make_source()
    page = address(Source, "change", source.pk)
    change = {"kind_of_change": "correction"}
    sent = {**form_data(admin_client.get(page)), **change, "tags": typed}
    assert admin_client.post(page, sent).status_code == 302
    assert sorted(source.tags.names()) == names
    shown = form_data(admin_client.get(page))
    assert admin_client.post(page, {**shown, **change}).status_code == 302
    assert sorted(source.tags.names()) == names
    assert Source.objects.get().tags.count() == len(names) == len(set(names))


def test_a_tag_that_is_too_long_is_refused_in_words_and_stays_in_the_field(admin_client):
    page = address(Source, "change", make_source().pk)
    sent = {**form_data(admin_client.get(page)), "kind_of_change": "correction", "tags": "x" * 101}
    told = admin_client.post(page, sent)
    assert "a tag has 100 at most" in told.content.decode() and "x" * 101 in told.content.decode()


def test_existing_tags_are_suggested_to_those_who_may_see_tags(desk, client, django_assert_max_num_queries):
    for n in range(30):
        Tag.objects.create(name=f"Évaluation {n:02}")
    desk["Librarian"].get("/admin/")  # which renews the session
    with django_assert_max_num_queries(6):
        found = desk["Librarian"].get("/admin/taggit/tag/suggest/?q=EVAL").json()["suggestions"]
    assert [one["text"] for one in found] == [f"Évaluation {n:02}" for n in range(10)]
    assert desk["Librarian"].get("/admin/taggit/tag/suggest/?q=%00%20").json() == {"suggestions": []}
    assert desk[None].get("/admin/taggit/tag/suggest/?q=eval").status_code == 403
    assert client.get("/admin/taggit/tag/suggest/?q=eval").status_code == 302


def test_the_field_of_tags_says_how_they_are_divided(desk):
    page = desk["Librarian"].get(address(Finding, "add")).content.decode()
    assert "Divided by commas or semicolons" in page and "js/suggest" in page


def test_the_action_of_taggit_that_loses_tags_is_not_offered(admin_client):
    Tag.objects.create(name="trust", slug="trust")
    assert "merge_tags" not in admin_client.get(address(Tag, "changelist")).content.decode()

"""Every page of the desk, found by its links, with titles that are long and words that do not break: none is wider than
the window, and each is accessible, light and dark."""

from collections import Counter
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import Resolver404, resolve, reverse
from taggit.models import Tag

from curation import workflow
from curation.history import recording
from curation.log import LogEntry
from curation.models import Comment, SavedView
from findings.extraction.bringing_in import bring_in
from findings.extraction.plain import read_plain
from findings.models import Finding
from joinedup.search.models import MissedSearch
from tests.browser.desk import log_in
from tests.factories import (
    cite,
    make_finding,
    make_implication,
    make_key_message,
    make_review,
    make_source,
    make_term,
    make_theme,
    withdrawn,
)
from tests.findings.extraction.conftest import GARDEN

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WIDTHS = [1280, 768]
OF_A_KIND = 2  # pages of one name that are looked at: one may be of an entry that is public, another of a draft
UNBROKEN = "Zusammenarbeitsvereinbarungsverordnung_" * 2
LONG = f"In one study of six services {UNBROKEN} staff who shared an office said https://example.org/{'x' * 80}"
# What has no page to look at, or none before somebody sends something.
NO_PAGE = {
    *("autocomplete", "jsi18n", "due_calendar", "logout", "close_tour", "view_on_site", "app_list", "login"),
    *("suggest", "export", "template", "trail_csv", "check_links", "view"),
    *("open", "checks", "take_back"),  # of the reading, for its script
    None,  # redirects of Django's
}


def crowd(user, other):
    """Entries of every kind in every state, all with long words; gives addresses that no link may lead to."""
    review = make_review(title=LONG, series=LONG[:200], publisher=LONG[:200], compilers=[(UNBROKEN, UNBROKEN)])
    theme = make_theme(name=LONG[:200])
    source = make_source([(UNBROKEN, UNBROKEN)] * 3, title=LONG, container_title=LONG, url=f"https://e.org/{'x' * 300}")
    same = make_source([(UNBROKEN, UNBROKEN)], title=LONG, status="draft", published_on=None)
    public = make_finding(review=review, theme=theme, heading=LONG[:200], bottom_line=LONG, body=LONG)
    draft = make_finding(review=review, theme=theme, heading=LONG[:200], status="draft", published_on=None)
    sent = make_finding(review=review, theme=theme, heading=LONG[:200], status="draft", published_on=None)
    gone = make_finding(review=review, theme=theme, heading=LONG[:200], **withdrawn(withdrawal_reason=LONG))
    cite(public, source, note=LONG[:200])
    cite(public, same)
    make_key_message([public], review=review, heading=LONG[:200], body=LONG)
    make_implication([public], review=review, heading=LONG[:200], summary=LONG)
    term, twin = (
        make_term(UNBROKEN, also_called=[UNBROKEN[:60]]),
        make_term(f"{UNBROKEN} too", status="draft", published_on=None),
    )
    for one in (public, draft):
        one.tags.add(UNBROKEN, UNBROKEN[:70])
    with recording(Finding, [public.pk, draft.pk], user):
        for one in (public, draft):
            one.body = LONG * 2
            one.save()
    workflow.perform(LogEntry.Name.SEND_FOR_REVIEW, sent, user)
    workflow.perform(LogEntry.Name.SEND_BACK, sent, other, LONG)
    Comment.objects.create(entry=draft, by=other, to=user, text=LONG)
    SavedView.objects.create(user=user, model="findings.finding", name=UNBROKEN[:60], query=f"q={'x' * 300}")
    missed = MissedSearch.objects.create(text=UNBROKEN, results=0, day="2026-01-01")
    bring_in(review, read_plain(f"{GARDEN}\n\n{LONG}. {LONG}."), f"{UNBROKEN}.txt", user)
    tags = list(Tag.objects.filter(name__startswith="Zusammen"))
    pages = [f"{reverse('admin:sources_source_merge')}?source={source.pk}&source={same.pk}"]
    pages += [reverse(f"admin:{name}", args=[pk]) for name, pk in [
        ("findings_finding_change", public.pk),
        ("findings_finding_change", gone.pk),
        ("findings_finding_notes", draft.pk),
        ("findings_review_change", review.pk),
        ("findings_term_delete", twin.pk),
        ("findings_term_change", term.pk),
        ("taggit_tag_delete", tags[0].pk),
        ("search_missedsearch_label", missed.pk),
        ("search_missedsearch_question", missed.pk),
        ("reset_two_step", other.pk),
    ]]  # fmt: skip
    pages += [f"{reverse('admin:find')}?q=Zusammenarbeit", f"{reverse('admin:findings_finding_changelist')}?e=1"]
    pages += [f"{reverse('admin:findings_finding_views')}?q={'x' * 200}", reverse("admin:password_change")]
    return pages


def crawl(page, desk, start):
    """Go from page to page; yields the address of each when it is shown."""
    site = desk.removesuffix("/admin/")
    waiting, seen, looked_at = [urlsplit(desk).path, *start], set(), Counter()
    while waiting:
        address = waiting.pop(0)
        path, _, query = address.partition("?")
        try:
            match = resolve(path)
        except Resolver404:
            continue
        name = match.url_name
        kind = name, str(match.kwargs.get("name", match.kwargs.get("type", ""))), bool(query)
        if address in seen or match.namespace != "admin" or is_no_page(name) or looked_at[kind] >= OF_A_KIND:
            continue
        seen.add(address)
        looked_at[kind] += 1
        response = page.goto(site + address)
        assert response.status == 200, (response.status, address)
        page.wait_for_load_state("networkidle")
        yield address
        links = page.eval_on_selector_all("a[href]", "links => links.map((one) => one.href)")
        waiting += [link.removeprefix(site).partition("#")[0] for link in links if link.startswith(desk)]


def is_no_page(name):
    return kind_of(name) in NO_PAGE


def kind_of(name):
    models = (f"{model._meta.app_label}_{model._meta.model_name}_" for model in admin.site._registry)
    return next((name.removeprefix(start) for start in models if name and name.startswith(start)), name)


def test_every_page_of_the_desk_fits_and_is_accessible(desk, browser, django_user_model):
    user = django_user_model.objects.get(username="editor")
    # axe tries styles of its own, which the policy forbids: it has a browser that knows none.
    page = browser.new_context(bypass_csp=True, reduced_motion="reduce").new_page()
    log_in(page, desk, "editor")
    user.is_superuser, user.first_name = True, UNBROKEN
    user.save()
    Group.objects.create(name=UNBROKEN)
    start = crowd(user, django_user_model.objects.get(username="second"))
    too_wide, violations = {}, {}
    for address in crawl(page, desk, start):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            taken = page.evaluate("document.documentElement.scrollWidth")
            if taken > width:
                too_wide[address, width] = taken
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for rule in Axe().run(page).response["violations"]:
                violations[address, scheme, rule["id"]] = [node["html"][:160] for node in rule["nodes"]][:2]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    assert too_wide == {}
    assert violations == {}

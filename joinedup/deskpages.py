"""Pages of the desk beside lists and forms: the first page, work across kinds, finding, and what falls due."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import admin
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from taggit.models import Tag

from curation.duecalendar import calendar, falling_due
from curation.lately import lately
from curation.log import LogEntry
from curation.tasks import Row, Task, admin_url, count_of, may_view
from findings import desk
from findings.codes import entry_for
from findings.models import Finding, KeyMessage, PracticeImplication, Review, Term, Theme
from joinedup.search.desk import MissedTask
from sources.models import Source

TASKS = [*desk.TASKS, MissedTask()]
SECTIONS = [
    (Finding, "Findings"),
    (PracticeImplication, "Practice points"),
    (KeyMessage, "Key messages"),
    (Theme, "Themes"),
    (Source, "Sources"),
    (Review, "Reviews"),
    (Term, "Glossary"),
    (Tag, "Tags"),
    (LogEntry, "Log"),
]
ON_A_PAGE = 50  # entries of a kind on a page of work across kinds
FOUND_OF_A_KIND = 10
DUE_AT_HOME = 6


@dataclass(frozen=True)
class Part:
    """Some entries of a kind, and the list of all of them."""

    title: str
    rows: list
    more: int
    url: str


def home(request):
    """What the first page shows, as context."""
    user = request.user
    grouped = {group: [] for group in desk.GROUPS}
    for task in TASKS:
        if card := task.card(user):
            grouped[task.group].append(card)
    return {
        "title": greeting(user),
        "now": timezone.now(),
        "groups": [(name, cards) for name, cards in grouped.items() if cards],
        "waits": sum(bool(card.count) for card in grouped[desk.WITH_YOU]),
        "may_write": user.has_perm("findings.add_finding"),
        "may_add_sources": user.has_perm("sources.add_source"),
        "due": falling_due(user, desk.CURATED, DUE_AT_HOME),
        "today": timezone.localdate(),
        "lately": lately(user),
        "others": others(request),
    }


def others(request):
    """(name, address) of the lists that stand in no row of links."""
    shown = {model for model, _ in SECTIONS}
    models = [model for app in admin.site.get_app_list(request) for model in app["models"]]
    return [(one["name"], one["admin_url"]) for one in models if one["admin_url"] and one["model"] not in shown]


def greeting(user):
    hour = timezone.localtime().hour
    part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    return f"Good {part}, {user.get_short_name() or user.get_username()}"


def work(request, name):
    """All that waits for one thing, kind by kind."""
    task = next((task for task in desk.TASKS if task.name == name and isinstance(task, Task)), None)
    kinds = task.seen_by(request.user) if task else []
    if not kinds:
        raise Http404("There is no such list of work.")
    parts = []
    for model, count in task.counts(request.user, kinds).items():
        rows = task.rows(request.user, [model], ON_A_PAGE)
        parts.append(Part(count_of(count, model), rows, count - len(rows), task.list_url(model)))
    return _page(request, "admin/work.html", title=task.title, parts=parts)


def find(request):
    """Entries of every kind by code, name or words; straight to it where there is one."""
    text = request.GET.get("q", "").strip()
    entry = entry_for(text) if text else None
    if entry is not None and may_view(request.user, type(entry)):
        return redirect(admin_url(type(entry), "change", entry.pk))
    parts = [part for model in desk.CURATED if text and (part := _found(request, model, text))]
    if len(parts) == 1 and len(parts[0].rows) == 1:
        return redirect(parts[0].rows[0].url)
    return _page(request, "admin/find.html", title="Find at the desk", parts=parts, text=text, desk_query=text)


def _found(request, model, text):
    held = admin.site.get_model_admin(model)
    if not may_view(request.user, model):
        return None
    entries, _ = held.get_search_results(request, held.get_queryset(request), text)
    entries = list(entries[: FOUND_OF_A_KIND + 1])
    if not entries:
        return None
    url = f"{admin_url(model, 'changelist')}?{urlencode({'q': text})}"
    rows = [Row(model, one.pk, getattr(one, "code", ""), str(one), None, "") for one in entries[:FOUND_OF_A_KIND]]
    return Part(capfirst(model._meta.verbose_name_plural), rows, len(entries) > FOUND_OF_A_KIND, url)


def due(request):
    """The checks that fall due, by month."""
    return _page(request, "admin/due.html", title="What falls due", due=falling_due(request.user, desk.CURATED))


def due_calendar(request):
    """The same as a calendar file, for whoever is logged in."""
    host = request.get_host()
    rows = falling_due(request.user, desk.CURATED)
    text = calendar(rows, host.split(":")[0], timezone.now(), lambda row: request.build_absolute_uri(row.url))
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="checks-that-fall-due.ics"'
    return response


def sections(request):
    """The links of the row on top: kinds that somebody may see."""
    here = request.resolver_match
    shown = []
    for model, label in SECTIONS:
        if may_view(request.user, model):
            prefix = f"{model._meta.app_label}_{model._meta.model_name}_"
            name = (here and here.url_name) or ""
            current = "page" if name == f"{prefix}changelist" else "true" if name.startswith(prefix) else ""
            shown.append({"label": label, "url": admin_url(model, "changelist"), "current": current})
    return shown


def _page(request, template, **context):
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context})

"""From an address to an entry, or to where it went: the same rules for every kind of entry."""

from functools import wraps

from django.conf import settings
from django.http import Http404, HttpResponsePermanentRedirect
from django.shortcuts import render

from curation.entries import EarlierSlug
from curation.routes import site_url


class Moved(Exception):
    def __init__(self, entry):
        self.entry = entry


class Gone(Exception):
    def __init__(self, entry):
        self.entry = entry


def find(request, queryset, slug_path, **lookup):
    """What `lookup` finds in `queryset`, if the reader who asks may see it.

    Raises `Moved` for an address that an entry had before (`slug_path`) or that of an entry merged into another, `Gone`
    for a withdrawn one, Http404 otherwise; `answers_for_entries` turns the first two into responses.
    """
    model, entry = queryset.model, queryset.filter(**lookup).first()
    if entry is None:
        earlier = EarlierSlug.objects.filter(letter=model.LETTER, slug=slug_path).first()
        entry = earlier and model.objects.filter(number=earlier.number).first()
        if entry and (entry.is_withdrawn or may_see(request, entry)):
            raise Moved(entry.leads_to)
        raise Http404(f"No {model._meta.verbose_name} has this address.")
    if entry.leads_to != entry:
        raise Moved(entry.leads_to)
    if entry.is_withdrawn:
        raise Gone(entry)
    if not may_see(request, entry):
        raise Http404(f"No {model._meta.verbose_name} has this address.")
    return entry


def may_see(request, entry):
    return entry.is_public or (not entry.is_withdrawn and request.user.is_staff)


def answers_for_entries(view):
    """Let `view` call `find`: an earlier address, or that of a merged entry, answers 301, a withdrawn entry 410 with
    its tombstone."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except Moved as moved:
            return HttpResponsePermanentRedirect(moved.entry.get_absolute_url())
        except Gone as gone:
            answer = tombstone if request.accepts("text/html") else tombstone_in_text
            return answer(request, gone.entry)

    return wrapped


def tombstone(request, entry):
    context = {"entry": entry, "replacement": replacement_of(entry), "cite_as": how_to_cite(entry, site_url(request))}
    return render(request, "410.html", context, status=410)


def tombstone_in_text(request, entry):
    """The tombstone for whoever asked for a file."""
    context = {"entry": entry, "replacement": replacement_of(entry), "cite_as": how_to_cite(entry, site_url(request))}
    return render(request, "410.txt", context, content_type="text/plain; charset=utf-8", status=410)


def replacement_of(entry):
    """What readers are told to use instead, or None."""
    return entry.replaced_by if entry.replaced_by and entry.replaced_by.is_public else None


def how_to_cite(entry, site):
    """An entry as a web document in one line: who, year, title, code, address, and what happened to it since. `site` is
    where the site is."""
    year = entry.worded_on.year if entry.worded_on else "unpublished draft"
    withdrawn = f", withdrawn {entry.withdrawn_on:%-d %B %Y}" if entry.is_withdrawn else ""
    address = site + entry.short_url
    return f"{settings.SITE_NAME} ({year}) ‘{entry}’. {entry.kind.capitalize()} {entry.code}{withdrawn}. {address}"

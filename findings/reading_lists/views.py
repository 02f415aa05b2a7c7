"""The reading list: its page, its handout and its files."""

from functools import wraps
from importlib import import_module
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.timezone import localdate
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from curation.concurrency import Busy, a_turn
from curation.routes import site_url
from findings.handouts import pdf
from findings.handouts.handout import make_handout
from findings.handouts.measure import TooLong, sides
from findings.reading_lists.acts import Done, applied
from findings.reading_lists.naming import MOST_IN
from findings.reading_lists.options import HOLDS, Options
from findings.reading_lists.reading_list import MOST, MOST_LAID_OUT, ReadingList, records
from sources.bibliography.formats import WRITTEN
from sources.bibliography.references import STYLES
from sources.exporting import export

NAME = "reading-list"
# The modules that write them: with the libraries of some, loaded when the first such file is asked for.
FILES = {"docx": "word", "pptx": "slides", "pdf": "pdf", "csv": "spreadsheet"}
LAID_OUT = {"docx": "A Word document", "pptx": "A presentation", "pdf": "A PDF"}

BUSY = "Many handouts are being made just now. Try again in a minute.\n"


# No token against forgery: nothing is stored that somebody else could forge, and a token would need a cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def reading_list(request):
    """The page of a list. What its form asks for leads to the address of the list that comes of it."""
    if request.method == "POST":
        chosen, done = applied(ReadingList.read(request.POST), request.POST)
        if not chosen.notices:
            return HttpResponseRedirect(_address_after(chosen, done, request.POST), status=303)
        return _page(request, chosen, done)
    asked = ReadingList.read(request.GET)
    if request.GET.get("add"):
        return redirect(f"{reverse(NAME)}?{asked.plus(request.GET['add'][:2000]).query_as_typed}")
    return _page(request, asked, request.GET.get("done", ""))


def _address_after(chosen, done, sent):
    """The address of a list that tells what was done, and keeps the note of what was removed so that it can be put
    back."""
    parameters = {"items": chosen.items, **chosen.naming.parameters, "done": done}
    code, _, did = done.partition(".")
    if did.startswith("removed") and (note := sent.get(f"n{code}")):
        parameters[f"n{code}"] = note[: MOST_IN["note"]]
    query = urlencode({name: value for name, value in parameters.items() if value}, safe=",")
    return f"{reverse(NAME)}?{query}" + (f"#{code}" if code in chosen else "")


def _page(request, asked, done):
    entries = asked.entries()
    shown = asked.shown(entries)
    address = site_url(request) + shown.address
    handout = make_handout(entries, shown, site_url(request))
    done = Done.read(done, shown.codes)
    return render(
        request,
        "findings/reading_list.html",
        {
            "list": shown,
            "handout": handout,
            "address": address,
            "done": done,
            "note_kept": request.GET.get(f"n{done.code}", "")[: MOST_IN["note"]] if done and done.back else "",
            "longest": MOST_IN,
            "checks": f"{reverse('check')}?{shown.query_to_check(localdate())}",
            "notices": [*asked.notices, *filter(None, [asked.left_out(entries)])],
            "files": WRITTEN.items(),
            "makes_pdf": pdf.is_available(),
        },
    )


def _in_turn(view):
    """503 while too many of these are being made."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        try:
            with a_turn():
                return view(request, *args, **kwargs)
        except Busy:
            headers = {"Retry-After": "10", "Cache-Control": "no-store"}
            return HttpResponse(BUSY, status=503, content_type="text/plain; charset=utf-8", headers=headers)

    return wrapped


@require_safe
@_in_turn
def handout(request):
    asked = ReadingList.read(request.GET)
    options = Options.read(request.GET)
    entries = asked.entries()
    if not entries:
        return redirect(f"{reverse(NAME)}?{asked.query_as_typed}")
    shown = asked.shown(entries)
    made = make_handout(entries, shown, site_url(request), options.style, with_points=options.practice)
    return render(
        request,
        "findings/handout.html",
        {
            "list": shown,
            "handout": made,
            "options": options,
            "query": f"{shown.query}&{options.query}",
            "sides": sides(made, options),
            "styles": STYLES.items(),
            "holds": HOLDS,
            "notices": [*options.problems, *asked.notices, *filter(None, [asked.left_out(entries)])],
            "makes_pdf": pdf.is_available(),
        },
    )


@require_safe
@_in_turn
def reading_list_file(request, extension):
    extension = extension.lower()
    asked = ReadingList.read(request.GET)
    options = Options.read(request.GET, body=extension == "docx")
    problems = options.problems
    if asked.left_over:
        problems.append(f"A list holds at most {MOST} entries. Leave out {asked.left_over}.")
    elif extension in LAID_OUT and len(asked.codes) > MOST_LAID_OUT:
        problems.append(
            f"{LAID_OUT[extension]} holds at most {MOST_LAID_OUT} entries, and the list has {len(asked.codes)}. Make "
            "two lists of it, or print its handout."
        )
    entries = [] if problems else asked.entries()
    if not problems and not entries:
        problems += [*asked.notices, *filter(None, [asked.left_out(entries)])]
        problems.append(f"Nothing is listed. Name entries by their codes: {request.path}?items=F3,F23")
    if problems:
        return _refusal(problems)
    site = site_url(request)
    shown = asked.shown(entries)
    name = slugify(shown.naming.title) or NAME
    if extension in WRITTEN:
        with_sources = "sources" in request.GET.getlist("with")
        return export(list(records(entries, site, with_sources)), extension, name)
    if extension == "pdf" and not pdf.is_available():
        return render(request, "findings/no_pdf.html", {"list": shown}, status=501)
    made = make_handout(entries, shown, site, options.style, with_points=extension == "pdf" and options.practice)
    kind = import_module(f"findings.handouts.{FILES[extension]}")
    try:
        content = kind.write(made, options)
    except TooLong as too_long:
        return _refusal([str(too_long)])
    return HttpResponse(
        content,
        content_type=kind.MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}.{extension}"'},
    )


def _refusal(problems):
    return HttpResponse("\n".join(problems) + "\n", status=400, content_type="text/plain; charset=utf-8")

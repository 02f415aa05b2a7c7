"""The reading list: its page, its handout and its files."""

from dataclasses import dataclass, field
from functools import wraps
from importlib import import_module
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from curation.concurrency import Busy, a_turn
from curation.routes import site_url
from findings.handouts import pdf
from findings.handouts.handout import make_handout
from findings.handouts.measure import TooLong, sides
from findings.reading_lists.reading_list import MOST, ReadingList, records
from sources.bibliography.formats import WRITTEN
from sources.bibliography.references import STYLES
from sources.exporting import export

NAME = "reading-list"
# The modules that write them: with the libraries of some, loaded when the first such file is asked for.
FILES = {"docx": "word", "pptx": "slides", "pdf": "pdf", "csv": "spreadsheet"}
MOST_LAID_OUT = 100  # entries of a file whose every entry costs tens of milliseconds
LAID_OUT = {"docx": "A Word document", "pptx": "A presentation", "pdf": "A PDF"}

BUSY = "Many handouts are being made just now. Try again in a minute.\n"


@dataclass
class Options:
    """What a handout is to hold and look like, and what of the question made no sense."""

    body: bool
    large: bool
    style: str
    problems: list = field(default_factory=list)

    @classmethod
    def read(cls, parameters, body=False):
        """`body` holds where the parameters do not say."""
        options = cls(body, False, "harvard")
        for name in ["body", "large"]:
            value = parameters.get(name, "")
            if value in {"0", "1"}:
                setattr(options, name, value == "1")
            elif value:
                options.problems.append(f"“{name}” can be 1 or 0, not “{value[:40]}”.")
        style = parameters.get("style", "") or "harvard"
        if style in STYLES:
            options.style = style
        else:
            options.problems.append(f"There is no style “{style[:40]}”: there are {', '.join(STYLES)}.")
        return options

    @property
    def query(self):
        return {"body": int(self.body), "large": int(self.large), "style": self.style}


def _items(request):
    return ",".join(request.GET.getlist("items"))


def _asked(request):
    return ReadingList.parse(_items(request)).with_merged()


@require_safe
def reading_list(request):
    if request.GET.get("add"):
        # What is no code is told by the page that this leads to.
        items = ",".join(filter(None, [_items(request), request.GET["add"][:200].strip()]))
        return redirect(f"{reverse(NAME)}?{urlencode({'items': items}, safe=',')}")
    asked = _asked(request)
    entries = asked.entries()
    shown = ReadingList(tuple(entry.code for entry in entries))
    address = site_url(request) + shown.address
    handout = make_handout(entries, address, site_url(request))
    last = len(entries) - 1
    rows = [
        {
            "item": item,
            "up": shown.moved(item.code, -1).address if place else "",
            "down": shown.moved(item.code, +1).address if place < last else "",
            "remove": shown.minus(item.code).address,
        }
        for place, item in enumerate(handout.items)
    ]
    return render(
        request,
        "findings/reading_list.html",
        {
            "list": shown,
            "rows": rows,
            "handout": handout,
            "address": address,
            "most": MOST,
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
    asked = _asked(request)
    options = Options.read(request.GET)
    entries = asked.entries()
    if not entries:
        return redirect(f"{reverse(NAME)}?{urlencode({'items': _items(request)}, safe=',')}")
    shown = ReadingList(tuple(entry.code for entry in entries))
    made = make_handout(entries, site_url(request) + shown.address, site_url(request), options.style)
    return render(
        request,
        "findings/handout.html",
        {
            "list": shown,
            "handout": made,
            "options": options,
            "query": urlencode({**options.query, "items": shown.items}, safe=","),
            "sides": sides(made, options.body, options.large),
            "styles": STYLES.items(),
            "notices": [*options.problems, *asked.notices, *filter(None, [asked.left_out(entries)])],
            "makes_pdf": pdf.is_available(),
        },
    )


@require_safe
@_in_turn
def reading_list_file(request, extension):
    extension = extension.lower()
    asked = _asked(request)
    options = Options.read(request.GET, body=extension == "docx")
    wanted = request.GET.get("with", "")
    problems = options.problems
    if wanted not in {"", "sources"}:
        problems.append(f"“with” can only be “sources”, not “{wanted[:40]}”.")
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
    if extension in WRITTEN:
        return export(list(records(entries, site, with_sources=wanted == "sources")), extension, NAME)
    shown = ReadingList(tuple(entry.code for entry in entries))
    if extension == "pdf" and not pdf.is_available():
        return render(request, "findings/no_pdf.html", {"list": shown}, status=501)
    made = make_handout(entries, site + shown.address, site, options.style)
    looks = {} if extension == "csv" else {"body": options.body, "large": options.large}
    kind = import_module(f"findings.handouts.{FILES[extension]}")
    try:
        content = kind.write(made, **looks)
    except TooLong as too_long:
        return _refusal([str(too_long)])
    return HttpResponse(
        content,
        content_type=kind.MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{NAME}.{extension}"'},
    )


def _refusal(problems):
    return HttpResponse("\n".join(problems) + "\n", status=400, content_type="text/plain; charset=utf-8")

"""The page that checks a handout."""

from django import forms
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from curation.routes import site_url
from curation.sandbox import Unreadable
from findings.handout_check.files import ENDINGS, MAX_PARAGRAPHS, TOO_LARGE, read_apart
from findings.handout_check.reading import (
    BETWEEN,
    MOST_MENTIONS,
    Paragraph,
    codes_in,
    day_named,
    mentions_in,
    paragraphs_of,
)
from findings.handout_check.report import check
from findings.handout_check.uploads import InMemory

MAX_UPLOAD = 100 * 1024 * 1024  # a larger one is not even read to its end
MOST_ITEMS = 4000  # characters

TEXT_TOO_LONG = "The text is too long. Upload it as a file, or check it in parts."
NOTHING = (
    "No link and no code of ours was found. A code is a letter and a number, such as F23. Paste the short links, or "
    "write “finding” before the code."
)


class CheckForm(forms.Form):
    text = forms.CharField(required=False, strip=False)
    file = forms.FileField(required=False, allow_empty_file=True)
    made_on = forms.CharField(required=False)

    def clean_text(self):
        return self.cleaned_data["text"].replace("\r\n", "\n").replace("\r", "\n")

    def clean_made_on(self):
        written = self.cleaned_data["made_on"]
        made_on = day_named(written)
        if written and not made_on:
            raise forms.ValidationError("Write a date such as 12 March 2025 or 2025-03-12.")
        if made_on and made_on > timezone.localdate():
            raise forms.ValidationError("This day is still to come. When did you make it?")
        return made_on

    def clean(self):
        cleaned = super().clean()
        if "file" in cleaned and "text" in cleaned and bool(cleaned["file"]) == bool(cleaned["text"].strip()):
            raise forms.ValidationError("Paste text or choose a file: one of the two.")
        return cleaned

    def paragraphs(self):
        """What to look through. Raises Unreadable."""
        file = self.cleaned_data["file"]
        if file:
            return read_apart(file.read(), file.name)
        return paragraphs_of(self.cleaned_data["text"], MAX_PARAGRAPHS)


@never_cache
@csrf_exempt  # nothing is changed or kept, so that no reader needs a cookie, and too large a file is told in words
@require_http_methods(["GET", "HEAD", "POST"])
def check_handout(request):
    if request.method != "POST":
        return _asked(request)
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_UPLOAD:
        return _page(request, CheckForm(), problem=TOO_LARGE)
    request.upload_handlers = [InMemory(request)]
    try:
        request.POST  # noqa: B018 - reading it is what may fail
    except RequestDataTooBig:
        return _page(request, CheckForm(), problem=TEXT_TOO_LONG)
    except (BadRequest, SuspiciousOperation):
        return _page(request, CheckForm(), problem="This could not be read. Try again, or paste the text.")
    return _posted(request)


def _posted(request):
    form = CheckForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    try:
        paragraphs = form.paragraphs()
    except Unreadable as unreadable:
        return _page(request, form, problem=str(unreadable))
    mentions = mentions_in(paragraphs, site_url(request))
    return _checked(request, form, paragraphs, mentions, is_whole=not form.cleaned_data["file"])


def _asked(request):
    """The page, or what became of the codes in its address."""
    items = ",".join(request.GET.getlist("items"))
    if not items.strip(" ,"):
        return _page(request, CheckForm())
    form = CheckForm({"text": items, "made_on": request.GET.get("made_on", "")})
    form.is_valid()
    notices = [f"The date was passed over. {error}" for error in form.errors.pop("made_on", [])]
    made_on = form.cleaned_data.get("made_on")
    if len(items) > MOST_ITEMS:
        notices.append(f"The address is very long: only its first {MOST_ITEMS:,} characters were looked at.")
        items = items[:MOST_ITEMS]
    mentions = codes_in(items)
    left = [piece for piece in BETWEEN.split(items) if piece and not codes_in(piece)]
    if left:
        named = ", ".join(f"“{piece[:20]}”" for piece in left[:8])
        notices.append(f"Passed over, because it is no code: {named}. A code is a letter and a number, such as F23.")
    if not mentions:
        return _page(request, form, notices=notices)
    report = check([Paragraph(items)], mentions, site_url(request), made_on)
    return _page(request, form, report=report, notices=notices)


def _checked(request, form, paragraphs, mentions, is_whole):
    report = check(paragraphs, mentions, site_url(request), form.cleaned_data["made_on"], is_whole)
    if not report.rows:
        return _page(request, form, problem=" ".join(filter(None, [NOTHING, report.not_ours])))
    notices = [*filter(None, [report.not_ours])]
    if len(paragraphs) >= MAX_PARAGRAPHS:
        notices.append(f"Only the first {MAX_PARAGRAPHS:,} paragraphs were looked at. Check the rest by itself.")
    if len(mentions) >= MOST_MENTIONS:
        notices.append(f"Only the first {MOST_MENTIONS} links and codes were looked at. Check the rest by itself.")
    return _page(request, form, report=report, notices=notices, is_file=not is_whole)


def _page(request, form, report=None, problem="", notices=(), is_file=False):
    context = {
        "form": form,
        "report": report,
        "problem": problem or next(iter(form.non_field_errors()), ""),
        "notices": notices,
        "is_file": is_file,
        "endings": ENDINGS,
    }
    return render(request, "findings/check.html", context)

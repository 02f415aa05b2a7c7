"""The desk's page of the second reader."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import path, reverse

from curation.text import in_lines
from curation.workflow import Refused
from findings.extraction import marking, secondreading
from findings.extraction.models import desk_address
from findings.extraction.readingadmin import address_of
from findings.extraction.remarks import WORDED
from findings.extraction.secondreading import AGREED, KEPT, SENT_BACK, TO_READ

AT_ONCE = 5
SHOWN = [(TO_READ, "To read"), (KEPT, "With checks kept"), (SENT_BACK, "Sent back"), (AGREED, "Agreed")]


class HasSecondReaders:
    """For the ModelAdmin of reviews."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.second_reader_view)
        return [path("<int:pk>/second-reader/", view, name="findings_review_second_reader"), *super().get_urls()]

    def second_reader_view(self, request, pk):
        review = self.review_for(request, pk)
        pairs = secondreading.pairs(review)
        problem, asked = "", ""
        if request.method == "POST":
            asked = request.POST.get("code", "")
            problem = _record(request, pairs, asked)
            if not problem:
                if "stop" in request.POST:
                    return redirect("admin:findings_review_reading", pk)
                return redirect(f"{reverse('admin:findings_review_second_reader', args=[pk])}?after={asked}")
        show = request.GET.get("show", TO_READ)
        show = show if show in dict(SHOWN) else TO_READ
        shown = [pair for pair in _behind(request.GET.get("after"), pairs) if _is_in(pair, show)]
        counts = [(key, label, sum(_is_in(pair, key) for pair in pairs)) for key, label in SHOWN]
        return self.desk_page(
            request,
            "second_reader",
            review,
            "Is it what the review says?",
            show=show,
            counts=counts,
            bar=_bar(pairs),
            number=len(pairs),
            cards=[_card(pair, pair.entry.code == asked and request.POST) for pair in shown[:AT_ONCE]],
            more=max(0, len(shown) - AT_ONCE),
            problem=problem,
            may_read=request.user.has_perm("curation.publish_entries"),
            back=reverse("admin:findings_review_reading", args=[pk]),
        )


def _record(request, pairs, code):
    """Record what the second reader says of an entry. What is wrong, in a sentence; empty if it is done."""
    if not request.user.has_perm("curation.publish_entries"):
        raise PermissionDenied
    pair = next((pair for pair in pairs if pair.entry.code == code), None)
    verdict, note = request.POST.get("verdict"), in_lines(request.POST.get("note", ""))
    if pair is None:
        return "This entry has no passage any more. Look at the list again."
    if request.POST.get("read") != pair.read:
        return f"{code} was changed while you were reading. It stands below as it is now: read it once more."
    try:
        if verdict == "agree":
            secondreading.agree(pair, request.user, note, publish="publish" in request.POST)
            messages.success(request, f"{code} is what the review says, you agree.")
        elif verdict == "send-back":
            secondreading.send_back(pair, request.user, note)
            messages.success(request, f"{code} went back, with your note.")
        elif verdict != "later":
            return "Say whether you agree, send it back, or read it later."
    except Refused as refusal:
        return str(refusal)
    return ""


def _behind(code, pairs):
    """The pairs behind the one with this code first: what was left for later comes last."""
    place = next((place for place, pair in enumerate(pairs, 1) if pair.entry.code == code), 0)
    return pairs[place:] + pairs[:place]


def _is_in(pair, show):
    return bool(pair.kept) if show == KEPT else pair.state == show


def _card(pair, typed):
    entry, first = pair.entry, pair.passages[0].sentence
    heading, *texts = [text for text in _wording(entry) if text]
    return {
        "pair": pair,
        "entry": entry,
        "url": desk_address(entry),
        "passages": [(marking.with_hedges(passage.wording), address_of(passage.sentence)) for passage in pair.passages],
        "heading": marking.with_hedges(heading),
        "texts": [marking.with_hedges(text) for text in texts],
        "labels": ", ".join(dict.fromkeys(passage.sentence.label for passage in pair.passages)),
        "section": first.section.title,
        "remarks": pair.remarks,
        "read": pair.read,
        "note": typed.get("note", "") if typed else "",
        "verdict": typed.get("verdict", "agree") if typed else "agree",
    }


def _wording(entry):
    return [getattr(entry, name) for name in WORDED[type(entry)]]


def _bar(pairs):
    total, start, pieces = len(pairs) or 1, 0.0, []
    for name, state in [("done", AGREED), ("aside", SENT_BACK), ("open", TO_READ)]:
        width = 100 * sum(pair.state == state for pair in pairs) / total
        pieces.append((name, f"{start:.2f}", f"{width:.2f}"))
        start += width
    return pieces

"""The desk's pages for the text of a review: bring it in, read it, make entries of it, correct it."""

import dataclasses
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from curation.givenback import data_for
from curation.sandbox import Unreadable
from curation.text import tidy
from findings.extraction import bringing_in, checks, coverage, making, marking, removing
from findings.extraction.documents import read_apart
from findings.extraction.forms import FORMS, AddForm, AsideForm, TextForm
from findings.extraction.models import Passage, ReviewText, Sentence, State, Use, desk_address
from findings.extraction.remarks import remarks_on
from findings.models import Review

ON_A_PAGE = 120  # sentences
MOST_CHOSEN = 50
KEYS = {
    Use.FINDING: "F",
    Use.KEY_MESSAGE: "K",
    Use.PRACTICE_POINT: "P",
    Use.THEME: "",
    Use.CITATION: "C",
    Use.TERM: "T",
    Use.ABOUT: "",
    Use.ASIDE: "X",
}
NEEDS = {use: f"{model._meta.app_label}.add_{model._meta.model_name}" for use, model in making.MODELS.items()}


def of_its_text(view):
    """A view of a review and its text; where there is none, or none any more, it leads to where one is brought in."""

    @wraps(view)
    def of_text(self, request, pk):
        review = self.review_for(request, pk)
        text = ReviewText.objects.filter(review=review).first()
        if text is None:
            messages.info(request, f"There is no text of {name_of(review)} here. Bring one in.")
            return redirect("admin:findings_review_text", pk)
        return view(self, request, review, text)

    return of_text


class ReadsTexts:
    """For the ModelAdmin of reviews."""

    def get_urls(self):
        views = [
            ("reading/", self.reading_view, "reading"),
            ("reading/text/", self.text_view, "text"),
            ("reading/delete/", self.delete_text_view, "delete_text"),
            ("reading/open/", self.open_view, "open"),
            ("reading/checks/", self.checks_view, "checks"),
            ("reading/correct/<int:sentence>/", self.correct_view, "correct"),
            ("reading/take-back/<int:passage>/", self.take_back_view, "take_back"),
        ]
        return [
            *(
                path(f"<int:pk>/{address}", self.admin_site.admin_view(view), name=f"findings_review_{name}")
                for address, view, name in views
            ),
            *super().get_urls(),
        ]

    def review_for(self, request, pk):
        """The review; raises Http404 or PermissionDenied."""
        review = get_object_or_404(Review, pk=pk)
        if not (request.user.has_perm("findings.work_on_text") and self.has_view_permission(request, review)):
            raise PermissionDenied
        return review

    def desk_page(self, request, template, review, title, **context):
        return TemplateResponse(
            request,
            f"admin/findings/extraction/{template}.html",
            {**self.admin_site.each_context(request), "opts": self.opts, "review": review, "title": title, **context},
        )

    # Bringing it in

    def text_view(self, request, pk):
        review = self.review_for(request, pk)
        form, loses = TextForm(data_for(request), request.FILES or None, label_suffix=""), None
        may_lose = request.user.has_perm("curation.publish_entries")
        if request.method == "POST" and form.is_valid():
            try:
                data, name = form.contents()
                blocks, agreed = read_apart(data), may_lose and form.cleaned_data["loses"]
                text = bringing_in.bring_in(review, blocks, name, request.user, loses=agreed)
            except Unreadable as error:
                form.add_error(None, list(error.messages))
            except bringing_in.Refused as refusal:
                form.add_error(None, str(refusal))
                loses = refusal if isinstance(refusal, bringing_in.Loses) else None
            else:
                number = text.sentences.count()
                messages.success(request, f"The text was read: {number:,} sentences. Only the desk sees it.")
                return redirect("admin:findings_review_reading", pk)
        return self.desk_page(
            request,
            "text",
            review,
            f"Bring in the text of {name_of(review)}",
            form=form,
            loses=loses,
            may_lose=may_lose,
            held=ReviewText.objects.filter(review=review).first(),
        )

    @of_its_text
    def delete_text_view(self, request, review, text):
        """Say what goes with the text; delete it if nothing was made of it since that was said."""
        if not request.user.has_perm("curation.publish_entries"):
            raise PermissionDenied
        passages = list(removing.passages_of(text))
        told = f"{text.pk} {len(passages)} {max((passage.pk for passage in passages), default=0)}"
        if request.method == "POST" and request.POST.get("told") == told:
            removing.delete_for_good(text, request.user)
            messages.success(request, f"The text of {name_of(review)} was deleted, with every passage of it.")
            return redirect("admin:findings_review_change", review.pk)
        if request.method == "POST":
            messages.warning(request, "Something was made of it while you were looking. Look again before it goes.")
        made = removing.made_of(passages)
        return self.desk_page(
            request,
            "delete_text",
            review,
            f"Delete the text of {name_of(review)}",
            text=text,
            told=told,
            number=text.sentences.count(),
            made=made,
            entries=[(entry, desk_address(entry), count) for entry, count in made.entries.items()],
        )

    # Reading

    @of_its_text
    def reading_view(self, request, review, text):
        desk = Desk(request, text)
        if request.method == "POST":
            done = desk.post()
            if done:
                return redirect(done)
        return self.desk_page(request, "reading", review, f"Reading {name_of(review)}", **desk.context())

    def checks_view(self, request, pk):
        """The checks of what is being typed, as a piece of the page."""
        review = self.review_for(request, pk)
        desk = Desk(request, get_object_or_404(ReviewText, review=review))
        return TemplateResponse(request, "admin/findings/extraction/_checks.html", {"checked": desk.checked()})

    @of_its_text
    def open_view(self, request, review, text):
        """An editor says why the review may be published though passages are open."""
        if not request.user.has_perm("curation.publish_entries"):
            raise PermissionDenied
        because = tidy(request.POST.get("because", ""))
        if request.method == "POST" and because:
            text.open_because, text.open_because_by, text.open_because_at = because, request.user, timezone.now()
            text.save()
            messages.success(request, "Recorded: the review may be published though passages are open.")
        elif request.method == "POST":
            messages.error(request, "Say why it may be published though passages are open.")
        return redirect("admin:findings_review_reading", review.pk)

    def take_back_view(self, request, pk, passage):
        review = self.review_for(request, pk)
        found = get_object_or_404(Passage, pk=passage, sentence__text__review=review)
        sentence = found.sentence
        if request.method == "POST":
            making.take_back(found)
            messages.success(request, f"Sentence {sentence.label} was taken back. What was made of it stays as it is.")
        return redirect(address_of(sentence))

    def correct_view(self, request, pk, sentence):
        review = self.review_for(request, pk)
        found = get_object_or_404(Sentence, pk=sentence, text__review=review)
        if request.method == "POST":
            acts = {
                "edit": lambda: bringing_in.edit(found, request.POST.get("wording", "")),
                "divide": lambda: bringing_in.divide(found, request.POST.get("before", "")),
                "join": lambda: bringing_in.join(found),
            }
            try:
                acts.get(request.POST.get("act"), lambda: None)()
            except bringing_in.Refused as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, f"Sentence {found.label} was corrected.")
                return redirect(address_of(found))
        return self.desk_page(request, "correct", review, f"Correct sentence {found.label}", sentence=found)


def name_of(review):
    return review.series or review.title


def address_of(sentence, **more):
    """The reading view with a sentence in hand."""
    asked = {"s": sentence.label, **more}
    address = reverse("admin:findings_review_reading", args=[sentence.text.review_id])
    return f"{address}?{urlencode(asked)}#s{sentence.label}"


class Desk:
    """A look at a text: which sentences are in hand, and what is to be made of them."""

    def __init__(self, request, text):
        self.request, self.text = request, text
        data = request.POST if request.method == "POST" else request.GET
        typed = data_for(request)
        self.data = typed if typed is not None else None
        self.problem = ""
        labels = data.getlist("s")[:MOST_CHOSEN]
        try:
            self.chosen = making.choose(text, labels, data.get("part", "") or data.get("part_words", ""))
        except making.Refused as refusal:
            self.problem, self.chosen = str(refusal), making.choose(text, labels)
        if labels and not self.chosen and not self.problem:
            self.problem = f"There is no sentence {', '.join(labels)[:80]} in this text."
        self.use = data.get("make", "") if data.get("make", "") in Use.values else ""
        if self.use and not self.chosen and not self.problem:
            self.problem = "Choose a sentence first: tick its number."
        self.form = self._form()
        self.add = AddForm(self.data if self.data is not None and "add" in self.data else None, label_suffix="")

    @property
    def use_label(self):
        return Use(self.use).label.lower() if self.use else ""

    @property
    def hand(self):
        return self.chosen[0].sentence if self.chosen else None

    def _form(self):
        if not (self.use and self.chosen):
            return None
        suggested = making.suggested(self.text, self.chosen)
        place = {name: value for name, value in suggested.items() if name.startswith("place_")}
        self.suggested = suggested
        initial = suggested | {"reason": making.reason_for(self.hand)}
        if self.use == Use.CITATION:
            held = making.named_by(self.hand)
            initial["source"] = held.code if held else initial["cites"].partition(",")[0]
        posted = self.data if self.data is not None and "add" not in self.data else None
        return FORMS[self.use](posted, initial=initial, review=self.text.review, place=place)

    @property
    def may_make(self):
        needed = NEEDS.get(self.use)
        return self.use == Use.CITATION or not needed or self.request.user.has_perm(needed)

    # Saving

    def post(self):
        """Do what was asked. The address to go on to, or None if there is something to mend."""
        if self.problem or not self.chosen:
            self.problem = self.problem or "Choose a sentence first: tick its number."
            return None
        try:
            if "add" in self.request.POST:
                return self._add()
            if self.form is None or "check" in self.request.POST or not self.form.is_valid():
                return None
            if not self.may_make:
                raise making.Refused("You may not make this kind of entry.")
            return self._make()
        except making.Refused as refusal:
            self.problem = str(refusal)
            return None

    def _add(self):
        if not self.add.is_valid():
            return None
        entry = making.add_to(self.add.cleaned_data["code"], self.chosen, self.request.user)
        messages.success(self.request, f"{self._labels()} went into {entry.code}: “{entry}”.")
        return self._onward()

    def _make(self):
        given, user = self.form.cleaned_data, self.request.user
        if self.use in (Use.ABOUT, Use.ASIDE, Use.CITATION):
            entry = self.text.review if self.use == Use.ABOUT else given.get("source")
            making.link(self.chosen, self.use, entry, user, given.get("reason", ""))
            messages.success(self.request, f"{self._labels()}: {Use(self.use).label.lower()}.")
            return self._onward()
        wording = " ".join(one.wording for one in self.chosen)
        entry = making.make(
            self.use,
            self.form.saved(),
            self.chosen,
            user,
            cites=making.numbers_of(given.get("cites", []), self.text, wording),
            findings=given.get("findings", []),
            kept=self._kept(),
        )
        code = getattr(entry, "code", "")
        messages.success(self.request, f"{Use(self.use).label} {code} was saved as a draft: “{entry}”.")
        return self._onward()

    def _labels(self):
        labels = ", ".join(one.sentence.label for one in self.chosen)
        return f"Sentence{'s' if len(self.chosen) > 1 else ''} {labels}"

    def _onward(self):
        if "stay" in self.request.POST:
            return address_of(self.hand)
        following = coverage.next_open(self.text, self.chosen[-1].sentence)
        return address_of(following or self.hand)

    def _kept(self):
        post = self.request.POST
        return list(zip(post.getlist("keep-key"), post.getlist("keep-says"), post.getlist("keep-reason"), strict=False))

    # Showing

    def checked(self):
        """The checks of what is typed, or None where there is nothing to check."""
        if self.form is None or not self.form.heading:
            return None
        heading, texts = self.form.worded()
        if self.data is None or not "".join([heading, *texts]).strip():
            return None
        sources = self.suggested["sources"]
        found = remarks_on([one.wording for one in self.chosen], heading, texts, self.text.review, sources)
        kept = {key: reason for key, _, reason in self._kept() if reason.strip()}
        return Checked.of(found, kept)

    def context(self):
        covers = coverage.by_section(self.text)
        section = self._section(covers)
        page = self._page(section)
        sentences = list(page.object_list)
        same = coverage.repeated(self.text, sentences)
        in_hand = {one.sentence.pk for one in self.chosen}
        rows = [
            {
                "sentence": one,
                "pieces": marking.in_pieces(one, list(one.passages.all())),
                "passages": one.passages.all(),
                "in_hand": one.pk in in_hand,
                # What is done would go into the next entry too, unseen.
                "is_ticked": one.pk in in_hand and (self.use or one.state == State.OPEN),
                "also": [label for label in same.get(one.digest, []) if label != one.label],
            }
            for one in sentences
        ]
        following = coverage.next_open(self.text, self.hand)
        return {
            "text": self.text,
            "covers": covers,
            "total": coverage.of_all(covers),
            "section": section,
            "page": page,
            "rows": rows,
            "made": _made(rows),
            "desk": self,
            "checked": self.checked(),
            "reasons": AsideForm.REASONS,
            "uses": [(use, use.label, KEYS[use]) for use in Use],
            "next_open": address_of(following) if following else "",
            "passage": [marking.with_hedges(one.wording) for one in self.chosen],
        }

    def _section(self, covers):
        if self.hand:
            return self.hand.section
        asked = self.request.GET.get("section", "")
        chosen = [cover.section for cover in covers if str(cover.section.order) == asked]
        if chosen:
            return chosen[0]
        waiting = [cover.section for cover in covers if cover.open]
        return (waiting or [cover.section for cover in covers])[0]

    def _page(self, section):
        sentences = section.sentences.with_passages().order_by("number", "part")
        paginator = Paginator(sentences, ON_A_PAGE)
        asked = self.request.GET.get("page", "1")
        if self.hand and "page" not in self.request.GET:
            before = section.sentences.exclude(pk=self.hand.pk).exclude(pk__in=section.sentences.after(self.hand))
            asked = before.count() // ON_A_PAGE + 1
        return paginator.get_page(asked)


def _made(rows):
    """What was made of the sentences of a page: [(entry, its form, labels)] in order."""
    made = {}
    for row in rows:
        for passage in row["passages"]:
            if passage.entry and passage.use != Use.ABOUT:
                made.setdefault(passage.entry, []).append(row["sentence"].label)
    return [(entry, desk_address(entry), ", ".join(dict.fromkeys(labels))) for entry, labels in made.items()]


@dataclasses.dataclass(frozen=True)
class Checked:
    """The remarks on a wording: those to look at, those that are kept with a reason, and what is fine."""

    look: list
    kept: list
    fine: list

    @classmethod
    def of(cls, remarks, kept):
        look = [remark for remark in remarks if remark.key not in kept]
        done = [(remark, kept[remark.key]) for remark in remarks if remark.key in kept]
        names = {remark.check for remark in remarks}
        return cls(look, done, [check.fine for check in checks.CHECKS if check.name not in names])

"""Lists of entries at the desk: what an entry says first, then its status, its next check and who has it."""

from urllib.parse import quote

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join

from curation import holding
from curation.entries import SOON, Status
from curation.savedviews import KeepsViews
from curation.tasks import admin_url, ago, title_of

MARKS = {
    Status.DRAFT: ("quiet", "ring"),
    Status.IN_REVIEW: ("new", "clock"),
    Status.PUBLISHED: ("good", "check"),
    Status.WITHDRAWN: ("bad", "close"),
}
SENT_BACK = "look", "back"
NOTE_SHOWN = 60


def icon(name):
    return format_html('<svg class="ico" aria-hidden="true"><use href="#{}"/></svg>', name)


def badge(kind, symbol, words):
    return format_html('<span class="badge badge-{}">{}{}</span>', kind, icon(f"i-{symbol}"), words)


def small(words):
    return format_html("<small>{}</small>", words) if words else ""


class ChoiceFilter(admin.SimpleListFilter):
    """A filter by `choices_of`: {value: (label, what it does to the list, given the user)}."""

    choices_of = {}

    def lookups(self, request, model_admin):
        return [(value, label) for value, (label, _) in self.choices_of.items()]

    def queryset(self, request, queryset):
        _, narrow = self.choices_of.get(self.value(), ("", None))
        return narrow(queryset, request.user) if narrow else queryset


class YesFilter(ChoiceFilter):
    """A filter with one choice; `narrow` is what it does to the list."""

    narrow = None

    def __init_subclass__(cls):
        cls.choices_of = {"yes": ("Yes", lambda entries, user: cls.narrow(entries))}


class DueFilter(ChoiceFilter):
    title = "next check"
    parameter_name = "due"
    choices_of = {
        "yes": ("Late", lambda entries, user: entries.due_for_review(timezone.localdate())),
        "soon": ("Within 30 days", lambda entries, user: entries.due_for_review(timezone.localdate() + SOON)),
    }


class WithFilter(ChoiceFilter):
    title = "who has it"
    parameter_name = "with"
    choices_of = {
        "me": ("You", holding.in_hand_of),
        "drafts": ("You, as drafts", holding.drafts_of),
        "sent-back": ("You, sent back", holding.sent_back_to),
        "editor": ("An editor", holding.waiting),
    }


# Views of a list that are kept for everybody: label, filter, its value.
VIEWS = [
    ("With you", WithFilter, "me"),
    ("Waiting for an editor", WithFilter, "editor"),
    ("Due within 30 days", DueFilter, "soon"),
]


class DeskList(ChangeList):
    """A list whose rows know their address at the desk, with the filters to come back to, and who has them."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        held = holding.holds(self.result_list)
        filters = f"?_changelist_filters={quote(self.get_query_string()[1:])}" if self.params else ""
        for entry in self.result_list:
            entry.desk_url = f"{admin_url(self.model, 'change', entry.pk)}{filters}"
            entry.hold = held.get(entry.pk, holding.Hold())

    def get_ordering_field(self, field_name):
        return title_of(self.model) if field_name == "named" else super().get_ordering_field(field_name)


class ListsEntries(KeepsViews):
    """For an admin of curated entries."""

    list_display = ["named", "state", "next_check", "with_whom"]
    list_display_links = None
    list_filter = ["status", WithFilter, DueFilter]
    list_per_page = 50
    actions_on_top, actions_on_bottom = False, True
    show_full_result_count = False
    views = VIEWS

    def get_changelist(self, request, **kwargs):
        return DeskList

    def get_list_display_links(self, request, list_display):
        return None

    def about(self, entry):
        """What tells it apart in a list, as words or pieces of HTML, after its code."""
        return []

    def changelist_view(self, request, extra_context=None):
        views = self.views_of(request) if request.method == "GET" else []
        return super().changelist_view(request, {"views": views, **(extra_context or {})})

    def views_of(self, request):
        """(label, query, count, whether it is what is shown)"""
        entries, shown = self.get_queryset(request), request.GET.urlencode()
        views = [("All", "", entries.order_by().count(), not shown)]
        for label, chosen, value in self.views:
            query = f"{chosen.parameter_name}={value}"
            narrow = chosen.choices_of[value][1]
            views.append((label, query, narrow(entries, request.user).order_by().count(), shown == query))
        return views

    @admin.display(description="heading")
    def named(self, entry):
        words = [getattr(entry, "code", ""), *self.about(entry)]
        told = format_html_join("", "<span>{}</span>", ([word] for word in words if word))
        return format_html(
            '<a class="row-title" href="{}">{}</a><span class="meta">{}</span>', entry.desk_url, str(entry), told
        )

    @admin.display(description="status", ordering="status")
    def state(self, entry):
        hold = entry.hold
        if hold.sent_back_by:
            note = hold.note if len(hold.note) <= NOTE_SHOWN else f"{hold.note[:NOTE_SHOWN]} …"
            words = f"by {hold.sent_back_by}{f': {note}' if note else ''}"
            return format_html("{}{}", badge(*SENT_BACK, "Sent back"), small(words))
        return badge(*MARKS[entry.status], entry.get_status_display())

    @admin.display(description="next check", ordering="review_due_on")
    def next_check(self, entry):
        due, today = entry.review_due_on, timezone.localdate()
        if due is None or not entry.is_public:
            return small("not set")
        shown = date_format(due, "j F Y")
        if entry.is_due:
            return format_html('<span class="late">{}</span>{}', shown, small(f"{ago(due)} late"))
        days = (due - today).days
        soon = small(f"in {days} day{'' if days == 1 else 's'}") if 0 < days <= SOON.days else ""
        return format_html("{}{}", shown, soon)

    @admin.display(description="who has it")
    def with_whom(self, entry):
        hold = entry.hold
        if entry.status == Status.IN_REVIEW:
            since = f", {ago(hold.since)}" if hold.since else ""
            return format_html("an editor{}", small(f"from {hold.who}{since}" if hold.who else ""))
        if entry.status != Status.DRAFT:
            return small("nobody")
        return format_html("{}{}", hold.who or "nobody", small(ago(hold.since) if hold.since else ""))

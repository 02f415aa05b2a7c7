"""Views of a list that somebody keeps: its filters, search and sorting, under a name. Nobody else sees them."""

from urllib.parse import parse_qsl, urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import (
    ALL_VAR,
    ERROR_FLAG,
    IS_POPUP_VAR,
    ORDER_VAR,
    PAGE_VAR,
    SEARCH_VAR,
    TO_FIELD_VAR,
)
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from curation.givenback import data_for
from curation.textforms import PrintableField

MOST = 20  # views of a list
LONGEST_NAME, LONGEST_QUERY = 60, 2000  # characters
NOT_KEPT = {PAGE_VAR, ALL_VAR, ERROR_FLAG, IS_POPUP_VAR, TO_FIELD_VAR}


class SavedView(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    model = models.CharField(max_length=100)  # what the list has: “findings.finding”
    name = models.CharField(max_length=LONGEST_NAME)
    query = models.CharField(max_length=LONGEST_QUERY)

    class Meta:
        default_permissions = ()
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "model", "name"], name="a_view_has_its_own_name")]

    def __str__(self):
        return self.name


def query_of(parameters):
    """What a view keeps of the parameters of a list, as the text of a query."""
    kept = [(name, value) for name, values in parameters.lists() if name not in NOT_KEPT for value in values if value]
    return urlencode(kept)


class ViewForm(forms.ModelForm):
    """The name of a view, and for a new one what it shows."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    class Meta:
        model = SavedView
        fields = ["name", "query"]
        field_classes = {"name": PrintableField}
        widgets = {"query": forms.HiddenInput}
        error_messages = {
            "name": {"required": "Give the view a name."},
            "query": {
                "required": "Narrow, search or sort the list first: a view of all there is needs no name.",
                "max_length": "A view cannot keep that much. Search for less, or use fewer filters.",
            },
        }

    def clean_query(self):
        if query := query_of(QueryDict(self.cleaned_data["query"])):
            return query
        raise forms.ValidationError(self.fields["query"].error_messages["required"])

    def clean_name(self):
        name = self.cleaned_data["name"]
        others = SavedView.objects.filter(user=self.instance.user, model=self.instance.model)
        if others.filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("You have a view of that name already. Choose another name.")
        if self.instance.pk is None and others.count() >= MOST:
            raise forms.ValidationError(f"You have {MOST} views of this list, which is the most. Delete one first.")
        return name


def _kept(form):
    """The view as it is kept; None if the form says what is wrong."""
    if not form.is_valid():
        return None
    try:
        with transaction.atomic():
            return form.save()
    except IntegrityError:
        form.add_error("name", "You have a view of that name already. Choose another name.")


class KeepsViews:
    """For an admin: whoever sees its list can keep views of it."""

    def get_urls(self):
        name, view = f"{self.opts.app_label}_{self.opts.model_name}", self.admin_site.admin_view
        return [
            path("views/", view(self.own_views_view), name=f"{name}_views"),
            path("views/<int:pk>/", view(self.own_view_view), name=f"{name}_view"),
            *super().get_urls(),
        ]

    def _own_address(self, page, *args):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def _own_views(self, request):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return SavedView.objects.filter(user=request.user, model=self.opts.label_lower)

    def changelist_view(self, request, extra_context=None):
        own = self._shown_above_the_list(request) if request.method == "GET" else {}
        return super().changelist_view(request, {**own, **(extra_context or {})})

    def _shown_above_the_list(self, request):
        """(name, address, whether it is what is shown) of each, and what there is to keep, as context."""
        shown = query_of(request.GET)
        own = [(one.name, self._own_address("view", one.pk), one.query == shown) for one in self._own_views(request)]
        return {"own_views": own, "own_views_address": self._own_address("views"), "view_to_keep": shown}

    def own_view_view(self, request, pk):
        """To the list as a view shows it. What the list does not know any more is left out, and told."""
        view = get_object_or_404(self._own_views(request), pk=pk)
        kept, gone = self._known(request, parse_qsl(view.query))
        if gone:
            told = "Part of it is" if kept else "What it showed is"
            messages.warning(
                request,
                f"{told} gone from the view “{view.name}”: the list has no such filter or choice now "
                f"({', '.join(gone)}). Narrow it anew and save that, or delete the view.",
            )
        return redirect(f"{self._own_address('changelist')}?{urlencode(kept)}")

    def _known(self, request, parameters):
        """The (name, value) that the list still knows, and the names of the others."""
        kept, gone = [], []
        for name, value in parameters:
            (kept if self._knows(request, name, value) else gone).append((name, value))
        return kept, list(dict.fromkeys(f"{name} {value}" for name, value in gone))

    def _knows(self, request, name, value):
        return name in (SEARCH_VAR, ORDER_VAR) or bool(self._narrowing(request, urlencode({name: value})))

    def _narrowing(self, request, query):
        """(title, choice) of each filter by which a query narrows the list; empty if it asks for one that is none."""
        asked, request.GET = request.GET, QueryDict(query)
        try:
            changelist = self.get_changelist_instance(request)
            used = [
                one for one in changelist.filter_specs if any(name in request.GET for name in one.expected_parameters())
            ]
            return [
                (one.title, choice["display"])
                for one in used
                for choice in one.choices(changelist)
                if choice["selected"]
            ]
        except (IncorrectLookupParameters, DisallowedModelAdminLookup):
            return []
        finally:
            request.GET = asked

    def _told(self, request, query):
        """What a query shows, in words."""
        told = [f"{title}: {choice}" for title, choice in self._narrowing(request, query)]
        asked = QueryDict(query)
        told += [f"searched for: {asked[SEARCH_VAR]}"] if SEARCH_VAR in asked else []
        return told + ["in the order that you chose"] * (ORDER_VAR in asked)

    def own_views_view(self, request):
        """Keep the list as it is shown, and rename and delete what one keeps."""
        views = list(self._own_views(request))
        data = data_for(request)
        named = data.get("view") if data else None
        for view in views:
            own = data if str(view.pk) == named else None
            view.form = ViewForm(own, instance=view, auto_id=f"id_{view.pk}_%s")
            del view.form.fields["query"]
            view.address = self._own_address("view", view.pk)
        new = ViewForm(
            data if named is None else None,
            instance=SavedView(user=request.user, model=self.opts.label_lower),
            initial={"query": query_of(request.GET)},
        )
        if request.method == "POST":
            view = next((view for view in views if str(view.pk) == named), None)
            if named is not None and view is None:
                messages.warning(request, "That view was deleted already.")
                return redirect(self._own_address("views"))
            if view and "delete" in request.POST:
                view.delete()
                messages.success(request, f"The view “{view.name}” is deleted. What it showed stays as it is.")
                return redirect(self._own_address("views"))
            form = view.form if view else new
            if kept := _kept(form):
                messages.success(request, f"The view is called “{kept.name}”: it stands above the list, for you alone.")
                return redirect(self._own_address("views") if view else self._own_address("view", kept.pk))
        query = new["query"].value()
        context = {
            **self.admin_site.each_context(request),
            "title": f"Your views of {self.opts.verbose_name_plural}",
            "opts": self.opts,
            "views": views,
            "new": new if new.is_bound or query else None,
            "told": self._told(request, query) if query else [],
        }
        return TemplateResponse(request, "admin/own_views.html", context)

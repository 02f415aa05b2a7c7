"""What somebody typed into a form of the desk before a log-in: shown in its form again, and not saved.

The desk then asks for the page as for any other, with GET, and puts what was typed at `request.given_back`. So a view
that knows nothing of it saves nothing.
"""


def data_for(request):
    """What the forms of a page are bound to: what was posted, or what is given back; None if there is neither."""
    return request.POST if request.method == "POST" else given_back(request)


def given_back(request):
    """What is given back, for whoever shows it; None if nothing is."""
    data = getattr(request, "given_back", None)
    if data is not None:
        request.shows_given_back = True
    return data


class GivesBack:
    """For a ModelAdmin: its forms, and those of its parts, show what is given back."""

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        may = self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj)
        return _bound(form, given_back(request)) if may else form

    def get_formset_kwargs(self, request, obj, inline, prefix):
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        data = given_back(request)
        return kwargs if data is None else {**kwargs, "data": data.copy()}


def _bound(form, data):
    if data is None:
        return form

    class Bound(form):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, data=data, **kwargs)

    return Bound

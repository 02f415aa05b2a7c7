from django.urls import path

from joinedup.api import views
from joinedup.api.resources import RESOURCES
from joinedup.search import api

LISTS = {name: views.list_view(resource) for name, resource in RESOURCES.items()}
ENTRIES = {name: views.entry_view(resource) for name, resource in RESOURCES.items()}
OPERATIONS = [
    view.operation
    for view in [
        views.index,
        *(view for name in RESOURCES for view in (LISTS[name], ENTRIES[name])),
        api.search_api,
        api.suggest_api,
        views.document,
    ]
]

urlpatterns = [
    path("", views.index, name="api-index"),
    path("openapi.json", views.document, {"operations": OPERATIONS}, name="api-openapi"),
    path("docs", views.docs, {"operations": OPERATIONS}, name="api-docs"),
    path("search", api.search_api, name="api-search"),
    path("suggest", api.suggest_api, name="api-suggest"),
    *(path(name, view, name=f"api-{name}") for name, view in LISTS.items()),
    *(path(f"{name}/<str:key>", view, name=f"api-{name}-entry") for name, view in ENTRIES.items()),
    path("<path:path>", views.nowhere),
]

from django.urls import path

from joinedup.search import api, views

urlpatterns = [
    path("search/", views.search_page, name="search"),
    path("api/v1/search", api.search_api, name="api-search"),
    path("api/v1/suggest", api.suggest_api, name="api-suggest"),
]

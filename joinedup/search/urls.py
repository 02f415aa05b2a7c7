from django.urls import path

from joinedup.search import api, feeds, views

urlpatterns = [
    path("search/", views.search_page, name="search"),
    path("feeds/search.atom", feeds.search_feed, name="search-feed"),
    path("api/v1/search", api.search_api, name="api-search"),
    path("api/v1/suggest", api.suggest_api, name="api-suggest"),
]

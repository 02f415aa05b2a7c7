from django.urls import path

from joinedup.search import api, feeds, opensearch, views

urlpatterns = [
    path("search/", views.search_page, name="search"),
    path("feeds/search.atom", feeds.search_feed, name="search-feed"),
    path("api/v1/search", api.search_api, name="api-search"),
    path("opensearch.xml", opensearch.description, name="opensearch"),
    path("api/v1/suggest/opensearch", opensearch.suggestions, name="opensearch-suggestions"),
    path("api/v1/suggest", api.suggest_api, name="api-suggest"),
]

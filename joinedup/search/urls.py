from django.urls import path

from joinedup.search import feeds, opensearch, views

urlpatterns = [
    path("search/", views.search_page, name="search"),
    path("feeds/search.atom", feeds.search_feed, name="search-feed"),
    path("opensearch.xml", opensearch.description, name="opensearch"),
    path("api/v1/suggest/opensearch", opensearch.suggestions, name="opensearch-suggestions"),
]

from django.urls import path

from joinedup.search import views

urlpatterns = [path("search/", views.search_page, name="search")]

from django.urls import path
from django.views.generic import RedirectView

from joinedup.offline import views

urlpatterns = [
    path("offline-copy/", views.about_the_copy, name="offline"),
    path("offline-copy.zip", views.offline_copy, name="offline-copy"),
    path("room-copy.zip", RedirectView.as_view(pattern_name="offline-copy", permanent=True)),
]

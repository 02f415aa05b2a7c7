from django.contrib import admin
from django.urls import include, path

from joinedup import health

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/", include("joinedup.api.urls")),
    path("", include("joinedup.search.urls")),
    path("", include("joinedup.roomcopy.urls")),
    path("", include("findings.urls")),
    path("", include("sources.urls")),
]

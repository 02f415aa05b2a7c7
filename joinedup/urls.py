from django.contrib import admin
from django.urls import include, path

from joinedup import discovery, health

handler400 = "joinedup.errors.bad_request"
handler403 = "joinedup.errors.forbidden"
handler500 = "joinedup.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("robots.txt", discovery.robots, name="robots"),
    path(".well-known/security.txt", discovery.security, name="security"),
    path("manifest.webmanifest", discovery.manifest, name="manifest"),
    path("favicon.ico", discovery.favicon, name="favicon"),
    path("", include("joinedup.search.urls")),
    path("api/v1/", include("joinedup.api.urls")),
    path("", include("joinedup.roomcopy.urls")),
    path("", include("findings.urls")),
    path("", include("sources.urls")),
]

from django.contrib import admin
from django.urls import include, path

from joinedup import discovery, passwords
from joinedup.operations import health

handler400 = "joinedup.errors.bad_request"
handler403 = "joinedup.errors.forbidden"
handler500 = "joinedup.errors.server_error"

urlpatterns = [
    path("admin/password_reset/", passwords.Forgotten.as_view(), name="admin_password_reset"),
    path("admin/password_reset/done/", passwords.Done.as_view(), name="password_reset_done"),
    path("admin/reset/<uidb64>/<token>/", passwords.Confirm.as_view(), name="password_reset_confirm"),
    path("admin/reset/done/", passwords.Complete.as_view(), name="password_reset_complete"),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("robots.txt", discovery.robots, name="robots"),
    path(".well-known/security.txt", discovery.security, name="security"),
    path("manifest.webmanifest", discovery.manifest, name="manifest"),
    path("favicon.ico", discovery.favicon, name="favicon"),
    path("", include("joinedup.search.urls")),
    path("api/v1/", include("joinedup.api.urls")),
    path("", include("joinedup.offline.urls")),
    path("", include("findings.urls")),
    path("", include("sources.urls")),
]

"""The root URL configuration."""

from django.contrib import admin
from django.urls import include, path

from infactor.core.health.probes import healthz, readyz

handler403 = "infactor.users.refusals.permission_denied"
handler500 = "infactor.core.views.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("infactor.users.urls")),
    path("quickbook/", include("quickbooks_app.urls")),
    path("buyer/", include("infactor.buyer_pages.urls")),
    path("help/", include("infactor.help_center.urls")),
    path("search/", include("infactor.site_search.urls")),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include("infactor.dashboard.urls")),
]

"""App configuration of core, and of the admin site."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps

from infactor.core import model_names

model_names.translate_from_now_on()  # before any model is imported


class CoreConfig(AppConfig):
    name = "infactor.core"
    verbose_name = "Audit log and email"
    label = "core"
    default = True

    def ready(self) -> None:
        from infactor.core import database_patience
        from infactor.core.health import system_checks  # noqa: F401  registers the checks

        database_patience.install()

        from django.contrib import admin

        from infactor.core.admin import list_exports, search  # models must be loaded

        admin.site.add_pages([*list_exports.urlpatterns, *search.urlpatterns])  # type: ignore[attr-defined]


class AdminSite(admin_apps.AdminConfig):
    default = False
    default_site = "infactor.core.admin_site.InfactorAdminSite"

"""App configuration of the core, and the admin site behind the same sign-in as everything else."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class CoreConfig(AppConfig):
    name = "infactor.core"
    verbose_name = "Audit trail and mails"
    label = "core"
    default = True

    def ready(self) -> None:
        from infactor.core.health import system_checks  # noqa: F401  registers itself


class AdminSite(admin_apps.AdminConfig):
    default = False
    default_site = "infactor.core.admin_site.HouseAdminSite"

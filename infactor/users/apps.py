"""App configuration of users."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class UsersConfig(AppConfig):
    name = "infactor.users"
    verbose_name = "People"

    def ready(self) -> None:
        from infactor.users import audit_signals, languages, roles  # noqa: F401  the first two connect their receivers
        from infactor.users.security import recovery_codes

        recovery_codes.install()
        post_migrate.connect(roles.set_up_groups, dispatch_uid="infactor.users.roles")

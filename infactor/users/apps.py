"""App configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class UsersConfig(AppConfig):
    name = "infactor.users"
    verbose_name = "People"

    def ready(self) -> None:
        from infactor.users import roles

        # Permissions of an app come after its own migrations; the last app's signal finds them all.
        post_migrate.connect(roles.set_up_groups, dispatch_uid="infactor.users.roles")

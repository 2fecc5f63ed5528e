"""App configuration."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "infactor.users"
    verbose_name = "People"

    def ready(self) -> None:
        from infactor.users import sign_ins  # noqa: F401  connects itself

"""App configuration."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "infactor.users"
    verbose_name = "People"

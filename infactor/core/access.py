"""Refusals that say which permission somebody lacks."""

from django.core.exceptions import PermissionDenied


class NeedsPermission(PermissionDenied):
    """The person lacks `permission` ("app.codename"). The page that says so names the role that has it."""

    def __init__(self, permission: str, sentence: str = "") -> None:
        super().__init__(sentence)
        self.permission = permission

"""The admin site of infactor, behind the same sign-in as every other page."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin


class InfactorAdminSite(admin.AdminSite):
    """Django's admin site with infactor's name, and with the sign-in and rate limits of allauth."""

    site_header = "infactor staff"
    site_title = "infactor staff"
    index_title = "Work"
    enable_nav_sidebar = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.login = secure_admin_login(self.login)  # type: ignore[method-assign]

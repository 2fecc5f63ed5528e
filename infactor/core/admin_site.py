"""The admin site of infactor, behind the same sign-in as every other page and a second factor."""

import functools
from collections.abc import Sequence
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy

from infactor.core import second_factor


class InfactorAdminSite(admin.AdminSite):
    """Django's admin site with infactor's name, with the sign-in of allauth, and closed without a second factor."""

    site_header = gettext_lazy("infactor staff")
    site_title = gettext_lazy("infactor staff")
    index_title = gettext_lazy("Work")
    enable_nav_sidebar = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.login = secure_admin_login(self._lead_on)  # type: ignore[method-assign]
        self._pages: list[URLPattern] = []

    def add_pages(self, pages: Sequence[URLPattern]) -> None:
        """Add pages that belong to no model. Apps call it when they are ready, before addresses are read."""
        self._pages += [path(str(one.pattern), self.admin_view(one.callback), name=one.name) for one in pages]

    def get_urls(self) -> list[Any]:
        return [*self._pages, *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Django's list of models, made when a template shows it: every page is given it, and few show it."""
        return SimpleLazyObject(lambda: super(InfactorAdminSite, self).get_app_list(request, app_label))

    def _lead_on(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """Django's sign-in page, for staff who are signed in. Its form would check passwords without any limit."""
        return HttpResponseRedirect(reverse("admin:index", current_app=self.name))

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Passwords are changed on one page, which tells the person of it and keeps the rules."""
        return HttpResponseRedirect(reverse("account_change_password"))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every page of admin passes here: each asks for a second factor that was shown in this session."""

        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            asked = second_factor.demand(request)
            if asked is not None:
                return asked
            response: HttpResponseBase = view(request, *args, **kwargs)
            return response

        return super().admin_view(guarded, cacheable)

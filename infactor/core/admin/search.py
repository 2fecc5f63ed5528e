"""The search of staff: one field over all kinds of rows that the person may view, grouped by kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from infactor.core.admin.decisions import StaffView
from infactor.core.admin.filters import FOUND
from infactor.core.admin.formatting import link
from infactor.core.admin.search_kinds import SearchKind, every_kind
from infactor.core.admin.search_words import MAX_LENGTH, SearchWords
from infactor.core.admin.tables import Table
from infactor.core.rate_limits import limited

LIMITED: Any = limited(action="search", what="have searched", when=lambda request: bool(request.GET.get("q")))


@dataclass(frozen=True)
class Group:
    """What was found of one kind; `more` is the address of the list that shows all of it, "" if this is all."""

    table: Table
    more: str
    label: str


class SearchView(StaffView, TemplateView):
    """Results for `q`."""

    http_method_names = ["get", "head"]
    template_name = "admin/search.html"

    @method_decorator(LIMITED)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def has_permission(self) -> bool:
        return bool(self.request.user.is_staff)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = SearchWords.of(self.request.GET.get("q", ""))
        return {
            **admin.site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": _("Search"),
            "query": words.text,
            "is_cut": len(self.request.GET.get("q", "")) > MAX_LENGTH,
            "max_length": MAX_LENGTH,
            "groups": list(self._groups(words)) if words.text else [],
        }

    def _groups(self, words: SearchWords) -> Iterator[Group]:
        for kind in every_kind():
            if self.request.user.has_perm(kind.permission):
                found, has_more = kind.find(words)
                if found:
                    yield _group(kind, found, words, has_more=has_more)


def _group(kind: SearchKind, found: list[Any], words: SearchWords, *, has_more: bool) -> Group:
    opts = kind.model._meta
    label = capfirst(str(opts.verbose_name_plural))
    rows = [(link(row, first), *others) for row in found for first, *others in [kind.cells(row)]]
    address = f"{reverse(f'admin:{opts.app_label}_{opts.model_name}_changelist')}?{urlencode({FOUND: words.text})}"
    return Group(Table(label, kind.columns, rows), address if has_more else "", label.lower())


urlpatterns = [path("search/", SearchView.as_view(), name="search")]

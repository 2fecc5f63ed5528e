"""What the pages of terms, limits and overrides share: a look before a new one is set, and which of them hold."""

from abc import abstractmethod
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from infactor.core.admin.decisions import SHORTEST_REASON
from infactor.financing.admin.base.parts import Chosen, FactsAdmin
from infactor.financing.models import Override
from infactor.invoices.models import Buyer


class AddedByLook(FactsAdmin):
    """What stands is never changed: a new one is set, by who `may_set`, on a page that says first what it does."""

    may_set = ""

    @abstractmethod
    def page_to_add(self, request: HttpRequest) -> HttpResponse:
        """The page on which somebody looks before doing."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.may_set)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        """The page of its own."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self.page_to_add(request)


class HoldsFilter(admin.SimpleListFilter):
    """What holds now, and what is over."""

    title = "standing"
    parameter_name = "holds"

    @abstractmethod
    def over(self) -> Q:
        """What holds no more."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Holds now"), ("no", "Holds no more")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.exclude(self.over())
        return queryset.filter(self.over()) if self.value() == "no" else queryset


def buyer_field(help_text: str) -> forms.ModelChoiceField:
    """A customer in a supplier's books, to be searched for."""
    rows = Buyer.objects.select_related("supplier")
    return forms.ModelChoiceField(rows, required=False, widget=Chosen(Override, "buyer"), help_text=help_text)


def reason_field() -> forms.CharField:
    """Why: one line in the trail."""
    return forms.CharField(min_length=SHORTEST_REASON, max_length=200)

"""Debtors in admin: one company across all suppliers, with its buyers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from infactor.core.admin.base import AuditLogMixin, ReadOnlyInline
from infactor.core.admin.formatting import figure_text, link
from infactor.invoices.admin import debtor_suggestions, debtor_views
from infactor.invoices.debtors import grouping
from infactor.invoices.debtors.tax_ids import masked
from infactor.invoices.models import Buyer, Debtor
from infactor.suppliers.access import signed_in_user


class DebtorForm(forms.ModelForm):
    """What staff may change. The stored tax number is masked, so a new one is typed in full."""

    new_tax_id = forms.CharField(
        label=_("New tax number"), max_length=64, required=False, help_text=_("Leave it empty to keep the stored one.")
    )

    class Meta:
        model = Debtor
        fields = ("name", "email_domain", "address", "country", "is_business", "note")


class BuyerInline(ReadOnlyInline):
    """The customers that are this debtor, each with a link to remove it."""

    model = Buyer
    verbose_name_plural = _("buyers joined")
    fields = readonly_fields = (
        "shown_name",
        "supplier",
        "company_file",
        "shown_tax_id",
        "email",
        "is_active",
        "remove_link",
    )

    def has_add_permission(self, request: HttpRequest, obj: Debtor | None = None) -> bool:
        return False  # otherwise Django shows an empty row to those who may add buyers elsewhere

    def get_queryset(self, request: HttpRequest) -> QuerySet[Buyer]:
        rows: QuerySet[Buyer] = super().get_queryset(request)
        return rows.select_related("supplier", "company_file")

    @admin.display(description=_("name"))
    def shown_name(self, buyer: Buyer) -> SafeString:
        return link(buyer)

    @admin.display(description=_("tax number"))
    def shown_tax_id(self, buyer: Buyer) -> str:
        return masked(buyer.tax_id)

    @admin.display(description=_("another company?"))
    def remove_link(self, buyer: Buyer) -> SafeString:
        return format_html(
            '<a href="{}">Remove<span class="visually-hidden"> {}</span></a>',
            reverse("admin:invoices_debtor_remove", args=[buyer.pk]),
            str(buyer),
        )


@admin.register(Debtor)
class DebtorAdmin(AuditLogMixin):
    """Created by joining buyers, and never deleted; changes go through the service."""

    form = DebtorForm
    list_display = ("shown_name", "shown_tax_id", "email_domain", "country", "is_business", "suppliers", "buyers")
    list_filter = ("is_business",)
    list_per_page = 50
    show_full_result_count = False
    actions = None
    search_fields = ("name", "email_domain", "buyers__name", "buyers__company_name")
    search_help_text = _("By its name, the name of one of its buyers, or email domain")
    fields = (
        "name",
        "is_business",
        "shown_tax_id",
        "new_tax_id",
        "email_domain",
        "address",
        "country",
        "note",
        "public_id",
        "created_by",
        "created_at",
    )
    readonly_fields = ("shown_tax_id", "public_id", "created_by", "created_at")
    inlines = (BuyerInline,)
    change_list_template = "admin/invoices/debtor/change_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Debtor | None = None) -> bool:
        return request.user.has_perm(grouping.PERMISSION)

    def has_delete_permission(self, request: HttpRequest, obj: Debtor | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        """With the suggestions, dismissing one, joining buyers, and removing one."""
        pages = (
            ("suggestions/", debtor_suggestions.SuggestionsView, "suggestions"),
            ("suggestions/<int:object_id>/dismiss/", debtor_suggestions.DismissView, "dismiss"),
            ("join/", debtor_views.JoinView, "join"),
            ("<int:object_id>/remove/", debtor_views.RemoveView, "remove"),
        )
        own = [
            path(route, self.admin_site.admin_view(view.as_view()), name=f"invoices_debtor_{name}")
            for route, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Debtor]:
        rows: QuerySet[Debtor] = super().get_queryset(request)
        return rows.annotate(
            supplier_count=Count("buyers__supplier", distinct=True), buyer_count=Count("buyers", distinct=True)
        )

    def get_fields(self, request: HttpRequest, obj: Debtor | None = None) -> Any:
        may_change = self.has_change_permission(request, obj)
        return [name for name in self.fields if may_change or name != "new_tax_id"]

    def save_model(self, request: HttpRequest, obj: Debtor, form: DebtorForm, change: bool) -> None:
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in grouping.EDITABLE_FIELDS}
        if number := form.cleaned_data["new_tax_id"]:
            changes["tax_id"] = number
        grouping.update(debtor=obj, changes=changes, by=signed_in_user(request), at=timezone.now())

    @admin.display(description=_("name"), ordering="name")
    def shown_name(self, debtor: Debtor) -> SafeString:
        return format_html("<bdi>{}</bdi>", debtor.name)

    @admin.display(description=_("tax number"))
    def shown_tax_id(self, debtor: Debtor) -> str:
        return masked(debtor.tax_id)

    @admin.display(description=_("suppliers"), ordering="supplier_count")
    def suppliers(self, debtor: Any) -> SafeString:
        return figure_text(debtor.supplier_count)

    @admin.display(description=_("buyers"), ordering="buyer_count")
    def buyers(self, debtor: Any) -> SafeString:
        return figure_text(debtor.buyer_count)

"""Suppliers in admin: their names, and the people who act for them."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from infactor.core.admin.base import AuditedAdmin
from infactor.suppliers.models import Membership, Supplier


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Supplier)
class SupplierAdmin(AuditedAdmin):
    list_display = ("name", "invoice_count", "time_zone", "created_at")
    search_fields = ("name", "public_id", "memberships__user__email")
    search_help_text = "By name, or e-mail of a member"
    list_filter = ("time_zone",)
    date_hierarchy = "created_at"
    readonly_fields = ("public_id", "time_zone", "created_at", "updated_at")
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Supplier]:
        suppliers: QuerySet[Supplier] = super().get_queryset(request)
        return suppliers.annotate(invoice_count=Count("invoices"))

    @admin.display(description="Invoices", ordering="invoice_count")
    def invoice_count(self, supplier: Supplier) -> int:
        return int(supplier.invoice_count)  # type: ignore[attr-defined]

    def has_delete_permission(self, request: HttpRequest, obj: Supplier | None = None) -> bool:
        return False

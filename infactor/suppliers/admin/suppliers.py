"""Suppliers in admin: their names, the people who act for them, and the way to the pages as they see them."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy

from infactor.core import second_factor
from infactor.core.admin.base import AuditedAdmin
from infactor.suppliers import people
from infactor.suppliers.admin.viewing import ViewAsSupplier, stop_viewing
from infactor.suppliers.models import Membership, Supplier


class MembershipFormSet(BaseInlineFormSet):
    """The people of a supplier. Nobody takes the last owner away: the company could not act any more."""

    def add_fields(self, form: ModelForm, index: int | None) -> None:
        """Name each field for who cannot see the head of its column."""
        super().add_fields(form, index)
        for field in form.fields.values():
            field.widget.attrs["aria-label"] = field.label

    def clean(self) -> None:
        super().clean()
        if any(self.errors) or self.instance.pk is None:
            return
        people.lock(self.instance)
        owners = Membership.objects.filter(supplier=self.instance, role=Membership.Role.OWNER, user__is_active=True)
        if not owners.exists():
            return  # a company without one gets its first
        changed = [form for form in self.forms if form.has_changed() or form in self.deleted_forms]
        gone = [form.instance.pk for form in changed if form.instance.pk]
        made = [
            form
            for form in changed
            if form not in self.deleted_forms
            and form.cleaned_data.get("role") == Membership.Role.OWNER
            and form.cleaned_data["user"].is_active
        ]
        if not made and not owners.exclude(pk__in=gone).exists():
            raise ValidationError(people.LAST_OWNER)


class MembershipInline(admin.TabularInline):
    model = Membership
    formset = MembershipFormSet
    extra = 0
    autocomplete_fields = ("user",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        rows: QuerySet[Membership] = super().get_queryset(request)
        return rows.select_related("user", "supplier")


@admin.register(Supplier)
class SupplierAdmin(AuditedAdmin):
    list_display = ("name", "invoice_count", "time_zone", "created_at")
    search_fields = ("name", "public_id", "memberships__user__email")
    search_help_text = gettext_lazy("By name, or email of a member")
    list_filter = ("time_zone",)
    date_hierarchy = "created_at"
    readonly_fields = ("public_id", "time_zone", "time_zone_is_chosen", "created_at", "updated_at")
    inlines = (MembershipInline,)

    def get_urls(self) -> list[URLPattern]:
        start = self.admin_site.admin_view(ViewAsSupplier.as_view(model_admin=self))
        stop = self.admin_site.admin_view(stop_viewing)
        return [
            path(f"<int:object_id>/{ViewAsSupplier.name}/", start, name="suppliers_supplier_view_as"),
            path("stop-viewing/", stop, name="suppliers_viewing_stop"),
            *super().get_urls(),
        ]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Who acts for a company may say where it is paid to: changing that asks for the second factor anew."""
        if request.method == "POST" and (asked := second_factor.demand(request, fresh=True)) is not None:
            return asked
        return super().changeform_view(request, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Supplier]:
        suppliers: QuerySet[Supplier] = super().get_queryset(request)
        return suppliers.annotate(invoice_count=Count("invoices"))

    @admin.display(description=gettext_lazy("Invoices"), ordering="invoice_count")
    def invoice_count(self, supplier: Supplier) -> int:
        return int(supplier.invoice_count)  # type: ignore[attr-defined]

    def has_delete_permission(self, request: HttpRequest, obj: Supplier | None = None) -> bool:
        return False

"""Vendors and what they are owed in admin, and staff's word that one is a customer, too."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.formatting import amount_text, day_text, link
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts, Table
from infactor.core.lists.cells import AmountText
from infactor.invoices.contra import matches
from infactor.invoices.contra.matching import KINDS
from infactor.invoices.debtors.tax_ids import masked
from infactor.invoices.models import Buyer, Payable, Vendor, VendorMatch
from infactor.suppliers.access import signed_in_user

MAX_PAYABLES = 100
TAKEN_OFF = gettext_lazy("What the supplier owes this vendor is taken off the buyer's invoices, those due first.")
State = VendorMatch.State


def similarities(match: VendorMatch) -> str:
    """Why they may be one company, as a sentence without its full stop."""
    return capfirst("; ".join(KINDS[kind].lower() for kind in match.kinds if kind in KINDS)) or _("Set by staff")


def payables_table(vendor: Vendor) -> Table:
    """What is open of the vendor's bills and credits, the newest first."""
    rows = Payable.objects.filter(
        company_file=vendor.company_file_id, vendor_reference=vendor.reference, deleted_at=None
    ).exclude(balance=0)
    return Table(
        caption=_("Open bills and credits"),
        columns=(_("Kind"), _("Number"), _("Issued"), _("Due"), _("Amount"), _("Open")),
        rows=[
            (
                one.get_kind_display(),
                link(one),
                day_text(one.issued_on),
                day_text(one.due_on),
                amount_text(one.amount, one.currency),
                amount_text(one.balance, one.currency),
            )
            for one in rows[:MAX_PAYABLES]
        ],
        empty=_("Nothing is open."),
    )


def matches_table(rows: QuerySet[VendorMatch], *, caption: str) -> Table:
    """Vendors and buyers that are, or may be, one company."""
    return Table(
        caption=caption,
        columns=(_("Vendor"), _("Buyer"), _("Similarities"), _("Answer"), _("By")),
        rows=[
            (link(one.vendor), link(one.buyer), similarities(one), link(one, one.get_state_display()), _decider(one))
            for one in rows.select_related("vendor", "buyer", "decided_by").order_by("pk")
        ],
        empty=_("Nothing is alike."),
    )


def _decider(match: VendorMatch) -> str:
    if match.decided_by is not None:
        return str(match.decided_by)
    return "infactor" if match.state == State.JOINED else ""


class BuyerForm(ReasonForm):
    """Asks which customer of the same books a vendor is."""

    buyer = forms.CharField(
        max_length=500,
        label=gettext_lazy("Customer"),
        help_text=gettext_lazy("Its name in the books, or its number there."),
    )
    field_order = ("buyer", "reason")

    def __init__(self, *args: Any, vendor: Vendor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._vendor = vendor

    def clean_buyer(self) -> Buyer:
        text = self.cleaned_data["buyer"].strip()
        named = Q(reference=text) | Q(name__iexact=text) | Q(company_name__iexact=text)
        found = list(Buyer.objects.filter(named, company_file=self._vendor.company_file_id, parent=None)[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _("Several customers have this name: type the number.")
                if found
                else _("These books have no such customer.")
            )
        return found[0]


class SetBuyerView(RowDecision, DecisionView):
    """Staff say which customer a vendor is, where infactor found no similarity."""

    row: Vendor
    name = "buyer"
    label = title = gettext_lazy("This vendor is a customer")
    button = gettext_lazy("Join")
    permission = matches.PERMISSION
    form_class = BuyerForm
    refusals = (matches.MatchError,)
    notes = (TAKEN_OFF,)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "vendor": self.row}

    def facts(self) -> Facts:
        return [(_("Vendor"), self.row), (_("Supplier"), self.row.supplier)]

    def tables(self) -> Sequence[Table]:
        return [payables_table(self.row)]

    def perform(self, form: Any) -> str:
        user, given = signed_in_user(self.request), form.cleaned_data
        matches.join(vendor=self.row, buyer=given["buyer"], by=user, at=timezone.now(), reason=given["reason"])
        return _("%(row)s is %(buyer)s from now on.") % {"row": self.row, "buyer": given["buyer"]}


@admin.register(Vendor)
class VendorAdmin(DecisionAdmin):
    """From whom suppliers buy, as their books have it."""

    list_display = ("shown_name", "supplier", "email", "currency", "is_active")
    list_filter = ("is_active", "currency")
    list_select_related = ("supplier",)
    search_fields = ("name", "company_name", "email", "reference", "supplier__name")
    search_help_text = gettext_lazy("By name, email, number in the books or supplier")
    exclude = ("tax_id",)
    readonly_fields = ("shown_tax_id",)
    decisions = (SetBuyerView,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Vendor]:
        rows: QuerySet[Vendor] = super().get_queryset(request)
        return rows.select_related("supplier", "company_file")

    def related_tables(self, row: Vendor) -> Sequence[Table]:
        return [matches_table(row.matches.all(), caption=_("Is it a buyer?")), payables_table(row)]

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def shown_name(self, vendor: Vendor) -> SafeString:
        return format_html("<bdi>{}</bdi>", str(vendor))

    @admin.display(description=gettext_lazy("tax number"))
    def shown_tax_id(self, vendor: Vendor) -> str:
        return masked(vendor.tax_id)


@admin.register(Payable)
class PayableAdmin(ReadOnlyAdmin):
    """Bills and vendors' credits, as the books have them."""

    list_display = ("__str__", "kind", "supplier", "issued_on", "due_on", "shown_amount", "shown_balance")
    list_filter = ("kind", "currency")
    list_select_related = ("supplier",)
    search_fields = ("number", "vendor_reference", "supplier__name")
    search_help_text = gettext_lazy("By number, the vendor's number in the books, or supplier")
    date_hierarchy = "issued_on"
    exclude = ("amount", "balance")
    readonly_fields = ("shown_amount", "shown_balance")

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def shown_amount(self, payable: Payable) -> AmountText:
        return amount_text(payable.amount, payable.currency)

    @admin.display(description=gettext_lazy("open"), ordering="balance")
    def shown_balance(self, payable: Payable) -> AmountText:
        return amount_text(payable.balance, payable.currency)

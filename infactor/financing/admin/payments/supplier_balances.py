"""Balances of suppliers: what infactor holds for them, what they owe, and remitting a surplus."""

from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.db.models import F, Sum
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from infactor.core.admin.decisions import StaffView
from infactor.core.admin.formatting import amount_text, link
from infactor.core.admin.tables import Facts, Table
from infactor.core.money import format_amount
from infactor.financing import netting, payouts
from infactor.financing.accounting import balances
from infactor.financing.admin.base.decisions import (
    FinancingDecision,
    account_text,
    cash_facts,
    debt_facts,
    dual_control_text,
    money_day,
    what_is_paid,
)
from infactor.financing.admin.base.forms import ValueDateForm, with_netting
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.models import Approval
from infactor.ledger.balances import on_normal_side
from infactor.ledger.models import Entry, Purpose
from infactor.suppliers.models import Supplier

TITLE = gettext_lazy("Balances of suppliers")
FILE = "admin:reports_report"  # of a layer above: with the reserve of each, as of any day


class SupplierBalance(NamedTuple):
    """The balance of one supplier's account in one currency; never zero."""

    supplier_id: int
    currency: str
    amount: Decimal


def supplier_balances(*purposes: Purpose) -> list[list[SupplierBalance]]:
    """Of each purpose the suppliers with a balance on such an account, by currency, the largest first. One query."""
    sums = (
        Entry.objects.filter(account__purpose__in=purposes, account__supplier__isnull=False)
        .order_by()
        .values_list("account__purpose", "account__supplier", "account__currency")
        .annotate(debits=Sum("debit"), credits=Sum("credit"))
        .exclude(debits=F("credits"))
    )
    found: dict[Purpose, list[SupplierBalance]] = {purpose: [] for purpose in purposes}
    for name, supplier, currency, debits, credits in sums:
        purpose = Purpose(name)
        balance = on_normal_side(purpose=purpose, debits=debits, credits=credits)
        found[purpose].append(SupplierBalance(supplier, currency, balance))
    return [sorted(rows, key=lambda one: (one.currency, -one.amount, one.supplier_id)) for rows in found.values()]


class RemitForm(ValueDateForm):
    """Asks how much is remitted, and on which day."""

    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=18, decimal_places=2)
    field_order = ("amount", "value_date")


class BalancesView(StaffView, TemplateView):
    """What infactor holds for suppliers, and what suppliers owe infactor."""

    template_name = "admin/financing/payout/balances.html"
    permission = "financing.view_payout"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        payable, due = supplier_balances(Purpose.PAYABLE_TO_SUPPLIER, Purpose.DUE_FROM_SUPPLIER)
        suppliers = Supplier.objects.in_bulk({one.supplier_id for one in (*payable, *due)})
        tables = [
            Table(
                caption=_("Surplus to remit"),
                empty=_("There is no surplus of any supplier."),
                columns=(_("Supplier"), _("Surplus"), _("Remit")),
                rows=[
                    (
                        link(suppliers[one.supplier_id]),
                        amount_text(one.amount, one.currency),
                        self._remit_link(one, suppliers[one.supplier_id]),
                    )
                    for one in payable
                ],
            ),
            Table(
                caption=_("Owed by suppliers"),
                empty=_("No supplier owes anything."),
                columns=(_("Supplier"), _("Owed")),
                rows=[(link(suppliers[one.supplier_id]), amount_text(one.amount, one.currency)) for one in due],
            ),
        ]
        context = super().get_context_data(**kwargs)
        file = reverse(FILE, args=["supplier-balances"]) if self.request.user.has_perm("financing.view_advance") else ""
        return {**admin.site.each_context(self.request), **context, "title": TITLE, "tables": tables, "file": file}

    def _remit_link(self, balance: SupplierBalance, supplier: Supplier) -> SafeString | str:
        if balance.amount <= 0 or not self.request.user.has_perm(payouts.PREPARE_PAYOUTS):
            return "-"
        address = reverse("admin:financing_payout_remit", args=[balance.supplier_id, balance.currency])
        return format_html(
            '<a href="{}">Remit<span class="visually-hidden"> {} to {}</span></a>', address, balance.currency, supplier
        )


class RemitView(FinancingDecision):
    """Pay a supplier's surplus to its account."""

    title = gettext_lazy("Remit surplus")
    button = gettext_lazy("Remit")
    permission = payouts.PREPARE_PAYOUTS
    needs_fresh_factor = True
    back_label = TITLE
    supplier: Supplier

    def load(self) -> None:
        self.supplier = get_object_or_404(Supplier, pk=self.kwargs["supplier_id"])

    @property
    def currency(self) -> str:
        return str(self.kwargs["currency"])

    @cached_property
    def surplus(self) -> Decimal:
        return balances.supplier_balance(
            purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=self.supplier.pk, currency=self.currency
        )

    @cached_property
    def nets(self) -> bool:
        """Whether today's terms let what the supplier owes be deducted."""
        return netting.is_default_of_surplus(supplier=self.supplier, currency=self.currency, at=timezone.now())

    @cached_property
    def debt_facts(self) -> Facts:
        return debt_facts(out=self.surplus, supplier=self.supplier, currency=self.currency, nets=self.nets)

    def get_form_class(self) -> type[forms.Form]:
        return with_netting(RemitForm, nets=self.nets) if self.debt_facts else RemitForm

    def get_initial(self) -> dict[str, Any]:
        return {"amount": self.surplus, "value_date": money_day()}

    def get_success_url(self) -> str:
        return reverse("admin:financing_payout_balances")

    def facts(self) -> Facts:
        supplier, currency = self.supplier, self.currency
        deducted = netting.amount_to_net(out=self.surplus, supplier_id=supplier.pk, currency=currency, nets=self.nets)
        return [
            (_("Supplier"), link(supplier)),
            (_("Surplus"), amount_text(self.surplus, currency)),
            *self.debt_facts,
            (_("To the account"), account_text(supplier=supplier, currency=currency)),
            *cash_facts(amount=self.surplus - deducted, currency=currency),
            (_("Second person"), dual_control_text(amount=self.surplus, supplier=supplier, currency=currency)),
        ]

    def perform(self, form: Any) -> str:
        supplier, currency, data = self.supplier, self.currency, form.cleaned_data
        netted = netting.amount_to_net(
            out=data["amount"], supplier_id=supplier.pk, currency=currency, nets=bool(data.get("nets", self.nets))
        )
        moves = what_is_paid(out=data["amount"], netted=netted, currency=currency, supplier=supplier)
        request = ApprovalRequest(
            kind=Approval.Kind.REMIT,
            subject=f"{balances.supplier_ledger_owner(supplier.pk)}:{currency}",
            permission=self.permission,
            supplier=supplier,
            currency=currency,
            amount=data["amount"],
            summary=_("Remit %(amount)s to %(supplier)s. %(moves)s")
            % {"amount": format_amount(data["amount"], currency), "supplier": supplier, "moves": moves},
            arguments={
                "supplier": supplier.pk,
                "currency": currency,
                "amount": str(data["amount"]),
                "value_date": data["value_date"].isoformat(),
                "nets": data.get("nets"),
            },
        )
        return self.execute_or_request_approval(request, done=moves)

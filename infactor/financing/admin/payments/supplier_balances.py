"""What infactor holds of suppliers' money, and what they owe it, by supplier; and passing money on."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from infactor.core.admin.base import amount_text
from infactor.core.admin.decisions import Table, confirm_page, one_at_a_time
from infactor.core.money import text
from infactor.financing import payouts
from infactor.financing.accounting import journal
from infactor.financing.admin.base.parts import (
    REFUSALS,
    DayForm,
    do_or_ask,
    link,
    second_person_text,
    today_for,
)
from infactor.financing.approvals import Plan
from infactor.financing.models import Approval
from infactor.ledger.balances import on_normal_side
from infactor.ledger.models import Entry, Purpose
from infactor.suppliers import financing_status
from infactor.suppliers.models import Supplier


class Held(NamedTuple):
    """What is on the account of one supplier, in one currency; never zero."""

    supplier_id: int
    currency: str
    amount: Decimal


def balances_of_suppliers(*, purpose: Purpose) -> list[Held]:
    """Every supplier with something on its account of `purpose`, in one query, the most first by currency."""
    sums = (
        Entry.objects.filter(account__purpose=purpose, account__supplier__isnull=False)
        .order_by()
        .values_list("account__supplier", "account__currency")
        .annotate(debits=Sum("debit"), credits=Sum("credit"))
        .exclude(debits=F("credits"))
    )
    found = [
        Held(supplier, currency, on_normal_side(purpose=purpose, debits=debits, credits=credits))
        for supplier, currency, debits, credits in sums
    ]
    return sorted(found, key=lambda one: (one.currency, -one.amount, one.supplier_id))


class AmountForm(DayForm):
    """How much, and when."""

    amount = forms.DecimalField(max_digits=18, decimal_places=2)
    field_order = ("amount", "value_date")


@require_safe
def held(request: HttpRequest) -> HttpResponse:
    """What belongs to suppliers and is here, and what suppliers owe."""
    if not request.user.has_perm("financing.view_disbursement"):
        raise PermissionDenied
    may = request.user.has_perm(payouts.PAY)
    ours = balances_of_suppliers(purpose=Purpose.PAYABLE_TO_SUPPLIER)
    theirs = balances_of_suppliers(purpose=Purpose.DUE_FROM_SUPPLIER)
    suppliers = Supplier.objects.in_bulk({one.supplier_id for one in (*ours, *theirs)})
    tables = [
        Table(
            caption="To be passed on to suppliers",
            empty="Nothing is held for a supplier.",
            columns=("Supplier", "Held", "Pass on"),
            rows=[
                (
                    link(suppliers[one.supplier_id]),
                    amount_text(one.amount, one.currency),
                    _pass_on_link(one, suppliers[one.supplier_id]) if may and one.amount > 0 else "-",
                )
                for one in ours
            ],
        ),
        Table(
            caption="Owed by suppliers",
            empty="No supplier owes anything.",
            columns=("Supplier", "Owed"),
            rows=[(link(suppliers[one.supplier_id]), amount_text(one.amount, one.currency)) for one in theirs],
        ),
    ]
    context = {**admin.site.each_context(request), "title": "Held for suppliers, and owed by them", "tables": tables}
    return render(request, "admin/financing/disbursement/held.html", context)


def _pass_on_link(one: Held, supplier: Supplier) -> object:
    where = reverse("admin:financing_disbursement_pass_on", args=[one.supplier_id, one.currency])
    return format_html(
        '<a href="{}">Pass on<span class="visually-hidden"> {} to {}</span></a>', where, one.currency, supplier
    )


@require_http_methods(["GET", "HEAD", "POST"])
@one_at_a_time
def pass_on(request: HttpRequest, supplier_id: int, currency: str) -> HttpResponse:
    """Pay what belongs to a supplier to its account."""
    if not request.user.has_perm(payouts.PAY):
        raise PermissionDenied
    supplier = get_object_or_404(Supplier, pk=supplier_id)
    here = journal.of_supplier(purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=supplier.pk, currency=currency)
    account = financing_status.payout_account(supplier=supplier, currency=currency)

    def act(said: Mapping[str, Any]) -> str:
        amount = text(said["amount"], currency)
        plan = Plan(
            kind=Approval.Kind.PASS_ON,
            subject=f"{journal.supplier_owner(supplier.pk)}:{currency}",
            permission=payouts.PAY,
            supplier=supplier,
            currency=currency,
            amount=said["amount"],
            summary=f"Pass {amount} on to {supplier}",
            arguments={
                "supplier": supplier.pk,
                "currency": currency,
                "amount": str(said["amount"]),
                "value_date": said["value_date"].isoformat(),
            },
        )
        return do_or_ask(request, plan, done=f"{amount} are passed on to {supplier}.")

    return confirm_page(
        request,
        title="Pass money on",
        button="Pass it on",
        facts=(
            ("Supplier", link(supplier)),
            ("Held for it", amount_text(here, currency)),
            ("To the account", f"{account.masked}, {account.bank_name}" if account else "no confirmed account"),
            ("Second person", second_person_text(amount=here, supplier=supplier, currency=currency)),
        ),
        act=act,
        back=reverse("admin:financing_disbursement_held"),
        back_label="Held for suppliers, and owed by them",
        form=AmountForm,
        initial={"amount": here, "value_date": today_for(supplier)},
        refusals=REFUSALS,
    )

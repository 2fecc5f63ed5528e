"""Payouts in admin: what was sent where, what failed, and sending it again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from infactor.core.admin.base import amount_text
from infactor.core.admin.decisions import (
    Decision,
    Table,
    confirm_page,
    page_of,
)
from infactor.core.money import text
from infactor.financing import payouts
from infactor.financing.admin.base.advance_details import obstacles_table
from infactor.financing.admin.base.parts import (
    REFUSALS,
    DayAndReasonForm,
    DayForm,
    FactsAdmin,
    day_text,
    do_or_ask,
    link,
    second_person_text,
    today_for,
)
from infactor.financing.admin.base.tables import books_table
from infactor.financing.admin.payments import supplier_balances
from infactor.financing.approvals import Plan
from infactor.financing.models import Approval, Disbursement
from infactor.ledger.models import Transaction
from infactor.suppliers import financing_status
from infactor.suppliers.access import person
from infactor.suppliers.models import Supplier

S = Disbursement.Status


def fail(request: HttpRequest, payout: Disbursement) -> HttpResponse:
    """The bank sent it back."""

    def act(said: Mapping[str, Any]) -> str:
        payouts.fail(
            payout=payout,
            value_date=said["value_date"],
            reason=said["reason"],
            by=person(request),
            at=timezone.now(),
        )
        return f"{payout} failed: the money is here, and waits to be sent again."

    return confirm_page(
        request,
        title="It failed",
        button="It failed",
        facts=facts_of(payout),
        act=act,
        back=page_of(payout),
        form=DayAndReasonForm,
        initial={"value_date": today_for(payout.supplier)},
        refusals=REFUSALS,
        notes=("Go on only when the money is back in infactor's account.",),
    )


def send_again(request: HttpRequest, payout: Disbursement) -> HttpResponse:
    """Pay it once more, to the account that is in use now."""
    amount = text(payout.amount, payout.currency)

    def act(said: Mapping[str, Any]) -> str:
        plan = Plan(
            kind=Approval.Kind.PAY_AGAIN,
            subject=payout.owner,
            permission=payouts.PAY,
            supplier=payout.supplier,
            currency=payout.currency,
            amount=payout.amount,
            summary=f"Send {amount} to {payout.supplier} again",
            arguments={"payout": payout.pk, "value_date": said["value_date"].isoformat()},
        )
        return do_or_ask(request, plan, done=f"{amount} are sent to {payout.supplier} again.")

    return confirm_page(
        request,
        title="Send again",
        button="Send again",
        facts=[
            *facts_of(payout),
            ("To the account now", account_text(payout.supplier, payout.currency)),
            (
                "Second person",
                second_person_text(amount=payout.amount, supplier=payout.supplier, currency=payout.currency),
            ),
        ],
        tables=_changed(payout),
        act=act,
        back=page_of(payout),
        form=DayForm,
        initial={"value_date": today_for(payout.supplier)},
        refusals=REFUSALS,
        notes=("It goes to the account that is confirmed now: look whether that is another one than before.",),
    )


def _changed(payout: Disbursement) -> Sequence[Table]:
    """What would keep its advance from being paid out today: it never arrived, so staff can still think about it."""
    if payout.advance is None or payout.purpose != Disbursement.Purpose.ADVANCE:
        return ()
    found = obstacles_table(payout.advance)
    return (replace(found, caption="What has changed about the invoice since it was bought"),) if found.rows else ()


def facts_of(payout: Disbursement) -> list[tuple[str, object]]:
    """What every decision about a payout shows."""
    return [
        ("Payout", link(payout)),
        ("Supplier", link(payout.supplier)),
        ("For", payout.get_purpose_display()),
        ("Amount", amount_text(payout.amount, payout.currency)),
        ("Value date", day_text(payout.value_date)),
        ("Status", payout.get_status_display()),
        ("Sent to", f"{payout.bank_account.masked}, {payout.bank_account.bank_name}"),
        ("What the bank said", payout.failure or "-"),
    ]


def account_text(supplier: Supplier, currency: str) -> str:
    """Where `supplier` is paid to in `currency` now."""
    account = financing_status.payout_account(supplier=supplier, currency=currency)
    return f"{account.masked}, {account.bank_name}, {account.holder}" if account else "no confirmed account"


def _is(status: str) -> Any:
    return lambda payout: payout.status == status


@admin.register(Disbursement)
class DisbursementAdmin(FactsAdmin):
    list_display = (
        "__str__",
        "supplier",
        "purpose",
        "advance",
        "shown_amount",
        "value_date",
        "status",
        "account",
        "sent_by",
        "failed_on",
    )
    list_filter = ("status", "purpose", "currency")
    search_fields = ("=id", "supplier__name", "=advance__id", "=amount")
    search_help_text = "By supplier, number of the payout or of the advance, or exact amount"
    date_hierarchy = "value_date"
    change_list_template = "admin/financing/disbursement/change_list.html"
    fields = (
        "supplier",
        "purpose",
        "advance",
        "shown_amount",
        "value_date",
        "status",
        "account",
        "sent_by",
        "sent_at",
        "approved_by",
        "failed_on",
        "failure",
        "replaces",
        "public_id",
    )
    readonly_fields = ("shown_amount", "account", "public_id")
    decisions = (
        Decision("fail", "It failed", payouts.PAY, fail, _is(S.SENT)),
        Decision("again", "Send again", payouts.PAY, send_again, _is(S.FAILED)),
    )

    def get_urls(self) -> list[URLPattern]:
        """With what is held for suppliers, and passing it on."""
        held = self.admin_site.admin_view(supplier_balances.held)
        passing = self.admin_site.admin_view(supplier_balances.pass_on)
        return [
            path("held/", held, name="financing_disbursement_held"),
            path("held/<int:supplier_id>/<str:currency>/", passing, name="financing_disbursement_pass_on"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Disbursement]:
        rows: QuerySet[Disbursement] = super().get_queryset(request)
        return rows.select_related("supplier", "advance", "bank_account", "sent_by").defer(
            "bank_account__account_number", "bank_account__routing_number"
        )

    def tables_of(self, row: Disbursement) -> Sequence[Table]:
        written = Transaction.objects.filter(reference__startswith=f"{row.owner}:").prefetch_related("entries__account")
        return [books_table(written.order_by("pk"))]

    @admin.display(description="Amount", ordering="amount")
    def shown_amount(self, payout: Disbursement) -> SafeString:
        return amount_text(payout.amount, payout.currency)

    @admin.display(description="Account")
    def account(self, payout: Disbursement) -> str:
        return payout.bank_account.masked

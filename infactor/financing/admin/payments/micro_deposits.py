"""Micro-deposits in admin: the pairs that were sent, a panel on the page of each account, and sending a pair."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.formatting import change_url, link, moment_text
from infactor.core.admin.panels import Panel
from infactor.core.admin.tables import Facts, Table
from infactor.financing import micro_deposits
from infactor.financing.admin.base.decisions import REFUSALS, FinancingDecision
from infactor.financing.admin.payments.payout_lists import payouts_table, with_accounts
from infactor.financing.models import MicroDeposits
from infactor.financing.payouts import PREPARE_PAYOUTS
from infactor.suppliers.models import BankAccount

ADD = "admin:financing_microdeposits_add"
SHOWN = 20


class SendView(FinancingDecision):
    """Prepare two small payouts to the account that the address names."""

    permission = PREPARE_PAYOUTS
    needs_fresh_factor = True
    title = button = gettext_lazy("Send micro-deposits")
    refusals = (*REFUSALS, micro_deposits.CannotSend)
    notes = (
        gettext_lazy(
            "This prepares two payouts of a few cents each. A second person approves them, and they leave in a file."
        ),
        gettext_lazy("An owner of the supplier has 30 days and three tries to enter both amounts."),
        gettext_lazy(
            "The amounts prove that whoever entered them can read the account's statement. Compare the holder, too."
        ),
    )

    def load(self) -> None:
        chosen = self.request.GET.get("account", "")[:18]
        rows = BankAccount.objects.select_related("supplier").defer("account_number", "routing_number")
        found = rows.filter(pk=int(chosen) if chosen.isdecimal() else 0).first()
        if found is None:
            raise Http404
        self.account = found

    def blocker(self) -> str:
        return micro_deposits.why_not(account=self.account, at=timezone.now())

    def facts(self) -> Facts:
        account = self.account
        return [
            (_("Supplier"), link(account.supplier)),
            (_("Account"), f"{account}, {account.bank_name}"),
            (_("Account holder"), account.holder),
            (_("Status"), account.get_status_display()),
        ]

    def get_success_url(self) -> str:
        return change_url(self.account)

    def perform(self, form: Any) -> str:
        micro_deposits.send(account=self.account, by=self.user, at=timezone.now())
        return _("Two payouts to %(account)s are prepared. They wait for a second person.") % {"account": self.account}


def panel_of(user: Any, row: Model) -> Panel | None:
    """The micro-deposits to an account on its page, with a button that sends them."""
    if not isinstance(row, BankAccount) or not user.has_perm("financing.view_microdeposits"):
        return None
    pairs = list(row.micro_deposits.select_related("sent_by", "answered_by")[:SHOWN])
    can_send = user.has_perm(PREPARE_PAYOUTS) and not micro_deposits.why_not(account=row, at=timezone.now())
    if not pairs and not can_send:
        return None
    rows = [
        (
            link(pair),
            moment_text(pair.sent_at),
            str(pair.sent_by),
            pair.get_status_display(),
            str(pair.tries),
            f"{pair.answered_by}, {moment_text(pair.answered_at)}" if pair.answered_at else "-",
        )
        for pair in pairs
    ]
    columns = (_("Pair"), _("Sent"), _("By"), _("Status"), _("Wrong tries"), _("Answered"))
    table = Table(_("Micro-deposits"), columns, rows, empty=_("None were sent."))
    address = f"{reverse(ADD)}?{urlencode({'account': row.pk})}"
    return Panel(table, buttons=[(_("Send micro-deposits"), address)] if can_send else [])


@admin.register(MicroDeposits)
class MicroDepositsAdmin(DecisionAdmin):
    list_display = ("id", "supplier", "account", "status", "tries", "sent_at", "sent_by", "answered_at")
    list_filter = ("status",)
    list_select_related = ("account__supplier", "sent_by")
    search_fields = ("account__supplier__name", "=account__last4")
    search_help_text = gettext_lazy("By supplier, or the last four digits of the account")
    fields = (
        *("supplier", "account", "status", "tries", "sent_at", "sent_by", "expires_at"),
        *("answered_at", "answered_by"),
    )
    readonly_fields = ("supplier",)
    shown_if_set = ("answered_at", "answered_by")
    add_decision = SendView

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Sent from the page of an account, so the list has no button for it."""
        return super().has_add_permission(request) and "account" in request.GET

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("account__account_number", "account__routing_number")

    def related_tables(self, row: MicroDeposits) -> list[Table]:
        return [payouts_table(with_accounts(row.payouts.order_by("pk")))]

    @admin.display(description=gettext_lazy("Supplier"), ordering="account__supplier__name")
    def supplier(self, pair: MicroDeposits) -> str:
        return str(pair.account.supplier)

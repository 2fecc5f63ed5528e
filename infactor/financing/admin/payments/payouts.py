"""Payouts in admin: the list with decisions about many, and the page of one."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.formatting import amount_text
from infactor.core.admin.search_words import SearchWords
from infactor.core.admin.tables import Table
from infactor.financing import dual_control
from infactor.financing.admin.base.tables import ledger_table
from infactor.financing.admin.payments import payout_lists, supplier_balances
from infactor.financing.admin.payments.payout_decisions import (
    ApproveView,
    PutBackView,
    RecordReturnView,
    ResendView,
    StopView,
    objections_to,
)
from infactor.financing.admin.search import exact_payouts
from infactor.financing.advances import closing
from infactor.financing.corrections import fundings
from infactor.financing.models import UNSENT, Payout
from infactor.financing.money_out import batches, return_codes
from infactor.ledger.models import Transaction


@admin.register(Payout)
class PayoutAdmin(DecisionAdmin):
    list_display = (
        "__str__",
        "payee_name",
        "purpose",
        "advance",
        "shown_amount",
        "value_date",
        "status",
        "blocked_by",
        "account",
        "batch",
        "prepared_by",
        "approved_by",
    )
    list_filter = ("status", "value_date", "purpose", "currency")
    queues = {
        ("status__exact", Payout.Status.PREPARED): "prepared_at",
        ("status__exact", Payout.Status.APPROVED): "approved_at",
        ("status__exact", Payout.Status.SENT): "batch__exported_at",
        ("status__in", "returned,stopped"): "updated_at",
    }
    summed = ((_("Amount"), "amount"),)
    search_fields = ("=id", "supplier__name", "payee_account__holder", "=advance__id", "=amount")
    search_help_text = _(
        "By supplier or payee, number of the payout or of the advance, its name in a file for the bank (IFP, IFB), or "
        "exact amount"
    )
    date_hierarchy = "value_date"
    change_list_template = "admin/financing/payout/change_list.html"
    fields = (
        "supplier",
        "payee_account",
        "purpose",
        "advance",
        "shown_amount",
        "value_date",
        "status",
        "account",
        "end_to_end",
        "prepared_by",
        "prepared_at",
        "approved_by",
        "approved_at",
        "batch",
        "debited_on",
        "debit_line",
        "credited_on",
        "credit_line",
        "failed_on",
        "code",
        "failure_reason",
        "replaces",
        "public_id",
    )
    readonly_fields = ("shown_amount", "account", "end_to_end", "code", "public_id")
    shown_if_set = (
        *("supplier", "payee_account", "advance", "batch", "debited_on", "debit_line", "credited_on", "credit_line"),
        *("failed_on", "failure_reason", "replaces"),
    )
    decisions = (ApproveView, StopView, RecordReturnView, ResendView, PutBackView)
    actions = ("approve_chosen", "put_into_batch")

    def get_urls(self) -> list[URLPattern]:
        """With the balances of suppliers, remitting a surplus, and the decisions about many payouts."""
        views = {
            "balances/": (supplier_balances.BalancesView, "balances"),
            "balances/<int:supplier_id>/<str:currency>/": (supplier_balances.RemitView, "remit"),
            "approve/": (payout_lists.ApproveManyView, "approve_many"),
            "batch/": (payout_lists.MakeBatchView, "make_batch"),
        }
        own = [
            path(address, self.admin_site.admin_view(view.as_view()), name=f"financing_payout_{name}")
            for address, (view, name) in views.items()
        ]
        return [*own, *super().get_urls()]

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """Whether the reader approves payouts; asked by Django for the action."""
        return bool(request.user.has_perm(dual_control.APPROVE_MONEY_OUT))

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether the reader puts payouts into batches; asked by Django for the action."""
        return bool(request.user.has_perm(batches.EXPORT_PAYOUTS))

    @admin.action(description=_("Approve"), permissions=["approve"])
    def approve_chosen(self, request: HttpRequest, queryset: QuerySet[Payout]) -> HttpResponse:
        return payout_lists.decide(request, queryset, "admin:financing_payout_approve_many")

    @admin.action(description=_("Put into a batch"), permissions=["export"])
    def put_into_batch(self, request: HttpRequest, queryset: QuerySet[Payout]) -> HttpResponse:
        return payout_lists.decide(request, queryset, "admin:financing_payout_make_batch")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payout]:
        rows: QuerySet[Payout] = super().get_queryset(request)
        rows = payout_lists.with_accounts(rows)
        if not self.shown_key(request):
            return rows
        of_invoice = (f"advance__invoice__{name}" for name in ("buyer", "supplier", "company_file"))
        return rows.select_related("advance__buyer", "advance__supplier", *of_invoice)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Payout], search_term: str
    ) -> tuple[QuerySet[Payout], bool]:
        """By what names a payout or its batch in a file for the bank, too."""
        words = SearchWords.of(search_term)
        if words.number_after("IFP") is None and words.number_after("IFB") is None:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(exact_payouts(words)), False

    def get_fields(self, request: HttpRequest, obj: Payout | None = None) -> Any:
        """Without the bank's code where there is none, and without a reason that only repeats it."""
        names = super().get_fields(request, obj)
        code = "" if obj is None else return_codes.in_words(obj.return_code)
        hidden = {"code"} if obj is not None and not code else set()
        hidden |= {"failure_reason"} if obj is not None and obj.failure_reason == code else set()
        return [name for name in names if name not in hidden]

    def related_tables(self, row: Payout) -> Sequence[Table]:
        posted = ledger_table(Transaction.objects.filter(reference__startswith=f"{row.ledger_owner}:"))
        return [*([objections_to(row)] if row.status in UNSENT else []), posted]

    def buttons(self, decisions: Any, *, user: Any, row: Payout) -> list[dict[str, str]]:
        """With the one that leads to its advance, whose funding can be taken back while the money has not left."""
        found = super().buttons(decisions, user=user, row=row)
        is_unsent = row.purpose == Payout.Purpose.ADVANCE and fundings.is_unsent(row)
        if decisions is self.decisions and is_unsent and user.has_perm(closing.SETTLE_ADVANCES):
            address = reverse("admin:financing_advance_take_back_funding", args=[row.advance_id])
            found.append({"label": str(_("Take back the funding")), "url": address})
        return found

    def read_for_rows(self, rows: list[Any], *, request: HttpRequest) -> None:
        blocked = payout_lists.against(rows)
        for row in rows:
            row.against = blocked.get(row.pk, [])

    @admin.display(description=_("Blocked by"))
    def blocked_by(self, payout: Any) -> str:
        return " ".join(payout.against)

    @admin.display(description=_("Amount"), ordering="amount")
    def shown_amount(self, payout: Payout) -> SafeString:
        return amount_text(payout.amount, payout.currency)

    @admin.display(description=_("Payee"))
    def payee_name(self, payout: Payout) -> str:
        return payout.payee if payout.supplier is None else str(payout.supplier)

    @admin.display(description=_("Account"))
    def account(self, payout: Payout) -> str:
        return payout.destination.masked

    @admin.display(description=_("Named in the file as"))
    def end_to_end(self, payout: Payout) -> str:
        return payout.end_to_end_id

    @admin.display(description=_("The bank's code"))
    def code(self, payout: Payout) -> str:
        return return_codes.in_words(payout.return_code)

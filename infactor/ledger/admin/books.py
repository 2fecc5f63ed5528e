"""The books in admin: read-only accounts with their balances, transactions with their entries, and the proofs."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from infactor.core.admin.base import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    amount_text,
    figure_text,
)
from infactor.core.admin.decisions import Table, page_of
from infactor.core.money import MoneyField
from infactor.ledger import balances
from infactor.ledger.admin import views
from infactor.ledger.integrity import MAY_PROVE
from infactor.ledger.models import NOTHING, Account, Entry, Proof, Purpose, Transaction

SHOWN = 100


def _side(name: str) -> Coalesce:
    """One side of an account, added up for the rows that are shown alone."""
    of_account = Entry.objects.filter(account=OuterRef("pk")).order_by().values("account")
    added = of_account.annotate(added=Sum(name)).values("added")
    return Coalesce(Subquery(added), NOTHING, output_field=MoneyField())


def _entries(account: Account) -> Table:
    """The newest entries of `account`, so many as anybody reads."""
    rows = Entry.objects.filter(account=account).select_related("transaction").order_by("-pk")[:SHOWN]
    return Table(
        caption=f"Entries, the newest first (at most {SHOWN})",
        columns=("Transaction", "Value date", "What it was", "Debit", "Credit"),
        rows=[
            (
                format_html('<a href="{}">{}</a>', page_of(one.transaction), one.transaction.reference),
                date_format(one.transaction.value_date),
                one.transaction.description or "-",
                amount_text(one.debit, account.currency) if one.debit else "",
                amount_text(one.credit, account.currency) if one.credit else "",
            )
            for one in rows
        ],
        empty="Nothing was posted to it.",
    )


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("name_text", "supplier", "shown_balance", "created_at")
    list_filter = ("purpose", "currency")
    list_select_related = ("supplier",)
    search_fields = ("owner", "supplier__name")
    search_help_text = "By supplier, or by owner, like advance:17"
    date_hierarchy = "created_at"
    fields = ("name_text", "purpose", "owner", "currency", "supplier", "shown_balance", "created_at")
    readonly_fields = ("name_text", "shown_balance")
    change_form_template = "admin/with_tables.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        rows: QuerySet[Account] = super().get_queryset(request)
        return rows.annotate(debits=_side("debit"), credits=_side("credit"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """With what was posted to it."""
        row = self.get_object(request, object_id)
        tables = [] if row is None else [_entries(row)]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tables": tables})

    @admin.display(description="Account", ordering="purpose")
    def name_text(self, account: Account) -> str:
        return account.words

    @admin.display(description="Balance")
    def shown_balance(self, account: Account) -> SafeString:
        debits: Decimal = account.debits  # type: ignore[attr-defined]
        credits: Decimal = account.credits  # type: ignore[attr-defined]
        left = balances.on_normal_side(purpose=Purpose(account.purpose), debits=debits, credits=credits)
        return amount_text(left, account.currency)


class EntryInline(ReadOnlyInline):
    model = Entry
    fields = ("shown_account", "shown_debit", "shown_credit")
    readonly_fields = fields
    verbose_name_plural = "entries"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        rows: QuerySet[Entry] = super().get_queryset(request)
        return rows.select_related("account", "transaction")

    @admin.display(description="Account")
    def shown_account(self, entry: Entry) -> SafeString:
        address = reverse("admin:ledger_account_change", args=[entry.account_id])
        return format_html('<a href="{}">{}</a>', address, entry.account.words)

    @admin.display(description="Debit")
    def shown_debit(self, entry: Entry) -> SafeString | str:
        return amount_text(entry.debit, entry.account.currency) if entry.debit else ""

    @admin.display(description="Credit")
    def shown_credit(self, entry: Entry) -> SafeString | str:
        return amount_text(entry.credit, entry.account.currency) if entry.credit else ""


@admin.register(Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    list_display = ("reference", "value_date", "shown_total", "supplier", "description", "reverses", "by", "posted_at")
    list_filter = ("currency",)
    list_select_related = ("supplier", "by", "reverses")
    search_fields = ("reference", "supplier__name")
    search_help_text = "By supplier, or by reference, like advance:17:funded"
    date_hierarchy = "value_date"
    fields = (
        "reference",
        "value_date",
        "shown_total",
        "description",
        "supplier",
        "reverses",
        "by",
        "posted_at",
        "digest",
    )
    readonly_fields = ("shown_total",)
    inlines = (EntryInline,)

    @admin.display(description="Total", ordering="total")
    def shown_total(self, transaction: Transaction) -> SafeString:
        return amount_text(transaction.total, transaction.currency)


@admin.register(Proof)
class ProofAdmin(ReadOnlyAdmin):
    list_display = ("at", "ok", "shown_transactions", "shown_entries", "finding_count", "took")
    list_filter = ("ok",)
    date_hierarchy = "at"
    change_list_template = "admin/ledger/proof/change_list.html"
    fields = ("at", "ok", "transactions", "entries", "said", "took")
    readonly_fields = ("said", "took")

    def get_urls(self) -> list[URLPattern]:
        """With the proof that staff ask for, and the trial balance."""
        ours = [
            path("prove/", self.admin_site.admin_view(views.prove), name="ledger_prove"),
            path("trial-balance/", self.admin_site.admin_view(views.trial_balance), name="ledger_trial_balance"),
        ]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With the button that proves now, for those who may."""
        context = {**(extra_context or {}), "may_prove": request.user.has_perm(MAY_PROVE)}
        return super().changelist_view(request, context)

    @admin.display(description="Findings")
    def finding_count(self, proof: Proof) -> SafeString:
        return figure_text(len(proof.findings))

    @admin.display(description="Transactions", ordering="transactions")
    def shown_transactions(self, proof: Proof) -> SafeString:
        return figure_text(proof.transactions)

    @admin.display(description="Entries", ordering="entries")
    def shown_entries(self, proof: Proof) -> SafeString:
        return figure_text(proof.entries)

    @admin.display(description="Took", ordering="milliseconds")
    def took(self, proof: Proof) -> SafeString:
        return figure_text(proof.milliseconds, "ms")

    @admin.display(description="Findings")
    def said(self, proof: Proof) -> SafeString | str:
        if not proof.findings:
            return "None."
        return format_html(
            "<ul>{}</ul>", format_html_join("", "<li><bdi>{}</bdi></li>", ((s,) for s in proof.findings))
        )

"""Ledger accounts in admin: their balances and their newest entries, read-only."""

from decimal import Decimal

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.formatting import amount_text, change_url
from infactor.core.admin.tables import Table
from infactor.core.lists.cells import AmountText
from infactor.core.money import MoneyField
from infactor.ledger import balances
from infactor.ledger.models import ZERO, Account, Entry, Purpose

MAX_ENTRIES = 100


def _side(name: str) -> Coalesce:
    """The total of one side of an account, as a subquery for the listed rows."""
    of_account = Entry.objects.filter(account=OuterRef("pk")).order_by().values("account")
    total = of_account.annotate(total=Sum(name)).values("total")
    return Coalesce(Subquery(total), ZERO, output_field=MoneyField())


def _entries_table(account: Account) -> Table:
    """The newest entries of `account`."""
    rows = Entry.objects.filter(account=account).select_related("transaction").order_by("-pk")[:MAX_ENTRIES]
    return Table(
        caption=_("Entries, the newest first (at most %(max_entries)s)") % {"max_entries": MAX_ENTRIES},
        columns=(_("Transaction"), _("Value date"), _("Description"), _("Debit"), _("Credit")),
        rows=[
            (
                format_html('<a href="{}">{}</a>', change_url(one.transaction), one.transaction.reference),
                date_format(one.transaction.value_date),
                one.transaction.description or "-",
                amount_text(one.debit, account.currency) if one.debit else "",
                amount_text(one.credit, account.currency) if one.credit else "",
            )
            for one in rows
        ],
        empty=_("Nothing has been posted to it."),
    )


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("name_text", "supplier", "shown_balance", "created_at")
    list_filter = ("purpose", "currency")
    list_select_related = ("supplier",)
    search_fields = ("owner", "supplier__name")
    search_help_text = gettext_lazy("By supplier, or by owner, like advance:17")
    date_hierarchy = "created_at"
    fields = ("name_text", "purpose", "owner", "currency", "supplier", "shown_balance", "created_at")
    readonly_fields = ("name_text", "shown_balance")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        rows: QuerySet[Account] = super().get_queryset(request)
        return rows.annotate(debits=_side("debit"), credits=_side("credit"))

    def related_tables(self, row: Account) -> list[Table]:
        return [_entries_table(row)]

    @admin.display(description=gettext_lazy("Account"), ordering="purpose")
    def name_text(self, account: Account) -> str:
        return account.display_name

    @admin.display(description=gettext_lazy("Balance"))
    def shown_balance(self, account: Account) -> AmountText:
        debits: Decimal = account.debits  # type: ignore[attr-defined]
        credits: Decimal = account.credits  # type: ignore[attr-defined]
        left = balances.on_normal_side(purpose=Purpose(account.purpose), debits=debits, credits=credits)
        return amount_text(left, account.currency)

"""Payments in admin: what came in, how much of it waits, and what each of it was for."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from infactor.core.admin.base import amount_text
from infactor.core.admin.decisions import Decision, Table
from infactor.core.money import MoneyField
from infactor.financing.admin.base.parts import (
    FactsAdmin,
    link,
    moment_text,
    waiting_text,
)
from infactor.financing.admin.base.tables import books_table
from infactor.financing.admin.payments import file_import, payment_entry
from infactor.financing.collections import payments
from infactor.financing.models import Collection, Match
from infactor.ledger.models import NOTHING, Transaction


def with_unmatched(rows: QuerySet[Collection]) -> QuerySet[Any]:
    """Each payment with `free`: how much of it waits to be matched, in its currency."""
    live = Match.objects.filter(collection=OuterRef("pk"), undone_at__isnull=True).order_by().values("collection")
    used = Coalesce(Subquery(live.annotate(sum=Sum("amount")).values("sum")), NOTHING, output_field=MoneyField())
    free = Case(
        When(returned_on__isnull=False, then=Value(NOTHING)), default=F("amount") - used, output_field=MoneyField()
    )
    return rows.annotate(free=free)


class UnmatchedFilter(admin.SimpleListFilter):
    title = "standing"
    parameter_name = "unmatched"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "To be matched"), ("no", "Matched"), ("returned", "Taken back by the bank")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.filter(free__gt=0)
        if self.value() == "returned":
            return queryset.filter(returned_on__isnull=False)
        return queryset.filter(free=0, returned_on__isnull=True) if self.value() == "no" else queryset


def _is_here(collection: Collection) -> bool:
    return collection.returned_on is None


def _is_free(collection: Collection) -> bool:
    return payments.unmatched(collection=collection) > 0


@admin.register(Collection)
class CollectionAdmin(FactsAdmin):
    list_display = (
        "__str__",
        "value_date",
        "shown_amount",
        "shown_free",
        "payer",
        "remittance",
        "bank_reference",
        "waiting",
        "returned_on",
    )
    list_filter = (UnmatchedFilter, "source", "currency")
    search_fields = ("=id", "bank_reference", "payer", "remittance", "=amount")
    search_help_text = "By the bank's reference, payer, what it is for, exact amount or number"
    date_hierarchy = "value_date"
    change_list_template = "admin/financing/collection/change_list.html"
    fields = (
        "shown_amount",
        "shown_free",
        "value_date",
        "bank_reference",
        "payer",
        "remittance",
        "source",
        "recorded_by",
        "recorded_at",
        "returned_on",
        "returned_by",
        "return_reason",
        "public_id",
    )
    readonly_fields = ("shown_amount", "shown_free", "public_id")
    decisions = (
        Decision("match", "Match", payments.RECORD, payment_entry.match, _is_free),
        Decision("take_back", "Returned by the bank", payments.RECORD, payment_entry.take_back, _is_here),
    )

    def get_urls(self) -> list[URLPattern]:
        """With recording by hand, the import of a file, and a file to start from."""
        pages = (
            ("record/", payment_entry.record, "record"),
            ("import/", file_import.upload, "import"),
            ("import/template.csv", file_import.template, "import_template"),
        )
        ours = [
            path(address, self.admin_site.admin_view(view), name=f"financing_collection_{name}")
            for address, view, name in pages
        ]
        return [*ours, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        rows: QuerySet[Collection] = super().get_queryset(request)
        return with_unmatched(rows)

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """What waits first, the longest waiting on top; then the newest."""
        return [Case(When(Q(free__gt=0), then=Value(0)), default=Value(1)), "-value_date", "-pk"]

    def tables_of(self, row: Collection) -> Sequence[Table]:
        return [_matches(row), payment_entry.likely_table(row), _books(row)]

    @admin.display(description="Amount", ordering="amount")
    def shown_amount(self, collection: Collection) -> SafeString:
        return amount_text(collection.amount, collection.currency)

    @admin.display(description="To be matched", ordering="free")
    def shown_free(self, collection: Any) -> SafeString | str:
        return amount_text(collection.free, collection.currency) if collection.free else ""

    @admin.display(description="Waiting for")
    def waiting(self, collection: Any) -> str:
        return waiting_text(collection.recorded_at, now=timezone.now()) if collection.free else ""


def _matches(row: Collection) -> Table:
    rows = row.matches.select_related("supplier", "advance__invoice", "matched_by").order_by("position")
    return Table(
        caption="What it was for",
        columns=("For", "Supplier", "Advance", "Amount", "Matched", "By", "Undone"),
        empty="Nobody has said yet what it was for.",
        rows=[
            (
                one.get_kind_display(),
                link(one.supplier),
                link(one.advance, f"{one.advance}, invoice {one.advance.invoice}") if one.advance else "-",
                amount_text(one.amount, row.currency),
                moment_text(one.matched_at),
                str(one.matched_by),
                moment_text(one.undone_at) or "-",
            )
            for one in rows
        ],
    )


def _books(row: Collection) -> Table:
    written = Transaction.objects.filter(reference__startswith=f"{row.owner}:").prefetch_related("entries__account")
    return books_table(written.order_by("pk"))

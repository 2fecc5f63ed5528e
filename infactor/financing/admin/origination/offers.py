"""Offers in admin: what is offered to whom until when, what came of it, and taking one back."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from infactor.core.admin.base import amount_text, figure_text
from infactor.core.admin.decisions import (
    Decision,
    Table,
    confirm_page,
    page_of,
)
from infactor.financing.admin.base.parts import (
    REFUSALS,
    FactsAdmin,
    SupplierReasonForm,
    link,
    moment_text,
)
from infactor.financing.admin.base.tables import lines_table, price_tables
from infactor.financing.models import Acceptance, Offer, OfferLine
from infactor.financing.origination import offers
from infactor.financing.pricing import disclosure
from infactor.suppliers.access import person

# The model's own words speak to the supplier.
STATUSES = [(Offer.Status.PROPOSED.value, "Waiting for the supplier"), *Offer.Status.choices[1:]]


def withdraw(request: HttpRequest, offer: Offer) -> HttpResponse:
    """Take an open offer back."""

    def act(said: Mapping[str, Any]) -> str:
        offers.withdraw(offer=offer, by=person(request), at=timezone.now(), reason=said["reason"])
        return f"Offer {offer.pk} is withdrawn. {offer.supplier} is told why by mail."

    return confirm_page(
        request,
        title="Withdraw the offer",
        button="Withdraw",
        facts=(
            ("Supplier", link(offer.supplier)),
            ("Offered", f"{moment_text(offer.offered_at)}, by {offer.offered_by or 'the house'}"),
            ("Holds until", moment_text(offer.expires_at)),
        ),
        tables=(lines_table(_lines(offer), offer.currency),),
        act=act,
        back=page_of(offer),
        form=SupplierReasonForm,
        refusals=REFUSALS,
        notes=("Its invoices can be asked for again.",),
    )


def _lines(offer: Offer) -> list[OfferLine]:
    return list(offer.lines.select_related("invoice__buyer").order_by("pk"))


def _is_open(offer: Offer) -> bool:
    return offer.status == Offer.Status.PROPOSED


class OfferStatusFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return STATUSES

    def queryset(self, request: HttpRequest, queryset: QuerySet[Offer]) -> QuerySet[Offer]:
        return queryset.filter(status=self.value()) if self.value() in Offer.Status.values else queryset


@admin.register(Offer)
class OfferAdmin(FactsAdmin):
    list_display = (
        "__str__",
        "supplier",
        "invoices",
        "shown_face",
        "shown_advance",
        "shown_status",
        "offered_at",
        "expires_at",
        "offered_by",
    )
    list_filter = (OfferStatusFilter, "currency")
    search_fields = ("=id", "supplier__name", "lines__invoice__invoice_no")
    search_help_text = "By number of the offer, supplier or invoice"
    date_hierarchy = "offered_at"
    fields = (
        "supplier",
        "request",
        "shown_status",
        "reason",
        "currency",
        "terms",
        "made_on",
        "offered_by",
        "offered_at",
        "expires_at",
        "decided_by",
        "decided_at",
        "public_id",
    )
    readonly_fields = ("shown_status", "public_id")
    decisions = (Decision("withdraw", "Withdraw", offers.PRICE, withdraw, _is_open),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        rows: QuerySet[Offer] = super().get_queryset(request)
        return rows.select_related("supplier", "terms", "offered_by").annotate(
            count=Count("lines"), face=Sum("lines__face"), advance=Sum("lines__advance")
        )

    def tables_of(self, row: Offer) -> Sequence[Table]:
        lines = _lines(row)
        accepted = Acceptance.objects.filter(offer=row).select_related("by").first()
        if accepted is not None:
            return [lines_table(lines, row.currency), _accepted_table(accepted), *price_tables(accepted.figures)]
        shown = disclosure.offer_figures(offer=row, lines=lines, today=row.made_on)
        return [lines_table(lines, row.currency), *price_tables(shown)]

    @admin.display(description="Invoices", ordering="count")
    def invoices(self, offer: Any) -> SafeString:
        return figure_text(offer.count)

    @admin.display(description="Face", ordering="face")
    def shown_face(self, offer: Any) -> SafeString:
        return amount_text(offer.face, offer.currency)

    @admin.display(description="Advance", ordering="advance")
    def shown_advance(self, offer: Any) -> SafeString:
        return amount_text(offer.advance, offer.currency)

    @admin.display(description="Status", ordering="status")
    def shown_status(self, offer: Offer) -> str:
        return dict(STATUSES)[offer.status]


def _accepted_table(accepted: Acceptance) -> Table:
    return Table(
        caption="Accepted: the figures below are those that were shown",
        columns=("By", "At", "From", "With", "Digest of what was shown"),
        rows=[
            (
                str(accepted.by),
                moment_text(accepted.at),
                accepted.ip_address or "-",
                accepted.user_agent or "-",
                accepted.digest,
            )
        ],
    )

"""Offers in admin: their list, their figures, and withdrawing one."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.formatting import amount_text, figure_text, link, moment_text
from infactor.core.admin.tables import Facts, Table
from infactor.financing.admin.base.decisions import FinancingDecision
from infactor.financing.admin.base.forms import SupplierReasonForm
from infactor.financing.admin.base.tables import lines_table, price_tables
from infactor.financing.models import Acceptance, Offer, OfferLine
from infactor.financing.origination import offers
from infactor.financing.pricing import disclosure

# The labels of the model are written for the supplier.
STATUSES = [(Offer.Status.PROPOSED.value, "Waiting for the supplier"), *Offer.Status.choices[1:]]


class WithdrawView(RowDecision, FinancingDecision):
    """Withdraw an open offer."""

    row: Offer
    name = "withdraw"
    label = button = "Withdraw"
    title = "Withdraw the offer"
    permission = offers.PRICE_REQUESTS
    form_class = SupplierReasonForm
    notes = ("The supplier can request its invoices again.",)

    @classmethod
    def is_possible(cls, row: Offer) -> bool:
        return row.status == Offer.Status.PROPOSED

    def facts(self) -> Facts:
        return [
            ("Supplier", link(self.row.supplier)),
            ("Offered", f"{moment_text(self.row.offered_at)}, by {self.row.offered_by or 'the system'}"),
            ("Expires", moment_text(self.row.expires_at)),
        ]

    def tables(self) -> list[Table]:
        return [lines_table(_lines(self.row), self.row.currency)]

    def perform(self, form: Any) -> str:
        offers.withdraw(offer=self.row, by=self.user, at=timezone.now(), reason=form.cleaned_data["reason"])
        return f"Offer {self.row.pk} is withdrawn. An e-mail tells {self.row.supplier} why."


def _lines(offer: Offer) -> list[OfferLine]:
    return list(offer.lines.select_related("invoice__buyer").order_by("pk"))


class OfferStatusFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return STATUSES

    def queryset(self, request: HttpRequest, queryset: QuerySet[Offer]) -> QuerySet[Offer]:
        return queryset.filter(status=self.value()) if self.value() in Offer.Status.values else queryset


@admin.register(Offer)
class OfferAdmin(DecisionAdmin):
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
        "priced_on",
        "offered_by",
        "offered_at",
        "expires_at",
        "decided_by",
        "decided_at",
        "public_id",
    )
    readonly_fields = ("shown_status", "public_id")
    decisions = (WithdrawView,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        rows: QuerySet[Offer] = super().get_queryset(request)
        return rows.select_related("supplier", "terms", "offered_by").annotate(
            count=Count("lines"), face=Sum("lines__face"), advance=Sum("lines__advance")
        )

    def related_tables(self, row: Offer) -> Sequence[Table]:
        lines = _lines(row)
        accepted = Acceptance.objects.filter(offer=row).select_related("accepted_by").first()
        if accepted is not None:
            return [lines_table(lines, row.currency), _accepted_table(accepted), *price_tables(accepted.disclosure)]
        shown = disclosure.offer_disclosure(offer=row, lines=lines, today=row.priced_on)
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
        caption="Acceptance: the figures below are those that the supplier was shown",
        columns=("By", "At", "From", "With", "Disclosure digest"),
        rows=[
            (
                str(accepted.accepted_by),
                moment_text(accepted.accepted_at),
                accepted.ip_address or "-",
                accepted.user_agent or "-",
                accepted.disclosure_digest,
            )
        ],
    )

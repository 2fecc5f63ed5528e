"""Offers in admin: their list, their figures, and withdrawing one."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.formatting import amount_text, figure_text, link, moment_text
from infactor.core.admin.tables import Facts, Table
from infactor.core.lists.cells import AmountText
from infactor.core.translatable import Text
from infactor.financing.admin.base.decisions import FinancingDecision
from infactor.financing.admin.base.forms import SupplierReasonForm
from infactor.financing.admin.base.tables import lines_table, price_tables
from infactor.financing.models import Acceptance, Offer, OfferLine
from infactor.financing.origination import offers
from infactor.financing.pricing import disclosure

# The labels of the model are written for the supplier.
STATUSES: list[tuple[str, Text]] = [
    (Offer.Status.PROPOSED.value, gettext_lazy("Waiting for the supplier")),
    *Offer.Status.choices[1:],
]


class WithdrawView(RowDecision, FinancingDecision):
    """Withdraw an open offer."""

    row: Offer
    name = "withdraw"
    label = button = gettext_lazy("Withdraw")
    title = gettext_lazy("Withdraw the offer")
    permission = offers.PRICE_REQUESTS
    form_class = SupplierReasonForm
    notes = (gettext_lazy("The supplier can request its invoices again."),)

    @classmethod
    def is_possible(cls, row: Offer) -> bool:
        return row.status == Offer.Status.PROPOSED

    def facts(self) -> Facts:
        return [
            (_("Supplier"), link(self.row.supplier)),
            (
                _("Offered"),
                _("%(at)s, by %(who)s")
                % {"at": moment_text(self.row.offered_at), "who": self.row.offered_by or _("the system")},
            ),
            (_("Expires"), moment_text(self.row.expires_at)),
        ]

    def tables(self) -> list[Table]:
        return [lines_table(_lines(self.row), self.row.currency)]

    def perform(self, form: Any) -> str:
        offers.withdraw(offer=self.row, by=self.user, at=timezone.now(), reason=form.cleaned_data["reason"])
        return _("Offer %(pk)s is withdrawn. An email tells %(supplier)s why.") % {
            "pk": self.row.pk,
            "supplier": self.row.supplier,
        }


def _lines(offer: Offer) -> list[OfferLine]:
    return list(offer.lines.select_related("invoice__buyer").order_by("pk"))


class OfferStatusFilter(admin.SimpleListFilter):
    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Text]]:
        return STATUSES

    def queryset(self, request: HttpRequest, queryset: QuerySet[Offer]) -> QuerySet[Offer]:
        return queryset.filter(status=self.value()) if self.value() in Offer.Status.values else queryset


class ExpiresFilter(admin.SimpleListFilter):
    """By how long the supplier can still accept."""

    title = gettext_lazy("expires")
    parameter_name = "expires"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Text]]:
        return [("1", _("Within a day")), ("3", _("Within 3 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Offer]) -> QuerySet[Offer]:
        if self.value() not in ("1", "3"):
            return queryset
        until = timezone.now() + timedelta(days=int(str(self.value())))
        return queryset.filter(status=Offer.Status.PROPOSED, expires_at__lte=until)


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
    list_filter = (
        OfferStatusFilter,
        ExpiresFilter,
        "offered_at",
        ("supplier", admin.RelatedOnlyFieldListFilter),
        "currency",
    )
    queues = {("status", Offer.Status.PROPOSED): "offered_at"}
    summed = ((gettext_lazy("Face"), "face"), (gettext_lazy("Advance"), "advance"))
    search_fields = ("=id", "supplier__name", "lines__invoice__invoice_no")
    search_help_text = gettext_lazy("By number of the offer, supplier or invoice")
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
        lines = OfferLine.objects.filter(offer=OuterRef("pk")).order_by().values("offer")
        return rows.select_related("supplier", "terms", "offered_by").annotate(
            count=Coalesce(Subquery(lines.annotate(count=Count("pk")).values("count")), 0),
            face=Subquery(lines.annotate(sum=Sum("face")).values("sum")),
            advance=Subquery(lines.annotate(sum=Sum("advance")).values("sum")),
        )

    def related_tables(self, row: Offer) -> Sequence[Table]:
        lines = _lines(row)
        accepted = Acceptance.objects.filter(offer=row).select_related("accepted_by").first()
        if accepted is not None:
            return [lines_table(lines, row.currency), _accepted_table(accepted), *price_tables(accepted.disclosure)]
        shown = disclosure.offer_disclosure(offer=row, lines=lines, today=row.priced_on)
        return [lines_table(lines, row.currency), *price_tables(shown)]

    @admin.display(description=gettext_lazy("Invoices"), ordering="count")
    def invoices(self, offer: Any) -> SafeString:
        return figure_text(offer.count)

    @admin.display(description=gettext_lazy("Face"), ordering="face")
    def shown_face(self, offer: Any) -> AmountText:
        return amount_text(offer.face, offer.currency)

    @admin.display(description=gettext_lazy("Advance"), ordering="advance")
    def shown_advance(self, offer: Any) -> AmountText:
        return amount_text(offer.advance, offer.currency)

    @admin.display(description=gettext_lazy("Status"), ordering="status")
    def shown_status(self, offer: Offer) -> str:
        return str(dict(STATUSES)[offer.status])


def _accepted_table(accepted: Acceptance) -> Table:
    return Table(
        caption=_("Acceptance: the figures below are those that the supplier was shown"),
        columns=(_("By"), _("At"), _("From"), _("With"), _("Disclosure digest")),
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

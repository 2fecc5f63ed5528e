"""Financing requests in admin: their list, and the eligibility and the price of each invoice now."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, DateField, F, Func, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.filters import YesNoFilter
from infactor.core.admin.formatting import amount_text, figure_text, link, moment_text, waiting_text
from infactor.core.admin.tables import Table
from infactor.core.lists.cells import AmountText
from infactor.core.money import round_to_currency
from infactor.financing.admin.base.tables import assessments_table, limits_table, price_tables, rule_tables
from infactor.financing.admin.origination.request_decisions import DeclineView, OfferView
from infactor.financing.admin.origination.request_figures import assess, figures_of, terms_now
from infactor.financing.models import FinancingRequest, FundingTerms, RequestLine
from infactor.invoices.models import Invoice


class WaitingFilter(YesNoFilter):
    title = gettext_lazy("status")
    parameter_name = "waiting"
    yes, no = gettext_lazy("Waiting for a price"), gettext_lazy("Answered")

    def condition(self) -> Q:
        return Q(waiting__gt=0)


@admin.register(FinancingRequest)
class FinancingRequestAdmin(DecisionAdmin):
    list_display = (
        "__str__",
        "supplier",
        "invoices_waiting",
        "face_waiting",
        "base_waiting",
        "advance_waiting",
        "cash_needed",
        "waiting_for",
        "requested_at",
    )
    list_filter = (WaitingFilter, "requested_at", ("supplier", admin.RelatedOnlyFieldListFilter), "currency")
    queues = {("waiting", "yes"): "requested_at"}
    summed = ((gettext_lazy("Face waiting"), "face"), (gettext_lazy("Base waiting"), "base"))
    search_fields = ("=id", "supplier__name", "lines__invoice__invoice_no")
    search_help_text = gettext_lazy("By number of the request, supplier or invoice")
    date_hierarchy = "requested_at"
    fields = ("supplier", "currency", "cash_needed", "requested_by", "requested_at", "public_id")
    readonly_fields = ("cash_needed", "public_id")
    decisions = (OfferView, DeclineView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[FinancingRequest]:
        rows: QuerySet[FinancingRequest] = super().get_queryset(request)
        today = Cast(Func(OuterRef("supplier__time_zone"), Value(timezone.now()), function="timezone"), DateField())
        in_force = FundingTerms.objects.filter(
            Q(supplier=None) | Q(supplier=OuterRef("supplier")),
            request=None,
            currency=OuterRef("currency"),
            valid_from__lte=today,
        ).order_by(F("supplier").asc(nulls_last=True), "-valid_from", "-pk")
        waiting = (
            RequestLine.objects.filter(request=OuterRef("pk"), status=RequestLine.Status.WAITING)
            .order_by()
            .values("request")
        )
        return rows.select_related("supplier", "requested_by").annotate(
            waiting=Coalesce(Subquery(waiting.annotate(count=Count("pk")).values("count")), 0),
            face=Subquery(waiting.annotate(sum=Sum("face")).values("sum")),
            base=Subquery(waiting.annotate(sum=Sum("base")).values("sum")),
            rate=Subquery(in_force.values("advance_rate")[:1]),
        )

    def related_tables(self, row: FinancingRequest) -> Sequence[Table]:
        lines = list(row.lines.select_related("invoice__buyer", "decided_by").order_by("pk"))
        waiting = [line for line in lines if line.status == RequestLine.Status.WAITING]
        invoices: list[Invoice] = [line.invoice for line in waiting]
        assessments = assess(row, waiting)
        now = [assessments_table(invoices, assessments), limits_table(invoices, assessments)] if waiting else []
        ready, terms = [line for line in waiting if assessments[line.invoice_id].is_eligible], terms_now(row)
        prices = price_tables(figures_of(row, ready, assessments, terms=terms)) if ready and terms else []
        return [_lines_table(lines, row.currency), *now, *prices, *rule_tables(invoices, assessments)]

    @admin.display(description=gettext_lazy("Invoices waiting"), ordering="waiting")
    def invoices_waiting(self, row: Any) -> SafeString:
        return figure_text(row.waiting)

    @admin.display(description=gettext_lazy("Face"), ordering="face")
    def face_waiting(self, row: Any) -> AmountText | str:
        return amount_text(row.face, row.currency) if row.waiting else ""

    @admin.display(description=gettext_lazy("Base"), ordering="base")
    def base_waiting(self, row: Any) -> AmountText | str:
        return amount_text(row.base, row.currency) if row.waiting else ""

    @admin.display(description=gettext_lazy("Advance, about"))
    def advance_waiting(self, row: Any) -> AmountText | str:
        known = row.waiting and row.rate is not None
        return amount_text(round_to_currency(row.base * row.rate / 100, row.currency), row.currency) if known else ""

    @admin.display(description=gettext_lazy("Cash needed"), ordering="asked_for")
    def cash_needed(self, row: FinancingRequest) -> AmountText | str:
        return amount_text(row.requested_amount, row.currency) if row.requested_amount is not None else ""

    @admin.display(description=gettext_lazy("Waiting"))
    def waiting_for(self, row: Any) -> str:
        return waiting_text(row.requested_at, now=timezone.now()) if row.waiting else ""


def _lines_table(lines: Sequence[RequestLine], currency: str) -> Table:
    return Table(
        caption=_("Requested invoices"),
        columns=(
            _("Invoice"),
            _("Buyer"),
            _("Status"),
            _("Face at request"),
            _("Base at request"),
            _("Decided"),
            _("Reason"),
        ),
        rows=[
            (
                link(line.invoice),
                str(line.invoice.buyer or line.invoice.company_name or "-"),
                line.get_status_display(),
                amount_text(line.face, currency),
                amount_text(line.base, currency),
                f"{moment_text(line.decided_at)}, {line.decided_by or _('the system')}" if line.decided_at else "-",
                line.reason or "-",
            )
            for line in lines
        ],
    )

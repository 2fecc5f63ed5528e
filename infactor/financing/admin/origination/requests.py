"""Financing requests in admin: the eligibility of each invoice now, making an offer, and declining."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, DateField, F, Func, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.filters import YesNoFilter
from infactor.core.admin.formatting import amount_text, figure_text, link, moment_text, waiting_text
from infactor.core.admin.tables import Facts, Table
from infactor.core.money import round_to_currency
from infactor.financing import terms_in_force
from infactor.financing.admin.base.decisions import FinancingDecision, current_day
from infactor.financing.admin.base.forms import SupplierReasonForm
from infactor.financing.admin.base.tables import assessments_table, limits_table, price_tables, rule_tables
from infactor.financing.eligibility import reassessment, serialization
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.results import cut_by_limits
from infactor.financing.models import FinancingRequest, FundingTerms, RequestLine
from infactor.financing.origination import offers, requests
from infactor.financing.pricing import disclosure, price
from infactor.invoices.models import Invoice

WAITING = Q(lines__status=RequestLine.Status.WAITING)
NOT_ELIGIBLE = "Some invoices cannot be financed: decline them, or check only the others."


class LinesForm(forms.Form):
    """Asks which of the waiting invoices."""

    def __init__(self, *args: Any, waiting: Sequence[RequestLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(line.pk), f"Invoice {line.invoice}") for line in waiting]
        self.fields["lines"] = forms.MultipleChoiceField(
            label="Invoices", choices=choices, widget=forms.CheckboxSelectMultiple
        )
        self.order_fields(self.field_order)


class DeclineForm(LinesForm, SupplierReasonForm):
    """Asks which of the waiting invoices, and why."""

    field_order = ("lines", "reason")


class RequestDecision(RowDecision, FinancingDecision):
    """A decision about the invoices of one request that wait for a price."""

    row: FinancingRequest
    permission = offers.PRICE_REQUESTS

    @classmethod
    def is_possible(cls, row: FinancingRequest) -> bool:
        return row.lines.filter(status=RequestLine.Status.WAITING).exists()

    @cached_property
    def waiting(self) -> list[RequestLine]:
        rows = self.row.lines.filter(status=RequestLine.Status.WAITING).select_related("invoice__buyer")
        return list(rows.order_by("pk"))

    @cached_property
    def assessments(self) -> Mapping[int, Assessment]:
        return _assess(self.row, self.waiting)

    @cached_property
    def ready(self) -> list[RequestLine]:
        return [line for line in self.waiting if self.assessments[line.invoice_id].is_eligible]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "waiting": self.waiting}

    def facts(self) -> Facts:
        row = self.row
        needed = amount_text(row.requested_amount, row.currency) if row.requested_amount else "not specified"
        return [
            ("Supplier", link(row.supplier)),
            ("Requested", f"{moment_text(row.requested_at)}, by {row.requested_by}"),
            ("Cash needed", needed),
        ]

    def tables(self) -> list[Table]:
        return [assessments_table([line.invoice for line in self.waiting], self.assessments)]

    def chosen(self, form: Any) -> list[RequestLine]:
        """The lines that are checked on the form."""
        return [line for line in self.waiting if str(line.pk) in form.cleaned_data["lines"]]


class OfferView(RequestDecision):
    """Make an offer for all waiting invoices, or for those that stay checked."""

    name = "offer"
    label = title = button = "Make an offer"
    form_class = LinesForm

    def get_initial(self) -> dict[str, Any]:
        return {"lines": [str(line.pk) for line in self.ready]}

    def get_notes(self) -> list[str]:
        notes = ["The figures cover all invoices that can be financed. The offer is priced for the checked ones."]
        return notes if len(self.ready) == len(self.waiting) else [*notes, NOT_ELIGIBLE]

    def tables(self) -> list[Table]:
        return [*super().tables(), *_price_tables(self.row, self.ready, self.assessments)]

    def perform(self, form: Any) -> str:
        chosen = self.chosen(form)
        offer = offers.create(request=self.row, lines=chosen, by=self.user, at=timezone.now())
        return f"Offer {offer.pk} is made for {_count_text(chosen)}. An e-mail tells {self.row.supplier}."


class DeclineView(RequestDecision):
    """Decline invoices of the request."""

    name = "decline"
    label = title = button = "Decline"
    form_class = DeclineForm

    def get_initial(self) -> dict[str, Any]:
        declined = self.waiting if len(self.waiting) == 1 else [one for one in self.waiting if one not in self.ready]
        return {"lines": [str(line.pk) for line in declined]}

    def perform(self, form: Any) -> str:
        chosen, reason = self.chosen(form), form.cleaned_data["reason"]
        requests.refuse_lines(lines=chosen, by=self.user, at=timezone.now(), reason=reason)
        return f"{_count_text(chosen)} declined. An e-mail tells {self.row.supplier} why."


def _count_text(lines: Sequence[RequestLine]) -> str:
    return "1 invoice" if len(lines) == 1 else f"{len(lines)} invoices"


def _assess(request: FinancingRequest, lines: Sequence[RequestLine]) -> Mapping[int, Assessment]:
    invoices = [line.invoice for line in lines]
    if not invoices:
        return {}
    return reassessment.reassess(
        supplier=request.supplier, invoices=invoices, at=timezone.now(), ignore_own_request=True
    )


def _price_tables(
    request: FinancingRequest, ready: Sequence[RequestLine], assessments: Mapping[int, Assessment]
) -> list[Table]:
    """The price of an offer for all `ready` lines today; no table where no terms are in force."""
    today = current_day(request.supplier)
    try:
        terms = terms_in_force.terms_for(supplier=request.supplier, currency=request.currency, on=today)
    except terms_in_force.TermsNotSet:
        return []
    if not ready:
        return []
    ready_assessments = [assessments[line.invoice_id] for line in ready]
    figures = disclosure.build_disclosure(
        prices=[
            price.price(face=one.face, base=one.base, terms=terms.record(), cut_by_limits=cut_by_limits(one.deductions))
            for one in ready_assessments
        ],
        numbers=[str(line.invoice) for line in ready],
        recourse=[reassessment.recourse_date(line.invoice, terms=terms) for line in ready],
        deductions=[serialization.deductions_to_json(one.deductions) for one in ready_assessments],
        terms=terms.record(),
        today=today,
    )
    return price_tables(figures)


class WaitingFilter(YesNoFilter):
    title = "status"
    parameter_name = "waiting"
    yes, no = "Waiting for a price", "Answered"

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
    list_filter = (WaitingFilter, "currency")
    search_fields = ("=id", "supplier__name", "lines__invoice__invoice_no")
    search_help_text = "By number of the request, supplier or invoice"
    date_hierarchy = "requested_at"
    fields = ("supplier", "currency", "cash_needed", "requested_by", "requested_at", "public_id")
    readonly_fields = ("cash_needed", "public_id")
    decisions = (OfferView, DeclineView)

    def get_queryset(self, request: HttpRequest) -> QuerySet[FinancingRequest]:
        rows: QuerySet[FinancingRequest] = super().get_queryset(request)
        today = Cast(Func(OuterRef("supplier__time_zone"), Value(timezone.now()), function="timezone"), DateField())
        in_force = FundingTerms.objects.filter(
            Q(supplier=None) | Q(supplier=OuterRef("supplier")), currency=OuterRef("currency"), valid_from__lte=today
        ).order_by(F("supplier").asc(nulls_last=True), "-valid_from", "-pk")
        return rows.select_related("supplier", "requested_by").annotate(
            waiting=Count("lines", filter=WAITING),
            face=Sum("lines__face", filter=WAITING),
            base=Sum("lines__base", filter=WAITING),
            rate=Subquery(in_force.values("advance_rate")[:1]),
        )

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """The waiting ones first, then the newest, as on the other lists."""
        return [Func(F("waiting"), Value(1), function="least").desc(), "-requested_at"]

    def related_tables(self, row: FinancingRequest) -> Sequence[Table]:
        lines = list(row.lines.select_related("invoice__buyer", "decided_by").order_by("pk"))
        waiting = [line for line in lines if line.status == RequestLine.Status.WAITING]
        invoices: list[Invoice] = [line.invoice for line in waiting]
        assessments = _assess(row, waiting)
        now = [assessments_table(invoices, assessments), limits_table(invoices, assessments)] if waiting else []
        prices = _price_tables(row, [line for line in waiting if assessments[line.invoice_id].is_eligible], assessments)
        return [_lines_table(lines, row.currency), *now, *prices, *rule_tables(invoices, assessments)]

    @admin.display(description="Invoices waiting", ordering="waiting")
    def invoices_waiting(self, row: Any) -> SafeString:
        return figure_text(row.waiting)

    @admin.display(description="Face", ordering="face")
    def face_waiting(self, row: Any) -> SafeString | str:
        return amount_text(row.face, row.currency) if row.waiting else ""

    @admin.display(description="Base", ordering="base")
    def base_waiting(self, row: Any) -> SafeString | str:
        return amount_text(row.base, row.currency) if row.waiting else ""

    @admin.display(description="Advance, about")
    def advance_waiting(self, row: Any) -> SafeString | str:
        known = row.waiting and row.rate is not None
        return amount_text(round_to_currency(row.base * row.rate / 100, row.currency), row.currency) if known else ""

    @admin.display(description="Cash needed", ordering="asked_for")
    def cash_needed(self, row: FinancingRequest) -> SafeString | str:
        return amount_text(row.requested_amount, row.currency) if row.requested_amount is not None else ""

    @admin.display(description="Waiting")
    def waiting_for(self, row: Any) -> str:
        return waiting_text(row.requested_at, now=timezone.now()) if row.waiting else ""


def _lines_table(lines: Sequence[RequestLine], currency: str) -> Table:
    return Table(
        caption="Requested invoices",
        columns=("Invoice", "Buyer", "Status", "Face at request", "Base at request", "Decided", "Reason"),
        rows=[
            (
                link(line.invoice),
                str(line.invoice.buyer or line.invoice.company_name or "-"),
                line.get_status_display(),
                amount_text(line.face, currency),
                amount_text(line.base, currency),
                f"{moment_text(line.decided_at)}, {line.decided_by or 'the system'}" if line.decided_at else "-",
                line.reason or "-",
            )
            for line in lines
        ],
    )

"""Requests to price in admin: who waits for an offer, how the rules judge each invoice now, and the two answers."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, DateField, F, Func, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
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
from infactor.core.money import rounded
from infactor.financing import terms_in_force
from infactor.financing.admin.base.parts import (
    REFUSALS,
    FactsAdmin,
    SupplierReasonForm,
    link,
    moment_text,
    today_for,
    waiting_text,
)
from infactor.financing.admin.base.tables import (
    judged_table,
    limits_table,
    price_tables,
    workings_tables,
)
from infactor.financing.eligibility import reassessment
from infactor.financing.models import FinancingRequest, FundingTerms, RequestLine
from infactor.financing.origination import offers, requests
from infactor.financing.pricing import disclosure, price
from infactor.invoices.models import Invoice
from infactor.suppliers.access import person

WAITING = Q(lines__status=RequestLine.Status.WAITING)
NOT_ELIGIBLE = "Decline what cannot be financed, or choose the others alone."


class LinesForm(forms.Form):
    """Which of the invoices that wait."""

    def __init__(self, *args: Any, waiting: Sequence[RequestLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(line.pk), f"Invoice {line.invoice}") for line in waiting]
        self.fields["lines"] = forms.MultipleChoiceField(
            label="Invoices", choices=choices, widget=forms.CheckboxSelectMultiple
        )
        self.order_fields(self.field_order)


class DeclineForm(LinesForm, SupplierReasonForm):
    """Which invoices, and why."""

    field_order = ("lines", "reason")


def make_offer(request: HttpRequest, asked: FinancingRequest) -> HttpResponse:
    """Offer for all that waits, or for what is left checked."""
    waiting = _waiting(asked)
    judged = _judged(asked, waiting)
    ready = [line for line in waiting if judged[line.invoice_id].is_ready]

    def act(said: Mapping[str, Any]) -> str:
        chosen = [line for line in waiting if str(line.pk) in said["lines"]]
        made = offers.create(request=asked, lines=chosen, by=person(request), at=timezone.now())
        return f"Offer {made.pk} is made for {_counted(chosen)}. {asked.supplier} is told by mail."

    return confirm_page(
        request,
        title="Make an offer",
        button="Make the offer",
        facts=_facts(asked),
        tables=(judged_table([line.invoice for line in waiting], judged), *_prices(asked, ready, judged)),
        act=act,
        back=page_of(asked),
        form=partial(LinesForm, waiting=waiting),
        initial={"lines": [str(line.pk) for line in ready]},
        refusals=REFUSALS,
        notes=(
            "The figures are of all that can be financed; the offer is priced anew for those that are checked.",
            *([] if len(ready) == len(waiting) else [NOT_ELIGIBLE]),
        ),
    )


def decline(request: HttpRequest, asked: FinancingRequest) -> HttpResponse:
    """No offer for these."""
    waiting = _waiting(asked)
    judged = _judged(asked, waiting)

    def act(said: Mapping[str, Any]) -> str:
        chosen = [line for line in waiting if str(line.pk) in said["lines"]]
        requests.refuse_lines(lines=chosen, by=person(request), at=timezone.now(), reason=said["reason"])
        return f"{_counted(chosen)} declined. {asked.supplier} is told why by mail."

    return confirm_page(
        request,
        title="Decline",
        button="Decline",
        facts=_facts(asked),
        tables=(judged_table([line.invoice for line in waiting], judged),),
        act=act,
        back=page_of(asked),
        form=partial(DeclineForm, waiting=waiting),
        initial={"lines": [str(one.pk) for one in waiting if len(waiting) == 1 or not judged[one.invoice_id].is_ready]},
        refusals=REFUSALS,
    )


def _counted(lines: Sequence[RequestLine]) -> str:
    return "1 invoice" if len(lines) == 1 else f"{len(lines)} invoices"


def _facts(asked: FinancingRequest) -> list[tuple[str, object]]:
    return [
        ("Supplier", link(asked.supplier)),
        ("Asked", f"{moment_text(asked.requested_at)}, by {asked.requested_by}"),
        ("Cash needed", amount_text(asked.asked_for, asked.currency) if asked.asked_for else "not said"),
    ]


def _waiting(asked: FinancingRequest) -> list[RequestLine]:
    rows = asked.lines.filter(status=RequestLine.Status.WAITING).select_related("invoice__buyer")
    return list(rows.order_by("pk"))


def _judged(asked: FinancingRequest, lines: Sequence[RequestLine]) -> Any:
    invoices = [line.invoice for line in lines]
    if not invoices:
        return {}
    return reassessment.judge(supplier=asked.supplier, invoices=invoices, at=timezone.now(), theirs=True)


def _prices(asked: FinancingRequest, ready: Sequence[RequestLine], judged: Any) -> list[Table]:
    """What an offer for all these would come to today; nothing where there are no terms."""
    today = today_for(asked.supplier)
    try:
        terms = terms_in_force.terms_for(supplier=asked.supplier, currency=asked.currency, on=today)
    except terms_in_force.NoTerms:
        return []
    if not ready:
        return []
    rulings = [judged[line.invoice_id] for line in ready]
    shown = disclosure.figures(
        prices=[price.price(face=one.face, base=one.base, terms=terms.record()) for one in rulings],
        numbers=[str(line.invoice) for line in ready],
        recourse=[reassessment.recourse_on(line.invoice, terms=terms) for line in ready],
        deductions=[reassessment.deductions_as_json(one) for one in rulings],
        terms=terms.record(),
        today=today,
    )
    return price_tables(shown)


def _waits(asked: FinancingRequest) -> bool:
    return asked.lines.filter(status=RequestLine.Status.WAITING).exists()


class WaitingFilter(admin.SimpleListFilter):
    title = "standing"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Waiting for a price"), ("no", "Answered")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.filter(waiting__gt=0)
        return queryset.filter(waiting=0) if self.value() == "no" else queryset


@admin.register(FinancingRequest)
class FinancingRequestAdmin(FactsAdmin):
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
    decisions = (
        Decision("offer", "Make an offer", offers.PRICE, make_offer, _waits),
        Decision("decline", "Decline", offers.PRICE, decline, _waits),
    )

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
        """Those that wait first, the longest waiting of them on top."""
        return [Func(F("waiting"), Value(1), function="least").desc(), "requested_at"]

    def tables_of(self, row: FinancingRequest) -> Sequence[Table]:
        lines = list(row.lines.select_related("invoice__buyer", "decided_by").order_by("pk"))
        waiting = [line for line in lines if line.status == RequestLine.Status.WAITING]
        invoices: list[Invoice] = [line.invoice for line in waiting]
        judged = _judged(row, waiting)
        now = [judged_table(invoices, judged), limits_table(invoices, judged)] if waiting else []
        prices = _prices(row, [line for line in waiting if judged[line.invoice_id].is_ready], judged)
        return [_asked_table(lines, row.currency), *now, *prices, *workings_tables(invoices, judged)]

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
        return amount_text(rounded(row.base * row.rate / 100, row.currency), row.currency) if known else ""

    @admin.display(description="Cash needed", ordering="asked_for")
    def cash_needed(self, row: FinancingRequest) -> SafeString | str:
        return amount_text(row.asked_for, row.currency) if row.asked_for is not None else ""

    @admin.display(description="Waiting for")
    def waiting_for(self, row: Any) -> str:
        return waiting_text(row.requested_at, now=timezone.now()) if row.waiting else ""


def _asked_table(lines: Sequence[RequestLine], currency: str) -> Table:
    return Table(
        caption="Invoices asked for",
        columns=("Invoice", "Buyer", "Status", "Face when asked", "Base when asked", "Decided", "Reason"),
        rows=[
            (
                link(line.invoice),
                str(line.invoice.buyer or line.invoice.company_name or "-"),
                line.get_status_display(),
                amount_text(line.face, currency),
                amount_text(line.base, currency),
                f"{moment_text(line.decided_at)}, {line.decided_by or 'the house'}" if line.decided_at else "-",
                line.reason or "-",
            )
            for line in lines
        ],
    )

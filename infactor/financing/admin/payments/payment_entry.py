"""Staff's pages of a payment: recording one by hand, saying what it is for, and taking it back with the bank."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, TextField, Value
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from infactor.core.admin.base import amount_text
from infactor.core.admin.decisions import Table, confirm_page, page_of
from infactor.core.admin.preview import Look, Part, look_page
from infactor.financing.accounting import journal
from infactor.financing.admin.base.parts import (
    REFUSALS,
    CurrencyField,
    DayAndReasonForm,
    day_text,
    key_of,
    link,
    today_for,
)
from infactor.financing.admin.payments.allocation_forms import (
    TargetFormSet,
    look_at,
    parts_of,
    targets_of,
)
from infactor.financing.collections import payments
from infactor.financing.collections.payments import Arrival
from infactor.financing.models import OUT, Advance, Collection
from infactor.suppliers.access import person

LIKELY = 10


class ArrivalForm(forms.Form):
    """A payment as the bank's statement tells of it."""

    amount = forms.DecimalField(max_digits=18, decimal_places=2)
    currency = CurrencyField()
    value_date = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    bank_reference = forms.CharField(
        max_length=100, help_text="The bank's own reference: it keeps a payment from being recorded twice."
    )
    payer = forms.CharField(max_length=200, required=False)
    remittance = forms.CharField(
        label="What it is for", max_length=500, required=False, help_text="As the payer wrote it."
    )


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    """Record a payment and what it is for, as far as that is known. `?advance=17` fills in what is open of one."""
    if not request.user.has_perm(payments.RECORD):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    arrived, row = _filled(request.GET.get("advance", ""))
    arrival = ArrivalForm(data, initial=arrived)
    formset = TargetFormSet(data, initial=row)

    def look() -> Look:
        said = arrival.cleaned_data
        if said["amount"] <= 0:
            raise payments.CollectionRefused("Enter an amount above zero.")
        targets = targets_of(formset, left=said["amount"])
        return look_at(targets, left=said["amount"], currency=said["currency"])

    def act() -> str:
        said = arrival.cleaned_data
        made = payments.record(
            arrival=Arrival(**said),
            targets=targets_of(formset, left=said["amount"]),
            by=person(request),
            at=timezone.now(),
        )
        return f"{made} is recorded."

    return look_page(
        request,
        title="Record a payment",
        button="Record it",
        parts=(Part("The payment", arrival), *parts_of(formset)),
        management=(formset.management_form,),
        look=look,
        act=act,
        back=reverse("admin:financing_collection_changelist"),
        refusals=REFUSALS,
        notes=("Leave the parts empty where nobody knows yet what it is for: it waits to be matched.",),
    )


def for_advance(request: HttpRequest, advance: Advance) -> HttpResponse:
    """To the page of a payment, filled in with what is open of `advance`."""
    return HttpResponseRedirect(f"{reverse('admin:financing_collection_record')}?advance={advance.pk}")


def match(request: HttpRequest, collection: Collection) -> HttpResponse:
    """Say what more of a payment is for."""
    free = payments.unmatched(collection=collection)
    formset = TargetFormSet(request.POST if request.method == "POST" else None)

    def look() -> Look:
        targets = targets_of(formset, left=free)
        if not targets:
            raise payments.CollectionRefused("Say what it is for.")
        return look_at(targets, left=free, currency=collection.currency)

    def act() -> str:
        targets = targets_of(formset, left=free)
        payments.match(collection=collection, targets=targets, by=person(request), at=timezone.now())
        return f"{collection} is matched."

    return look_page(
        request,
        title="Match a payment",
        button="Match it",
        facts=_facts(collection),
        tables=(likely_table(collection),),
        parts=parts_of(formset),
        management=(formset.management_form,),
        look=look,
        act=act,
        back=page_of(collection),
        refusals=REFUSALS,
    )


def take_back(request: HttpRequest, collection: Collection) -> HttpResponse:
    """The bank returned it."""

    def act(said: Mapping[str, Any]) -> str:
        payments.take_back(
            collection=collection,
            value_date=said["value_date"],
            reason=said["reason"],
            by=person(request),
            at=timezone.now(),
        )
        return f"{collection} is taken back: everything that followed from it is undone."

    live = collection.matches.filter(undone_at__isnull=True).select_related("supplier", "advance")
    return confirm_page(
        request,
        title="Returned by the bank",
        button="Take it back",
        facts=_facts(collection),
        tables=(
            Table(
                caption="What is undone",
                columns=("For", "Supplier", "Advance", "Amount"),
                rows=[
                    (
                        one.get_kind_display(),
                        link(one.supplier),
                        link(one.advance) if one.advance else "-",
                        amount_text(one.amount, collection.currency),
                    )
                    for one in live
                ],
            ),
        ),
        act=act,
        back=page_of(collection),
        form=DayAndReasonForm,
        initial={"value_date": timezone.now().date()},
        refusals=REFUSALS,
        notes=(
            "Advances that it had paid are open again. What has ended stays so: the supplier owes it.",
            "The suppliers concerned are told by mail.",
        ),
    )


def likely_table(collection: Collection) -> Table:
    """Advances that the payment may be for: of the same amount, or whose invoice number stands in its words."""
    words = Value(collection.remittance, output_field=TextField())
    rows = (
        Advance.objects.filter(status__in=OUT, currency=collection.currency)
        .annotate(words=words)
        .filter(Q(face=collection.amount) | Q(words__icontains=F("invoice__invoice_no"), invoice__invoice_no__gt=""))
        .select_related("supplier", "invoice", "buyer")
        .order_by("pk")[:LIKELY]
    )
    return Table(
        caption="Advances that it may be for: the same amount, or the invoice's number in its words",
        empty="No advance that is out has this amount, or its invoice's number in the words of the payment.",
        columns=("Advance", "Invoice", "Supplier", "Buyer", "Face", "Funded"),
        rows=[
            (
                link(one, f"A{one.pk}"),
                str(one.invoice),
                str(one.supplier),
                str(one.buyer),
                amount_text(one.face, one.currency),
                day_text(one.funded_on),
            )
            for one in rows
        ],
    )


def _facts(collection: Collection) -> list[tuple[str, object]]:
    return [
        ("Payment", link(collection)),
        ("Amount", amount_text(collection.amount, collection.currency)),
        ("Still to be matched", amount_text(payments.unmatched(collection=collection), collection.currency)),
        ("Value date", day_text(collection.value_date)),
        ("Payer", collection.payer or "-"),
        ("What it is for", collection.remittance or "-"),
        ("Bank's reference", collection.bank_reference),
    ]


def _filled(named: str) -> tuple[dict[str, object], list[dict[str, object]]]:
    """What the form begins with: the day, and what is open of the advance with this number, if it is out."""
    today: date = timezone.now().date()
    out = Advance.objects.filter(status__in=OUT).select_related("supplier")
    advance = out.filter(pk=key_of(named)).first()
    if advance is None:
        return {"value_date": today}, []
    left = journal.outstanding(advance=advance).receivable
    row: dict[str, object] = {"what": "advance", "named": f"A{advance.pk}", "amount": left}
    here = today_for(advance.supplier)
    return {"value_date": here, "currency": advance.currency, "amount": left}, [row]

"""Staff's pages of debtors that are no list: joining buyers, and taking one out."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from infactor.core.admin.decisions import (
    ReasonForm,
    Table,
    confirm_page,
    page_of,
)
from infactor.invoices.debtors import grouping
from infactor.invoices.debtors.email_domains import own_domains
from infactor.invoices.debtors.tax_ids import masked
from infactor.invoices.models import Buyer, Debtor
from infactor.suppliers.access import person

LONGEST_ID = 18  # digits: more are no key
NOBODY = "There is nobody to join: choose buyers that belong to no debtor yet."
SEVERAL = "Some of them belong to different debtors already: take them out there first."


class JoinForm(forms.Form):
    """Which of them, and for a new debtor its name."""

    name = forms.CharField(max_length=500, label="Name of the debtor")
    buyers = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        label="Buyers to join",
        help_text="Take out whoever is another company.",
        error_messages={"required": "Choose at least one buyer."},
    )

    def __init__(self, *args: Any, chosen: Iterable[Buyer], debtor: Debtor | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["buyers"].choices = [(str(one.pk), f"{one} ({one.supplier})") for one in chosen]  # type: ignore[attr-defined]
        if debtor is not None:
            del self.fields["name"]


def to_join(*, buyers: Iterable[Buyer], debtor: Debtor | None = None) -> str:
    """The address of the page that joins `buyers`."""
    asked = [("buyer", buyer.pk) for buyer in buyers] + ([("debtor", debtor.pk)] if debtor else [])
    return f"{reverse('admin:invoices_debtor_join')}?{urlencode(asked)}"


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Join the buyers that the address names, once it was confirmed."""
    if not request.user.has_perm(grouping.PERMISSION):
        raise PermissionDenied
    asked = Buyer.objects.filter(pk__in=_keys(request, "buyer")).select_related("supplier", "company_file", "debtor")
    rows = list(asked.order_by("pk"))
    known = Debtor.objects.in_bulk({one.debtor_id for one in rows if one.debtor_id} | set(_keys(request, "debtor")))
    chosen = {str(one.pk): one for one in rows if one.debtor_id is None}
    if not chosen or len(known) > 1:
        messages.error(request, SEVERAL if chosen else NOBODY)
        return HttpResponseRedirect(reverse("admin:invoices_debtor_proposed"))
    debtor = next(iter(known.values()), None)

    def act(given: Mapping[str, Any]) -> str:
        joined = grouping.join(
            buyers=[chosen[key] for key in given["buyers"]],
            debtor=debtor,
            name=given.get("name", ""),
            by=person(request),
            at=timezone.now(),
        )
        return f"{joined} has {joined.buyers.count()} buyers now."

    return confirm_page(
        request,
        title="Join buyers into one debtor",
        button="Join",
        facts=[("Debtor", debtor or "A new one"), ("Buyers to join", len(chosen))],
        tables=[buyers_table(rows)],
        notes=["Its limit and its lateness count over all of its suppliers. No supplier is told of the others."],
        form=partial(JoinForm, chosen=chosen.values(), debtor=debtor),
        initial={"name": str(next(iter(chosen.values()))), "buyers": list(chosen)},
        act=act,
        refusals=[grouping.JoinRefused],
        back=page_of(debtor) if debtor else reverse("admin:invoices_debtor_proposed"),
        back_label="Buyers that may be one company",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, object_id: int) -> HttpResponse:
    """Take one buyer out of its debtor, once it was confirmed."""
    if not request.user.has_perm(grouping.PERMISSION):
        raise PermissionDenied
    buyer = get_object_or_404(Buyer.objects.select_related("supplier", "company_file", "debtor"), pk=object_id)
    if buyer.debtor is None:
        messages.error(request, "This buyer belongs to no debtor.")
        return HttpResponseRedirect(page_of(buyer))

    def act(given: Mapping[str, Any]) -> str:
        grouping.leave(buyer=buyer, by=person(request), at=timezone.now(), reason=given["reason"])
        return f"{buyer} was taken out."

    return confirm_page(
        request,
        title="Take a buyer out of its debtor",
        button="Take out",
        facts=[("Debtor", buyer.debtor), ("Buyer", buyer), ("Supplier", buyer.supplier)],
        tables=[buyers_table([buyer])],
        notes=["The debtor's limits and lateness count for this buyer no longer."],
        form=ReasonForm,
        act=act,
        refusals=[grouping.JoinRefused],
        back=page_of(buyer.debtor),
    )


def _keys(request: HttpRequest, name: str) -> list[int]:
    """The keys that the address gives as `name`; Http404 for what is none."""
    given = request.GET.getlist(name)
    if not all(one.isascii() and one.isdecimal() and len(one) <= LONGEST_ID for one in given):
        raise Http404
    return [int(one) for one in given]


def buyers_table(buyers: Iterable[Buyer]) -> Table:
    """`buyers` beside each other."""
    return Table(
        caption="As their suppliers' books have them",
        columns=("Buyer", "Company name", "Supplier", "Books", "Tax number", "Mail domain", "Address", "Debtor"),
        rows=[
            (
                buyer,
                buyer.company_name,
                buyer.supplier,
                buyer.company_file,
                masked(buyer.tax_id),
                ", ".join(own_domains(buyer.email)),
                buyer.address,
                buyer.debtor or "-",
            )
            for buyer in buyers
        ],
    )

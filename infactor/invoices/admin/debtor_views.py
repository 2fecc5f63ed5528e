"""Staff's decisions about debtors: joining buyers into one, and removing a buyer."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from infactor.core.admin.decisions import DecisionView
from infactor.core.admin.formatting import change_url
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts, Table
from infactor.invoices.debtors import grouping
from infactor.invoices.debtors.email_domains import company_domains
from infactor.invoices.debtors.tax_ids import masked
from infactor.invoices.models import Buyer, Debtor
from infactor.suppliers.access import signed_in_user

MAX_KEY_DIGITS = 18
NOBODY_TO_JOIN = "Choose buyers that belong to no debtor yet."
SEVERAL_DEBTORS = "These buyers belong to different debtors. Remove them from their debtors first."


class JoinForm(forms.Form):
    """Asks which of the buyers, and for a new debtor its name."""

    name = forms.CharField(max_length=500, label="Name of the debtor")
    buyers = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        label="Buyers to join",
        help_text="Uncheck any buyer that is another company.",
        error_messages={"required": "Choose at least one buyer."},
    )

    def __init__(self, *args: Any, buyers: Iterable[Buyer], debtor: Debtor | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["buyers"].choices = [(str(one.pk), f"{one} ({one.supplier})") for one in buyers]  # type: ignore[attr-defined]
        if debtor is not None:
            del self.fields["name"]


def join_url(*, buyers: Iterable[Buyer], debtor: Debtor | None = None) -> str:
    """The address of the page that joins `buyers`."""
    query = [("buyer", buyer.pk) for buyer in buyers] + ([("debtor", debtor.pk)] if debtor else [])
    return f"{reverse('admin:invoices_debtor_join')}?{urlencode(query)}"


class JoinView(DecisionView):
    """Join the buyers that the address names into one debtor: `?buyer=1&buyer=2&debtor=3`."""

    title = "Join buyers into one debtor"
    button = "Join"
    permission = grouping.PERMISSION
    form_class = JoinForm
    refusals = (grouping.GroupingError,)
    back_label = "Possible duplicate buyers"
    notes = (
        "Its limit and its late payments count across all of its suppliers.",
        "No supplier learns about the others.",
    )
    buyers: list[Buyer]
    debtors: list[Debtor]

    def load(self) -> None:
        named = Buyer.objects.filter(pk__in=_keys(self.request, "buyer"))
        self.buyers = list(named.select_related("supplier", "company_file", "debtor").order_by("pk"))
        keys = {one.debtor_id for one in self.buyers if one.debtor_id} | set(_keys(self.request, "debtor"))
        self.debtors = list(Debtor.objects.filter(pk__in=keys))

    def blocker(self) -> str:
        if not self.joinable:
            return NOBODY_TO_JOIN
        return SEVERAL_DEBTORS if len(self.debtors) > 1 else ""

    def get_blocked_url(self) -> str:
        return reverse("admin:invoices_debtor_suggestions")

    def get_success_url(self) -> str:
        return change_url(self.debtor) if self.debtor else reverse("admin:invoices_debtor_suggestions")

    @property
    def debtor(self) -> Debtor | None:
        """The debtor that the buyers join; None for a new one."""
        return self.debtors[0] if self.debtors else None

    @property
    def joinable(self) -> dict[str, Buyer]:
        """The buyers without a debtor, by their keys as text."""
        return {str(one.pk): one for one in self.buyers if one.debtor_id is None}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "buyers": self.joinable.values(), "debtor": self.debtor}

    def get_initial(self) -> dict[str, Any]:
        return {"name": str(next(iter(self.joinable.values()))), "buyers": list(self.joinable)}

    def facts(self) -> Facts:
        return [("Debtor", self.debtor or "A new one"), ("Buyers to join", len(self.joinable))]

    def tables(self) -> list[Table]:
        return [buyers_table(self.buyers)]

    def perform(self, form: Any) -> str:
        joined = grouping.join(
            buyers=[self.joinable[key] for key in form.cleaned_data["buyers"]],
            debtor=self.debtor,
            name=form.cleaned_data.get("name", ""),
            by=signed_in_user(self.request),
            at=timezone.now(),
        )
        return f"{joined} now has {joined.buyers.count()} buyers."


class RemoveView(DecisionView):
    """Remove one buyer from its debtor."""

    title = "Remove a buyer from its debtor"
    button = "Remove"
    permission = grouping.PERMISSION
    form_class = ReasonForm
    refusals = (grouping.GroupingError,)
    notes = ("The debtor's limits and late payments no longer count for this buyer.",)
    buyer: Buyer

    def load(self) -> None:
        rows = Buyer.objects.select_related("supplier", "company_file", "debtor")
        self.buyer = get_object_or_404(rows, pk=self.kwargs["object_id"])
        self.debtor = self.buyer.debtor

    def blocker(self) -> str:
        return "This buyer belongs to no debtor." if self.debtor is None else ""

    def get_success_url(self) -> str:
        return change_url(self.debtor or self.buyer)

    def facts(self) -> Facts:
        return [("Debtor", self.debtor), ("Buyer", self.buyer), ("Supplier", self.buyer.supplier)]

    def tables(self) -> list[Table]:
        return [buyers_table([self.buyer])]

    def perform(self, form: Any) -> str:
        user, reason = signed_in_user(self.request), form.cleaned_data["reason"]
        grouping.remove(buyer=self.buyer, by=user, at=timezone.now(), reason=reason)
        return f"{self.buyer} is removed from {self.debtor}."


def _keys(request: HttpRequest, name: str) -> list[int]:
    """The keys in the query parameter `name`. Raises Http404 for a text that is no key."""
    texts = request.GET.getlist(name)
    if not all(one.isascii() and one.isdecimal() and len(one) <= MAX_KEY_DIGITS for one in texts):
        raise Http404
    return [int(one) for one in texts]


def buyers_table(buyers: Iterable[Buyer]) -> Table:
    """The buyers with what identifies them."""
    return Table(
        caption="In their suppliers' books",
        columns=("Buyer", "Company name", "Supplier", "Books", "Tax number", "E-mail domain", "Address", "Debtor"),
        rows=[
            (
                buyer,
                buyer.company_name,
                buyer.supplier,
                buyer.company_file,
                masked(buyer.tax_id),
                ", ".join(company_domains(buyer.email)),
                buyer.address,
                buyer.debtor or "-",
            )
            for buyer in buyers
        ],
    )

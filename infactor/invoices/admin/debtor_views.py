"""Staff's decisions about debtors: joining buyers into one, and removing a buyer."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
NOBODY_TO_JOIN = gettext_lazy("Choose buyers that belong to no debtor yet.")
SEVERAL_DEBTORS = gettext_lazy("These buyers belong to different debtors. Remove them from their debtors first.")


class JoinForm(forms.Form):
    """Asks which of the buyers, and for a new debtor its name."""

    name = forms.CharField(max_length=500, label=gettext_lazy("Name of the debtor"))
    buyers = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Buyers to join"),
        help_text=gettext_lazy("Uncheck any buyer that is another company."),
        error_messages={"required": gettext_lazy("Choose at least one buyer.")},
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

    title = gettext_lazy("Join buyers into one debtor")
    button = gettext_lazy("Join")
    permission = grouping.PERMISSION
    form_class = JoinForm
    refusals = (grouping.GroupingError,)
    back_label = gettext_lazy("Possible duplicate buyers")
    notes = (
        gettext_lazy("Its limit and its late payments count across all of its suppliers."),
        gettext_lazy("No supplier learns about the others."),
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
            return str(NOBODY_TO_JOIN)
        return str(SEVERAL_DEBTORS) if len(self.debtors) > 1 else ""

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
        return [(_("Debtor"), self.debtor or _("A new one")), (_("Buyers to join"), len(self.joinable))]

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
        return _("%(joined)s now has %(count)s buyers.") % {"joined": joined, "count": joined.buyers.count()}


class RemoveView(DecisionView):
    """Remove one buyer from its debtor."""

    title = gettext_lazy("Remove a buyer from its debtor")
    button = gettext_lazy("Remove")
    permission = grouping.PERMISSION
    form_class = ReasonForm
    refusals = (grouping.GroupingError,)
    notes = (gettext_lazy("The debtor's limits and late payments no longer count for this buyer."),)
    buyer: Buyer

    def load(self) -> None:
        rows = Buyer.objects.select_related("supplier", "company_file", "debtor")
        self.buyer = get_object_or_404(rows, pk=self.kwargs["object_id"])
        self.debtor = self.buyer.debtor

    def blocker(self) -> str:
        return _("This buyer belongs to no debtor.") if self.debtor is None else ""

    def get_success_url(self) -> str:
        return change_url(self.debtor or self.buyer)

    def facts(self) -> Facts:
        return [(_("Debtor"), self.debtor), (_("Buyer"), self.buyer), (_("Supplier"), self.buyer.supplier)]

    def tables(self) -> list[Table]:
        return [buyers_table([self.buyer])]

    def perform(self, form: Any) -> str:
        user, reason = signed_in_user(self.request), form.cleaned_data["reason"]
        grouping.remove(buyer=self.buyer, by=user, at=timezone.now(), reason=reason)
        return _("%(buyer)s is removed from %(debtor)s.") % {"buyer": self.buyer, "debtor": self.debtor}


def _keys(request: HttpRequest, name: str) -> list[int]:
    """The keys in the query parameter `name`. Raises Http404 for a text that is no key."""
    texts = request.GET.getlist(name)
    if not all(one.isascii() and one.isdecimal() and len(one) <= MAX_KEY_DIGITS for one in texts):
        raise Http404
    return [int(one) for one in texts]


def buyers_table(buyers: Iterable[Buyer]) -> Table:
    """The buyers with what identifies them."""
    return Table(
        caption=_("In their suppliers' books"),
        columns=(
            _("Buyer"),
            _("Company name"),
            _("Supplier"),
            _("Books"),
            _("Tax number"),
            _("Email domain"),
            _("Address"),
            _("Debtor"),
        ),
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

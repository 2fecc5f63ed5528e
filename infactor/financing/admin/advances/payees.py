"""Payees of collection costs in admin: entered, completed from the W-9, and never with a full number."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core import reasons
from infactor.core.admin.blockers import done_blocker
from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.formatting import amount_text, day_text, link, moment_text
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts, Table
from infactor.core.form_fields import DayInput
from infactor.financing.admin.base.decisions import REFUSALS, FinancingDecision
from infactor.financing.advances import closing, payee_joins, payees
from infactor.financing.advances.payees import PayeeDetails
from infactor.financing.models import CollectionCost, Payee
from infactor.suppliers.countries import countries

SHOWN = 200  # costs on the page of a payee
W9_NOTE = gettext_lazy(
    "Copy name, business, address and number from the payee's Form W-9. The number is never shown in full here."
)


class PayeeForm(forms.Form):
    """Asks what Form W-9 says."""

    name = forms.CharField(
        label=gettext_lazy("Legal name"), max_length=200, help_text=gettext_lazy("As on line 1 of the W-9.")
    )
    service = forms.ChoiceField(label=gettext_lazy("What it does"), choices=Payee.Service.choices)
    business_type = forms.ChoiceField(label=gettext_lazy("Kind of business"), choices=Payee.BusinessType.choices)
    address_line1 = forms.CharField(label=gettext_lazy("Address"), max_length=200, required=False)
    address_line2 = forms.CharField(label=gettext_lazy("Address, second line"), max_length=200, required=False)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100, required=False)
    region = forms.CharField(label=gettext_lazy("State or region"), max_length=100, required=False)
    postal_code = forms.CharField(label=gettext_lazy("ZIP or postal code"), max_length=20, required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=lambda: list(countries().items()))
    tin_type = forms.ChoiceField(
        label=gettext_lazy("Kind of number"),
        choices=[("", gettext_lazy("None yet")), *Payee.TinType.choices],
        required=False,
    )
    tin = forms.CharField(
        label=gettext_lazy("Number (TIN)"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text=gettext_lazy("Nine digits. Left empty, the number on file stays."),
    )
    w9_received_on = forms.DateField(label=gettext_lazy("W-9 on file since"), required=False, widget=DayInput())

    def details(self) -> PayeeDetails:
        return PayeeDetails(**self.cleaned_data)


class EnterPayeeView(FinancingDecision):
    """A payee before its first cost."""

    permission = closing.SETTLE_ADVANCES
    needs_fresh_factor = True
    holds_secrets = True
    title, button = gettext_lazy("Add a payee"), gettext_lazy("Add")
    form_class = PayeeForm
    notes = (W9_NOTE,)

    def get_initial(self) -> dict[str, Any]:
        return {"country": "US"}

    def get_success_url(self) -> str:
        return reverse("admin:financing_payee_changelist")

    def perform(self, form: Any) -> str:
        payee = payees.enter(details=form.details(), by=self.user, at=timezone.now())
        return _("%(payee)s is added.") % {"payee": payee}


class ChangePayeeView(RowDecision, FinancingDecision):
    """What is known of a payee changes, as when its W-9 comes."""

    row: Payee
    name = "edit"
    label = title = gettext_lazy("Change the payee")
    button = gettext_lazy("Save")
    permission = closing.SETTLE_ADVANCES
    needs_fresh_factor = True
    holds_secrets = True
    form_class = PayeeForm
    notes = (W9_NOTE,)

    def facts(self) -> Facts:
        return [(_("Payee"), link(self.row)), (_("Number"), self.row.masked or _("none yet"))]

    def get_initial(self) -> dict[str, Any]:
        names = asdict(PayeeDetails(name="", service="", country=""))
        return {name: getattr(self.row, name) for name in names if name != "tin"}

    def perform(self, form: Any) -> str:
        payee = payees.change(payee=self.row, details=form.details(), by=self.user, at=timezone.now())
        return _("%(payee)s is changed.") % {"payee": payee}


class JoinForm(ReasonForm):
    """Asks which payee it is, and how that is known."""

    into = forms.ModelChoiceField(Payee.objects.none(), label=gettext_lazy("It is the same as"))
    field_order = ("into", "reason")

    def __init__(self, *args: Any, payee: Payee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Payee.objects.filter(joined_into=None).exclude(pk=payee.pk).defer("tin", "fingerprint")
        self.fields["into"].queryset = others  # type: ignore[attr-defined]


class PayeeDecision(RowDecision, FinancingDecision):
    """A decision about which rows are one payee."""

    row: Payee
    permission = closing.SETTLE_ADVANCES
    needs_fresh_factor = True
    refusals = (*REFUSALS, reasons.ReasonMissing)

    def facts(self) -> Facts:
        return [
            (_("Payee"), link(self.row)),
            (_("Number"), self.row.masked or _("none yet")),
            (_("Address"), self.row.address or _("not complete")),
            (_("Collection costs"), str(self.row.costs.count())),
        ]


class JoinView(PayeeDecision):
    """This row is another one's payee, under another name."""

    name = "join"
    label = title = gettext_lazy("Join with another payee")
    button = gettext_lazy("Join")
    form_class = JoinForm
    notes = (
        gettext_lazy(
            "For Forms 1099 both are one payee, with the name, address and number of the one that you choose."
        ),
        gettext_lazy("Costs stay where they are. New ones are recorded for the one that you choose. It can be undone."),
    )

    @classmethod
    def is_possible(cls, row: Payee) -> bool:
        return row.joined_into_id is None

    @classmethod
    def blocker_of(cls, row: Payee) -> str:
        at = row.joined_at
        return (
            done_blocker(_("joined with %(joined_into)s") % {"joined_into": row.joined_into}, at=at, by=row.joined_by)
            if at
            else ""
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "payee": self.row}

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        payee_joins.join(payee=self.row, by=self.user, at=timezone.now(), **data)
        return _("%(row)s is joined with %(into)s.") % {"row": self.row, "into": data["into"]}


class SeparateView(PayeeDecision):
    """They are two payees after all."""

    name = "separate"
    label = title = gettext_lazy("Separate")
    button = gettext_lazy("Separate them")
    form_class = ReasonForm
    notes = (gettext_lazy("Each is a payee of its own again, with its own costs."),)

    @classmethod
    def is_possible(cls, row: Payee) -> bool:
        return row.joined_into_id is not None

    @classmethod
    def blocker_of(cls, row: Payee) -> str:
        return _("It is not joined with another payee.")

    def perform(self, form: Any) -> str:
        before = self.row.joined_into
        payee_joins.separate(payee=self.row, by=self.user, at=timezone.now(), **form.cleaned_data)
        return _("%(row)s and %(before)s are two payees again.") % {"row": self.row, "before": before}


@admin.register(Payee)
class PayeeAdmin(DecisionAdmin):
    list_display = ("name", "service", "business_type", "shown_tin", "w9_received_on", "country", "joined_into")
    list_select_related = ("joined_into",)
    list_filter = ("service", "business_type")
    search_fields = ("name",)
    search_help_text = gettext_lazy("By name")
    fields = (
        *("name", "service", "business_type", "shown_address", "country", "shown_tin", "w9_received_on"),
        *("joined_into", "joined_by", "joined_at", "entered_by", "entered_at"),
    )
    readonly_fields = ("shown_address", "shown_tin")
    add_decision = EnterPayeeView
    decisions = (ChangePayeeView, JoinView, SeparateView)

    def get_queryset(self, request: HttpRequest) -> Any:
        return (
            super()
            .get_queryset(request)
            .defer(*(f"{of}{name}" for of in ("", "joined_into__") for name in ("tin", "fingerprint")))
        )

    def related_tables(self, row: Payee) -> Sequence[Table]:
        of_it = CollectionCost.objects.filter(Q(payee=row) | Q(payee__joined_into=row))
        costs = of_it.select_related("advance__invoice").order_by("-pk")[:SHOWN]
        joined = row.joined.select_related("joined_by").order_by("joined_at")
        return [
            Table(
                caption=_("Collection costs, latest first (at most %(shown)s)") % {"shown": SHOWN},
                columns=(_("Advance"), _("Amount"), _("Recorded for"), _("Debited on"), _("For")),
                rows=[
                    (
                        link(
                            one.advance,
                            _("A%(advance_id)s, invoice %(invoice)s")
                            % {"advance_id": one.advance_id, "invoice": one.advance.invoice},
                        ),
                        amount_text(one.amount, one.advance.currency),
                        day_text(one.value_date),
                        day_text(one.debited_on) or _("not confirmed by the bank"),
                        one.reason,
                    )
                    for one in costs
                ],
            ),
            Table(
                caption=_("The same payee under other names"),
                columns=(_("Payee"), _("Joined"), _("By")),
                rows=[(link(one), moment_text(one.joined_at), str(one.joined_by)) for one in joined],
            ),
        ]

    @admin.display(description=gettext_lazy("Number (TIN)"))
    def shown_tin(self, payee: Payee) -> str:
        return payee.masked or "-"

    @admin.display(description=gettext_lazy("Address"))
    def shown_address(self, payee: Payee) -> str:
        return payee.address or _("not complete")

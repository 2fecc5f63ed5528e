"""Overrides in admin: which rules are let pass for what, letting one pass, and ending that."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from infactor.core.admin.decisions import Decision, confirm_page, page_of
from infactor.core.admin.preview import Look, Part, look_page
from infactor.financing.admin.base.parts import (
    REFUSALS,
    Chosen,
    day_text,
    do_or_ask,
    moment_text,
)
from infactor.financing.admin.base.policy_base import (
    AddedByLook,
    HoldsFilter,
    buyer_field,
    reason_field,
)
from infactor.financing.admin.origination.eligibility import MainRuleFilter
from infactor.financing.admin.policy.approval_details import override_facts
from infactor.financing.approvals import Plan
from infactor.financing.eligibility import explanations
from infactor.financing.models import Approval, Override
from infactor.financing.policy import changes
from infactor.invoices.customer_hierarchy import top_of
from infactor.invoices.models import Buyer, Invoice
from infactor.suppliers.access import person

MAY_OVERRIDE = "financing.override_rules"


class OverrideForm(forms.Form):
    """Which rule, for what, until when, and why."""

    rule = forms.ChoiceField(choices=changes.rule_choices)
    invoice = forms.ModelChoiceField(
        Invoice.objects.select_related("supplier", "buyer"), required=False, widget=Chosen(Override, "invoice")
    )
    buyer = buyer_field("For all invoices of this buyer. Choose an invoice or a buyer.")
    until = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The last day on which it passes. Empty: until somebody ends it.",
    )
    reason = reason_field()

    def clean(self) -> dict[str, Any]:
        """Of one thing."""
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and bool(said.get("invoice")) == bool(said.get("buyer")):
            raise forms.ValidationError("Choose an invoice or a buyer: one of them.")
        return said


def override(request: HttpRequest) -> HttpResponse:
    """Let a rule pass, after a look at what for. `?invoice=5` or `?buyer=7` fill it in."""
    given = {name: request.GET[name] for name in ("invoice", "buyer", "rule") if request.GET.get(name, "").isalnum()}
    form = OverrideForm(request.POST if request.method == "POST" else None, initial=given)

    def look() -> Look:
        said = form.cleaned_data
        buyer = top_of(buyer=said["buyer"]) if said["buyer"] else None
        return Look(
            facts=(
                ("Rule", explanations.title_for_staff(said["rule"])),
                *override_facts(invoice=said["invoice"], buyer=buyer),
                ("Until", day_text(said["until"]) or "somebody ends it"),
            ),
            notes=("From the terms' amount up it takes a second person. The other rules hold as before.",),
        )

    def act() -> str:
        return do_or_ask(request, _plan(form.cleaned_data), done="The rule lets it pass from now on.")

    return look_page(
        request,
        title="Let a rule pass",
        button="Let it pass",
        parts=(Part("What passes which rule", form),),
        look=look,
        act=act,
        back=reverse("admin:financing_override_changelist"),
        refusals=REFUSALS,
    )


def _plan(said: dict[str, Any]) -> Plan:
    invoice: Invoice | None = said["invoice"]
    buyer: Buyer | None = top_of(buyer=said["buyer"]) if said["buyer"] else None
    subject = invoice if invoice is not None else buyer
    if subject is None:
        raise changes.SettingRefused("Choose an invoice or a buyer.")
    worth = changes.worth(invoice=invoice, buyer=buyer)
    currency, amount = max(worth.items(), key=lambda one: one[1], default=(subject.currency, Decimal(0)))
    what = f"invoice {invoice}" if invoice is not None else f"all invoices of {buyer}"
    return Plan(
        kind=Approval.Kind.OVERRIDE,
        subject=f"{said['rule']}:{'invoice' if invoice is not None else 'buyer'}:{subject.pk}",
        permission=MAY_OVERRIDE,
        supplier=subject.supplier,
        currency=currency,
        amount=amount,
        summary=f"Let {what} of {subject.supplier} pass the rule {explanations.title_for_staff(said['rule'])}",
        arguments={
            "rule": said["rule"],
            "invoice": invoice and invoice.pk,
            "buyer": buyer and buyer.pk,
            "until": said["until"] and said["until"].isoformat(),
            "reason": said["reason"],
        },
    )


def end(request: HttpRequest, row: Override) -> HttpResponse:
    """The rule holds again."""

    def act(said: object) -> str:
        changes.end_override(override=row, by=person(request), at=timezone.now())
        return "It is ended: the rule holds again."

    return confirm_page(
        request,
        title="End the override",
        button="End it",
        facts=(
            ("Rule", explanations.title_for_staff(row.rule)),
            *override_facts(invoice=row.invoice, buyer=row.buyer),
            ("Set by", f"{row.set_by}, {moment_text(row.set_at)}"),
            ("Reason", row.reason),
        ),
        act=act,
        back=page_of(row),
        refusals=REFUSALS,
    )


class LiveFilter(HoldsFilter):
    def over(self) -> Q:
        return Q(ended_at__isnull=False) | Q(until__lt=timezone.now().date())


class RuleFilter(MainRuleFilter):
    title = "rule"
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return changes.rule_choices()


@admin.register(Override)
class OverrideAdmin(AddedByLook):
    list_display = (
        "title",
        "supplier",
        "subject",
        "last_day",
        "reason",
        "set_by",
        "set_at",
        "ended",
    )
    list_filter = (LiveFilter, RuleFilter)
    search_fields = ("supplier__name", "invoice__invoice_no", "buyer__name", "reason")
    search_help_text = "By supplier, invoice, buyer or reason"
    date_hierarchy = "set_at"
    fields = (
        "title",
        "supplier",
        "invoice",
        "buyer",
        "last_day",
        "reason",
        "set_by",
        "set_at",
        "ended",
    )
    readonly_fields = ("title", "last_day", "ended")
    may_set = MAY_OVERRIDE
    decisions = (Decision("end", "End it", MAY_OVERRIDE, end, lambda row: row.ended_at is None),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Override]:
        rows: QuerySet[Override] = super().get_queryset(request)
        return rows.select_related(
            "supplier", "invoice__supplier", "invoice__buyer", "buyer__supplier", "set_by", "ended_by"
        )

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """Those that hold first, the newest of them on top."""
        return [F("ended_at").desc(nulls_first=True), "-set_at"]

    def page_to_add(self, request: HttpRequest) -> HttpResponse:
        return override(request)

    @admin.display(description="Rule", ordering="rule")
    def title(self, row: Override) -> str:
        return explanations.title_for_staff(row.rule)

    @admin.display(description="For", ordering="invoice")
    def subject(self, row: Override) -> str:
        return f"invoice {row.invoice}" if row.invoice else f"all invoices of {row.buyer}"

    @admin.display(description="Until", ordering="until")
    def last_day(self, row: Override) -> str:
        return day_text(row.until) or "somebody ends it"

    @admin.display(description="Ended")
    def ended(self, row: Override) -> str:
        return f"{moment_text(row.ended_at)}, {row.ended_by}" if row.ended_at else ""

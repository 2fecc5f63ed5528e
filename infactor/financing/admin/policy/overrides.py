"""Overrides of rules in admin: their list, overriding a rule, and ending an override."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.blockers import done_blocker
from infactor.core.admin.decisions import DecisionAdmin, RowDecision
from infactor.core.admin.formatting import day_text, moment_text
from infactor.core.admin.preview import Preview
from infactor.core.admin.tables import Facts
from infactor.core.business_day import business_day
from infactor.core.form_fields import DayInput
from infactor.financing.admin.base.decisions import FinancingDecision, FinancingPreview
from infactor.financing.admin.base.filters import InForceFilter
from infactor.financing.admin.base.forms import RawIdSearchWidget, buyer_field, reason_field
from infactor.financing.admin.origination.eligibility import DecidingRuleFilter
from infactor.financing.admin.policy.approval_details import override_facts
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.eligibility import explanations
from infactor.financing.models import Approval, Override
from infactor.financing.policy import overrides
from infactor.financing.policy.authorization import PolicyError
from infactor.invoices.customer_hierarchy import root_customer
from infactor.invoices.models import Buyer, Invoice


class OverrideForm(forms.Form):
    """Asks which rule, for what, until when, and why."""

    rule = forms.ChoiceField(label=gettext_lazy("Rule"), choices=overrides.overridable_rule_choices)
    invoice = forms.ModelChoiceField(
        Invoice.objects.select_related("supplier", "buyer"),
        label=gettext_lazy("Invoice"),
        required=False,
        widget=RawIdSearchWidget(Override, "invoice"),
    )
    buyer = buyer_field(gettext_lazy("For all invoices of this buyer. Choose an invoice or a buyer."))
    until = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=DayInput(),
        help_text=gettext_lazy("The last day of the override. Empty: until somebody ends it."),
    )
    reason = reason_field()

    def clean(self) -> dict[str, Any]:
        """Require an invoice or a buyer, not both."""
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and bool(data.get("invoice")) == bool(data.get("buyer")):
            raise forms.ValidationError(_("Choose either an invoice or a buyer."))
        return data


class AddOverrideView(FinancingPreview):
    """Override a rule. `?invoice=5` or `?buyer=7`, and `?rule=`, fill in the form."""

    title = gettext_lazy("Override a rule")
    button = gettext_lazy("Override")
    permission = "financing.override_rules"
    needs_fresh_factor = True
    legend = gettext_lazy("Which rule, and for what")
    form_class = OverrideForm

    def get_initial(self) -> dict[str, Any]:
        query = self.request.GET
        return {name: query[name] for name in ("invoice", "buyer", "rule") if query.get(name, "").isalnum()}

    def get_success_url(self) -> str:
        return reverse("admin:financing_override_changelist")

    def preview(self, form: Any) -> Preview:
        data = form.cleaned_data
        buyer = root_customer(buyer=data["buyer"]) if data["buyer"] else None
        return Preview(
            facts=(
                (_("Rule"), explanations.staff_title(data["rule"])),
                *override_facts(invoice=data["invoice"], buyer=buyer),
                (_("Until"), day_text(data["until"]) or _("somebody ends it")),
            ),
            notes=(
                _("From the dual control threshold of the terms up, a second person must approve it."),
                _("All other rules still apply."),
            ),
        )

    def perform(self, form: Any) -> str:
        request = self._approval_request(form.cleaned_data)
        return self.execute_or_request_approval(request, done=_("The rule is overridden from now on."))

    def _approval_request(self, data: dict[str, Any]) -> ApprovalRequest:
        invoice: Invoice | None = data["invoice"]
        buyer: Buyer | None = root_customer(buyer=data["buyer"]) if data["buyer"] else None
        subject = invoice if invoice is not None else buyer
        if subject is None:
            raise PolicyError(_("Choose an invoice or a buyer."))
        amounts = overrides.amount_at_risk(invoice=invoice, buyer=buyer)
        currency, amount = max(amounts.items(), key=lambda one: one[1], default=(subject.currency, Decimal(0)))
        name = (
            _("invoice %(invoice)s") % {"invoice": invoice}
            if invoice is not None
            else _("all invoices of %(buyer)s") % {"buyer": buyer}
        )
        return ApprovalRequest(
            kind=Approval.Kind.OVERRIDE,
            subject=f"{data['rule']}:{'invoice' if invoice is not None else 'buyer'}:{subject.pk}",
            permission=self.permission,
            supplier=subject.supplier,
            currency=currency,
            amount=amount,
            summary=_("Override the rule %(staff_title)s for %(name)s of %(supplier)s")
            % {"staff_title": explanations.staff_title(data["rule"]), "name": name, "supplier": subject.supplier},
            arguments={
                "rule": data["rule"],
                "invoice": invoice and invoice.pk,
                "buyer": buyer and buyer.pk,
                "until": data["until"] and data["until"].isoformat(),
                "reason": data["reason"],
            },
        )


class EndOverrideView(RowDecision, FinancingDecision):
    """End an override: the rule applies again."""

    row: Override
    name = "end"
    label = button = gettext_lazy("End")
    title = gettext_lazy("End the override")
    permission = AddOverrideView.permission
    needs_fresh_factor = True

    @classmethod
    def is_possible(cls, row: Override) -> bool:
        return row.ended_at is None

    @classmethod
    def blocker_of(cls, row: Override) -> str:
        return done_blocker(_("ended"), at=row.ended_at, by=row.ended_by) if row.ended_at else super().blocker_of(row)

    def facts(self) -> Facts:
        return [
            (_("Rule"), explanations.staff_title(self.row.rule)),
            *override_facts(invoice=self.row.invoice, buyer=self.row.buyer),
            (_("Set by"), f"{self.row.set_by}, {moment_text(self.row.set_at)}"),
            (_("Reason"), self.row.reason),
        ]

    def perform(self, form: Any) -> str:
        overrides.end_override(override=self.row, by=self.user, at=timezone.now())
        return _("The override has ended: the rule applies again.")


class OverrideInForceFilter(InForceFilter):
    def condition(self) -> Q:
        return Q(ended_at__isnull=True) & (Q(until__isnull=True) | Q(until__gte=business_day(timezone.now())))


class RuleFilter(DecidingRuleFilter):
    title = gettext_lazy("rule")
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return overrides.overridable_rule_choices()


@admin.register(Override)
class OverrideAdmin(DecisionAdmin):
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
    list_filter = (OverrideInForceFilter, RuleFilter)
    search_fields = ("supplier__name", "invoice__invoice_no", "buyer__name", "reason")
    search_help_text = gettext_lazy("By supplier, invoice, buyer or reason")
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
    add_decision = AddOverrideView
    decisions = (EndOverrideView,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Override]:
        rows: QuerySet[Override] = super().get_queryset(request)
        return rows.select_related(
            "supplier", "invoice__supplier", "invoice__buyer", "buyer__supplier", "set_by", "ended_by"
        )

    @admin.display(description=gettext_lazy("Rule"), ordering="rule")
    def title(self, row: Override) -> str:
        return explanations.staff_title(row.rule)

    @admin.display(description=gettext_lazy("For"), ordering="invoice")
    def subject(self, row: Override) -> str:
        return (
            _("invoice %(invoice)s") % {"invoice": row.invoice}
            if row.invoice
            else _("all invoices of %(buyer)s") % {"buyer": row.buyer}
        )

    @admin.display(description=gettext_lazy("Until"), ordering="until")
    def last_day(self, row: Override) -> str:
        return day_text(row.until) or _("somebody ends it")

    @admin.display(description=gettext_lazy("Ended"))
    def ended(self, row: Override) -> str:
        return f"{moment_text(row.ended_at)}, {row.ended_by}" if row.ended_at else ""

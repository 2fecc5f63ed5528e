"""The funding terms in admin: every version, and setting a new one."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.filters import filled_in_filter
from infactor.core.admin.formatting import day_text
from infactor.core.admin.preview import Fieldset, Preview
from infactor.core.admin.tables import Table
from infactor.financing import terms_in_force
from infactor.financing.admin.base.decisions import FinancingPreview
from infactor.financing.admin.base.forms import CurrencyField, RawIdSearchWidget, parse_key
from infactor.financing.admin.base.terms_text import changed_rows, term_text, terms_rows
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.models import Approval, FundingTerms
from infactor.financing.policy.authorization import PolicyError
from infactor.financing.policy.terms import changed_values, previous_version

FIELDSETS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("For whom, from when, and why", ("currency", "supplier", "valid_from", "reason")),
    (
        "Advance and fees",
        (
            "advance_rate",
            "first_fee_rate",
            "first_fee_days",
            "additional_fee_rate",
            "additional_fee_days",
            "max_annual_rate_pct",
            "recourse_days",
            "offer_days",
        ),
    ),
    (
        "Eligibility of invoices",
        (
            "minimum_amount",
            "max_age_at_purchase_days",
            "max_age_days",
            "max_payment_terms_days",
            "min_days_to_due",
            "cross_aging_days",
            "cross_aging_pct",
            "concentration_limit_pct",
            "dilution_months",
            "dilution_warning_pct",
            "dilution_stop_pct",
            "min_paid_invoices",
        ),
    ),
    ("Default limits", ("buyer_limit", "supplier_limit", "pair_limit")),
    (
        "Buyer confirmation",
        ("verify_first_invoice", "verify_threshold", "verify_sample_pct"),
    ),
    ("Automatic offers and dual control", ("auto_offer_limit", "dual_control_threshold")),
    ("Netting of what the supplier owes", ("nets_from_advances", "nets_from_rebates", "nets_from_surplus")),
)
FIELD_NAMES = tuple(name for _, names in FIELDSETS for name in names)


class TermsForm(forms.ModelForm):
    """Asks for every term of a new version."""

    class Meta:
        model = FundingTerms
        fields = FIELD_NAMES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supplier"].widget = RawIdSearchWidget(FundingTerms, "supplier")
        self.fields["currency"] = CurrencyField()
        self.fields["valid_from"].widget = forms.DateInput(attrs={"type": "date"})


class AddTermsView(FinancingPreview):
    """Set a new version of the terms; `?from=3` begins with the numbers of version 3."""

    title = "Set new terms"
    button = "Set terms"
    permission = "financing.set_terms"
    needs_fresh_factor = True
    form_class = TermsForm

    def get_initial(self) -> dict[str, Any]:
        return _initial_terms(self.request.GET.get("from", ""))

    def get_fieldsets(self, form: Any) -> list[Fieldset]:
        return [Fieldset(legend, form, names) for legend, names in FIELDSETS]

    def get_success_url(self) -> str:
        return reverse("admin:financing_fundingterms_changelist")

    def preview(self, form: Any) -> Preview:
        terms: FundingTerms = form.instance
        previous = previous_version(terms=terms)
        changes = changed_values(before=previous, after=terms)
        if previous is not None and not changes:
            raise PolicyError(f"Nothing differs from version {previous.pk}.")
        replaced = f"version {previous.pk}, from {day_text(previous.valid_from)}" if previous else "no terms yet"
        return Preview(
            facts=(
                ("Currency", terms.currency),
                ("For", str(terms.supplier or "every supplier without terms of its own")),
                ("In force from", day_text(terms.valid_from)),
                ("Replaces", replaced),
            ),
            tables=(Table("Changes", ("Term", "From", "To"), changed_rows(changes, currency=terms.currency)),),
            notes=(
                "Terms cannot be changed or deleted, only replaced by another version.",
                "Your confirmation requests them; they take effect once a second person approves.",
                "Offers keep the terms under which they were made. The eligibility of every invoice is assessed again.",
            ),
        )

    def perform(self, form: Any) -> str:
        terms: FundingTerms = form.instance
        of_supplier = f" for {terms.supplier}" if terms.supplier else ""
        request = ApprovalRequest(
            kind=Approval.Kind.TERMS,
            subject=f"terms:{terms.currency}:{terms.supplier_id or ''}",
            permission=self.permission,
            supplier=terms.supplier,
            currency=terms.currency,
            amount=Decimal(0),
            summary=f"Set terms{of_supplier} in {terms.currency} from {day_text(terms.valid_from)}: {terms.reason}",
            arguments=terms_in_force.as_text(terms=terms),
        )
        return self.execute_or_request_approval(request, done="The terms are set.")


def _initial_terms(version: str) -> dict[str, object]:
    """The numbers of a version, or the defaults of the model; the day and the reason are always new."""
    row = FundingTerms.objects.filter(pk=parse_key(version)).first()
    values: dict[str, object] = {"valid_from": timezone.now().date()}
    if row is not None:
        copied = (name for name in FIELD_NAMES if name not in ("valid_from", "reason", "supplier"))
        values |= {name: getattr(row, name) for name in copied}
        values["supplier"] = row.supplier_id
    return values


@admin.register(FundingTerms)
class FundingTermsAdmin(DecisionAdmin):
    list_display = (
        "version",
        "applies_to",
        "valid_from",
        "rate",
        "fee",
        "recourse",
        "dual_control",
        "reason",
        "set_by",
        "next_version",
    )
    list_filter = ("currency", ("supplier", filled_in_filter("supplier", no="Every supplier", yes="One supplier")))
    list_select_related = ("supplier", "set_by")
    search_fields = ("currency", "supplier__name", "reason")
    search_help_text = "By supplier, currency or reason"
    date_hierarchy = "valid_from"
    readonly_fields = ("applies_to", "set_by", "set_at", "next_version")
    add_decision = AddTermsView

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show the link to the next version to users who may set terms."""
        return [one for one in self.list_display if one != "next_version" or self.has_add_permission(request)]

    def get_fields(self, request: HttpRequest, obj: FundingTerms | None = None) -> Any:
        """Show the link to the next version to users who may set terms."""
        shown = ("currency", "applies_to", "valid_from", "reason", "set_by", "set_at")
        return (*shown, "next_version") if self.has_add_permission(request) else shown

    def related_tables(self, row: FundingTerms) -> Sequence[Table]:
        """Every term under the legend of its group."""
        return [Table(legend, (), terms_rows(row, names)) for legend, names in FIELDSETS[1:]]

    @admin.display(description="Terms", ordering="pk")
    def version(self, terms: FundingTerms) -> str:
        return f"Terms {terms.pk}, {terms.currency}"

    @admin.display(description="For", ordering="supplier")
    def applies_to(self, terms: FundingTerms) -> str:
        return str(terms.supplier or "every supplier")

    @admin.display(description="Advance rate", ordering="advance_rate")
    def rate(self, terms: FundingTerms) -> SafeString | str:
        return term_text("advance_rate", terms.advance_rate, terms.currency)

    @admin.display(description="Recourse", ordering="recourse_days")
    def recourse(self, terms: FundingTerms) -> SafeString | str:
        return term_text("recourse_days", terms.recourse_days, terms.currency)

    @admin.display(description="Dual control from", ordering="dual_control_threshold")
    def dual_control(self, terms: FundingTerms) -> SafeString | str:
        return term_text("dual_control_threshold", terms.dual_control_threshold, terms.currency)

    @admin.display(description="Fee")
    def fee(self, terms: FundingTerms) -> str:
        first = f"{terms.first_fee_rate.normalize():f} % for {terms.first_fee_days} days"
        return f"{first}, then {terms.additional_fee_rate.normalize():f} % each {terms.additional_fee_days}"

    @admin.display(description="Next version")
    def next_version(self, terms: FundingTerms) -> SafeString:
        where = f"{reverse('admin:financing_fundingterms_add')}?from={terms.pk}"
        return format_html(
            '<a href="{}">Set the next version<span class="visually-hidden"> after {}</span></a>', where, terms
        )

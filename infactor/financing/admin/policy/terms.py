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
from django.utils.translation import gettext, gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.filters import filled_in_filter
from infactor.core.admin.formatting import day_text
from infactor.core.admin.preview import Fieldset, Preview
from infactor.core.admin.tables import Table
from infactor.core.business_day import business_day
from infactor.core.form_fields import DayInput
from infactor.core.money import format_amount
from infactor.core.translatable import Text
from infactor.financing import terms_in_force
from infactor.financing.admin.base.decisions import FinancingPreview
from infactor.financing.admin.base.forms import CurrencyField, RawIdSearchWidget, parse_key
from infactor.financing.admin.base.terms_text import changed_rows, term_text, terms_rows
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.models import Approval, FundingTerms
from infactor.financing.policy.authorization import PolicyError
from infactor.financing.policy.terms import changed_values, previous_version

FIELDSETS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (gettext_lazy("For whom, from when, and why"), ("currency", "supplier", "valid_from", "reason")),
    (
        gettext_lazy("Advance and fees"),
        (
            "advance_rate",
            "first_fee_rate",
            "first_fee_days",
            "additional_fee_rate",
            "additional_fee_days",
            "minimum_fee",
            "wire_fee",
            "late_fee_rate",
            "late_fee_grace_days",
            "late_fee_cap_pct",
            "max_annual_rate_pct",
            "recourse_days",
            "offer_days",
        ),
    ),
    (
        gettext_lazy("Eligibility of invoices"),
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
    (gettext_lazy("Default limits"), ("buyer_limit", "supplier_limit", "pair_limit")),
    (
        gettext_lazy("Buyer confirmation"),
        ("verify_first_invoice", "verify_threshold", "verify_sample_pct"),
    ),
    (gettext_lazy("Automatic offers and dual control"), ("auto_offer_limit", "dual_control_threshold")),
    (
        gettext_lazy("Netting of what the supplier owes"),
        ("nets_from_advances", "nets_from_rebates", "nets_from_surplus"),
    ),
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
        self.fields["valid_from"].widget = DayInput()


class AddTermsView(FinancingPreview):
    """Set a new version of the terms; `?from=3` begins with the numbers of version 3."""

    title = gettext_lazy("Set new terms")
    button = gettext_lazy("Set terms")
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
            raise PolicyError(gettext("Nothing differs from version %(pk)s.") % {"pk": previous.pk})
        replaced = (
            gettext("version %(pk)s, from %(valid_from)s")
            % {"pk": previous.pk, "valid_from": day_text(previous.valid_from)}
            if previous
            else gettext("no terms yet")
        )
        return Preview(
            facts=(
                (gettext("Currency"), terms.currency),
                (gettext("For"), str(terms.supplier or gettext("every supplier without terms of its own"))),
                (gettext("In force from"), day_text(terms.valid_from)),
                (gettext("Replaces"), replaced),
            ),
            tables=(
                Table(
                    gettext("Changes"),
                    (gettext("Term"), gettext("From"), gettext("To")),
                    changed_rows(changes, currency=terms.currency),
                ),
            ),
            notes=(
                gettext("Terms cannot be changed or deleted, only replaced by another version."),
                gettext("Your confirmation requests them; they take effect once a second person approves."),
                gettext(
                    "Offers keep the terms under which they were made. The eligibility of every invoice is "
                    "assessed again."
                ),
            ),
        )

    def perform(self, form: Any) -> str:
        terms: FundingTerms = form.instance
        of_supplier = gettext(" for %(supplier)s") % {"supplier": terms.supplier} if terms.supplier else ""
        request = ApprovalRequest(
            kind=Approval.Kind.TERMS,
            subject=f"terms:{terms.currency}:{terms.supplier_id or ''}",
            permission=self.permission,
            supplier=terms.supplier,
            currency=terms.currency,
            amount=Decimal(0),
            summary=gettext("Set terms%(of_supplier)s in %(currency)s from %(valid_from)s: %(reason)s")
            % {
                "of_supplier": of_supplier,
                "currency": terms.currency,
                "valid_from": day_text(terms.valid_from),
                "reason": terms.reason,
            },
            arguments=terms_in_force.as_text(terms=terms),
        )
        return self.execute_or_request_approval(request, done=gettext("The terms are set."))


def _initial_terms(version: str) -> dict[str, object]:
    """The numbers of a version, or the defaults of the model; the day and the reason are always new."""
    row = FundingTerms.objects.filter(pk=parse_key(version)).first()
    values: dict[str, object] = {"valid_from": business_day(timezone.now())}
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
    ordering = ("-valid_from", "-pk")
    list_filter = (
        "currency",
        ("supplier", filled_in_filter("supplier", no=gettext_lazy("Every supplier"), yes=gettext_lazy("One supplier"))),
        ("request", filled_in_filter("deal", no=gettext_lazy("In force from a day"), yes=gettext_lazy("Of one offer"))),
    )
    list_select_related = ("supplier", "set_by")
    search_fields = ("currency", "supplier__name", "reason")
    search_help_text = gettext_lazy("By supplier, currency or reason")
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

    @admin.display(description=gettext_lazy("Terms"), ordering="pk")
    def version(self, terms: FundingTerms) -> str:
        return gettext("Terms %(pk)s, %(currency)s") % {"pk": terms.pk, "currency": terms.currency}

    @admin.display(description=gettext_lazy("For"), ordering="supplier")
    def applies_to(self, terms: FundingTerms) -> str:
        if terms.request_id:
            return gettext("%(supplier)s, one offer") % {"supplier": terms.supplier}
        return str(terms.supplier or gettext("every supplier"))

    @admin.display(description=gettext_lazy("Advance rate"), ordering="advance_rate")
    def rate(self, terms: FundingTerms) -> SafeString | str:
        return term_text("advance_rate", terms.advance_rate, terms.currency)

    @admin.display(description=gettext_lazy("Recourse"), ordering="recourse_days")
    def recourse(self, terms: FundingTerms) -> SafeString | str:
        return term_text("recourse_days", terms.recourse_days, terms.currency)

    @admin.display(description=gettext_lazy("Dual control from"), ordering="dual_control_threshold")
    def dual_control(self, terms: FundingTerms) -> SafeString | str:
        return term_text("dual_control_threshold", terms.dual_control_threshold, terms.currency)

    @admin.display(description=gettext_lazy("Fee"))
    def fee(self, terms: FundingTerms) -> str:
        first = gettext("%(first_fee_rate)s %% for %(first_fee_days)s days") % {
            "first_fee_rate": f"{terms.first_fee_rate.normalize():f}",
            "first_fee_days": terms.first_fee_days,
        }
        fees = [
            gettext("%(first)s, then %(additional_fee_rate)s %% each %(additional_fee_days)s")
            % {
                "first": first,
                "additional_fee_rate": f"{terms.additional_fee_rate.normalize():f}",
                "additional_fee_days": terms.additional_fee_days,
            }
        ]
        if terms.minimum_fee:
            fees.append(
                gettext("at least %(minimum_fee)s") % {"minimum_fee": format_amount(terms.minimum_fee, terms.currency)}
            )
        if terms.wire_fee:
            fees.append(gettext("wire fee %(wire_fee)s") % {"wire_fee": format_amount(terms.wire_fee, terms.currency)})
        if terms.late_fee_rate:
            fees.append(
                gettext("late fee %(late_fee_rate)s %% a day")
                % {"late_fee_rate": f"{terms.late_fee_rate.normalize():f}"}
            )
        return "; ".join(fees)

    @admin.display(description=gettext_lazy("Next version"))
    def next_version(self, terms: FundingTerms) -> SafeString | str:
        if terms.request_id:
            return ""
        where = f"{reverse('admin:financing_fundingterms_add')}?from={terms.pk}"
        return format_html(
            '<a href="{}">Set the next version<span class="visually-hidden"> after {}</span></a>', where, terms
        )

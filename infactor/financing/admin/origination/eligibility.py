"""Eligibility assessments in admin: their list, and the result of every rule."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.formatting import amount_text, link
from infactor.core.admin.tables import Table
from infactor.core.lists.cells import AmountText
from infactor.core.translatable import Text
from infactor.financing.admin.base.tables import rule_row
from infactor.financing.eligibility import explanations, serialization
from infactor.financing.eligibility.catalogue import RULES
from infactor.financing.models import Eligibility


class DecidingRuleFilter(admin.SimpleListFilter):
    title: Text = gettext_lazy("deciding rule")
    parameter_name = "deciding_rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(rule.value, explanations.staff_title(rule.value)) for rule in RULES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset


@admin.register(Eligibility)
class EligibilityAdmin(DecisionAdmin):
    list_display = (
        "shown_invoice",
        "supplier",
        "buyer",
        "decision",
        "rule_title",
        "shown_face",
        "shown_base",
        "shown_advance",
        "next_change_on",
        "as_of",
    )
    list_filter = ("decision", DecidingRuleFilter)
    list_select_related = ("supplier", "invoice")
    search_fields = ("supplier__name", "invoice__invoice_no", "invoice__company_name")
    search_help_text = gettext_lazy("By supplier, invoice or buyer")
    ordering = ("-pk",)
    fields = (
        "invoice",
        "supplier",
        "buyer",
        "decision",
        "rule_title",
        "explanation",
        "shown_face",
        "shown_base",
        "shown_advance",
        "terms",
        "next_change_on",
        "as_of",
    )
    readonly_fields = ("buyer", "rule_title", "explanation", "shown_face", "shown_base", "shown_advance")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Eligibility]:
        rows: QuerySet[Eligibility] = super().get_queryset(request)
        listed = request.resolver_match and str(request.resolver_match.url_name).endswith("_changelist")
        rows = rows.select_related("invoice", "supplier")
        return (
            rows.defer("breakdown", "invoice__items", "invoice__tax_details", "invoice__linked_txn") if listed else rows
        )

    def related_tables(self, row: Eligibility) -> Sequence[Table]:
        """The deductions from face to base, then every rule in its order."""
        results, deductions = serialization.loads(row.breakdown)
        currency = row.invoice.currency
        lines: list[Sequence[object]] = [(gettext("Face"), amount_text(row.face, currency))]
        lines += [(explanations.deduction_label(one.what), amount_text(-one.amount, currency)) for one in deductions]
        return (
            Table(
                gettext("From face to base"),
                (gettext("What"), gettext("Amount")),
                [*lines, (gettext("Base"), amount_text(row.base, currency))],
            ),
            Table(
                gettext("Every rule"),
                (
                    gettext("Rule"),
                    gettext("Result"),
                    gettext("Actual"),
                    gettext("Limit"),
                    gettext("Changes on"),
                    gettext("Details"),
                ),
                [rule_row(result, currency=currency) for result in results],
            ),
        )

    @admin.display(description=gettext_lazy("invoice"))
    def shown_invoice(self, row: Eligibility) -> SafeString:
        return link(row.invoice)

    @admin.display(description=gettext_lazy("buyer"), ordering="invoice__company_name")
    def buyer(self, row: Eligibility) -> str:
        return row.invoice.company_name or gettext("No customer")

    @admin.display(description=gettext_lazy("deciding rule"), ordering="deciding_rule")
    def rule_title(self, row: Eligibility) -> str:
        return explanations.staff_title(row.deciding_rule) if row.deciding_rule else ""

    @admin.display(description=gettext_lazy("as the supplier reads it"))
    def explanation(self, row: Eligibility) -> str:
        results, _ = serialization.loads(row.breakdown)
        return explanations.explain_results(results, currency=row.invoice.currency)

    @admin.display(description=gettext_lazy("face"), ordering="face")
    def shown_face(self, row: Eligibility) -> AmountText:
        return amount_text(row.face, row.invoice.currency)

    @admin.display(description=gettext_lazy("base"), ordering="base")
    def shown_base(self, row: Eligibility) -> AmountText:
        return amount_text(row.base, row.invoice.currency)

    @admin.display(description=gettext_lazy("advance"), ordering="advance")
    def shown_advance(self, row: Eligibility) -> AmountText:
        return amount_text(row.advance, row.invoice.currency)

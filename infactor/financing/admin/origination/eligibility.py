"""What the rules said of each invoice, in admin: a list to filter by what decides, and every rule with its workings."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from infactor.core.admin.base import amount_text
from infactor.core.admin.decisions import Table
from infactor.financing.admin.base.parts import FactsAdmin, link
from infactor.financing.admin.base.tables import workings_row
from infactor.financing.eligibility import explanations, serialization
from infactor.financing.eligibility.rules.catalogue import RULES
from infactor.financing.models import Eligibility


class MainRuleFilter(admin.SimpleListFilter):
    title = "what decides"
    parameter_name = "main_rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(rule.value, explanations.title_for_staff(rule.value)) for rule in RULES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset


@admin.register(Eligibility)
class EligibilityAdmin(FactsAdmin):
    list_display = (
        "shown_invoice",
        "supplier",
        "buyer",
        "verdict",
        "decides",
        "shown_face",
        "shown_base",
        "shown_advance",
        "changes_on",
        "as_of",
    )
    list_filter = ("verdict", MainRuleFilter)
    list_select_related = ("supplier", "invoice")
    search_fields = ("supplier__name", "invoice__invoice_no", "invoice__company_name")
    search_help_text = "By supplier, invoice or buyer"
    ordering = ("-pk",)
    fields = (
        "invoice",
        "supplier",
        "buyer",
        "verdict",
        "decides",
        "sentence",
        "shown_face",
        "shown_base",
        "shown_advance",
        "terms",
        "changes_on",
        "as_of",
    )
    readonly_fields = ("buyer", "decides", "sentence", "shown_face", "shown_base", "shown_advance")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Eligibility]:
        rows: QuerySet[Eligibility] = super().get_queryset(request)
        listed = request.resolver_match and str(request.resolver_match.url_name).endswith("_changelist")
        rows = rows.select_related("invoice", "supplier")
        return rows.defer("rules", "invoice__items", "invoice__tax_details", "invoice__linked_txn") if listed else rows

    def tables_of(self, row: Eligibility) -> Sequence[Table]:
        """From face to base, then every rule in its order."""
        said, deductions = serialization.loads(row.rules)
        currency = row.invoice.currency
        lines: list[Sequence[object]] = [("Face", amount_text(row.face, currency))]
        lines += [(explanations.deduction(one.what), amount_text(-one.amount, currency)) for one in deductions]
        return (
            Table("From face to base", ("What", "Amount"), [*lines, ("Base", amount_text(row.base, currency))]),
            Table(
                "Every rule",
                ("Rule", "Answer", "Measured", "By", "Changes on", "Behind it"),
                [workings_row(ruling, currency=currency) for ruling in said],
            ),
        )

    @admin.display(description="invoice")
    def shown_invoice(self, row: Eligibility) -> SafeString:
        return link(row.invoice)

    @admin.display(description="buyer", ordering="invoice__company_name")
    def buyer(self, row: Eligibility) -> str:
        return row.invoice.company_name or "No customer"

    @admin.display(description="what decides", ordering="main_rule")
    def decides(self, row: Eligibility) -> str:
        return explanations.title_for_staff(row.main_rule) if row.main_rule else ""

    @admin.display(description="as the supplier reads it")
    def sentence(self, row: Eligibility) -> str:
        said, _ = serialization.loads(row.rules)
        return explanations.first_sentence(said, currency=row.invoice.currency)

    @admin.display(description="face", ordering="face")
    def shown_face(self, row: Eligibility) -> SafeString:
        return amount_text(row.face, row.invoice.currency)

    @admin.display(description="base", ordering="base")
    def shown_base(self, row: Eligibility) -> SafeString:
        return amount_text(row.base, row.invoice.currency)

    @admin.display(description="advance", ordering="advance")
    def shown_advance(self, row: Eligibility) -> SafeString:
        return amount_text(row.advance, row.invoice.currency)

"""Admin pages of completeness checks: each comparison with its totals and the lines that differ. Read-only."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.formatting import amount_text
from infactor.core.admin.tables import Table
from quickbooks_app.models import CompletenessCheck, CompletenessLine
from quickbooks_app.monitoring import completeness_summary

LINES_SHOWN = 500
FIRST_OUTCOMES = ("open", "refused", "healed", "named", "changed")


@admin.register(CompletenessCheck)
class CompletenessCheckAdmin(ReadOnlyAdmin):
    list_display = (
        "connection",
        "state",
        "trigger",
        "reported_at",
        "account_amount",
        "report_amount",
        "our_amount",
        "unexplained_amount",
        "documents",
        "differences",
        "healed",
        "error",
    )
    list_filter = ("state", "trigger", ("connection", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("connection",)
    search_fields = ("connection__company_name", "connection__supplier__name", "public_id")
    search_help_text = gettext_lazy("By company or supplier")
    date_hierarchy = "requested_at"

    @admin.display(description=gettext_lazy("Receivables accounts"), ordering="account_total")
    def account_amount(self, check: CompletenessCheck) -> object:
        return _amount(check.account_total, check)

    @admin.display(description=gettext_lazy("Receivables report"), ordering="report_total")
    def report_amount(self, check: CompletenessCheck) -> object:
        return _amount(check.report_total, check)

    @admin.display(description=gettext_lazy("infactor"), ordering="our_total")
    def our_amount(self, check: CompletenessCheck) -> object:
        return _amount(check.our_total, check)

    @admin.display(description=gettext_lazy("Unexplained"), ordering="unexplained")
    def unexplained_amount(self, check: CompletenessCheck) -> object:
        return _amount(check.unexplained, check)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CompletenessCheck]:
        rows: QuerySet[CompletenessCheck] = super().get_queryset(request)
        return rows.defer("connection__realm_id", "connection__access_token", "connection__refresh_token")

    def related_tables(self, row: CompletenessCheck) -> Sequence[Table]:
        position = Case(
            *(When(outcome=one, then=Value(place)) for place, one in enumerate(FIRST_OUTCOMES)),
            output_field=IntegerField(),
        )
        lines = row.lines.order_by(position, "pk")[:LINES_SHOWN]
        columns = (
            _("Object"),
            _("QuickBooks id"),
            _("Customer"),
            _("In QuickBooks"),
            _("In infactor"),
            _("Kind"),
            _("Result"),
            _("Why"),
        )
        return (Table(_("Lines"), columns, [_line(line) for line in lines], empty=_("Nothing differs.")),)


def _amount(amount: object, check: CompletenessCheck) -> object:
    return "" if amount is None else amount_text(amount, check.currency)  # type: ignore[arg-type]


def _line(line: CompletenessLine) -> Sequence[object]:
    words = completeness_summary.in_words(line)
    return (
        words.name,
        line.qbk_id,
        line.customer_name or line.customer_reference,
        "" if line.theirs is None else amount_text(line.theirs, line.currency),
        "" if line.ours is None else amount_text(line.ours, line.currency),
        line.get_kind_display(),
        line.get_outcome_display(),
        words.explanation,
    )

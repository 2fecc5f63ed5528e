"""Accruals of fees in admin, read-only."""

from collections.abc import Sequence

from django.contrib import admin
from django.utils.translation import gettext as _

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.formatting import amount_text, link
from infactor.core.admin.tables import Table
from infactor.month_end.models import AccrualRun

SHOWN = 500


@admin.register(AccrualRun)
class AccrualRunAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "accrued_by", "accrued_at")
    list_select_related = ("accrued_by",)
    date_hierarchy = "month"
    fields = ("month", "number", "accrued_by", "accrued_at")

    def related_tables(self, row: AccrualRun) -> Sequence[Table]:
        fees = row.fees.select_related("advance__invoice", "advance__supplier")[:SHOWN]
        return [
            Table(
                caption=_("Accrued fees (at most %(shown)s)") % {"shown": SHOWN},
                columns=(
                    _("Advance"),
                    _("Supplier"),
                    _("Fee by the terms"),
                    _("Charged already"),
                    _("Accrued"),
                    _("Of it late fees"),
                ),
                rows=[
                    (
                        link(
                            one.advance,
                            _("A%(advance_id)s, invoice %(invoice)s")
                            % {"advance_id": one.advance_id, "invoice": one.advance.invoice},
                        ),
                        link(one.advance.supplier),
                        one.formula,
                        amount_text(one.charged, one.advance.currency),
                        amount_text(one.amount, one.advance.currency),
                        amount_text(one.late_amount, one.advance.currency),
                    )
                    for one in fees
                ],
            )
        ]

"""The chart of the fees by month, from the ledger as on the statement."""

from datetime import date

from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from infactor.dashboard.charts import ColumnChart, ColumnSlice, column_chart
from infactor.financing.accounting import fee_summary
from infactor.suppliers.models import Supplier


def fee_charts(*, supplier: Supplier, today: date) -> list[ColumnChart]:
    """One chart for each currency in which a fee was charged within twelve months. One query."""
    found = fee_summary.fees_by_month(supplier=supplier, today=today)
    return [
        column_chart(
            title=_("Fees by month, %(currency)s") % {"currency": currency},
            category_heading=_("Month"),
            currency=currency,
            series=(_("Discount fee"), _("Late and wire fees")),
            slices=[
                ColumnSlice(formats.date_format(month, _("M Y")), (fees.discount, fees.late + fees.wire))
                for month, fees in months
            ],
            language=get_language() or "en",
        )
        for currency, months in found.items()
    ]

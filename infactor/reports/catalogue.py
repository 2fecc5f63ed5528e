"""Every report, in the order of the page of reports."""

from django.utils.translation import gettext_lazy as _

from infactor.reports.report import Report
from infactor.reports.tables import (
    aging,
    borrowing_base,
    concentration,
    dilution,
    expected_collections,
    exposure,
    fee_income,
    funds_employed,
    reserve,
    roll_forward,
    supplier_balances,
)

REPORTS = {
    one.slug: one
    for one in (
        Report(
            "aging-by-buyer", _("Aging by buyer"),
            _("Who owes how much, and how late is it?"),
            aging.BY_BUYER, aging.by_buyer,
        ),
        Report(
            "aging-by-supplier", _("Aging by supplier"),
            _("Whose invoices are late?"),
            aging.BY_SUPPLIER, aging.by_supplier,
        ),
        Report(
            "concentration", _("Concentration"),
            _("How much hangs on one buyer or one supplier?"),
            concentration.COLUMNS, concentration.rows,
        ),
        Report(
            "exposure", _("Exposure against limits"),
            _("How much of each limit is used?"),
            exposure.COLUMNS, exposure.rows,
        ),
        Report(
            "borrowing-base", _("Borrowing base"),
            _("What is eligible, why is the rest not, and what could be advanced?"),
            borrowing_base.COLUMNS, borrowing_base.rows,
        ),
        Report(
            "reserve", _("Reserve"),
            _("What is held back for each supplier, and what would go back to it?"),
            reserve.COLUMNS, reserve.rows,
        ),
        Report(
            "supplier-balances", _("Balances of suppliers"),
            _("What does each supplier owe, and what is it owed?"),
            supplier_balances.COLUMNS, supplier_balances.rows,
        ),
        Report(
            "collections", _("Collections against expectation"),
            _("Did buyers pay what fell due, and what comes next?"),
            expected_collections.COLUMNS, expected_collections.rows, usual_days=56,
        ),
        Report(
            "dilution", _("Dilution"),
            _("How much of the invoices was never paid?"),
            dilution.COLUMNS, dilution.rows, usual_days=90,
        ),
        Report(
            "funds-employed", _("Funds employed and yield"),
            _("How much money was out, and what did it earn?"),
            funds_employed.COLUMNS, funds_employed.rows, usual_days=365,
        ),
        Report(
            "fee-income", _("Fee income"),
            _("Who paid which fees, by month?"),
            fee_income.COLUMNS, fee_income.rows, usual_days=365,
        ),
        Report(
            "roll-forward", _("Roll-forward of receivables"),
            _("What moved between two moments, invoice by invoice?"),
            roll_forward.COLUMNS, roll_forward.rows, usual_days=30,
        ),
    )
}  # fmt: skip

"""The terms of financing as plain values: every number of the trade that staff can set, with its usual market value."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Terms:
    """One version of the terms for one currency: rates and shares in percent, amounts in the currency, ages in days.

    `version` is the key of the row that they were read from, 0 for terms that stand in no row.
    """

    version: int = 0
    currency: str = "USD"

    # What is advanced, and what it costs.
    advance_rate: Decimal = Decimal(85)
    first_fee_rate: Decimal = Decimal("1.5")
    first_fee_days: int = 30
    further_fee_rate: Decimal = Decimal("0.5")
    further_fee_days: int = 10
    recourse_days: int = 90
    offer_days: int = 7

    # Which invoices are bought.
    minimum_amount: Decimal = Decimal(100)
    most_age_to_buy: int = 60
    most_age: int = 90
    most_payment_days: int = 60
    least_days_to_due: int = 7
    cross_aging_days: int = 90
    cross_aging_share: Decimal = Decimal(25)
    concentration_share: Decimal = Decimal(25)
    dilution_months: int = 3
    dilution_warn: Decimal = Decimal(5)
    dilution_stop: Decimal = Decimal(10)
    least_paid_invoices: int = 2

    # How much at most where staff have set no limit of their own.
    buyer_limit: Decimal = Decimal(50_000)
    supplier_limit: Decimal = Decimal(250_000)
    pair_limit: Decimal = Decimal(50_000)

    # When the buyer is asked first.
    verify_first: bool = True
    verify_from: Decimal = Decimal(5_000)
    verify_share: Decimal = Decimal(20)

    # Who decides.
    automatic_up_to: Decimal = Decimal(0)
    second_person_from: Decimal = Decimal(10_000)

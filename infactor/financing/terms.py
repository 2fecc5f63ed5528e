"""The financing terms as plain values, each with its usual market value."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Terms:
    """One version of the terms of one currency: rates and shares in percent, amounts in the currency, ages in days.

    `version` is the primary key of the FundingTerms row that they come from; 0 where there is no row.
    """

    version: int = 0
    currency: str = "USD"

    # What is advanced, and what it costs.
    advance_rate: Decimal = Decimal(85)
    first_fee_rate: Decimal = Decimal("1.5")
    first_fee_days: int = 30
    additional_fee_rate: Decimal = Decimal("0.5")
    additional_fee_days: int = 10
    minimum_fee: Decimal = Decimal(0)
    wire_fee: Decimal = Decimal(0)
    late_fee_rate: Decimal = Decimal(0)
    late_fee_grace_days: int = 10
    late_fee_cap_pct: Decimal = Decimal(10)
    max_annual_rate_pct: Decimal = Decimal(100)
    recourse_days: int = 90
    offer_days: int = 7

    # Which invoices are bought.
    minimum_amount: Decimal = Decimal(100)
    max_age_at_purchase_days: int = 60
    max_age_days: int = 90
    max_payment_terms_days: int = 60
    min_days_to_due: int = 7
    cross_aging_days: int = 90
    cross_aging_pct: Decimal = Decimal(25)
    concentration_limit_pct: Decimal = Decimal(25)
    dilution_months: int = 3
    dilution_warning_pct: Decimal = Decimal(5)
    dilution_stop_pct: Decimal = Decimal(10)
    min_paid_invoices: int = 2

    # Limits where staff have set none.
    buyer_limit: Decimal = Decimal(50_000)
    supplier_limit: Decimal = Decimal(250_000)
    pair_limit: Decimal = Decimal(50_000)

    # When the buyer confirms the invoice first.
    verify_first_invoice: bool = True
    verify_threshold: Decimal = Decimal(5_000)
    verify_sample_pct: Decimal = Decimal(20)

    # Who decides.
    auto_offer_limit: Decimal = Decimal(0)
    dual_control_threshold: Decimal = Decimal(10_000)

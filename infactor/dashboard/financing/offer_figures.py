"""Format a stored price disclosure for its page."""

from datetime import date, timedelta
from typing import Any

from infactor.financing.eligibility import explanations
from infactor.financing.pricing.disclosure import Disclosure


def format_disclosure(figures: Disclosure) -> dict[str, Any]:
    """`figures` with unchanged amounts; ISO dates become dates, and deductions get their labels."""
    funded_on = date.fromisoformat(figures["funded_on"])
    return {
        **figures,
        "funded_on": funded_on,
        "invoices": [
            {
                **one,
                "recourse_on": date.fromisoformat(one["recourse_on"]),
                **({"late_from": date.fromisoformat(one["late_from"])} if "late_from" in one else {}),
                "deductions": [(explanations.deduction_label(what), amount) for what, amount in one["deductions"]],
            }
            for one in figures["invoices"]
        ],
        "scenarios": [{**one, "on": funded_on + timedelta(days=one["days"])} for one in figures["scenarios"]],
    }

"""The figures of an offer as its page shows them: the very figures that are kept, with dates and names for people."""

from datetime import date, timedelta
from typing import Any

from infactor.financing.eligibility import explanations
from infactor.financing.pricing.disclosure import Figures


def presented(figures: Figures) -> dict[str, Any]:
    """`figures` with every amount as it stands there; dates as dates, and each deduction by its name."""
    funded_on = date.fromisoformat(figures["funded_on"])
    return {
        **figures,
        "funded_on": funded_on,
        "invoices": [
            {
                **one,
                "recourse_on": date.fromisoformat(one["recourse_on"]),
                "deductions": [(explanations.deduction(what), amount) for what, amount in one["deductions"]],
            }
            for one in figures["invoices"]
        ],
        "endings": [{**one, "on": funded_on + timedelta(days=one["days"])} for one in figures["endings"]],
    }

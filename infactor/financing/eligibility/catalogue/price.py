"""Records of the rules about the price."""

from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage, Unit
from infactor.financing.eligibility.catalogue.record import RuleRecord

RECORDS = (
    RuleRecord(
        rule=Rule.ANNUAL_RATE,
        stage=Stage.PRICE,
        title="Cost for a year",
        staff_title="Annual rate",
        unit=Unit.PERCENT,
        short_reasons={"": "too expensive"},
        sentences={
            Outcome.PASS: {"": "Its cost, counted for a year, is at most {actual}. We offer up to {limit}."},
            Outcome.FAIL: {
                "": "Too little of it could be paid out: its cost, counted for a year, would be {actual}. "
                "Above {limit} we offer nothing."
            },
            Outcome.UNKNOWN: {"not_priced": "It has no price, as nothing of it could be paid out."},
        },
    ),
)

"""Records of the rules about the price."""

from django.utils.translation import gettext_lazy as _

from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage, Unit
from infactor.financing.eligibility.catalogue.record import RuleRecord

RECORDS = (
    RuleRecord(
        rule=Rule.ANNUAL_RATE,
        stage=Stage.PRICE,
        title=_("Cost for a year"),
        staff_title=_("Annual rate"),
        unit=Unit.PERCENT,
        short_reasons={"": _("too expensive")},
        sentences={
            Outcome.PASS: {"": _("Its cost, counted for a year, is at most {actual}. We offer up to {limit}.")},
            Outcome.FAIL: {
                "": _(
                    "Too little of it could be paid out: its cost, counted for a year, would be {actual}. "
                    "Above {limit} we offer nothing."
                )
            },
            Outcome.UNKNOWN: {"not_priced": _("It has no price, as nothing of it could be paid out.")},
        },
    ),
)

"""Records of the rules about the books that an invoice comes from."""

from django.utils.translation import gettext_lazy as _

from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage
from infactor.financing.eligibility.catalogue.record import RuleRecord

RECORDS = (
    RuleRecord(
        rule=Rule.FRESHNESS,
        stage=Stage.BOOKS,
        title=_("Books up to date"),
        short_reasons={"": _("books not read yet")},
        sentences={
            Outcome.PASS: {
                "": _("Your books are up to date."),
                "by_hand": _("You entered it here: there are no books to read."),
            },
            Outcome.WARN: {"": _("We last read your books on {moment}.")},
            Outcome.FAIL: {"": _("We have not read your books completely yet.")},
        },
        remedies={"": _("Nothing to do: the first import is under way or waits for your connection.")},
    ),
)

"""Records of the rules about the books that an invoice comes from."""

from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage
from infactor.financing.eligibility.catalogue.record import RuleRecord

RECORDS = (
    RuleRecord(
        rule=Rule.FRESHNESS,
        stage=Stage.BOOKS,
        title="Books up to date",
        short_reasons={"": "books not read yet"},
        sentences={
            Outcome.PASS: {"": "Your books are up to date."},
            Outcome.WARN: {"": "We last read your books on {moment}."},
            Outcome.FAIL: {"": "We have not read your books completely yet."},
        },
        remedies={"": "Nothing to do: the first import is under way or waits for your connection."},
    ),
)

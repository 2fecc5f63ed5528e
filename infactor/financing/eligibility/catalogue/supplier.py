"""Records of the rules about the supplier itself."""

from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage
from infactor.financing.eligibility.catalogue.record import RuleRecord

RECORDS = (
    RuleRecord(
        rule=Rule.APPLICATION,
        stage=Stage.SUPPLIER,
        title="Your application",
        staff_title="Supplier's application",
        short_reasons={
            "": "finish your application",
            "submitted": "your application is being checked",
            "on_hold": "your application is on hold",
            "refused": "your application was refused",
        },
        sentences={
            Outcome.PASS: {"": "Your application is approved, and you have accepted the agreement."},
            Outcome.NEEDS_ACTION: {
                "draft": "Finish your application. Until it is approved, we do not contact your buyers.",
                "agreement": "Finish your application: the latest version of the agreement is not accepted yet.",
            },
            Outcome.FAIL: {
                "submitted": "Your application is being checked. Until it is approved, we do not contact your buyers.",
                "on_hold": "Your application is on hold.",
                "refused": "Your application was refused.",
            },
        },
        remedies={
            "draft": "Open Account, fill in your application and submit it.",
            "agreement": "Open Account, read the agreement and accept it.",
            "submitted": "Nothing to do: we write to you when it is decided.",
        },
        action_label="Finish your application",
    ),
    RuleRecord(
        rule=Rule.BOOKS_HOLD,
        stage=Stage.SUPPLIER,
        title="Invoices that we have bought",
        staff_title="Hold by a case after funding",
        short_reasons={"": "a bought invoice has changed"},
        sentences={
            Outcome.PASS: {"": "Nothing about the invoices that we have bought stands in the way."},
            Outcome.FAIL: {
                "": "An invoice that we have bought must be cleared first. Until then we make no new offer."
            },
        },
        remedies={"": "Open the home page: it names the invoice. Put it right in your books, or write to us."},
    ),
)

"""Records of the rules about the supplier itself."""

from django.utils.translation import gettext_lazy as _

from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage
from infactor.financing.eligibility.catalogue.record import RuleRecord

RECORDS = (
    RuleRecord(
        rule=Rule.APPLICATION,
        stage=Stage.SUPPLIER,
        title=_("Your application"),
        staff_title=_("Supplier's application"),
        short_reasons={
            "": _("finish your application"),
            "submitted": _("your application is being checked"),
            "on_hold": _("your application is on hold"),
            "refused": _("your application was refused"),
        },
        sentences={
            Outcome.PASS: {"": _("Your application is approved, and you have accepted the agreement.")},
            Outcome.NEEDS_ACTION: {
                "draft": _("Finish your application. Until it is approved, we do not contact your buyers."),
                "agreement": _("Finish your application: the latest version of the agreement is not accepted yet."),
            },
            Outcome.FAIL: {
                "submitted": _(
                    "Your application is being checked. Until it is approved, we do not contact your buyers."
                ),
                "on_hold": _("Your application is on hold."),
                "refused": _("Your application was refused."),
            },
        },
        remedies={
            "draft": _("Open Account, fill in your application and submit it."),
            "agreement": _("Open Account, read the agreement and accept it."),
            "submitted": _("Nothing to do: we write to you when it is decided."),
        },
        action_label=_("Finish your application"),
    ),
    RuleRecord(
        rule=Rule.BOOKS_HOLD,
        stage=Stage.SUPPLIER,
        title=_("Invoices that we have bought"),
        staff_title=_("Hold by a case after funding"),
        short_reasons={"": _("a bought invoice has changed")},
        sentences={
            Outcome.PASS: {"": _("Nothing about the invoices that we have bought stands in the way.")},
            Outcome.FAIL: {
                "": _("An invoice that we have bought must be cleared first. Until then we make no new offer.")
            },
        },
        remedies={"": _("Open the home page: it names the invoice. Put it right in your books, or write to us.")},
    ),
)

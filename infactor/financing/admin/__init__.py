"""Admin of financing: each package registers its own pages."""

from infactor.financing.admin import search  # noqa: F401
from infactor.financing.admin.advances import advances, cases, corrections, notices, payees  # noqa: F401
from infactor.financing.admin.origination import eligibility, offers, requests  # noqa: F401
from infactor.financing.admin.payments import (  # noqa: F401
    collections,
    micro_deposits,
    payee_accounts,
    payout_batches,
    payouts,
    sent_payments,
    statement_lines,
)
from infactor.financing.admin.policy import (  # noqa: F401
    approvals,
    check_requirements,
    closings,
    debtor_marks,
    limits,
    overrides,
    terms,
)

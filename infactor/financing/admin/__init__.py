"""Admin of financing: each package registers its own pages."""

from infactor.financing.admin.advances import advances, cases, corrections, notices  # noqa: F401
from infactor.financing.admin.origination import eligibility, offers, requests  # noqa: F401
from infactor.financing.admin.payments import collections, payouts, statement_lines  # noqa: F401
from infactor.financing.admin.policy import approvals, debtor_marks, limits, overrides, terms  # noqa: F401

"""Financing in admin: each part registers its own pages."""

from infactor.financing import (  # noqa: F401  register theirs
    admin_advances,
    admin_approvals,
    admin_cases,
    admin_collections,
    admin_eligibility,
    admin_limits,
    admin_offers,
    admin_overrides,
    admin_payouts,
    admin_requests,
    admin_terms,
)

"""Financing in admin: each part registers its own pages."""

from infactor.financing.admin import (  # noqa: F401  register theirs
    advances,
    approvals,
    cases,
    collections,
    eligibility,
    limits,
    offers,
    overrides,
    payouts,
    requests,
    terms,
)

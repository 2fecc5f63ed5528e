"""The basis of a recalculation: what all invoices of a supplier have in common, as one number."""

import hashlib
from collections.abc import Mapping
from datetime import date

import msgspec

from infactor.financing.eligibility.portfolio import Portfolio
from infactor.financing.models import FundingTerms


def basis(*, portfolio: Portfolio, in_force: Mapping[str, FundingTerms], as_of: date) -> int:
    """A hash of the day, the terms, the supplier's application and hold, and how fresh each company file is.

    Without figures: where only an age differs, every result stays the same.
    """
    content = (
        as_of,
        sorted((currency, terms.pk) for currency, terms in in_force.items()),
        portfolio.application[:3],
        portfolio.books_hold[:3],
        sorted((file, *result[:3]) for file, result in portfolio.freshness.items()),
        sorted(portfolio.payables_not_read),
    )
    digest = hashlib.blake2b(msgspec.json.encode(content), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)

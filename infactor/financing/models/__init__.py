"""Terms and limits, requests and offers, advances, cash, approvals, and what the rules said."""

from infactor.financing.models.advance import ADVANCE_MOVES, OPEN, OUT, Advance, Case
from infactor.financing.models.approval import Approval
from infactor.financing.models.collection import (
    DISBURSEMENT_MOVES,
    Collection,
    Disbursement,
    Match,
)
from infactor.financing.models.eligibility import Eligibility, Reckoning
from infactor.financing.models.offer import (
    OFFER_LINE_MOVES,
    OFFER_MOVES,
    REQUEST_LINE_MOVES,
    Acceptance,
    FinancingRequest,
    Offer,
    OfferLine,
    RequestLine,
)
from infactor.financing.models.terms import FundingTerms, Limit, Override

__all__ = [
    "ADVANCE_MOVES",
    "DISBURSEMENT_MOVES",
    "OFFER_LINE_MOVES",
    "OFFER_MOVES",
    "OPEN",
    "OUT",
    "REQUEST_LINE_MOVES",
    "Acceptance",
    "Advance",
    "Approval",
    "Case",
    "Collection",
    "Disbursement",
    "Eligibility",
    "FinancingRequest",
    "FundingTerms",
    "Limit",
    "Match",
    "Offer",
    "OfferLine",
    "Override",
    "Reckoning",
    "RequestLine",
]

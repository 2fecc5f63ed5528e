"""Models of financing: terms, eligibility, requests, offers, advances, notices, collections, payouts and approvals."""

from infactor.financing.models.advance import ADVANCE_TRANSITIONS, OPEN_STATUSES, OUTSTANDING_STATUSES, Advance
from infactor.financing.models.approval import Approval
from infactor.financing.models.case import Case
from infactor.financing.models.collection import Collection, CollectionAllocation
from infactor.financing.models.eligibility import AssessmentVersion, Eligibility, EligibilityRecalculation
from infactor.financing.models.limit import Limit
from infactor.financing.models.matching import LineProposal, MatchingRun
from infactor.financing.models.notice import MAX_REMINDERS, NOTICE_TRANSITIONS, VALID_STATUSES, Notice
from infactor.financing.models.offer import OFFER_LINE_TRANSITIONS, OFFER_TRANSITIONS, Acceptance, Offer, OfferLine
from infactor.financing.models.override import Override
from infactor.financing.models.payout import PAYOUT_TRANSITIONS, Payout
from infactor.financing.models.request import (
    MAX_INVOICES_PER_REQUEST,
    REQUEST_LINE_TRANSITIONS,
    FinancingRequest,
    RequestLine,
)
from infactor.financing.models.terms import FundingTerms

__all__ = [
    "ADVANCE_TRANSITIONS",
    "MAX_INVOICES_PER_REQUEST",
    "MAX_REMINDERS",
    "NOTICE_TRANSITIONS",
    "OFFER_LINE_TRANSITIONS",
    "OFFER_TRANSITIONS",
    "OPEN_STATUSES",
    "OUTSTANDING_STATUSES",
    "PAYOUT_TRANSITIONS",
    "REQUEST_LINE_TRANSITIONS",
    "VALID_STATUSES",
    "Acceptance",
    "Advance",
    "Approval",
    "AssessmentVersion",
    "Case",
    "Collection",
    "CollectionAllocation",
    "Eligibility",
    "EligibilityRecalculation",
    "FinancingRequest",
    "FundingTerms",
    "Limit",
    "LineProposal",
    "MatchingRun",
    "Notice",
    "Offer",
    "OfferLine",
    "Override",
    "Payout",
    "RequestLine",
]

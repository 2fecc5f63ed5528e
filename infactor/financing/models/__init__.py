"""Models of financing: terms, eligibility, requests, offers, advances, notices, collections, payouts and approvals."""

from infactor.financing.models.advance import (
    ADVANCE_TRANSITIONS,
    CLOSED_STATUSES,
    OPEN_STATUSES,
    OUTSTANDING_STATUSES,
    Advance,
)
from infactor.financing.models.approval import Approval
from infactor.financing.models.case import HOLDS_OFFERS, HOLDS_RESERVE, WATCHED_KINDS, Case
from infactor.financing.models.collection import COUNTED_PAYMENTS, Collection, CollectionAllocation, Refund
from infactor.financing.models.correction import CollectionCost, Correction
from infactor.financing.models.debtor_mark import NOT_BOUGHT, DebtorMark
from infactor.financing.models.eligibility import (
    AssessmentVersion,
    DebtorShare,
    Eligibility,
    EligibilityRecalculation,
)
from infactor.financing.models.limit import Limit
from infactor.financing.models.matching import LineProposal, MatchingRun
from infactor.financing.models.micro_deposits import MicroDeposits
from infactor.financing.models.monthly_statement import MonthlyStatement
from infactor.financing.models.notice import MAX_REMINDERS, NOTICE_TRANSITIONS, VALID_STATUSES, Notice
from infactor.financing.models.offer import OFFER_LINE_TRANSITIONS, OFFER_TRANSITIONS, Acceptance, Offer, OfferLine
from infactor.financing.models.override import Override
from infactor.financing.models.payee import Payee
from infactor.financing.models.payee_account import PayeeAccount
from infactor.financing.models.payout import (
    LIVE_STATUSES,
    NOT_ARRIVED,
    OWED_STATUSES,
    PAYOUT_TRANSITIONS,
    UNSENT,
    Netting,
    Payout,
)
from infactor.financing.models.payout_batch import PayoutBatch
from infactor.financing.models.proposal import AcceptanceProposal
from infactor.financing.models.purchase import BooksWatch, PurchasedInvoice
from infactor.financing.models.request import (
    MAX_INVOICES_PER_REQUEST,
    REQUEST_LINE_TRANSITIONS,
    FinancingRequest,
    RequestLine,
)
from infactor.financing.models.sent_payment import SentPayment
from infactor.financing.models.terms import FundingTerms

__all__ = [
    "ADVANCE_TRANSITIONS",
    "CLOSED_STATUSES",
    "COUNTED_PAYMENTS",
    "HOLDS_OFFERS",
    "HOLDS_RESERVE",
    "LIVE_STATUSES",
    "MAX_INVOICES_PER_REQUEST",
    "MAX_REMINDERS",
    "NOTICE_TRANSITIONS",
    "NOT_ARRIVED",
    "NOT_BOUGHT",
    "OFFER_LINE_TRANSITIONS",
    "OFFER_TRANSITIONS",
    "OPEN_STATUSES",
    "OUTSTANDING_STATUSES",
    "OWED_STATUSES",
    "PAYOUT_TRANSITIONS",
    "REQUEST_LINE_TRANSITIONS",
    "UNSENT",
    "VALID_STATUSES",
    "WATCHED_KINDS",
    "Acceptance",
    "AcceptanceProposal",
    "Advance",
    "Approval",
    "AssessmentVersion",
    "BooksWatch",
    "Case",
    "Collection",
    "CollectionAllocation",
    "CollectionCost",
    "Correction",
    "DebtorMark",
    "DebtorShare",
    "Eligibility",
    "EligibilityRecalculation",
    "FinancingRequest",
    "FundingTerms",
    "Limit",
    "LineProposal",
    "MatchingRun",
    "MicroDeposits",
    "MonthlyStatement",
    "Netting",
    "Notice",
    "Offer",
    "OfferLine",
    "Override",
    "Payee",
    "PayeeAccount",
    "Payout",
    "PayoutBatch",
    "PurchasedInvoice",
    "Refund",
    "RequestLine",
    "SentPayment",
]

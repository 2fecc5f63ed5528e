"""Personal data of financing: proof of what was agreed, payments of buyers, and staff's reasons."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from infactor.core import compression
from infactor.core.privacy.declarations import (
    BUYER,
    ERASED,
    EVERYWHERE,
    KINDS,
    OWNER,
    PERSON,
    SUPPLIER,
    Delete,
    Evidence,
    Ground,
    Keep,
    NoPersonalData,
    Overwrite,
    Scrub,
    Subject,
    Table,
)
from infactor.financing import money_out_privacy
from infactor.financing.models import OPEN_STATUSES, Advance, AssessmentVersion, Notice
from infactor.financing.money_out_privacy import RECORDS, reasons_table

Status = Advance.Status
OPEN = OPEN_STATUSES


def open_advances(subject: Subject) -> list[str]:
    """Advances that are not ended."""
    if subject.kind in (PERSON, OWNER):
        return []
    found = Advance.objects.filter(_whose(subject), status__in=OPEN)
    return [f"Advance {one.public_id} is open: {one.get_status_display()}." for one in found]


def financed(subject: Subject, at: datetime) -> Evidence:
    """Suppliers and invoices of advances that have not ended, or ended within RETENTION_RECORDS_DAYS."""
    since = (at - timedelta(days=settings.RETENTION_RECORDS_DAYS)).date()
    recent = Advance.objects.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=since)).filter(_whose(subject))
    pairs = list(recent.values_list("supplier", "invoice"))
    return Evidence(frozenset(supplier for supplier, _ in pairs), frozenset(invoice for _, invoice in pairs))


def _whose(subject: Subject) -> Q:
    if subject.kind == SUPPLIER:
        return Q(supplier=subject.row.pk)
    if subject.kind == BUYER:
        return Q(invoice__buyer=subject.row.pk) | Q(invoice__buyer__parent=subject.row.pk) | Q(buyer=subject.row.pk)
    if subject.kind == OWNER:
        return Q(supplier__application__owners=subject.row.pk)
    return Q(supplier__memberships__user=subject.row.pk) | Q(supplier__acceptances__user=subject.row.pk)


def _facts_without_people(row: Notice) -> dict[str, Any]:
    agreement = {**row.facts.get("agreement", {}), "accepted_by": ERASED}
    return {**row.facts, "supplier": ERASED, "buyer": ERASED, "agreement": agreement}


def _breakdown(row: AssessmentVersion) -> Any:
    return json.loads(compression.unpack(packed=bytes(row.breakdown), dictionary_id=row.dictionary_id))


BLOCKERS = (open_advances,)
EVIDENCE = (financed,)
TABLES = (
    Table(
        model="financing.Acceptance",
        purpose="proof that an offer was accepted: by whom, when, from where, and word for word what was shown",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=("accepted_at", "ip_address", "user_agent", "disclosure"),
        other=("disclosure_digest",),
        paths={SUPPLIER: ("offer__supplier",), PERSON: ("accepted_by",)},
        evidence="offer__supplier",
        on_erasure={kind: Overwrite({"ip_address": "0.0.0.0", "user_agent": ""}) for kind in (SUPPLIER, PERSON)},  # noqa: S104  no address
    ),
    Table(
        model="financing.AcceptanceProposal",
        purpose="where two people accept: who proposed it, when, from where, and word for word what was shown",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=("proposed_at", "decided_at", "ip_address", "user_agent", "disclosure"),
        other=("disclosure_digest", "lines", "until", "status"),
        paths={SUPPLIER: ("supplier",), PERSON: ("proposed_by",)},
        evidence="supplier",
        on_erasure={kind: Overwrite({"ip_address": "0.0.0.0", "user_agent": ""}) for kind in (SUPPLIER, PERSON)},  # noqa: S104  no address
    ),
    Table(
        model="financing.Collection",
        purpose="payments on infactor's bank account, as the bank told of them",
        ground=Ground.LEGAL_DUTY,
        retention="ten years, as the books",
        personal=("value_date", "bank_reference", "payer", "remittance", "return_reason"),
        other=("currency", "returned_on", "source", "withdrawn_at"),
        mentions=("payer", "remittance"),
        scope=EVERYWHERE,
        on_erasure={
            kind: Keep("A record of the bank account, which the law demands for ten years.")
            for kind in (SUPPLIER, BUYER)
        },
    ),
    Table(
        model="financing.LineProposal",
        purpose="what a line of a bank statement is likely for",
        ground=Ground.CONTRACT,
        retention="as long as the line",
        personal=("reasons",),
        other=("kind", "is_certain", "score", "targets", "entries", "looks_like"),
        mentions=("reasons",),
        scope=EVERYWHERE,
        on_erasure={
            kind: Keep("A part of the record of the bank account, which the law demands for ten years.")
            for kind in KINDS
        },
    ),
    Table(
        model="financing.Eligibility",
        purpose="whether an invoice can be financed, by every rule",
        ground=Ground.CONTRACT,
        retention="as long as the invoice is open",
        personal=("breakdown",),
        other=("as_of", "decision", "deciding_rule", "next_change_on"),
        paths={SUPPLIER: ("supplier",), BUYER: ("invoice__buyer", "invoice__buyer__parent")},
        evidence="invoice",
        evidence_of="invoice",
        on_erasure={SUPPLIER: Delete(), BUYER: Delete()},
    ),
    Table(
        model="financing.AssessmentVersion",
        purpose="whether an invoice could be financed at an earlier moment",
        ground=Ground.CONTRACT,
        retention="KEEP_ASSESSMENT_VERSIONS_DAYS; of what was financed: KEEP_FINANCED_VERSIONS_DAYS",
        personal=("breakdown",),
        other=("as_of", "decision", "deciding_rule", "next_change_on"),
        paths={SUPPLIER: ("supplier",), BUYER: ("invoice__buyer", "invoice__buyer__parent")},
        evidence="invoice",
        evidence_of="invoice",
        readable={"breakdown": _breakdown},
        on_erasure={SUPPLIER: Delete(), BUYER: Delete()},
    ),
    Table(
        model="financing.Notice",
        purpose="proof that the buyer was told to pay infactor, and that it acknowledged: by whom, when, from where",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=(
            "to",
            "reply_to",
            "facts",
            "sent_at",
            "acknowledged_at",
            "acknowledged_name",
            "acknowledged_from",
            "user_agent",
        ),
        secret=("links",),
        other=("facts_digest",),
        paths={
            SUPPLIER: ("supplier",),
            BUYER: ("invoice__buyer", "invoice__buyer__parent"),
            PERSON: ("agreement__user",),
        },
        evidence="invoice",
        evidence_of="invoice",
        not_copied_for=(PERSON,),
        on_erasure={
            PERSON: Scrub(("facts",)),
            **{
                kind: Overwrite(
                    {
                        "to": "erased@erased.invalid",
                        "reply_to": "",
                        "facts": _facts_without_people,
                        "links": [ERASED],
                        "acknowledged_name": lambda row: ERASED if row.acknowledged_name else "",
                        "acknowledged_from": None,
                        "user_agent": "",
                    }
                )
                for kind in (SUPPLIER, BUYER)
            },
        },
    ),
    reasons_table(
        "financing.Advance",
        "what was advanced, and how it ended",
        "reason",
        other=("currency", "status", "recourse_on", "funded_on", "collected_on", "ended_on", "late_from"),
    ),
    reasons_table(
        "financing.Approval",
        "what a second person approved",
        "summary",
        "reason",
        other=("kind", "subject", "currency", "arguments", "decision"),
    ),
    Table(
        model="financing.Case",
        purpose="what staff decided about an advance, and what had changed in the books",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=("reason", "conclusion", "hold_release_reason", "differences", "settled_differences"),
        other=("kind", "outcome", "severity", "revision", "promised_at", "forward_by", "hold_released_at"),
        mentions=("reason", "conclusion", "hold_release_reason"),
        scope="supplier",
        on_erasure={
            kind: Scrub(("reason", "conclusion", "hold_release_reason", "differences", "settled_differences"))
            for kind in KINDS
        },
    ),
    reasons_table(
        "financing.SentPayment",
        "what a supplier said that it paid to infactor: how much, when, with which reference",
        "reference",
        "reason",
        other=("currency", "sent_on", "said_at", "outcome", "ended_at"),
    ),
    Table(
        model="financing.PurchasedInvoice",
        purpose="what an advance bought: the invoice as the books had it",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=("lines", "customer_reference"),
        other=("number", "currency", "txn_date", "due_on", "books_status", "payments", "taken_at"),
        paths={SUPPLIER: ("advance__supplier",), BUYER: ("advance__buyer",)},
        evidence="advance__invoice",
        evidence_of="invoice",
        on_erasure={kind: Overwrite({"lines": [], "customer_reference": ERASED}) for kind in (SUPPLIER, BUYER)},
    ),
    reasons_table(
        "financing.Correction",
        "what of a payment or of an advance was put right, and why",
        "reason",
        other=("kind", "currency", "change", "references"),
        scope=EVERYWHERE,
    ),
    reasons_table(
        "financing.RequestLine", "which invoices were asked for", "reason", other=("status", "previous_state")
    ),
    reasons_table("financing.Offer", "what was offered", "reason", other=("currency", "priced_on", "status")),
    reasons_table("financing.Override", "where staff set a rule aside", "reason", other=("rule", "until")),
    *money_out_privacy.TABLES,
)
NO_PERSONAL_DATA = (
    NoPersonalData(
        (
            "financing.FundingTerms",
            "financing.Limit",
            "financing.FinancingRequest",
            "financing.OfferLine",
            "financing.CollectionAllocation",
            "financing.Netting",
            "financing.EligibilityRecalculation",
            "financing.BooksWatch",
            "financing.DebtorMark",
            "financing.DebtorShare",
            "financing.MatchingRun",
            "financing.MonthlyStatement",
        ),
        "prices, limits, amounts and dates, and staff's reasons for a price or a limit",
    ),
)

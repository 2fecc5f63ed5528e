"""Actions of the scenario: each is one or two calls of the product's services at the context's moment."""

import re
from decimal import Decimal

from infactor.core.models import OutgoingMail
from infactor.core.money import format_amount
from infactor.financing import approvals, payouts
from infactor.financing.advances import cases, funding, repurchases, settlements
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget, IncomingPayment
from infactor.financing.demo.context import ScenarioContext
from infactor.financing.demo.events import Event
from infactor.financing.models import Approval, FundingTerms, OfferLine
from infactor.financing.origination import acceptance, offers, requests
from infactor.financing.policy import terms as terms_policy
from infactor.financing.pricing import disclosure
from infactor.invoices.debtors import grouping
from infactor.suppliers import agreements, applications, bank_accounts
from infactor.suppliers.applications import AgreementConsent, CompanyDetails, OwnerDetails
from infactor.suppliers.bank_accounts import AccountDetails
from infactor.verification import answers
from infactor.verification import requests as questions
from infactor.verification.answers import Answer, SubmittedAnswer
from infactor.verification.models import Verification

CURRENCY = "USD"
IP_ADDRESS, USER_AGENT = "203.0.113.24", "A browser"
_LINK = re.compile(r"/buyer/([^/\s]+)/")
_COMPANY = CompanyDetails(
    legal_name="Harbor Street Print LLC",
    trading_name="Harbor Street Print",
    registration_number="201812345678",
    tax_id="94-1234567",
    address_line1="48 Harbor Street",
    city="Oakland",
    region="CA",
    postal_code="94607",
    country="US",
    phone="+1 510 555 0148",
    website="https://harborstreetprint.example",
    about="Catalogues, programmes and books in short runs, for businesses on the West Coast.",
)


def submit_application(context: ScenarioContext, event: Event) -> None:
    """The company submits its application with its bank account, and accepts the agreement."""
    entry = AccountDetails(CURRENCY, _COMPANY.legal_name, "Bay Commercial Bank", "US", "4410027719", "121000358")
    bank_accounts.add(supplier=context.supplier, details=entry, by=context.participants.owner, at=context.at)
    newest = agreements.latest()
    applications.submit(
        supplier=context.supplier,
        company=_COMPANY,
        owners=[
            OwnerDetails(
                context.participants.owner.name, Decimal(100), context.participants.owner.email, "Managing partner"
            )
        ],
        consent=AgreementConsent(newest.version, IP_ADDRESS, USER_AGENT) if newest else None,
        by=context.participants.owner,
        at=context.at,
    )


def approve_supplier(context: ScenarioContext, event: Event) -> None:
    applications.approve(application=context.supplier.application, by=context.participants.underwriter, at=context.at)


def add_bank_account(context: ScenarioContext, event: Event) -> None:
    """The company adds another bank account, which waits for its confirmation."""
    entry = AccountDetails(CURRENCY, _COMPANY.legal_name, "Redwood Savings", "US", "8802213345", "322271627")
    bank_accounts.add(supplier=context.supplier, details=entry, by=context.participants.owner, at=context.at)


def set_terms(context: ScenarioContext, event: Event) -> None:
    """Set terms for this supplier. The amount is the concentration limit in percent."""
    terms = FundingTerms(
        currency=CURRENCY,
        supplier=context.supplier,
        valid_from=context.current_day,
        reason=event.text,
        concentration_limit_pct=Decimal(event.amount),
        auto_offer_limit=Decimal(4000),
        # The sample depends on the invoice's random key: the scenario would differ in each run.
        verify_sample_pct=Decimal(0),
    )
    terms.full_clean(exclude=["set_at"])
    terms_policy.set_terms(
        terms=terms, by=context.participants.underwriter, approver=context.participants.approver, at=context.at
    )


def set_supplier_limit(context: ScenarioContext, event: Event) -> None:
    _set_limit(context, event, who=str(context.supplier), subject=f"supplier:{context.supplier.pk}", debtor=None)


def set_buyer_limit(context: ScenarioContext, event: Event) -> None:
    """Set the limit of a buyer (by its reference in the books) over all suppliers."""
    debtor = grouping.get_or_create_debtor(
        buyer=context.buyer(event.references[0]), by=context.participants.underwriter, at=context.at
    )
    _set_limit(context, event, who=str(debtor), subject=f"debtor:{debtor.pk}", debtor=debtor.pk)


def request_verification(context: ScenarioContext, event: Event) -> None:
    """The supplier approves the e-mail text, and its buyers receive it."""
    for invoice in context.invoices(event.references):
        drafted = questions.draft(invoice=invoice, by=context.participants.owner, at=context.at)
        questions.approve_and_send(
            verification=drafted,
            by=context.participants.owner,
            subject=drafted.subject,
            body=drafted.body,
            to=drafted.to,
            at=context.at,
        )


def buyer_confirms(context: ScenarioContext, event: Event) -> None:
    for number in event.references:
        _answer_by_link(context, number, SubmittedAnswer(Answer.ALL, event.text, acknowledged=True))


def buyer_disputes(context: ScenarioContext, event: Event) -> None:
    _answer_by_link(context, event.references[0], SubmittedAnswer(Answer.DISPUTE, "Ines Calder", reason=event.text))


def record_phone_confirmation(context: ScenarioContext, event: Event) -> None:
    given = SubmittedAnswer(Answer.ALL, event.text, acknowledged=True)
    answers.record_phone_answer(
        invoice=context.invoice(event.references[0]),
        by=context.participants.underwriter,
        submitted=given,
        at=context.at,
    )


def request_financing(context: ScenarioContext, event: Event) -> None:
    """The supplier requests financing. Up to the limit of the terms, an automatic offer follows."""
    invoices = context.invoices(event.references)
    requests.submit(supplier=context.supplier, invoices=invoices, by=context.participants.owner, at=context.at)


def make_offer(context: ScenarioContext, event: Event) -> None:
    waiting = context.request_line(event.references[0]).request
    offers.create(request=waiting, by=context.participants.underwriter, at=context.at)


def refuse_request(context: ScenarioContext, event: Event) -> None:
    line = context.request_line(event.references[0])
    requests.refuse(line=line, by=context.participants.underwriter, at=context.at, reason=event.text)


def accept_offer(context: ScenarioContext, event: Event) -> None:
    made = context.offer(event.references[0])
    lines = list(OfferLine.objects.filter(offer=made).select_related("invoice").order_by("pk"))
    shown = disclosure.disclosure_digest(
        disclosure.offer_disclosure(offer=made, lines=lines, today=context.current_day)
    )
    origin = acceptance.ClientInfo(IP_ADDRESS, USER_AGENT)
    acceptance.accept(offer=made, by=context.participants.owner, at=context.at, disclosure_digest=shown, client=origin)


def fund_advances(context: ScenarioContext, event: Event) -> None:
    """Operations pay out, or request approval where dual control applies."""
    for number in event.references:
        advance = context.advance(number)
        amount = format_amount(advance.amount, advance.currency)
        plan = ApprovalRequest(
            kind=Approval.Kind.FUND,
            subject=advance.ledger_owner,
            permission=funding.FUND_ADVANCES,
            supplier=context.supplier,
            currency=advance.currency,
            amount=advance.amount,
            summary=f"Pay {amount} to {context.supplier} on invoice {advance.invoice}",
            arguments={"advance": advance.pk, "value_date": context.current_day.isoformat()},
        )
        approvals.execute_or_request_approval(request=plan, by=context.participants.operations, at=context.at)


def approve_payout(context: ScenarioContext, event: Event) -> None:
    subject = context.advance(event.references[0]).ledger_owner
    asked = Approval.objects.get(kind=Approval.Kind.FUND, subject=subject, decided_at__isnull=True)
    approvals.approve(approval=asked, by=context.participants.approver, at=context.at)


def fail_payout(context: ScenarioContext, event: Event) -> None:
    payouts.record_failure(
        payout=context.payout(event.references[0]),
        value_date=context.current_day,
        reason=event.text,
        by=context.participants.operations,
        at=context.at,
    )


def resend_payout(context: ScenarioContext, event: Event) -> None:
    payouts.resend(
        payout=context.payout(event.references[0]),
        value_date=context.current_day,
        by=context.participants.operations,
        at=context.at,
    )


def record_payment(context: ScenarioContext, event: Event) -> None:
    """A buyer's payment arrives and is allocated to the advance on this invoice."""
    advance = context.advance(event.references[0])
    _record_payment(context, event, [AllocationTarget(Decimal(event.amount), advance=advance)])


def record_unallocated_payment(context: ScenarioContext, event: Event) -> None:
    """A payment arrives, and nobody knows what it is for."""
    _record_payment(context, event, [])


def remit_surplus(context: ScenarioContext, event: Event) -> None:
    payouts.remit(
        supplier=context.supplier,
        currency=CURRENCY,
        amount=Decimal(event.amount),
        value_date=context.current_day,
        by=context.participants.operations,
        at=context.at,
    )


def settle(context: ScenarioContext, event: Event) -> None:
    settlements.settle(
        advance=context.advance(event.references[0]),
        value_date=context.current_day,
        by=context.participants.operations,
        at=context.at,
    )


def repurchase(context: ScenarioContext, event: Event) -> None:
    repurchases.repurchase(
        advance=context.advance(event.references[0]),
        value_date=context.current_day,
        by=context.participants.operations,
        at=context.at,
        reason=event.text,
    )


def open_dispute(context: ScenarioContext, event: Event) -> None:
    advance = context.advance(event.references[0])
    cases.open_dispute(advance=advance, by=context.participants.operations, at=context.at, reason=event.text)


def _answer_by_link(context: ScenarioContext, number: str, given: SubmittedAnswer) -> None:
    """The buyer opens the link in its e-mail and answers."""
    asked = Verification.objects.get(supplier=context.supplier, invoice__invoice_no=number, status="sent")
    mail = OutgoingMail.objects.get(key__startswith=f"verification.request:{asked.pk}:")
    found = _LINK.search(mail.body)
    if found is None:
        raise ValueError("The e-mail to the buyer has no link.")
    answers.submit_answer(token=found[1], submitted=given, ip="198.51.100.7", at=context.at)


def _record_payment(context: ScenarioContext, event: Event, targets: list[AllocationTarget]) -> None:
    arrival = IncomingPayment(
        currency=CURRENCY,
        amount=Decimal(event.amount),
        value_date=context.current_day,
        bank_reference=f"{context.current_day:%y%m%d}-{context.at:%H%M}",
        payer=event.text,
        remittance=f"Invoice {event.references[0]}" if event.references else "",
    )
    payments.record(payment=arrival, targets=targets, by=context.participants.operations, at=context.at)


def _set_limit(context: ScenarioContext, event: Event, *, who: str, subject: str, debtor: int | None) -> None:
    """The underwriter requests it and the second person approves it: an amount like this is under dual control."""
    amount = Decimal(event.amount)
    plan = ApprovalRequest(
        kind=Approval.Kind.LIMIT,
        subject=subject,
        permission="financing.set_limits",
        supplier=context.supplier if debtor is None else None,
        currency=CURRENCY,
        amount=amount,
        summary=f"Set the limit of {who} to {format_amount(amount, CURRENCY)}",
        arguments={
            "supplier": context.supplier.pk if debtor is None else None,
            "debtor": debtor,
            "currency": CURRENCY,
            "amount": event.amount,
            "reason": event.text,
        },
    )
    asked = approvals.execute_or_request_approval(request=plan, by=context.participants.underwriter, at=context.at)
    if asked is not None:
        approvals.approve(approval=asked, by=context.participants.approver, at=context.at)

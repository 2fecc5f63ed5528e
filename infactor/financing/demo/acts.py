"""What people do in the story: each act is one or two calls of the product's own services, at the stage's moment."""

import re
from decimal import Decimal

from infactor.core.models import OutgoingMail
from infactor.core.money import format_amount
from infactor.financing import approvals, payouts
from infactor.financing.advances import cases, funding, repurchases, settlements
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget, IncomingPayment
from infactor.financing.demo.events import Event
from infactor.financing.demo.stage import Stage
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
FROM_ADDRESS, BROWSER = "203.0.113.24", "A browser"
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


def apply(stage: Stage, event: Event) -> None:
    """The company says who it is and where it is paid, and accepts the agreement."""
    entry = AccountDetails(CURRENCY, _COMPANY.legal_name, "Bay Commercial Bank", "US", "4410027719", "121000358")
    bank_accounts.add(supplier=stage.supplier, details=entry, by=stage.cast.owner, at=stage.at)
    newest = agreements.latest()
    applications.submit(
        supplier=stage.supplier,
        company=_COMPANY,
        owners=[OwnerDetails(stage.cast.owner.name, Decimal(100), stage.cast.owner.email, "Managing partner")],
        consent=AgreementConsent(newest.version, FROM_ADDRESS, BROWSER) if newest else None,
        by=stage.cast.owner,
        at=stage.at,
    )


def approve_supplier(stage: Stage, event: Event) -> None:
    applications.approve(application=stage.supplier.application, by=stage.cast.underwriter, at=stage.at)


def change_account(stage: Stage, event: Event) -> None:
    """The company wants to be paid to another account, which waits."""
    entry = AccountDetails(CURRENCY, _COMPANY.legal_name, "Redwood Savings", "US", "8802213345", "322271627")
    bank_accounts.add(supplier=stage.supplier, details=entry, by=stage.cast.owner, at=stage.at)


def set_terms(stage: Stage, event: Event) -> None:
    """Terms of this supplier's own from this day on; the amount is the share of one buyer, in percent."""
    terms = FundingTerms(
        currency=CURRENCY,
        supplier=stage.supplier,
        valid_from=stage.on,
        reason=event.words,
        concentration_limit_pct=Decimal(event.amount),
        auto_offer_limit=Decimal(4000),
        # Who is drawn depends on the invoice's random key: the story would be another one each time.
        verify_sample_pct=Decimal(0),
    )
    terms.full_clean(exclude=["set_at"])
    terms_policy.set_terms(terms=terms, by=stage.cast.underwriter, approver=stage.cast.second, at=stage.at)


def limit_supplier(stage: Stage, event: Event) -> None:
    _limit(stage, event, who=str(stage.supplier), subject=f"supplier:{stage.supplier.pk}", debtor=None)


def limit_buyer(stage: Stage, event: Event) -> None:
    """The limit of a buyer (by its reference in the books) over the whole house."""
    debtor = grouping.get_or_create_debtor(buyer=stage.buyer(event.names[0]), by=stage.cast.underwriter, at=stage.at)
    _limit(stage, event, who=str(debtor), subject=f"debtor:{debtor.pk}", debtor=debtor.pk)


def ask_buyers(stage: Stage, event: Event) -> None:
    """The supplier approves our words, and its buyers get them."""
    for invoice in stage.invoices(event.names):
        drafted = questions.draft(invoice=invoice, by=stage.cast.owner, at=stage.at)
        questions.approve_and_send(
            verification=drafted,
            by=stage.cast.owner,
            subject=drafted.subject,
            body=drafted.body,
            to=drafted.to,
            at=stage.at,
        )


def confirm(stage: Stage, event: Event) -> None:
    for number in event.names:
        _answer(stage, number, SubmittedAnswer(Answer.ALL, event.words, acknowledged=True))


def reject(stage: Stage, event: Event) -> None:
    _answer(stage, event.names[0], SubmittedAnswer(Answer.DISPUTE, "Ines Calder", reason=event.words))


def confirm_by_phone(stage: Stage, event: Event) -> None:
    given = SubmittedAnswer(Answer.ALL, event.words, acknowledged=True)
    answers.record_phone_answer(
        invoice=stage.invoice(event.names[0]), by=stage.cast.underwriter, submitted=given, at=stage.at
    )


def request(stage: Stage, event: Event) -> None:
    """The supplier asks for money; up to an amount the house makes the offer at once."""
    invoices = stage.invoices(event.names)
    requests.submit(supplier=stage.supplier, invoices=invoices, by=stage.cast.owner, at=stage.at)


def offer(stage: Stage, event: Event) -> None:
    waiting = stage.request_line(event.names[0]).request
    offers.create(request=waiting, by=stage.cast.underwriter, at=stage.at)


def refuse(stage: Stage, event: Event) -> None:
    line = stage.request_line(event.names[0])
    requests.refuse(line=line, by=stage.cast.underwriter, at=stage.at, reason=event.words)


def accept(stage: Stage, event: Event) -> None:
    made = stage.offer(event.names[0])
    lines = list(OfferLine.objects.filter(offer=made).select_related("invoice").order_by("pk"))
    shown = disclosure.disclosure_digest(disclosure.offer_disclosure(offer=made, lines=lines, today=stage.on))
    origin = acceptance.ClientInfo(FROM_ADDRESS, BROWSER)
    acceptance.accept(offer=made, by=stage.cast.owner, at=stage.at, disclosure_digest=shown, client=origin)


def fund(stage: Stage, event: Event) -> None:
    """Operations pay out, or ask a second person where the amount needs one."""
    for number in event.names:
        advance = stage.advance(number)
        plan = ApprovalRequest(
            kind=Approval.Kind.FUND,
            subject=advance.ledger_owner,
            permission=funding.FUND_ADVANCES,
            supplier=stage.supplier,
            currency=advance.currency,
            amount=advance.amount,
            summary=f"Pay {format_amount(advance.amount, advance.currency)} to {stage.supplier} on invoice {advance.invoice}",
            arguments={"advance": advance.pk, "value_date": stage.on.isoformat()},
        )
        approvals.execute_or_request_approval(request=plan, by=stage.cast.operations, at=stage.at)


def approve_payout(stage: Stage, event: Event) -> None:
    subject = stage.advance(event.names[0]).ledger_owner
    asked = Approval.objects.get(kind=Approval.Kind.FUND, subject=subject, decided_at__isnull=True)
    approvals.approve(approval=asked, by=stage.cast.second, at=stage.at)


def fail_payout(stage: Stage, event: Event) -> None:
    payouts.record_failure(
        payout=stage.payout(event.names[0]),
        value_date=stage.on,
        reason=event.words,
        by=stage.cast.operations,
        at=stage.at,
    )


def send_again(stage: Stage, event: Event) -> None:
    payouts.resend(payout=stage.payout(event.names[0]), value_date=stage.on, by=stage.cast.operations, at=stage.at)


def collect(stage: Stage, event: Event) -> None:
    """A buyer's payment arrives, and is for the advance on this invoice."""
    advance = stage.advance(event.names[0])
    _arrive(stage, event, [AllocationTarget(Decimal(event.amount), advance=advance)])


def arrive(stage: Stage, event: Event) -> None:
    """Money arrives of which nobody knows what it is for."""
    _arrive(stage, event, [])


def pass_on(stage: Stage, event: Event) -> None:
    payouts.remit(
        supplier=stage.supplier,
        currency=CURRENCY,
        amount=Decimal(event.amount),
        value_date=stage.on,
        by=stage.cast.operations,
        at=stage.at,
    )


def settle(stage: Stage, event: Event) -> None:
    settlements.settle(
        advance=stage.advance(event.names[0]), value_date=stage.on, by=stage.cast.operations, at=stage.at
    )


def repurchase(stage: Stage, event: Event) -> None:
    repurchases.repurchase(
        advance=stage.advance(event.names[0]),
        value_date=stage.on,
        by=stage.cast.operations,
        at=stage.at,
        reason=event.words,
    )


def dispute(stage: Stage, event: Event) -> None:
    advance = stage.advance(event.names[0])
    cases.open_dispute(advance=advance, by=stage.cast.operations, at=stage.at, reason=event.words)


def _answer(stage: Stage, number: str, given: SubmittedAnswer) -> None:
    """The buyer opens the link in its mail and answers."""
    asked = Verification.objects.get(supplier=stage.supplier, invoice__invoice_no=number, status="sent")
    mail = OutgoingMail.objects.get(key__startswith=f"verification.request:{asked.pk}:")
    found = _LINK.search(mail.body)
    if found is None:
        raise ValueError("The mail to the buyer holds no link.")
    answers.submit_answer(token=found[1], submitted=given, ip="198.51.100.7", at=stage.at)


def _arrive(stage: Stage, event: Event, targets: list[AllocationTarget]) -> None:
    arrival = IncomingPayment(
        currency=CURRENCY,
        amount=Decimal(event.amount),
        value_date=stage.on,
        bank_reference=f"{stage.on:%y%m%d}-{stage.at:%H%M}",
        payer=event.words,
        remittance=f"Invoice {event.names[0]}" if event.names else "",
    )
    payments.record(payment=arrival, targets=targets, by=stage.cast.operations, at=stage.at)


def _limit(stage: Stage, event: Event, *, who: str, subject: str, debtor: int | None) -> None:
    """Asked for by the underwriter and approved by the second person: such an amount needs two."""
    amount = Decimal(event.amount)
    plan = ApprovalRequest(
        kind=Approval.Kind.LIMIT,
        subject=subject,
        permission="financing.set_limits",
        supplier=stage.supplier if debtor is None else None,
        currency=CURRENCY,
        amount=amount,
        summary=f"Set the limit of {who} to {format_amount(amount, CURRENCY)}",
        arguments={
            "supplier": stage.supplier.pk if debtor is None else None,
            "debtor": debtor,
            "currency": CURRENCY,
            "amount": event.amount,
            "reason": event.words,
        },
    )
    asked = approvals.execute_or_request_approval(request=plan, by=stage.cast.underwriter, at=stage.at)
    if asked is not None:
        approvals.approve(approval=asked, by=stage.cast.second, at=stage.at)

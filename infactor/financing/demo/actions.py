"""Actions of the scenario in financing: each is one or two calls of the product's services at its moment."""

import re
from decimal import Decimal

from infactor.core.models import OutgoingMail
from infactor.core.money import format_amount
from infactor.financing import approvals, netting, payouts
from infactor.financing.advances import cases, funding, repurchases, settlements
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget, IncomingPayment
from infactor.financing.demo import bank
from infactor.financing.demo.context import ScenarioContext
from infactor.financing.demo.events import Event
from infactor.financing.models import Approval, Notice, OfferLine, Payout
from infactor.financing.notices import acknowledgements, links
from infactor.financing.origination import acceptance, offers, requests
from infactor.financing.pricing import disclosure
from infactor.suppliers import bank_accounts
from infactor.suppliers.account_proofs import AccountProof
from infactor.suppliers.models import BankAccount
from infactor.verification import answers
from infactor.verification import requests as verification_requests
from infactor.verification.answers import Answer, SubmittedAnswer
from infactor.verification.models import Verification

CURRENCY = "USD"
IP_ADDRESS, BUYERS_IP_ADDRESS, USER_AGENT = "203.0.113.24", "198.51.100.7", "A browser"
_LINK = re.compile(r"/buyer/([^/\s]+)/")


def request_verification(context: ScenarioContext, event: Event) -> None:
    """The supplier approves the email text, and its buyers receive it."""
    for invoice in context.invoices(event.references):
        drafted = verification_requests.draft(invoice=invoice, by=context.participants.owner, at=context.at)
        verification_requests.approve_and_send(
            verification=drafted,
            by=context.participants.owner,
            subject=drafted.subject,
            body=drafted.body,
            to=drafted.to,
            at=context.at,
        )


def buyer_confirms(context: ScenarioContext, event: Event) -> None:
    for number in event.references:
        _answer_by_link(context, number, SubmittedAnswer(Answer.ALL, event.text))


def buyer_disputes(context: ScenarioContext, event: Event) -> None:
    _answer_by_link(context, event.references[0], SubmittedAnswer(Answer.DISPUTE, "Ines Calder", reason=event.text))


def record_phone_confirmation(context: ScenarioContext, event: Event) -> None:
    given = SubmittedAnswer(Answer.ALL, event.text)
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
        disclosure.offer_disclosure(offer=made, lines=lines, today=context.supplier_day)
    )
    origin = acceptance.ClientInfo(IP_ADDRESS, USER_AGENT)
    acceptance.accept(offer=made, by=context.participants.owner, at=context.at, disclosure_digest=shown, client=origin)


def fund_advances(context: ScenarioContext, event: Event) -> None:
    """Operations pay out, or request approval where dual control applies."""
    for number in event.references:
        advance = context.advance(number)
        amount = format_amount(advance.amount, advance.currency)
        approval_request = ApprovalRequest(
            kind=Approval.Kind.FUND,
            subject=advance.ledger_owner,
            permission=funding.FUND_ADVANCES,
            supplier=context.supplier,
            currency=advance.currency,
            amount=advance.amount,
            summary=f"Pay {amount} to {context.supplier} on invoice {advance.invoice}",
            arguments={"advance": advance.pk, "value_date": context.value_date.isoformat()},
        )
        approvals.execute_or_request_approval(
            request=approval_request, by=context.participants.operations, at=context.at
        )


def approve_payout(context: ScenarioContext, event: Event) -> None:
    subject = context.advance(event.references[0]).ledger_owner
    approval = Approval.objects.get(kind=Approval.Kind.FUND, subject=subject, decided_at__isnull=True)
    approvals.approve(approval=approval, by=context.participants.approver, at=context.at)


def buyer_acknowledges(context: ScenarioContext, event: Event) -> None:
    """The buyer opens the link in its notice of assignment and acknowledges it."""
    for number in event.references:
        notice = Notice.objects.get(advance=context.advance(number), status=Notice.Status.SENT)
        mail = OutgoingMail.objects.get(key=f"notice.sent:{notice.pk}:1")
        acknowledgements.acknowledge(
            notice=links.find_notice(token=_token(mail)),
            name=event.text,
            ip=BUYERS_IP_ADDRESS,
            user_agent=USER_AGENT,
            at=context.at,
        )


def return_payout(context: ScenarioContext, event: Event) -> None:
    """The bank returns the payout on this invoice, or without one the last remittance, with a code."""
    remitted = Payout.objects.filter(supplier=context.supplier, purpose=Payout.Purpose.SURPLUS)
    payout = context.payout(event.references[0]) if event.references else remitted.latest("pk")
    bank.give_back(
        payout=payout,
        code=event.text,
        today=context.value_date,
        by=context.participants.operations,
        at=context.at,
    )


def resend_payout(context: ScenarioContext, event: Event) -> None:
    """Staff have checked the account with the company, and prepare the payout again."""
    for suspended in context.supplier.bank_accounts.filter(status="suspended"):
        proof = AccountProof(
            kind=BankAccount.Proof.CALL, phone_number="+1 503 555 0142", note="Maria Lopez read the number out again."
        )
        bank_accounts.confirm(account=suspended, proof=proof, by=context.participants.operations, at=context.at)
    payouts.resend(
        payout=context.payout(event.references[0]),
        value_date=context.value_date,
        by=context.participants.operations,
        at=context.at,
    )


def record_payment(context: ScenarioContext, event: Event) -> None:
    """A buyer's payment arrives and is allocated to the advance on this invoice."""
    advance = context.advance(event.references[0])
    _record_payment(context, event, [AllocationTarget(Decimal(event.amount), advance=advance)])


def record_surplus(context: ScenarioContext, event: Event) -> None:
    """A payment arrives for an invoice that is not financed: it belongs to the supplier."""
    target = AllocationTarget(Decimal(event.amount), supplier=context.supplier)
    _record_payment(context, event, [target])


def record_unallocated_payment(context: ScenarioContext, event: Event) -> None:
    """A payment arrives, and nobody knows what it is for."""
    _record_payment(context, event, [])


def remit_surplus(context: ScenarioContext, event: Event) -> None:
    payouts.remit(
        supplier=context.supplier,
        currency=CURRENCY,
        amount=Decimal(event.amount),
        value_date=context.value_date,
        by=context.participants.operations,
        at=context.at,
    )


def settle(context: ScenarioContext, event: Event) -> None:
    settlements.settle(
        advance=context.advance(event.references[0]),
        value_date=context.value_date,
        by=context.participants.operations,
        at=context.at,
    )


def repurchase(context: ScenarioContext, event: Event) -> None:
    repurchases.repurchase(
        advance=context.advance(event.references[0]),
        value_date=context.value_date,
        by=context.participants.operations,
        at=context.at,
        reason=event.text,
    )


def pay_debt(context: ScenarioContext, event: Event) -> None:
    """The supplier pays all that it owes: what infactor demanded for an invoice that it buys back."""
    debt = netting.debt(supplier_id=context.supplier.pk, currency=CURRENCY)
    _record_payment(context, event, [AllocationTarget(debt, supplier=context.supplier, is_due=True)], amount=debt)


def open_dispute(context: ScenarioContext, event: Event) -> None:
    advance = context.advance(event.references[0])
    cases.open_dispute(advance=advance, by=context.participants.operations, at=context.at, reason=event.text)


def _answer_by_link(context: ScenarioContext, number: str, given: SubmittedAnswer) -> None:
    """The buyer opens the link in its email and answers."""
    verification = Verification.objects.get(supplier=context.supplier, invoice__invoice_no=number, status="sent")
    mail = OutgoingMail.objects.get(key__startswith=f"verification.request:{verification.pk}:")
    answers.submit_answer(token=_token(mail), submitted=given, ip=BUYERS_IP_ADDRESS, at=context.at)


def _token(mail: OutgoingMail) -> str:
    """The token of the link in an email to a buyer."""
    found = _LINK.search(mail.body)
    if found is None:
        raise ValueError("The email to the buyer has no link.")
    return found[1]


def _record_payment(
    context: ScenarioContext, event: Event, targets: list[AllocationTarget], *, amount: Decimal | None = None
) -> None:
    arrival = IncomingPayment(
        currency=CURRENCY,
        amount=amount or Decimal(event.amount),
        value_date=context.value_date,
        bank_reference=f"{context.value_date:%y%m%d}-{context.at:%H%M}",
        payer=event.text,
        remittance=f"Invoice {event.references[0]}" if event.references else "",
    )
    payments.record(payment=arrival, targets=targets, by=context.participants.operations, at=context.at)

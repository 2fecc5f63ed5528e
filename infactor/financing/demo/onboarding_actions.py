"""Actions of the scenario before financing: the application, the bank account, terms and limits."""

from datetime import timedelta
from decimal import Decimal

from infactor.core.business_day import business_day
from infactor.core.money import format_amount
from infactor.financing import approvals
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.demo.actions import CURRENCY, IP_ADDRESS, USER_AGENT
from infactor.financing.demo.context import ScenarioContext
from infactor.financing.demo.events import Event
from infactor.financing.models import Approval, FundingTerms
from infactor.financing.policy import terms as terms_policy
from infactor.invoices.debtors import grouping
from infactor.suppliers import agreements, applications, bank_accounts, checks
from infactor.suppliers.account_proofs import AccountProof
from infactor.suppliers.applications import AgreementConsent, CompanyDetails, OwnerDetails
from infactor.suppliers.bank_accounts import AccountDetails
from infactor.suppliers.check_catalogue import CATALOGUE
from infactor.suppliers.checks import CheckDetails
from infactor.suppliers.models import BankAccount, Check

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


def record_checks(context: ScenarioContext, event: Event) -> None:
    """The underwriter makes every check of the list; each of them counts for a while."""
    for item in CATALOGUE:
        details = CheckDetails(
            kind=item.kind,
            outcome=Check.Outcome.PASSED,
            made_on=business_day(context.at),
            expires_on=business_day(context.at) + timedelta(days=item.valid_days) if item.valid_days else None,
            reference=event.text,
        )
        checks.record(supplier=context.supplier, details=details, by=context.participants.underwriter, at=context.at)


def approve_supplier(context: ScenarioContext, event: Event) -> None:
    applications.approve(application=context.supplier.application, by=context.participants.underwriter, at=context.at)


def confirm_account(context: ScenarioContext, event: Event) -> None:
    """Operations call the company back, and confirm the account that waits."""
    proof = AccountProof(kind=BankAccount.Proof.CALL, phone_number=_COMPANY.phone, note=event.text)
    account = BankAccount.objects.get(supplier=context.supplier, status=BankAccount.Status.WAITING)
    bank_accounts.confirm(account=account, proof=proof, by=context.participants.operations, at=context.at)


def add_bank_account(context: ScenarioContext, event: Event) -> None:
    """The company adds another bank account, which waits for its confirmation."""
    entry = AccountDetails(CURRENCY, _COMPANY.legal_name, "Redwood Savings", "US", "8802213345", "322271627")
    bank_accounts.add(supplier=context.supplier, details=entry, by=context.participants.owner, at=context.at)


def set_terms(context: ScenarioContext, event: Event) -> None:
    """Set terms for this supplier. The amount is the concentration limit in percent."""
    terms = FundingTerms(
        currency=CURRENCY,
        supplier=context.supplier,
        valid_from=context.value_date,
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


def _set_limit(context: ScenarioContext, event: Event, *, who: str, subject: str, debtor: int | None) -> None:
    """The underwriter requests it and the second person approves it: an amount like this is under dual control."""
    amount = Decimal(event.amount)
    approval_request = ApprovalRequest(
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
    approval = approvals.execute_or_request_approval(
        request=approval_request, by=context.participants.underwriter, at=context.at
    )
    if approval is not None:
        approvals.approve(approval=approval, by=context.participants.approver, at=context.at)

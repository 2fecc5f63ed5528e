"""The financing scenario: an approved supplier with recent books, staff in every role, and invoices to finance.

The product's own services create everything where they can, at the times that the test gives.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group

from infactor.core.business_day import business_day
from infactor.financing.advances import funding, settlements
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget, IncomingPayment
from infactor.financing.models import Advance, Collection, FinancingRequest, FundingTerms, Offer
from infactor.financing.origination import acceptance, offers, requests
from infactor.financing.policy.terms import set_terms
from infactor.financing.pricing import disclosure
from infactor.financing.value_dates import supplier_today
from infactor.invoices.models import Buyer, CompanyFile, Invoice
from infactor.invoices.states import BooksStatus
from infactor.suppliers import agreements, applications, bank_accounts
from infactor.suppliers.applications import AgreementConsent, CompanyDetails, OwnerDetails
from infactor.suppliers.bank_accounts import AccountDetails
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User
from tests.support.factories.suppliers import (
    BuyerFactory,
    CompanyFileFactory,
    InvoiceFactory,
    MembershipFactory,
    UserFactory,
)
from tests.support.scenarios import onboarding

NOW = datetime(2026, 11, 2, 17, 0, tzinfo=UTC)  # ten in the morning in Los Angeles
TODAY = date(2026, 11, 2)


@dataclass
class Scenario:
    """One supplier that may be financed, and the staff. `now` is the time of each action."""

    supplier: Supplier
    owner: User
    books: CompanyFile
    underwriter: User
    operations: User
    approver: User
    reader: User
    now: datetime = NOW
    references: int = field(default=0)

    @property
    def today(self) -> date:
        return supplier_today(supplier=self.supplier, at=self.now)

    @property
    def money_day(self) -> date:
        """Today where infactor is."""
        return business_day(self.now)

    def later(self, days: int) -> None:
        """Move `now` forward by that many days."""
        self.now += timedelta(days=days)
        CompanyFile.objects.update(as_of=self.now)

    def buyer(self, name: str = "", *, paid: int = 2, **given: Any) -> Buyer:
        """A business buyer with that many invoices paid long ago."""
        given = {"company_name": f"{name or 'Buyer'} Inc", "email": "ap@buyer.example", **given}
        buyer: Buyer = BuyerFactory(
            company_file=self.books, supplier=self.supplier, **({"name": name} if name else {}), **given
        )
        for _ in range(paid):
            self.invoice(
                buyer,
                face="50",
                balance=Decimal(0),
                books_status=BooksStatus.PAID,
                txn_date=date(2026, 6, 1),
                payable_date=date(2026, 7, 1),
            )
        return buyer

    def invoice(self, buyer: Buyer, *, face: str = "1000", tax: str = "0", **given: Any) -> Invoice:
        """An open invoice from five days ago, due in 40 days, without tax."""
        given = {
            "balance": Decimal(face),
            "txn_date": self.today - timedelta(days=5),
            "payable_date": self.today + timedelta(days=40),
            **given,
        }
        invoice: Invoice = InvoiceFactory(buyer=buyer, invoice_amount=Decimal(face), tax_amount=Decimal(tax), **given)
        return invoice

    def terms(self, **changed: Any) -> FundingTerms:
        """New terms from the first of the month on, under which few rules stop an invoice unless the test sets them."""
        easy = {
            "currency": "USD",
            "concentration_limit_pct": Decimal(100),
            "verify_first_invoice": False,
            "verify_threshold": Decimal(10**9),
            "verify_sample_pct": Decimal(0),
            "buyer_limit": Decimal(10**9),
            "pair_limit": Decimal(10**9),
            "supplier_limit": Decimal(10**9),
            "dual_control_threshold": Decimal(10**10),
        }
        row = FundingTerms(valid_from=date(2026, 1, 1), reason="for the test", **{**easy, **changed})
        row.full_clean(exclude=["set_at"])
        return set_terms(terms=row, by=self.underwriter, approver=self.approver, at=self.now)

    def request(self, *invoices: Invoice) -> FinancingRequest:
        return requests.submit(supplier=self.supplier, invoices=invoices, by=self.owner, at=self.now)

    def offer(self, *invoices: Invoice) -> Offer:
        return offers.create(request=self.request(*invoices), by=self.underwriter, at=self.now)

    def shown(self, offer: Offer) -> str:
        """The digest of the disclosure that the owner sees for an offer."""
        lines = list(offer.lines.select_related("invoice").order_by("pk"))
        return disclosure.disclosure_digest(disclosure.offer_disclosure(offer=offer, lines=lines, today=self.today))

    def accept(self, offer: Offer) -> list[Advance]:
        return acceptance.accept(offer=offer, by=self.owner, at=self.now, disclosure_digest=self.shown(offer))

    def accepted(self, invoice: Invoice) -> Advance:
        return self.accept(self.offer(invoice))[0]

    def fund(self, advance: Advance) -> Advance:
        return funding.fund(advance=advance, value_date=self.money_day, by=self.operations, at=self.now)

    def funded(self, invoice: Invoice) -> Advance:
        return self.fund(self.accepted(invoice))

    def pay(self, advance: Advance | None, amount: str, **given: Any) -> Collection:
        """Record a payment of the buyer today, for an advance or unapplied."""
        targets = [AllocationTarget(Decimal(amount), advance=advance)] if advance else []
        return self.arrive(amount, targets=targets, **given)

    def arrive(
        self, amount: str, *, targets: list[AllocationTarget], is_another: bool = False, **given: Any
    ) -> Collection:
        self.references += 1
        arrival = IncomingPayment(
            **{
                "currency": "USD",
                "amount": Decimal(amount),
                "value_date": self.money_day,
                "bank_reference": f"BANK-{self.references}",
                **given,
            }
        )
        return payments.record(payment=arrival, targets=targets, by=self.operations, at=self.now, is_another=is_another)

    def settle(self, advance: Advance) -> Advance:
        return settlements.settle(advance=advance, value_date=self.money_day, by=self.operations, at=self.now)


def staff_member(role: str, **given: Any) -> User:
    """A member of infactor's staff in one of the three roles."""
    user: User = UserFactory(is_staff=True, **given)
    user.groups.add(Group.objects.get(name=role))
    return user


def build_scenario(*, now: datetime = NOW, name: str = "Larkspur Coffee Roasters") -> Scenario:
    """A scenario whose supplier was approved a day ago and whose books are completely imported."""
    # Between two midnights a real "now" is one day here and another there: then everybody has infactor's day.
    zone = {} if now == NOW else {"supplier__time_zone": settings.BUSINESS_TIME_ZONE}
    membership = MembershipFactory(supplier__name=name, **zone)
    scenario = Scenario(
        supplier=membership.supplier,
        owner=membership.user,
        books=CompanyFileFactory(supplier=membership.supplier, as_of=now),
        underwriter=staff_member(roles.UNDERWRITER),
        operations=staff_member(roles.OPERATIONS),
        approver=staff_member(roles.OPERATIONS),
        reader=staff_member(roles.READ_ONLY),
        now=now,
    )
    approve(
        supplier=scenario.supplier,
        owner=scenario.owner,
        underwriter=scenario.underwriter,
        operations=scenario.operations,
        at=now - timedelta(days=1),
    )
    return scenario


def approve(*, supplier: Supplier, owner: User, underwriter: User, operations: User, at: datetime) -> None:
    """Take a supplier through its application: company, owner, agreement, checks, approval, confirmed bank account."""
    entry = AccountDetails("USD", supplier.name, "Bank of Examples", "US", "000123456789", "021000021")
    bank_accounts.add(supplier=supplier, details=entry, by=owner, at=at)
    newest = agreements.latest()
    assert newest is not None
    company = CompanyDetails(
        legal_name=f"{supplier.name} LLC",
        tax_id="12-3456789",
        address_line1="1 Main Street",
        city="Oakland",
        region="CA",
        postal_code="94607",
        country="US",
        phone="+1 510 555 0100",
        about="Coffee",
    )
    application = applications.submit(
        supplier=supplier,
        company=company,
        owners=[OwnerDetails("Robin Larkspur", Decimal(100), owner.email)],
        consent=AgreementConsent(newest.version, "203.0.113.7", "a browser"),
        by=owner,
        at=at,
    )
    onboarding.approve(application, by=underwriter, at=at)
    onboarding.confirm_account(supplier, at=at, by=operations)

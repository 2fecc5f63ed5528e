"""An invoice that is edited in QuickBooks while it is requested, offered, accepted or funded."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.core.business_day import business_day
from infactor.core.models import OutgoingMail
from infactor.financing import scheduled_transitions
from infactor.financing.accounting import reconciliation
from infactor.financing.advances import funding
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Advance, Eligibility, FundingTerms, Offer, RequestLine
from infactor.financing.origination import acceptance, offers, requests
from infactor.financing.policy.terms import set_terms
from infactor.financing.pricing import disclosure
from infactor.financing.value_dates import supplier_today
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.suppliers.models import Membership, Supplier
from infactor.users import roles
from infactor.users.models import User
from quickbooks_app.errors import ForbiddenWrite
from quickbooks_app.models import Connection
from quickbooks_app.writing.object_writer import object_writer
from tests.functional.quickbooks_app.sync.conftest import Company, Imported, Payload, read
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios.financing import approve, staff_member

pytestmark = pytest.mark.django_db
EASY = {
    "verify_first_invoice": False,
    "verify_threshold": Decimal(10**9),
    "verify_sample_pct": Decimal(0),
    "min_paid_invoices": 0,
    "concentration_limit_pct": Decimal(100),
    "cross_aging_pct": Decimal(100),
    "dilution_warning_pct": Decimal(100),
    "dilution_stop_pct": Decimal(100),
    "dual_control_threshold": Decimal(10**9),
}
# Each edit in QuickBooks, and the words of its notification.
EDITS: list[tuple[str, Callable[[Company, Payload], object], str]] = [
    ("paid", lambda company, bill: company.pay(bill, "500.00"), "paid in QuickBooks"),
    ("partly_paid", lambda company, bill: company.pay(bill, "200.00"), "partly paid in QuickBooks"),
    ("voided", lambda company, bill: company.void("Invoice", bill["Id"]), "voided in QuickBooks"),
    ("deleted", lambda company, bill: company.delete("Invoice", bill["Id"]), "deleted in QuickBooks"),
]


@dataclass
class FinancedCompany:
    """The company, its connection, its users and staff, and one eligible invoice."""

    company: Company
    connection: Connection
    supplier: Supplier
    owner: User
    underwriter: User
    operations: User
    bill: Payload

    @property
    def invoice(self) -> Invoice:
        return Invoice.objects.get(qbk_invoice_id=self.bill["Id"])

    def now(self) -> Any:
        return self.company.clock()

    def follow(self) -> None:
        """Import the changes, and run the jobs that follow from them."""
        self.company.clock.advance(minutes=5)
        read(self.connection, self.company.clock)
        scheduled_transitions.apply_due(at=self.now())
        recalculation.recalculate(supplier_id=self.supplier.pk, at=self.now())
        assert reconciliation.find_discrepancies() == []

    def decision(self) -> tuple[str, str]:
        said = Eligibility.objects.get(invoice=self.invoice)
        return said.decision, said.deciding_rule

    def ask(self) -> RequestLine:
        request = requests.submit(supplier=self.supplier, invoices=[self.invoice], by=self.owner, at=self.now())
        return request.lines.get()

    def offer(self) -> Offer:
        return offers.create(request=self.ask().request, by=self.underwriter, at=self.now())

    def accepted(self) -> Advance:
        offer, today = self.offer(), supplier_today(supplier=self.supplier, at=self.now())
        shown = disclosure.offer_disclosure(offer=offer, lines=list(offer.lines.select_related("invoice")), today=today)
        (advance,) = acceptance.accept(
            offer=offer, by=self.owner, at=self.now(), disclosure_digest=disclosure.disclosure_digest(shown)
        )
        return advance

    def email_text(self, event: str) -> str:
        return OutgoingMail.objects.filter(key__startswith=f"financing.{event}:").latest("pk").body


def approved_with_an_eligible_invoice(company: Company, connection: Connection) -> FinancedCompany:
    supplier, clock = connection.supplier, company.clock
    owner = MembershipFactory(supplier=supplier, role=Membership.Role.OWNER).user
    underwriter, operations = staff_member(roles.UNDERWRITER), staff_member(roles.OPERATIONS)
    at = clock() - timedelta(hours=1)
    approve(supplier=supplier, owner=owner, underwriter=underwriter, operations=operations, at=at)
    day = clock().date()
    terms = FundingTerms(currency="USD", valid_from=day - timedelta(days=30), reason="for the test", **EASY)
    set_terms(terms=terms, by=underwriter, approver=operations, at=clock())
    dates = {"TxnDate": f"{day - timedelta(days=3)}", "DueDate": f"{day + timedelta(days=30)}"}
    bill = company.bill(amount="500.00", **dates, BillEmail={"Address": "ap@buyer.example"})
    found = FinancedCompany(company, connection, supplier, owner, underwriter, operations, bill)
    found.follow()
    assert found.decision() == ("eligible", ""), Eligibility.objects.get(invoice=found.invoice).breakdown
    return found


@pytest.fixture(scope="module")
def prepare() -> Callable[[Company, Connection], FinancedCompany]:
    return approved_with_an_eligible_invoice


@pytest.fixture
def financed(company: Company, imported: Connection, module_import: Imported) -> FinancedCompany:
    """The approved company with one eligible invoice."""
    return replace(module_import.prepared, company=company, connection=imported)


@pytest.mark.parametrize(("status", "edit", "why"), EDITS, ids=[one[0] for one in EDITS])
def test_what_is_paid_voided_or_deleted_in_the_books_leaves_the_eligible_list(
    financed: FinancedCompany, status: str, edit: Callable[[Company, Payload], object], why: str
) -> None:
    edit(financed.company, financed.bill)
    financed.follow()
    assert financed.invoice.books_status == status
    assert financed.decision() == ("ineligible", "open_balance")


@pytest.mark.parametrize(("status", "edit", "why"), EDITS, ids=[one[0] for one in EDITS])
def test_a_request_for_it_is_dropped_its_owners_are_told_and_the_rules_are_asked_again(
    financed: FinancedCompany, status: str, edit: Callable[[Company, Payload], object], why: str
) -> None:
    line = financed.ask()
    edit(financed.company, financed.bill)
    financed.follow()
    line.refresh_from_db()
    assert (line.status, line.reason) == (RequestLine.Status.WITHDRAWN, why)
    assert financed.invoice.state == State.CREATED
    assert financed.decision() == ("ineligible", "open_balance")
    assert why in financed.email_text("request_cancelled")


@pytest.mark.parametrize(("status", "edit", "why"), EDITS, ids=[one[0] for one in EDITS])
def test_an_offer_for_it_is_withdrawn_and_an_acceptance_is_cancelled_before_any_money_leaves(
    financed: FinancedCompany, status: str, edit: Callable[[Company, Payload], object], why: str
) -> None:
    advance = financed.accepted()
    edit(financed.company, financed.bill)
    financed.company.clock.advance(minutes=5)
    read(financed.connection, financed.company.clock)
    today = business_day(financed.now())
    with pytest.raises(funding.FundingError, match=status.replace("_", " ")):
        funding.fund(advance=advance, value_date=today, by=financed.operations, at=financed.now())
    financed.follow()
    advance.refresh_from_db()
    assert (advance.status, financed.invoice.state) == (Advance.Status.CANCELLED, State.CREATED)
    assert why in financed.email_text("advance_cancelled")


def test_an_offer_is_withdrawn_when_its_invoice_is_paid_in_part(financed: FinancedCompany) -> None:
    offer = financed.offer()
    financed.company.pay(financed.bill, "200.00")
    financed.follow()
    offer.refresh_from_db()
    assert (offer.status, financed.invoice.state) == (Offer.Status.WITHDRAWN, State.PROPOSAL_REJECTED)
    assert "partly paid in QuickBooks" in financed.email_text("offer_withdrawn")


def test_an_amount_that_was_raised_or_lowered_in_the_books_is_asked_for_and_accepted_as_it_is_now(
    financed: FinancedCompany,
) -> None:
    offer = financed.offer()
    amount = {"Line": [{**financed.bill["Line"][0], "Amount": 400.0}]}
    financed.company.edit("Invoice", financed.bill["Id"], **amount)
    financed.follow()
    today = supplier_today(supplier=financed.supplier, at=financed.now())
    lines = list(offer.lines.select_related("invoice"))
    shown = disclosure.disclosure_digest(disclosure.offer_disclosure(offer=offer, lines=lines, today=today))
    with pytest.raises(acceptance.AcceptanceError, match="less of it can be financed"):
        acceptance.accept(offer=offer, by=financed.owner, at=financed.now(), disclosure_digest=shown)
    offers.decline(offer=offer, by=financed.owner, at=financed.now())
    assert financed.accepted().face == Decimal(400)


@pytest.mark.parametrize("end", ["delete", "void"])
def test_infactor_itself_never_ends_the_invoice_of_an_advance(financed: FinancedCompany, end: str) -> None:
    financed.accepted()
    with (
        object_writer(connection=financed.connection, now=financed.company.clock) as writer,
        pytest.raises(ForbiddenWrite),
    ):
        getattr(writer, end)(entity="Invoice", qbk_id=financed.bill["Id"], key="end")
    assert financed.company.read("Invoice", financed.bill["Id"])["Balance"] == 500

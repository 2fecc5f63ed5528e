"""A factor's books on the evening before a day of operations: two suppliers, advances paid out, one statement read."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from infactor.banking import payment_details
from infactor.banking.models import HouseAccount, Movement
from infactor.banking.movements import record as record_movement
from infactor.banking.payment_details import PaymentDetails
from infactor.financing.models import Advance, Payout
from infactor.financing.money_out import approval, batches
from infactor.suppliers import bank_accounts
from tests.support.scenarios import onboarding
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.statements import camt_statement, house_account, import_file

FUNDED_AT = datetime(2026, 11, 2, 17, 0, tzinfo=UTC)
FIRST_DAY = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # a Tuesday
NEXT_DAY = FIRST_DAY + timedelta(days=1)
OPENING = Decimal("60000.00")
HOUSE_NUMBER = "000555000111"
ROUTING = "021000021"
NUMBERS = {"Larkspur Coffee Roasters": "000123456789", "Mistral Tea": "000777888999"}


@dataclass
class OperationsDay:
    """`advances` by invoice number; `balance` is what the bank says after the last statement."""

    larkspur: Scenario
    mistral: Scenario
    account: HouseAccount
    advances: dict[str, Advance]
    balance: Decimal = OPENING

    def statement(self, *lines: str, day: datetime) -> bytes:
        """The bank's file of a day: each line is `amount|bank's id|payer|text`. Its balances fit."""
        opening = self.balance
        self.balance += sum((Decimal(line.partition("|")[0]) for line in lines), Decimal(0))
        return camt_statement(
            lines,
            opening=str(opening),
            closing=str(self.balance),
            day=day.date().isoformat(),
            iban=HOUSE_NUMBER,
            currency="USD",
        )


def build_operations_day() -> OperationsDay:
    """Six advances of two suppliers, paid out on 2 November; the statement of the next day took what was sent."""
    onboarding.published()
    larkspur, mistral = (build_scenario(now=FUNDED_AT, name=name) for name in NUMBERS)
    larkspur.terms()
    _pay_to(mistral, NUMBERS["Mistral Tea"])
    account = _house_account(larkspur)
    northwind, harbor, bluebird = (larkspur.buyer(name) for name in ("Northwind", "Harbor Hotels", "Bluebird Cafe"))
    kestrel = mistral.buyer("Kestrel Grocers")
    sold: list[tuple[Scenario, Any, str, str]] = [
        (larkspur, northwind, "INV-1001", "12400.00"),
        (larkspur, northwind, "INV-1002", "3150.00"),
        (larkspur, northwind, "INV-1003", "2075.50"),
        (larkspur, harbor, "INV-1004", "6000.00"),
        (larkspur, bluebird, "INV-1005", "6000.00"),
        (mistral, kestrel, "MT-77", "8800.00"),
    ]
    advances = {
        number: seller.funded(seller.invoice(buyer, invoice_no=number, face=face))
        for seller, buyer, number, face in sold
    }
    day = OperationsDay(larkspur, mistral, account, advances)
    _send_all(day)
    return day


def _pay_to(seller: Scenario, number: str) -> None:
    details = bank_accounts.AccountDetails("USD", seller.supplier.name, "Bank of Leaves", "US", number, ROUTING)
    given: Any = {"by": seller.owner, "at": FUNDED_AT, "cooling_off": timedelta(0)}
    added = bank_accounts.add(supplier=seller.supplier, details=details, **given)
    bank_accounts.confirm(account=added, proof=onboarding.CALLED, by=seller.operations, at=FUNDED_AT)


def _house_account(staff: Scenario) -> HouseAccount:
    """The house account, which can write NACHA files, with its opening balance."""
    account = house_account(staff.operations, FUNDED_AT, number=HOUSE_NUMBER)
    details = PaymentDetails(
        originator_name="Infactor Capital LLC",
        originator_id="1234567890",
        routing_number="091000019",
        country="US",
        payment_format="nacha",
        holiday_calendar="FED",
    )
    payment_details.save(account=account, details=details, by=staff.operations, at=FUNDED_AT)
    opening: Any = {"kind": Movement.Kind.OPENING, "amount": OPENING, "note": "", "by": staff.operations}
    record_movement(account=account, value_date=FUNDED_AT.date() - timedelta(days=1), at=FUNDED_AT, **opening)
    return account


def _send_all(day: OperationsDay) -> None:
    staff = day.larkspur
    ids = list(Payout.objects.order_by("pk").values_list("pk", flat=True))
    approval.approve(payout_ids=ids, by=staff.approver, at=FUNDED_AT)
    given: Any = {"by": staff.operations, "at": FUNDED_AT}
    made = batches.make(payout_ids=ids, house_account=day.account, format="nacha", **given)
    sent = batches.export(batch=made, **given)
    debit = f"-{batches.sum_of(sent)}|E-1|| {sent.batch_id}"
    data = day.statement(debit, day=FUNDED_AT + timedelta(days=1))
    later = FUNDED_AT + timedelta(days=1)
    import_file(data, account=day.account, by=staff.operations, at=later, name="opening.xml")

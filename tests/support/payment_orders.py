"""House accounts and payments for payment files, not saved: complete ones, and what hypothesis makes of them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from stdnum.us import rtn

from infactor.banking import payment_files
from infactor.banking.models import HouseAccount
from infactor.banking.payment_files import PaymentFile, PaymentOrder

AT = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)  # a Monday, half past ten in New York
DAY = date(2026, 11, 3)


def us_account(**given: Any) -> HouseAccount:
    """An account in US dollars that can write every format."""
    values = {
        "name": "Operating",
        "currency": "USD",
        "bank_name": "Bank of Examples",
        "account_number": "000123456789",
        "routing_number": "091000019",
        "country": "US",
        "originator_name": "Infactor Capital LLC",
        "originator_id": "1234567890",
        "holiday_calendar": "FED",
    }
    return HouseAccount(**values | given)


def euro_account(**given: Any) -> HouseAccount:
    """An account in euro, known by its IBAN."""
    values = {
        "name": "Euro",
        "currency": "EUR",
        "bank_name": "Bank der Beispiele",
        "account_number": "DE89370400440532013000",
        "originator_name": "Infactor Capital GmbH & Co. KG",
        "holiday_calendar": "ECB",
    }
    return HouseAccount(**values | given)


def us_order(**given: Any) -> PaymentOrder:
    """A payment in US dollars."""
    values = {
        "end_to_end_id": "PAYOUT-1",
        "amount": Decimal("850.00"),
        "currency": "USD",
        "payee": "Midlife Widgets Inc.",
        "country": "US",
        "account_number": "0001112223",
        "routing_number": "021000021",
        "text": "",
    }
    return PaymentOrder(**values | given)


def euro_order(**given: Any) -> PaymentOrder:
    """A payment in euro within SEPA."""
    values = {
        "currency": "EUR",
        "payee": "Müller & Söhne GmbH",
        "country": "DE",
        "account_number": "DE02 1203 0000 0000 2020 51",
        "routing_number": "",
    }
    return us_order(**values | given)


def written(
    format: str, *, account: HouseAccount, orders: Sequence[PaymentOrder], day: date = DAY, at: datetime = AT
) -> PaymentFile:
    """The file of a batch with the id BATCH-7."""
    return payment_files.write(
        format=format, account=account, batch_id="BATCH-7", orders=orders, execution_day=day, at=at
    )


def routing_numbers() -> st.SearchStrategy[str]:
    """Routing numbers with the right check digit."""
    return st.text("0123456789", min_size=8, max_size=8).map(lambda first: first + rtn.calc_check_digit(first))


def batches(*, order: Any, largest: str, **changing: st.SearchStrategy[Any]) -> st.SearchStrategy[list[PaymentOrder]]:
    """Batches of payments with any payee, text and amount up to `largest`, made by `order`."""
    one = st.fixed_dictionaries(
        {
            "payee": st.text(min_size=1, max_size=200).map("A".__add__),
            "text": st.text(max_size=200),
            "amount": st.decimals("0.01", largest, places=2),
            **changing,
        }
    )
    return st.lists(one, min_size=1, max_size=25).map(
        lambda given: [order(end_to_end_id=f"PAYOUT-{place}", **values) for place, values in enumerate(given)]
    )

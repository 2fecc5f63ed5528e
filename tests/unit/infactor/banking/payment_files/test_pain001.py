"""pain.001 files are valid by the schema of ISO 20022, and carry what was ordered."""

import functools
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
import sepaxml
import xmlschema
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from infactor.banking.errors import CannotWrite
from infactor.banking.models import HouseAccount
from infactor.banking.payment_files import PaymentOrder
from tests.support.payment_orders import (
    batches,
    euro_account,
    euro_order,
    routing_numbers,
    us_account,
    us_order,
    written,
)

SPACE = {"": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
SEPA_SIGNS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")


@functools.cache
def schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd")


def document(account: HouseAccount, orders: list[PaymentOrder]) -> Element:
    """The root of a file that the schema finds valid."""
    content = written("pain001", account=account, orders=orders).content
    schema().validate(content.decode())
    root: Element = fromstring(content)
    return root


def texts(root: Element, path: str) -> list[str | None]:
    return [one.text for one in root.iterfind(f".//{path}", SPACE)]


@settings(max_examples=30)
@given(batches(order=euro_order, largest="999999999.99"))
def test_any_batch_in_euro_is_valid_in_the_characters_of_sepa_and_adds_up(orders: list[PaymentOrder]) -> None:
    root = document(euro_account(), orders)
    assert texts(root, "GrpHdr/NbOfTxs") == texts(root, "PmtInf/NbOfTxs") == [str(len(orders))]
    total = sum(order.amount for order in orders)
    assert [Decimal(one or "") for one in texts(root, "CtrlSum")] == [total, total]
    assert [Decimal(one or "") for one in texts(root, "InstdAmt")] == [order.amount for order in orders]
    assert texts(root, "EndToEndId") == [order.end_to_end_id for order in orders]
    said = [one or "" for path in ("Nm", "Ustrd") for one in texts(root, path)]
    assert set("".join(said)) <= SEPA_SIGNS
    assert max(map(len, texts(root, "Cdtr/Nm")), default=0) <= 70  # type: ignore[arg-type]


@settings(max_examples=30)
@given(batches(order=us_order, largest="99999999999.99", routing_number=routing_numbers()))
def test_any_batch_in_dollars_is_valid_and_names_banks_by_their_clearing(orders: list[PaymentOrder]) -> None:
    root = document(us_account(), orders)
    assert set(texts(root, "ClrSysId/Cd")) == {"USABA"}
    assert texts(root, "CdtrAgt//MmbId") == [order.routing_number for order in orders]
    assert texts(root, "CdtrAcct/Id/Othr/Id") == [order.account_number for order in orders]


def test_a_sepa_payment_says_so_and_one_beyond_sepa_is_ordered_apart() -> None:
    beyond = euro_order(
        end_to_end_id="BEYOND", country="US", account_number="0001112223", routing_number="021000021", payee="Widgets"
    )
    root = document(euro_account(), [euro_order(text="INV-1 für & “mehr”"), beyond])
    assert texts(root, "PmtInfId") == ["BATCH-7-2", "BATCH-7-1"]
    assert texts(root, "SvcLvl/Cd") == ["SEPA"]
    assert texts(root, "ChrgBr") == ["SLEV", "SHAR"]
    assert texts(root, "Cdtr/Nm") == ["Muller + Sohne GmbH", "Widgets"]
    assert texts(root, "Ustrd") == ["INV-1 fur + 'mehr'"]
    assert texts(root, "DbtrAgt//Id") == ["NOTPROVIDED"] * 2
    assert texts(root, "CdtrAcct/Id/IBAN") == ["DE02120300000000202051"]
    assert texts(root, "ReqdExctnDt/Dt") == ["2026-11-03"] * 2
    assert texts(root, "CreDtTm") == ["2026-11-02T10:30:00-05:00"]
    assert texts(root, "BtchBookg") == ["false"] * 2


def test_a_bank_abroad_is_named_by_its_bic_and_yen_have_no_decimals() -> None:
    account = us_account(currency="JPY", holiday_calendar="", country="JP", routing_number="0001", bic="BOTKJPJT")
    order = us_order(currency="JPY", country="CA", routing_number="ROYCCAT2", payee="例え 🍁", amount=Decimal(1000))
    root = document(account, [order])
    assert texts(root, "BICFI") == ["BOTKJPJT", "ROYCCAT2"]
    assert texts(root, "InstdAmt") == ["1000"]
    assert texts(root, "Cdtr/Nm") == ["例え 🍁"]


def test_what_is_missing_is_said() -> None:
    for account, said in (
        (euro_account(originator_name=""), "has no originator name in Latin letters"),
        (us_account(country=""), "has no country of its bank"),
        (us_account(routing_number=""), "has neither a BIC nor a routing number"),
    ):
        with pytest.raises(CannotWrite, match=said):
            written("pain001", account=account, orders=[us_order()])
    for order, said in (
        (euro_order(payee="例"), "the payee has no name in Latin letters"),
        (euro_order(country="CA", account_number="1234567"), "number of the payee's bank is missing"),
        (euro_order(amount=Decimal("1000000000.00")), r"SEPA carries at most 999,999,999\.99"),
    ):
        with pytest.raises(CannotWrite, match=said):
            written("pain001", account=euro_account(), orders=[order])


@given(st.text(min_size=1, max_size=40))
def test_an_id_either_is_in_the_file_as_it_is_or_is_refused(own_id: str) -> None:
    try:
        root = document(euro_account(), [euro_order(end_to_end_id=own_id)])
    except CannotWrite as error:
        assert "its id needs 1 to 35 plain characters" in str(error)  # noqa: PT017
    else:
        assert texts(root, "EndToEndId") == [own_id]

"""The roll-forward closes, and names each invoice that moved, whatever was put right in between."""

from datetime import timedelta
from typing import Any

import pytest

from infactor.financing.advances import repurchases, short_payments, write_offs
from infactor.financing.collections import payments
from infactor.financing.corrections import advance_corrections, fundings, payment_corrections
from infactor.financing.models import CollectionAllocation
from tests.support.reporting import Life, cells, rows, totals, usd
from tests.support.scenarios import money_out

pytestmark = pytest.mark.django_db


def test_the_roll_forward_closes_and_names_every_invoice_that_moved(month: Life) -> None:
    one, start = month.scenario, month.now
    month.later(1)
    payment = one.pay(one.supplier.advances.get(invoice__invoice_no="B-1"), "3000")
    month.later(1)
    payments.record_return(collection=payment, value_date=one.today, reason="R01", by=one.operations, at=one.now)
    money_out.leave(one, one.supplier.advances.get(invoice__invoice_no="C-2"))
    repurchases.repurchase(
        advance=one.supplier.advances.get(invoice__invoice_no="C-2"),
        value_date=one.today, reason="recourse", by=one.operations, at=one.now,
    )  # fmt: skip
    one.funded(one.invoice(one.buyer("Alder"), face="500", invoice_no="A-1"))

    found = rows("roll-forward", one.now, since=start)

    moved = {row[0]: row[3:] for row in cells(found)}
    assert set(moved) == {"C-2", "A-1"}  # what was paid and returned has not moved
    assert moved["C-2"][0] == usd("2000")
    assert moved["C-2"][4] == usd("-2000")
    assert moved["A-1"][1] == moved["A-1"][-2] == usd("500")
    (total,) = totals(found)
    assert total[3] == usd("5100")
    assert total[-2:] == (usd("3600"), 0)


def test_corrections_between_the_moments_count_as_what_they_correct_and_the_rest_closes(month: Life) -> None:
    one, advances = month.scenario, month.scenario.supplier.advances
    why: dict[str, Any] = {"by": one.operations, "reason": "wrong"}
    cedar, birch = advances.get(invoice__invoice_no="C-1"), advances.get(invoice__invoice_no="B-1")
    early = cedar.allocations.get().collection
    lost = one.funded(one.invoice(one.buyer("Lost"), face="700", invoice_no="L-1"))
    money_out.leave(one, lost)
    write_offs.write_off(advance=lost, value_date=one.today, by=one.operations, at=one.now, reason="insolvent")
    start = month.now

    month.later(1)
    moved_day = early.value_date - timedelta(days=1)
    payment_corrections.change_value_date(collection=early, value_date=moved_day, at=one.now, **why)
    payment_corrections.change_amount(collection=early, amount=usd("9000"), at=one.now, **why)
    wrong = one.pay(birch, "500")
    part = CollectionAllocation.objects.get(collection=wrong, reversed_at=None)
    payment_corrections.unmatch(collection=wrong, allocation_ids=[part.pk], at=one.now, **why)
    none = one.pay(birch, "200")
    payment_corrections.withdraw(collection=none, at=one.now, **why)
    never_left = one.funded(one.invoice(one.buyer("Alder"), face="400", invoice_no="A-1"))
    fundings.take_back(advance=never_left, at=one.now, **why)
    month.later(1)
    lost.refresh_from_db()
    advance_corrections.take_back_closing(advance=lost, at=one.now, **why)
    bought = one.funded(one.invoice(one.buyer("Elm"), face="600", invoice_no="E-1"))
    short_payments.accept_short_payment(
        advance=bought, amount=usd("10"), value_date=one.today, reason="less", by=one.operations, at=one.now
    )
    one.pay(birch, "3000")

    found = rows("roll-forward", one.now, since=start)

    moved = {row[0]: row[3:] for row in cells(found)}
    opening, purchased, collected, short, written_off, closing, difference = 0, 1, 2, 3, 5, 7, 8
    assert set(moved) == {"C-1", "B-1", "L-1", "E-1"}  # A-1 was bought and was not; it moved nothing
    assert moved["C-1"][collected] == usd("900")
    assert moved["C-1"][closing] == usd("1000")
    assert moved["B-1"][collected] == usd("-3000")
    assert (moved["L-1"][opening], moved["L-1"][written_off], moved["L-1"][closing]) == (0, usd("700"), usd("700"))
    assert (moved["E-1"][purchased], moved["E-1"][short], moved["E-1"][closing]) == (
        usd("600"), usd("-10"), usd("590"),
    )  # fmt: skip
    assert all(row[difference] == 0 for row in moved.values())
    (total,) = totals(found)
    assert total[3] + sum(total[4:10]) == total[10]  # type: ignore[operator, arg-type]
    assert total[11] == 0
    for place in range(3, 10):
        named = sum(row[place - 3] for row in moved.values())  # type: ignore[misc]
        still = total[3] - named if place == 3 else 0  # type: ignore[operator]
        assert named + still == total[place]

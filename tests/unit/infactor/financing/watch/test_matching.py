"""Receipts are assigned to the payments in the books together, so that as few as possible are left unexplained."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from infactor.financing.watch import assignment
from infactor.financing.watch.assignment import Explanation, assign
from infactor.financing.watch.matching import Explained, Tolerance, explain
from infactor.financing.watch.payments_and_receipts import BookedPayment, Claim, Receipt

BUYER = (1, "USD")
TOLERANCE = Tolerance(10, Decimal(1))


def day(number: int) -> date:
    return date(2026, 11, 1) + timedelta(days=number)


def booked(amount: str, advance: int = 1, *, on: int = 0, **given: object) -> Claim:
    payment = BookedPayment(
        **{"reference": f"{amount}-{advance}-{on}", "amount": Decimal(amount), "paid_on": day(on), **given}  # type: ignore[arg-type]
    )
    return Claim(payment, (advance,), BUYER)


def parked(amount: str, *advances: int, on: int = 0) -> Claim:
    """A payment on no invoice."""
    value = Decimal(amount)
    payment = BookedPayment(f"parked-{amount}", value, day(on), total=value, unapplied=value, is_applied=False)
    return Claim(payment, advances, BUYER)


def received(
    amount: str, advance: int | None = 1, *, on: int = 0, collection: int = 0, currency: str = "USD"
) -> Receipt:
    buyer = BUYER if advance else None
    return Receipt(collection or on + 1, Decimal(amount), day(on), currency, (), advance, buyer)


def left(claims: Iterable[Claim], receipts: Iterable[Receipt]) -> list[str]:
    return [claim.payment.reference for claim, _ in found(claims, receipts).left]


def found(claims: Iterable[Claim], receipts: Iterable[Receipt]) -> Explained:
    return explain(claims=list(claims), receipts=list(receipts), tolerance=TOLERANCE)


def test_the_nearest_pair_does_not_take_what_only_another_payment_could_use() -> None:
    # Day 9 is nearest to the receipt of day 9, which alone is near enough to the payment of day 18.
    claims = [booked("500", on=9), booked("500", on=18)]
    assert left(claims, [received("500", on=9), received("500", on=0)]) == []


def test_a_sum_may_need_a_payment_that_has_an_equal_of_its_own() -> None:
    claims = [booked("300", on=1), booked("700", on=1)]
    assert left(claims, [received("300", on=1), received("1000", on=2)]) == []


@pytest.mark.parametrize(
    "receipts",
    [
        pytest.param([received("900", None)], id="one that waits"),
        pytest.param([received("600", 1, collection=5), received("300", 2, collection=5)], id="one shared otherwise"),
    ],
)
def test_one_payment_to_us_explains_what_is_booked_on_two_invoices(receipts: list[Receipt]) -> None:
    assert left([booked("500", 1), booked("400", 2)], receipts) == []


def test_one_payment_on_two_invoices_and_others_is_the_one_of_that_total() -> None:
    parts = {"reference": "P", "total": Decimal(1500)}
    assert left([booked("500", 1, **parts), booked("400", 2, **parts)], [received("1500", None)]) == []


def test_a_payment_on_no_invoice_may_be_what_paid_two() -> None:
    shares = [received("600", 1, collection=5), received("300", 2, collection=5)]
    assert left([parked("900", 1, 2)], shares) == []
    assert len(left([parked("900", 1, 2), booked("300", 2)], shares)) == 1


def test_what_lies_on_the_invoice_is_what_was_received_for_it() -> None:
    # The twin 2 is still owed for, so what nobody has received is the payment on no invoice.
    assert left([parked("500", 1, 2), booked("500", 1)], [received("500", 1)]) == ["parked-500"]


def test_another_currency_explains_nothing() -> None:
    assert left([booked("500")], [received("500", None, currency="EUR")]) == ["500-1-0"]


def test_what_was_received_for_the_twin_is_a_doubt_and_no_explanation() -> None:
    ((claim, doubt),) = found([booked("500", 2)], [received("500", 1)]).left
    assert claim.payment.reference == "500-2-0"
    assert doubt is not None
    assert doubt.other == 1
    ((_, doubt),) = found([booked("500", 1), booked("500", 2)], [received("500", 1)]).left
    assert doubt is None


def test_one_that_waits_explains_one_of_two_and_makes_the_other_doubtful() -> None:
    result = found([booked("500", 1), booked("500", 2)], [received("500", None)])
    ((claim, doubt),) = result.left
    assert result.needs_waiting
    assert doubt is not None
    assert {doubt.other, *claim.advances} == {1, 2}


def test_our_own_entry_is_the_payment_that_we_received() -> None:
    own = booked("500", is_own=True, on=30, reference="ours")
    ((claim, doubt),) = found([own, booked("500")], [received("500")]).left
    assert claim.payment.reference == "500-1-0"
    assert doubt is not None
    assert doubt.is_own
    assert left([own, booked("500")], [received("500"), received("500", on=1)]) == []


def test_no_other_choice_explains_more() -> None:
    for seed in range(300):
        r = Random(seed)
        claims = [booked("1", number) for number in range(r.randint(1, 5))]
        explanations = [
            Explanation(
                frozenset(r.sample(range(len(claims)), r.randint(1, min(3, len(claims))))),
                frozenset(r.sample(range(4), r.randint(1, 2))),
                0,
                Decimal(r.randint(0, 1)),
                r.randint(0, 10),
            )
            for _ in range(r.randint(1, 9))
        ]
        chosen = assign(claims=claims, explanations=explanations)
        assert is_possible(chosen), seed
        best = max(count(some) for some in choices(explanations) if is_possible(some))
        assert count(chosen) == best, seed


def test_a_crowd_takes_the_nearest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assignment, "MAX_STATES", 3)
    claims = [booked("500", number, on=number) for number in range(1, 6)]
    assert left(claims, [received("500", None, on=number) for number in range(2, 6)]) == ["500-1-1"]


def choices(explanations: list[Explanation]) -> Iterator[list[Explanation]]:
    for mask in range(2 ** len(explanations)):
        yield [one for place, one in enumerate(explanations) if mask >> place & 1]


def is_possible(some: list[Explanation]) -> bool:
    claims = [number for one in some for number in one.claims]
    receipts = [number for one in some for number in one.receipts]
    return len(claims) == len(set(claims)) and len(receipts) == len(set(receipts))


def count(some: list[Explanation]) -> int:
    return sum(len(one.claims) for one in some)

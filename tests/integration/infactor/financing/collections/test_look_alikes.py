"""A payment that looks like a recorded one is not recorded until somebody says that it is another."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.core.models import AuditEvent
from infactor.financing.collections import look_alikes, payments
from infactor.financing.collections.look_alikes import Candidate
from infactor.financing.collections.payments import AllocationTarget, IncomingPayment, LooksRecorded
from infactor.financing.models import Collection
from infactor.ledger.integrity import verify
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def test_the_same_reference_and_amount_a_day_apart_is_asked_about(scenario: Scenario) -> None:
    """5,600 came in twice in the books, a day apart, without a word."""
    first = scenario.arrive("5600", targets=[], bank_reference="WIRE 77-1")
    again = IncomingPayment("USD", Decimal(5600), scenario.today - timedelta(days=1), "wire/771")
    given: Any = {"payment": again, "targets": [], "by": scenario.operations, "at": scenario.now}
    with pytest.raises(LooksRecorded, match=rf"looks like payment {first.pk}: the same amount and reference, 1 day"):
        payments.record(**given)
    assert Collection.objects.count() == 1
    second = payments.record(**given, is_another=True)
    event = AuditEvent.objects.get(event="collection.recorded", subject_id=str(second.pk))
    assert event.details["unlike"] == [first.pk]
    assert verify(at=scenario.now).ok


def test_the_same_payer_amount_and_advance_is_asked_about_whatever_the_reference(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    first = scenario.pay(advance, "400", payer="Northwind, Inc.")
    scenario.later(30)
    with pytest.raises(LooksRecorded, match=rf"payment {first.pk}: the same payer, amount and advance, 30 days apart"):
        scenario.pay(advance, "400", payer="NORTHWIND INC")
    scenario.pay(advance, "400", payer="Somebody else")


@pytest.mark.parametrize(
    "other",
    [
        {"amount": Decimal("400.01")},
        {"currency": "CAD"},
        {"bank_reference": "OTHER"},
        {"value_date": timedelta(days=11)},
    ],
)
def test_another_amount_currency_reference_or_time_is_another(scenario: Scenario, other: dict[str, Any]) -> None:
    scenario.arrive("400", targets=[], bank_reference="TRN-1", payer="A")
    days = other.pop("value_date", timedelta())
    candidate = Candidate(
        **{
            "currency": "USD",
            "amount": Decimal(400),
            "bank_reference": "TRN-1",
            "payer": "B",
            "value_date": scenario.today - days,
            **other,
        }
    )
    assert look_alikes.find(candidate=candidate) == []


@pytest.mark.parametrize("reference", ["NONREF", "not provided", "N/A", "—"])
def test_what_banks_write_for_no_reference_makes_nothing_alike(scenario: Scenario, reference: str) -> None:
    assert not look_alikes.identifies(reference)
    scenario.arrive("400", targets=[], bank_reference=reference)
    scenario.arrive("400", targets=[], bank_reference=reference, value_date=scenario.today - timedelta(days=1))


def test_a_payment_that_the_bank_returned_may_be_presented_again(scenario: Scenario) -> None:
    first = scenario.arrive("400", targets=[], bank_reference="CHEQUE-5")
    payments.record_return(
        collection=first, value_date=scenario.today, reason="R01", by=scenario.operations, at=scenario.now
    )
    scenario.later(2)
    assert scenario.arrive("400", targets=[], bank_reference="CHEQUE-5").pk != first.pk


def test_many_candidates_take_two_queries(scenario: Scenario, django_assert_num_queries: Any) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    scenario.arrive("100", targets=[AllocationTarget(Decimal(100), advance=advance)], payer="A", bank_reference="X-1")
    candidates = [Candidate("USD", Decimal(100), scenario.today, "X-1")] * 50
    with django_assert_num_queries(2):
        assert all(look_alikes.find_all(candidates=candidates))

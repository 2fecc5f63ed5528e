"""Payees of collection costs are kept with a valid number, once, and encrypted."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from infactor.core.models import AuditEvent
from infactor.financing.advances import payees
from infactor.financing.advances.payees import PayeeDetails, PayeeError
from infactor.financing.models import Payee
from infactor.users.roles import NotAllowed
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
NUMBERS = [
    ("ssn", "000-12-3456"),
    ("ssn", "666-12-3456"),
    ("ssn", "900-12-3456"),
    ("ssn", "123-00-4567"),
    ("ssn", "123-45-0000"),
    ("ssn", "12345678"),
    ("ssn", "1234567890"),
    ("ssn", "12-3456788"),
    ("ssn", "12345678\x00"),
    ("ein", "00-1234567"),
    ("ein", "000000000"),
    ("ein", "AB-1234567"),
    ("itin", "123-45-6788"),
    ("", "123-45-6788"),
    ("passport", "123456788"),
]


def details(**given: Any) -> PayeeDetails:
    return PayeeDetails(**{"name": "Ada Lovelace, Esq.", "service": "attorney", "country": "US", **given})


def by(scenario: Scenario) -> Any:
    return {"by": scenario.operations, "at": scenario.now}


def test_a_number_is_kept_encrypted_and_shown_by_its_last_four_digits(scenario: Scenario) -> None:
    entered = payees.enter(details=details(tin_type="ssn", tin=" 123 45 6788 "), **by(scenario))
    payee = Payee.objects.get(pk=entered.pk)
    assert (payee.tin, payee.masked, payees.formatted_tin(payee)) == ("123456788", "SSN ••••6788", "123-45-6788")
    with connection.cursor() as cursor:
        cursor.execute("SELECT tin, t::text FROM financing_payee t")
        stored, row = cursor.fetchone()
    assert "123456788" not in row
    assert stored
    assert "123456788" not in f"{AuditEvent.objects.filter(event='payee.entered').values_list('details', flat=True)}"
    changed = payees.change(payee=payee, details=details(tin_type="ssn", city="Reno"), **by(scenario))
    assert (changed.tin, changed.city) == ("123456788", "Reno")
    assert AuditEvent.objects.get(event="payee.changed").details == {"fields": ["city"]}
    assert "123456788" not in repr(details(tin="123456788"))


def test_bad_numbers_are_refused_beside_their_field_and_nothing_is_kept(scenario: Scenario) -> None:
    for kind, number in NUMBERS:
        with pytest.raises(PayeeError) as refused:
            payees.enter(details=details(tin_type=kind, tin=number), **by(scenario))
        assert refused.value.field in ("tin", "tin_type"), (kind, number)
        assert number not in str(refused.value)
    assert not Payee.objects.exists()


def test_a_payee_is_of_one_name_and_one_number_and_entered_by_operations(scenario: Scenario) -> None:
    first = payees.enter(details=details(tin_type="ein", tin="12-3456789"), **by(scenario))
    with pytest.raises(PayeeError, match=f"the number of {first.name}"):
        payees.enter(details=details(name="A. Lovelace", tin_type="ein", tin="123456789"), **by(scenario))
    with pytest.raises(PayeeError, match="There is a payee of this name"):
        payees.enter(details=details(name="ADA LOVELACE, ESQ. "), **by(scenario))
    with pytest.raises(PayeeError, match="Enter the number again"):
        payees.change(payee=first, details=details(tin_type="ssn"), **by(scenario))
    payees.enter(details=details(name="Somebody else", tin_type="ssn", tin="123456789"), **by(scenario))
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"name": "  "}, "Enter the legal name"),
        ({"service": "magic"}, "what the payee does"),
        ({"business_type": "magic"}, "kind of business"),
        ({"country": "ZZ"}, "country"),
        ({"city": "x" * 101}, "at most 100"),
        ({"w9_received_on": scenario.today + timedelta(days=2)}, "has not come yet"),
    ]
    for given, sentence in wrong:
        with pytest.raises(PayeeError, match=sentence):
            payees.enter(details=details(**{"name": "Third", **given}), **by(scenario))
    for person in (scenario.underwriter, scenario.reader):
        with pytest.raises(NotAllowed):
            payees.enter(details=details(name="Third"), by=person, at=scenario.now)
    assert Payee.objects.count() == 2

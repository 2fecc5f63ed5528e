"""Terms, limits and overrides in admin: looked at before they are written, each a new row, large ones by two people."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import reverse

from infactor.core.models import AuditEvent
from infactor.financing.admin.policy.terms import NAMES
from infactor.financing.eligibility import recalculation as reckoning
from infactor.financing.models import Approval, FundingTerms, Limit, Override
from infactor.financing.policy import overrides
from infactor.invoices.models import Debtor
from tests.support.pages.decisions import decide
from tests.support.pages.preview import look, look_and_do, words
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db
TERMS, LIMIT, OVERRIDE = (f"/admin/financing/{name}/add/" for name in ("fundingterms", "limit", "override"))


@pytest.fixture
def house() -> Iterator[House]:
    found = build_house()
    found.terms(dual_control_threshold=Decimal(5000))
    with time_machine.travel(found.now, tick=False):
        yield found


@pytest.fixture
def underwriter(house: House) -> Client:
    client = Client()
    client.force_login(house.underwriter)
    return client


def typed(terms: FundingTerms, **changed: str) -> dict[str, str]:
    """The form of new terms, filled in from `terms`."""
    values = model_to_dict(terms, fields=NAMES)
    filled = {name: value for name, value in values.items() if value is not None and value is not False}
    shown = {name: "on" if value is True else str(value) for name, value in filled.items()}
    return {**shown, "valid_from": "2026-11-02", "reason": "the market moved", **changed}


def approved(house: House) -> str:
    """The second person approves what waits; what they saw of it."""
    client = Client()
    client.force_login(house.second)
    address = reverse("admin:financing_approval_approve", args=[Approval.objects.get().pk])
    page = words(client.get(address))  # type: ignore[arg-type]
    assert decide(client, address).status_code == 302
    return page


def test_new_terms_begin_with_the_numbers_of_a_version(house: House, underwriter: Client) -> None:
    old = FundingTerms.objects.latest("pk")
    page = underwriter.get(f"{TERMS}?from={old.pk}").content.decode()
    assert 'name="dual_control_threshold" value="5000.00"' in page
    assert 'name="valid_from" value="2026-11-02"' in page
    assert "the market moved" not in page
    assert "Of the face, for each further period begun." in page
    for nonsense in ("x", "9" * 30, "9" * 5000):
        assert underwriter.get(f"{TERMS}?from={nonsense}").status_code == 200
    listed = underwriter.get(reverse("admin:financing_fundingterms_changelist")).content.decode()
    assert f"{TERMS}?from={old.pk}" in listed


def test_new_terms_show_what_they_change_before_they_are_written(house: House, underwriter: Client) -> None:
    old = FundingTerms.objects.latest("pk")
    new = typed(old, advance_rate="80", first_fee_rate="2", currency="usd")
    shown = words(look(underwriter, TERMS, **new))
    assert "Advance rate 85 % 80 %" in shown
    assert "First fee 1.5 % 2 %" in shown
    assert "Further fee" not in shown.split("What changes")[1]
    assert f"version {old.pk}, from Jan 1, 2026" in shown
    assert FundingTerms.objects.latest("pk") == old
    answer = look_and_do(underwriter, TERMS, **new)
    assert "This needs a second person" in words(underwriter.get(answer["Location"]))  # type: ignore[arg-type]
    assert FundingTerms.objects.latest("pk") == old
    seen = approved(house)
    for told in ("Advance rate 85 % → 80 %", "First fee 1.5 % → 2 %", f"Instead of {old}", "the market moved"):
        assert told in seen
    assert "Amount" not in seen
    written = FundingTerms.objects.latest("pk")
    assert (written.advance_rate, written.set_by, written.valid_from) == (80, house.underwriter, date(2026, 11, 2))
    assert AuditEvent.objects.get(event="terms.set", subject_id=written.pk).details["second"] == house.second.pk
    old.refresh_from_db()
    assert old.advance_rate == 85


def test_nobody_alone_raises_the_amount_from_which_it_takes_two(house: House, underwriter: Client) -> None:
    old = FundingTerms.objects.latest("pk")
    new = typed(old, dual_control_threshold="1000000", supplier_limit="1000000")
    assert look_and_do(underwriter, TERMS, **new).status_code == 302
    assert "Somebody has asked for this already" in words(look_and_do(underwriter, TERMS, **new))
    asked = Approval.objects.get()
    own = reverse("admin:financing_approval_approve", args=[asked.pk])
    assert underwriter.get(own).status_code == 403
    assert underwriter.post(own, {"seen": "x"}).status_code == 403
    assert FundingTerms.objects.latest("pk") == old


def test_terms_that_contradict_themselves_or_change_nothing_are_refused(house: House, underwriter: Client) -> None:
    old = FundingTerms.objects.latest("pk")
    for changed, told in (
        ({}, f"Nothing differs from version {old.pk}"),
        ({"advance_rate": "101"}, "less than or equal to 100"),
        ({"max_age_at_purchase_days": "91"}, "Not above the most age"),
        ({"first_fee_rate": "20"}, "Not above what is held back"),
        ({"reason": ""}, "This field is required"),
        ({"currency": "dollars"}, "three capital letters"),
        ({"supplier": "999999"}, "Select a valid choice"),
    ):
        assert told in words(look_and_do(underwriter, TERMS, **typed(old, **changed))), told
    assert FundingTerms.objects.latest("pk") == old


def test_terms_of_one_supplier_are_written_beside_those_for_everybody(house: House, underwriter: Client) -> None:
    new = typed(FundingTerms.objects.latest("pk"), supplier=str(house.supplier.pk), currency="EUR")
    assert "no terms yet" in words(look(underwriter, TERMS, **new))
    assert look_and_do(underwriter, TERMS, **new).status_code == 302
    assert "no terms yet" in approved(house)
    assert FundingTerms.objects.latest("pk").supplier == house.supplier


def test_a_limit_of_a_buyer_makes_its_debtor_and_holds_at_once(house: House, underwriter: Client) -> None:
    buyer = house.buyer("Northwind")
    new = {"buyer": str(buyer.pk), "currency": "usd", "amount": "1500", "reason": "by its size"}
    shown = words(look(underwriter, LIMIT, **new))
    assert "Northwind: becomes a debtor" in shown
    assert "none set: that of the terms" in shown
    assert not Debtor.objects.exists()
    assert look_and_do(underwriter, LIMIT, **new).status_code == 302
    limit = Limit.objects.get()
    buyer.refresh_from_db()
    assert (limit.debtor, limit.amount, limit.currency) == (buyer.debtor, Decimal(1500), "USD")
    assert "Limit now $1,500.00" in words(look(underwriter, LIMIT, **{**new, "amount": "900"}))
    invoice = house.invoice(buyer, face="4000")
    judged = reckoning.fresh_assessments(supplier=house.supplier, invoice_ids=[invoice.pk], at=house.now)
    assert judged[invoice.pk].base == Decimal(1500)


def test_a_large_limit_waits_for_a_second_person_and_a_lower_one_does_not(house: House, underwriter: Client) -> None:
    new = {"supplier": str(house.supplier.pk), "currency": "USD", "reason": "by its size"}
    answer = look_and_do(underwriter, LIMIT, **new, amount="6000")
    assert "This needs a second person" in words(underwriter.get(answer["Location"]))  # type: ignore[arg-type]
    assert not Limit.objects.exists()
    client = Client()
    client.force_login(house.operations)
    approve = reverse("admin:financing_approval_approve", args=[Approval.objects.get().pk])
    assert "every buyer" in words(client.get(approve))  # type: ignore[arg-type]
    assert decide(client, approve).status_code == 302
    assert Limit.objects.get().amount == 6000
    assert look_and_do(underwriter, LIMIT, **new, amount="5500").status_code == 302
    assert Limit.objects.count() == 2


def test_a_limit_of_nobody_or_of_two_is_refused(house: House, underwriter: Client) -> None:
    buyer = house.buyer("Northwind")
    debtor = Debtor.objects.create(name="Northwind", created_by=house.underwriter)
    base = {"currency": "USD", "amount": "10", "reason": "by its size"}
    assert "Say whose limit it is" in words(look(underwriter, LIMIT, **base))
    both = {**base, "buyer": str(buyer.pk), "debtor": str(debtor.pk)}
    assert "not both" in words(look(underwriter, LIMIT, **both))
    assert "greater than or equal to 0" in words(look(underwriter, LIMIT, **{**base, "amount": "-1"}))
    assert not Limit.objects.exists()


def test_a_rule_is_let_pass_for_an_invoice_and_holds_again_when_that_is_ended(
    house: House, underwriter: Client
) -> None:
    invoice = house.invoice(house.buyer("Northwind", paid=0))
    new = {"rule": "history", "invoice": str(invoice.pk), "until": "2026-12-01", "reason": "they are well known"}
    shown = words(look(underwriter, OVERRIDE, **new))
    assert "Buyer's history" in shown
    assert "$1,000.00" in shown
    assert "Until Dec 1, 2026" in shown

    def is_ready() -> bool:
        judged = reckoning.fresh_assessments(supplier=house.supplier, invoice_ids=[invoice.pk], at=house.now)
        return judged[invoice.pk].is_eligible

    assert not is_ready()
    assert look_and_do(underwriter, OVERRIDE, **new).status_code == 302
    assert is_ready()
    override = Override.objects.get()
    assert decide(underwriter, reverse("admin:financing_override_end", args=[override.pk])).status_code == 302
    assert not is_ready()
    assert (
        "End it" not in underwriter.get(reverse("admin:financing_override_change", args=[override.pk])).content.decode()
    )


def test_an_override_for_much_waits_for_a_second_person(house: House, underwriter: Client) -> None:
    buyer = house.buyer("Northwind", paid=0)
    house.invoice(buyer, face="4000")
    house.invoice(buyer, face="3000")
    new = {"rule": "history", "buyer": str(buyer.pk), "reason": "they are well known"}
    assert look_and_do(underwriter, OVERRIDE, **new).status_code == 302
    approval = Approval.objects.get()
    assert (approval.amount, approval.currency) == (Decimal(7000), "USD")
    client = Client()
    client.force_login(house.second)
    approve = reverse("admin:financing_approval_approve", args=[approval.pk])
    assert "Holds for all its invoices" in words(client.get(approve))  # type: ignore[arg-type]
    assert decide(client, approve).status_code == 302
    assert Override.objects.get().set_by == house.underwriter


def test_an_override_is_of_one_thing_and_of_a_rule_that_may_pass(house: House, underwriter: Client) -> None:
    buyer = house.buyer("Northwind")
    invoice = house.invoice(buyer)
    base = {"rule": "history", "reason": "they are well known"}
    assert "one of them" in words(look(underwriter, OVERRIDE, **base))
    both = {**base, "buyer": str(buyer.pk), "invoice": str(invoice.pk)}
    assert "one of them" in words(look(underwriter, OVERRIDE, **both))
    assert "Select a valid choice" in words(look(underwriter, OVERRIDE, **{**both, "rule": "open_balance"}))
    assert f'value="{invoice.pk}"' in underwriter.get(OVERRIDE, {"invoice": str(invoice.pk)}).content.decode()
    assert ("history", "Buyer's history") in overrides.rule_choices()

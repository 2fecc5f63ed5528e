"""Staff preview terms, limits and overrides; each is a new row, and large ones need a second person."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import reverse

from infactor.core.models import AuditEvent
from infactor.financing.admin.policy.terms import FIELD_NAMES
from infactor.financing.eligibility import reassessment
from infactor.financing.models import Approval, FundingTerms, Limit, Override
from infactor.financing.policy import overrides
from infactor.invoices.models import Debtor
from tests.support.admin_client import confirm, preview, preview_and_confirm, visible_text
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
TERMS, LIMIT, OVERRIDE = (f"/admin/financing/{name}/add/" for name in ("fundingterms", "limit", "override"))


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario()
        scenario.terms(dual_control_threshold=Decimal(5000))
        return scenario

    return build


@pytest.fixture
def underwriter(scenario: Scenario) -> Client:
    client = Client()
    client.force_login(scenario.underwriter)
    return client


def typed(terms: FundingTerms, **changed: str) -> dict[str, str]:
    """The form for new terms, filled in from `terms`."""
    values = model_to_dict(terms, fields=FIELD_NAMES)
    filled = {name: value for name, value in values.items() if value is not None and value is not False}
    shown = {name: "on" if value is True else str(value) for name, value in filled.items()}
    return {**shown, "valid_from": "2026-11-02", "reason": "the market moved", **changed}


def approved(scenario: Scenario) -> str:
    """Approve the pending approval as the second person, and return the text of the page that it showed."""
    client = Client()
    client.force_login(scenario.approver)
    address = reverse("admin:financing_approval_approve", args=[Approval.objects.get().pk])
    page = visible_text(client.get(address))  # type: ignore[arg-type]
    assert confirm(client, address).status_code == 302
    return page


def test_new_terms_begin_with_the_numbers_of_a_version(scenario: Scenario, underwriter: Client) -> None:
    old = FundingTerms.objects.latest("pk")
    page = underwriter.get(f"{TERMS}?from={old.pk}").content.decode()
    assert 'name="dual_control_threshold" value="5000.00"' in page
    assert 'name="valid_from" value="2026-11-02"' in page
    assert "the market moved" not in page
    assert "Of the face that is bought against, for each additional period begun." in page
    for nonsense in ("x", "9" * 30, "9" * 5000):
        assert underwriter.get(f"{TERMS}?from={nonsense}").status_code == 200
    listed = underwriter.get(reverse("admin:financing_fundingterms_changelist")).content.decode()
    assert f"{TERMS}?from={old.pk}" in listed


def test_new_terms_show_what_they_change_before_they_are_written(scenario: Scenario, underwriter: Client) -> None:
    old = FundingTerms.objects.latest("pk")
    new = typed(old, advance_rate="80", first_fee_rate="2", currency="usd")
    shown = visible_text(preview(underwriter, TERMS, **new))
    assert "Advance rate 85% 80%" in shown
    assert "First fee 1.5% 2%" in shown
    assert "Additional fee" not in shown.split("Changes Term")[1][:80]
    assert f"version {old.pk}, from Jan 1, 2026" in shown
    assert FundingTerms.objects.latest("pk") == old
    answer = preview_and_confirm(underwriter, TERMS, **new)
    assert "This needs a second person" in visible_text(underwriter.get(answer["Location"]))  # type: ignore[arg-type]
    assert FundingTerms.objects.latest("pk") == old
    seen = approved(scenario)
    for told in ("Advance rate 85% → 80%", "First fee 1.5% → 2%", f"Replaces {old}", "the market moved"):
        assert told in seen
    assert "Amount" not in seen
    written = FundingTerms.objects.latest("pk")
    assert (written.advance_rate, written.set_by, written.valid_from) == (80, scenario.underwriter, date(2026, 11, 2))
    assert AuditEvent.objects.get(event="terms.set", subject_id=written.pk).details["approver"] == scenario.approver.pk
    old.refresh_from_db()
    assert old.advance_rate == 85


def test_nobody_alone_raises_the_amount_from_which_it_takes_two(scenario: Scenario, underwriter: Client) -> None:
    old = FundingTerms.objects.latest("pk")
    new = typed(old, dual_control_threshold="1000000", supplier_limit="1000000")
    assert preview_and_confirm(underwriter, TERMS, **new).status_code == 302
    assert "Approval of this is already requested" in visible_text(preview_and_confirm(underwriter, TERMS, **new))
    asked = Approval.objects.get()
    own = reverse("admin:financing_approval_approve", args=[asked.pk])
    assert underwriter.get(own).status_code == 403
    assert underwriter.post(own, {"preview_token": "x"}).status_code == 403
    assert FundingTerms.objects.latest("pk") == old


def test_terms_that_contradict_themselves_or_change_nothing_are_refused(
    scenario: Scenario, underwriter: Client
) -> None:
    old = FundingTerms.objects.latest("pk")
    for changed, told in (
        ({}, f"Nothing differs from version {old.pk}"),
        ({"advance_rate": "101"}, "less than or equal to 100"),
        ({"max_age_at_purchase_days": "91"}, "Must not exceed the maximum age"),
        ({"first_fee_rate": "20"}, "Must not exceed the reserve"),
        ({"reason": ""}, "This field is required"),
        ({"currency": "dollars"}, "three capital letters"),
        ({"supplier": "999999"}, "Select a valid choice"),
    ):
        assert told in visible_text(preview_and_confirm(underwriter, TERMS, **typed(old, **changed))), told
    assert FundingTerms.objects.latest("pk") == old


def test_terms_of_one_supplier_are_written_beside_those_for_everybody(scenario: Scenario, underwriter: Client) -> None:
    new = typed(FundingTerms.objects.latest("pk"), supplier=str(scenario.supplier.pk), currency="EUR")
    assert "no terms yet" in visible_text(preview(underwriter, TERMS, **new))
    assert preview_and_confirm(underwriter, TERMS, **new).status_code == 302
    assert "no terms yet" in approved(scenario)
    assert FundingTerms.objects.latest("pk").supplier == scenario.supplier


def test_a_limit_of_a_buyer_makes_its_debtor_and_holds_at_once(scenario: Scenario, underwriter: Client) -> None:
    buyer = scenario.buyer("Northwind")
    new = {"buyer": str(buyer.pk), "currency": "usd", "amount": "1500", "reason": "by its size"}
    shown = visible_text(preview(underwriter, LIMIT, **new))
    assert "Northwind: becomes a debtor" in shown
    assert "none: the limit of the terms applies" in shown
    assert not Debtor.objects.exists()
    assert preview_and_confirm(underwriter, LIMIT, **new).status_code == 302
    limit = Limit.objects.get()
    buyer.refresh_from_db()
    assert (limit.debtor, limit.amount, limit.currency) == (buyer.debtor, Decimal(1500), "USD")
    assert "Limit in force $1,500.00" in visible_text(preview(underwriter, LIMIT, **{**new, "amount": "900"}))
    invoice = scenario.invoice(buyer, face="4000")
    judged = reassessment.reassess(supplier=scenario.supplier, invoices=[invoice], at=scenario.now)
    assert judged[invoice.pk].base == Decimal(1500)


def test_a_large_limit_waits_for_a_second_person_and_a_lower_one_does_not(
    scenario: Scenario, underwriter: Client
) -> None:
    new = {"supplier": str(scenario.supplier.pk), "currency": "USD", "reason": "by its size"}
    answer = preview_and_confirm(underwriter, LIMIT, **new, amount="6000")
    assert "This needs a second person" in visible_text(underwriter.get(answer["Location"]))  # type: ignore[arg-type]
    assert not Limit.objects.exists()
    client = Client()
    client.force_login(scenario.operations)
    approve = reverse("admin:financing_approval_approve", args=[Approval.objects.get().pk])
    assert "every buyer" in visible_text(client.get(approve))  # type: ignore[arg-type]
    assert confirm(client, approve).status_code == 302
    assert Limit.objects.get().amount == 6000
    assert preview_and_confirm(underwriter, LIMIT, **new, amount="5500").status_code == 302
    assert Limit.objects.count() == 2


def test_a_limit_of_nobody_or_of_two_is_refused(scenario: Scenario, underwriter: Client) -> None:
    buyer = scenario.buyer("Northwind")
    debtor = Debtor.objects.create(name="Northwind", created_by=scenario.underwriter)
    base = {"currency": "USD", "amount": "10", "reason": "by its size"}
    assert "Choose whose limit it is" in visible_text(preview(underwriter, LIMIT, **base))
    both = {**base, "buyer": str(buyer.pk), "debtor": str(debtor.pk)}
    assert "not both" in visible_text(preview(underwriter, LIMIT, **both))
    assert "greater than or equal to 0" in visible_text(preview(underwriter, LIMIT, **{**base, "amount": "-1"}))
    assert not Limit.objects.exists()


def test_a_rule_is_let_pass_for_an_invoice_and_holds_again_when_that_is_ended(
    scenario: Scenario, underwriter: Client
) -> None:
    invoice = scenario.invoice(scenario.buyer("Northwind", paid=0))
    new = {
        "rule": "payment_history",
        "invoice": str(invoice.pk),
        "until": "2026-12-01",
        "reason": "they are well known",
    }
    shown = visible_text(preview(underwriter, OVERRIDE, **new))
    assert "Buyer's payment history" in shown
    assert "$1,000.00" in shown
    assert "Until Dec 1, 2026" in shown

    def is_ready() -> bool:
        judged = reassessment.reassess(supplier=scenario.supplier, invoices=[invoice], at=scenario.now)
        return judged[invoice.pk].is_eligible

    assert not is_ready()
    assert preview_and_confirm(underwriter, OVERRIDE, **new).status_code == 302
    assert is_ready()
    override = Override.objects.get()
    assert confirm(underwriter, reverse("admin:financing_override_end", args=[override.pk])).status_code == 302
    assert not is_ready()
    assert (
        "End</a>"
        not in underwriter.get(reverse("admin:financing_override_change", args=[override.pk])).content.decode()
    )


def test_an_override_for_much_waits_for_a_second_person(scenario: Scenario, underwriter: Client) -> None:
    buyer = scenario.buyer("Northwind", paid=0)
    scenario.invoice(buyer, face="4000")
    scenario.invoice(buyer, face="3000")
    new = {"rule": "payment_history", "buyer": str(buyer.pk), "reason": "they are well known"}
    assert preview_and_confirm(underwriter, OVERRIDE, **new).status_code == 302
    approval = Approval.objects.get()
    assert (approval.amount, approval.currency) == (Decimal(7000), "USD")
    client = Client()
    client.force_login(scenario.approver)
    approve = reverse("admin:financing_approval_approve", args=[approval.pk])
    assert "Applies to all its invoices" in visible_text(client.get(approve))  # type: ignore[arg-type]
    assert confirm(client, approve).status_code == 302
    assert Override.objects.get().set_by == scenario.underwriter


def test_an_override_is_of_one_thing_and_of_a_rule_that_may_pass(scenario: Scenario, underwriter: Client) -> None:
    buyer = scenario.buyer("Northwind")
    invoice = scenario.invoice(buyer)
    base = {"rule": "payment_history", "reason": "they are well known"}
    assert "Choose either" in visible_text(preview(underwriter, OVERRIDE, **base))
    both = {**base, "buyer": str(buyer.pk), "invoice": str(invoice.pk)}
    assert "Choose either" in visible_text(preview(underwriter, OVERRIDE, **both))
    assert "Select a valid choice" in visible_text(preview(underwriter, OVERRIDE, **{**both, "rule": "open_balance"}))
    assert f'value="{invoice.pk}"' in underwriter.get(OVERRIDE, {"invoice": str(invoice.pk)}).content.decode()
    assert ("payment_history", "Buyer's payment history") in overrides.overridable_rule_choices()

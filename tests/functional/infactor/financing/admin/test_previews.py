"""A preview refuses whatever the act would refuse: both are the same call."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from infactor.core.admin.decisions import DecisionAdmin
from infactor.core.admin.preview import PreviewView
from infactor.core.models import AuditEvent, OutgoingMail
from infactor.financing.admin.base.decisions import FinancingPreview
from infactor.financing.advances import repurchases, settlements, write_offs
from infactor.financing.models import Advance, Approval
from infactor.ledger.models import Transaction
from tests.support.admin_client import preview, visible_text
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
PAYEE = {
    "holder": "A",
    "bank_name": "B",
    "country": "US",
    "account_number": "000777888999",
    "routing_number": "021000021",
}
LAWYER = {"new_payee": "A", "service": "attorney", "country": "US"}
NO_PARTS = {"form-TOTAL_FORMS": "0", "form-INITIAL_FORMS": "0"}
WHY = "It was typed wrong"


def views(base: type[PreviewView] = PreviewView) -> Iterator[type[PreviewView]]:
    for view in base.__subclasses__():
        yield view
        yield from views(view)


def test_every_preview_performs_the_act_and_none_goes_around_it() -> None:
    """The rehearsal is in one place. Whoever overrides it could accept what the act refuses."""
    assert len(set(views())) > 15
    for view in views():
        for name in ("form_valid", "post", "_rehearse", "_token", "execute"):
            assert name not in vars(view), f"{view.__name__} overrides {name}"
    own = {view for view in views() if view.__module__.startswith("infactor.financing")} - {FinancingPreview}
    assert all(issubclass(view, FinancingPreview) for view in own)
    # Each preview of a row is a page of admin, so the cases below reach it.
    shown = {one for made in admin.site._registry.values() if isinstance(made, DecisionAdmin) for one in made.decisions}
    assert len({view for view in own if view in shown}) >= 10


@pytest.fixture
def clerk(scenario: Scenario) -> Client:
    client = Client()
    client.force_login(scenario.operations)
    return client


def record(**typed: Any) -> dict[str, Any]:
    return {
        "amount": "100",
        "currency": "USD",
        "value_date": "2026-11-02",
        "bank_reference": "T-1",
        **NO_PARTS,
        **typed,
    }


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"amount": "100.50", "currency": "JPY"}, "it has decimals, and JPY has none"),
        ({"value_date": "2026-11-05"}, "This day has not come yet"),
        ({"value_date": "2024-11-05"}, "more than a year ago"),
        ({"currency": "ZZZ"}, "ZZZ is no currency"),
        ({"amount": "0"}, "Enter an amount above zero"),
        ({"bank_reference": "  "}, "This field is required"),
    ],
)
def test_a_payment_that_cannot_be_recorded_is_refused_by_its_preview(
    clerk: Client, typed: dict[str, str], sentence: str
) -> None:
    page = preview(clerk, reverse("admin:financing_collection_record"), **record(**typed))
    assert sentence in visible_text(page)
    assert "preview_token" not in page.content.decode()


def test_every_preview_of_a_correction_refuses_tomorrow_and_more_than_there_is(
    scenario: Scenario, clerk: Client
) -> None:
    buyer = scenario.buyer()
    names = ("paid", "settled", "bought", "lost", "open")
    of = {name: scenario.funded(scenario.invoice(buyer)) for name in names}
    payment, waiting = scenario.pay(of["paid"], "1000"), scenario.arrive("70", targets=[])
    scenario.pay(of["settled"], "1000")
    today: Any = {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now}
    settlements.settle(advance=Advance.objects.get(pk=of["settled"].pk), **today)
    money_out.leave(scenario, of["bought"])
    money_out.leave(scenario, of["open"])
    repurchases.repurchase(advance=of["bought"], reason=WHY, **today)
    money_out.leave(scenario, of["lost"])
    write_offs.write_off(advance=of["lost"], reason=WHY, **today)
    tomorrow = f"{scenario.today + timedelta(days=3)}"
    day = f"{scenario.today}"
    refused = [
        (payment, "value_date", {"value_date": tomorrow}, "This day has not come yet"),
        (payment, "value_date", {"value_date": day}, "This is its value date already"),
        (payment, "amount", {"amount": "1000"}, "This is its amount already"),
        (payment, "amount", {"amount": "0"}, "above zero"),
        (payment, "unmatch", {}, "This field is required"),
        (waiting, "refund", {"amount": "71", **PAYEE, "value_date": day}, "Only 70.00 USD"),
        (waiting, "refund", {"amount": "70", **PAYEE, "value_date": tomorrow}, "This day has not come yet"),
        (waiting, "match", NO_PARTS, "Enter what the payment is for"),
        (of["open"], "repurchase", {"value_date": tomorrow}, "This day has not come yet"),
        (of["lost"], "cost", {"amount": "0", **LAWYER, "value_date": day}, "above zero"),
        (of["lost"], "cost", {"amount": "9", **LAWYER, "value_date": tomorrow}, "This day has not come yet"),
        (of["settled"], "reopen", {"reason": ""}, "This field is required"),
        (of["bought"], "cancel_repurchase", {"reason": "no"}, "at least 5 characters"),
    ]
    before = traces()
    for row, name, typed, sentence in refused:
        address = reverse(f"admin:financing_{row._meta.model_name}_{name}", args=[row.pk])
        shown = preview(clerk, address, **{"reason": WHY, **typed})
        assert sentence in visible_text(shown), (name, typed, visible_text(shown))
        assert "preview_token" not in shown.content.decode(), name
    assert traces() == before


def test_a_preview_leaves_nothing_behind(scenario: Scenario, clerk: Client) -> None:
    scenario.terms(dual_control_threshold=Decimal(1))
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    before = traces()
    page = preview(clerk, reverse("admin:financing_collection_record"), **record())
    assert "What is posted to the ledger" in visible_text(page)
    assert traces() == before
    assert Advance.objects.get(pk=advance.pk).status == Advance.Status.ACCEPTED


def traces() -> tuple[int, ...]:
    models = (Transaction, AuditEvent, OutgoingMail, Approval)
    return tuple(model._default_manager.count() for model in models)

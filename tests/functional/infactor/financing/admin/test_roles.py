"""Each staff role sees and performs only the financing actions that it is allowed."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from infactor.core.models import AuditEvent
from infactor.financing.advances import cases
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Approval, Case, FundingTerms, Override
from infactor.financing.policy import debtor_marks, overrides
from infactor.financing.watch import watching
from infactor.invoices.debtors import grouping
from infactor.ledger.models import Transaction
from infactor.users import roles
from tests.support.admin_client import confirm
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.supplier_books import SupplierBooks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
Prepare = Callable[[Scenario], int]


def _request(scenario: Scenario) -> int:
    return scenario.request(scenario.invoice(scenario.buyer())).pk


def _offer(scenario: Scenario) -> int:
    return scenario.offer(scenario.invoice(scenario.buyer())).pk


def _accepted(scenario: Scenario) -> int:
    return scenario.accepted(scenario.invoice(scenario.buyer())).pk


def _funded(scenario: Scenario) -> int:
    return money_out.leave(scenario, scenario.funded(scenario.invoice(scenario.buyer()))).pk


def _collected(scenario: Scenario) -> int:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    scenario.pay(advance, "1000.00")
    return advance.pk


def _case(scenario: Scenario) -> int:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    return cases.open_dispute(advance=advance, by=scenario.operations, at=scenario.now, reason="It is broken.").pk


def _collection(scenario: Scenario) -> int:
    return scenario.pay(None, "10.00").pk


def _sent(scenario: Scenario) -> int:
    payout = scenario.funded(scenario.invoice(scenario.buyer())).payouts.get()
    money_out.send(scenario, payout)
    return payout.pk


def _batch(scenario: Scenario) -> int:
    return money_out.send(scenario, scenario.funded(scenario.invoice(scenario.buyer())).payouts.get()).pk


def _payout(scenario: Scenario) -> int:
    return scenario.funded(scenario.invoice(scenario.buyer())).payouts.get().pk


def _failed(scenario: Scenario) -> int:
    payout = scenario.funded(scenario.invoice(scenario.buyer())).payouts.get()
    return money_out.fail(scenario, payout).pk


def _approval(scenario: Scenario) -> int:
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    asked = Approval.objects.create(
        kind=Approval.Kind.FUND,
        subject=advance.ledger_owner,
        supplier=scenario.supplier,
        currency="USD",
        amount=advance.amount,
        arguments={"advance": advance.pk, "value_date": "2026-11-02"},
        summary="Pay it",
        requested_by=scenario.approver,
        requested_at=scenario.now,
    )
    return asked.pk


def _changed(scenario: Scenario) -> int:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    SupplierBooks(scenario).void(advance.invoice)
    watching.watch(supplier_id=scenario.supplier.pk, at=scenario.now)
    return Case.objects.get().pk


def _mark(scenario: Scenario) -> int:
    debtor = grouping.get_or_create_debtor(buyer=scenario.buyer(), by=scenario.underwriter, at=scenario.now)
    return debtor_marks.mark(
        debtor=debtor, kind="watch", reason="Late lately", by=scenario.underwriter, at=scenario.now
    ).pk


def _override(scenario: Scenario) -> int:
    return overrides.override(
        rule="payment_history",
        reason="known",
        by=scenario.underwriter,
        at=scenario.now,
        invoice=scenario.invoice(scenario.buyer()),
    ).pk


UNDERWRITER, OPERATIONS = (roles.UNDERWRITER,), (roles.OPERATIONS,)
BOTH = (*UNDERWRITER, *OPERATIONS)
DECISIONS: tuple[tuple[str, str, Prepare, tuple[str, ...]], ...] = (
    ("financingrequest", "offer", _request, UNDERWRITER),
    ("financingrequest", "decline", _request, UNDERWRITER),
    ("offer", "withdraw", _offer, UNDERWRITER),
    ("advance", "fund", _accepted, OPERATIONS),
    ("advance", "cancel", _accepted, OPERATIONS),
    ("advance", "settle", _collected, OPERATIONS),
    ("advance", "short_payment", _funded, OPERATIONS),
    ("advance", "repurchase", _funded, OPERATIONS),
    ("advance", "write_off", _funded, OPERATIONS),
    ("advance", "dispute", _funded, BOTH),
    ("case", "close", _case, BOTH),
    ("case", "release_hold", _changed, BOTH),
    ("debtormark", "end", _mark, UNDERWRITER),
    ("collection", "match", _collection, OPERATIONS),
    ("collection", "return", _collection, OPERATIONS),
    ("payout", "fail", _sent, OPERATIONS),
    ("payout", "stop", _payout, BOTH),
    ("payoutbatch", "download", _batch, OPERATIONS),
    ("payoutbatch", "withdraw", _batch, OPERATIONS),
    ("payout", "resend", _failed, OPERATIONS),
    ("approval", "approve", _approval, BOTH),
    ("approval", "reject", _approval, BOTH),
    ("override", "end", _override, UNDERWRITER),
)
PAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("financing_collection_record", OPERATIONS),
    ("banking_houseaccount_add", OPERATIONS),
    ("banking_statementfile_import", OPERATIONS),
    ("banking_statementline_matching", OPERATIONS),
    ("financing_fundingterms_add", UNDERWRITER),
    ("financing_limit_add", UNDERWRITER),
    ("financing_override_add", UNDERWRITER),
)


def audited() -> int:
    """All audit events but the sign-ins."""
    return AuditEvent.objects.exclude(event__startswith="user.").count()


def of_role(scenario: Scenario, role: str) -> object:
    return {
        roles.UNDERWRITER: scenario.underwriter,
        roles.OPERATIONS: scenario.operations,
        roles.READ_ONLY: scenario.reader,
    }[role]


@pytest.mark.parametrize(
    ("model", "name", "prepare", "may"), DECISIONS, ids=[f"{one[0]}-{one[1]}" for one in DECISIONS]
)
def test_a_decision_is_for_its_roles_alone(
    client: Client, scenario: Scenario, model: str, name: str, prepare: Prepare, may: tuple[str, ...]
) -> None:
    pk = prepare(scenario)
    address = reverse(f"admin:financing_{model}_{name}", args=[pk])
    detail = reverse(f"admin:financing_{model}_change", args=[pk])
    before = audited(), Transaction.objects.count()
    for role in (roles.UNDERWRITER, roles.OPERATIONS, roles.READ_ONLY):
        client.force_login(of_role(scenario, role))  # type: ignore[arg-type]
        page = client.get(detail).content.decode()
        assert (f'href="{address}"' in page) == (role in may), role
        assert client.get(address).status_code == (200 if role in may else 403), role
        if role not in may:
            assert client.post(address, {"reason": "because it is so", "value_date": "2026-11-02"}).status_code == 403
    assert (audited(), Transaction.objects.count()) == before


@pytest.mark.parametrize(("name", "may"), PAGES, ids=[one[0] for one in PAGES])
def test_a_page_is_for_its_roles_alone(client: Client, scenario: Scenario, name: str, may: tuple[str, ...]) -> None:
    before = audited(), FundingTerms.objects.count()
    for role in (roles.UNDERWRITER, roles.OPERATIONS, roles.READ_ONLY):
        client.force_login(of_role(scenario, role))  # type: ignore[arg-type]
        assert client.get(reverse(f"admin:{name}")).status_code == (200 if role in may else 403), role
        if role not in may:
            assert client.post(reverse(f"admin:{name}"), {"amount": "1"}).status_code in (403, 405)
    assert (audited(), FundingTerms.objects.count()) == before


def test_passing_money_on_is_for_operations_alone(client: Client, scenario: Scenario) -> None:
    scenario.arrive("12.00", targets=[AllocationTarget(Decimal(12), supplier=scenario.supplier)])
    address = reverse("admin:financing_payout_remit", args=[scenario.supplier.pk, "USD"])
    held = reverse("admin:financing_payout_balances")
    for reader in (scenario.underwriter, scenario.reader):
        client.force_login(reader)
        page = client.get(held).content.decode()
        assert "$12.00" in page
        assert address not in page
        assert client.get(address).status_code == 403
        assert client.post(address, {"amount": "12", "value_date": "2026-11-02"}).status_code == 403
    client.force_login(scenario.operations)
    assert address in client.get(held).content.decode()
    done = confirm(client, address, amount="12.00", value_date="2026-11-02")
    assert done.status_code == 302
    assert "No supplier owes anything." in client.get(held).content.decode()


def test_nobody_changes_or_deletes_a_row_by_hand(client: Client, scenario: Scenario, staff: object) -> None:
    _collected(scenario)
    override = Override.objects.get(pk=_override(scenario))
    client.force_login(staff)  # type: ignore[arg-type]
    for model in ("advance", "offer", "financingrequest", "collection", "payout", "fundingterms"):
        listed = client.get(reverse(f"admin:financing_{model}_changelist")).content.decode()
        assert "delete_selected" not in listed
    address = reverse("admin:financing_override_change", args=[override.pk])
    assert client.post(address, {"rule": "age"}).status_code == 403
    assert (
        client.post(reverse("admin:financing_override_delete", args=[override.pk]), {"post": "yes"}).status_code == 403
    )


def test_nobody_is_the_second_person_for_themselves(client: Client, scenario: Scenario) -> None:
    pk = _approval(scenario)
    client.force_login(scenario.approver)
    page = client.get(reverse("admin:financing_approval_change", args=[pk])).content.decode()
    approve = reverse("admin:financing_approval_approve", args=[pk])
    refuse = reverse("admin:financing_approval_reject", args=[pk])
    assert approve not in page
    assert refuse in page
    assert client.get(approve).status_code == 403
    assert client.post(approve).status_code == 403
    assert confirm(client, refuse, reason="I was wrong").status_code == 302
    assert Approval.objects.get(pk=pk).decision == Approval.Decision.REJECTED

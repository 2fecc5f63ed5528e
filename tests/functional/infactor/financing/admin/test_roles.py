"""Every decision about financing, by every role: who may sees the button and the page, who may not changes nothing."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from infactor.core.models import AuditEvent
from infactor.financing import payouts
from infactor.financing.advances import cases
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Approval, FundingTerms, Override
from infactor.financing.policy import overrides
from infactor.ledger.models import Transaction
from infactor.users import roles
from tests.support.pages.decisions import decide
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db
Prepare = Callable[[House], int]


def _request(house: House) -> int:
    return house.request(house.invoice(house.buyer())).pk


def _offer(house: House) -> int:
    return house.offer(house.invoice(house.buyer())).pk


def _accepted(house: House) -> int:
    return house.accepted(house.invoice(house.buyer())).pk


def _funded(house: House) -> int:
    return house.funded(house.invoice(house.buyer())).pk


def _collected(house: House) -> int:
    advance = house.funded(house.invoice(house.buyer()))
    house.pay(advance, "1000.00")
    return advance.pk


def _case(house: House) -> int:
    advance = house.funded(house.invoice(house.buyer()))
    return cases.open_dispute(advance=advance, by=house.operations, at=house.now, reason="It is broken.").pk


def _collection(house: House) -> int:
    return house.pay(None, "10.00").pk


def _payout(house: House) -> int:
    return house.funded(house.invoice(house.buyer())).payouts.get().pk


def _failed(house: House) -> int:
    payout = house.funded(house.invoice(house.buyer())).payouts.get()
    return payouts.fail(payout=payout, value_date=house.today, reason="closed", by=house.operations, at=house.now).pk


def _approval(house: House) -> int:
    advance = house.accepted(house.invoice(house.buyer()))
    asked = Approval.objects.create(
        kind=Approval.Kind.FUND,
        subject=advance.owner,
        supplier=house.supplier,
        currency="USD",
        amount=advance.amount,
        arguments={"advance": advance.pk, "value_date": "2026-11-02"},
        summary="Pay it",
        asked_by=house.second,
        asked_at=house.now,
    )
    return asked.pk


def _override(house: House) -> int:
    return overrides.override(
        rule="history", reason="known", by=house.underwriter, at=house.now, invoice=house.invoice(house.buyer())
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
    ("advance", "short", _funded, OPERATIONS),
    ("advance", "repurchase", _funded, OPERATIONS),
    ("advance", "write_off", _funded, OPERATIONS),
    ("advance", "dispute", _funded, BOTH),
    ("case", "close", _case, BOTH),
    ("collection", "match", _collection, OPERATIONS),
    ("collection", "take_back", _collection, OPERATIONS),
    ("disbursement", "fail", _payout, OPERATIONS),
    ("disbursement", "again", _failed, OPERATIONS),
    ("approval", "approve", _approval, BOTH),
    ("approval", "refuse", _approval, BOTH),
    ("override", "end", _override, UNDERWRITER),
)
PAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("financing_collection_record", OPERATIONS),
    ("financing_collection_import", OPERATIONS),
    ("financing_collection_import_template", OPERATIONS),
    ("financing_fundingterms_add", UNDERWRITER),
    ("financing_limit_add", UNDERWRITER),
    ("financing_override_add", UNDERWRITER),
)


@pytest.fixture
def house() -> Iterator[House]:
    found = build_house()
    found.terms()
    with time_machine.travel(found.now, tick=False):
        yield found


def audited() -> int:
    """Everything in the trail but the sign-ins."""
    return AuditEvent.objects.exclude(event__startswith="user.").count()


def of_role(house: House, role: str) -> object:
    return {
        roles.UNDERWRITER: house.underwriter,
        roles.OPERATIONS: house.operations,
        roles.READ_ONLY: house.reader,
    }[role]


@pytest.mark.parametrize(
    ("model", "name", "prepare", "may"), DECISIONS, ids=[f"{one[0]}-{one[1]}" for one in DECISIONS]
)
def test_a_decision_is_for_its_roles_alone(
    client: Client, house: House, model: str, name: str, prepare: Prepare, may: tuple[str, ...]
) -> None:
    pk = prepare(house)
    address = reverse(f"admin:financing_{model}_{name}", args=[pk])
    detail = reverse(f"admin:financing_{model}_change", args=[pk])
    before = audited(), Transaction.objects.count()
    for role in (roles.UNDERWRITER, roles.OPERATIONS, roles.READ_ONLY):
        client.force_login(of_role(house, role))  # type: ignore[arg-type]
        page = client.get(detail).content.decode()
        assert (f'href="{address}"' in page) == (role in may), role
        assert client.get(address).status_code == (200 if role in may else 403), role
        if role not in may:
            assert client.post(address, {"reason": "because it is so", "value_date": "2026-11-02"}).status_code == 403
    assert (audited(), Transaction.objects.count()) == before


@pytest.mark.parametrize(("name", "may"), PAGES, ids=[one[0] for one in PAGES])
def test_a_page_is_for_its_roles_alone(client: Client, house: House, name: str, may: tuple[str, ...]) -> None:
    before = audited(), FundingTerms.objects.count()
    for role in (roles.UNDERWRITER, roles.OPERATIONS, roles.READ_ONLY):
        client.force_login(of_role(house, role))  # type: ignore[arg-type]
        assert client.get(reverse(f"admin:{name}")).status_code == (200 if role in may else 403), role
        if role not in may:
            assert client.post(reverse(f"admin:{name}"), {"amount": "1"}).status_code in (403, 405)
    assert (audited(), FundingTerms.objects.count()) == before


def test_passing_money_on_is_for_operations_alone(client: Client, house: House) -> None:
    house.arrive("12.00", targets=[AllocationTarget(Decimal(12), supplier=house.supplier)])
    address = reverse("admin:financing_disbursement_pass_on", args=[house.supplier.pk, "USD"])
    held = reverse("admin:financing_disbursement_held")
    for reader in (house.underwriter, house.reader):
        client.force_login(reader)
        page = client.get(held).content.decode()
        assert "$12.00" in page
        assert address not in page
        assert client.get(address).status_code == 403
        assert client.post(address, {"amount": "12", "value_date": "2026-11-02"}).status_code == 403
    client.force_login(house.operations)
    assert address in client.get(held).content.decode()
    done = decide(client, address, amount="12.00", value_date="2026-11-02")
    assert done.status_code == 302
    assert "No supplier owes anything." in client.get(held).content.decode()


def test_nobody_changes_or_deletes_a_row_by_hand(client: Client, house: House, staff: object) -> None:
    _collected(house)
    override = Override.objects.get(pk=_override(house))
    client.force_login(staff)  # type: ignore[arg-type]
    for model in ("advance", "offer", "financingrequest", "collection", "disbursement", "fundingterms"):
        listed = client.get(reverse(f"admin:financing_{model}_changelist")).content.decode()
        assert "delete_selected" not in listed
    address = reverse("admin:financing_override_change", args=[override.pk])
    assert client.post(address, {"rule": "age"}).status_code == 403
    assert (
        client.post(reverse("admin:financing_override_delete", args=[override.pk]), {"post": "yes"}).status_code == 403
    )


def test_nobody_is_the_second_person_for_themselves(client: Client, house: House) -> None:
    pk = _approval(house)
    client.force_login(house.second)
    page = client.get(reverse("admin:financing_approval_change", args=[pk])).content.decode()
    approve = reverse("admin:financing_approval_approve", args=[pk])
    refuse = reverse("admin:financing_approval_refuse", args=[pk])
    assert approve not in page
    assert refuse in page
    assert client.get(approve).status_code == 403
    assert client.post(approve).status_code == 403
    assert decide(client, refuse, reason="I was wrong").status_code == 302
    assert Approval.objects.get(pk=pk).decision == Approval.Decision.REFUSED

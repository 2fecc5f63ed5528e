"""An administrator answers requests of people about their data in admin: a copy, and an erasure that is previewed."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.users import roles
from infactor.users.models import User
from tests.support.database.column_search import columns_holding
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.onboarding import staff_member
from tests.support.second_factor import show_factor

pytestmark = pytest.mark.django_db
CANARY, ADDRESS = "Wilhelmina Quendel", "wilhelmina@quendel.example"
COPY, ERASE = "/admin/core/auditevent/copy/", "/admin/core/auditevent/erase/"
REQUEST = {"kind": "buyer", "key": ADDRESS, "reason": "Request 7 of 2026-11-29"}


@pytest.fixture
def administrator(client: Client) -> User:
    """A superuser without a role, signed in."""
    user: User = User.objects.create_superuser("root@infactor.example", "a long passphrase")
    client.force_login(user)
    return user


@pytest.fixture
def buyer(scenario: Scenario) -> Any:
    return scenario.buyer(CANARY, email=ADDRESS, contact_name=CANARY)


def previewed(client: Client) -> dict[str, str]:
    """What the second step sends after a preview of REQUEST."""
    page = client.post(ERASE, REQUEST | {"preview": "Preview"}).content.decode()
    assert "invoices.Buyer" in page
    assert CANARY in page
    (token,) = re.findall(r'name="preview_token" value="([^"]+)"', page)
    return REQUEST | {"preview_token": token, "confirm": "Erase for good"}


def test_a_copy_is_downloaded_and_audited(client: Client, administrator: User, buyer: Any) -> None:
    page = client.get(COPY)
    sent = {"kind": "buyer", "key": ADDRESS, "preview_token": page.context["preview_token"]}
    answer = client.post(COPY, sent)
    assert answer["Content-Disposition"] == f'attachment; filename="buyer-{buyer.pk}.json"'
    assert "no-store" in answer["Cache-Control"]
    (copy,) = json.loads(answer.content)
    assert copy["tables"]["invoices.Buyer"]["rows"][0]["name"] == CANARY
    assert AuditEvent.objects.get(event="privacy.exported").actor == administrator


def test_a_copy_that_is_too_large_for_a_page_is_left_to_an_operator(
    client: Client, administrator: User, buyer: Any, settings: Any
) -> None:
    settings.EXPORT_MAX_ROWS = 0
    sent = {"kind": "buyer", "key": ADDRESS, "preview_token": client.get(COPY).context["preview_token"]}
    assert "An operator makes it with export_subject." in client.post(COPY, sent).content.decode()
    assert not AuditEvent.objects.filter(event="privacy.exported").exists()


def test_an_erasure_is_shown_before_it_is_done(client: Client, administrator: User, buyer: Any) -> None:
    confirmed = previewed(client)
    assert "invoices_buyer.email" in columns_holding(ADDRESS)  # a preview changes nothing
    assert not AuditEvent.objects.filter(event="privacy.erased").exists()
    assert "Nothing was kept." in client.post(ERASE, confirmed, follow=True).content.decode()
    assert columns_holding(ADDRESS) == set()
    event = AuditEvent.objects.get(event="privacy.erased")
    assert (event.actor, event.reason) == (administrator, REQUEST["reason"])


def test_an_erasure_waits_for_what_is_open_and_says_what_is_kept(
    client: Client, administrator: User, scenario: Scenario, buyer: Any
) -> None:
    advance = scenario.funded(scenario.invoice(buyer, buyer_email=ADDRESS))
    assert f"Advance {advance.public_id} is open" in client.post(ERASE, REQUEST).content.decode()
    scenario.pay(advance, "1000")
    scenario.settle(advance)
    page = client.post(ERASE, previewed(client), follow=True).content.decode()
    assert "invoices.Invoice: 1 kept. Record of what was financed." in page


def test_both_pages_ask_for_a_fresh_factor(client: Client, administrator: User, settings: Any) -> None:
    settings.SECOND_FACTOR_FRESH = timedelta(minutes=15)
    hour_ago = (timezone.now() - timedelta(hours=1)).timestamp()
    for address in (COPY, ERASE):
        show_factor(client, administrator, at=hour_ago)
        assert client.get(address)["Location"].startswith("/accounts/2fa/reauthenticate/")


@pytest.mark.parametrize("role", [roles.UNDERWRITER, roles.OPERATIONS, roles.READ_ONLY])
def test_no_role_takes_or_erases_data(client: Client, role: str) -> None:
    client.force_login(staff_member(role))
    assert {client.get(address).status_code for address in (COPY, ERASE)} == {403}
    assert "Erase somebody" not in client.get(reverse("admin:core_auditevent_changelist")).content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"key": "nobody@x.example"}, "No buyer is stored under"),
        ({"kind": "supplier", "key": "no-id"}, "is not a public id."),
        ({"kind": "everybody"}, "Select a valid choice."),
        ({"key": ""}, "This field is required."),
        ({"reason": "no"}, "at least 5 characters"),
        ({"kind": "person", "key": "root@infactor.example"}, "You cannot erase your own account."),
    ],
)
def test_what_names_nobody_is_refused(client: Client, administrator: User, changed: dict[str, str], said: str) -> None:
    assert said in client.post(ERASE, REQUEST | changed | {"preview": "Preview"}).content.decode()


def test_staff_are_deactivated_before_they_are_erased(client: Client, administrator: User) -> None:
    person = staff_member(roles.OPERATIONS)
    asked = {"kind": "person", "key": person.email, "preview": "Preview"}
    assert "deactivate the account first" in client.post(ERASE, REQUEST | asked).content.decode()
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert "users.User" in client.post(ERASE, REQUEST | asked).content.decode()

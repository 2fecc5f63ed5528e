"""A user can neither see nor change another company's financing, by any id in a URL or a form."""

import itertools
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.urls.converters import IntConverter
from django.utils import timezone

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.dashboard.urls import urlpatterns
from infactor.financing.models import FinancingRequest, Offer
from infactor.suppliers.models import Membership, Notification
from infactor.users.models import User
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios.financing import build_scenario
from tests.support.scenarios.lifecycle import Lifecycle

pytestmark = pytest.mark.django_db
# An id of a company, which is asked for below; a file without a word of any company.
ELSEWHERE = {"choose_company", "invoice_template"}
CANARIES = ("INV-90", "INV-91", "INV-92", "INV-93")  # the numbers of every invoice of the company


def stranger(lifecycle: Lifecycle) -> User:
    """The owner of another approved company."""
    return build_scenario(now=timezone.now(), name="Mistral Tea").owner


def former(lifecycle: Lifecycle) -> User:
    """A former owner of this company, removed a moment ago."""
    left: User = MembershipFactory(supplier=lifecycle.scenario.supplier).user
    Membership.objects.filter(user=left).delete()
    return left


WHO = pytest.mark.parametrize("who", [stranger, former])


def counted() -> tuple[int, ...]:
    return AuditEvent.objects.count(), OutgoingMail.objects.count(), FinancingRequest.objects.count()


def ids_of(lifecycle: Lifecycle) -> dict[str, object]:
    line = lifecycle.request.lines.select_related("invoice").get()
    return {
        "invoice": lifecycle.ready[0].public_id,
        "asked": line.invoice.public_id,
        "request": lifecycle.request.public_id,
        "offer": lifecycle.offer.public_id,
        "advance": lifecycle.accepted.public_id,
        "supplier": lifecycle.scenario.supplier.public_id,
    }


def numbers_of(lifecycle: Lifecycle) -> dict[str, object]:
    """What of the company is named by a number."""
    supplier = lifecycle.scenario.supplier
    return {
        "owner": Membership.objects.get(supplier=supplier, user=lifecycle.scenario.owner).pk,
        "notification": Notification.objects.filter(supplier=supplier).values_list("pk", flat=True)[0],
    }


def named(pattern: URLPattern) -> str:
    return str(pattern.name)


@WHO
@pytest.mark.parametrize(
    "pattern", [one for one in urlpatterns if one.pattern.converters and one.name not in ELSEWHERE], ids=named
)
def test_no_address_leads_to_anything_of_another_company(
    lifecycle: Lifecycle, pattern: URLPattern, who: Callable[[Lifecycle], User]
) -> None:
    client, ids = Client(), ids_of(lifecycle)
    client.force_login(who(lifecycle))
    line = lifecycle.offer.lines.first()
    assert line is not None
    form = {
        "invoice": str(ids["asked"]),
        "line": str(line.pk),
        "disclosure_digest": lifecycle.scenario.shown(lifecycle.offer),
        "reason": "Because I can",
        "to": "ap@buyer.example",
        "subject": "Please",
        "body": "{link}",
        "life": "14",
    }
    before = counted()
    converters = pattern.pattern.converters
    if all(isinstance(one, IntConverter) for one in converters.values()):
        ids = numbers_of(lifecycle)
    for one, method in itertools.product(ids.values(), ("get", "post")):
        address = reverse(f"dashboard:{pattern.name}", kwargs=dict.fromkeys(converters, one))
        answer = getattr(client, method)(address, form)
        asks_for_password = answer.headers.get("Location", "").startswith(reverse("account_reauthenticate"))
        assert answer.status_code in (403, 404, 405) or asks_for_password, (method, one)
    assert counted() == before
    assert Offer.objects.get(pk=lifecycle.offer.pk).status == Offer.Status.PROPOSED


@WHO
def test_no_id_in_a_form_brings_anything_of_another_company(
    lifecycle: Lifecycle, who: Callable[[Lifecycle], User]
) -> None:
    client, ids = Client(), ids_of(lifecycle)
    client.force_login(who(lifecycle))
    before = counted()
    request, companies = (
        reverse("dashboard:financing_request_new"),
        reverse("dashboard:choose_company", args=[ids["supplier"]]),
    )
    assert client.get(request, {"invoice": str(ids["invoice"])}).status_code in (403, 404)
    assert client.post(request, {"invoice": str(ids["invoice"])}).status_code in (403, 404)
    assert client.post(companies).status_code in (403, 404)
    assert client.post(reverse("dashboard:bank_withdraw"), {"account": "1"}).status_code in (403, 404)
    assert counted() == before


@WHO
def test_no_page_without_an_id_shows_anything_of_another_company(
    lifecycle: Lifecycle, who: Callable[[Lifecycle], User]
) -> None:
    client = Client()
    client.force_login(who(lifecycle))
    for pattern in urlpatterns:
        if not pattern.pattern.converters and pattern.name not in ELSEWHERE:
            answer = client.get(reverse(f"dashboard:{pattern.name}"))
            whole = answer.getvalue().decode(errors="replace")
            assert not any(canary in whole for canary in CANARIES), pattern.name
            assert answer.status_code < 500

"""What binds the company or ends its connection is for owners; other members prepare it."""

import pytest
from django.test import Client
from django.urls import reverse

from infactor.financing.models import Offer
from infactor.suppliers.models import Membership
from quickbooks_app.models import Connection
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios.lifecycle import Lifecycle

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(lifecycle: Lifecycle) -> Client:
    """A client signed in as a member of the company who is no owner."""
    client = Client()
    client.force_login(MembershipFactory(supplier=lifecycle.scenario.supplier, role=Membership.Role.FINANCE).user)
    return client


def test_only_an_owner_accepts_an_offer(lifecycle: Lifecycle, colleague: Client, client: Client) -> None:
    offer = lifecycle.offer
    address = reverse("dashboard:offer", args=[offer.public_id])
    assert "Accept $" in client.get(address).content.decode()
    assert "Only an owner" in colleague.get(address).content.decode()
    assert "Accept $" not in colleague.get(address).content.decode()
    form = {
        "disclosure_digest": lifecycle.scenario.shown(offer),
        "line": [str(line.invoice.public_id) for line in offer.lines.all()],
    }
    accept = reverse("dashboard:offer_accept", args=[offer.public_id])
    assert colleague.post(accept, form).status_code == 403
    assert Offer.objects.get(pk=offer.pk).status == Offer.Status.PROPOSED


def test_only_an_owner_disconnects_quickbooks(lifecycle: Lifecycle, colleague: Client) -> None:
    connection = ConnectionFactory(supplier=lifecycle.scenario.supplier)
    for name, method in (("confirm_disconnect", colleague.get), ("disconnect", colleague.post)):
        assert method(reverse(f"quickbooks:{name}", args=[connection.public_id])).status_code == 403
    connection.refresh_from_db()
    assert connection.status == Connection.Status.CONNECTED
    assert "Disconnect<" not in colleague.get(reverse("quickbooks:home")).content.decode()

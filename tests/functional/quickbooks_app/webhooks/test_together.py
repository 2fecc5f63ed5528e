"""Webhooks that come at the same moment share statements, and are answered as if each had come alone."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from quickbooks_app.auth import integrations
from quickbooks_app.models import Connection, WebhookEvent
from quickbooks_app.webhooks import receiving
from quickbooks_app.webhooks.receiving import Delivery
from tests.support.factories.integrations import OwnAppFactory
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.fakes.signed_webhooks import VERIFIER, cloud, cloud_event, signature


def delivery(*events: dict[str, object], key: str = VERIFIER, of: Connection | None = None) -> Delivery:
    """As Intuit sends it, to the endpoint of the settings or of a company's own app."""
    body = cloud(*events)
    public_id = of.integration.public_id if of is not None else None
    return Delivery(body=body, signature=signature(body, key), public_id=public_id)


@pytest.mark.django_db
def test_each_is_judged_by_its_own_signature_and_reaches_its_own_companies(
    settings: Settings, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    settings.QUICKBOOKS_WEBHOOK_VERIFIER = VERIFIER
    integrations.from_settings()
    known, app = ConnectionFactory(), OwnAppFactory()
    own = ConnectionFactory(integration=app, company_file__supplier=app.supplier)
    token = own.integration.webhook_verifier
    sent = [
        delivery(cloud_event(known.realm_id, "1")),
        delivery(cloud_event(known.realm_id, "2"), key="wrong"),
        delivery(cloud_event(own.realm_id, "3"), key=token, of=own),
        delivery(cloud_event(own.realm_id, "4")),  # signed by the settings' key, about another app's company
        delivery(cloud_event(known.realm_id, "5"), key=token, of=own),
        Delivery(body=b"<html>", signature=signature(b"<html>"), public_id=None),
        Delivery(body=b"[]", signature="", public_id=None),
    ]
    with django_assert_max_num_queries(16):  # what two bodies take that come apart, each a company's first
        outcomes = receiving.receive_all(sent)
    assert [int(one.status) for one in outcomes] == [200, 401, 200, 200, 200, 200, 401]
    kept = {event.qbk_id: (event.connection_id, event.state) for event in WebhookEvent.objects.all()}
    assert kept == {
        "1": (known.pk, "waiting"),
        "3": (own.pk, "waiting"),
        "4": (None, "ignored"),
        "5": (None, "ignored"),
    }
    assert sorted(pk for one in outcomes for pk in one.notify) == sorted([known.pk, own.pk])


@pytest.mark.django_db
def test_the_same_event_in_two_bodies_that_come_together_is_one_row(settings: Settings) -> None:
    settings.QUICKBOOKS_WEBHOOK_VERIFIER = VERIFIER
    known = ConnectionFactory()
    twice = cloud_event(known.realm_id, "1")
    outcomes = receiving.receive_all([delivery(twice), delivery(twice, cloud_event(known.realm_id, "2"))])
    assert [one.status for one in outcomes] == [200, 200]
    assert sorted(WebhookEvent.objects.values_list("qbk_id", flat=True)) == ["1", "2"]


@pytest.mark.django_db(transaction=True)
def test_whatever_was_answered_200_is_committed_when_many_come_at_once(settings: Settings, notified: list[int]) -> None:
    settings.QUICKBOOKS_WEBHOOK_VERIFIER = VERIFIER
    integrations.from_settings()
    known, start = ConnectionFactory(), Barrier(8)

    def send(thread: int) -> list[int]:
        client, statuses = Client(), []
        try:
            start.wait(30)
            for number in range(10):
                key = VERIFIER if number % 5 else "forged"
                body = cloud(cloud_event(known.realm_id, str(number), id=f"{thread}-{number}"))
                headers = {"intuit-signature": signature(body, key)}
                answer = client.post("/quickbook/webhook", body, content_type="application/json", headers=headers)
                statuses.append(answer.status_code)
        finally:
            connections.close_all()
        return statuses

    with ThreadPoolExecutor(8) as pool:
        statuses = [status for answers in pool.map(send, range(8)) for status in answers]
    assert Counter(statuses) == {200: 64, 401: 16}
    stored = set(WebhookEvent.objects.values_list("event_id", flat=True))
    assert stored == {f"{thread}-{number}" for thread in range(8) for number in range(10) if number % 5}
    assert set(notified) == {known.pk}

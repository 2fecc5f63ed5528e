"""A broker that is away or silent holds whoever notifies up once, for a moment, and then not at all."""

import socket
import time
from collections.abc import Iterator

import pytest
from celery import current_app

from infactor.core import broker
from infactor.core.health import readiness
from infactor.core.tasks import heartbeat, send_emails

SILENCE_OF_A_WORKER = 30  # seconds that a worker's own connection waits for an answer


@pytest.fixture(params=["away", "silent"])
def redis(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Redis that refuses connections, or takes them and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "silent":
            listener.listen(50)
        monkeypatch.setattr(current_app.conf, "broker_url", f"redis://127.0.0.1:{listener.getsockname()[1]}/0")
        monkeypatch.setattr(current_app.conf, "broker_write_url", None)
        broker.resume()
        yield
        broker.resume()


@pytest.mark.usefixtures("redis")
def test_notifications_give_up_soon_and_then_pause() -> None:
    begin = time.monotonic()
    assert not broker.notify(send_emails)
    assert time.monotonic() - begin < SILENCE_OF_A_WORKER / 2
    begin = time.monotonic()
    assert [broker.notify(heartbeat) for _ in range(1000)] == [False] * 1000
    assert time.monotonic() - begin < SILENCE_OF_A_WORKER / 2


@pytest.mark.django_db
@pytest.mark.usefixtures("redis")
def test_readiness_names_the_broker() -> None:
    assert readiness._broker() == "The broker does not answer: work waits in the database until it does."

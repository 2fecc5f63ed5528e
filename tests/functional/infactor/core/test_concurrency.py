"""One thread of a web process is left for everybody else, whatever one person asks for at once."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import request_finished
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from infactor.core import concurrency
from quickbooks_app.views import webhook

ROOT = Path(__file__).resolve().parents[4]


def asked_by(account: str = "", *, address: str = "203.0.113.1") -> WSGIRequest:
    request = RequestFactory().get("/invoices/", REMOTE_ADDR=address)
    request.session = {"_auth_user_id": account} if account else {}  # type: ignore[assignment]
    return request


def refused(request: WSGIRequest, view: Callable[..., HttpResponse] = lambda request: HttpResponse()) -> bool:
    """Whether a request is refused in a thread of its own, which ends it at once."""
    answers = []

    def ask() -> None:
        answers.append(concurrency.LeaveAThread(lambda request: HttpResponse()).process_view(request, view, (), {}))
        request_finished.send(sender=None)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return answers[0] is not None


@contextmanager
def under_way(request: WSGIRequest) -> Iterator[None]:
    """A request that a thread works on until the block ends."""
    began, ends = threading.Event(), threading.Event()

    def work() -> None:
        concurrency.LeaveAThread(lambda request: HttpResponse()).process_view(request, lambda: HttpResponse(), (), {})
        began.set()
        ends.wait(30)
        request_finished.send(sender=None)

    thread = threading.Thread(target=work)
    thread.start()
    began.wait(30)
    try:
        yield
    finally:
        ends.set()
        thread.join()


@pytest.fixture(autouse=True)
def plain_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency, "too_many", lambda request, sentence: HttpResponse(sentence, status=429))


def test_a_person_with_many_requests_under_way_is_refused_and_others_are_not() -> None:
    with ExitStack() as stack:
        for number in range(concurrency.MAX_AT_ONCE):
            stack.enter_context(under_way(asked_by("7", address=f"203.0.113.{number}")))
        assert refused(asked_by("7"))
        assert not refused(asked_by("8"))
        assert not refused(asked_by())
    assert not refused(asked_by("7"))


def test_strangers_are_counted_by_their_real_address(settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def look(*, forged: str, real: str) -> WSGIRequest:
        request = asked_by()
        request.META["HTTP_X_FORWARDED_FOR"] = f"{forged}, {real}"
        return request

    with ExitStack() as stack:
        for number in range(concurrency.MAX_AT_ONCE):
            stack.enter_context(under_way(look(forged=f"198.51.100.{number}", real="203.0.113.5")))
        assert refused(look(forged="198.51.100.99", real="203.0.113.5"))
        assert not refused(look(forged="198.51.100.99", real="203.0.113.6"))


def test_webhooks_are_never_refused() -> None:
    with ExitStack() as stack:
        for _ in range(concurrency.MAX_AT_ONCE):
            stack.enter_context(under_way(asked_by()))
        assert refused(asked_by())
        assert not refused(asked_by(), webhook.receive)


@pytest.mark.django_db
def test_a_download_counts_until_it_ends(member: Client) -> None:
    answer = member.get("/invoices.csv")
    assert concurrency._places._taken.total() == 1
    list(answer)
    assert concurrency._places._taken.total() == 0


@pytest.mark.parametrize(
    "place", ["Procfile", "compose.yaml", "Dockerfile", "docs/operations/files/infactor-web.service"]
)
def test_every_place_leaves_threads_of_a_web_process_to_others(place: str) -> None:
    (threads,) = re.findall(r'--threads"?,? "?(\d+)', (ROOT / place).read_text())
    assert int(threads) >= concurrency.MAX_AT_ONCE + 3


@pytest.mark.django_db
def test_a_query_of_a_web_process_ends_after_half_a_minute() -> None:
    """A subprocess, since importing the WSGI application changes the environment."""
    code = (
        "from infactor import wsgi\nfrom django.db import connection\n"
        "with connection.cursor() as cursor:\n    print(cursor.execute('SHOW statement_timeout').fetchone()[0])"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "infactor.settings.local"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "30s"

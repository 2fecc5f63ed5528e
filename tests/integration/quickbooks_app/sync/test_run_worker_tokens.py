"""Tokens and grants that expire during an import run."""

from datetime import timedelta
from typing import Any

import pytest

from infactor.core.models import AuditEvent
from infactor.invoices.models import Buyer
from quickbooks_app import tasks
from quickbooks_app.api.client import QuickBooksClient
from quickbooks_app.auth import tokens
from quickbooks_app.errors import AuthorizationLost
from quickbooks_app.models import Connection, ImportRun
from quickbooks_app.sync.run_worker import SliceOutcome
from tests.support.factories.quickbooks import Clock
from tests.support.fakes.intuit_server import Intuit, Reply, refused
from tests.support.payloads import NOON, fault, gateway_fault
from tests.support.scenarios.imports import assert_whole, now_of, work, work_out

pytestmark = pytest.mark.django_db


class TestTokens:
    @pytest.fixture(autouse=True)
    def _only_good_tokens(self, intuit: Intuit) -> None:
        intuit.good_tokens = {"eyJ-access-0"}

    @pytest.mark.parametrize("place", [0, 1, 2, 3, 4])
    def test_a_token_that_ends_in_mid_run_is_refreshed_once_and_the_page_repeated(
        self, intuit: Intuit, run: ImportRun, place: int
    ) -> None:
        honest, calls = intuit._api, iter(range(100))

        def api(asked: Any) -> Reply:
            if next(calls) == place:
                intuit.good_tokens = set()
            return honest(asked)

        intuit._api = api  # type: ignore[method-assign]
        assert work(run) is SliceOutcome.DONE
        assert_whole(run)
        assert len(intuit.of("token")) == 1
        assert now_of(run).api_calls == len(intuit.of("api"))

    def test_a_fresh_token_that_is_not_taken_either_needs_the_supplier(self, intuit: Intuit, run: ImportRun) -> None:
        intuit.then("api", *[Reply(status=401, body=gateway_fault("3200"))] * 10)
        assert work(run) is SliceOutcome.DONE
        assert (len(intuit.of("api")), len(intuit.of("token"))) == (2, 1)
        self.assert_needs_attention(run)

    @pytest.mark.parametrize(
        "reply", [Reply(status=403, body=gateway_fault("3100")), Reply(status=400, body=fault("6190"))]
    )
    @pytest.mark.parametrize("place", [0, 2])
    def test_a_right_that_is_gone_needs_the_supplier(
        self, intuit: Intuit, run: ImportRun, reply: Reply, place: int
    ) -> None:
        honest, calls = intuit._api, iter(range(100))
        intuit._api = lambda asked: reply if next(calls) == place else honest(asked)  # type: ignore[method-assign]
        work(run)
        self.assert_needs_attention(run)
        if place == 2:
            assert Buyer.objects.count() == 2, "what was read before stays"

    def test_a_dead_grant_needs_the_supplier_and_nothing_more_is_called(self, intuit: Intuit, run: ImportRun) -> None:
        Connection.objects.update(access_token_expires_at=NOON)
        intuit.then("token", *[refused("invalid_grant")] * 5)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tokens, "INVALID_GRANT_GRACE", 0)
            work(run)
        self.assert_needs_attention(run)
        calls = len(intuit.asked)
        tasks.dispatch_due_runs()
        assert work(run) is SliceOutcome.NOT_CLAIMED
        assert len(intuit.asked) == calls == 2, "discovery and one refresh"

    def test_trouble_at_the_token_endpoint_is_waited_for(self, intuit: Intuit, run: ImportRun) -> None:
        Connection.objects.update(access_token_expires_at=NOON)
        intuit.then("token", Reply(status=500))
        assert work(run) is SliceOutcome.LATER
        assert work_out(run, clock=Clock(NOON + timedelta(minutes=10))).state == "succeeded"
        assert_whole(run)

    def test_a_reconnect_during_the_failure_keeps_its_new_grant_and_the_run(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def reconnect(*args: Any, **asked: Any) -> Any:
            Connection.objects.update(access_token="eyJ-new", refresh_token="RT1-new", connected_at=NOON)
            raise AuthorizationLost("QuickBooks no longer lets infactor read this company.", code="3100")

        with monkeypatch.context() as patch:
            patch.setattr(QuickBooksClient, "query", reconnect)
            assert work(run) is SliceOutcome.LATER
        row = Connection.objects.get()
        assert (row.status, row.access_token, row.refresh_token) == ("connected", "eyJ-new", "RT1-new")
        intuit.good_tokens = {"eyJ-new"}
        assert work(run) is SliceOutcome.DONE
        assert_whole(run)

    @staticmethod
    def assert_needs_attention(run: ImportRun) -> None:
        row = now_of(run)
        assert row.state == "failed"
        assert row.error
        held = row.connection
        assert held.status == Connection.Status.NEEDS_ATTENTION
        assert (held.access_token, held.refresh_token, held.next_sync_at) == ("", "", None)
        assert held.status_reason == row.error
        event = AuditEvent.objects.get(event="connection.status")
        assert event.details == {"from": "connected", "to": "needs_attention"}

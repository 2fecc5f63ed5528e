"""Fixtures for functional tests: signed-in clients of a supplier, and a QuickBooks company to connect."""

import copy
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from infactor.suppliers.models import Supplier
from infactor.users.models import User
from quickbooks_app.auth import tokens
from tests.support.database.module_rows import module_rows
from tests.support.factories.suppliers import EveryPermissionFactory, MembershipFactory
from tests.support.processes.sandbox_company import Company, serve
from tests.support.scenarios.lifecycle import Lifecycle, build


@pytest.fixture(autouse=True)
def _no_rate_limit_of_an_earlier_test() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _no_grace_for_a_refused_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the grace period: in these tests no other process could have refreshed the token."""
    monkeypatch.setattr(tokens, "INVALID_GRANT_GRACE", 0)


@pytest.fixture
def supplier(db: None) -> Supplier:
    return MembershipFactory(supplier__name="Larkspur Coffee Roasters").supplier


@pytest.fixture
def member(client: Client, supplier: Supplier) -> Client:
    """Django's client, signed in for `supplier`."""
    client.force_login(supplier.members.get())
    return client


@pytest.fixture
def staff(db: None) -> User:
    return EveryPermissionFactory()


@pytest.fixture(scope="module")
def _lifecycle(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Lifecycle]:
    with module_rows(lambda: build(now=timezone.now()), django_db_blocker) as made:
        yield made


@pytest.fixture
def lifecycle(_lifecycle: Lifecycle, db: None, client: Client) -> Lifecycle:
    """A supplier with an invoice at every stage; its owner is signed in."""
    made = copy.deepcopy(_lifecycle)
    client.force_login(made.scenario.owner)
    return made


@pytest.fixture(scope="session")
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with serve(tmp_path_factory.mktemp("sandbox")) as company:
        yield company


@pytest.fixture
def company(_sandbox: Company, settings: Settings) -> Company:
    """The sandbox, with the faults of the previous test switched off."""
    settings.SANDBOX_PORT = _sandbox.port
    _sandbox.well()
    return _sandbox

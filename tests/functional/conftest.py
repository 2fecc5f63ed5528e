"""Someone signed in for a supplier of their own."""

import pytest
from django.core.cache import cache
from django.test import Client

from infactor.suppliers.models import Supplier
from infactor.users.models import User
from tests.factories import MembershipFactory, UserFactory


@pytest.fixture(autouse=True)
def _no_rate_limit_of_an_earlier_test() -> None:
    cache.clear()


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
    return UserFactory(is_staff=True, is_superuser=True)

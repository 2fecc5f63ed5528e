"""Fixtures of the books console: the company of the sync tests, and a member of staff who is signed in."""

import pytest
from django.test import Client

from infactor.users.models import User
from tests.functional.quickbooks_app.sync.conftest import (  # noqa: F401  fixtures
    company,
    connection,
    seeded,
)


@pytest.fixture
def underwriter(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client

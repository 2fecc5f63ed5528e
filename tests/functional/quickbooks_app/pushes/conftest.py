"""Fixtures for pushes: the imported company of the sync tests, whose supplier allows writes, and staff signed in."""

import pytest
from django.test import Client

from infactor.users.models import User
from quickbooks_app.models import Connection
from tests.functional.quickbooks_app.sync.conftest import (  # noqa: F401  fixtures
    Company,
    company,
    imported,
    module_import,
    prepare,
    seeded,
)


@pytest.fixture
def writable(imported: Connection, company: Company) -> Connection:  # noqa: F811
    Connection.objects.update(writes_allowed_at=company.clock())
    return Connection.objects.select_related("company_file", "supplier").get(pk=imported.pk)


@pytest.fixture
def staff_client(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client

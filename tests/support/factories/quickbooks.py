"""Factories of connections and import runs, and a movable clock."""

from datetime import datetime, timedelta

import factory
from factory.django import DjangoModelFactory

from infactor.core.keys import fingerprint
from quickbooks_app.models import Connection, ImportRun
from tests.support.factories.suppliers import CompanyFileFactory, UserFactory
from tests.support.payloads import NOON

REALM = "9341450000000001"


class Clock:
    """A clock that moves only when told, or by `step` each time it is read."""

    def __init__(self, at: datetime = NOON, *, step: timedelta = timedelta(0)) -> None:
        self.at, self.step = at, step

    def __call__(self) -> datetime:
        now = self.at
        self.at += self.step
        return now

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)


class ConnectionFactory(DjangoModelFactory):
    class Meta:
        model = Connection

    company_file = factory.SubFactory(CompanyFileFactory)
    supplier = factory.SelfAttribute("company_file.supplier")
    environment = "local"
    realm_id = factory.Sequence(lambda n: str(int(REALM) + n))
    realm_fingerprint = factory.LazyAttribute(lambda c: fingerprint("realm", c.environment, c.realm_id))
    company_name = factory.SelfAttribute("company_file.name")
    connected_by = factory.SubFactory(UserFactory)
    connected_at = NOON - timedelta(days=1)
    access_token = "eyJ-access-0"
    access_token_expires_at = NOON + timedelta(days=30)
    refresh_token = "RT1-refresh-0"
    refresh_token_expires_at = NOON + timedelta(days=100)


class RunFactory(DjangoModelFactory):
    class Meta:
        model = ImportRun

    connection = factory.SubFactory(ConnectionFactory)
    kind = ImportRun.Kind.FULL

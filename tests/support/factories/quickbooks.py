"""Factories of connections, documents and import runs, and a movable clock."""

from datetime import datetime, timedelta

import factory
from factory.django import DjangoModelFactory

from infactor.core.keys import fingerprint
from infactor.users.models import User
from quickbooks_app.auth import integrations
from quickbooks_app.documents import payloads
from quickbooks_app.models import Connection, Document, ImportRun
from tests.support.factories.suppliers import CompanyFileFactory, MembershipFactory, UserFactory
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
    integration = factory.LazyFunction(integrations.from_settings)
    environment = factory.SelfAttribute("integration.environment")
    realm_id = factory.Sequence(lambda n: str(int(REALM) + n))
    realm_fingerprint = factory.LazyAttribute(lambda c: fingerprint("realm", c.environment, c.realm_id))
    company_name = factory.SelfAttribute("company_file.name")
    connected_by = factory.SubFactory(UserFactory)
    connected_at = NOON - timedelta(days=1)
    access_token = "eyJ-access-0"
    access_token_expires_at = NOON + timedelta(days=30)
    refresh_token = "RT1-refresh-0"
    refresh_token_expires_at = NOON + timedelta(days=100)


def create_document(
    *, connection: Connection, entity: str = "Invoice", qbk_id: str = "1", raw: bytes = b"{}", at: datetime = NOON
) -> Document:
    """A document as an import stores it."""
    packer = payloads.packer()
    document: Document = Document.objects.create(
        connection=connection,
        entity=entity,
        qbk_id=qbk_id,
        digest=payloads.digest_of(raw),
        payload=packer.pack(raw),
        dictionary_id=packer.dictionary_id,
        fetched_at=at,
    )
    return document


def owner_of(connection: Connection) -> User:
    """Who has connected it, as an owner of its supplier: only an owner may disconnect."""
    owner: User = MembershipFactory(supplier=connection.supplier, user=connection.connected_by).user
    return owner


class RunFactory(DjangoModelFactory):
    class Meta:
        model = ImportRun

    connection = factory.SubFactory(ConnectionFactory)
    kind = ImportRun.Kind.FULL

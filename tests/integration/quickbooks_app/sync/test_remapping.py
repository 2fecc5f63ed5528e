"""A changed mapping reaches the stored invoices from the raw store alone, once, whatever happens on the way."""

import pytest
from django.db import IntegrityError, transaction

from infactor.core.models import AuditEvent
from infactor.invoices.models import Invoice, InvoiceChange
from infactor.users.models import User
from quickbooks_app.api.keyset_pagination import FetchedObject
from quickbooks_app.mapping import versions
from quickbooks_app.mapping.overrides import TABLE, InvalidOverride, Override
from quickbooks_app.models import Connection, Document, Integration, MappingVersion, Remapping
from quickbooks_app.sync import remapping
from quickbooks_app.sync.apply_page import apply_page
from tests.support.factories.integrations import IntegrationFactory, OwnAppFactory
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import SupplierFactory, UserFactory
from tests.support.payloads import NOON, customer, invoice

pytestmark = pytest.mark.django_db
CREW = Override("invoice_no", "CustomField.1")


@pytest.fixture
def staff() -> User:
    return UserFactory(is_staff=True)


@pytest.fixture
def connection() -> Connection:
    return ConnectionFactory()


def apply(connection: Connection, *raws: bytes, entity: str = "Invoice") -> None:
    apply_page(connection=connection, entity=entity, objects=[FetchedObject.from_bytes(raw) for raw in raws], at=NOON)


def save(connection: Connection, staff: User, *overrides: Override) -> MappingVersion:
    return versions.save_version(owner=connection, overrides=overrides, reason="As agreed.", by=staff, at=NOON)


def map_all(connection: Connection) -> None:
    while remapping.map_again(connection_id=connection.pk, at=NOON):
        pass


def numbers() -> list[str]:
    return list(Invoice.objects.order_by("qbk_invoice_id").values_list("invoice_no", flat=True))


def test_stored_invoices_change_without_a_call_and_their_history_says_so(connection: Connection, staff: User) -> None:
    apply(connection, invoice("1"), invoice("2", CustomField=[]))
    save(connection, staff, CREW)
    assert numbers() == ["1037", "1037"], "the mapping is applied by a worker"
    assert remapping.unfinished(at=NOON) == [connection.pk]
    map_all(connection)
    assert numbers() == ["102", "1037"]
    (change,) = InvoiceChange.objects.filter(invoice__qbk_invoice_id="1")
    assert change.changes == [{"field": "invoice_no", "from": "1037", "to": "102"}]
    assert remapping.unfinished(at=NOON) == []
    done = Remapping.objects.get()
    assert (done.mapped, done.changed) == (2, 1)
    event = AuditEvent.objects.get(event="quickbooks.mapping_changed")
    assert (event.actor, event.reason) == (staff, "As agreed.")
    assert event.details == {"version": 1, "fields": {"invoice_no": "CustomField.1"}}


def test_invoices_that_arrive_later_are_read_by_the_new_mapping(connection: Connection, staff: User) -> None:
    save(connection, staff, CREW)
    apply(connection, invoice("1"))
    apply(ConnectionFactory(), invoice("2"))
    assert numbers() == ["102", "1037"], "the other company's mapping is its own"


def test_a_worker_that_dies_half_way_leaves_the_rest_to_the_next(
    connection: Connection, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(connection, *(invoice(str(number)) for number in range(1, 4)))
    monkeypatch.setattr(remapping, "BATCH_SIZE", 1)
    save(connection, staff, CREW)
    assert remapping.map_again(connection_id=connection.pk, at=NOON)
    assert numbers() == ["102", "1037", "1037"]
    assert remapping.unfinished(at=NOON) == [], "a worker maps it"
    assert remapping.unfinished(at=NOON + remapping.LOST_AFTER) == [connection.pk]
    map_all(connection)
    assert numbers() == ["102"] * 3
    assert not remapping.map_again(connection_id=connection.pk, at=NOON), "a second message does nothing"


def test_a_later_version_starts_from_the_first_invoice_again(
    connection: Connection, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(connection, invoice("1"), invoice("2"))
    monkeypatch.setattr(remapping, "BATCH_SIZE", 1)
    save(connection, staff, CREW)
    remapping.map_again(connection_id=connection.pk, at=NOON)
    save(connection, staff)
    map_all(connection)
    assert numbers() == ["1037", "1037"]
    assert [one.number for one in connection.mapping_versions.all()] == [2, 1]


def test_a_deleted_invoice_and_a_document_that_cannot_be_read_stay_as_they_are(
    connection: Connection, staff: User
) -> None:
    apply(connection, invoice("1"), invoice("2"), invoice("3"))
    Document.objects.filter(qbk_id="1").update(deleted_at=NOON)
    Document.objects.filter(qbk_id="2").update(digest=b"0" * 16)
    save(connection, staff, CREW)
    map_all(connection)
    assert numbers() == ["1037", "1037", "102"]


def test_saving_what_already_counts_is_refused(connection: Connection, staff: User) -> None:
    for overrides in ([], [CREW]):
        if overrides:
            save(connection, staff, *overrides)
        with pytest.raises(InvalidOverride, match="Nothing would change"):
            save(connection, staff, *overrides)


def test_a_new_address_or_name_of_the_customer_leaves_what_the_mapping_took_elsewhere(
    connection: Connection, staff: User
) -> None:
    save(
        connection,
        staff,
        Override("buyer_email", "BillEmailCc.Address"),
        Override("contact_name", constant="Accounts payable"),
    )
    apply(connection, customer("24", DisplayName="Acme"), entity="Customer")
    of_customer = {"CustomerRef": {"value": "24", "name": "Acme"}}
    apply(connection, invoice("1", BillEmail=None, BillEmailCc={"Address": "books@acme.example"}, **of_customer))
    renamed = customer(
        "24",
        DisplayName="Acme Ltd",
        FullyQualifiedName="Acme Ltd",
        SyncToken="9",
        PrimaryEmailAddr={"Address": "new@acme.example"},
    )
    apply(connection, renamed, entity="Customer")
    found = Invoice.objects.get()
    assert (found.company_name, found.contact_name) == ("Acme Ltd", "Accounts payable")
    assert found.buyer_email == "books@acme.example"


@pytest.fixture
def integration() -> Integration:
    return IntegrationFactory()


def of(integration: Integration) -> Connection:
    made: Connection = ConnectionFactory(integration=integration)
    return made


def test_an_integrations_mapping_counts_for_all_its_companies_and_a_companys_own_wins(
    integration: Integration, staff: User
) -> None:
    first, second, other = of(integration), of(integration), ConnectionFactory()
    for number, one in enumerate((first, second, other), start=1):
        apply(one, invoice(str(number), CustomerMemo=None))
    save_of(integration, staff, CREW, Override("sales_term", constant="Net 30"))
    save(second, staff, Override("invoice_no", "TxnDate"))
    for one in (first, second, other):
        map_all(one)
    assert numbers() == ["102", "2026-04-08", "1037"]
    terms = list(Invoice.objects.order_by("qbk_invoice_id").values_list("sales_term", flat=True))
    assert terms[:2] == ["Net 30"] * 2, "what the company does not change, it has from the integration"
    assert Remapping.objects.filter(connection=other).count() == 0


def test_a_company_goes_back_to_the_mapping_table_where_its_integration_changes_it(
    integration: Integration, staff: User
) -> None:
    connection = of(integration)
    save_of(integration, staff, CREW)
    save(connection, staff, Override("invoice_no", TABLE))
    apply(connection, invoice("1"))
    assert numbers() == ["1037"]
    with pytest.raises(InvalidOverride, match="Only a company"):
        save_of(integration, staff, Override("invoice_no", TABLE))


def test_the_app_that_a_supplier_brought_has_the_mapping_of_its_integration(
    integration: Integration, staff: User
) -> None:
    own = OwnAppFactory(parent=integration, supplier=SupplierFactory())
    connection: Connection = ConnectionFactory(integration=own, company_file__supplier=own.supplier)
    save_of(integration, staff, CREW, Override("sales_term", constant="Net 30"))
    save_of(own, staff, Override("sales_term", constant="Net 60"))
    assert versions.current_overrides(connection) == (CREW, Override("sales_term", constant="Net 60"))
    assert Remapping.objects.filter(connection=connection, finished_at=None).exists()


def test_companies_of_an_integration_take_turns_and_a_new_version_starts_each_anew(
    integration: Integration, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remapping, "BATCH_SIZE", 1)
    first, second = of(integration), of(integration)
    apply(first, invoice("1"), invoice("2"))
    apply(second, invoice("3"))
    save_of(integration, staff, CREW)
    remapping.map_again(connection_id=first.pk, at=NOON)
    remapping.map_again(connection_id=second.pk, at=NOON)
    assert numbers() == ["102", "1037", "102"]
    save_of(integration, staff)
    assert set(Remapping.objects.values_list("next_document", "worked_at", "finished_at")) == {(0, None, None)}
    map_all(first)
    map_all(second)
    assert numbers() == ["1037"] * 3
    assert [one.number for one in integration.mapping_versions.all()] == [2, 1]


def test_a_version_is_of_one_company_or_of_one_integration(
    connection: Connection, integration: Integration, staff: User
) -> None:
    for owners in ({}, {"connection": connection, "integration": integration}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MappingVersion.objects.create(number=1, reason="x", created_by=staff, created_at=NOON, **owners)


def save_of(integration: Integration, staff: User, *overrides: Override) -> MappingVersion:
    return versions.save_version(owner=integration, overrides=overrides, reason="As agreed.", by=staff, at=NOON)

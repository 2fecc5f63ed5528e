"""An owner exports all data of the company: whole, nobody else's, and nothing that is staff's."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.dashboard.models import DataExport
from infactor.dashboard.tasks import prepare_data_export, prepare_waiting_exports
from infactor.documents import storage
from infactor.documents.models import Kind
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from tests.support.factories.suppliers import (
    PASSWORD,
    BuyerFactory,
    EveryPermissionFactory,
    InvoiceFactory,
    MembershipFactory,
    SupplierFactory,
    approve_directly,
)

pytestmark = pytest.mark.django_db
DATA = "/settings/data/"


@pytest.fixture
def owner(supplier: Supplier) -> User:
    return supplier.members.get()


@pytest.fixture
def boss(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def test_the_zip_has_all_of_this_company_and_nothing_of_another(boss: Client, supplier: Supplier) -> None:
    approve_directly(supplier)
    ours = InvoiceFactory(buyer=BuyerFactory(company_file__supplier=supplier), supplier=supplier, invoice_no="OURS-1")
    for sender in ({"by": None, "sent_by": "ap@buyer.example"}, {"by": EveryPermissionFactory()}):
        name = "note.csv" if sender["by"] is None else "staff.csv"
        file = storage.File(name, b"number,amount\nCN-1,80.00\n")
        storage.receive(subject=ours, kind=Kind.CREDIT_NOTE, file=file, at=timezone.now(), **sender)
    other = SupplierFactory(name="Other Company")
    InvoiceFactory(buyer=BuyerFactory(company_file__supplier=other), supplier=other, invoice_no="THEIRS-1")
    boss.post(f"{DATA}request")
    made = DataExport.objects.get()
    prepare_data_export(made.pk)
    prepare_data_export(made.pk)  # a second run changes nothing
    assert "Ready" in boss.get(DATA).content.decode()
    answer = boss.get(f"{DATA}{made.public_id}.zip")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    names = set(archive.namelist())
    assert {"README.txt", "data.json", "invoices.csv", "statement.csv"} <= names
    assert [name for name in names if "note.csv" in name], "what the buyer sent"
    assert not [name for name in names if "staff.csv" in name]
    text = "".join(archive.read(name).decode() for name in names)
    assert "OURS-1" in text
    assert "THEIRS-1" not in text
    assert "Other Company" not in text
    tables = json.loads(archive.read("data.json"))["tables"]
    assert tables["suppliers.Application"]["rows"][0]["legal_name"] == f"{supplier.name} LLC"
    assert "suppliers.Check" not in tables
    events = AuditEvent.objects.filter(event__startswith="dataexport.", supplier_id=supplier.pk)
    assert set(events.values_list("event", flat=True)) == {
        "dataexport.requested",
        "dataexport.written",
        "dataexport.downloaded",
    }


def test_only_an_owner_with_a_fresh_password_gets_it_and_only_the_one_who_asked(
    boss: Client, supplier: Supplier, owner: User
) -> None:
    boss.post(f"{DATA}request")
    made = DataExport.objects.get()
    prepare_data_export(made.pk)
    address = f"{DATA}{made.public_id}.zip"
    stale = Client()
    stale.force_login(owner)
    assert stale.get(address)["Location"].startswith(reverse("account_reauthenticate"))
    for role, status in (("owner", 404), ("finance", 403), ("reader", 403)):
        person = Client()
        person.force_login(MembershipFactory(supplier=supplier, role=role).user)
        person.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        assert person.get(address).status_code == status


def test_it_is_deleted_after_a_day(boss: Client) -> None:
    boss.post(f"{DATA}request")
    DataExport.objects.update(asked_at=timezone.now() - timedelta(days=1))
    prepare_waiting_exports()
    assert not DataExport.objects.exists()

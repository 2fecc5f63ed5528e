"""A document is kept as it came, encrypted; replaced by versions; deleted with a reason; and read by who may."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from infactor.core import encrypted_rows
from infactor.core.models import AuditEvent
from infactor.core.privacy import erasure, export, registry
from infactor.documents import storage
from infactor.documents.models import Document, Kind, Piece
from infactor.documents.storage import CannotKeep, File
from infactor.invoices.models import Invoice
from infactor.suppliers import checks, supplier_documents
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User
from tests.support.factories.suppliers import InvoiceFactory, MembershipFactory
from tests.support.files import PDF, png
from tests.support.scenarios import onboarding
from tests.support.scenarios.onboarding import AT

pytestmark = pytest.mark.django_db
LARGE = png() + bytes(range(256)) * 2600 + b"IEND\xaeB`\x82"  # three pieces


@pytest.fixture
def supplier() -> Supplier:
    return MembershipFactory(supplier__name="Larkspur").supplier


@pytest.fixture
def underwriter() -> User:
    return onboarding.staff_member(roles.UNDERWRITER)


def add(supplier: Supplier, by: User, kind: Kind = Kind.IDENTITY, data: bytes = LARGE) -> Document:
    file = File("passport.png", data)
    return storage.add(subject=supplier, kind=kind, file=file, note="Robin Larkspur", by=by, at=AT)


def test_a_document_is_read_as_it_came_and_stored_as_nobody_can_read_it(supplier: Supplier, underwriter: User) -> None:
    document = add(supplier, underwriter)
    assert (document.size, document.media_type, document.version) == (len(LARGE), "image/png", 1)
    assert storage.read(document=document) == LARGE
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM documents_piece ORDER BY place")
        stored = [data for (data,) in cursor.fetchall()]
    assert len(stored) == 3
    assert all(data.startswith("1.") for data in stored)
    assert AuditEvent.objects.filter(event="document.added", supplier_id=supplier.pk).count() == 1
    list(encrypted_rows.rotate())
    assert storage.read(document=document) == LARGE
    assert encrypted_rows.check_keys().problems == {}


def test_bytes_that_were_changed_or_swapped_are_not_handed_out(supplier: Supplier, underwriter: User) -> None:
    document = add(supplier, underwriter)
    first = Piece.objects.filter(document=document).order_by("place").first()
    assert first is not None
    Piece.objects.filter(pk=first.pk).update(data="c29tZXRoaW5nIGVsc2U=")
    with pytest.raises(storage.DamagedDocument):
        storage.read(document=document)


def test_the_database_changes_no_document_and_loses_none(supplier: Supplier, underwriter: User) -> None:
    document = add(supplier, underwriter)
    for change in (
        lambda: Document.objects.filter(pk=document.pk).update(sha256="0" * 64),
        lambda: Document.objects.filter(pk=document.pk).update(kind=Kind.OTHER),
        lambda: Piece.objects.filter(document=document).update(place=9),
        lambda: Piece.objects.filter(document=document).delete(),
        lambda: Document.objects.filter(pk=document.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
    assert storage.read(document=document) == LARGE


def test_a_new_version_takes_the_place_of_the_old_one_which_stays(supplier: Supplier, underwriter: User) -> None:
    first = add(supplier, underwriter)
    second = storage.replace(document=first, file=File("new.pdf", PDF), by=underwriter, at=AT + timedelta(days=1))
    assert (second.version, second.kind, second.replaces) == (2, Kind.IDENTITY, first)
    assert list(storage.newest(supplier)) == [second]
    assert storage.read(document=first) == LARGE
    with pytest.raises(CannotKeep, match="Somebody has replaced this version already"):
        storage.replace(document=first, file=File("other.pdf", PDF), by=underwriter, at=AT)


def test_a_deletion_needs_a_reason_and_drops_the_bytes_alone(supplier: Supplier, underwriter: User) -> None:
    document = add(supplier, underwriter)
    storage.delete(document=document, reason="Sent by mistake", by=underwriter, at=AT)
    document.refresh_from_db()
    assert (document.deleted_by, document.deletion_reason) == (underwriter, "Sent by mistake")
    assert not Piece.objects.exists()
    assert not storage.newest(supplier).exists()
    with pytest.raises(CannotKeep, match="deleted this document already"):
        storage.delete(document=document, reason="Once more", by=underwriter, at=AT)


def test_what_a_check_rests_on_is_not_deleted(supplier: Supplier, underwriter: User) -> None:
    document = add(supplier, underwriter)
    details = checks.CheckDetails("identity", "passed", AT.date(), AT.date() + timedelta(days=365), document=document)
    checks.record(supplier=supplier, details=details, by=underwriter, at=AT)
    with pytest.raises(CannotKeep, match="An onboarding check rests on this document"):
        storage.delete(document=document, reason="Not needed", by=underwriter, at=AT)


def test_kinds_and_roles_limit_what_is_added(supplier: Supplier, underwriter: User) -> None:
    invoice: Invoice = InvoiceFactory()
    with pytest.raises(CannotKeep, match="no documents of this kind"):
        storage.add(subject=invoice, kind=Kind.IDENTITY, file=File("a.pdf", PDF), by=underwriter, at=AT)
    delivery = storage.add(subject=invoice, kind=Kind.DELIVERY, file=File("a.pdf", PDF), by=underwriter, at=AT)
    assert delivery.supplier_id == invoice.supplier_id
    with pytest.raises(roles.NotAllowed):
        add(supplier, onboarding.staff_member(roles.OPERATIONS))
    for by in (onboarding.staff_member(roles.READ_ONLY), onboarding.owner_of(supplier)):
        with pytest.raises(roles.NotAllowed):
            add(supplier, by, Kind.OTHER)


def test_an_owner_uploads_what_is_asked_for_and_only_to_its_own_company(supplier: Supplier) -> None:
    owner, other = onboarding.owner_of(supplier), MembershipFactory().supplier

    def upload(to: Supplier, kind: Kind) -> Document:
        file = File("paper.pdf", PDF)
        return supplier_documents.upload(supplier=to, kind=kind, file=file, note="", by=owner, at=AT)

    with pytest.raises(roles.NotAllowed):
        upload(other, Kind.REGISTRATION)
    with pytest.raises(CannotKeep, match="Choose from the list"):
        upload(supplier, Kind.AGREEMENT)
    assert upload(supplier, Kind.REGISTRATION).version == 1
    assert upload(supplier, Kind.REGISTRATION).version == 2
    assert [upload(supplier, Kind.IDENTITY).version for _ in range(2)] == [1, 1]
    for number in range(4, supplier_documents.MAX_DOCUMENTS):
        assert number
        upload(supplier, Kind.IDENTITY)
    with pytest.raises(CannotKeep, match="very many documents"):
        upload(supplier, Kind.IDENTITY)


def test_a_copy_of_a_suppliers_data_holds_its_files_and_an_erasure_drops_them(
    supplier: Supplier, underwriter: User
) -> None:
    document = add(supplier, underwriter)
    (subject,) = registry.find_subjects(kind="supplier", key=str(supplier.public_id))
    copy = export.export(subject=subject, by=underwriter, at=AT)
    assert "passport.png" in copy
    assert "iVBORw0KGgo" in copy  # the first bytes of the picture, in Base64
    report = erasure.erase(subject=subject, by=underwriter, at=AT, reason="Request 7")
    assert report.deleted["documents.Piece"] == 3
    document.refresh_from_db()
    assert (document.name, document.note) == ("(erased)", "")
    assert not Piece.objects.exists()

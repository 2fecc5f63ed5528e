"""Personal data in documents: the files themselves, their names and notes."""

from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from infactor.core.privacy.declarations import (
    BUYER,
    ERASED,
    OWNER,
    PERSON,
    SUPPLIER,
    Delete,
    Ground,
    Overwrite,
    Scrub,
    Subject,
    Table,
)
from infactor.documents import subjects
from infactor.documents.models import Kind

RECORDS = "RETENTION_RECORDS_DAYS (ten years) after the last advance ended, or until staff delete it with a reason"
TEXTS = ("name", "note", "deletion_reason", "sent_by")


def _erased_if_any(name: str) -> Any:
    return lambda row: ERASED if getattr(row, name) else ""


ERASURE = Overwrite(
    {
        "name": ERASED,
        "note": "",
        "deletion_reason": _erased_if_any("deletion_reason"),
        "sent_by": _erased_if_any("sent_by"),
    }
)


def about_buyer(subject: Subject, *, prefix: str = "") -> Q:
    """The documents about a buyer and its invoices, as each app says what leads to a buyer."""
    found = Q(pk__in=[])
    for label, registered in subjects.registered().items():
        if registered.buyers:
            model = apps.get_model(label)
            ours = reduce(or_, (Q(**{lookup: subject.row.pk}) for lookup in registered.buyers))
            ids = model._base_manager.filter(ours).values("pk")
            content_type = ContentType.objects.get_for_model(model)
            found |= Q(**{f"{prefix}content_type": content_type, f"{prefix}object_id__in": ids})
    return found


def pieces_about_buyer(subject: Subject) -> Q:
    """Their bytes."""
    return about_buyer(subject, prefix="document__")


def identity_of_owner(subject: Subject) -> Q:
    """The bytes of proofs of identity whose note names an owner."""
    named = reduce(or_, (Q(document__note__icontains=name) for name in subject.names), Q(pk__in=[]))
    return named & Q(document__kind=Kind.IDENTITY, document__supplier_id__in=subject.supplier_ids)


TABLES = (
    Table(
        model="documents.Piece",
        purpose="the bytes of documents about suppliers, buyers, invoices and advances, encrypted",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=("data",),
        other=("place",),
        paths={SUPPLIER: ("document__supplier_id",), BUYER: pieces_about_buyer, OWNER: identity_of_owner},
        evidence="document__supplier_id",
        on_erasure={SUPPLIER: Delete(), BUYER: Delete(), OWNER: Delete()},
    ),
    Table(
        model="documents.Document",
        purpose="which documents were given, by whom, and what they prove",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=TEXTS,
        other=("media_type", "sha256"),
        paths={SUPPLIER: ("supplier_id",), BUYER: about_buyer, PERSON: ("uploaded_by",)},
        mentions=TEXTS,
        scope="supplier_id",
        evidence="supplier_id",
        on_erasure={SUPPLIER: ERASURE, BUYER: ERASURE, OWNER: Scrub(TEXTS), PERSON: Scrub(TEXTS)},
    ),
)

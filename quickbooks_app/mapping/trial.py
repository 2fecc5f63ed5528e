"""Tries a changed mapping on stored documents: present and new values side by side. Nothing is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from infactor.core.compression import UnreadableValue
from infactor.invoices.ingest import upserts
from quickbooks_app.documents import payloads
from quickbooks_app.mapping import overrides as mapping_overrides
from quickbooks_app.mapping.invoices import MappedRecord, map_invoice
from quickbooks_app.mapping.overrides import CUSTOM_PREFIX, Override
from quickbooks_app.models import Connection, Document

MAX_TRIED = 200  # the newest documents of a company
MAX_SHOWN = 40  # values
LIVE_ENVIRONMENT = "production"  # every other one holds test companies


@dataclass(frozen=True)
class TriedValue:
    """A field of one invoice: its present value, its new one, and what is wrong with the new one."""

    company: str
    invoice: str
    field: str
    present: str
    new: str
    problem: str

    @property
    def differs(self) -> bool:
        return self.present != self.new


@dataclass(frozen=True)
class Trial:
    """The result: the number of documents tried, of those that would change, and their values."""

    tried: int
    changed: int
    values: Sequence[TriedValue]

    def shown(self) -> list[TriedValue]:
        """The first values, those that differ before the others."""
        return sorted(self.values, key=lambda one: not one.differs)[:MAX_SHOWN]


def newest_documents(connection: Connection, *, limit: int = MAX_TRIED) -> list[Document]:
    """The newest invoices of a company."""
    found = Document.objects.filter(connection=connection, entity="Invoice", deleted_at=None).order_by("-pk")
    return list(found.select_related("connection__company_file", "connection__supplier")[:limit])


def documents_of_test_company(*, but: Connection | None) -> list[Document]:
    """The newest invoices of the test company that was connected last, such as the sandbox; empty if there is none."""
    found = Connection.objects.exclude(environment=LIVE_ENVIRONMENT)
    if but is not None:
        found = found.exclude(pk=but.pk)
    connection = found.filter(status=Connection.Status.CONNECTED).order_by("-connected_at").first()
    return newest_documents(connection, limit=MAX_TRIED) if connection else []


def custom_fields(documents: Sequence[Document], overrides: Sequence[Override]) -> dict[str, str]:
    """The custom fields that these documents have or an override reads: `{DefinitionId: name}`."""
    found = {one.path.removeprefix(CUSTOM_PREFIX): "" for one in overrides if one.path.startswith(CUSTOM_PREFIX)}
    for document in documents:
        try:
            found |= mapping_overrides.custom_fields(payloads.read(document))
        except UnreadableValue:
            continue
    return dict(sorted(found.items()))


def try_overrides(*, documents: Sequence[Document], present: Sequence[Override], new: Sequence[Override]) -> Trial:
    """Map `documents` by both mappings. Only fields that one of them changes are compared."""
    fields = list(dict.fromkeys(one.field for one in (*new, *present)))
    paths = {one.field: one.path for one in new}
    values: list[TriedValue] = []
    tried, changed = 0, 0
    emails = _customer_emails(documents)
    for document in documents:
        was, now = _map(document, present, emails=emails), _map(document, new, emails=emails)
        if was is None or now is None:
            continue
        tried += 1
        found = [_value(document, field, was=was, now=now, paths=paths) for field in fields]
        changed += any(one.differs for one in found)
        values += found
    return Trial(tried, changed, values)


def _customer_emails(documents: Sequence[Document]) -> Mapping[str, str]:
    """The addresses of the customers of these documents, which are of one company."""
    mapped = [_map(one, (), emails={}) for one in documents]
    references = sorted({one.record.customer_reference for one in mapped if one is not None})
    file = documents[0].connection.company_file if documents else None
    return upserts.emails_by_reference(company_file=file, references=references) if file else {}


def _map(document: Document, overrides: Sequence[Override], *, emails: Mapping[str, str]) -> MappedRecord | None:
    """The document mapped, None where its bytes cannot be read."""
    connection = document.connection
    try:
        return map_invoice(
            payloads.read(document),
            customer_emails=emails,
            home_currency=connection.company_file.home_currency,
            overrides=overrides,
            time_zone=connection.supplier.zone if overrides else UTC,
        )
    except (UnreadableValue, msgspec.DecodeError):
        return None


def _value(
    document: Document, field: str, *, was: MappedRecord, now: MappedRecord, paths: Mapping[str, str]
) -> TriedValue:
    problems = [issue.message for issue in now.issues if issue.field == paths.get(field) and issue not in was.issues]
    return TriedValue(
        company=document.connection.company_name,
        invoice=was.record.invoice_no or was.record.qbk_invoice_id,
        field=field,
        present=_as_text(getattr(was.record, field)),
        new=_as_text(getattr(now.record, field)),
        problem=" ".join(problems),
    )


def _as_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return "" if value is None else str(value)

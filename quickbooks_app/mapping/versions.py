"""The mapping of one company: the version that counts, and saving another one."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import transaction

from infactor.core import audit
from infactor.invoices.models import CompanyFile
from infactor.users.models import User
from quickbooks_app.mapping.overrides import InvalidOverride, Override, parse_overrides, validate_overrides
from quickbooks_app.models import Connection, MappingVersion, Remapping

UNCHANGED = "Nothing would change."


def current_version(connection: Connection) -> MappingVersion | None:
    """The version that counts, None where only the mapping table does."""
    return MappingVersion.objects.filter(connection=connection).order_by("-number").first()


def current_overrides(connection: Connection) -> tuple[Override, ...]:
    """The overrides that count. Read below the lock of the company file, they hold until the transaction ends."""
    version = current_version(connection)
    return parse_overrides(version.overrides) if version else ()


def save_version(
    *, connection: Connection, overrides: Sequence[Override], reason: str, by: User, at: datetime
) -> MappingVersion:
    """Save `overrides` as the next version, and ask for all stored invoices to be mapped again.

    Raises InvalidOverride where a field cannot be read from there, or nothing would change. A page that is being
    applied holds the lock of the company file: it is mapped either by the old version and once more, or by the new.
    """
    validate_overrides(overrides)
    with transaction.atomic():
        CompanyFile.objects.select_for_update(no_key=True).get(pk=connection.company_file_id)
        last = current_version(connection)
        if tuple(overrides) == (parse_overrides(last.overrides) if last else ()):
            raise InvalidOverride(UNCHANGED)
        version = MappingVersion.objects.create(
            connection=connection,
            number=last.number + 1 if last else 1,
            overrides=[msgspec.to_builtins(one) for one in overrides],
            reason=reason,
            created_by=by,
            created_at=at,
        )
        Remapping.objects.update_or_create(
            connection=connection,
            defaults={"next_document": 0, "mapped": 0, "changed": 0, "requested_at": at, "finished_at": None},
        )
        audit.record(
            event="quickbooks.mapping_changed",
            subject=connection,
            by=by,
            at=at,
            supplier_id=connection.supplier_id,
            reason=reason,
            details={"version": version.number, "fields": {one.field: one.in_words() for one in overrides}},
        )
    return version

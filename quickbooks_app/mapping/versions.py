"""The mapping of a company: the versions that count, of its integration and its own, and saving another one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.db import transaction
from django.db.models import Q, QuerySet

from infactor.core import audit
from infactor.invoices.models import CompanyFile
from infactor.users.models import User
from quickbooks_app.mapping.overrides import (
    InvalidOverride,
    Override,
    merge_overrides,
    parse_overrides,
    validate_overrides,
)
from quickbooks_app.models import Connection, Integration, MappingVersion, Remapping

UNCHANGED = "Nothing would change."
ONLY_OF_COMPANY = "Only a company goes back to the mapping table: leave the field as the table has it."
Owner = Connection | Integration


class Level(NamedTuple):
    """What one owner changes in the mapping of a company."""

    version: MappingVersion
    overrides: tuple[Override, ...]


def owner_of(version: MappingVersion) -> Owner:
    """The company, or the integration, whose version it is."""
    if version.connection is not None:
        return version.connection
    assert version.integration is not None  # noqa: S101  mapping_version_of_one
    return version.integration


def levels_of(connection: Connection) -> list[Level]:
    """The versions that count for a company, one query: of its app's parent, of its app, and its own, in that order."""
    integration = Q(integration=connection.integration_id) | Q(integration__own_apps=connection.integration_id)
    return _levels(Q(connection=connection) | integration)


def inherited_levels(owner: Owner) -> list[Level]:
    """The levels below `owner`: what counts where it changes nothing."""
    if isinstance(owner, Connection):
        return [level for level in levels_of(owner) if level.version.connection_id is None]
    return _levels(Q(integration=owner.parent_id)) if owner.parent_id else []


def current_version(owner: Owner) -> MappingVersion | None:
    """The version of this company, or of this integration, that counts; None where it changes nothing."""
    return _versions(owner).order_by("-number").first()


def own_overrides(owner: Owner) -> tuple[Override, ...]:
    """What this company, or this integration, changes itself."""
    version = current_version(owner)
    return parse_overrides(version.overrides) if version else ()


def current_overrides(connection: Connection) -> tuple[Override, ...]:
    """The overrides that count for a company. Read below the lock of its file, they hold until the transaction ends."""
    return merge_overrides(level.overrides for level in levels_of(connection))


def overrides_with(connection: Connection, *, owner: Owner, new: Sequence[Override]) -> tuple[Override, ...]:
    """The overrides that would count for a company if `owner` changed `new`, and nothing else."""
    if isinstance(owner, Connection):
        return merge_overrides([*(level.overrides for level in inherited_levels(connection)), new])
    levels = levels_of(connection)
    above = [one.overrides for one in levels if _comes_after(one.version, owner)]
    below = [one.overrides for one in levels if one.version.integration_id == owner.parent_id and owner.parent_id]
    return merge_overrides([*below, new, *above])


def companies_of(owner: Owner) -> QuerySet[Connection]:
    """The companies whose mapping `owner` changes."""
    if isinstance(owner, Connection):
        return Connection.objects.filter(pk=owner.pk)
    return Connection.objects.filter(Q(integration=owner) | Q(integration__parent=owner))


def save_version(*, owner: Owner, overrides: Sequence[Override], reason: str, by: User, at: datetime) -> MappingVersion:
    """Save `overrides` as the next version, and ask for all stored invoices of its companies to be mapped again.

    Raises InvalidOverride where a field cannot be read from there, or nothing would change. A page that is being
    applied holds the lock of its company file. It is mapped by the old version and once more, or by the new: a batch
    needs that lock, too, and waits for the row of the remapping, so that none goes on from before the change.
    """
    validate_overrides(overrides)
    if isinstance(owner, Integration) and any(one.is_of_table for one in overrides):
        raise InvalidOverride(ONLY_OF_COMPANY)
    with transaction.atomic():
        _lock(owner)
        last = current_version(owner)
        if tuple(overrides) == (parse_overrides(last.overrides) if last else ()):
            raise InvalidOverride(UNCHANGED)
        version = MappingVersion.objects.create(
            connection=owner if isinstance(owner, Connection) else None,
            integration=owner if isinstance(owner, Integration) else None,
            number=last.number + 1 if last else 1,
            overrides=[msgspec.to_builtins(one) for one in overrides],
            reason=reason,
            created_by=by,
            created_at=at,
        )
        _request_remapping(companies_of(owner), at=at)
        audit.record(
            event="quickbooks.mapping_changed",
            subject=owner,
            by=by,
            at=at,
            supplier_id=owner.supplier_id,
            reason=reason,
            details={"version": version.number, "fields": {one.field: one.in_words() for one in overrides}},
        )
    return version


def _request_remapping(companies: QuerySet[Connection], *, at: datetime) -> None:
    Remapping.objects.bulk_create(
        (Remapping(connection_id=pk, requested_at=at) for pk in companies.order_by("pk").values_list("pk", flat=True)),
        update_conflicts=True,
        unique_fields=["connection"],
        update_fields=["next_document", "mapped", "changed", "requested_at", "worked_at", "finished_at"],
    )


def _versions(owner: Owner) -> QuerySet[MappingVersion]:
    if isinstance(owner, Connection):
        return MappingVersion.objects.filter(connection=owner)
    return MappingVersion.objects.filter(integration=owner)


def _levels(of: Q) -> list[Level]:
    """The last version of each owner; those of parents first, then of integrations, then of a company."""
    latest = (
        MappingVersion.objects.filter(of)
        .order_by("connection_id", "integration_id", "-number")
        .distinct("connection_id", "integration_id")
        .select_related("integration")
        .defer(*(f"integration__{name}" for name in ("client_secret", "webhook_verifier")))
    )
    return [Level(one, parse_overrides(one.overrides)) for one in _in_order(latest)]


def _in_order(found: Iterable[MappingVersion]) -> list[MappingVersion]:
    return sorted(
        found,
        key=lambda one: (one.integration is None, one.integration is not None and bool(one.integration.parent_id)),
    )


def _comes_after(version: MappingVersion, owner: Integration) -> bool:
    """Whether a version of the same company counts before one of `owner`."""
    if version.integration is None:
        return True
    return version.integration.parent_id == owner.pk


def _lock(owner: Owner) -> None:
    if isinstance(owner, Connection):
        CompanyFile.objects.select_for_update(no_key=True).get(pk=owner.company_file_id)
    else:
        Integration.objects.select_for_update(no_key=True).only("pk").get(pk=owner.pk)

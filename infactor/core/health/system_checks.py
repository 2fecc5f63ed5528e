"""Django system checks of the encryption keys, and of the rights of the processes in the database."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db.utils import Error as DatabaseError

from infactor.core import database_roles, keys


@register(Tags.security)
def encryption_keys_are_usable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every key of FIELD_ENCRYPTION_KEYS has 32 bytes, and there is at least one."""
    if not settings.FIELD_ENCRYPTION_KEYS:
        return [Error("FIELD_ENCRYPTION_KEYS is empty.", hint="Make one: `make generate-key`.", id="infactor.E001")]
    for position, key in enumerate(settings.FIELD_ENCRYPTION_KEYS, start=1):
        try:
            keys.parse_key(key)
        except ValueError:
            return [
                Error(
                    f"Key {position} of FIELD_ENCRYPTION_KEYS is not 32 bytes in URL-safe Base64.",
                    hint="Make one: `make generate-key`.",
                    id="infactor.E002",
                )
            ]
    return []


@register(Tags.security, deploy=True)
def processes_own_no_table(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The role of DATABASE_URL owns no table. Not asked where the database is away: migrations and pages say that."""
    try:
        owns = database_roles.owns_tables()
    except DatabaseError:
        return []
    if not owns:
        return []
    return [
        Warning(
            "The role of DATABASE_URL owns the tables: a process that is taken over could switch off what keeps the "
            "ledger and the audit log.",
            hint="Run migrations as the owner and everything else as a role of grant_database_roles.",
            id="infactor.W001",
        )
    ]

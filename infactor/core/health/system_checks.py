"""Django system checks of the encryption keys."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from infactor.core import keys


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

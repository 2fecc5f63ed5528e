"""Django system checks of the encryption keys."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def encryption_keys_are_usable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every key of FIELD_ENCRYPTION_KEYS is a Fernet key, and there is at least one."""
    if not settings.FIELD_ENCRYPTION_KEYS:
        return [Error("FIELD_ENCRYPTION_KEYS is empty.", hint="Make one: `make generate-key`.", id="infactor.E001")]
    for position, key in enumerate(settings.FIELD_ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            return [
                Error(
                    f"Key {position} of FIELD_ENCRYPTION_KEYS is not a Fernet key (32 bytes in URL-safe base64).",
                    hint="Make one: `make generate-key`.",
                    id="infactor.E002",
                )
            ]
    return []

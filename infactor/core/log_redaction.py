"""Removes tokens, keys and customers' data from log events."""

import re
from collections.abc import MutableMapping
from typing import Any

HIDDEN = "[hidden]"

SECRET_KEYS = re.compile(
    r"(token|secret|password|authorization|cookie|api_?key|code|state|realm|email|body|payload|content)", re.IGNORECASE
)
PLAIN_KEYS = {"status_code", "error_code", "code_version", "token_version"}
SECRET_TEXT = re.compile(
    r"(?i)(bearer\s+[^\s'\"]{8,}"
    r"|basic\s+[a-z0-9+/=]{16,}"
    r"|eyJ[\w-]{8,}[\w.\-]*"
    r"|RT1-[\w-]{6,}|AB[01]1[\w-]{16,}"
    r"|(?<=[?&])(?:code|state|realmId|access_token|refresh_token)=[^&\s'\"]+"
    # Whoever has one of these links needs no password: a buyer's, and those to reset a password or confirm an address.
    r"|(?<=/buyer/)[^/\s'\"?]+|(?<=/reset/key/)[^/\s'\"?]+|(?<=/confirm-email/)[^/\s'\"?]+"
    r"|token (?:expired|revoked): ?\S+)"
)
QUERY = re.compile(r"\?\S+")
# A database error quotes a whole row, whose text may span several lines.
QUOTED_ROW = re.compile(r"(?s)\b(DETAIL|CONTEXT):.*?(?=\n\n(?:The above exception|During handling)|\Z)")


def redact_text(value: str) -> str:
    """`value` without anything that looks like a token, a key, an OAuth callback's query or a quoted database row."""
    return QUOTED_ROW.sub(rf"\1: {HIDDEN}", SECRET_TEXT.sub(HIDDEN, value))


def redact_event(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: hides the values of secret keys, and secrets in any text, at every depth."""
    for key, value in event.items():
        if not key.startswith("_"):
            event[key] = _redacted(key, value)
    return event


def _redacted(key: str, value: Any) -> Any:
    if key == "code" and isinstance(value, int):  # an HTTP status, not an OAuth code
        return value
    if SECRET_KEYS.search(key) and key not in PLAIN_KEYS and value not in (None, ""):
        return HIDDEN
    if key == "request" and isinstance(value, str):  # search terms are names, numbers and addresses
        value = QUERY.sub(f"?{HIDDEN}", value)
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {name: _redacted(str(name), one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted("", one) for one in value]
    return value

"""Signed webhooks in both of Intuit's formats."""

import base64
import hashlib
import hmac
import json
import uuid
from typing import Any

VERIFIER = "infactor-tests-verifier"


def signature(body: bytes, verifier: str = VERIFIER) -> str:
    return base64.b64encode(hmac.new(verifier.encode(), body, hashlib.sha256).digest()).decode()


def cloud_event(realm: str, qbk_id: str, kind: str = "qbo.invoice.updated.v1", **changes: Any) -> dict[str, Any]:
    """One CloudEvent with its own id."""
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
        "type": kind,
        "datacontenttype": "application/json",
        "time": "2026-09-10T21:31:25.179851517Z",
        "intuitentityid": qbk_id,
        "intuitaccountid": realm,
        "data": {},
        **changes,
    }


def change(qbk_id: str, name: str = "Invoice", operation: str = "Update", **changes: Any) -> dict[str, Any]:
    """One entity in the older format."""
    return {"name": name, "id": qbk_id, "operation": operation, "lastUpdated": "2026-10-05T03:09:04.000Z", **changes}


def envelope(**realms: list[dict[str, Any]]) -> bytes:
    """A webhook in the older format; realms are named `r` and their number."""
    return json.dumps(
        {
            "eventNotifications": [
                {"realmId": name.removeprefix("r"), "dataChangeEvent": {"entities": changes}}
                for name, changes in realms.items()
            ]
        }
    ).encode()


def cloud(*events: dict[str, Any]) -> bytes:
    return json.dumps(events).encode()

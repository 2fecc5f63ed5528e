"""What each write of infactor changed in the books of a simulation, as the books themselves say.

A write is known by its `requestid`, so what was written is known whatever infactor believes.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from quickbooks_app.sandbox.runtime.documents import Document, decode
from tests.simulation.books import SharedStore

Key = tuple[str, str]  # entity and id
Snapshot = Mapping[Key, str]

WATCHED = ("Customer", "Invoice", "Payment", "CreditMemo")
# Where a new object says which push made it, and which the books' owner never touches.
TAG_FIELDS = {"Customer": "Notes", "Invoice": "TrackingNum", "Payment": "PaymentRefNum"}


@dataclass(frozen=True)
class Effect:
    """What one call changed: `before` and `after` hold each changed object as it was, and as it then was."""

    realm: str
    request_id: str
    path: str
    operation: str
    body: Document
    before: Mapping[Key, Document]
    after: Mapping[Key, Document]

    @property
    def target(self) -> Key:
        """The object that the call names, with an empty id for a new one."""
        entity = next((name for name in WATCHED if name.lower() == self.path.split("/")[0]), "")
        parts = self.path.split("/")
        return entity, str(self.body.get("Id", "") or (parts[1] if len(parts) > 1 else ""))

    @property
    def is_end(self) -> bool:
        """Whether the call deletes or voids."""
        return self.operation in ("delete", "void")


class Effects:
    """Watches every call that may write."""

    def __init__(self, store: SharedStore) -> None:
        self._store = store
        self.found: list[Effect] = []
        self.made: Counter[str] = Counter()  # objects by their tag
        self.problems: list[str] = []
        self.financed: set[tuple[str, str]] = set()  # realm and id of each invoice that was bought

    def watch(self, request: requests.PreparedRequest, carry: Callable[[], requests.Response]) -> requests.Response:
        """Carry a call, and keep what it changed."""
        parts = urlsplit(request.url or "")
        _, _, inside = parts.path.partition("/v3/company/")
        realm, _, path = inside.partition("/")
        if request.method != "POST" or not realm:
            return carry()
        before = self._snapshot(realm)
        answer = carry()
        after = self._snapshot(realm)
        changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        if changed:
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._keep(
                Effect(
                    realm,
                    query.get("requestid", ""),
                    path,
                    "void" if query.get("include") == "void" else query.get("operation", ""),
                    _body(request),
                    {key: decode(before[key]) for key in changed if key in before},
                    {key: decode(after[key]) for key in changed if key in after},
                )
            )
        return answer

    def of(self, *request_ids: str) -> list[Effect]:
        """What the calls with these ids changed, oldest first."""
        return [one for one in self.found if one.request_id in request_ids]

    def _keep(self, effect: Effect) -> None:
        self.found.append(effect)
        for (entity, _), document in effect.after.items():
            if (tag := document.get(TAG_FIELDS.get(entity, ""), "")) and (entity, document["Id"]) not in effect.before:
                self.made[tag] += 1
        if effect.is_end and (effect.realm, effect.target[1]) in self.financed and effect.target[0] == "Invoice":
            self.problems.append(f"a financed invoice was ended by infactor: {effect.path} {effect.body}")

    def _snapshot(self, realm: str) -> Snapshot:
        places = ", ".join("?" * len(WATCHED))
        rows = self._store.connection().execute(
            f"SELECT entity, id, body FROM objects WHERE realm = ? AND deleted = 0 AND entity IN ({places})"
            " ORDER BY rowid",
            (realm, *WATCHED),
        )
        return {(row["entity"], row["id"]): row["body"] for row in rows}


def _body(request: requests.PreparedRequest) -> Document:
    """The object that was sent; nothing for a file or an order to send."""
    sent: Any = request.body
    return decode(sent) if isinstance(sent, bytes) and sent.startswith(b"{") else {}

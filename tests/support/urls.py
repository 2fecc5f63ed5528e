"""Every URL of the project, with values for its parameters that name no row."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse

SAMPLES = {
    "public_id": str(uuid.uuid4()),
    "made_id": str(uuid.uuid4()),
    "letter": "payoff",
    "line": "lender",
    "period": "2026-01",
    "attachment_id": 1,
    "attempt_id": str(uuid.uuid4()),
    "connection_id": 1,
    "invoice_id": 1,
    "supplier_id": 1,
    "currency": "USD",
    "document_id": str(uuid.uuid4()),
    "purpose": "cash",
    "key": "some-key",
    "token": "no-such-token",
    "file_format": "csv",
    "uidb36": "1",
    "app_label": "invoices",
    "content_type_id": 1,
    "object_id": "1",
    "pk": 1,
    "session_id": 1,
    "slug": "reserve",
    "url": "nothing/",
}


@dataclass(frozen=True)
class Url:
    """A URL by its name, with namespaces, and its parameters."""

    name: str
    is_named: bool
    parameters: frozenset[str]

    @property
    def address(self) -> str:
        """The URL with SAMPLES; a page that does not exist for admin's catch-all, which has no name."""
        if not self.is_named:
            return "/admin/no-such-page/"
        return reverse(self.name, kwargs={key: SAMPLES[key] for key in self.parameters})


def every_url(
    resolver: URLResolver | None = None, namespace: str = "", parameters: frozenset[str] = frozenset()
) -> Iterator[Url]:
    """Every URL below `resolver`, all of the project if None."""
    for entry in (resolver or get_resolver()).url_patterns:
        known = parameters | entry.pattern.regex.groupindex.keys()
        if isinstance(entry, URLPattern):
            yield Url(f"{namespace}{entry.name or entry.pattern}", bool(entry.name), known)
        else:
            yield from every_url(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace, known)

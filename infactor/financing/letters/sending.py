"""Letters as PDF: made while a person of the supplier or of staff waits, one at a time, and audited."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from infactor.core import audit, downloads
from infactor.suppliers.access import signed_in_user
from infactor.suppliers.models import Supplier

CONTENT_TYPE = "application/pdf"


def send_letter(
    request: HttpRequest,
    supplier: Supplier,
    draw: Callable[[], bytes],
    *,
    name: str,
    letter: str,
    details: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The PDF that `draw` makes, as the file infactor-`name`.pdf. The audit log says which `letter` it was, and who."""

    def drawn() -> Iterator[bytes]:
        yield draw()

    file = f"infactor-{name}.pdf"
    response = downloads.stream(request, drawn(), name=file, content_type=CONTENT_TYPE)
    if response.status_code == 200:
        audit.record(
            event="letter.downloaded",
            subject=supplier,
            by=signed_in_user(request),
            at=timezone.now(),
            supplier_id=supplier.pk,
            details={"letter": letter, **(details or {})},
        )
    return response  # type: ignore[return-value]  # a stream is a response too

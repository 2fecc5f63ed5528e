"""The supplier's upcoming events as an iCalendar file (RFC 5545), for a calendar of its own."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from infactor.core.rate_limits import limited
from infactor.dashboard.financing import advances
from infactor.dashboard.financing.overview_view import open_offers
from infactor.dashboard.home import todo
from infactor.dashboard.home.todo import Event
from infactor.financing.accounting import positions
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.access import for_supplier
from infactor.suppliers.models import Supplier

MAX_OCTETS = 75  # of a line, RFC 5545, section 3.1
ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})


@require_safe
@limited(action="export", what="have downloaded files")
@for_supplier
def calendar(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """All-day events: due dates of funded invoices, repurchase dates, and the days on which offers expire."""
    now = timezone.now()
    today = supplier_today(supplier=supplier, at=now)
    rows = advances.funded_advances(
        supplier=supplier, positions=positions.open_positions(supplier=supplier, today=today), today=today
    )
    events = todo.upcoming_events(
        supplier=supplier, offers=open_offers(supplier, at=now), funded_advances=rows, limit=None
    )
    response = HttpResponse(
        "".join(calendar_lines(events, at=now, host=request.get_host())), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="infactor.ics"'
    return response


def calendar_lines(events: Iterable[Event], *, at: datetime, host: str) -> Iterator[str]:
    """The lines of the file, each ended by CRLF. An event keeps its identity from file to file."""
    yield from _folded("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//infactor//calendar//EN")
    for one in events:
        identity = sha256(f"{one.url} {one.title}".encode()).hexdigest()[:32]
        yield from _folded(
            "BEGIN:VEVENT",
            f"UID:{identity}@{host}",
            f"DTSTAMP:{at.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{_next_day(one.day):%Y%m%d}",
            f"SUMMARY:{_summary(one).translate(ESCAPES)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        )
    yield from _folded("END:VCALENDAR")


def _summary(event: Event) -> str:
    about = event.title
    if event.invoice_no:
        about = _("%(event)s (invoice %(invoice)s)") % {"event": event.title, "invoice": event.invoice_no}
    return f"{about}: {event.amount_text}" if event.amount_text else about


def _next_day(day: date) -> date:
    return day + timedelta(days=1)


def _folded(*lines: str) -> Iterator[str]:
    """Each line, cut into pieces of at most MAX_OCTETS, the later ones indented by a space."""
    for line in lines:
        piece = ""
        for character in line:
            if len((piece + character).encode()) > MAX_OCTETS:
                yield f"{piece}\r\n"
                piece = " "
            piece += character
        yield f"{piece}\r\n"

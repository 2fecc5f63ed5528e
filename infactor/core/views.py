"""Error pages."""

import errno
import sys
from smtplib import SMTPException

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from psycopg.errors import ReadOnlySqlTransaction

from infactor.core import broker

RETRY_AFTER = 30  # seconds
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
UNREACHABLE = (ConnectionError, TimeoutError, SMTPException)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """The page for an unexpected error: 503 with Retry-After if a part of the installation is away or full, else 500.

    Rendered without context processors, which would query the database for the user.
    """
    if part := _missing_part(sys.exc_info()[1]):
        page = render_to_string("503.html", {"part": part})
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})
    return HttpResponse(render_to_string("500.html"), status=500)


def _missing_part(error: BaseException | None) -> str:
    """The part that `error` says is away, full or read-only, in words for a visitor; "" if it says nothing such."""
    if isinstance(error, OperationalError | InterfaceError) or isinstance(
        getattr(error, "__cause__", None), ReadOnlySqlTransaction
    ):
        return _("Our database")
    if isinstance(error, OSError) and error.errno in FULL:
        return _("Our storage")
    if isinstance(error, UNREACHABLE) or (isinstance(error, broker.FAILURES) and not isinstance(error, OSError)):
        return _("A part of infactor")
    return ""


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form without a valid CSRF token, usually one that was left open since before sign-in."""
    return render(request, "403_csrf.html", status=403)

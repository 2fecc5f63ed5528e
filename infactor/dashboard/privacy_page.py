"""The privacy notice, with the times for which this installation keeps data."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
@login_not_required
def privacy(request: HttpRequest) -> HttpResponse:
    """For suppliers, owners and buyers: everybody may read it."""
    context = {
        "controller": settings.PAY_TO["holder"] or "infactor",
        "mail_text_days": settings.RETENTION_MAIL_TEXT_DAYS,
        "mail_days": settings.RETENTION_MAIL_DAYS,
        "consent_days": settings.RETENTION_CONSENT_DAYS,
        "ended_books_days": settings.RETENTION_ENDED_BOOKS_DAYS,
        "financed_books_years": settings.KEEP_FINANCED_VERSIONS.days // 365,
        "unconfirmed_days": settings.RETENTION_UNCONFIRMED_DAYS,
        "records_years": settings.RETENTION_RECORDS_DAYS // 365,
    }
    return render(request, "dashboard/privacy.html", context)

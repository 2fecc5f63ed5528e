"""The email outbox in admin: what waits, what was sent, and what was given up."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.filters import filled_in_filter
from infactor.core.admin.formatting import figure_text
from infactor.core.email import outbox
from infactor.core.models import OutgoingMail


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "subject", "to", "status", "failed_attempts", "sent_at", "error")
    list_filter = (
        ("sent_at", filled_in_filter("status", no=gettext_lazy("Not sent yet"), yes=gettext_lazy("Sent"))),
        "error",
    )
    search_fields = ("key", "to", "subject")
    search_help_text = gettext_lazy("By recipient, subject or key")
    date_hierarchy = "created_at"
    # The body is not shown: it may hold links that work for anybody.
    fields = ("subject", "to", "status", "created_at", "sent_at", "failed_attempts", "not_before", "error", "key")
    readonly_fields = ("status", "failed_attempts")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingMail]:
        return super().get_queryset(request).defer("body")

    @admin.display(description=gettext_lazy("Status"))
    def status(self, mail: OutgoingMail) -> str:
        if mail.sent_at:
            return _("Sent")
        return _("Given up") if mail.attempts >= outbox.MAX_ATTEMPTS else _("Waiting")

    @admin.display(description=gettext_lazy("Failed attempts"), ordering="attempts")
    def failed_attempts(self, mail: OutgoingMail) -> SafeString:
        return figure_text(mail.attempts - (mail.sent_at is not None))  # the one that succeeded has not failed

"""The e-mail outbox in admin: what waits, what was sent and what was given up."""

from django.contrib import admin
from django.utils.safestring import SafeString

from infactor.core.admin.base import ReadOnlyAdmin, figure_text, whether
from infactor.core.email import outbox
from infactor.core.models import OutgoingMail


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "subject", "to", "standing", "tries", "sent_at", "error")
    list_filter = (("sent_at", whether("standing", no="Not sent yet", yes="Sent")), "error")
    search_fields = ("key", "to", "subject")
    search_help_text = "By reader, subject or what it is about"
    date_hierarchy = "created_at"
    # The body is between infactor and its reader: it may hold links that work for whoever has them.
    fields = ("subject", "to", "standing", "created_at", "sent_at", "attempts", "not_before", "error", "key")
    readonly_fields = ("standing",)

    @admin.display(description="Standing")
    def standing(self, mail: OutgoingMail) -> str:
        if mail.sent_at:
            return "Sent"
        return "Given up" if mail.attempts >= outbox.MOST_ATTEMPTS else "Waiting"

    @admin.display(description="Failed tries", ordering="attempts")
    def tries(self, mail: OutgoingMail) -> SafeString:
        return figure_text(mail.attempts)

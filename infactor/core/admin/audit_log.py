"""The audit trail in admin: who did what to which row, in words, with the way to the row."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import CharField, Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.models import AuditEvent

# Names of models are written in one word in events.
NOUNS = {
    "bankaccount": "bank account",
    "collection": "payment",
    "disbursement": "payout",
    "requestline": "invoice of a request",
    "offerline": "invoice of an offer",
    "quickbooks": "QuickBooks",
}


def event_text(event: str) -> str:
    """ "offer.accepted" in words: "Offer: accepted"."""
    noun, _, verb = event.partition(".")
    return capfirst(f"{NOUNS.get(noun, noun.replace('_', ' '))}: {verb.replace('_', ' ')}")


class EventFilter(admin.AllValuesFieldListFilter):
    """Every event that there is, in words."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for number, choice in enumerate(super().choices(changelist)):
            yield choice if number == 0 else {**choice, "display": event_text(str(choice["display"]))}


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "what", "about", "who", "change", "reason")
    list_filter = (("event", EventFilter),)
    list_select_related = ("actor",)
    search_fields = ("=subject_id", "event", "reason", "actor__email")
    search_help_text = "By number of the row, e-mail of who did it, event or reason"
    date_hierarchy = "at"
    fields = ("at", "what", "about", "who", "change", "reason", "said", "event", "subject_type", "subject_id")
    readonly_fields = ("what", "about", "who", "change", "said")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Of one row, it says of which."""
        kind, key = request.GET.get("subject_type", ""), request.GET.get("subject_id", "")
        of_one = _named(kind, key) if kind and key else ""
        return super().changelist_view(request, {**(extra_context or {}), "of_one": of_one})

    @admin.display(description="What", ordering="event")
    def what(self, event: AuditEvent) -> str:
        return event_text(event.event)

    @admin.display(description="About")
    def about(self, event: AuditEvent) -> SafeString | str:
        words = _named(event.subject_type, event.subject_id)
        try:
            address = f"admin:{event.subject_type.replace('.', '_')}_change"
            return format_html('<a href="{}">{}</a>', reverse(address, args=[event.subject_id]), words)
        except NoReverseMatch:
            return words

    @admin.display(description="Who", ordering="actor")
    def who(self, event: AuditEvent) -> str:
        return str(event.actor) if event.actor_id else "the house"

    @admin.display(description="Change")
    def change(self, event: AuditEvent) -> str:
        if not {"from", "to"} <= event.details.keys():
            return ""
        field = event.event.partition(".")[2]
        before, after = (_worded(event.subject_type, field, event.details[side]) for side in ("from", "to"))
        return f"{before} → {after}"

    @admin.display(description="Details")
    def said(self, event: AuditEvent) -> SafeString | str:
        rows = [(name.replace("_", " "), _shown(value)) for name, value in event.details.items()]
        return format_html_join("", "<div>{}: <bdi>{}</bdi></div>", rows) or "-"


def _model(kind: str) -> type[Model] | None:
    try:
        return apps.get_model(kind)
    except (LookupError, ValueError):
        return None


def _named(kind: str, key: str) -> str:
    model = _model(kind)
    return capfirst(f"{kind if model is None else model._meta.verbose_name} {key}")


def _worded(kind: str, field: str, value: object) -> str:
    """A state as the model calls it."""
    model = _model(kind)
    named = next((one for one in model._meta.fields if one.name == field), None) if model else None
    labels: dict[Any, Any] = dict(named.flatchoices) if isinstance(named, CharField) else {}
    return str(labels.get(value, value))


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)

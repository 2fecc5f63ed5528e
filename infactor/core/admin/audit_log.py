"""The audit log in admin: who did what to which row, with a link to the row."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import CharField, Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from infactor.core.admin.base import ReadOnlyAdmin
from infactor.core.admin.data_requests import CopyView, EraseView
from infactor.core.models import AuditEvent

# Events write the name of a model as one word, and some models have another name on the pages.
NOUNS = {
    "bankaccount": gettext_lazy("bank account"),
    "collection": "payment",
    "requestline": gettext_lazy("invoice of a request"),
    "offerline": gettext_lazy("invoice of an offer"),
    "quickbooks": "QuickBooks",
}


def event_text(event: str) -> str:
    """ "offer.accepted" as a label: "Offer: accepted"."""
    noun, _, verb = event.partition(".")
    return capfirst(f"{NOUNS.get(noun, noun.replace('_', ' '))}: {verb.replace('_', ' ')}")


class EventFilter(admin.AllValuesFieldListFilter):
    """Every kind of event that occurs, by its label."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for number, choice in enumerate(super().choices(changelist)):
            yield choice if number == 0 else {**choice, "display": event_text(str(choice["display"]))}


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "event_label", "subject_link", "actor_name", "change", "reason")
    list_filter = (("event", EventFilter),)
    list_select_related = ("actor",)
    search_fields = ("=subject_id", "event", "reason", "actor__email")
    search_help_text = gettext_lazy("By number of the row, email of the person, event or reason")
    date_hierarchy = "at"
    fields = (
        "at",
        "event_label",
        "subject_link",
        "actor_name",
        "change",
        "reason",
        "details_text",
        "event",
        "subject_type",
        "subject_id",
    )
    readonly_fields = ("event_label", "subject_link", "actor_name", "change", "details_text")

    def get_urls(self) -> list[URLPattern]:
        """With the pages for requests of people about their data: both end in an event here."""
        pages = (("copy/", CopyView, "core_auditevent_copy"), ("erase/", EraseView, "core_auditevent_erase"))
        own = [path(way, self.admin_site.admin_view(view.as_view()), name=name) for way, view, name in pages]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Name the row whose events are shown, where they are those of one row."""
        subject_type, subject_id = request.GET.get("subject_type", ""), request.GET.get("subject_id", "")
        subject = _row_name(subject_type, subject_id) if subject_type and subject_id else ""
        return super().changelist_view(request, {**(extra_context or {}), "subject": subject})

    @admin.display(description=gettext_lazy("What"), ordering="event")
    def event_label(self, event: AuditEvent) -> str:
        return event_text(event.event)

    @admin.display(description=gettext_lazy("About"))
    def subject_link(self, event: AuditEvent) -> SafeString | str:
        name = _row_name(event.subject_type, event.subject_id)
        try:
            address = f"admin:{event.subject_type.replace('.', '_')}_change"
            return format_html('<a href="{}">{}</a>', reverse(address, args=[event.subject_id]), name)
        except NoReverseMatch:
            return name

    @admin.display(description=gettext_lazy("Who"), ordering="actor")
    def actor_name(self, event: AuditEvent) -> str:
        return str(event.actor) if event.actor_id else "system"

    @admin.display(description=gettext_lazy("Change"))
    def change(self, event: AuditEvent) -> str:
        if not {"from", "to"} <= event.details.keys():
            return ""
        field = event.event.partition(".")[2]
        before, after = (_choice_label(event.subject_type, field, event.details[side]) for side in ("from", "to"))
        return f"{before} → {after}"

    @admin.display(description=gettext_lazy("Details"))
    def details_text(self, event: AuditEvent) -> SafeString | str:
        rows = [(name.replace("_", " "), _value_text(value)) for name, value in event.details.items()]
        return format_html_join("", "<div>{}: <bdi>{}</bdi></div>", rows) or "-"


def _model(label: str) -> type[Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _row_name(label: str, key: str) -> str:
    model = _model(label)
    return capfirst(f"{label if model is None else model._meta.verbose_name} {key}")


def _choice_label(label: str, name: str, value: object) -> str:
    """The label of a state in the choices of its field."""
    model = _model(label)
    field = next((one for one in model._meta.fields if one.name == name), None) if model else None
    choices: dict[Any, Any] = dict(field.flatchoices) if isinstance(field, CharField) else {}
    return str(choices.get(value, value))


def _value_text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')}: {_value_text(inner)}" for name, inner in value.items()) or "-"
    if isinstance(value, list):
        return "; ".join(map(_value_text, value)) if any(isinstance(one, dict) for one in value) else _joined(value)
    return "-" if value is None else str(value)


def _joined(values: list[Any]) -> str:
    return ", ".join(map(_value_text, values)) or "-"

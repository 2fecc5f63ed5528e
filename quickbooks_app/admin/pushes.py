"""Pushes in admin: writing into a supplier's books with a preview, and what came of each write."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.formatting import change_url
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.preview import Fieldset, Preview, PreviewView
from infactor.core.admin.tables import Facts, Table, structure_table
from infactor.suppliers.access import signed_in_user
from quickbooks_app import tasks
from quickbooks_app.api.writes import bodies
from quickbooks_app.errors import QuickBooksError
from quickbooks_app.models import Connection, Push
from quickbooks_app.objects.table import OBJECTS, Operation
from quickbooks_app.pushes import requests
from quickbooks_app.pushes.field_paths import Fields, InvalidFields, build_fields, parse_lines
from quickbooks_app.pushes.own_objects import KEY_FIELDS
from quickbooks_app.pushes.requests import CannotPush

PERMISSION = "quickbooks_app.write_books"
WRITABLE = [
    name for name, one in OBJECTS.items() if any(one.can(Operation(operation)) for operation in Push.Operation.values)
]
WITH_FIELDS = frozenset({Push.Operation.CREATE, Push.Operation.UPDATE})


class PushForm(ReasonForm):
    """Asks what to write where."""

    entity = forms.ChoiceField(label=gettext_lazy("Object"), choices=[(name, name) for name in WRITABLE])
    operation = forms.ChoiceField(label=gettext_lazy("What to do"), choices=Push.Operation.choices)
    qbk_id = forms.CharField(
        label=gettext_lazy("QuickBooks id"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("Of the object; none for a new one."),
    )
    lines = forms.CharField(
        label=gettext_lazy("Fields"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "One a line: Memo = Thank you, ShipAddr.City = Berlin, Line.1.Amount = 12.50, CustomField.1 = PO-77. "
            "Nothing after “=” clears the field. To send by email: to = name@example.com."
        ),
    )
    field_order = ("entity", "operation", "qbk_id", "lines", "reason")

    def clean(self) -> dict[str, Any]:
        """Refuse fields where there is nothing to write, and lines that are none."""
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        try:
            data["typed"] = parse_lines(data["lines"])
        except InvalidFields as error:
            self.add_error("lines", str(error))
            return data
        operation = data["operation"]
        if operation in WITH_FIELDS and not data["typed"]:
            self.add_error("lines", _("Write at least one field."))
        if operation not in WITH_FIELDS and set(data["typed"]) - ({"to"} if operation == "send" else set()):
            self.add_error("lines", _("Leave this empty: only new and changed objects have fields."))
        if operation == Push.Operation.CREATE and data["qbk_id"]:
            self.add_error("qbk_id", _("Leave this empty: QuickBooks gives a new object its id."))
        return data


class PushView(RowDecision, PreviewView):
    """Write into the books of a company: preview, then confirm."""

    row: Connection
    name = "push"
    label = gettext_lazy("Write to QuickBooks")
    title = gettext_lazy("Write into the supplier's books")
    button = gettext_lazy("Write to QuickBooks")
    permission = PERMISSION
    needs_fresh_factor = True
    form_class = PushForm
    refusals = (CannotPush, InvalidFields, QuickBooksError)
    push: Push | None = None
    notes = (
        gettext_lazy(
            "Only the fields that you write are changed. What somebody changed in QuickBooks meanwhile "
            "is kept, or refused "
            "where it is the same field."
        ),
        gettext_lazy(
            "Writing is free; an object that infactor has not stored is read for the preview, which counts as one call."
        ),
    )

    @classmethod
    def is_possible(cls, row: Connection) -> bool:
        return row.status == Connection.Status.CONNECTED and row.writes_allowed_at is not None

    def blocker(self) -> str:
        if self.row.status != Connection.Status.CONNECTED:
            return requests.NOT_CONNECTED
        return "" if self.is_possible(self.row) else requests.NOT_ALLOWED

    def facts(self) -> Facts:
        return [(_("Company"), self.row.company_name), (_("Supplier"), self.row.supplier)]

    def get_fieldsets(self, form: Any) -> Sequence[Fieldset]:
        return [
            Fieldset(_("What is written"), form, ["entity", "operation", "qbk_id"]),
            Fieldset(_("Its fields, and why"), form, ["lines", "reason"]),
        ]

    def preview(self, form: Any) -> Preview:
        data = form.cleaned_data
        entity, operation, qbk_id = data["entity"], data["operation"], data["qbk_id"]
        requests.require_possible(connection=self.row, entity=entity, operation=operation, qbk_id=qbk_id)
        present = requests.present_fields(connection=self.row, entity=entity, qbk_id=qbk_id, now=timezone.now)
        self.fields, self.present = self._fields(data, present), present
        rows = [(name, _text(present.get(name)), _text(value)) for name, value in self.fields.items()]
        described = _describe(present) if operation not in WITH_FIELDS else ""
        return Preview(
            facts=((_("Object"), f"{entity} {qbk_id}".strip()), *([(_("It is now"), described)] if described else [])),
            tables=(Table(_("Fields"), (_("Field"), _("Present"), _("New")), rows, empty=_("No field is written.")),),
        )

    def _fields(self, data: Mapping[str, Any], present: Mapping[str, Any]) -> Fields:
        if data["operation"] not in WITH_FIELDS:
            return dict(data["typed"])
        typed = data["typed"]
        has_custom = any(path.startswith("CustomField") for path in typed)
        definitions = (
            requests.definitions(connection=self.row, entity=data["entity"], now=timezone.now) if has_custom else []
        )
        return build_fields(entity=data["entity"], typed=typed, present=present, definitions=definitions)

    def get_success_url(self) -> str:
        return change_url(self.push) if self.push else change_url(self.row)

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        push = requests.request_push(
            connection=self.row,
            entity=data["entity"],
            operation=data["operation"],
            qbk_id=data["qbk_id"],
            fields=self.fields,
            present=self.present,
            by=signed_in_user(self.request),
            at=timezone.now(),
            reason=data["reason"],
        )
        self.push = push
        transaction.on_commit(lambda: tasks.enqueue_push(push.pk))
        return _("It is being written. The page shows what came of it.")


class AskAgainView(RowDecision, DecisionView):
    """A push that failed, once more: a new write with a key of its own."""

    row: Push
    name = "ask_again"
    label = button = gettext_lazy("Write again")
    title = gettext_lazy("Write into the books again")
    permission = PERMISSION
    needs_fresh_factor = True
    form_class = ReasonForm
    refusals = (CannotPush,)
    push: Push | None = None
    notes = (gettext_lazy("If QuickBooks did not answer, look there first: it may have written the first one."),)

    @classmethod
    def is_possible(cls, row: Push) -> bool:
        # A supplier repeats its own with the key that they have. What the bookkeeping writes is asked for on the page
        # of its entry, with the accounts as they are now.
        is_entry = row.purpose == Push.Purpose.BOOKKEEPING and row.entity in KEY_FIELDS
        return row.state == Push.State.FAILED and row.purpose != Push.Purpose.SUPPLIER and not is_entry

    @classmethod
    def blocker_of(cls, row: Push) -> str:
        if row.state != Push.State.FAILED:
            return super().blocker_of(row)
        if row.purpose == Push.Purpose.SUPPLIER:
            return _("The supplier has asked for it, and repeats it on its own page.")
        return _("The bookkeeping has asked for it: write it again on the page of its entry.")

    def facts(self) -> Facts:
        return [(_("What"), self.row), (_("Why it failed"), self.row.error)]

    def get_success_url(self) -> str:
        return change_url(self.push or self.row)

    def perform(self, form: Any) -> str:
        push = requests.request_push(
            connection=self.row.connection,
            entity=self.row.entity,
            operation=self.row.operation,
            qbk_id=self.row.qbk_id,
            fields=bodies.decode(self.row.fields.encode()),
            purpose=self.row.purpose,
            reference=self.row.reference,
            by=signed_in_user(self.request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
        self.push = push
        transaction.on_commit(lambda: tasks.enqueue_push(push.pk))
        return _("It is being written again.")


@admin.register(Push)
class PushAdmin(DecisionAdmin):
    list_display = (
        "connection",
        "entity",
        "operation",
        "qbk_id",
        "purpose",
        "state",
        "error",
        "requested_by",
        "requested_at",
        "finished_at",
    )
    list_select_related = ("connection", "requested_by")
    list_filter = ("state", "operation", "purpose", "entity", ("connection", admin.RelatedOnlyFieldListFilter))
    search_fields = ("=qbk_id", "connection__company_name", "connection__supplier__name")
    search_help_text = gettext_lazy("By QuickBooks id, company or supplier")
    date_hierarchy = "requested_at"
    fields = (*list_display, "attempts", "may_be_written", "not_before", "public_id")
    decisions = (AskAgainView,)

    def get_fields(self, request: HttpRequest, obj: Push | None = None) -> Any:
        """Whether QuickBooks may have written it is shown only where it may have: the text says so."""
        hidden = {"may_be_written"} if obj is not None and not obj.may_be_written else set()
        return [name for name in self.fields if name not in hidden]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Push]:
        rows: QuerySet[Push] = super().get_queryset(request)
        return rows.defer(*(f"connection__{name}" for name in ("realm_id", "access_token", "refresh_token")))

    def related_tables(self, row: Push) -> Sequence[Table]:
        written = bodies.decode(row.fields.encode())
        return (structure_table(_("Fields"), written),)


def _text(value: Any) -> str:
    """A value as staff read it: nested ones part by part."""
    if value is None:
        return ""
    if not isinstance(value, dict | list):
        return str(value)
    return "; ".join(f"{way}: {part}" for way, part in structure_table("", value).rows)


def _describe(present: Mapping[str, Any]) -> str:
    """What the object is: its number or name, its amount and its day."""
    names = ("DocNumber", "DisplayName", _("Name"), "FullyQualifiedName", "TotalAmt", "TxnDate")
    return ", ".join(str(present[name]) for name in names if present.get(name) not in (None, ""))

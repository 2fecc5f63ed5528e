"""Pull and push of one company: for every object what is supported in each direction, what ran, and what failed.

The table is that of `objects.table`: a further object appears here by itself, and staff switch its pull on.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Count, QuerySet

from infactor.core.admin.decisions import DecisionView, RowDecision
from infactor.core.admin.formatting import moment_text
from infactor.core.admin.tables import Facts, Table
from quickbooks_app import pulls
from quickbooks_app.mapping.further import FURTHER
from quickbooks_app.models import Connection, Document, ImportRun, ObjectPull, Push, WebhookEvent
from quickbooks_app.objects import availability
from quickbooks_app.objects.editions import CompanyProfile
from quickbooks_app.objects.table import IMPORTED, OBJECTS, Operation

PULLABLE = [name for name in OBJECTS if pulls.can_be_pulled(name)]
COLUMNS = (
    "Object",
    "Pull",
    "Used for",
    "Stored",
    "Last pulled",
    "Create",
    "Change",
    "Delete, void or inactivate",
    "Send",
    "Failed",
)
IMPORTED_FOR = {
    "Customer": "buyers",
    "Invoice": "invoices",
    "Payment": "payments of invoices",
    "CreditMemo": "what lowers an invoice",
}
WEBHOOK_COLUMNS = ("Object", "Operation", "Reported", "Followed", "Waiting", "Failed", "Ignored, and why")
ENDS = (Operation.DELETE, Operation.VOID, Operation.INACTIVATE)


class PullForm(forms.Form):
    """Asks which objects are pulled beside those that every import reads."""

    pulled = forms.MultipleChoiceField(
        label="Pull these objects, too",
        choices=[(name, name) for name in PULLABLE],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Each is read whole once, a call for a thousand objects. Then its changes come with those of the "
        "invoices, or once a day where QuickBooks does not report them.",
    )


class ObjectsView(RowDecision, DecisionView):
    """Every object and direction of a company; the form adds and drops pulls."""

    row: Connection
    name = "objects"
    label = "Pull and push"
    title = "Pull and push, object by object"
    button = "Save pulls"
    permission = "quickbooks_app.ask_books"
    form_class = PullForm
    notes = (
        "“yes” with a number: so many were written. “no”: QuickBooks' API, or the company's edition, has none.",
        "“raw store”: a copy is kept, and shown where staff ask for it. Nothing is decided by it.",
        "To write an object, choose “Write to QuickBooks” on the page of the connection.",
    )

    def get_initial(self) -> dict[str, Any]:
        enabled = ObjectPull.objects.filter(connection=self.row, is_enabled=True)
        return {"pulled": list(enabled.values_list("entity", flat=True))}

    def facts(self) -> Facts:
        return [
            ("Company", self.row.company_name),
            ("Edition", self.row.edition or "not known yet"),
            ("Writing", "allowed by the supplier" if self.row.writes_allowed_at else "not allowed by the supplier"),
        ]

    def tables(self) -> Sequence[Table]:
        told = webhook_rows(self.row)
        return (
            Table("Objects", COLUMNS, object_rows(self.row)),
            Table("Webhooks of the last 30 days", WEBHOOK_COLUMNS, told, empty="QuickBooks has reported nothing."),
        )

    def perform(self, form: Any) -> str:
        wanted = set(form.cleaned_data["pulled"])
        present = set(self.get_initial()["pulled"])
        with transaction.atomic():
            pulls.enable(connection=self.row, entities=sorted(wanted - present))
            pulls.enable(connection=self.row, entities=sorted(present - wanted), is_enabled=False)
        return "The pulls are saved. Those that are new begin within minutes."


def object_rows(connection: Connection) -> list[tuple[str, ...]]:
    """A row for each object: what is supported in each direction, how often it ran, and the last failure."""
    company = CompanyProfile(edition=connection.edition, country=connection.country)
    pushes = Push.objects.filter(connection=connection).order_by("pk")
    stored = _counts(Document.objects.filter(connection=connection, deleted_at=None), "entity")
    written = _counts(pushes.filter(state=Push.State.DONE), "entity", "operation")
    failures = dict(pushes.filter(state=Push.State.FAILED).values_list("entity", "error"))
    pulled = {one.entity: one for one in ObjectPull.objects.filter(connection=connection)}
    imported = ImportRun.objects.filter(connection=connection, state=ImportRun.State.SUCCEEDED).first()

    def cell(entity: str, operations: Iterable[Operation]) -> str:
        able = [one for one in operations if not availability.why_not(entity=entity, operation=one, company=company)]
        count = sum(written.get((entity, one.value), 0) for one in able)
        return "no" if not able else f"yes, {count}" if count else "yes"

    rows: list[tuple[str, ...]] = []
    for entity in OBJECTS:
        pull = pulled.get(entity)
        pulled_at = pull.as_of if pull else None
        rows.append(
            (
                entity,
                _pull_text(entity, pull, company),
                _use(entity),
                f"{stored[entity,]:,}" if (entity,) in stored else "",
                moment_text(imported.finished_at if imported and entity in IMPORTED else pulled_at),
                cell(entity, (Operation.CREATE,)),
                cell(entity, (Operation.UPDATE,)),
                cell(entity, ENDS),
                cell(entity, (Operation.SEND,)),
                (pull.error if pull and pull.error else "") or failures.get(entity, ""),
            )
        )
    return rows


def _use(entity: str) -> str:
    """What infactor does with what it reads of the object."""
    if entity in IMPORTED:
        return IMPORTED_FOR[entity]
    if entity in FURTHER:
        return FURTHER[entity].use
    return "raw store" if pulls.can_be_pulled(entity) else ""


def webhook_rows(connection: Connection) -> list[tuple[str, ...]]:
    """A row for each object and operation that QuickBooks has reported: what became of it, and why it was ignored."""
    told = _counts(WebhookEvent.objects.filter(connection=connection), "entity", "operation", "state", "reason")
    totals: dict[tuple[str, str], dict[str, str]] = {}
    for (entity, operation, state, reason), count in sorted(told.items()):
        row = totals.setdefault((entity, operation), {})
        text = f"{count:,}: {WebhookEvent.Reason(reason).label}" if reason else f"{count:,}"
        row[state] = f"{row[state]}; {text}" if state in row else text
    order = ("handled", "waiting", "failed", "ignored")
    reported = _counts(WebhookEvent.objects.filter(connection=connection), "entity", "operation")
    return [(*what, f"{reported[what]:,}", *(row.get(state, "") for state in order)) for what, row in totals.items()]


def _counts(rows: QuerySet[Any], *names: str) -> dict[tuple[str, ...], int]:
    """How many rows there are of each combination of the values of `names`."""
    found = rows.order_by().values_list(*names).annotate(count=Count("pk"))
    return {tuple(values): count for *values, count in found}


def _pull_text(entity: str, pull: ObjectPull | None, company: CompanyProfile) -> str:
    if entity in IMPORTED:
        return "yes, with every import"
    if not pulls.can_be_pulled(entity):
        return "no"
    if availability.why_not(entity=entity, operation=Operation.QUERY, company=company):
        return "no, not in this edition"
    return "yes, on" if pull is not None and pull.is_enabled else "yes, off"

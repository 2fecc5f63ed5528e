"""Pull and push of one company: for every object what is supported in each direction, what ran, and what failed.

The table is that of `objects.table`: a further object appears here by itself, and staff switch its pull on.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionView, RowDecision
from infactor.core.admin.formatting import moment_text
from infactor.core.admin.tables import Facts, Table
from infactor.core.money import format_count
from quickbooks_app import pulls
from quickbooks_app.mapping.further import FURTHER
from quickbooks_app.models import Connection, Document, ImportRun, ObjectPull, Push, WebhookEvent
from quickbooks_app.objects import availability
from quickbooks_app.objects.editions import CompanyProfile
from quickbooks_app.objects.table import IMPORTED, OBJECTS, Operation

PULLABLE = [name for name in OBJECTS if pulls.can_be_pulled(name)]
COLUMNS = (
    gettext_lazy("Object"),
    gettext_lazy("Pull"),
    gettext_lazy("Used for"),
    gettext_lazy("Stored"),
    gettext_lazy("Last pulled"),
    gettext_lazy("Create"),
    gettext_lazy("Change"),
    gettext_lazy("Delete, void or inactivate"),
    gettext_lazy("Send"),
    gettext_lazy("Failed"),
)
IMPORTED_FOR = {
    "Customer": "buyers",
    "Invoice": "invoices",
    "Payment": gettext_lazy("payments of invoices"),
    "CreditMemo": gettext_lazy("what lowers an invoice"),
}
WEBHOOK_COLUMNS = (
    gettext_lazy("Object"),
    gettext_lazy("Operation"),
    gettext_lazy("Reported"),
    gettext_lazy("Followed"),
    gettext_lazy("Waiting"),
    gettext_lazy("Failed"),
    gettext_lazy("Ignored, and why"),
)
ENDS = (Operation.DELETE, Operation.VOID, Operation.INACTIVATE)


class PullForm(forms.Form):
    """Asks which objects are pulled beside those that every import reads."""

    pulled = forms.MultipleChoiceField(
        label=gettext_lazy("Pull these objects, too"),
        choices=[(name, name) for name in PULLABLE],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Each is read whole once, a call for a thousand objects. Then its changes come with those of the "
            "invoices, or once a day where QuickBooks does not report them."
        ),
    )


class ObjectsView(RowDecision, DecisionView):
    """Every object and direction of a company; the form adds and drops pulls."""

    row: Connection
    name = "objects"
    label = gettext_lazy("Pull and push")
    title = gettext_lazy("Pull and push, object by object")
    button = gettext_lazy("Save pulls")
    permission = "quickbooks_app.ask_books"
    form_class = PullForm
    notes = (
        gettext_lazy(
            "“yes” with a number: so many were written. “no”: QuickBooks' API, or the company's edition, has none."
        ),
        gettext_lazy("“raw store”: a copy is kept, and shown where staff ask for it. Nothing is decided by it."),
        gettext_lazy("To write an object, choose “Write to QuickBooks” on the page of the connection."),
    )

    def get_initial(self) -> dict[str, Any]:
        enabled = ObjectPull.objects.filter(connection=self.row, is_enabled=True)
        return {"pulled": list(enabled.values_list("entity", flat=True))}

    def facts(self) -> Facts:
        return [
            (_("Company"), self.row.company_name),
            (_("Edition"), self.row.edition or _("not known yet")),
            (
                _("Writing"),
                _("allowed by the supplier") if self.row.writes_allowed_at else _("not allowed by the supplier"),
            ),
        ]

    def tables(self) -> Sequence[Table]:
        told = webhook_rows(self.row)
        return (
            Table(_("Objects"), COLUMNS, object_rows(self.row)),
            Table(
                _("Webhooks of the last 30 days"), WEBHOOK_COLUMNS, told, empty=_("QuickBooks has reported nothing.")
            ),
        )

    def perform(self, form: Any) -> str:
        wanted = set(form.cleaned_data["pulled"])
        present = set(self.get_initial()["pulled"])
        with transaction.atomic():
            pulls.enable(connection=self.row, entities=sorted(wanted - present))
            pulls.enable(connection=self.row, entities=sorted(present - wanted), is_enabled=False)
        return _("The pulls are saved. Those that are new begin within minutes.")


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
        return "no" if not able else _("yes, %(count)s") % {"count": count} if count else "yes"

    rows: list[tuple[str, ...]] = []
    for entity in OBJECTS:
        pull = pulled.get(entity)
        pulled_at = pull.as_of if pull else None
        rows.append(
            (
                entity,
                _pull_text(entity, pull, company),
                _use(entity),
                format_count(stored[entity,]) if (entity,) in stored else "",
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
        return str(IMPORTED_FOR[entity])
    if entity in FURTHER:
        return FURTHER[entity].use
    return _("raw store") if pulls.can_be_pulled(entity) else ""


def webhook_rows(connection: Connection) -> list[tuple[str, ...]]:
    """A row for each object and operation that QuickBooks has reported: what became of it, and why it was ignored."""
    told = _counts(WebhookEvent.objects.filter(connection=connection), "entity", "operation", "state", "reason")
    totals: dict[tuple[str, str], dict[str, str]] = {}
    for (entity, operation, state, reason), count in sorted(told.items()):
        row = totals.setdefault((entity, operation), {})
        text = f"{format_count(count)}: {WebhookEvent.Reason(reason).label}" if reason else format_count(count)
        row[state] = f"{row[state]}; {text}" if state in row else text
    order = ("handled", "waiting", "failed", "ignored")
    reported = _counts(WebhookEvent.objects.filter(connection=connection), "entity", "operation")
    return [
        (*what, format_count(reported[what]), *(row.get(state, "") for state in order)) for what, row in totals.items()
    ]


def _counts(rows: QuerySet[Any], *names: str) -> dict[tuple[str, ...], int]:
    """How many rows there are of each combination of the values of `names`."""
    found = rows.order_by().values_list(*names).annotate(count=Count("pk"))
    return {tuple(values): count for *values, count in found}


def _pull_text(entity: str, pull: ObjectPull | None, company: CompanyProfile) -> str:
    if entity in IMPORTED:
        return _("yes, with every import")
    if not pulls.can_be_pulled(entity):
        return "no"
    if availability.why_not(entity=entity, operation=Operation.QUERY, company=company):
        return _("no, not in this edition")
    return _("yes, on") if pull is not None and pull.is_enabled else _("yes, off")

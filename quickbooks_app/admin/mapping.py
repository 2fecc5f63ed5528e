"""The mapping of a company in admin: changing it with a trial on real documents, its versions, and using one again."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.formatting import figure_text
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.preview import Fieldset, Preview, PreviewView
from infactor.core.admin.tables import Facts, Table
from infactor.suppliers.access import signed_in_user
from quickbooks_app.mapping import mappable_fields, trial, versions
from quickbooks_app.mapping import overrides as mapping_overrides
from quickbooks_app.mapping.invoices import ADDITIONAL_FIELDS, MAPPING_TABLE, FieldMapping
from quickbooks_app.mapping.mappable_fields import TARGETS
from quickbooks_app.mapping.overrides import CONSTANT, CUSTOM_PREFIX, InvalidOverride, Override
from quickbooks_app.models import Connection, MappingVersion

PERMISSION = "quickbooks_app.change_mapping"
ROWS: dict[str, FieldMapping] = {row.field: row for row in (*MAPPING_TABLE, *ADDITIONAL_FIELDS)}
SAVED = "The mapping is saved. The stored invoices are mapped again within minutes, without asking QuickBooks."


class MappingForm(ReasonForm):
    """Asks for each field that can be changed where it is read from, and why."""

    field_order = (*(name for field in TARGETS for name in (field, f"{field}_{CONSTANT}")), "reason")

    def __init__(self, *args: Any, custom_fields: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for target in TARGETS.values():
            row = ROWS[target.field]
            choices: list[Any] = [("", f"{row.quickbooks} (mapping table)")]
            choices.append(("QuickBooks fields", [(path, path) for path in mappable_fields.paths_for(target)]))
            if target.takes_custom_field and custom_fields:
                named = [(f"{CUSTOM_PREFIX}{key}", name or f"No. {key}") for key, name in custom_fields.items()]
                choices.append(("Custom fields", named))
            if target.takes_constant:
                choices.append((CONSTANT, "The same text for every invoice"))
                self.fields[f"{target.field}_{CONSTANT}"] = forms.CharField(
                    label=f"Text for {target.field}", max_length=target.max_length, required=False
                )
            self.fields[target.field] = forms.ChoiceField(
                label=f"{row.name} ({target.field})", choices=choices, required=False, help_text=f"{row.description}."
            )
        self.order_fields(self.field_order)

    def overrides(self) -> tuple[Override, ...]:
        """What was chosen, in the order of the table."""
        data = self.cleaned_data
        return tuple(
            Override(field, constant=data[f"{field}_{CONSTANT}"])
            if data[field] == CONSTANT
            else Override(field, path=data[field])
            for field in TARGETS
            if data[field]
        )


class ChangeMappingView(RowDecision, PreviewView):
    """Change where fields are read from. The preview tries it on real documents."""

    row: Connection
    name = "mapping"
    label = "Change mapping"
    title = "Change the mapping"
    button = "Save mapping"
    permission = PERMISSION
    needs_fresh_factor = True
    form_class = MappingForm
    refusals = (InvalidOverride,)
    notes = (
        "Where an invoice has nothing in the field that you choose, the mapping table's own reading counts.",
        *(f"{ROWS[field].name} stays: {why}" for field, why in mappable_fields.FIXED_FIELDS.items()),
    )

    def load(self) -> None:
        super().load()
        self.present = versions.current_overrides(self.row)
        self.documents = trial.newest_documents(self.row)

    def facts(self) -> Facts:
        version = versions.current_version(self.row)
        return [
            ("Company", self.row.company_name),
            ("Supplier", self.row.supplier),
            ("Version of the mapping", version.number if version else "The mapping table, unchanged"),
        ]

    def get_initial(self) -> dict[str, Any]:
        initial = {}
        for one in self.present:
            initial[one.field] = CONSTANT if one.constant else one.path
            initial[f"{one.field}_{CONSTANT}"] = one.constant
        return initial

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "custom_fields": trial.custom_fields(self.documents, self.present)}

    def get_fieldsets(self, form: Any) -> Sequence[Fieldset]:
        return [
            Fieldset("Where fields are read from", form, [name for name in form.fields if name != "reason"]),
            Fieldset("Why", form, ["reason"]),
        ]

    def preview(self, form: Any) -> Preview:
        new = form.overrides()
        mapping_overrides.validate_overrides(new)
        if new == self.present:
            raise InvalidOverride(versions.UNCHANGED)
        own = trial.try_overrides(documents=self.documents, present=self.present, new=new)
        test_documents = trial.documents_of_test_company(but=self.row)
        other = trial.try_overrides(documents=test_documents, present=self.present, new=new)
        return Preview(
            facts=(
                ("Newest invoices tried", figure_text(f"{own.tried:,}")),
                ("Of these, would change", figure_text(f"{own.changed:,}")),
            ),
            tables=(
                _changes_table(self.present, new),
                _values_table(f"On invoices of {self.row.company_name}", own),
                *([_values_table("On invoices of a test company", other)] if test_documents else []),
            ),
        )

    def perform(self, form: Any) -> str:
        versions.save_version(
            connection=self.row,
            overrides=form.overrides(),
            reason=form.cleaned_data["reason"],
            by=signed_in_user(self.request),
            at=timezone.now(),
        )
        return SAVED


class UseAgainView(RowDecision, DecisionView):
    """Go back to an earlier version: it is saved as the next one."""

    row: MappingVersion
    name = "use_again"
    label = button = "Use this version again"
    title = "Go back to an earlier mapping"
    permission = PERMISSION
    needs_fresh_factor = True
    form_class = ReasonForm
    refusals = (InvalidOverride,)

    @classmethod
    def is_possible(cls, row: MappingVersion) -> bool:
        current = versions.current_version(row.connection)
        return current is not None and current.overrides != row.overrides

    def facts(self) -> Facts:
        return [("Company", self.row.connection.company_name), ("Version", self.row.number)]

    def tables(self) -> Sequence[Table]:
        present = versions.current_overrides(self.row.connection)
        return (_changes_table(present, mapping_overrides.parse_overrides(self.row.overrides)),)

    def perform(self, form: Any) -> str:
        versions.save_version(
            connection=self.row.connection,
            overrides=mapping_overrides.parse_overrides(self.row.overrides),
            reason=form.cleaned_data["reason"],
            by=signed_in_user(self.request),
            at=timezone.now(),
        )
        return SAVED


@admin.register(MappingVersion)
class MappingVersionAdmin(DecisionAdmin):
    list_display = ("connection", "number", "created_at", "created_by", "reason", "changes", "progress")
    list_select_related = ("connection__remapping", "created_by")
    list_filter = ("created_at", ("connection", admin.RelatedOnlyFieldListFilter))
    search_fields = ("connection__company_name", "connection__supplier__name", "reason")
    search_help_text = "By company, supplier or reason"
    date_hierarchy = "created_at"
    fields = ("connection", "number", "created_at", "created_by", "reason", "changes", "progress")
    readonly_fields = ("changes", "progress")
    decisions = (UseAgainView,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MappingVersion]:
        rows: QuerySet[MappingVersion] = super().get_queryset(request)
        return rows.defer(*(f"connection__{name}" for name in ("realm_id", "access_token", "refresh_token")))

    @admin.display(description="Read from elsewhere")
    def changes(self, version: MappingVersion) -> str:
        found = mapping_overrides.parse_overrides(version.overrides)
        return ", ".join(f"{one.field}: {one.in_words()}" for one in found) or "Nothing: the mapping table itself"

    @admin.display(description="Stored invoices mapped again")
    def progress(self, version: MappingVersion) -> str:
        remapping = version.connection.remapping
        if remapping.requested_at != version.created_at:
            return "Replaced by a later version"
        done = f"{remapping.mapped:,}, of which {remapping.changed:,} changed"
        return done if remapping.finished_at else f"Running: {done}"


def _changes_table(present: Sequence[Override], new: Sequence[Override]) -> Table:
    was, now = ({one.field: one.in_words() for one in found} for found in (present, new))
    rows = [
        (ROWS[field].name, was.get(field, ROWS[field].quickbooks), now.get(field, ROWS[field].quickbooks))
        for field in TARGETS
        if was.get(field) != now.get(field)
    ]
    return Table("What changes", ("Field", "Read from now", "Read from then"), rows, empty="Nothing.")


def _values_table(title: str, tried: trial.Trial) -> Table:
    rows = [(one.invoice, ROWS[one.field].name, one.present, one.new, one.problem) for one in tried.shown()]
    columns = ("Invoice", "Field", "Present", "New", "Problem")
    return Table(title, columns, rows, empty="There are no invoices to try it on.")

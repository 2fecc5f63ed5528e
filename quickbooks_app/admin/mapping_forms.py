"""The form that changes a mapping, and the tables that show what it changes and where each field comes from."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Table
from quickbooks_app.mapping import mappable_fields, trial
from quickbooks_app.mapping.invoices import ADDITIONAL_FIELDS, MAPPING_TABLE, FieldMapping
from quickbooks_app.mapping.mappable_fields import TARGETS, Target
from quickbooks_app.mapping.overrides import CONSTANT, CUSTOM_PREFIX, TABLE, Override
from quickbooks_app.mapping.versions import Level, owner_of
from quickbooks_app.models import Connection

ROWS: dict[str, FieldMapping] = {row.field: row for row in (*MAPPING_TABLE, *ADDITIONAL_FIELDS)}
COMPANY = "try_on"


class MappingForm(ReasonForm):
    """Asks for each field that can be changed where it is read from, and why.

    `inherited` is what an integration changes already; `companies` are those that an integration's mapping is tried on.
    """

    field_order = (COMPANY, *(name for field in TARGETS for name in (field, f"{field}_{CONSTANT}")), "reason")

    def __init__(
        self,
        *args: Any,
        custom_fields: Mapping[str, str],
        inherited: Mapping[str, Override],
        companies: Sequence[Connection] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if companies:
            self.fields[COMPANY] = forms.TypedChoiceField(
                label=_("Try it on"),
                choices=[(one.pk, f"{one.company_name} ({one.supplier})") for one in companies],
                coerce=int,
            )
        for target in TARGETS.values():
            self._add(target, custom_fields, inherited.get(target.field))
        self.order_fields(self.field_order)

    def _add(self, target: Target, custom_fields: Mapping[str, str], inherited: Override | None) -> None:
        row = ROWS[target.field]
        choices: list[Any] = [("", _("%(quickbooks)s (mapping table)") % {"quickbooks": row.quickbooks})]
        if inherited is not None:
            choices = [
                ("", _("%(in_words)s (integration)") % {"in_words": inherited.in_words()}),
                (TABLE, _("%(quickbooks)s (mapping table)") % {"quickbooks": row.quickbooks}),
            ]
        choices.append((_("QuickBooks fields"), [(path, path) for path in mappable_fields.paths_for(target)]))
        if target.takes_custom_field and custom_fields:
            named = [
                (f"{CUSTOM_PREFIX}{key}", name or _("No. %(key)s") % {"key": key})
                for key, name in custom_fields.items()
            ]
            choices.append((_("Custom fields"), named))
        if target.takes_constant:
            choices.append((CONSTANT, _("The same text for every invoice")))
            self.fields[f"{target.field}_{CONSTANT}"] = forms.CharField(
                label=_("Text for %(field)s") % {"field": target.field}, max_length=target.max_length, required=False
            )
        self.fields[target.field] = forms.ChoiceField(
            label=f"{row.name} ({target.field})", choices=choices, required=False, help_text=f"{row.description}."
        )

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


def initial_of(overrides: Sequence[Override]) -> dict[str, str]:
    """The first values of the form."""
    initial = {}
    for one in overrides:
        initial[one.field] = CONSTANT if one.constant else one.path
        initial[f"{one.field}_{CONSTANT}"] = one.constant
    return initial


def changes_table(present: Sequence[Override], new: Sequence[Override]) -> Table:
    """What is read from elsewhere than now."""
    was, now = ({one.field: one.in_words() for one in found} for found in (present, new))
    rows = [
        (ROWS[field].name, was.get(field, ROWS[field].quickbooks), now.get(field, ROWS[field].quickbooks))
        for field in TARGETS
        if was.get(field) != now.get(field)
    ]
    return Table(_("What changes"), (_("Field"), _("Read from now"), _("Read from then")), rows, empty=_("Nothing."))


def origins_table(levels: Sequence[Level]) -> Table:
    """Every field that can be changed, where it is read from, and whose version says so."""
    origins = {field: (ROWS[field].quickbooks, _("Mapping table")) for field in TARGETS}
    for level in levels:
        for one in level.overrides:
            read_from = ROWS[one.field].quickbooks if one.is_of_table else one.in_words()
            origins[one.field] = (
                read_from,
                _("%(kind)s %(owner_of)s, version %(number)s")
                % {"kind": _kind(level), "owner_of": owner_of(level.version), "number": level.version.number},
            )
    rows = [(ROWS[field].name, *found) for field, found in origins.items()]
    return Table(
        _("What counts now"),
        (_("Field"), _("Read from"), _("Comes from")),
        rows,
        empty=_("Every field is read as the mapping table says."),
    )


def values_table(title: str, tried: trial.Trial) -> Table:
    """Present and new values, side by side."""
    rows = [(one.invoice, ROWS[one.field].name, one.present, one.new, one.problem) for one in tried.shown()]
    columns = (_("Invoice"), _("Field"), _("Present"), _("New"), _("Problem"))
    return Table(title, columns, rows, empty=_("There are no invoices to try it on."))


def _kind(level: Level) -> str:
    return _("Integration") if level.version.integration_id else _("Company")

"""The mapping of a company or an integration in admin: changing it with a trial, its versions, using one again."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.formatting import figure_text
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.preview import Fieldset, Preview, PreviewView
from infactor.core.admin.tables import Facts, Table
from infactor.core.money import format_count
from infactor.core.translatable import Text
from infactor.suppliers.access import signed_in_user
from quickbooks_app.admin import mapping_forms
from quickbooks_app.admin.mapping_forms import COMPANY, ROWS, MappingForm
from quickbooks_app.mapping import mappable_fields, trial, versions
from quickbooks_app.mapping import overrides as mapping_overrides
from quickbooks_app.mapping.overrides import InvalidOverride, Override, merge_overrides
from quickbooks_app.models import Connection, Document, Integration, MappingVersion, Remapping

PERMISSION = "quickbooks_app.change_mapping"
SAVED = gettext_lazy(
    "The mapping is saved. The stored invoices are mapped again within minutes, without asking QuickBooks."
)
COMPANIES_OFFERED = 200
SECRET = ("realm_id", "access_token", "refresh_token")


class ChangeMappingView(RowDecision, PreviewView):
    """Change where fields of a company are read from. The preview tries it on real documents."""

    row: Connection | Integration
    name = "mapping"
    label = gettext_lazy("Change mapping")
    title = gettext_lazy("Change the mapping")
    button = gettext_lazy("Save mapping")
    permission = PERMISSION
    needs_fresh_factor = True
    form_class = MappingForm
    refusals = (InvalidOverride,)
    notes: Sequence[Text] = (
        gettext_lazy(
            "Where an invoice has nothing in the field that you choose, the mapping table's own reading counts."
        ),
        *(
            format_lazy(gettext_lazy("{name} stays: {why}"), name=ROWS[field].name, why=why)
            for field, why in mappable_fields.FIXED_FIELDS.items()
        ),
    )

    def load(self) -> None:
        super().load()
        self.present = versions.own_overrides(self.row)

    @cached_property
    def company(self) -> Connection | None:
        """The company that it is tried on."""
        return self.row if isinstance(self.row, Connection) else None

    @cached_property
    def documents(self) -> list[Document]:
        return trial.newest_documents(self.company) if self.company else []

    def companies(self) -> Sequence[Connection]:
        """The companies to choose from."""
        return ()

    def facts(self) -> Facts:
        version = versions.current_version(self.row)
        return [
            *self.who(),
            (_("Version of the mapping"), version.number if version else _("None: nothing is changed here")),
        ]

    def who(self) -> Facts:
        """Whose mapping it is."""
        row = self.row
        return [(_("Company"), row.company_name), (_("Supplier"), row.supplier)] if isinstance(row, Connection) else []

    def tables(self) -> Sequence[Table]:
        return (mapping_forms.origins_table(self._levels()),)

    def get_initial(self) -> dict[str, Any]:
        return mapping_forms.initial_of(self.present)

    def get_form_kwargs(self) -> dict[str, Any]:
        inherited = merge_overrides(level.overrides for level in versions.inherited_levels(self.row))
        return {
            **super().get_form_kwargs(),
            "custom_fields": trial.custom_fields(self.documents, (*inherited, *self.present)),
            "inherited": {one.field: one for one in inherited},
            "companies": self.companies(),
        }

    def get_fieldsets(self, form: Any) -> Sequence[Fieldset]:
        return [
            Fieldset(_("Where fields are read from"), form, [name for name in form.fields if name != "reason"]),
            Fieldset(_("Why"), form, ["reason"]),
        ]

    def preview(self, form: Any) -> Preview:
        new = form.overrides()
        mapping_overrides.validate_overrides(new)
        if new == self.present:
            raise InvalidOverride(versions.UNCHANGED)
        tables = [mapping_forms.changes_table(self.present, new)]
        facts: list[tuple[str, Any]] = []
        if self.company:
            tried = self._try(self.documents, self.company, new)
            facts = [
                (_("Newest invoices tried"), figure_text(format_count(tried.tried))),
                (_("Of these, would change"), figure_text(format_count(tried.changed))),
            ]
            tables.append(
                mapping_forms.values_table(
                    _("On invoices of %(company_name)s") % {"company_name": self.company.company_name}, tried
                )
            )
        if test_documents := trial.documents_of_test_company(but=self.company):
            # The test company is read as the tried one would be.
            tried = self._try(test_documents, self.company, new)
            tables.append(mapping_forms.values_table(_("On invoices of a test company"), tried))
        return Preview(facts=tuple(facts), tables=tuple(tables))

    def perform(self, form: Any) -> str:
        versions.save_version(
            owner=self.row,
            overrides=form.overrides(),
            reason=form.cleaned_data["reason"],
            by=signed_in_user(self.request),
            at=timezone.now(),
        )
        return str(SAVED)

    def _levels(self) -> Sequence[versions.Level]:
        if isinstance(self.row, Connection):
            return versions.levels_of(self.row)
        own = versions.current_version(self.row)
        return [
            *versions.inherited_levels(self.row),
            *([versions.Level(own, self.present)] if own else []),
        ]

    def _try(self, documents: Sequence[Document], company: Connection | None, new: Sequence[Override]) -> trial.Trial:
        """What counts now and then, for a company: where it changes a field itself, an integration's does not count."""
        if company is None:
            below = [level.overrides for level in versions.inherited_levels(self.row)]
            present, then = merge_overrides([*below, self.present]), merge_overrides([*below, new])
        else:
            present = versions.current_overrides(company)
            then = versions.overrides_with(company, owner=self.row, new=new)
        return trial.try_overrides(documents=documents, present=present, new=then)


class ChangeIntegrationMappingView(ChangeMappingView):
    """Change where fields are read from, for all companies of an integration."""

    row: Integration
    title = gettext_lazy("Change the mapping of all companies of this integration")
    notes: Sequence[Text] = (
        gettext_lazy(
            "It counts for every company of this integration, and of the apps that suppliers brought for it. Where a "
            "company has a mapping of its own for a field, that counts."
        ),
        *ChangeMappingView.notes,
    )

    @cached_property
    def company(self) -> Connection | None:
        offered = self._offered
        chosen = self.request.POST.get(COMPANY, "")
        return next((one for one in offered if str(one.pk) == chosen), offered[0] if offered else None)

    @cached_property
    def _offered(self) -> list[Connection]:
        found = versions.companies_of(self.row).select_related("supplier", "company_file").defer(*SECRET)
        return list(found.order_by("company_name", "pk")[:COMPANIES_OFFERED])

    def companies(self) -> Sequence[Connection]:
        return self._offered

    def who(self) -> Facts:
        number = versions.companies_of(self.row).count()
        return [(_("Integration"), self.row), (_("Companies"), figure_text(format_count(number)))]


class UseAgainView(RowDecision, DecisionView):
    """Go back to an earlier version: it is saved as the next one."""

    row: MappingVersion
    name = "use_again"
    label = button = gettext_lazy("Use this version again")
    title = gettext_lazy("Go back to an earlier mapping")
    permission = PERMISSION
    needs_fresh_factor = True
    form_class = ReasonForm
    refusals = (InvalidOverride,)

    @classmethod
    def is_possible(cls, row: MappingVersion) -> bool:
        current = versions.current_version(versions.owner_of(row))
        return current is not None and current.overrides != row.overrides

    @classmethod
    def blocker_of(cls, row: MappingVersion) -> str:
        return _("Its fields are those of the version in use.")

    def facts(self) -> Facts:
        kind = _("Company") if self.row.connection_id else _("Integration")
        return [(kind, versions.owner_of(self.row)), (_("Version"), self.row.number)]

    def tables(self) -> Sequence[Table]:
        present = versions.own_overrides(versions.owner_of(self.row))
        return (mapping_forms.changes_table(present, mapping_overrides.parse_overrides(self.row.overrides)),)

    def perform(self, form: Any) -> str:
        versions.save_version(
            owner=versions.owner_of(self.row),
            overrides=mapping_overrides.parse_overrides(self.row.overrides),
            reason=form.cleaned_data["reason"],
            by=signed_in_user(self.request),
            at=timezone.now(),
        )
        return str(SAVED)


@admin.register(MappingVersion)
class MappingVersionAdmin(DecisionAdmin):
    list_display = ("owned_by", "number", "created_at", "created_by", "reason", "changes", "progress")
    list_select_related = ("connection", "integration", "created_by")
    ordering = ("-created_at", "-pk")
    list_filter = (
        "created_at",
        ("integration", admin.RelatedOnlyFieldListFilter),
        ("connection", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("connection__company_name", "connection__supplier__name", "integration__name", "reason")
    search_help_text = gettext_lazy("By company, supplier, integration or reason")
    date_hierarchy = "created_at"
    fields = ("owned_by", "number", "created_at", "created_by", "reason", "changes", "progress")
    readonly_fields = ("owned_by", "changes", "progress")
    decisions = (UseAgainView,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MappingVersion]:
        rows: QuerySet[MappingVersion] = super().get_queryset(request)
        secrets = (*(f"connection__{name}" for name in SECRET), "integration__client_secret")
        return rows.defer(*secrets, "integration__webhook_verifier").annotate(remapped=Subquery(_remapped()))

    @admin.display(description=gettext_lazy("Mapping of"))
    def owned_by(self, version: MappingVersion) -> str:
        kind = _("Company") if version.connection_id else _("Integration")
        return f"{kind} {versions.owner_of(version)}"

    @admin.display(description=gettext_lazy("Read from elsewhere"))
    def changes(self, version: MappingVersion) -> str:
        found = mapping_overrides.parse_overrides(version.overrides)
        return ", ".join(f"{one.field}: {one.in_words()}" for one in found) or _("Nothing: the mapping table itself")

    @admin.display(description=gettext_lazy("Stored invoices mapped again"))
    def progress(self, version: MappingVersion) -> str:
        found = version.remapped  # type: ignore[attr-defined]  # by get_queryset
        if found is None:
            return _("Replaced by a later version")
        text = _("%(mapped)s, of which %(changed)s changed") % {
            "mapped": format_count(found["mapped"]),
            "changed": format_count(found["changed"]),
        }
        if version.integration_id:
            numbers = {name: format_count(found[name]) for name in ("done", "companies")}
            text += _("; %(done)s of %(companies)s companies done") % numbers
        return text if found["done"] == found["companies"] else _("Running: %(text)s") % {"text": text}


def _remapped() -> QuerySet[Any]:
    """How far the companies of a version are, as JSON. One that a later version started anew does not count."""
    mine = (
        Q(connection=OuterRef("connection"))
        | Q(connection__integration=OuterRef("integration"))
        | Q(connection__integration__parent=OuterRef("integration"))
    )
    found = Remapping.objects.filter(mine, requested_at=OuterRef("created_at")).order_by().values("requested_at")
    return found.annotate(
        found=JSONObject(
            companies=Count("pk"),
            done=Count("pk", filter=Q(finished_at__isnull=False)),
            mapped=Sum("mapped"),
            changed=Sum("changed"),
        )
    ).values("found")

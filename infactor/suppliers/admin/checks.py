"""Onboarding checks in admin: their history, and recording one."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core import reasons
from infactor.core.admin.decisions import DecisionAdmin, DecisionView, RowDecision
from infactor.core.admin.formatting import day_text, link
from infactor.core.admin.tables import Facts, Table
from infactor.core.business_day import business_day
from infactor.core.form_fields import DayInput
from infactor.documents import readers, storage
from infactor.documents.models import Document
from infactor.suppliers import checks
from infactor.suppliers.access import signed_in_user
from infactor.suppliers.check_catalogue import CATALOGUE, ITEMS
from infactor.suppliers.models import Application, Check, CheckKind


def _day() -> forms.DateInput:
    return DayInput()


class CheckForm(forms.Form):
    """Asks for one check as it was made."""

    kind = forms.ChoiceField(label=gettext_lazy("Check"), choices=[("", gettext_lazy("Choose…")), *CheckKind.choices])
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), choices=Check.Outcome.choices, widget=forms.RadioSelect)
    made_on = forms.DateField(label=gettext_lazy("Made on"), widget=_day())
    expires_on = forms.DateField(
        label=gettext_lazy("Last day on which it counts"),
        required=False,
        widget=_day(),
        help_text=gettext_lazy(
            "The next check must be made by then. Only a proof of the bank account may count for good."
        ),
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The number of the search, the register or the list."),
    )
    note = forms.CharField(
        max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}), label=gettext_lazy("What was found")
    )
    document = forms.ModelChoiceField(
        Document.objects.none(),
        label=gettext_lazy("Document"),
        required=False,
        empty_label=gettext_lazy("No document"),
        help_text=gettext_lazy("Add it to the supplier first."),
    )

    def __init__(self, *args: Any, documents: QuerySet[Document], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].queryset = documents  # type: ignore[attr-defined]


class RecordCheckView(RowDecision, DecisionView):
    """Record a check of the supplier. Earlier ones of its kind stay."""

    name = "check"
    label = gettext_lazy("Record a check")
    title = gettext_lazy("Record an onboarding check")
    button = gettext_lazy("Record")
    permission = checks.RECORD_CHECKS
    needs_fresh_factor = True  # an approval rests on it
    form_class = CheckForm
    refusals = (checks.InvalidCheck, reasons.ReasonMissing)
    notes = (gettext_lazy("A check cannot be changed. If something is wrong, record it again: the newest one counts."),)
    row: Application

    def get_initial(self) -> dict[str, Any]:
        today, kind = business_day(timezone.now()), self.request.GET.get("kind", "")
        item = ITEMS.get(kind)
        until = today + timedelta(days=item.valid_days) if item and item.valid_days else None
        return {"kind": kind, "made_on": today, "expires_on": until}

    def get_form_kwargs(self) -> dict[str, Any]:
        readable = readers.readable_kinds(self.request.user)
        kinds = {kind for item in CATALOGUE for kind in item.documents if kind in readable}
        return {**super().get_form_kwargs(), "documents": storage.newest(self.row.supplier, *kinds)}

    def facts(self) -> Facts:
        found = self.row
        return [
            (_("Supplier"), link(found.supplier)),
            (_("Legal name"), found.legal_name or "-"),
            (_("Registration number"), found.registration_number or "-"),
            (_("Owners"), ", ".join(owner.name for owner in found.owners.all()) or "-"),
        ]

    def tables(self) -> list[Table]:
        """What each check is."""
        rows = [(item.kind.label, item.task, item.usual_validity) for item in CATALOGUE]
        return [Table(_("What to check"), (_("Check"), _("How"), _("Usually counts for")), rows)]

    def perform(self, form: Any) -> str:
        check = checks.record(
            supplier=self.row.supplier,
            details=checks.CheckDetails(**form.cleaned_data),
            by=signed_in_user(self.request),
            at=timezone.now(),
        )
        left = checks.missing_for_approval(supplier=self.row.supplier, on=business_day(timezone.now()))
        open_checks = (
            _(" Still open: %(left)s.") % {"left": "; ".join(left)} if left else _(" The checklist is complete.")
        )
        return _("%(check)s is recorded.%(open_checks)s") % {"check": check, "open_checks": open_checks}


class StandingFilter(admin.SimpleListFilter):
    """Checks of approved suppliers that end soon, or have ended."""

    title = gettext_lazy("expiry")
    parameter_name = "expiry"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("soon", _("Within 30 days")), ("expired", _("Expired and not made again"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Check]) -> QuerySet[Check]:
        today = business_day(timezone.now())
        if self.value() == "soon":
            return queryset.filter(pk__in=checks.expiring(on=today).values("pk"))
        return queryset.filter(pk__in=checks.expired(on=today).values("pk")) if self.value() == "expired" else queryset


@admin.register(Check)
class CheckAdmin(DecisionAdmin):
    list_display = ("check_name", "supplier_link", "outcome", "made_on", "expires_on", "reference", "recorded_by")
    list_filter = (StandingFilter, "kind", "outcome")
    list_select_related = ("supplier", "recorded_by")
    queues = {("expiry", "soon"): "made_on", ("expiry", "expired"): "expires_on"}
    search_fields = ("supplier__name", "reference")
    search_help_text = gettext_lazy("By supplier or reference")
    date_hierarchy = "made_on"
    fields = (
        "supplier",
        "kind",
        "outcome",
        "made_on",
        "expires_on",
        "reference",
        "note",
        "shown_document",
        "recorded_by",
        "recorded_at",
    )
    readonly_fields = ("shown_document",)

    def related_tables(self, row: Check) -> list[Table]:
        """Every check of this kind, the newest first."""
        rows = [
            (
                link(one, day_text(one.made_on)),
                one.get_outcome_display(),
                day_text(one.expires_on) or "-",
                one.recorded_by,
            )
            for one in Check.objects.filter(supplier=row.supplier, kind=row.kind).select_related("recorded_by")
        ]
        return [Table(_("History of this check"), (_("Made"), _("Outcome"), _("Last day"), _("By")), rows)]

    @admin.display(description=gettext_lazy("Check"), ordering="kind")
    def check_name(self, check: Check) -> str:
        return check.get_kind_display()

    @admin.display(description=gettext_lazy("Supplier"), ordering="supplier__name")
    def supplier_link(self, check: Check) -> SafeString:
        return link(check.supplier)

    @admin.display(description=gettext_lazy("Document"))
    def shown_document(self, check: Check) -> SafeString | str:
        return link(check.document, check.document.name) if check.document else "-"

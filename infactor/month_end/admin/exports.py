"""Staff's pages of exports: the general ledger as files, and the account names of the house's QuickBooks."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.banking.models import HouseAccount
from infactor.core import downloads, spreadsheets
from infactor.core.admin.formatting import day_text, moment_text
from infactor.core.admin.tables import Table
from infactor.core.business_day import business_day
from infactor.core.form_fields import DayInput
from infactor.ledger import periods
from infactor.ledger.chart import CHART
from infactor.ledger.models import Account, Purpose
from infactor.month_end import exports, general_ledger
from infactor.month_end.admin.decisions import MonthEndDecision
from infactor.month_end.models import LedgerExport

SHOWN = 30
DETAILS = {False: gettext_lazy("by day"), True: gettext_lazy("in detail")}


class ExportForm(forms.Form):
    """Asks which time, in which currency and form."""

    start = forms.DateField(label=gettext_lazy("From"), widget=DayInput())
    end = forms.DateField(label=gettext_lazy("To"), widget=DayInput())
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    format = forms.ChoiceField(label=gettext_lazy("Format"), choices=LedgerExport.Format.choices)
    is_detailed = forms.BooleanField(
        label=gettext_lazy("In detail"),
        required=False,
        help_text=gettext_lazy("A journal for each transaction. Otherwise one for each day."),
    )
    part = forms.IntegerField(
        label=gettext_lazy("Part"),
        min_value=1,
        initial=1,
        help_text=gettext_lazy("QuickBooks takes 1,000 rows a file. The list says how many parts there are."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        used = Account.objects.order_by("currency").values_list("currency", flat=True).distinct()
        self.fields["currency"].choices = [(one, one) for one in used]  # type: ignore[attr-defined]


class ExportView(MonthEndDecision):
    """Export the general ledger of a time."""

    title, button = gettext_lazy("Export the general ledger"), gettext_lazy("Export")
    form_class = ExportForm
    notes = (
        gettext_lazy(
            "QuickBooks gets closed months only: import each part once, under Settings, Import data, Journal entries."
        ),
        gettext_lazy(
            "Turn account numbers off in QuickBooks while you import, and name the accounts as they are called there."
        ),
    )

    def get_initial(self) -> dict[str, Any]:
        last = periods.last_closing()
        month = last.month if last is not None else periods.month_of(business_day(timezone.now()) - timedelta(days=28))
        return {"start": month, "end": periods.last_day(month), "part": 1}

    def tables(self) -> Sequence[Table]:
        rows = LedgerExport.objects.select_related("exported_by")[:SHOWN]
        return [
            Table(
                caption=_("Exports so far"),
                columns=(_("Export"), _("From"), _("To"), _("Part"), _("Exported"), _("By"), "SHA-256"),
                rows=[
                    (
                        ", ".join((one.get_format_display(), one.currency, str(DETAILS[one.is_detailed]))),
                        day_text(one.start),
                        day_text(one.end),
                        _("%(part)s of %(parts)s") % {"part": one.part, "parts": one.parts},
                        moment_text(one.exported_at),
                        str(one.exported_by),
                        f"{one.digest[:12]}…",
                    )
                    for one in rows
                ],
                empty=_("Nothing is exported yet."),
            )
        ]

    def form_valid(self, form: Any) -> HttpResponse:
        """The file itself; a refusal is shown on the page."""
        try:
            row, content = exports.export(**form.cleaned_data, by=self.user, at=timezone.now())
        except periods.PeriodError as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        kind = f"{row.format}-{'detail' if row.is_detailed else 'days'}"
        is_workbook = row.format == LedgerExport.Format.XLSX
        ending, content_type = ("xlsx", spreadsheets.CONTENT_TYPE) if is_workbook else ("csv", downloads.CSV)
        name = f"ledger-{kind}-{row.start}-{row.end}-{row.currency}-{row.part}.{ending}"
        return HttpResponse(
            content,
            content_type=content_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def perform(self, form: Any) -> str:
        return ""


class NamesForm(forms.Form):
    """Asks for the name of each account: of each purpose, and of each bank of the house."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        banks = list(HouseAccount.objects.all())
        known = {
            currency: general_ledger.account_names(currency=currency)
            for currency in {"", *(one.currency for one in banks)}
        }
        for purpose, account in CHART.items():
            self.fields[purpose.value] = forms.CharField(
                label=f"{account.number} {account.name}", max_length=100, initial=known[""][purpose, ""]
            )
        self.banks = {one.pk: f"house_account_{one.pk}" for one in banks}
        for one in banks:
            self.fields[self.banks[one.pk]] = forms.CharField(
                label=f"{CHART[Purpose.CASH].number} {CHART[Purpose.CASH].name}: {one} {one.masked}",
                max_length=100,
                required=False,
                initial=known[one.currency][Purpose.CASH, one.ledger_owner],
            )


class NamesView(MonthEndDecision):
    """Name the accounts as the house's QuickBooks does."""

    title, button = gettext_lazy("Account names in QuickBooks"), gettext_lazy("Save")
    form_class = NamesForm
    notes = (gettext_lazy("Write each name exactly as it stands in QuickBooks; a sub-account as Parent:Sub-account."),)

    def perform(self, form: Any) -> str:
        banks = {pk: form.cleaned_data[name] for pk, name in form.banks.items()}
        exports.name_accounts(names=form.cleaned_data, banks=banks, by=self.user, at=timezone.now())
        return _("The account names are saved.")

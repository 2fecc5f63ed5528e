"""Staff's decisions at month end: accrue fees, close a month, ask to reopen one."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from infactor.core.admin.formatting import amount_text, amounts_text, day_text, figure_text, link, moment_text
from infactor.core.admin.forms import MAX_REASON_LENGTH, ReasonForm
from infactor.core.admin.tables import Facts, Table
from infactor.financing.admin.base.decisions import REFUSALS, FinancingDecision
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.models import Approval
from infactor.ledger import periods
from infactor.ledger.models import PeriodClosing
from infactor.ledger.periods import PeriodError
from infactor.month_end import accruals, closing
from infactor.month_end.accruals import AccruedFee
from infactor.month_end.admin.overview import checklist_table
from infactor.month_end.checklist import Item, checklist

LISTED = 500  # advances on the page of an accrual


class MonthEndDecision(FinancingDecision):
    """A decision about the books as a whole."""

    permission = periods.PERMISSION
    needs_fresh_factor = True
    refusals = (*REFUSALS, PeriodError)
    back_label = gettext_lazy("Month end")

    def get_success_url(self) -> str:
        return reverse("admin:month_end")


class OpenMonthDecision(MonthEndDecision):
    """A decision about the next month to close."""

    month: date

    def load(self) -> None:
        self.found = periods.month_to_close(at=timezone.now())
        if self.found is not None:
            self.month = self.found

    def blocker(self) -> str:
        return "" if self.found is not None else _("No month is over and open.")


class AccrueView(OpenMonthDecision):
    """Accrue the fees of the month, advance by advance."""

    label = gettext_lazy("Accrue the fees of a month")
    button = gettext_lazy("Accrue")

    @property
    def title(self) -> str:  # type: ignore[override]
        return _("Accrue the fees of %(month)s") % {"month": f"{self.month:%B %Y}"}

    def blocker(self) -> str:
        if blocked := super().blocker():
            return blocked
        self.fees = accruals.to_post(month=self.month)
        return (
            ""
            if self.fees
            else _("The fees of %(month)s are accrued. Nothing has changed since.") % {"month": f"{self.month:%B %Y}"}
        )

    def facts(self) -> Facts:
        day = periods.last_day(self.month)
        return [
            (_("Posted on"), day_text(day)),
            (_("Reversed on"), day_text(periods.next_month(self.month))),
            (_("Advances"), figure_text(len(self.fees))),
            (_("Accrued now"), amounts_text(_sums(self.fees))),
        ]

    def tables(self) -> Sequence[Table]:
        cut = (
            _(" (the first %(listed)s of %(count)s)") % {"listed": LISTED, "count": len(self.fees)}
            if len(self.fees) > LISTED
            else ""
        )
        return [fees_table(self.fees[:LISTED], caption=_("Fees to accrue%(cut)s") % {"cut": cut})]

    def get_notes(self) -> Sequence[str]:
        return (_("Suppliers see nothing of it: they are charged when the advance is settled."),)

    def perform(self, form: Any) -> str:
        run = accruals.accrue(month=self.month, by=self.user, at=timezone.now())
        return ngettext(
            "%(run)s: accrued for %(count)s advance, and reversed on the first of the next month.",
            "%(run)s: accrued for %(count)s advances, and reversed on the first of the next month.",
            run.fees.count(),
        ) % {
            "run": run,
            "count": run.fees.count(),
        }


def fees_table(fees: Sequence[AccruedFee], *, caption: str) -> Table:
    """What is accrued for each advance, and how it comes about."""
    return Table(
        caption=caption,
        columns=(
            _("Advance"),
            _("Supplier"),
            _("Fee by the terms"),
            _("Charged already"),
            _("Accrued before"),
            _("Accrued now"),
            _("Of it late fees"),
        ),
        rows=[
            (
                link(
                    one.advance,
                    _("A%(pk)s, invoice %(invoice)s") % {"pk": one.advance.pk, "invoice": one.advance.invoice},
                ),
                link(one.advance.supplier),
                one.formula,
                amount_text(one.charged.total, one.advance.currency),
                amount_text(one.before.total, one.advance.currency),
                amount_text(one.amount.total, one.advance.currency),
                amount_text(one.amount.late, one.advance.currency),
            )
            for one in fees
        ],
    )


def _sums(fees: Sequence[AccruedFee]) -> list[tuple[str, Decimal]]:
    sums: dict[str, Decimal] = {}
    for one in fees:
        sums[one.advance.currency] = sums.get(one.advance.currency, Decimal(0)) + one.amount.total
    return sorted(sums.items())


class ExplanationsForm(forms.Form):
    """Asks for an explanation of each point that is not in order."""

    def __init__(self, *args: Any, items: Sequence[Item], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in items:
            if item.needs_explanation:
                self.fields[item.code] = forms.CharField(
                    label=_("Not in order: %(title)s%(title_2)s. Why close the month anyway?")
                    % {"title": item.title[0].lower(), "title_2": item.title[1:]},
                    max_length=MAX_REASON_LENGTH,
                    widget=forms.Textarea(attrs={"rows": 2}),
                    help_text=" ".join(item.findings),
                )


class CloseView(OpenMonthDecision):
    """Close the month, with an explanation of whatever is not in order."""

    label = gettext_lazy("Close a month")
    button = gettext_lazy("Close the month")
    form_class = ExplanationsForm
    notes = (
        gettext_lazy(
            "Nothing is posted into the month afterwards. A correction of it counts on the first day of the next month."
        ),
        gettext_lazy("A second person can reopen it with you, as long as no later month is closed."),
    )

    @property
    def title(self) -> str:  # type: ignore[override]
        return _("Close %(month)s") % {"month": f"{self.month:%B %Y}"}

    def load(self) -> None:
        super().load()
        self.items = [] if self.found is None else checklist(month=self.month, at=timezone.now())

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "items": self.items}

    def tables(self) -> Sequence[Table]:
        return [checklist_table(self.items)]

    def perform(self, form: Any) -> str:
        done = closing.close(month=self.month, explanations=form.cleaned_data, by=self.user, at=timezone.now())
        return _("%(done)s is closed.") % {"done": done}


class ReopenView(MonthEndDecision):
    """Ask to reopen the last closed month; a second person approves it."""

    title = gettext_lazy("Reopen a closed month")
    button = gettext_lazy("Ask to reopen it")
    form_class = ReasonForm

    def load(self) -> None:
        found = PeriodClosing.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        self.row = found

    def blocker(self) -> str:
        last = periods.last_closing()
        return "" if last == self.row else _("Only the last closed month can be reopened.")

    def facts(self) -> Facts:
        return [
            (_("Month"), link(self.row)),
            (_("Closed by"), f"{self.row.closed_by}, {moment_text(self.row.closed_at)}"),
        ]

    def get_notes(self) -> Sequence[str]:
        return (
            _("It waits under Approvals. What was exported of the month may then no longer be what the books say."),
            _("Close it again afterwards: later months are closed after it."),
        )

    def perform(self, form: Any) -> str:
        month = self.row.month
        request = ApprovalRequest(
            kind=Approval.Kind.REOPEN,
            subject=f"month:{month:%Y-%m}",
            permission=periods.PERMISSION,
            supplier=None,
            currency="",
            amount=Decimal(0),
            summary=_("Reopen %(month)s") % {"month": f"{month:%B %Y}"},
            arguments={"month": month.isoformat(), "reason": form.cleaned_data["reason"]},
        )
        return self.execute_or_request_approval(request, done=_("%(row)s is open again.") % {"row": self.row})

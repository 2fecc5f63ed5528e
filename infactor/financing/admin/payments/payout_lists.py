"""Decisions about many payouts that staff chose in the list: approve them, or put them into a batch."""

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from infactor.banking import open_accounts, payment_files
from infactor.banking.errors import BankingError
from infactor.banking.models import HouseAccount
from infactor.core.admin.formatting import amount_text, amounts_text, change_url, link
from infactor.core.admin.tables import NONE, Facts, Table
from infactor.core.translatable import Text
from infactor.financing import dual_control
from infactor.financing.accounting.balances import supplier_ledger_owner
from infactor.financing.admin.base.decisions import REFUSALS, FinancingDecision, money_day
from infactor.financing.admin.base.forms import parse_key
from infactor.financing.models import UNSENT, Case, Payout
from infactor.financing.money_out import approval, batches, blockers
from infactor.ledger.balances import balances_by_purpose
from infactor.ledger.models import Purpose

MAX_CHOSEN = 500
LIST = "admin:financing_payout_changelist"


def decide(request: HttpRequest, rows: "QuerySet[Payout]", page: str) -> HttpResponseRedirect:
    """Open the page of a decision about `rows`, or the list again where they are too many for one page."""
    keys = [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)[: MAX_CHOSEN + 1]]
    if len(keys) > MAX_CHOSEN:
        messages.error(request, _("Choose at most %(max_chosen)s payouts at a time.") % {"max_chosen": MAX_CHOSEN})
        return HttpResponseRedirect(request.get_full_path())
    return HttpResponseRedirect(f"{reverse(page)}?{urlencode({'ids': ','.join(keys)})}")


def with_accounts(rows: "QuerySet[Payout]") -> "QuerySet[Payout]":
    """`rows` with what lists show of them, and without the numbers of accounts."""
    return rows.select_related(
        "supplier",
        "advance",
        "bank_account",
        "payee_account",
        "micro_deposits__account",
        "batch",
        "prepared_by",
        "approved_by",
    ).defer(
        "batch__content",
        *(f"{account}__{name}" for account in ACCOUNTS for name in NUMBERS),
    )


NUMBERS = ("account_number", "routing_number")
ACCOUNTS = ("bank_account", "payee_account", "micro_deposits__account")


def payouts_table(rows: Iterable[Payout], *, empty: Text = NONE) -> Table:
    """Payouts, each with its payee, its amount and where it stands; with why not, where one of them may not leave.

    Of those that are not sent: what the supplier owes infactor, and its open cases, where there are any.
    """
    found = list(rows)
    blocked, owed, cases = against(found), debts_of(found), cases_of(found)
    return Table(
        _("Payouts"),
        (
            _("Payout"),
            _("Payee"),
            _("For"),
            _("Account"),
            _("Amount"),
            _("Status"),
            _("Prepared by"),
            _("Second person"),
            *([_("The supplier owes")] if owed else []),
            *([_("Open cases")] if cases else []),
            *([_("Blocked by")] if blocked else []),
        ),
        [
            (
                link(one),
                one.payee,
                one.get_purpose_display(),
                f"{one.destination.masked}, {one.destination.bank_name}",
                amount_text(one.amount, one.currency),
                one.get_status_display(),
                str(one.prepared_by),
                str(one.approved_by or "-"),
                *([owed.get(one.pk, "-")] if owed else []),
                *([cases.get(one.pk, "-")] if cases else []),
                *([" ".join(blocked.get(one.pk, ())) or "-"] if blocked else []),
            )
            for one in found
        ],
        empty,
    )


def against(rows: Collection[Payout]) -> dict[int, list[str]]:
    """Why those of `rows` that are not sent yet may not leave today, by their keys; without those that may."""
    unsent = [one for one in rows if one.status in UNSENT]
    return {key: found for key, found in blockers.of_payouts(payouts=unsent, on=money_day()).items() if found}


def debts_of(rows: Collection[Payout]) -> dict[int, str]:
    """What the supplier owes of each of `rows` that is not sent yet, by its key. A query for each currency."""
    unsent = [(one, one.supplier_id) for one in rows if one.status in UNSENT and one.supplier_id is not None]
    found: dict[int, str] = {}
    for currency in {one.currency for one, _supplier in unsent}:
        owners = {one.pk: supplier_ledger_owner(supplier) for one, supplier in unsent if one.currency == currency}
        purpose = Purpose.DUE_FROM_SUPPLIER
        owed = balances_by_purpose(purposes=[purpose], owners=set(owners.values()), currency=currency)[purpose]
        found |= {key: amount_text(owed[owner], currency) for key, owner in owners.items() if owed[owner] > 0}
    return found


def cases_of(rows: Collection[Payout]) -> dict[int, str]:
    """The kinds of the open cases of the suppliers of those of `rows` that are not sent yet, by their keys."""
    unsent = [one for one in rows if one.status in UNSENT and one.supplier_id is not None]
    if not unsent:
        return {}
    open_cases = Case.objects.filter(supplier__in={one.supplier_id for one in unsent}, closed_at=None)
    kinds: dict[int, list[str]] = {}
    for supplier_id, kind, count in open_cases.order_by("kind").values_list("supplier", "kind").annotate(Count("pk")):
        label = str(Case.Kind(kind).label)
        kinds.setdefault(supplier_id, []).append(label if count == 1 else f"{label} ({count})")
    return {one.pk: ", ".join(kinds[one.supplier_id]) for one in unsent if one.supplier_id in kinds}


class ChosenPayoutsView(FinancingDecision):
    """A decision about the payouts whose keys the address names."""

    needs_fresh_factor = True
    refusals = (*REFUSALS, BankingError)
    back_label = gettext_lazy("Payouts")

    @cached_property
    def chosen(self) -> list[Payout]:
        keys = [parse_key(one) for one in self.request.GET.get("ids", "").split(",")[:MAX_CHOSEN]]
        return list(with_accounts(Payout.objects.filter(pk__in=keys)).order_by("pk"))

    @property
    def ids(self) -> list[int]:
        return [one.pk for one in self.chosen]

    def blocker(self) -> str:
        return "" if self.chosen else _("Choose payouts from the list.")

    def get_success_url(self) -> str:
        return reverse(LIST)

    def facts(self) -> Facts:
        sums = Payout.objects.filter(pk__in=self.ids).order_by("currency").values_list("currency")
        return [(_("Payouts"), str(len(self.chosen))), (_("Total"), amounts_text(list(sums.annotate(Sum("amount")))))]

    def tables(self) -> list[Table]:
        return [payouts_table(self.chosen)]

    def name_left_out(self, done: Collection[Payout]) -> None:
        """Say of each chosen payout that is not among those `done` why it was left out."""
        keys = {one.pk for one in done}
        left_out = blockers.part(payouts=[one for one in self.chosen if one.pk not in keys], on=money_day()).blocked
        for sentence in blockers.sentences(left_out):
            messages.warning(self.request, sentence)


class ApproveManyView(ChosenPayoutsView):
    """The second person approves many payouts. What something blocks is left out, and named."""

    permission = dual_control.APPROVE_MONEY_OUT
    title = gettext_lazy("Approve payouts")
    button = gettext_lazy("Approve")
    notes = (
        gettext_lazy("What you prepared yourself, somebody else approves: choose the others only."),
        gettext_lazy("A payout that something blocks is left out. Once that is over, approve it; else stop it."),
    )

    def perform(self, form: Any) -> str:
        done = approval.approve(payout_ids=self.ids, by=self.user, at=timezone.now())
        self.name_left_out(done)
        count = len(done)
        return ngettext("%(count)s payout is approved.", "%(count)s payouts are approved.", count) % {"count": count}


class BatchForm(forms.Form):
    """Asks which account they leave, and what the bank takes."""

    house_account = forms.ModelChoiceField(HouseAccount.objects.none(), label=gettext_lazy("Paid from"))
    format = forms.ChoiceField(label=gettext_lazy("Format"), choices=payment_files.FORMATS)


class MakeBatchView(ChosenPayoutsView):
    """Put approved payouts into a batch that leaves one house account."""

    permission = batches.EXPORT_PAYOUTS
    title = gettext_lazy("Put payouts into a batch")
    button = gettext_lazy("Make the batch")
    form_class = BatchForm
    notes = (
        gettext_lazy("Nothing is sent yet: the next page exports the file for the bank."),
        gettext_lazy(
            "A payout that something blocks is left out. Once that is over, put it into another batch; else stop it."
        ),
    )
    made = ""

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        currencies = {one.currency for one in self.chosen}
        form.fields["house_account"].queryset = open_accounts.choices().filter(currency__in=currencies)
        return form

    def get_initial(self) -> dict[str, Any]:
        currencies = {one.currency for one in self.chosen}
        account = HouseAccount.objects.filter(currency__in=currencies, is_default=True).first()
        return {"house_account": account, "format": account.payment_format if account is not None else ""}

    def get_success_url(self) -> str:
        return self.made or super().get_success_url()

    def perform(self, form: Any) -> str:
        batch = batches.make(payout_ids=self.ids, by=self.user, at=timezone.now(), **form.cleaned_data)
        self.made = change_url(batch)
        self.name_left_out(batch.payouts.only("pk"))
        return _("%(batch)s is made. Export its file next.") % {"batch": batch}

"""What staff's pages of financing share: facts with tables below, amounts and links as people read them, forms."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.db.models import ManyToOneRel, Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from infactor.core.admin.base import amount_text
from infactor.core.admin.decisions import (
    SHORTEST_REASON,
    DecidedAdmin,
    Table,
    page_of,
)
from infactor.financing import approvals, dual_control, payouts
from infactor.financing.accounting import payoff
from infactor.financing.advances import cases, funding
from infactor.financing.approvals import Plan
from infactor.financing.collections import payments
from infactor.financing.dual_control import SecondPersonNeeded
from infactor.financing.models.terms import CURRENCY
from infactor.financing.origination import offers, requests
from infactor.financing.policy import changes
from infactor.financing.terms_in_force import NoTerms
from infactor.financing.value_dates import ValueDateRefused, today_of
from infactor.suppliers.access import person
from infactor.suppliers.models import Supplier

LONGEST = 300
LONGEST_KEY = 18
WAITS = "This needs a second person: it is asked for, and waits under Approvals."
# Every refusal of a service here is a sentence for whoever asked.
REFUSALS: tuple[type[Exception], ...] = (
    approvals.ApprovalRefused,
    cases.CaseRefused,
    payments.CollectionRefused,
    payoff.NotEnded,
    funding.NotFundable,
    offers.OfferRefused,
    payouts.PayoutRefused,
    requests.RequestRefused,
    changes.SettingRefused,
    SecondPersonNeeded,
    NoTerms,
    ValueDateRefused,
)


@dataclass(frozen=True)
class Folded(Table):
    """Rows that are there for who opens them."""

    is_folded: bool = field(default=True)


class FactsAdmin(DecidedAdmin):
    """Facts with buttons, and tables below them of what belongs to them."""

    change_form_template = "admin/financing/facts.html"

    def tables_of(self, row: Any) -> Sequence[Table]:
        """What stands below the facts of `row`."""
        return ()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        row = self.get_object(request, object_id)
        shown = self.tables_of(row) if row is not None and self.has_view_permission(request, row) else ()
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "tables": shown})


class DayForm(forms.Form):
    """On which day the money moved."""

    value_date = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}), help_text="The bank's value date, where the supplier is."
    )


class SupplierReasonForm(forms.Form):
    """Why, in words that the supplier reads, too."""

    reason = forms.CharField(
        min_length=SHORTEST_REASON,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The supplier reads it, on its page or in a mail. It stays in the audit trail.",
    )


class DayAndReasonForm(DayForm, SupplierReasonForm):
    """On which day, and why."""

    field_order: Sequence[str] = ("value_date", "reason")


class CurrencyField(forms.CharField):
    """Three letters, capital or small."""

    def __init__(self) -> None:
        super().__init__(max_length=3, validators=[CURRENCY], help_text="Three letters, like USD.")

    def to_python(self, value: object) -> str:
        return str(super().to_python(value) or "").upper()


class Chosen(ForeignKeyRawIdWidget):
    """A key with a search in a window of its own: lists of suppliers and buyers grow too long to choose from."""

    class Media:
        js = (
            "admin/js/vendor/jquery/jquery.min.js",
            "admin/js/jquery.init.js",
            "admin/js/admin/RelatedObjectLookups.js",
        )

    def __init__(self, model: type[Model], field_name: str) -> None:
        super().__init__(cast("ManyToOneRel", model._meta.get_field(field_name).remote_field), admin.site)


def key_of(said: str) -> int:
    """The key of a row that an address names; 0, which no row has, for anything that is none, however long."""
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= LONGEST_KEY else 0


def link(row: Model, words: object = None) -> SafeString:
    """`row` by its name (or in these words), leading to its page in admin."""
    return format_html('<a href="{}"><bdi>{}</bdi></a>', page_of(row), str(row) if words is None else words)


def day_text(day: date | None) -> str:
    """A day as every table here shows it."""
    return "" if day is None else f"{day:%b} {day.day}, {day.year}"


def moment_text(moment: datetime | None) -> str:
    """A moment to the minute, in UTC."""
    return "" if moment is None else f"{day_text(moment)}, {moment:%H:%M} UTC"


def waiting_text(since: datetime | None, *, now: datetime) -> str:
    """How long something waits, for lists (never for what somebody confirms: it changes by itself)."""
    if since is None:
        return ""
    return "less than a day" if now - since < timedelta(days=1) else timesince(since, now)


def amounts_text(sums: Sequence[tuple[str, Decimal]]) -> SafeString:
    """Amounts of several currencies beside each other; they are never added."""
    if not sums:
        return format_html("{}", "")
    first, *others = (amount_text(amount, currency) for currency, amount in sums)
    shown = first
    for one in others:
        shown = format_html("{} {}", shown, one)
    return shown


def second_person_text(*, amount: Decimal, supplier: Supplier, currency: str, is_payout: bool = True) -> str:
    """Whether `amount` takes two people, in words; a payout with what else went to the supplier lately."""
    now = timezone.now()
    try:
        terms = dual_control.terms_now(supplier=supplier, currency=currency, at=now)
    except NoTerms as problem:
        return str(problem)
    lately = dual_control.NOTHING
    if is_payout and amount > 0:
        lately = dual_control.sent_alone(supplier=supplier, currency=currency, at=now)
    why = dual_control.why_needed(amount=amount, lately=lately, supplier=supplier, terms=terms)
    if why:
        return f"{why} It is asked for now, and done when somebody else approves."
    shown = f"{terms.second_person_from:,.2f} {currency}"
    if lately:
        return f"Not needed below {shown}, with the {lately:,.2f} that went out within a day."
    return f"Not needed below {shown}."


def today_for(supplier: Supplier) -> date:
    """The supplier's day now."""
    return today_of(supplier=supplier, at=timezone.now())


def do_or_ask(request: HttpRequest, plan: Plan, *, done: str) -> str:
    """The sentence of what became of `plan`: `done`, or that it waits for a second person."""
    asked = approvals.do_or_ask(plan=plan, by=person(request), at=timezone.now())
    return done if asked is None else WAITS

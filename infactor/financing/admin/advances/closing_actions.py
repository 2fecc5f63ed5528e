"""Staff's decisions about an advance that is out: settle, allow less, sell back, write off, open a dispute."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.safestring import SafeString

from infactor.core.admin.base import amount_text
from infactor.core.admin.decisions import Decision, confirm_page, page_of
from infactor.core.admin.preview import Look, Part, look_page
from infactor.core.money import text
from infactor.financing.accounting import journal, payoff
from infactor.financing.admin.base.advance_details import account_text, facts_of
from infactor.financing.admin.base.parts import (
    REFUSALS,
    DayAndReasonForm,
    DayForm,
    SupplierReasonForm,
    day_text,
    do_or_ask,
    second_person_text,
    today_for,
)
from infactor.financing.advances import cases, closing
from infactor.financing.approvals import Plan
from infactor.financing.models import OUT, Advance, Approval
from infactor.suppliers.access import person


class ShortForm(DayAndReasonForm):
    """How much less, since when, and why."""

    amount = forms.DecimalField(
        max_digits=18, decimal_places=2, help_text="How much less the buyer pays, in the currency of the advance."
    )
    field_order: Sequence[str] = ("amount", "value_date", "reason")


class SetOffForm(DayForm):
    """On which day, and whether what the supplier owes is kept back."""

    sets_off = forms.BooleanField(
        required=False,
        label="Keep back what the supplier owes infactor",
        help_text="Only where the agreement that it accepted allows that.",
    )


def settle(request: HttpRequest, advance: Advance) -> HttpResponse:
    """The buyer has paid: take the fee, release the rest."""
    try:
        told = payoff.settlement_of(advance=advance)
    except payoff.NotEnded as refusal:
        return _back(request, advance, refusal)

    def act(said: Mapping[str, Any]) -> str:
        paid = payoff.settlement_of(advance=advance, sets_off=said.get("sets_off", False)).rebate
        rebate = text(paid, advance.currency)
        plan = Plan(
            kind=Approval.Kind.SETTLE,
            subject=advance.owner,
            permission=closing.SETTLE,
            supplier=advance.supplier,
            currency=advance.currency,
            amount=paid,
            summary=f"Settle advance {advance.pk} and pay {rebate} to {advance.supplier}",
            arguments={
                "advance": advance.pk,
                "value_date": said["value_date"].isoformat(),
                "sets_off": said.get("sets_off", False),
            },
        )
        return do_or_ask(request, plan, done=f"Advance {advance.pk} is settled. {rebate} go to {advance.supplier}.")

    return confirm_page(
        request,
        title="Settle",
        button="Settle",
        facts=[
            *facts_of(advance),
            ("Buyer had paid on", day_text(advance.collected_on)),
            ("Days that are charged", told.fee.days),
            ("Fee", told.fee.formula),
            ("Rebate = reserve less fee", _sum(advance, told)),
            ("Paid to the supplier now", amount_text(told.rebate, advance.currency)),
            ("Owed by the supplier instead", amount_text(told.owed, advance.currency)),
            *_due(advance, told),
            ("To the account", account_text(advance)),
            ("Second person", _second(advance, told.rebate)),
        ],
        act=act,
        back=page_of(advance),
        form=SetOffForm if told.most_set_off else DayForm,
        initial={"value_date": today_for(advance.supplier)},
        refusals=REFUSALS,
        notes=("While a dispute is open the reserve is held, and this is refused.",),
    )


def _sum(advance: Advance, told: payoff.Settlement) -> str:
    return f"{told.reserve:,.2f} - {told.fee.amount:,.2f} = {told.rebate - told.owed:,.2f} {advance.currency}"


def _second(advance: Advance, amount: Decimal, *, is_payout: bool = True) -> str:
    return second_person_text(amount=amount, supplier=advance.supplier, currency=advance.currency, is_payout=is_payout)


def _due(advance: Advance, told: payoff.Settlement) -> list[tuple[str, object]]:
    """What the supplier owes already, where it does, and what of it could be kept back now."""
    if not told.due:
        return []
    return [
        ("The supplier owes infactor", amount_text(told.due, advance.currency)),
        ("Of it can be kept back now", amount_text(told.most_set_off, advance.currency)),
    ]


def allow_short(request: HttpRequest, advance: Advance) -> HttpResponse:
    """The buyer pays less, and that is right."""

    def act(said: Mapping[str, Any]) -> str:
        closing.allow_short(
            advance=advance,
            amount=said["amount"],
            value_date=said["value_date"],
            by=person(request),
            at=timezone.now(),
            reason=said["reason"],
        )
        return f"{text(said['amount'], advance.currency)} less are allowed. {advance.supplier} is told why by mail."

    return confirm_page(
        request,
        title="Allow a short payment",
        button="Allow it",
        facts=facts_of(advance),
        act=act,
        back=page_of(advance),
        form=ShortForm,
        initial={"value_date": today_for(advance.supplier)},
        refusals=REFUSALS,
        notes=(
            "It is taken out of the reserve; what the reserve does not cover the supplier owes.",
            "Where nothing is open after it, the fee runs until the last payment, or until this day where it is later.",
        ),
    )


def repurchase(request: HttpRequest, advance: Advance) -> HttpResponse:
    """The supplier has paid to have the invoice back."""
    typed = DayAndReasonForm(
        request.POST if request.method == "POST" else None, initial={"value_date": today_for(advance.supplier)}
    )

    def look() -> Look:
        told = payoff.repurchase_of(advance=advance, on=typed.cleaned_data["value_date"])
        return Look(
            facts=(
                ("Open", amount_text(told.left.receivable, advance.currency)),
                ("Fee", told.fee.formula),
                ("Reserve, which is theirs", amount_text(told.left.reserve, advance.currency)),
                ("The supplier has paid", amount_text(told.payment, advance.currency)),
            ),
            notes=("Go on only when exactly this has arrived in infactor's account.",),
        )

    def act() -> str:
        said = typed.cleaned_data
        closing.repurchase(
            advance=advance,
            value_date=said["value_date"],
            by=person(request),
            at=timezone.now(),
            reason=said["reason"],
        )
        return f"Advance {advance.pk} is bought back by {advance.supplier}."

    return look_page(
        request,
        title="Bought back by the supplier",
        button="It has arrived: end it",
        facts=facts_of(advance),
        parts=(Part("When its payment arrived", typed),),
        look=look,
        act=act,
        back=page_of(advance),
        refusals=REFUSALS,
    )


def write_off(request: HttpRequest, advance: Advance) -> HttpResponse:
    """Nobody pays."""
    left = journal.outstanding(advance=advance)
    open_text = text(left.receivable, advance.currency)

    def act(said: Mapping[str, Any]) -> str:
        plan = Plan(
            kind=Approval.Kind.WRITE_OFF,
            subject=advance.owner,
            permission=closing.SETTLE,
            supplier=advance.supplier,
            currency=advance.currency,
            amount=left.receivable,
            summary=f"Write off {open_text} of {advance.supplier}, invoice {advance.invoice}",
            arguments={
                "advance": advance.pk,
                "value_date": said["value_date"].isoformat(),
                "reason": said["reason"],
            },
        )
        return do_or_ask(request, plan, done=f"Advance {advance.pk} is written off.")

    return confirm_page(
        request,
        title="Write off",
        button="Write off",
        facts=[
            *facts_of(advance),
            ("Lost to infactor", _loss(advance, left)),
            ("Second person", _second(advance, left.receivable, is_payout=False)),
        ],
        act=act,
        back=page_of(advance),
        form=DayAndReasonForm,
        initial={"value_date": today_for(advance.supplier)},
        refusals=REFUSALS,
        notes=("The reserve goes first, the rest is a loss. What comes in later is recorded as recovered.",),
    )


def _loss(advance: Advance, left: journal.Outstanding) -> SafeString | str:
    if left.receivable <= left.reserve:
        return "nothing: the reserve covers it. Allow the short payment, and settle."
    return amount_text(left.receivable - left.reserve, advance.currency)


def dispute(request: HttpRequest, advance: Advance) -> HttpResponse:
    """Somebody says that something is wrong with the invoice."""

    def act(said: Mapping[str, Any]) -> str:
        cases.open_dispute(advance=advance, by=person(request), at=timezone.now(), reason=said["reason"])
        return "The dispute is open. The reserve is held until it is closed."

    return confirm_page(
        request,
        title="Open a dispute",
        button="Open the dispute",
        facts=facts_of(advance),
        act=act,
        back=page_of(advance),
        form=SupplierReasonForm,
        refusals=REFUSALS,
    )


def _back(request: HttpRequest, advance: Advance, refusal: Exception) -> HttpResponse:
    messages.error(request, str(refusal))
    return HttpResponseRedirect(page_of(advance))


def _is_out(advance: Advance) -> bool:
    return advance.status in OUT


def is_open(advance: Advance) -> bool:
    """Whether the buyer still owes something of it."""
    return advance.status == Advance.Status.FUNDED


def _is_paid(advance: Advance) -> bool:
    return advance.status == Advance.Status.COLLECTED


DECISIONS = (
    Decision("settle", "Settle", closing.SETTLE, settle, _is_paid),
    Decision("short", "Allow a short payment", closing.SETTLE, allow_short, is_open),
    Decision("repurchase", "Record a repurchase", closing.SETTLE, repurchase, is_open),
    Decision("write_off", "Write off", closing.SETTLE, write_off, is_open),
    Decision("dispute", "Open a dispute", cases.JUDGE, dispute, _is_out),
)

"""Staff's decisions about an advance that is not out yet: paying it out, or giving it up."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from infactor.core.admin.base import amount_text
from infactor.core.admin.decisions import (
    SHORTEST_REASON,
    Decision,
    confirm_page,
    page_of,
)
from infactor.core.money import text
from infactor.financing.admin.base.advance_details import (
    account_text,
    facts_of,
    obstacles_table,
    old_books_text,
)
from infactor.financing.admin.base.parts import (
    LONGEST,
    REFUSALS,
    DayForm,
    SupplierReasonForm,
    do_or_ask,
    second_person_text,
    today_for,
)
from infactor.financing.advances import funding
from infactor.financing.approvals import Plan
from infactor.financing.models import Advance, Approval
from infactor.suppliers.access import person


class OldBooksForm(DayForm):
    """On which day, and why although nobody has read the books lately."""

    reason = forms.CharField(
        label="Why it is paid out on old books",
        min_length=SHORTEST_REASON,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What you know of the invoice from elsewhere. It stays in the audit trail.",
    )


def pay_out(request: HttpRequest, advance: Advance) -> HttpResponse:
    """Money leaves: the advance is paid to the supplier's account."""
    amount = text(advance.amount, advance.currency)
    old = old_books_text(advance)

    def act(said: Mapping[str, Any]) -> str:
        plan = Plan(
            kind=Approval.Kind.FUND,
            subject=advance.owner,
            permission=funding.FUND,
            supplier=advance.supplier,
            currency=advance.currency,
            amount=advance.amount,
            summary=f"Pay {amount} to {advance.supplier} on invoice {advance.invoice}",
            arguments={
                "advance": advance.pk,
                "value_date": said["value_date"].isoformat(),
                "reason": said.get("reason", ""),
            },
        )
        return do_or_ask(request, plan, done=f"{amount} are paid out to {advance.supplier}.")

    return confirm_page(
        request,
        title="Pay out",
        button="Pay out",
        facts=[
            *facts_of(advance),
            ("Paid out now", amount_text(advance.amount, advance.currency)),
            ("To the account", account_text(advance)),
            *((("Old books", old),) if old else ()),
            (
                "Second person",
                second_person_text(amount=advance.amount, supplier=advance.supplier, currency=advance.currency),
            ),
        ],
        tables=(obstacles_table(advance),),
        act=act,
        back=page_of(advance),
        form=OldBooksForm if old else DayForm,
        initial={"value_date": today_for(advance.supplier)},
        refusals=REFUSALS,
        notes=(
            "It is posted to the books and told to the supplier. What is posted is never changed, only reversed.",
            "Give your bank this payment for the same account and day.",
        ),
    )


def cancel(request: HttpRequest, advance: Advance) -> HttpResponse:
    """Give it up before it is paid out."""

    def act(said: Mapping[str, Any]) -> str:
        funding.cancel(advance=advance, by=person(request), at=timezone.now(), reason=said["reason"])
        return f"Advance {advance.pk} is cancelled. {advance.supplier} is told why by mail."

    return confirm_page(
        request,
        title="Cancel the advance",
        button="Cancel the advance",
        facts=facts_of(advance),
        tables=(obstacles_table(advance),),
        act=act,
        back=page_of(advance),
        form=SupplierReasonForm,
        refusals=REFUSALS,
        notes=("Nothing is paid out. The invoice returns to where it was before the request.",),
    )


def _is_accepted(advance: Advance) -> bool:
    return advance.status == Advance.Status.ACCEPTED


DECISIONS = (
    Decision("fund", "Pay out", funding.FUND, pay_out, _is_accepted),
    Decision("cancel", "Cancel", funding.FUND, cancel, _is_accepted),
)

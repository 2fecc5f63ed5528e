"""What is open in a currency: as long as anything is, infactor has a house account in it."""

from typing import Any

from django.db.models import Count, F, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infactor.banking.models import HouseAccount
from infactor.core.money import format_amount
from infactor.financing.models import OPEN_STATUSES, Advance, Offer, Payout, PayoutBatch, RequestLine
from infactor.ledger.models import ZERO, Entry, Purpose

ENDED = (Payout.Status.CONFIRMED, Payout.Status.REPLACED, Payout.Status.CANCELLED)


def in_currency(currency: str) -> list[str]:
    """What is open in `currency`, a sentence each. [] where infactor deals in it no longer. Two queries."""
    return [*_counted(currency), *_owed(currency)]


def _counted(currency: str) -> list[str]:
    """Requests, offers and advances, which nobody could pay without an account, payouts, and batches to be exported."""
    waiting = RequestLine.objects.filter(request__currency=currency, status=RequestLine.Status.WAITING)
    on_its_way = Payout.objects.filter(currency=currency).exclude(status__in=ENDED)
    accounts = HouseAccount.objects.filter(currency=currency).order_by("pk")
    counts = accounts.values_list(
        _count(waiting),
        _count(Offer.objects.filter(currency=currency, status=Offer.Status.PROPOSED)),
        _count(Advance.objects.filter(currency=currency, status__in=OPEN_STATUSES)),
        _count(on_its_way),
        _count(PayoutBatch.objects.filter(currency=currency, status=PayoutBatch.Status.MADE)),
    )
    lines, offers, advances, payouts, batches = counts.first() or (0, 0, 0, 0, 0)
    texts = (
        (lines, ngettext("%(count)s invoice waits for an offer.", "%(count)s invoices wait for an offer.", lines)),
        (offers, ngettext("%(count)s offer can be accepted.", "%(count)s offers can be accepted.", offers)),
        (advances, ngettext("%(count)s advance is not closed.", "%(count)s advances are not closed.", advances)),
        (
            payouts,
            ngettext(
                "%(count)s payout is not confirmed by the bank.",
                "%(count)s payouts are not confirmed by the bank.",
                payouts,
            ),
        ),
        (batches, ngettext("%(count)s batch is not exported.", "%(count)s batches are not exported.", batches)),
    )
    return [text % {"count": count} for count, text in texts if count]


def _count(rows: "QuerySet[Any]") -> Combinable:
    counted = rows.order_by().annotate(together=Value(1)).values("together").annotate(count=Count("pk"))
    return Coalesce(Subquery(counted.values("count")), 0)


def _owed(currency: str) -> list[str]:
    """What infactor and others owe each other."""
    owed = {
        Purpose.DUE_FROM_SUPPLIER: _("Suppliers owe %(amount)s."),
        Purpose.PAYABLE_TO_SUPPLIER: _("%(amount)s are owed to suppliers."),
        Purpose.UNAPPLIED_CASH: _("%(amount)s of payments are matched to nothing."),
    }
    entries = Entry.objects.filter(account__purpose__in=owed, account__currency=currency).order_by()
    sums = entries.values_list("account__purpose").annotate(sum=Sum(F("debit") - F("credit"), default=ZERO))
    return [owed[Purpose(key)] % {"amount": format_amount(abs(sum_), currency)} for key, sum_ in sums if sum_]

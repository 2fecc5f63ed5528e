"""What is open in a currency: as long as anything is, infactor has a house account in it."""

from django.db.models import F, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infactor.core.money import format_amount
from infactor.financing.models import OPEN_STATUSES, Advance, Offer, Payout, PayoutBatch, RequestLine
from infactor.ledger.models import ZERO, Entry, Purpose

ENDED = (Payout.Status.CONFIRMED, Payout.Status.REPLACED, Payout.Status.CANCELLED)


def in_currency(currency: str) -> list[str]:
    """What is open in `currency`, a sentence each. [] where infactor deals in it no longer."""
    return [*_financing(currency), *_money(currency)]


def _financing(currency: str) -> list[str]:
    """Requests, offers and advances. None of them can be paid without an account."""
    lines = RequestLine.objects.filter(request__currency=currency, status=RequestLine.Status.WAITING).count()
    offers = Offer.objects.filter(currency=currency, status=Offer.Status.PROPOSED).count()
    advances = Advance.objects.filter(currency=currency, status__in=OPEN_STATUSES).count()
    texts = (
        (lines, ngettext("%(count)s invoice waits for an offer.", "%(count)s invoices wait for an offer.", lines)),
        (offers, ngettext("%(count)s offer can be accepted.", "%(count)s offers can be accepted.", offers)),
        (advances, ngettext("%(count)s advance is not closed.", "%(count)s advances are not closed.", advances)),
    )
    return [text % {"count": count} for count, text in texts if count]


def _money(currency: str) -> list[str]:
    """Payouts and batches on their way, and what infactor and others owe each other."""
    payouts = Payout.objects.filter(currency=currency).exclude(status__in=ENDED).count()
    batches = PayoutBatch.objects.filter(currency=currency, status=PayoutBatch.Status.MADE).count()
    texts = (
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
    found = [text % {"count": count} for count, text in texts if count]
    owed = {
        Purpose.DUE_FROM_SUPPLIER: _("Suppliers owe %(amount)s."),
        Purpose.PAYABLE_TO_SUPPLIER: _("%(amount)s are owed to suppliers."),
        Purpose.UNAPPLIED_CASH: _("%(amount)s of payments are matched to nothing."),
    }
    entries = Entry.objects.filter(account__purpose__in=owed, account__currency=currency).order_by()
    sums = entries.values_list("account__purpose").annotate(sum=Sum(F("debit") - F("credit"), default=ZERO))
    return found + [owed[Purpose(key)] % {"amount": format_amount(abs(sum_), currency)} for key, sum_ in sums if sum_]

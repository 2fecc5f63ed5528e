"""A debit of a statement by which the bank took a buyer's payment back: which payment it may be, and saying so."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from infactor.banking import cash, matches
from infactor.banking.models import StatementLine
from infactor.financing.accounting import references
from infactor.financing.collections import payments
from infactor.financing.collections.incoming import CollectionError
from infactor.financing.collections.look_alikes import identifies
from infactor.financing.models import COUNTED_PAYMENTS, Collection, Refund
from infactor.invoices.debtors.company_names import normalized_name
from infactor.users import roles
from infactor.users.models import User

MAX_COMPARED = 500
MAX_NAMED = 3


def returnable(*, line: StatementLine) -> QuerySet[Collection]:
    """The payments that came on the account of `line`, or by hand, not after it, and of exactly its amount.

    A bank takes a payment back whole. The latest comes first.
    """
    refunds = Refund.objects.filter(collection=OuterRef("pk"), failed_on=None)
    rows = Collection.objects.filter(
        COUNTED_PAYMENTS,
        Q(statement_line=None) | Q(statement_line__account=line.account_id),
        ~Exists(refunds),
        currency=line.account.currency,
        amount=-line.amount,
        value_date__lte=line.booking_date,
    )
    return rows.order_by("-value_date", "-pk")


def likely(*, line: StatementLine) -> list[Collection]:
    """Those of the latest returnable payments whose reference or payer `line` names; a named reference comes first."""
    text = _plain(f"{line.reference} {line.entry_id} {line.remittance}")
    words = f" {normalized_name(f'{line.payer} {line.remittance}')} "
    ranked: dict[int, list[Collection]] = {0: [], 1: []}
    for one in returnable(line=line)[:MAX_COMPARED]:
        payer = normalized_name(one.payer)
        if identifies(one.bank_reference) and _plain(one.bank_reference) in text:
            ranked[0].append(one)
        elif payer and f" {payer} " in words:
            ranked[1].append(one)
    return [*ranked[0], *ranked[1]]


def reasons(*, line: StatementLine) -> list[str]:
    """Why a debit may be a payment that came back, a sentence each; empty where nothing says so."""
    if line.amount >= 0:
        return []
    return [
        f"It has the amount of {one}, and names its reference or its payer: it may have come back."
        for one in likely(line=line)[:MAX_NAMED]
    ]


def accept(*, line: StatementLine, collection: Collection, reason: str, by: User, at: datetime) -> Collection:
    """Say that `line` took `collection` back: its return is recorded on the day of the line, which confirms it.

    Raises NotAllowed, CollectionError, BankingError, InvalidValueDate, AccountClosed.
    """
    roles.require(by, payments.RECORD_COLLECTIONS)
    if line.amount != -collection.amount:
        raise CollectionError(_("%(payment)s has another amount than this line.") % {"payment": collection})
    with transaction.atomic():
        returned = payments.record_return(
            collection=collection, value_date=line.booking_date, reason=reason, by=by, at=at, is_of_bank=True
        )
        recorded = references.of_step(owner=collection.ledger_owner, step="recorded").order_by("-pk")[:1].get()
        undone = cash.entries_of(transaction=recorded.reversed_by, account=line.account)
        if not undone:
            raise CollectionError(_("%(payment)s is of another account.") % {"payment": collection})
        matches.link(line=line, entries=undone, by=by, at=at)
        return returned


def _plain(text: str) -> str:
    """Letters and digits alone: banks break lines and drop signs."""
    return "".join(one for one in text.upper() if one.isalnum())

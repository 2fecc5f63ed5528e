"""Postings of many new payments at once, and what must be known of their advances before."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from infactor.financing.accounting import journal
from infactor.financing.models import Advance, Collection, CollectionAllocation
from infactor.ledger import posting
from infactor.ledger.models import Entry, Purpose
from infactor.ledger.posting import Posting
from infactor.users.models import User


def post_new_collections(
    *,
    collections: Sequence[Collection],
    allocations: Mapping[int, Sequence[CollectionAllocation]],
    by: User,
    at: datetime,
) -> dict[int, Entry]:
    """`journal.post_collection` for payments of one currency that were just recorded, in few queries.

    Returns the entry of each on the cash of its house account, by the key of the payment.
    """
    postings = [
        Posting(
            reference=f"{one.ledger_owner}:recorded",
            currency=one.currency,
            lines=journal.collection_lines(collection=one, allocations=allocations[one.pk]),
            value_date=one.value_date,
            description=journal.PAYMENT_RECEIVED,
        )
        for one in collections
    ]
    posted = posting.post_all(postings=postings, at=at, by=by)
    return {
        one.pk: next(entry for entry in entries if entry.account.purpose == Purpose.CASH)
        for one, (_, entries) in zip(collections, posted, strict=True)
    }


def with_short_payments(*, advances: Sequence[Advance]) -> set[int]:
    """The keys of the advances that ever had an accepted short payment. One query."""
    keys = {one.ledger_owner: one.pk for one in advances}
    entries = Entry.objects.filter(
        account__purpose=Purpose.RECEIVABLE, account__owner__in=keys, transaction__reference__contains=":short"
    )
    return {keys[owner] for owner in entries.order_by().values_list("account__owner", flat=True).distinct()}

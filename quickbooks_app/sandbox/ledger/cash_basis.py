"""The cash basis: a sales form counts when, and as far as, it is settled."""

from collections import defaultdict

from quickbooks_app.sandbox.ledger.accounts import PROFIT_AND_LOSS
from quickbooks_app.sandbox.ledger.postings import Posting, scaled

_FORMS = ("Invoice", "CreditMemo")


def on_cash_basis(postings: list[Posting]) -> list[Posting]:
    """Return the postings without what sales forms have open; journal entries and unapplied payments stay.

    Whatever settles a form brings in the form's income and tax in proportion, on its own day.
    """
    sold: dict[tuple[str, str], list[Posting]] = defaultdict(list)
    for posting in postings:
        if _is_sale(posting):
            sold[posting.entity, posting.id].append(posting)
    result: list[Posting] = []
    for posting in postings:
        item = posting.item
        if item is None or item.entity not in _FORMS:
            if not _is_sale(posting):
                result.append(posting)
        elif posting.settles:
            parts = scaled(sold.get((item.entity, item.id), []), amount=posting.amount, home=posting.home)
            result += [part._replace(date=posting.date) for part in parts] or [posting]
    return result


def _is_sale(posting: Posting) -> bool:
    """Whether this is income, discount or tax of a sales form, not money that came with it."""
    kind = posting.account.type
    return posting.entity in _FORMS and (kind in PROFIT_AND_LOSS or kind == "Other Current Liability")

"""The cash basis: a sales form or bill counts when, and as far as, it is settled."""

from collections import defaultdict

from quickbooks_app.sandbox.ledger.accounts import PROFIT_AND_LOSS
from quickbooks_app.sandbox.ledger.postings import Posting, scaled

_SALES_FORMS = ("Invoice", "CreditMemo")
_PURCHASE_FORMS = ("Bill", "VendorCredit")
_FORMS = (*_SALES_FORMS, *_PURCHASE_FORMS)


def on_cash_basis(postings: list[Posting]) -> list[Posting]:
    """Return the postings without what forms have open; journal entries and unapplied payments stay.

    Whatever settles a form brings in the form's income, expenses and tax in proportion, on its own day.
    """
    sold: dict[tuple[str, str], list[Posting]] = defaultdict(list)
    for posting in postings:
        if _waits(posting):
            sold[posting.entity, posting.id].append(posting)
    result: list[Posting] = []
    for posting in postings:
        item = posting.item
        if item is None or item.entity not in _FORMS:
            if not _waits(posting):
                result.append(posting)
        elif posting.settles:
            parts = scaled(sold.get((item.entity, item.id), []), amount=posting.amount, home=posting.home)
            result += [part._replace(date=posting.date) for part in parts] or [posting]
    return result


def _waits(posting: Posting) -> bool:
    """Whether this waits for the form's payment. Of a sale that is income, discount and tax, not the money."""
    if posting.entity in _PURCHASE_FORMS:
        return posting.item is None
    kind = posting.account.type
    waits = kind == "Other Current Liability" or (kind in PROFIT_AND_LOSS and kind != "Cost of Goods Sold")
    return posting.entity in _SALES_FORMS and waits

"""The marks of debtors by the root customers that belong to them."""

from collections.abc import Collection

from infactor.financing.models import DebtorMark
from infactor.invoices.models import Buyer


def marks_by_root(*, roots: Collection[int] | None = None) -> dict[int, DebtorMark]:
    """The mark in force of each root customer (all, or these) whose debtor has one. Two queries."""
    marks = {one.debtor_id: one for one in DebtorMark.objects.filter(ended_at__isnull=True)}
    buyers = Buyer.objects.filter(debtor__in=list(marks))
    if roots is not None:
        buyers = buyers.filter(pk__in=list(roots))
    return {pk: marks[debtor] for pk, debtor in buyers.order_by().values_list("pk", "debtor_id") if debtor in marks}

"""The marks of debtors by the root customers that belong to them."""

from collections.abc import Collection

from django.db.models import F, Q

from infactor.financing.models import DebtorMark


def marks_by_root(*, roots: Collection[int] | None = None) -> dict[int, DebtorMark]:
    """The mark in force of each root customer (all, or these) whose debtor has one. One query."""
    of_buyers = Q(debtor__buyers__isnull=False) if roots is None else Q(debtor__buyers__in=list(roots))
    rows = DebtorMark.objects.filter(of_buyers, ended_at__isnull=True)
    return {one.root: one for one in rows.select_related("debtor").annotate(root=F("debtor__buyers"))}

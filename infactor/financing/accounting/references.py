"""References of steps in the ledger: which posting of a step counts, and what the next one is called.

A step that was reversed may be posted again: `advance:17:settled` is then followed by `advance:17:settled:2`.
"""

import re

from django.db.models import QuerySet

from infactor.ledger.models import Transaction


def in_force(*, owner: str, step: str) -> "QuerySet[Transaction]":
    """The postings of `step` of `owner`, numbered or not, that were not reversed; the first one first."""
    return of_step(owner=owner, step=step).filter(reversed_by__isnull=True).order_by("pk")


def next_reference(*, owner: str, step: str) -> str:
    """The reference of `step` of `owner`: the first one again while it counts, else with the next number.

    So a step that is posted twice by mistake meets the reference of the first, and the ledger refuses it.
    """
    reversed_before = of_step(owner=owner, step=step).filter(reversed_by__isnull=False).count()
    return f"{owner}:{step}" if reversed_before == 0 else f"{owner}:{step}:{reversed_before + 1}"


def numbered_reference(*, owner: str, step: str) -> str:
    """The reference of a step that `owner` may have any number of: `supplier:3:overdrawn:2`.

    The caller has locked the supplier, so nobody takes the same number.
    """
    return f"{owner}:{step}:{of_step(owner=owner, step=step).count() + 1}"


def of_step(*, owner: str, step: str) -> "QuerySet[Transaction]":
    """The postings of `step` of `owner`, numbered or not, reversed or not."""
    return Transaction.objects.filter(
        reference__startswith=f"{owner}:{step}",
        reference__regex=rf"^{re.escape(owner)}:{re.escape(step)}(:[0-9]+)*$",
        reverses__isnull=True,
    )

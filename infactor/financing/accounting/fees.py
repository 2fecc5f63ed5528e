"""Fees: what an advance costs until a day, by its terms and by what was open of it day by day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.db.models.functions import Coalesce

from infactor.financing.models import Advance
from infactor.financing.pricing import late_fee, price
from infactor.financing.pricing.late_fee import Change
from infactor.financing.pricing.price import Fee
from infactor.financing.terms import Terms
from infactor.ledger.models import Entry, Purpose

EVERYTHING = Q()


def open_balance_changes(*, advances: Iterable[Advance], only: Q = EVERYTHING) -> dict[int, list[Change]]:
    """By the id of each advance that may have a late fee, the changes of what is open of it. One query, or none.

    `only`: which entries of the ledger count.
    """
    return changes_of(owners={one.ledger_owner: one.pk for one in advances if one.late_from is not None}, only=only)


def changes_of(*, owners: Mapping[str, int], only: Q = EVERYTHING) -> dict[int, list[Change]]:
    """As `open_balance_changes`, of advances that are named by the owner of their accounts, with their ids."""
    found: dict[int, list[Change]] = defaultdict(list)
    if owners:
        entries = Entry.objects.filter(only, account__owner__in=list(owners), account__purpose=Purpose.RECEIVABLE)
        true_day = Coalesce("transaction__original_value_date", "transaction__value_date")
        rows = entries.order_by().values_list("account__owner", true_day, "debit", "credit")
        for owner, day, debit, credit in rows:
            found[owners[owner]].append((day, debit - credit))
    return found


def fee_until(*, advance: Advance, until: date, changes: Sequence[Change] | None = None) -> Fee:
    """The fee for the days of a funded `advance` until `until`, with the late fee.

    `changes` are those of `open_balance_changes`; None: they are read. Raises ValueError before funding.
    """
    if advance.funded_on is None:
        raise ValueError("An advance that is not funded accrues no fee.")
    if changes is None:
        is_late = advance.late_from is not None and advance.late_from <= until
        changes = open_balance_changes(advances=[advance])[advance.pk] if is_late else ()
    return fee_of(
        face=advance.face,
        fee_base=advance.fee_base,
        funded_on=advance.funded_on,
        late_from=advance.late_from,
        until=until,
        terms=advance.terms.record(),
        changes=changes,
    )


def fee_of(
    *,
    face: Decimal,
    fee_base: Decimal,
    funded_on: date,
    late_from: date | None,
    until: date,
    terms: Terms,
    changes: Sequence[Change],
) -> Fee:
    """The fee for the days from `funded_on` until `until` of an advance with these figures, with the late fee."""
    late = late_fee.late_fee(face=face, changes=changes, start=late_from, end=until, terms=terms)
    days = price.days_between(funded_on=funded_on, collected_on=until)
    return price.fee(fee_base=fee_base, days=days, terms=terms, late=late)

"""How advances of a supplier and of its buyers went so far, in two queries; of one buyer in one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, Sum
from django.utils.translation import gettext as _

from infactor.core.admin.formatting import amount_text, figure_text
from infactor.core.admin.tables import Table
from infactor.financing.models import Advance
from infactor.suppliers.models import Supplier

S = Advance.Status
NOT_PAID_OUT = (S.ACCEPTED, S.CANCELLED)


@dataclass(frozen=True)
class Track:
    """Advances that were paid out: their number and sum, how long buyers took, and how many went wrong.

    `days` is the average from the invoice's date to its last payment; None while none was paid. `late` were paid after
    their due date. `repurchased` counts write-offs, too.
    """

    count: int
    amount: Decimal
    days: int | None
    late: int
    repurchased: int


def track_records(*, supplier: Supplier, buyers: Collection[int], currency: str) -> dict[int | None, Track]:
    """The tracks in `currency` of the supplier, by None, and of its `buyers`, which are root customers, by their id."""
    paid_out = Advance.objects.filter(supplier=supplier, currency=currency).exclude(status__in=NOT_PAID_OUT).order_by()
    by_buyer: Iterable[Any] = paid_out.filter(buyer__in=buyers).values("buyer").annotate(**_figures())
    rows: list[tuple[int | None, Any]] = [(None, paid_out.aggregate(**_figures()))]
    rows += [(row["buyer"], row) for row in by_buyer]
    return {key: track for key, row in rows if (track := _track(row)) is not None}


def track_table(rows: Iterable[tuple[object, Track | None, object]], *, currency: str) -> Table:
    """The history of each named one, with the share of its credit memos where it was measured."""
    columns = (_("Of"), _("Advances"), _("Advanced"), _("Days to pay"), _("Paid late"), _("Repurchased"), _("Dilution"))
    return Table(_("History"), columns, [_row(name, track, dilution, currency) for name, track, dilution in rows])


def _row(name: object, track: Track | None, dilution: object, currency: str) -> Sequence[object]:
    share = "-" if dilution is None else figure_text(dilution, "%")
    if track is None:
        return (name, figure_text(0), "-", "-", "-", "-", share)
    return (
        name,
        figure_text(track.count),
        amount_text(track.amount, currency),
        "-" if track.days is None else figure_text(track.days),
        figure_text(track.late),
        figure_text(track.repurchased),
        share,
    )


def _figures() -> dict[str, Any]:
    took = ExpressionWrapper(F("collected_on") - F("invoice__txn_date"), output_field=DurationField())
    return {
        "count": Count("pk"),
        "total": Sum("amount"),
        "took": Avg(took, filter=Q(collected_on__isnull=False)),
        "late": Count("pk", filter=Q(collected_on__gt=F("invoice__payable_date"))),
        "repurchased": Count("pk", filter=Q(status__in=(S.REPURCHASED, S.WRITTEN_OFF))),
    }


def _track(row: dict[str, Any]) -> Track | None:
    if not row["count"]:
        return None
    took: timedelta | None = row["took"]
    return Track(row["count"], row["total"], None if took is None else took.days, row["late"], row["repurchased"])

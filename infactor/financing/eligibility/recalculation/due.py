"""The suppliers whose stored eligibility is out of date."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import (
    DateField,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from infactor.invoices.models import CompanyFile
from infactor.suppliers.models import Supplier

COOLDOWN_FACTOR = 3  # times as long as the last recalculation took
SECONDS = "make_interval(secs => %(expressions)s)"


def suppliers_due(*, at: datetime, supplier_ids: Collection[int] | None = None) -> list[int]:
    """Suppliers (all, or of these) to recalculate: by request, or because their books or their day moved on.

    While books are imported they move all the time. So a supplier is left alone after each recalculation for some
    times as long as that took, unless there is a request or a new day. One query.
    """
    files = CompanyFile.objects.filter(supplier=OuterRef("pk")).order_by().values("supplier")
    revision = Subquery(files.annotate(sum=Sum("revision")).values("sum"))
    today = Cast(Func(F("time_zone"), Value(at), function="timezone"), DateField())
    cooldown = Func(
        F("eligibility_recalculation__duration_seconds") * COOLDOWN_FACTOR,
        template=SECONDS,
        output_field=DurationField(),
    )
    cooled_down = ExpressionWrapper(Value(at, output_field=DateTimeField()) - cooldown, output_field=DateTimeField())
    is_due = (
        Q(eligibility_recalculation=None)
        | Q(eligibility_recalculation__requested_version__gt=F("eligibility_recalculation__computed_version"))
        | Q(eligibility_recalculation__as_of=None)
        | ~Q(eligibility_recalculation__as_of=F("today"))
        | (
            ~Q(eligibility_recalculation__books_revision=F("revision"))
            & Q(eligibility_recalculation__computed_at__lte=F("cooled_down"))
        )
    )
    suppliers = Supplier.objects.annotate(revision=Coalesce(revision, Value(0)), today=today, cooled_down=cooled_down)
    if supplier_ids is not None:
        suppliers = suppliers.filter(pk__in=supplier_ids)
    return list(suppliers.filter(Exists(files)).filter(is_due).order_by("pk").values_list("pk", flat=True))

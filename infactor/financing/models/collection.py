"""A collection: a payment that reached infactor, what it is allocated to, and what of it goes back to its payer."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.banking.models import HouseAccount, StatementLine
from infactor.core.currencies import CURRENCIES, validate_currency
from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField


class Collection(TimestampedModel):
    """A payment that reached infactor's bank account. Its allocated amount is the sum of its allocations in force."""

    class Source(models.TextChoices):
        MANUAL = "manual", _("Entered manually")
        STATEMENT = "statement", _("Bank statement")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    currency = models.CharField(max_length=3, validators=[validate_currency])
    amount = MoneyField()
    value_date = models.DateField()
    bank_reference = models.CharField(
        max_length=100,
        help_text="The bank's own reference of this payment. It keeps a payment from being recorded twice.",
    )
    payer = models.CharField(max_length=200, blank=True)
    remittance = models.CharField("what it is for", max_length=500, blank=True, help_text="As the payer wrote it.")
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.MANUAL)
    statement_line = models.OneToOneField(
        StatementLine,
        null=True,
        on_delete=models.PROTECT,
        related_name="collection",
        help_text="The line of the bank's statement with which it came.",
    )
    is_another = models.BooleanField(
        "another payment", default=False, help_text="Somebody said that it is none of the payments that look like it."
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    returned_on = models.DateField(null=True, help_text="Value date of the return by the bank.")
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    return_reason = models.CharField(max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(
        null=True, help_text="When a correction said that it was no payment. It counts nowhere."
    )

    class Meta:
        verbose_name = "payment"
        ordering = ["-value_date", "-pk"]
        permissions = [("record_collections", "Can record and allocate payments")]
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "bank_reference", "value_date", "amount"],
                condition=Q(
                    statement_line=None, withdrawn_at=None
                ),  # two payers may write the same; each has a line of its own
                name="collection_once",
            ),
            models.CheckConstraint(
                condition=Q(source="statement", statement_line__isnull=False)
                | ~Q(source="statement") & Q(statement_line=None)
                | Q(withdrawn_at__isnull=False, statement_line=None),
                name="collection_of_statement_has_line",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(returned_on=None), name="collection_withdrawn_or_returned"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(amount__lt=10**16), name="collection_amount_in_range"),
            models.CheckConstraint(condition=Q(currency__in=CURRENCIES), name="collection_currency_is_a_code"),
            models.CheckConstraint(
                condition=Q(returned_on__isnull=True, returned_by__isnull=True)
                | Q(returned_on__isnull=False, returned_by__isnull=False),
                name="collection_return_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"Payment {self.pk}"

    @property
    def counts(self) -> bool:
        """Whether its money is in the books: nobody has returned it, and nobody has said that it was no payment."""
        return self.returned_on is None and self.withdrawn_at is None

    @property
    def ledger_owner(self) -> str:
        """The owner of the ledger account that holds its unallocated amount."""
        return f"collection:{self.pk}"

    @property
    def house_account(self) -> HouseAccount | None:
        """The account on whose statement it stood; None: it was entered by hand."""
        return None if self.statement_line is None else self.statement_line.account


# The payments that count, as a condition of queries; `Collection.counts` says it of one.
COUNTED_PAYMENTS = Q(returned_on=None, withdrawn_at=None)


class CollectionAllocation(models.Model):
    """An amount of a collection and what it pays. It is undone by a return of the bank, or by a correction."""

    class Kind(models.TextChoices):
        ADVANCE = "advance", _("Buyer's payment of a financed invoice")
        RECOVERY = "recovery", _("Recovered after write-off")
        FEE = "fee", _("Fee recovered after write-off")
        LATE_FEE = "late_fee", _("Late fee recovered after write-off")
        COST = "cost", _("Collection costs recovered after write-off")
        DUE = "due", _("What the supplier owed")
        PAYABLE = "payable", _("Surplus that belongs to the supplier")

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="allocations")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="+")
    advance = models.ForeignKey("financing.Advance", null=True, on_delete=models.PROTECT, related_name="allocations")
    amount = MoneyField()
    allocated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    allocated_at = models.DateTimeField()
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["collection_id", "position"]
        verbose_name = "allocation"
        constraints = [
            models.UniqueConstraint(fields=["collection", "position"], name="allocation_once_per_position"),
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(amount__lt=10**16), name="allocation_amount_in_range"),
            models.CheckConstraint(
                condition=Q(kind__in=["advance", "recovery", "fee", "late_fee", "cost"], advance__isnull=False)
                | Q(kind__in=["due", "payable"]),
                name="allocation_has_advance",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount}"


class Refund(models.Model):
    """An amount of a collection that goes back to who had paid it: it was meant for nobody here."""

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="refunds")
    amount = MoneyField()
    value_date = models.DateField()
    reason = models.CharField(max_length=300)
    payout = models.OneToOneField("financing.Payout", on_delete=models.PROTECT, related_name="refund")
    failed_on = models.DateField(null=True, help_text="It did not arrive: the money waits to be matched again.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(amount__lt=10**16), name="refund_amount_in_range"),
            models.CheckConstraint(condition=~Q(reason=""), name="refund_says_why"),
        ]

    def __str__(self) -> str:
        return f"Refund {self.pk} of payment {self.collection_id}"

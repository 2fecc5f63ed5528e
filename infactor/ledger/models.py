"""The books: accounts, transactions and entries, written once by `posting` and never changed; and their proofs.

PostgreSQL refuses any update or delete of the books, and at commit any transaction that does not balance
(migration 0002).
"""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from infactor.core.money import LARGEST, MoneyField
from infactor.suppliers.models import Supplier

NOTHING = Decimal("0.00")


class Purpose(models.TextChoices):
    """What money of an account is; with an owner and a currency it names the account."""

    CASH = "cash", "Cash"  # what lies in infactor's bank accounts
    RECEIVABLE = "receivable", "Receivable"  # what a buyer still owes on what was bought
    RESERVE = "reserve", "Reserve"  # what was bought and not paid for yet: the supplier's, less fee and dilution
    FEE_INCOME = "fee_income", "Fee income"  # what infactor earned
    BAD_DEBT = "bad_debt", "Bad debt"  # what was given up as lost
    BAD_DEBT_RECOVERED = "bad_debt_recovered", "Bad debt recovered"  # what came in after it had been given up
    DUE_FROM_SUPPLIER = "due_from_supplier", "Due from supplier"  # what a supplier owes beyond its reserve
    PAYABLE_TO_SUPPLIER = "payable_to_supplier", "Payable to supplier"  # what came in and belongs to a supplier
    UNAPPLIED_CASH = "unapplied_cash", "Unapplied cash"  # what came in and is not matched to anything yet
    PAYOUT_IN_TRANSIT = "payout_in_transit", "Payout in transit"  # what was ordered and has not left the bank yet

    @property
    def grows_by_debit(self) -> bool:
        """Whether the normal side is the debit: what infactor has or lost, not what it owes or earned."""
        return self in GROWING_BY_DEBIT


GROWING_BY_DEBIT = frozenset({Purpose.CASH, Purpose.RECEIVABLE, Purpose.BAD_DEBT, Purpose.DUE_FROM_SUPPLIER})


class WrittenOnce(models.Model):
    """A row that is added and never changed or deleted; the database refuses both whoever asks."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"A {self._meta.verbose_name} is written once and never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(f"A {self._meta.verbose_name} is never deleted.")


class Account(WrittenOnce):
    """One purpose of one owner in one currency. `owner` is "" for the house, else like "advance:17"."""

    purpose = models.CharField(max_length=24, choices=Purpose.choices)
    owner = models.CharField(max_length=60, blank=True)
    currency = models.CharField(max_length=3)
    supplier = models.ForeignKey(Supplier, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["purpose", "owner", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "owner", "currency"], name="ledger_one_account"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="ledger_purpose_known"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="ledger_account_currency"),
            models.CheckConstraint(condition=Q(owner__regex=r"^[A-Za-z0-9_:.-]*$"), name="ledger_owner_plain"),
            models.CheckConstraint(condition=~Q(owner="") | Q(supplier=None), name="ledger_house_has_no_supplier"),
        ]
        indexes = [models.Index(fields=["owner"], name="ledger_account_owner")]

    def __str__(self) -> str:
        return self.words

    @property
    def name(self) -> str:
        """Purpose, owner where there is one, and currency: `receivable:advance:17 USD`."""
        return f"{':'.join(part for part in (self.purpose, self.owner) if part)} {self.currency}"

    @property
    def words(self) -> str:
        """The same for people: `Receivable, advance 17, USD`."""
        parts = (Purpose(self.purpose).label, self.owner.replace(":", " "), self.currency)
        return ", ".join(part for part in parts if part)


class Transaction(WrittenOnce):
    """One event of business in the books, known by its reference: `advance:17:funded`.

    `total` and `entry_count` are what its entries add up to, so that none can be added later.
    """

    reference = models.CharField(max_length=120, unique=True)
    currency = models.CharField(max_length=3)
    value_date = models.DateField(db_index=True)
    posted_at = models.DateTimeField(db_index=True)
    description = models.CharField(max_length=200, blank=True)
    supplier = models.ForeignKey(Supplier, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    total = MoneyField()
    entry_count = models.PositiveSmallIntegerField()
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reference=""), name="ledger_transaction_has_reference"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="ledger_transaction_currency"),
            # NUMERIC takes NaN, which PostgreSQL holds for greater than every number.
            models.CheckConstraint(condition=Q(total__gt=0, total__lt=LARGEST), name="ledger_total_real"),
            models.CheckConstraint(condition=Q(entry_count__gte=2), name="ledger_two_entries"),
            models.CheckConstraint(condition=~Q(reverses=F("id")), name="ledger_reverses_another"),
        ]

    def __str__(self) -> str:
        return self.reference


class Entry(WrittenOnce):
    """One amount on one side of one account; its transaction holds the others."""

    # Both found by the indexes below.
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="entries", db_index=False)
    position = models.PositiveSmallIntegerField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries", db_index=False)
    debit = MoneyField(default=NOTHING)
    credit = MoneyField(default=NOTHING)

    class Meta:
        ordering = ["transaction_id", "position"]
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["transaction", "position"], name="ledger_one_entry_a_position"),
            models.CheckConstraint(condition=Q(position__gte=1), name="ledger_position_from_one"),
            models.CheckConstraint(
                condition=Q(debit__gt=0, debit__lt=LARGEST, credit=0) | Q(credit__gt=0, credit__lt=LARGEST, debit=0),
                name="ledger_one_side",
            ),
        ]
        # A balance is read out of the index alone.
        indexes = [models.Index(fields=["account"], include=["debit", "credit"], name="ledger_entry_account")]

    def __str__(self) -> str:
        return f"{self.transaction_id}/{self.position}"


class Proof(WrittenOnce):
    """One run of `proof.prove` over the whole ledger: what was looked at, and what was wrong, in sentences."""

    at = models.DateTimeField(db_index=True)
    ok = models.BooleanField("in order")
    transactions = models.PositiveBigIntegerField()
    entries = models.PositiveBigIntegerField()
    findings = models.JSONField(default=list)
    milliseconds = models.PositiveIntegerField()

    class Meta:
        ordering = ["-pk"]
        permissions = [("prove_books", "Can have the books proved")]
        constraints = [models.CheckConstraint(condition=~Q(ok=True) | Q(findings=[]), name="ledger_ok_finds_nothing")]

    def __str__(self) -> str:
        found = "in order" if self.ok else "NOT in order"
        return f"{self.at:%b} {self.at.day}, {self.at:%Y, %H:%M} UTC: {found}"

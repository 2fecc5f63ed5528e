"""Ledger accounts, transactions and entries, closed months with their sums, and the results of ledger checks.

Rows are append-only. Triggers of migration 0001 reject every update and delete and, at commit, every transaction that
does not balance. They reject a transaction that would stand in a closed month, too, and keep the sums of closed months.
Of a closing, only that it was reopened is added later.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from infactor.core.currencies import CURRENCIES
from infactor.core.money import MAX_AMOUNT, MoneyField
from infactor.suppliers.models import Supplier

ZERO = Decimal("0.00")


class Purpose(models.TextChoices):
    """What an account is for. Purpose, owner and currency identify an account."""

    CASH = "cash", "Cash"  # money in infactor's bank accounts, an account for each
    RECEIVABLE = "receivable", "Receivable"  # what buyers owe on purchased invoices
    RESERVE = "reserve", "Reserve"  # purchased, not paid out yet; the supplier's less fee and dilution
    ACCRUED_FEES = "accrued_fees", "Accrued fees"  # earned up to a month's end and not charged yet; reversed next day
    FEE_INCOME = "fee_income", "Fee income"  # fees for the days that advances lasted
    LATE_FEE_INCOME = "late_fee_income", "Late fee income"  # fees for days past due
    WIRE_FEE_INCOME = "wire_fee_income", "Wire fee income"  # fees for paying advances out
    BAD_DEBT = "bad_debt", "Bad debt"  # written off as uncollectable
    BAD_DEBT_RECOVERED = "bad_debt_recovered", "Bad debt recovered"  # collected after it was written off
    COLLECTION_COSTS = "collection_costs", "Collection costs"  # paid to collect, less what debtors repaid of it
    DUE_FROM_SUPPLIER = "due_from_supplier", "Due from supplier"  # what suppliers owe beyond their reserve
    PAYABLE_TO_SUPPLIER = "payable_to_supplier", "Payable to supplier"  # collected and owed to suppliers
    UNAPPLIED_CASH = "unapplied_cash", "Unapplied cash"  # collected and not allocated yet
    PAYOUT_IN_TRANSIT = "payout_in_transit", "Payout in transit"  # ordered, and not confirmed by the bank yet
    CAPITAL = "capital", "Capital"  # what infactor's owners have put in
    CREDIT_FACILITY = "credit_facility", "Credit facility"  # borrowed to fund advances
    BANK_CHARGES = "bank_charges", "Bank charges"  # what banks take for their services
    INTEREST_EXPENSE = "interest_expense", "Interest paid"  # on the credit facility and overdrafts
    INTEREST_INCOME = "interest_income", "Interest received"  # on what stands in the bank

    @property
    def is_debit_normal(self) -> bool:
        """Whether the normal side is the debit: what infactor owns or lost, not what it owes or earned."""
        return self in DEBIT_NORMAL


DEBIT_NORMAL = frozenset(
    {
        Purpose.CASH,
        Purpose.RECEIVABLE,
        Purpose.ACCRUED_FEES,
        Purpose.BAD_DEBT,
        Purpose.COLLECTION_COSTS,
        Purpose.DUE_FROM_SUPPLIER,
        Purpose.BANK_CHARGES,
        Purpose.INTEREST_EXPENSE,
    }
)


FEE_PURPOSES = (Purpose.FEE_INCOME, Purpose.LATE_FEE_INCOME, Purpose.WIRE_FEE_INCOME)


class AppendOnlyModel(models.Model):
    """A row that is inserted and never changed or deleted. A trigger rejects both."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"The ledger is append-only: a {self._meta.verbose_name} is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(f"The ledger is append-only: a {self._meta.verbose_name} is never deleted.")


class Account(AppendOnlyModel):
    """One purpose of one owner in one currency. `owner` is "" for infactor itself, else like "advance:17"."""

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
            models.CheckConstraint(condition=Q(currency__in=CURRENCIES), name="ledger_account_currency"),
            models.CheckConstraint(condition=Q(owner__regex=r"^[A-Za-z0-9_:.-]*$"), name="ledger_owner_format"),
            models.CheckConstraint(
                condition=~(Q(owner="") | Q(purpose="cash")) | Q(supplier=None),
                name="ledger_own_account_has_no_supplier",
            ),
        ]
        indexes = [models.Index(fields=["owner"], name="ledger_account_owner")]

    def __str__(self) -> str:
        return self.display_name

    @property
    def name(self) -> str:
        """Purpose, owner where there is one, and currency: `receivable:advance:17 USD`."""
        return f"{':'.join(part for part in (self.purpose, self.owner) if part)} {self.currency}"

    @property
    def display_name(self) -> str:
        """The name for people: `Receivable, advance 17, USD`."""
        parts = (Purpose(self.purpose).label, self.owner.replace(":", " "), self.currency)
        return ", ".join(part for part in parts if part)


class Transaction(AppendOnlyModel):
    """One business event, identified by its reference: `advance:17:funded`.

    `total` and `entry_count` sum up its entries, so that none can be added later. `value_date` is the day on which it
    counts. What was posted after its month was closed counts on the first open day, and keeps its own day in
    `original_value_date`.
    """

    reference = models.CharField(max_length=120, unique=True)
    currency = models.CharField(max_length=3)
    value_date = models.DateField(db_index=True)
    original_value_date = models.DateField(null=True, help_text="Its own day, where that month was closed already.")
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
            models.CheckConstraint(condition=Q(currency__in=CURRENCIES), name="ledger_transaction_currency"),
            # NUMERIC accepts NaN, which PostgreSQL sorts above every number.
            models.CheckConstraint(condition=Q(total__gt=0, total__lt=MAX_AMOUNT), name="ledger_total_in_range"),
            models.CheckConstraint(condition=Q(entry_count__gte=2), name="ledger_two_entries"),
            models.CheckConstraint(condition=~Q(reverses=F("id")), name="ledger_reverses_another"),
            models.CheckConstraint(
                condition=Q(original_value_date=None) | Q(original_value_date__lt=F("value_date")),
                name="ledger_moved_to_a_later_day",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def effective_date(self) -> date:
        """The day on which the money moved, whatever month it counts in."""
        day: date = self.original_value_date or self.value_date
        return day


class Entry(AppendOnlyModel):
    """One debit or credit on one account, as part of a transaction."""

    # The indexes below cover both foreign keys.
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="entries", db_index=False)
    position = models.PositiveSmallIntegerField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries", db_index=False)
    debit = MoneyField(default=ZERO)
    credit = MoneyField(default=ZERO)

    class Meta:
        ordering = ["transaction_id", "position"]
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["transaction", "position"], name="ledger_one_entry_a_position"),
            models.CheckConstraint(condition=Q(position__gte=1), name="ledger_position_from_one"),
            models.CheckConstraint(
                condition=Q(debit__gt=0, debit__lt=MAX_AMOUNT, credit=0)
                | Q(credit__gt=0, credit__lt=MAX_AMOUNT, debit=0),
                name="ledger_one_side",
            ),
        ]
        # Covering index: a balance needs no table access.
        indexes = [models.Index(fields=["account"], include=["debit", "credit"], name="ledger_entry_account")]

    def __str__(self) -> str:
        return f"{self.transaction_id}/{self.position}"


class PeriodClosing(models.Model):
    """One closing of a month. Until it is reopened, nothing is posted into that month or an earlier one.

    `explanations` is a list of what was not in order when it was closed, each with what Operations said of it.
    """

    month = models.DateField(help_text="Its first day.")
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()
    explanations = models.JSONField(default=list)
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reopening_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reopened_at = models.DateTimeField(null=True)
    reopening_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-month", "-pk"]
        verbose_name = "closed month"
        permissions = [("close_periods", "Can close a month, and ask to reopen it")]
        constraints = [
            models.UniqueConstraint(fields=["month"], condition=Q(reopened_at=None), name="ledger_month_closed_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="ledger_month_by_its_first_day"),
            models.CheckConstraint(
                condition=Q(reopened_at=None, reopened_by=None, reopening_approved_by=None, reopening_reason="")
                | Q(reopened_at__isnull=False, reopened_by__isnull=False, reopening_approved_by__isnull=False)
                & ~Q(reopening_reason=""),
                name="ledger_reopening_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(reopening_approved_by=F("reopened_by")), name="ledger_reopening_by_two_people"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%B %Y}"


class MonthSum(models.Model):
    """All entries of one purpose in one currency within one closed month. Only triggers write it, with the closing.

    A sum has room for all entries. Reopening a month deletes its sums.
    """

    month = models.DateField(help_text="Its first day.")
    currency = models.CharField(max_length=3)
    purpose = models.CharField(max_length=24, choices=Purpose.choices)
    debits = models.DecimalField(max_digits=30, decimal_places=2)
    credits = models.DecimalField(max_digits=30, decimal_places=2)

    class Meta:
        ordering = ["month", "currency", "purpose"]
        constraints = [models.UniqueConstraint(fields=["month", "currency", "purpose"], name="ledger_one_sum")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.currency} {self.month:%Y-%m}"


class IntegrityCheck(AppendOnlyModel):
    """The result of one `integrity.verify`: how much was checked, and a sentence for each error found."""

    at = models.DateTimeField(db_index=True)
    ok = models.BooleanField("in order")
    transactions = models.PositiveBigIntegerField()
    entries = models.PositiveBigIntegerField()
    findings = models.JSONField(default=list)
    milliseconds = models.PositiveIntegerField()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "ledger check"
        permissions = [("verify_ledger", "Can run a ledger check")]
        constraints = [models.CheckConstraint(condition=~Q(ok=True) | Q(findings=[]), name="ledger_ok_has_no_findings")]

    def __str__(self) -> str:
        found = "in order" if self.ok else "NOT in order"
        return f"{self.at:%b} {self.at.day}, {self.at:%Y, %H:%M} UTC: {found}"

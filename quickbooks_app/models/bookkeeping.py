"""Bookkeeping: the account mapping of a company, and each event of financing that is written into its books."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from infactor.core.money import MAX_AMOUNT, MoneyField

ZERO = Decimal("0.00")


class BookkeepingSettings(models.Model):
    """Whether infactor writes the bookkeeping of financing into a company's books, from which day on, in one currency.

    Off by default: there is no row, or `turned_on_at` is empty. The row stays when it is turned off.
    """

    connection = models.OneToOneField(
        "quickbooks_app.Connection", on_delete=models.PROTECT, related_name="bookkeeping", verbose_name="company"
    )
    start_on = models.DateField(help_text="Nothing that happened before this day is written.")
    currency = models.CharField(max_length=3, help_text="Of the chosen accounts. Nothing else is written.")
    turned_on_at = models.DateTimeField(null=True)
    turned_on_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "bookkeeping settings"
        constraints = [
            models.CheckConstraint(
                condition=Q(turned_on_at__isnull=True, turned_on_by__isnull=True)
                | Q(turned_on_at__isnull=False, turned_on_by__isnull=False),
                name="bookkeeping_on_names_who",
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="bookkeeping_currency"),
        ]

    def __str__(self) -> str:
        return f"Bookkeeping of {self.connection}"

    @property
    def is_on(self) -> bool:
        return self.turned_on_at is not None


class BookkeepingAccount(models.Model):
    """The account mapping: an account, or the vendor, that stands for one role. No id: infactor creates it."""

    class Role(models.TextChoices):
        BANK = "bank", _("Bank")
        ADVANCES = "advances", _("infactor advances")
        DUE = "due", _("Due from infactor")
        FEES = "fees", _("Factoring fees")
        RECEIVABLES = "receivables", _("Accounts receivable")
        VENDOR = "vendor", _("Vendor")

    settings = models.ForeignKey(BookkeepingSettings, on_delete=models.CASCADE, related_name="accounts")
    role = models.CharField(max_length=12, choices=Role.choices)
    qbk_id = models.CharField("QuickBooks id", max_length=64, blank=True)
    name = models.CharField(max_length=200)
    push = models.ForeignKey(
        "quickbooks_app.Push", null=True, on_delete=models.PROTECT, related_name="+", help_text="It creates this one."
    )

    class Meta:
        ordering = ["settings_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["settings", "role"], name="one_account_for_a_role"),
            models.UniqueConstraint(
                fields=["settings", "qbk_id"],
                condition=~Q(qbk_id="") & ~Q(role="vendor"),
                name="one_role_for_an_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.name}"


class BookkeepingEntry(models.Model):
    """One event of financing as one object in the books. The five amounts are its debits; credits are negative.

    `source` names the event in infactor, `key` is derived from it, stands readable in the object and never changes.
    The push that `push` names is the write; several may have failed before it.
    """

    class Kind(models.TextChoices):
        ADVANCE = "advance", _("Advance paid")
        WIRE_FEE = "wire_fee", _("Wire fee of an advance")
        BUYER_PAYMENT = "buyer_payment", _("Buyer paid infactor")
        SURPLUS = "surplus", _("Received for the supplier")
        NETTING = "netting", _("Debt deducted from an advance")
        SETTLEMENT = "settlement", _("Settled")
        REPURCHASE = "repurchase", _("Repurchased")
        WRITE_OFF = "write_off", _("Written off by infactor")
        LOSS = "loss", _("Payment returned after the write-off")
        REBATE = "rebate", _("Rebate paid")
        REMITTANCE = "remittance", _("Surplus passed on")
        SUPPLIER_PAYMENT = "supplier_payment", _("Supplier paid infactor")
        REVERSAL = "reversal", _("Reversed")

    key = models.CharField(max_length=21, unique=True)
    source = models.CharField(max_length=100, unique=True)
    connection = models.ForeignKey(
        "quickbooks_app.Connection", on_delete=models.PROTECT, related_name="bookkeeping_entries"
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    advance = models.ForeignKey("financing.Advance", null=True, on_delete=models.PROTECT, related_name="+")
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    value_date = models.DateField()
    currency = models.CharField(max_length=3)
    bank = MoneyField(default=ZERO)
    advances = MoneyField(verbose_name="infactor advances", default=ZERO)
    due = MoneyField(verbose_name="due from infactor", default=ZERO)
    fees = MoneyField(verbose_name="factoring fees", default=ZERO)
    receivables = MoneyField(verbose_name="accounts receivable", default=ZERO)
    customer = models.CharField(max_length=64, blank=True, help_text="The customer's id in QuickBooks.")
    push = models.ForeignKey("quickbooks_app.Push", null=True, on_delete=models.PROTECT, related_name="+")
    blocker = models.CharField(max_length=300, blank=True, help_text="Why it cannot be written; somebody must act.")
    done_by_hand_at = models.DateTimeField(null=True)
    done_by_hand_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True, help_text="Why staff reversed it, or marked it as done.")
    recorded_at = models.DateTimeField()

    ACCOUNTS = ("bank", "advances", "due", "fees", "receivables")

    class Meta:
        ordering = ["-value_date", "-pk"]
        verbose_name_plural = "bookkeeping entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    bank=Value(ZERO, output_field=MoneyField())
                    - F("advances")
                    - F("due")
                    - F("fees")
                    - F("receivables")
                ),
                name="bookkeeping_entry_balances",
            ),
            models.CheckConstraint(
                condition=Q(bank__lt=MAX_AMOUNT)
                & Q(advances__lt=MAX_AMOUNT)
                & Q(due__lt=MAX_AMOUNT)
                & Q(fees__lt=MAX_AMOUNT)
                & Q(receivables__lt=MAX_AMOUNT)
                & ~Q(bank=0, advances=0, due=0, fees=0, receivables=0),
                name="bookkeeping_entry_moves_money",
            ),
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False) | (~Q(kind="reversal") & Q(reverses__isnull=True)),
                name="only_a_reversal_reverses",
            ),
            models.CheckConstraint(
                condition=Q(done_by_hand_at__isnull=True, done_by_hand_by__isnull=True)
                | Q(done_by_hand_at__isnull=False, done_by_hand_by__isnull=False),
                name="done_by_hand_names_who",
            ),
        ]
        permissions = [("decide_bookkeeping", "Can decide about entries of the bookkeeping")]
        indexes = [models.Index(fields=["connection", "-value_date"], name="bookkeeping_by_connection")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key}"

    @property
    def amounts(self) -> dict[str, Decimal]:
        """The accounts that it moves, by role, with debits positive."""
        return {name: amount for name in self.ACCOUNTS if (amount := getattr(self, name))}

    @property
    def is_written(self) -> bool:
        return self.push is not None and self.push.state == "done"

    @property
    def is_open(self) -> bool:
        """Whether it is neither in the books nor marked as done there by hand."""
        return not self.is_written and self.done_by_hand_at is None


class BookkeepingComparison(models.Model):
    """What QuickBooks says of the accounts "infactor advances" and "due from infactor" on a day, beside infactor.

    Amounts are debits in the currency of the accounts: advances are negative.
    """

    class State(models.TextChoices):
        EQUAL = "equal", _("Equal to the cent")
        DIFFERENT = "different", _("Differs")
        FAILED = "failed", _("Not compared")

    connection = models.ForeignKey(
        "quickbooks_app.Connection", on_delete=models.CASCADE, related_name="bookkeeping_comparisons"
    )
    compared_on = models.DateField()
    compared_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices)
    advances_theirs = MoneyField(verbose_name="advances in QuickBooks", null=True)
    advances_ours = MoneyField(verbose_name="advances in infactor", null=True)
    due_theirs = MoneyField(verbose_name="due in QuickBooks", null=True)
    due_ours = MoneyField(verbose_name="due in infactor", null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-compared_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "compared_on"], name="one_bookkeeping_comparison_a_day"),
            models.CheckConstraint(
                condition=~Q(state="equal") | Q(advances_theirs=F("advances_ours"), due_theirs=F("due_ours")),
                name="equal_comparison_is_equal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} on {self.compared_on:%Y-%m-%d}"


class BookkeepingDifference(models.Model):
    """One line that explains a part of a difference. `amount` is QuickBooks less infactor, as a debit."""

    class Kind(models.TextChoices):
        NOT_WRITTEN = "not_written", _("Not written yet")
        FAILED = "failed", _("Could not be written")
        BY_HAND = "by_hand", _("Marked as done by hand")
        UNDONE = "undone", _("Reversed by infactor's staff")
        CHANGED = "changed", _("Changed in QuickBooks")
        DELETED = "deleted", _("Deleted in QuickBooks")
        UNKNOWN = "unknown", _("Written by somebody else")
        UNEXPLAINED = "unexplained", _("Not explained")

    comparison = models.ForeignKey(BookkeepingComparison, on_delete=models.CASCADE, related_name="lines")
    role = models.CharField(max_length=12, choices=BookkeepingAccount.Role.choices)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    amount = MoneyField()
    entry = models.ForeignKey(BookkeepingEntry, null=True, on_delete=models.CASCADE, related_name="+")
    entity = models.CharField("object", max_length=40, blank=True)
    qbk_id = models.CharField("QuickBooks id", max_length=64, blank=True)
    day = models.DateField(null=True)
    explanation = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["comparison_id", "pk"]
        verbose_name = "difference of a bookkeeping comparison"
        verbose_name_plural = "differences of bookkeeping comparisons"

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount}"

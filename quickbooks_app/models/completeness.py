"""Completeness checks: QuickBooks' own receivables reports beside what infactor had stored at that moment."""

import uuid
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel
from infactor.core.money import MAX_AMOUNT, MoneyField


class CompletenessCheckQuerySet(models.QuerySet):
    def for_supplier(self, supplier: models.Model) -> Self:
        """The checks of one supplier's companies."""
        return self.filter(connection__supplier=supplier)


class CompletenessCheck(TimestampedModel):
    """One comparison. Totals are in `currency`, the company's home currency; NULL where a report did not tell.

    The worker that holds the lease makes the check. When the lease expires, another worker starts it anew.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        COMPLETE = "complete", _("Complete to the cent")
        DIFFERENT = "different", _("Differs")
        FAILED = "failed", _("Not compared")

    class Trigger(models.TextChoices):
        READ = "read", _("After everything was read")
        DAILY = "daily", _("Daily")

    OPEN = (State.WAITING, State.RUNNING)
    COMPARED = (State.COMPLETE, State.DIFFERENT)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(
        "quickbooks_app.Connection", on_delete=models.CASCADE, related_name="completeness_checks"
    )
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    requested_at = models.DateTimeField()
    lease_owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0, help_text="Consecutive failures.")
    repeats = models.PositiveSmallIntegerField(
        default=0, help_text="How often both reports were read again because they disagreed with each other."
    )

    reported_at = models.DateTimeField(null=True, help_text="QuickBooks' clock when it made the receivables report.")
    currency = models.CharField(max_length=3, blank=True)
    accounts = models.JSONField(default=list, help_text="The ids of the receivables accounts, where they are known.")
    account_total = MoneyField(null=True, help_text="The receivables accounts in the trial balance.")
    report_total = MoneyField(null=True, help_text="The sum of the receivables report.")
    our_total = MoneyField(null=True, help_text="Open invoices less open credits, as infactor has them.")
    entries_total = MoneyField(null=True, help_text="Entries that infactor does not read, such as journal entries.")
    refused_total = MoneyField(
        null=True, help_text="What QuickBooks has more than infactor because it refuses to give objects out."
    )
    unexplained = MoneyField(null=True, help_text="What no line of this check explains.")
    documents = models.PositiveIntegerField(default=0, help_text="Open documents that were compared.")
    differences = models.PositiveIntegerField(default=0, help_text="Lines that still differ.")
    healed = models.PositiveIntegerField(default=0, help_text="Objects that syncs had missed and that were read again.")
    by_total_only = models.BooleanField(
        default=False, help_text="The company has more open documents than QuickBooks puts into a report."
    )
    needs_full_read = models.BooleanField(default=False, help_text="Everything is to be read because of this check.")
    full_read = models.ForeignKey(
        "quickbooks_app.ImportRun", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=500, blank=True, help_text="In plain words, without data of the company.")
    finished_at = models.DateTimeField(null=True)

    objects = CompletenessCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "complete", "different", "failed"]),
                name="completeness_state_known",
            ),
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(state__in=["waiting", "running"]),
                name="one_open_completeness_check",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], finished_at__isnull=True)
                | Q(state__in=["complete", "different", "failed"], finished_at__isnull=False),
                name="ended_completeness_check_has_finished_at",
            ),
            models.CheckConstraint(
                condition=~Q(state="complete") | Q(unexplained=0, unexplained__isnull=False, differences=0),
                name="complete_check_has_no_difference",
            ),
            # NUMERIC accepts NaN, which PostgreSQL sorts above every number.
            models.CheckConstraint(
                condition=Q(account_total__lt=MAX_AMOUNT)
                & Q(report_total__lt=MAX_AMOUNT)
                & Q(our_total__lt=MAX_AMOUNT)
                & Q(entries_total__lt=MAX_AMOUNT)
                & Q(refused_total__lt=MAX_AMOUNT)
                & Q(unexplained__lt=MAX_AMOUNT),
                name="completeness_totals_are_numbers",
            ),
        ]
        indexes = [models.Index(fields=["connection", "-finished_at"], name="completeness_by_connection")]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.public_id}"

    @property
    def is_complete(self) -> bool:
        return self.state == self.State.COMPLETE


class CompletenessLine(models.Model):
    """One object, or one customer or account, of which QuickBooks and infactor say different amounts.

    `theirs` and `ours` are open amounts in `currency`, negative for what lowers a debt; NULL where there is none.
    """

    class Kind(models.TextChoices):
        AMOUNT = "amount", _("Other amount")
        CUSTOMER = "customer", _("Other customer")
        MISSING_HERE = "missing_here", _("Missing in infactor")
        MISSING_THERE = "missing_there", _("Not in QuickBooks' report")
        UNREADABLE = "unreadable", _("Amount cannot be read")
        BALANCE = "balance", _("Other balance of the customer")
        ENTRY = "entry", _("Entry that infactor does not read")
        UNNAMED = "unnamed", _("No object explains it")
        ACCOUNT = "account", _("QuickBooks' two reports differ")

    class Outcome(models.TextChoices):
        HEALED = "healed", _("Read again, and now equal")
        CHANGED = "changed", _("Changed while it was compared")
        NAMED = "named", _("Explained")
        REFUSED = "refused", _("Not given out by QuickBooks")
        OPEN = "open", _("Still differs")

    completeness_check = models.ForeignKey(CompletenessCheck, on_delete=models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=15, choices=Kind.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    entity = models.CharField(max_length=60, help_text="Invoice, JournalEntry, Account, … as QuickBooks names it.")
    qbk_id = models.CharField(max_length=64, blank=True)
    number = models.CharField(max_length=100, blank=True)
    customer_reference = models.CharField(max_length=64, blank=True)
    customer_name = models.CharField(max_length=500, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    theirs = MoneyField(null=True)
    ours = MoneyField(null=True)

    class Meta:
        ordering = ["completeness_check_id", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "amount",
                        "customer",
                        "missing_here",
                        "missing_there",
                        "unreadable",
                        "balance",
                        "entry",
                        "unnamed",
                        "account",
                    ]
                ),
                name="completeness_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["healed", "changed", "named", "refused", "open"]),
                name="completeness_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(theirs__lt=MAX_AMOUNT) & Q(ours__lt=MAX_AMOUNT), name="completeness_amounts_are_numbers"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.number or self.qbk_id}".strip()

    @property
    def difference(self) -> Decimal:
        """What QuickBooks has more than infactor."""
        return (self.theirs or Decimal(0)) - (self.ours or Decimal(0))

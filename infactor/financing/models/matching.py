"""Matching of statement lines: what each line is likely for, and the background jobs that find and accept it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.banking.models import StatementLine
from infactor.core.models import TimestampedModel


class LineProposal(TimestampedModel):
    """What an open line is likely for, with reasons in words. It is found anew at every matching."""

    class Kind(models.TextChoices):
        BOOKED = "booked", _("It is in the books already")
        ADVANCES = "advances", _("It pays invoices")
        NONE = "none", _("Nothing fits")

    line = models.OneToOneField(StatementLine, on_delete=models.CASCADE, related_name="proposal")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    is_certain = models.BooleanField(default=False)
    score = models.PositiveSmallIntegerField(default=0)
    targets = models.JSONField(default=list)  # [[advance, "amount"], ...]
    entries = models.JSONField(default=list)  # entries of the ledger
    reasons = models.JSONField(default=list)  # sentences
    looks_like = models.JSONField(default=list)  # payments
    found_at = models.DateTimeField()

    class Meta:
        ordering = ["-score", "line_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_certain=False) | Q(kind="advances", looks_like=[]) & ~Q(targets=[]),
                name="certain_proposal_pays_invoices",
            ),
        ]

    def __str__(self) -> str:
        return f"Proposal for line {self.line_id}"


class MatchingRun(TimestampedModel):
    """A background job over all open lines: find proposals, or accept the certain ones. One of each kind at a time."""

    class Kind(models.TextChoices):
        FIND = "find", _("Find what the lines are for")
        ACCEPT = "accept", _("Accept the certain lines")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    left_open = models.PositiveIntegerField(default=0, help_text="Lines that turned out not to be certain.")
    last_line = models.BigIntegerField(default=0, help_text="The last line that is done: a run goes on from there.")
    claimed_until = models.DateTimeField(null=True, help_text="Until then one worker has it.")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(finished_at=None), name="one_matching_run_of_a_kind_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"Matching {self.pk}"

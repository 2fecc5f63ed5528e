"""A case: what staff must decide or watch about a funded advance."""

import uuid
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel
from infactor.core.money import MoneyField
from infactor.financing.models.advance import Advance

WATCHED_KINDS = ("changed", "misdirected", "bankrupt")
_NO_PROMISE = Q(promised_at=None, promised_by=None, promised_amount=None, forward_by=None)


class Case(TimestampedModel):
    """A matter of a funded advance. One of `WATCHED_KINDS` has one row an advance, which is closed and reopened.

    `differences` says field by field what the books have now and what was bought, or which payments went astray:
    [{"field", "bought", "now", "severity"}], with texts for people; of a payment also a "note", where it
    may be ours all the same. `revision` counts its changes: each is mailed once.
    `settled_differences` are those that staff accepted; only others open the case again.
    """

    class Kind(models.TextChoices):
        DISPUTE = "dispute", _("Dispute")
        RECOURSE = "recourse", _("Recourse date reached")
        CHANGED = "changed", _("Changed after funding")
        MISDIRECTED = "misdirected", _("Payment to the supplier")
        BANKRUPT = "bankrupt", _("Buyer bankrupt")

    class Severity(models.TextChoices):
        MINOR = "minor", _("Minor")
        SEVERE = "severe", _("Severe")

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("Upheld")
        REJECTED = "rejected", _("Rejected")
        ENDED = "ended", _("Closed with the advance")
        ACCEPTED = "accepted", _("Accepted as it is")
        EXPLAINED = "explained", _("Explained")
        RESTORED = "restored", _("As bought again")
        FORWARDED = "forwarded", _("The supplier forwarded it")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="cases")
    advance = models.ForeignKey(Advance, on_delete=models.PROTECT, related_name="cases")
    reason = models.CharField(max_length=500)
    severity = models.CharField(max_length=6, choices=Severity.choices, blank=True)
    differences = models.JSONField(default=list, editable=False)
    settled_differences = models.JSONField(default=list, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the system."
    )
    opened_at = models.DateTimeField(help_text="The last time: a case may be reopened.")
    promised_at = models.DateTimeField(null=True, help_text="When the supplier said that it will forward the money.")
    promised_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    promised_amount = MoneyField(null=True)
    forward_by = models.DateField(null=True, help_text="The last day for the money to arrive.")
    hold_released_at = models.DateTimeField(null=True)
    hold_released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    hold_release_reason = models.CharField(max_length=500, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    conclusion = models.CharField(max_length=500, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        permissions = [("resolve_disputes", "Can open and close cases")]
        constraints = [
            models.UniqueConstraint(
                fields=["advance", "kind"], condition=Q(closed_at__isnull=True), name="one_open_case_per_kind"
            ),
            models.UniqueConstraint(
                fields=["advance", "kind"], condition=Q(kind__in=WATCHED_KINDS), name="one_watched_case_per_kind"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="case_closing_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=WATCHED_KINDS, severity__in=["minor", "severe"])
                | (~Q(kind__in=WATCHED_KINDS) & Q(severity="")),
                name="watched_case_has_severity",
            ),
            models.CheckConstraint(
                condition=_NO_PROMISE
                | Q(
                    kind="misdirected",
                    promised_at__isnull=False,
                    promised_by__isnull=False,
                    promised_amount__gt=0,
                    forward_by__isnull=False,
                ),
                name="promise_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(hold_released_at=None, hold_released_by=None, hold_release_reason="")
                | Q(hold_released_at__isnull=False, hold_released_by__isnull=False) & ~Q(hold_release_reason=""),
                name="hold_release_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of advance {self.advance_id}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def holds_reserve(self) -> bool:
        """Whether the reserve of its advance must not be released."""
        return self.is_open and self.hold_released_at is None and (self.kind, self.severity) in _HOLDING

    @property
    def holds_offers(self) -> bool:
        """Whether its supplier gets no new offer."""
        return self.holds_reserve and self.kind in _KINDS_OF_SUPPLIER and self.severity == Case.Severity.SEVERE

    @property
    def amount(self) -> Decimal:
        """The sum of the payments that went astray, in the advance's currency."""
        return sum((Decimal(one["amount"]) for one in self.differences if "amount" in one), Decimal(0))

    def difference_rows(self) -> list[dict[str, Any]]:
        """The differences for a table."""
        return list(self.differences)


_KINDS_OF_SUPPLIER = (Case.Kind.CHANGED, Case.Kind.MISDIRECTED)
_HOLDING = {
    (Case.Kind.DISPUTE, ""),
    (Case.Kind.CHANGED, Case.Severity.SEVERE),
    (Case.Kind.MISDIRECTED, Case.Severity.MINOR),
    (Case.Kind.MISDIRECTED, Case.Severity.SEVERE),
    (Case.Kind.BANKRUPT, Case.Severity.SEVERE),
}
_UNRELEASED = Q(closed_at__isnull=True, hold_released_at__isnull=True)
# The cases of `holds_reserve` and of `holds_offers`, for queries.
HOLDS_RESERVE = _UNRELEASED & (
    Q(kind__in=[Case.Kind.DISPUTE, Case.Kind.MISDIRECTED]) | Q(severity=Case.Severity.SEVERE)
)
HOLDS_OFFERS = _UNRELEASED & Q(kind__in=_KINDS_OF_SUPPLIER, severity=Case.Severity.SEVERE)

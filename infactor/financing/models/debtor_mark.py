"""A mark of a debtor: do not buy, bankrupt, or watch, set by staff with a reason."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel


class DebtorMark(TimestampedModel):
    """A debtor has at most one mark that is not ended; the ended ones are its history."""

    class Kind(models.TextChoices):
        WATCH = "watch", _("Watch")
        DO_NOT_BUY = "do_not_buy", _("Do not buy")
        BANKRUPT = "bankrupt", _("Bankrupt")

    debtor = models.ForeignKey("invoices.Debtor", on_delete=models.PROTECT, related_name="marks")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=300)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-set_at", "-pk"]
        permissions = [("mark_debtors", "Can mark debtors as do not buy, bankrupt or watch")]
        constraints = [
            models.UniqueConstraint(
                fields=["debtor"], condition=Q(ended_at__isnull=True), name="one_mark_of_a_debtor_in_force"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["watch", "do_not_buy", "bankrupt"]) & ~Q(reason=""), name="mark_says_what_and_why"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, end_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason=""),
                name="mark_end_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.debtor}"


# Values of DebtorMark.Kind under which nothing of the debtor is bought.
NOT_BOUGHT = (DebtorMark.Kind.DO_NOT_BUY, DebtorMark.Kind.BANKRUPT)

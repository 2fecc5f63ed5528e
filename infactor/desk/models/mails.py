"""Which mails a member of staff wants, and which digests were prepared."""

from django.conf import settings
from django.db import models


class MailChoice(models.Model):
    """The choice of one person. Whoever has none gets all that the role works on."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_choice", primary_key=True
    )
    digest = models.BooleanField("a digest each morning", default=True)
    severe_case = models.BooleanField("severe cases", default=True)
    payout_returned = models.BooleanField("payouts that the bank returned", default=True)
    check_failed = models.BooleanField("a ledger check that found something", default=True)
    sync_failed = models.BooleanField("books of a funded supplier that cannot be read", default=True)
    payments_unmatched = models.BooleanField("payments that nobody has matched for two days", default=True)
    house_accounts = models.BooleanField("house accounts overdrawn, without statements, or missing", default=True)
    supplier_wrote = models.BooleanField("a supplier that waits for an answer", default=True)

    def __str__(self) -> str:
        return f"Mails of user {self.user_id}"


class Digest(models.Model):
    """One row a person and day, written with its mail: so there is one mail, whoever prepares it and how often."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    is_sent = models.BooleanField(default=False, help_text="Nothing waited where it is not.")
    prepared_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="one_digest_a_day")]

    def __str__(self) -> str:
        return f"Digest of {self.day} for user {self.user_id}"

"""A letter to a buyer that is late: reminder, second reminder, final demand."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.core.money import MoneyField


class Letter(models.Model):
    """As it went: a trigger rejects changes. It goes to one customer in one supplier's books."""

    class Level(models.TextChoices):
        REMINDER = "reminder", "Reminder"
        SECOND = "second", "Second reminder"
        FINAL = "final", "Final demand"

    class Channel(models.TextChoices):
        MAIL = "mail", "By email"
        PRINT = "print", "Printed"

    supplier = models.ForeignKey("suppliers.Supplier", on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey("invoices.Buyer", on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=10, choices=Level.choices)
    channel = models.CharField("sent", max_length=6, choices=Channel.choices)
    to = models.CharField("sent to", max_length=1000, help_text="The email or the postal address.")
    subject = models.CharField(max_length=200)
    body = models.TextField("text")
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(to="") & ~Q(subject="") & ~Q(body=""), name="letter_is_whole"),
        ]
        indexes = [models.Index(fields=["buyer", "-sent_at"], name="letter_by_buyer")]

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.pk}"


class LetterLine(models.Model):
    """An invoice that a letter names, with what was open. No invoice gets two letters of one level."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="lines")
    advance = models.ForeignKey("financing.Advance", on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey("invoices.Invoice", on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=10, choices=Letter.Level.choices)
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    due_on = models.DateField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "level"], name="one_letter_of_a_level_per_invoice"),
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(amount__lt=10**16), name="letter_amount_in_range"),
        ]

    def __str__(self) -> str:
        return f"Line {self.pk} of letter {self.letter_id}"

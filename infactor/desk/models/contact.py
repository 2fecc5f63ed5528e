"""A contact with a buyer about what it owes."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.desk.models.about import ONE_OF_THE_TWO, OfDebtor


class Contact(OfDebtor):
    """Who said what, and when to ask again. Never changed: a trigger rejects it; the last one counts."""

    class Channel(models.TextChoices):
        PHONE = "phone", "Phone"
        MAIL = "mail", "Email"
        LETTER = "letter", "Letter"

    channel = models.CharField(max_length=6, choices=Channel.choices)
    person = models.CharField("spoke with", max_length=150, blank=True)
    summary = models.TextField("what was said", max_length=2000)
    next_contact_on = models.DateField("next contact", null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at", "-pk"]
        permissions = [("collect_from_buyers", "Can record contacts and promises, and send letters to buyers")]
        constraints = [
            models.CheckConstraint(condition=ONE_OF_THE_TWO, name="contact_of_one_debtor"),
            models.CheckConstraint(condition=~Q(summary=""), name="contact_says_what_was_said"),
        ]
        indexes = [
            models.Index(fields=["debtor", "-made_at"], name="contact_by_debtor"),
            models.Index(fields=["buyer", "-made_at"], name="contact_by_buyer"),
        ]

    def __str__(self) -> str:
        return f"Contact {self.pk}"

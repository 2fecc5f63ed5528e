"""What the people of a supplier are told, and by which channel they want it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infactor.core.models import TimestampedModel
from infactor.suppliers.models.supplier import Supplier


class NotificationKind(models.TextChoices):
    """What a notification is about."""

    OFFERS = "offers", _("Requests and offers")
    MONEY = "money", _("Advances, payments and payouts")
    STATEMENTS = "statements", _("Monthly statements")
    BUYERS = "buyers", _("Answers from buyers")
    BOOKS = "books", _("QuickBooks connection")
    MESSAGES = "messages", _("Messages from infactor")
    LEGAL = "legal", _("Your agreement and what you owe")
    SECURITY = "security", _("People, sign-in and bank accounts")


class Notification(models.Model):
    """One event that one person was told in the app. `key` is that of the email about it, so nobody is told twice."""

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="notifications")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=10, choices=NotificationKind.choices)
    key = models.CharField(max_length=120, unique=True)
    title = models.CharField(max_length=200)
    path = models.CharField(max_length=200, help_text="The page where the person reads more or acts.")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["user", "supplier", "-created_at"], name="notification_list"),
            models.Index(fields=["user", "supplier"], condition=Q(read_at__isnull=True), name="notification_unread"),
            models.Index(fields=["created_at"], name="notification_age"),
        ]

    def __str__(self) -> str:
        return self.key


class NotificationChoice(TimestampedModel):
    """By which channel a person wants to hear of one kind, for one supplier. Without a row, the default holds."""

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_choices")
    kind = models.CharField(max_length=10, choices=NotificationKind.choices)
    in_app = models.BooleanField()
    by_mail = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "supplier", "kind"], name="one_choice_a_person_and_kind"),
            models.CheckConstraint(
                condition=~Q(kind__in=["legal", "security"]), name="choice_of_kinds_that_can_be_switched_off"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"

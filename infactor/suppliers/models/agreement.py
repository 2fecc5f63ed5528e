"""Versions of the financing agreement, and who accepted them. Both are append-only."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.suppliers.models.supplier import Supplier


class AgreementText(models.Model):
    """One version of the agreement. A trigger rejects changes and deletes, as suppliers may have accepted it."""

    version = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=200)
    body = models.TextField()
    published_at = models.DateTimeField()
    # None: the version that was installed with infactor.
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-version"]
        permissions = [("publish_agreement", "Can publish a new version of the agreement")]
        constraints = [
            models.CheckConstraint(name="agreement_not_empty", condition=Q(version__gte=1) & ~Q(title="") & ~Q(body=""))
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class AgreementAcceptance(models.Model):
    """A person accepted a version for a supplier: when, and from which address and browser."""

    text = models.ForeignKey(AgreementText, on_delete=models.PROTECT, related_name="acceptances")
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="acceptances")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ip_address = models.GenericIPAddressField()
    user_agent = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["supplier", "text"], name="one_acceptance_a_supplier_and_version")
        ]

    def __str__(self) -> str:
        return f"{self.supplier}, version {self.text.version}"

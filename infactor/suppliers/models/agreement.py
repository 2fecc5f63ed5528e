"""The agreement, version by version, and who accepted which one. Neither is ever changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from infactor.suppliers.models.supplier import Supplier


class AgreementText(models.Model):
    """One version of what suppliers agree to. The database refuses changes and deletes: somebody accepted it."""

    version = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=200)
    body = models.TextField()
    published_at = models.DateTimeField()
    # None: it came with infactor.
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-version"]
        permissions = [("publish_agreement", "Can publish a new version of the agreement")]
        constraints = [
            models.CheckConstraint(
                name="agreement_says_something", condition=Q(version__gte=1) & ~Q(title="") & ~Q(body="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class AgreementAcceptance(models.Model):
    """This person accepted this version for this supplier, then and from there."""

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

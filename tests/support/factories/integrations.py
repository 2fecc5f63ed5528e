"""Integrations with keys of their own."""

import factory
from factory.django import DjangoModelFactory

from quickbooks_app.auth import integrations
from quickbooks_app.models import Integration


class IntegrationFactory(DjangoModelFactory):
    class Meta:
        model = Integration

    name = factory.Sequence(lambda n: f"Integration {n}")
    environment = "local"
    client_id = factory.Sequence(lambda n: f"client-{n}")
    client_secret = "canary-secret"
    webhook_verifier = factory.Sequence(lambda n: f"canary-verifier-{n}")
    is_enabled = True


class OwnAppFactory(IntegrationFactory):
    """An app that a supplier brought for an integration without keys."""

    parent = factory.SubFactory(IntegrationFactory, client_id="", client_secret="", webhook_verifier="")
    supplier = factory.SubFactory("tests.support.factories.suppliers.SupplierFactory")


def of_settings(environment: str) -> Integration:
    """The row that stands for the keys of the settings, where they name `environment`."""
    row, _ = Integration.objects.get_or_create(
        environment=environment,
        is_from_settings=True,
        defaults={"name": integrations.NAME_FROM_SETTINGS, "is_enabled": True},
    )
    return row

"""Forms of integrations. Secrets are typed, and never shown again: neither on the next page nor beside an error."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.suppliers.models import Supplier
from quickbooks_app.auth import app_keys, integrations
from quickbooks_app.auth.app_keys import Keys
from quickbooks_app.connections.key_form import KEEP, KeysForm
from quickbooks_app.models import Integration


class AddIntegrationForm(KeysForm):
    """A new integration."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("Suppliers read it where they can choose.")
    )
    environment = forms.ChoiceField(label=gettext_lazy("Environment"))
    only_for = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Only for"), queryset=Supplier.objects.order_by("name"), required=False,
        help_text=gettext_lazy("The suppliers that may connect with it. None: every supplier."),
    )  # fmt: skip
    field_order = ("name", "environment", "client_id", "client_secret", "webhook_verifier", "only_for")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(Integration.Environment.choices)
        domains = integrations.base_domains()
        choices = [(one, f"{names[Integration.Environment(one)]}: {domains[one]}") for one in domains]
        self.fields["environment"].choices = [("", _("Choose…")), *choices]  # type: ignore[attr-defined]
        self.fields["client_id"].help_text = _("Leave both keys blank to ask each supplier for those of its own app.")
        self.fields["webhook_verifier"].help_text = _("Of the Webhooks page at Intuit. It can be added later.")

    def environment_of_keys(self) -> str:
        return str(self.cleaned_data.get("environment", ""))


class EditIntegrationForm(KeysForm):
    """The name, the keys and the suppliers of an integration. A blank secret stays as it is."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    remove_verifier = forms.BooleanField(label=gettext_lazy("Remove the verifier token"), required=False)
    only_for = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Only for"), queryset=Supplier.objects.order_by("name"), required=False,
        help_text=gettext_lazy("The suppliers that may connect with it. None: every supplier."),
    )  # fmt: skip
    field_order = ("name", "client_id", "client_secret", "webhook_verifier", "remove_verifier", "only_for")

    def __init__(self, *args: Any, integration: Integration, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.integration = integration
        for field in ("client_secret", "webhook_verifier"):
            self.fields[field].help_text = KEEP

    def environment_of_keys(self) -> str:
        return self.integration.environment

    def checked_keys(self, environment: str) -> Keys:
        data, row = self.cleaned_data, self.integration
        is_same_app = app_keys.trim(data["client_id"]) == row.client_id
        verifier = "" if data["remove_verifier"] else data["webhook_verifier"] or row.webhook_verifier
        keys = app_keys.check(
            environment=environment,
            client_id=data["client_id"],
            client_secret=data["client_secret"] or (row.client_secret if is_same_app else ""),
            webhook_verifier=verifier,
        )
        app_keys.check_environment(environment=environment, client_id=keys.client_id, pk=row.pk)
        return keys

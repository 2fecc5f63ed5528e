"""Staff's decisions about integrations: add, edit, enable, disable, delete. Each asks for the second factor anew."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from infactor.core.admin.decisions import DecisionView, RowDecision
from infactor.core.admin.formatting import copyable_text, figure_text
from infactor.core.admin.tables import Facts
from infactor.suppliers.access import signed_in_user
from quickbooks_app.admin.integration_forms import AddIntegrationForm, EditIntegrationForm
from quickbooks_app.auth import app_credentials, integration_changes
from quickbooks_app.auth.app_keys import KeysRefused
from quickbooks_app.connections import pausing
from quickbooks_app.models import Connection, Integration

PERMISSION = "quickbooks_app.manage_integration"
LIST = "admin:quickbooks_app_integration_changelist"


class AddIntegrationView(DecisionView):
    """Save an integration, then ask whether to enable it."""

    title = "Add an integration"
    button = "Save"
    permission = PERMISSION
    needs_fresh_factor = True
    holds_secrets = True
    form_class = AddIntegrationForm
    refusals = (integration_changes.ChangeRefused, KeysRefused)
    notes = (
        "Keys of Intuit's sandbox are named Development keys there, and those of live companies Production keys.",
        "Register the redirect address at Intuit for the keys that you enter, to the letter.",
        "After saving, you are asked whether to enable the integration.",
    )
    added: Integration | None = None

    def get_success_url(self) -> str:
        if self.added is None:
            return reverse(LIST)
        return reverse("admin:quickbooks_app_integration_enable", args=[self.added.pk])

    def facts(self) -> Facts:
        address = copyable_text(settings.QUICKBOOKS_REDIRECT_URI, "the redirect address")
        return [("Redirect address to register at Intuit", address)]

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        self.added = integration_changes.create(
            name=data["name"],
            environment=form.environment_of_keys(),
            keys=data["keys"],
            only_for=data["only_for"],
            by=signed_in_user(self.request),
            at=timezone.now(),
        )
        return f"{self.added} is saved."


class IntegrationDecision(RowDecision, DecisionView):
    """A decision about one integration. That of the settings is changed there only."""

    row: Integration
    permission = PERMISSION
    needs_fresh_factor = True
    refusals: tuple[type[Exception], ...] = (integration_changes.ChangeRefused, KeysRefused)

    @classmethod
    def is_possible(cls, row: Integration) -> bool:
        return not row.is_from_settings

    def facts(self) -> Facts:
        connected = self.row.connections.filter(status=Connection.Status.CONNECTED).count()
        return [
            ("Integration", self.row.name),
            ("Environment", self.row.get_environment_display()),
            ("API", app_credentials.base_domain(self.row.environment)),
            ("Client ID", self.row.client_id or "asked of each supplier"),
            ("Connected companies", figure_text(f"{connected:,}")),
        ]


class EditIntegrationView(IntegrationDecision):
    """Change the name, the keys and the suppliers."""

    name = "edit"
    label = "Change name or keys"
    title = "Change an integration"
    button = "Save"
    holds_secrets = True
    form_class = EditIntegrationForm

    @classmethod
    def is_possible(cls, row: Integration) -> bool:
        return super().is_possible(row) and row.supplier_id is None

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "integration": self.row}

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.row.name, "client_id": self.row.client_id, "only_for": self.row.only_for.all()}

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        integration_changes.change(
            integration=self.row,
            name=data["name"],
            keys=data["keys"],
            only_for=data["only_for"],
            by=signed_in_user(self.request),
            at=timezone.now(),
        )
        return f"{data['name']} is saved."


class EnableIntegrationView(IntegrationDecision):
    """Enable an integration, now or later: it is asked after saving, too."""

    name = "enable"
    label = "Enable"
    title = "Save and enable?"
    button = "Enable now"
    cancel_label = "Not now"
    notes = (
        "It is saved. Once it is enabled, suppliers can connect companies with it.",
        "infactor asks QuickBooks first whether it knows the keys.",
    )

    @classmethod
    def is_possible(cls, row: Integration) -> bool:
        return super().is_possible(row) and not row.is_enabled

    def perform(self, form: Any) -> str:
        at = timezone.now()
        is_known = integration_changes.enable(integration=self.row, by=signed_in_user(self.request), at=at)
        if is_known or not self.row.client_id:
            return f"{self.row} is enabled."
        return f"{self.row} is enabled. QuickBooks did not answer, so its keys are not checked yet."


class DisableIntegrationView(IntegrationDecision):
    """Stop connecting and reading."""

    name = "disable"
    label = button = "Disable"
    title = "Disable an integration"
    notes = (
        "Nobody can connect with it any more, and the connected companies are not read.",
        "Permissions at QuickBooks stay. Once it is enabled again, the changes since then are read.",
    )

    @classmethod
    def is_possible(cls, row: Integration) -> bool:
        return super().is_possible(row) and row.is_enabled

    def perform(self, form: Any) -> str:
        pausing.disable(integration=self.row, by=signed_in_user(self.request), at=timezone.now())
        return f"{self.row} is disabled."


class RemoveIntegrationView(IntegrationDecision):
    """Delete an integration that no company uses."""

    name = "remove"
    label = button = "Delete"
    title = "Delete an integration"
    notes = ("Its keys are erased here. They stay valid at Intuit until you delete the app there.",)
    is_gone = False

    def get_success_url(self) -> str:
        return reverse(LIST) if self.is_gone else super().get_success_url()

    def perform(self, form: Any) -> str:
        name = self.row.name
        integration_changes.delete(integration=self.row, by=signed_in_user(self.request), at=timezone.now())
        self.is_gone = True
        return f"{name} is deleted."


DECISIONS = (
    EditIntegrationView,
    EnableIntegrationView,
    DisableIntegrationView,
    RemoveIntegrationView,
)

"""Staff's decisions about integrations: add, edit, enable, disable, delete. Each asks for the second factor anew."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.decisions import DecisionView, RowDecision
from infactor.core.admin.formatting import copyable_text, figure_text
from infactor.core.admin.tables import Facts
from infactor.core.money import format_count
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

    title = gettext_lazy("Add an integration")
    button = gettext_lazy("Save")
    permission = PERMISSION
    needs_fresh_factor = True
    holds_secrets = True
    form_class = AddIntegrationForm
    refusals = (integration_changes.ChangeRefused, KeysRefused)
    notes = (
        gettext_lazy(
            "Keys of Intuit's sandbox are named Development keys there, and those of live companies Production keys."
        ),
        gettext_lazy("Register the redirect address at Intuit for the keys that you enter, to the letter."),
        gettext_lazy("After saving, you are asked whether to enable the integration."),
    )
    added: Integration | None = None

    def get_success_url(self) -> str:
        if self.added is None:
            return reverse(LIST)
        return reverse("admin:quickbooks_app_integration_enable", args=[self.added.pk])

    def facts(self) -> Facts:
        address = copyable_text(settings.QUICKBOOKS_REDIRECT_URI, _("the redirect address"))
        return [(_("Redirect address to register at Intuit"), address)]

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
        return _("%(added)s is saved.") % {"added": self.added}


class IntegrationDecision(RowDecision, DecisionView):
    """A decision about one integration. That of the settings is changed there only."""

    row: Integration
    permission = PERMISSION
    needs_fresh_factor = True
    refusals: tuple[type[Exception], ...] = (integration_changes.ChangeRefused, KeysRefused)

    @classmethod
    def is_possible(cls, row: Integration) -> bool:
        return not row.is_from_settings

    @classmethod
    def blocker_of(cls, row: Integration) -> str:
        return _("Its keys come from the settings of this installation: change them there.")

    def facts(self) -> Facts:
        connected = self.row.connections.filter(status=Connection.Status.CONNECTED).count()
        return [
            (_("Integration"), self.row.name),
            (_("Environment"), self.row.get_environment_display()),
            ("API", app_credentials.base_domain(self.row.environment)),
            (_("Client ID"), self.row.client_id or _("asked of each supplier")),
            (_("Connected companies"), figure_text(format_count(connected))),
        ]


class EditIntegrationView(IntegrationDecision):
    """Change the name, the keys and the suppliers."""

    name = "edit"
    label = gettext_lazy("Change name or keys")
    title = gettext_lazy("Change an integration")
    button = gettext_lazy("Save")
    holds_secrets = True
    form_class = EditIntegrationForm

    @classmethod
    def is_possible(cls, row: Integration) -> bool:
        return super().is_possible(row) and row.supplier_id is None

    @classmethod
    def blocker_of(cls, row: Integration) -> str:
        if row.is_from_settings:
            return super().blocker_of(row)
        return _("This app belongs to %(supplier)s, who changes it.") % {"supplier": row.supplier}

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
        return _("%(name)s is saved.") % {"name": data["name"]}


class EnableIntegrationView(IntegrationDecision):
    """Enable an integration, now or later: it is asked after saving, too."""

    name = "enable"
    label = gettext_lazy("Enable")
    title = gettext_lazy("Save and enable?")
    button = gettext_lazy("Enable now")
    cancel_label = gettext_lazy("Not now")
    notes = (
        gettext_lazy("It is saved. Once it is enabled, suppliers can connect companies with it."),
        gettext_lazy("infactor asks QuickBooks first whether it knows the keys."),
    )

    @classmethod
    def is_possible(cls, row: Integration) -> bool:
        return super().is_possible(row) and not row.is_enabled

    @classmethod
    def blocker_of(cls, row: Integration) -> str:
        return super().blocker_of(row) if row.is_from_settings else _("It is enabled already.")

    def perform(self, form: Any) -> str:
        at = timezone.now()
        is_known = integration_changes.enable(integration=self.row, by=signed_in_user(self.request), at=at)
        if is_known or not self.row.client_id:
            return _("%(row)s is enabled.") % {"row": self.row}
        return _("%(row)s is enabled. QuickBooks did not answer, so its keys are not checked yet.") % {"row": self.row}


class DisableIntegrationView(IntegrationDecision):
    """Stop connecting and reading."""

    name = "disable"
    label = button = gettext_lazy("Disable")
    title = gettext_lazy("Disable an integration")
    notes = (
        gettext_lazy("Nobody can connect with it any more, and the connected companies are not read."),
        gettext_lazy("Permissions at QuickBooks stay. Once it is enabled again, the changes since then are read."),
    )

    @classmethod
    def is_possible(cls, row: Integration) -> bool:
        return super().is_possible(row) and row.is_enabled

    @classmethod
    def blocker_of(cls, row: Integration) -> str:
        return super().blocker_of(row) if row.is_from_settings else _("It is disabled already.")

    def perform(self, form: Any) -> str:
        pausing.disable(integration=self.row, by=signed_in_user(self.request), at=timezone.now())
        return _("%(row)s is disabled.") % {"row": self.row}


class RemoveIntegrationView(IntegrationDecision):
    """Delete an integration that no company uses."""

    name = "remove"
    label = button = gettext_lazy("Delete")
    title = gettext_lazy("Delete an integration")
    notes = (gettext_lazy("Its keys are erased here. They stay valid at Intuit until you delete the app there."),)
    is_gone = False

    def get_success_url(self) -> str:
        return reverse(LIST) if self.is_gone else super().get_success_url()

    def perform(self, form: Any) -> str:
        name = self.row.name
        integration_changes.delete(integration=self.row, by=signed_in_user(self.request), at=timezone.now())
        self.is_gone = True
        return _("%(name)s is deleted.") % {"name": name}


DECISIONS = (
    EditIntegrationView,
    EnableIntegrationView,
    DisableIntegrationView,
    RemoveIntegrationView,
)

"""Forms for the keys of an app. What is wrong with them is said at the field to correct; secrets are never shown."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quickbooks_app.auth import app_keys
from quickbooks_app.auth.app_keys import Keys, KeysRefused
from quickbooks_app.models import Integration

HIDDEN = forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"})
PLAIN = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
KEEP = gettext_lazy("Leave it blank to keep the one that is stored.")


class KeysForm(forms.Form):
    """The keys of one app in one environment. `cleaned_data["keys"]` holds them trimmed and checked."""

    client_id = forms.CharField(label=gettext_lazy("Client ID"), required=False, strip=False, widget=PLAIN)
    client_secret = forms.CharField(label=gettext_lazy("Client secret"), required=False, strip=False, widget=HIDDEN)
    webhook_verifier = forms.CharField(
        label=gettext_lazy("Webhook verifier token"), required=False, strip=False, widget=HIDDEN
    )

    def environment_of_keys(self) -> str:
        """The environment of the keys."""
        return str(self.cleaned_data.get("environment", ""))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and (environment := self.environment_of_keys()):
            try:
                data["keys"] = self.checked_keys(environment)
            except KeysRefused as refused:
                self.add_error(refused.field if refused.field in self.fields else None, str(refused))
        return data

    def checked_keys(self, environment: str) -> Keys:
        """The keys as typed, trimmed and checked. Raises KeysRefused."""
        data = self.cleaned_data
        keys = app_keys.check(
            environment=environment,
            client_id=data["client_id"],
            client_secret=data["client_secret"],
            webhook_verifier=data["webhook_verifier"],
        )
        app_keys.check_environment(environment=environment, client_id=keys.client_id)
        return keys


class OwnAppForm(KeysForm):
    """The keys of a supplier's own app, for the integration that asks for them."""

    def __init__(self, *args: Any, parent: Integration, own: Integration | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parent, self.own = parent, own
        self.initial["client_id"] = own.client_id if own else ""
        self.fields["client_id"].required = True
        self.fields["client_secret"].required = own is None
        self.fields["client_id"].help_text = _("At Intuit: your app, Keys and credentials.")
        self.fields["client_secret"].help_text = KEEP if own else _("Below the Client ID. We never show it again.")
        self.fields["webhook_verifier"].help_text = (
            KEEP if own and own.webhook_verifier else _("Of the Webhooks page of your app. You can add it later.")
        )

    def environment_of_keys(self) -> str:
        return self.parent.environment

    def checked_keys(self, environment: str) -> Keys:
        if self.own is not None and app_keys.trim(self.cleaned_data["client_id"]) == self.own.client_id:
            for field in ("client_secret", "webhook_verifier"):
                self.cleaned_data[field] = self.cleaned_data[field] or getattr(self.own, field)
        return super().checked_keys(environment)

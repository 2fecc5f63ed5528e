"""The running sandbox: its state, and access to it from a request."""

from dataclasses import dataclass, field

from flask import current_app, request

from quickbooks_app.sandbox.accounting.books import Concealment
from quickbooks_app.sandbox.runtime.calls import CallLog
from quickbooks_app.sandbox.runtime.clock import Clock, now
from quickbooks_app.sandbox.runtime.environment import DEFAULT_URL, DEFAULT_VERIFIER, RegisteredApp
from quickbooks_app.sandbox.runtime.faults import Faults
from quickbooks_app.sandbox.runtime.store import Store
from quickbooks_app.sandbox.runtime.throttle import Throttle
from quickbooks_app.sandbox.webhooks.deliveries import WebhookLog


@dataclass(slots=True)
class Sandbox:
    """The store and all in-memory state of the process."""

    store: Store
    app: RegisteredApp
    clock: Clock = now
    faults: Faults = field(default_factory=Faults)
    calls: CallLog = field(default_factory=CallLog)
    throttle: Throttle = field(default_factory=Throttle)
    # The latest question and answer for each report, for the fault that gives an old one.
    reports: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    webhooks: WebhookLog = field(default_factory=lambda: WebhookLog(url=DEFAULT_URL, verifier=DEFAULT_VERIFIER))

    def concealment(self) -> Concealment:
        """Return what the books conceal of their changes, as the switches say."""
        return Concealment(
            old_times=self.faults.rule("changes_keep_old_times"),
            unreported=self.faults.rule("new_documents_unreported"),
        )


def sandbox() -> Sandbox:
    """Return the sandbox of the current request."""
    found: Sandbox = current_app.extensions["sandbox"]
    return found


def base_url(host: str | None = None) -> str:
    """Return this server's base URL: always on 127.0.0.1, so that no cookie is shared with an app on localhost."""
    _, _, port = (host or request.host).partition(":")
    return f"http://127.0.0.1:{port}" if port else "http://127.0.0.1"

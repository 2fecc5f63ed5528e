"""What one running sandbox consists of, and how a request reaches it."""

from dataclasses import dataclass, field

from flask import current_app, request

from quickbooks_app.sandbox.runtime.calls import Calls
from quickbooks_app.sandbox.runtime.clock import Clock, now
from quickbooks_app.sandbox.runtime.environment import DEFAULT_URL, DEFAULT_VERIFIER, App
from quickbooks_app.sandbox.runtime.faults import Faults
from quickbooks_app.sandbox.runtime.store import Store
from quickbooks_app.sandbox.runtime.throttle import Throttle
from quickbooks_app.sandbox.webhooks.deliveries import Webhooks


@dataclass(slots=True)
class Sandbox:
    """The store and everything that lives as long as the process."""

    store: Store
    app: App
    clock: Clock = now
    faults: Faults = field(default_factory=Faults)
    calls: Calls = field(default_factory=Calls)
    throttle: Throttle = field(default_factory=Throttle)
    webhooks: Webhooks = field(default_factory=lambda: Webhooks(url=DEFAULT_URL, verifier=DEFAULT_VERIFIER))


def sandbox() -> Sandbox:
    """The sandbox this request belongs to."""
    found: Sandbox = current_app.extensions["sandbox"]
    return found


def base_url(host: str | None = None) -> str:
    """This server's address: always 127.0.0.1, so that no cookie is shared with an app on localhost."""
    _, _, port = (host or request.host).partition(":")
    return f"http://127.0.0.1:{port}" if port else "http://127.0.0.1"

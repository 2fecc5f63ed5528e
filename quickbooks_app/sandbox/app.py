"""Application factory of the sandbox."""

import secrets

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden

from quickbooks_app.sandbox.api import attachments, special_objects
from quickbooks_app.sandbox.api import endpoints as api_endpoints
from quickbooks_app.sandbox.control import companies, customers, home, invoices, objects, switches
from quickbooks_app.sandbox.control import webhooks as control_webhooks
from quickbooks_app.sandbox.oauth import consent
from quickbooks_app.sandbox.oauth import endpoints as oauth_endpoints
from quickbooks_app.sandbox.running import Sandbox
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.environment import RegisteredApp
from quickbooks_app.sandbox.runtime.store import Store
from quickbooks_app.sandbox.webhooks.deliveries import WebhookLog
from quickbooks_app.sandbox.wire import CaselessAddresses

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost"})


def create_app(
    *,
    store: Store,
    app: RegisteredApp,
    port: int | None = None,
    now: clock.Clock = clock.now,
    webhooks: WebhookLog | None = None,
) -> Flask:
    """Create the application for a store. `port` is part of the cookie's name, so two sandboxes do not share one."""
    flask = Flask("quickbooks_app.sandbox", template_folder="templates", static_folder="static")
    flask.secret_key = _session_secret(store)
    flask.config.update(
        SESSION_COOKIE_NAME=f"quickbooks_sandbox_{port or 'local'}",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        MAX_CONTENT_LENGTH=10 * 1024 * 1024,
    )
    running = Sandbox(store=store, app=app, clock=now)
    if webhooks is not None:
        running.webhooks = webhooks
    flask.extensions["sandbox"] = running
    for part in (
        api_endpoints,
        oauth_endpoints,
        consent,
        home,
        companies,
        invoices,
        customers,
        objects,
        switches,
        control_webhooks,
    ):
        flask.register_blueprint(part.blueprint)
    flask.register_blueprint(attachments.files_blueprint)
    flask.register_blueprint(special_objects.entitlements_blueprint)
    flask.wsgi_app = CaselessAddresses(flask.wsgi_app)  # type: ignore[method-assign]
    flask.before_request(require_local_request)
    flask.after_request(add_security_headers)
    return flask


def require_local_request() -> None:
    """Refuse other host names, and forms posted from other sites."""
    name = request.host.partition(":")[0]
    if name not in LOCAL_NAMES:
        # A web page that points its own domain at this machine must not reach the books.
        raise Forbidden("The sandbox answers on 127.0.0.1 and localhost only.")
    origin = request.headers.get("Origin")
    if request.method != "GET" and origin is not None and origin != f"http://{request.host}":
        raise Forbidden("This form does not come from the sandbox itself.")


def add_security_headers(response: Response) -> Response:
    """Add security headers to pages. API responses keep the headers recorded at Intuit."""
    if response.mimetype != "text/html":
        return response
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'none'; base-uri 'none';"
        " frame-ancestors 'none'; form-action 'self'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    return response


def _session_secret(store: Store) -> str:
    kept = store.setting("session_secret")
    if kept is None:
        kept = secrets.token_hex(32)
        store.set_setting(name="session_secret", value=kept)
    return kept

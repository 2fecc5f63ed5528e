"""Command line of the sandbox: serve, credentials, generate, reset."""

import argparse
import json
import logging
import signal
import socket
import sys
from collections.abc import Sequence
from types import FrameType

from quickbooks_app.sandbox.api.attachments import MAX_UPLOAD_BYTES
from quickbooks_app.sandbox.app import create_app
from quickbooks_app.sandbox.data import generate
from quickbooks_app.sandbox.oauth import tokens as oauth_tokens
from quickbooks_app.sandbox.oauth.consent import DEMO_EMAIL
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.environment import DEFAULT_PORT, Environment, read_environment
from quickbooks_app.sandbox.runtime.store import Store
from quickbooks_app.sandbox.serving import HOST, open_server
from quickbooks_app.sandbox.webhooks.deliveries import Sender, WebhookLog

THREADS = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m quickbooks_app.sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve_parser = commands.add_parser("serve", help="serve the sandbox on this machine")
    serve_parser.add_argument("--port", type=int, help="default: SANDBOX_PORT, else 3001")
    credentials_parser = commands.add_parser("credentials", help="issue tokens without a browser, printed as JSON")
    credentials_parser.add_argument("--realm", help="default: the main company")
    generate_parser = commands.add_parser("generate", help="add many invoices to the main company")
    generate_parser.add_argument("--invoices", type=int, required=True)
    generate_parser.add_argument("--realm", help="default: the main company")
    commands.add_parser("reset", help="delete everything and start with the sample companies")
    options = parser.parse_args(arguments)

    environment = read_environment()
    store = Store(environment.books_path)
    try:
        if options.command == "serve":
            port = options.port if options.port is not None else environment.port or DEFAULT_PORT
            return serve(store, environment, port=port)
        if options.command == "reset":
            store.erase()
        generate.seed_if_empty(store, at=clock.now())
        if options.command == "credentials":
            print_line(json.dumps(credentials(store, environment, realm=options.realm), indent=2))
        elif options.command == "generate":
            realm = options.realm or generate.MAIN_REALM
            generate.add_invoices(store, realm=realm, count=options.invoices, at=clock.now())
            print_line(f"{options.invoices} invoices added to company {realm}.")
        else:
            print_line("The sandbox starts again with the sample companies.")
        return 0
    finally:
        store.close()


def serve(store: Store, environment: Environment, *, port: int) -> int:
    """Serve until SIGINT or SIGTERM."""
    if _is_taken(port):
        sys.stderr.write(f"Port {port} is in use by another program; choose another with --port.\n")
        return 1
    logging.getLogger("waitress").setLevel(logging.ERROR)
    generate.seed_if_empty(store, at=clock.now())
    webhooks = WebhookLog(url=environment.webhook_url, verifier=environment.webhook_verifier)
    server = open_server(
        create_app(store=store, app=environment.app, port=port, webhooks=webhooks),
        port=port,
        threads=THREADS,
        ident=None,
        max_request_body_size=MAX_UPLOAD_BYTES,  # refused while it comes in
    )
    port = server.effective_port
    store.set_setting(name="port", value=str(port))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    sender = Sender(store=store, webhooks=webhooks)
    sender.start()
    print_line(f"QuickBooks sandbox at http://{HOST}:{port}")
    try:
        server.run()
    except SystemExit:
        pass
    finally:
        server.close()
        sender.stop()
    return 0


def credentials(store: Store, environment: Environment, *, realm: str | None) -> dict[str, str]:
    """Create a grant without a browser; print its tokens and the API address."""
    at = clock.now()
    port = environment.port or int(store.setting("port") or DEFAULT_PORT)
    base = f"http://{HOST}:{port}"
    realm = realm or generate.MAIN_REALM
    app = environment.app
    code = oauth_tokens.grant(
        store,
        client_id=app.client_id,
        realm=realm,
        scope=oauth_tokens.ACCOUNTING,
        email=DEMO_EMAIL,
        redirect_uri=app.redirect_uris[0],
        at=at,
    )
    tokens = oauth_tokens.exchange(store, client_id=app.client_id, code=code, redirect_uri=app.redirect_uris[0], at=at)
    return {
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "refresh_token": tokens.refresh,
        "access_token": tokens.access,
        "realm_id": realm,
        "api_base": base,
        "discovery_url": f"{base}/.well-known/openid_sandbox_configuration",
    }


def print_line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _is_taken(port: int) -> bool:
    # Checked before seeding, so that a second start fails at once.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _stop(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())

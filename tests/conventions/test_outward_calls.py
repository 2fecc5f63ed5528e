"""Few modules can open a connection to another machine, and each has a list of where to."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = (
    "aiohttp",
    "ftplib",
    "http.client",
    "httpx",
    "imaplib",
    "paramiko",
    "poplib",
    "requests",
    "requests_oauthlib",
    "smtplib",
    "socket",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "xmlrpc",
)
# What the module calls: Intuit's hosts for the environment (`AppCredentials.allowed_origins`), and nothing else.
INTUIT = {
    "quickbooks_app/api/transport.py",
    "quickbooks_app/auth/app_credentials.py",
    "quickbooks_app/auth/oauth_client.py",
}
# These name errors or an option of sockets, and open none.
NO_CALLS = {
    "infactor/core/database_patience.py",
    "infactor/core/email/outbox.py",
    "infactor/core/views.py",
    "quickbooks_app/api/error_responses.py",
}
NOT_IN_PRODUCTION = ("infactor/devserver/", "quickbooks_app/demo/", "quickbooks_app/sandbox/")


def imported(file: Path) -> set[str]:
    """The modules that `file` imports, if it names a client at all."""
    source = file.read_text()
    if not any(client in source for client in CLIENTS):
        return set()
    tree = ast.parse(source)
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_only_listed_modules_can_call_another_machine() -> None:
    found = {
        path
        for app in ("infactor", "quickbooks_app")
        for file in (ROOT / app).rglob("*.py")
        if not (path := str(file.relative_to(ROOT))).startswith(NOT_IN_PRODUCTION)
        if any(name == client or name.startswith(f"{client}.") for name in imported(file) for client in CLIENTS)
    }
    assert found == INTUIT | NO_CALLS


def test_no_call_follows_a_redirect_or_skips_the_check_of_a_certificate() -> None:
    for path in INTUIT:
        source = (ROOT / path).read_text()
        assert "verify=False" not in source
        assert "allow_redirects=True" not in source

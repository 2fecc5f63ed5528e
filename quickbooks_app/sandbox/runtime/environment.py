"""The sandbox's environment variables: data folder, registered app, port and webhook target."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_PORT = 3001
DEFAULT_URL = "http://localhost:3000/quickbook/webhook"
DEFAULT_VERIFIER = "infactor-local-verifier"


@dataclass(frozen=True, slots=True)
class RegisteredApp:
    """The app registered with the sandbox, as on Intuit's developer portal."""

    client_id: str = "infactor-local"
    client_secret: str = "infactor-local-secret"  # noqa: S105 - opens nothing but this sandbox
    redirect_uris: tuple[str, ...] = ("http://localhost:3000/quickbook/connect",)


DEFAULT_APP = RegisteredApp()


@dataclass(frozen=True, slots=True)
class Environment:
    """Settings read from the environment when the process starts."""

    var_dir: Path = Path("var")
    app: RegisteredApp = field(default_factory=RegisteredApp)
    port: int | None = None
    webhook_url: str = DEFAULT_URL
    webhook_verifier: str = DEFAULT_VERIFIER

    @property
    def books_path(self) -> Path:
        return self.var_dir / "sandbox" / "books.sqlite3"


def read_environment(variables: Mapping[str, str] = os.environ) -> Environment:
    """Read every variable of the sandbox. An empty one counts as absent."""
    web = f"http://localhost:{variables.get('PORT') or '3000'}/quickbook"
    redirects = [f"{web}/connect"]
    redirects += [uri.strip() for uri in variables.get("SANDBOX_REDIRECT_URIS", "").split(",") if uri.strip()]
    port = variables.get("SANDBOX_PORT")
    return Environment(
        var_dir=Path(variables.get("VAR_DIR") or "var"),
        app=RegisteredApp(
            client_id=variables.get("QUICKBOOKS_CLIENT_ID") or DEFAULT_APP.client_id,
            client_secret=variables.get("QUICKBOOKS_CLIENT_SECRET") or DEFAULT_APP.client_secret,
            redirect_uris=tuple(redirects),
        ),
        port=int(port) if port else None,
        webhook_url=variables.get("SANDBOX_WEBHOOK_URL") or f"{web}/webhook",
        webhook_verifier=variables.get("SANDBOX_WEBHOOK_VERIFIER")
        or variables.get("QUICKBOOKS_WEBHOOK_VERIFIER", "").partition(",")[0]
        or DEFAULT_VERIFIER,
    )

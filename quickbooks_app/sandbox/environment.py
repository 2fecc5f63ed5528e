"""What the sandbox takes from its environment: where its books lie and which app may connect."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_PORT = 3001


@dataclass(frozen=True, slots=True)
class App:
    """The app that is registered with the sandbox, as on Intuit's developer portal."""

    client_id: str = "infactor-local"
    client_secret: str = "infactor-local-secret"  # noqa: S105 - opens nothing but this sandbox
    redirect_uris: tuple[str, ...] = ("http://localhost:3000/quickbook/connect",)


DEFAULT_APP = App()


@dataclass(frozen=True, slots=True)
class Environment:
    """One reading of the environment, made at the start of a process."""

    var_dir: Path = Path("var")
    app: App = field(default_factory=App)
    port: int | None = None

    @property
    def books_path(self) -> Path:
        return self.var_dir / "sandbox" / "books.sqlite3"


def read_environment(variables: Mapping[str, str] = os.environ) -> Environment:
    """Read every variable the sandbox knows; an empty one counts as absent."""
    redirects = [f"http://localhost:{variables.get('PORT') or '3000'}/quickbook/connect"]
    redirects += [uri.strip() for uri in variables.get("SANDBOX_REDIRECT_URIS", "").split(",") if uri.strip()]
    port = variables.get("SANDBOX_PORT")
    return Environment(
        var_dir=Path(variables.get("VAR_DIR") or "var"),
        app=App(
            client_id=variables.get("QUICKBOOKS_CLIENT_ID") or DEFAULT_APP.client_id,
            client_secret=variables.get("QUICKBOOKS_CLIENT_SECRET") or DEFAULT_APP.client_secret,
            redirect_uris=tuple(redirects),
        ),
        port=int(port) if port else None,
    )

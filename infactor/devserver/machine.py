"""What `make run` needs of the machine: valid settings, free ports, a data folder of its own.

Everything that is missing is one sentence for the user.
"""

import fcntl
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OWNER_ONLY = 0o700
# PostgreSQL refuses to run as root. It runs as another user then, who must pass through the folder without reading it.
OWNER_AND_PASSERS = 0o711


class CannotStart(Exception):
    """The user has to fix something first; the message says what, in one sentence."""


def read_settings() -> dict[str, str]:
    """The environment of every process: what the user has set, and defaults for the rest."""
    given = dict(os.environ)
    given.setdefault("DJANGO_SETTINGS_MODULE", "infactor.settings.local")
    given.setdefault("PORT", "3000")
    given.setdefault("SANDBOX_PORT", "3001")
    given.setdefault("QUICKBOOKS_ENVIRONMENT", "local")
    given["VAR_DIR"] = str(Path(given.get("VAR_DIR") or ROOT / "var").resolve())
    given["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{given.get('PATH', '')}"
    given["PYTHONUNBUFFERED"] = "1"
    for name in ("PORT", "SANDBOX_PORT"):
        if not given[name].isdigit() or not 0 < int(given[name]) < 65536:
            raise CannotStart(f"{name} must be a port number, not {given[name]!r}.")
    if with_sandbox(given) and int(given["PORT"]) == int(given["SANDBOX_PORT"]):
        raise CannotStart(f"PORT and SANDBOX_PORT are both {given['PORT']}. Choose two different ports.")
    return given


def with_sandbox(settings: dict[str, str]) -> bool:
    """Whether the QuickBooks company of this machine runs beside infactor."""
    return settings["QUICKBOOKS_ENVIRONMENT"] == "local"


def open_data_folder(settings: dict[str, str]) -> Path:
    """The data folder, made if needed. Only its owner can list it: it holds mails, logins and the database."""
    folder = Path(settings["VAR_DIR"])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        close_to_others(folder)
    except OSError as error:
        raise CannotStart(
            f"The data folder {folder} cannot be used: {error.strerror}. Make it yours, or name another one: "
            "VAR_DIR=/path/to/folder make run"
        ) from error
    return folder


def close_to_others(folder: Path) -> None:
    """Take the rights of other users on `folder` away, also where an earlier release had given them."""
    folder.chmod(OWNER_AND_PASSERS if os.geteuid() == 0 else OWNER_ONLY)


@contextmanager
def single_instance(folder: Path) -> Iterator[None]:
    """Hold the data folder. The lock ends with this process, however it ends."""
    try:
        lock = (folder / "run.lock").open("w")
    except OSError as error:
        raise CannotStart(f"The data folder {folder} cannot be written to: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(
                f"Another infactor runs on the data folder {folder}. For a second copy, choose another folder and "
                "other ports: VAR_DIR=var2 PORT=3100 SANDBOX_PORT=3101 make run"
            ) from error
        yield


def require_free_ports(settings: dict[str, str]) -> None:
    """Raise CannotStart, with a way round it, if another program listens on a port that infactor needs."""
    _require_free_port(int(settings["PORT"]), variable="PORT")
    if with_sandbox(settings):
        _require_free_port(int(settings["SANDBOX_PORT"]), variable="SANDBOX_PORT")


def _require_free_port(port: int, *, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} is taken by another program. Stop it, or choose another port: "
                f"{variable}={port + 100 if port < 65000 else port - 100} make run"
            ) from error

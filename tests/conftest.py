"""A PostgreSQL for the whole run, and nothing reachable but this machine."""

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

SERVICES = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start the database before Django reads its settings; with xdist once, for all workers."""
    if os.environ.get("DATABASE_URL") or hasattr(config, "workerinput"):
        return
    from infactor.embedded import postgres

    folder = Path(tempfile.mkdtemp(prefix="infactor-tests-"))
    SERVICES.callback(shutil.rmtree, folder, ignore_errors=True)
    os.environ["VAR_DIR"] = str(folder)
    os.environ["DATABASE_URL"] = SERVICES.enter_context(postgres(data=folder / "postgres"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the database that this run started."""
    SERVICES.close()

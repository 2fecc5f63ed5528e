"""A PostgreSQL for the whole run, and nothing reachable but this machine."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import environ
import pytest
from django.db.models.signals import post_migrate

from tests.folders import open_folder
from tests.sowing import sow

SERVICES = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start the database once, with xdist for all workers, which inherit the environment."""
    post_migrate.connect(sow, dispatch_uid="tests.sowing")
    if os.environ.get("DATABASE_URL") or hasattr(config, "workerinput"):
        return
    from infactor.embedded import postgres

    folder = Path(tempfile.mkdtemp(prefix="infactor-tests-"))
    SERVICES.callback(shutil.rmtree, folder, ignore_errors=True)
    os.environ["VAR_DIR"] = str(folder)
    os.environ["DATABASE_URL"] = SERVICES.enter_context(postgres(data=folder / "postgres"))

    # pytest-django reads the settings before any conftest is: without xdist this process has read them already.
    from django.db import connections

    known, told = connections.databases["default"], environ.Env.db_url_config(os.environ["DATABASE_URL"])
    known.update(told, OPTIONS={**known["OPTIONS"], **told.get("OPTIONS", {})})


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the database that this run started."""
    SERVICES.close()


@pytest.fixture
def copy_folder() -> Iterator[Path]:
    """A folder for one test's own infactor."""
    with open_folder() as folder:
        yield folder

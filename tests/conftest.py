"""Starts one PostgreSQL for the whole test run, and blocks every network but this machine's."""

import copy
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import environ
import pytest
import time_machine
from django.core.cache import cache
from django.db.models.signals import post_migrate
from django.test import Client, TransactionTestCase
from hypothesis import settings
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from infactor.core import broker
from tests.support.database.initial_data import restore_initial_data
from tests.support.database.kept_template import TEMPLATE, copy_migrated_server
from tests.support.database.module_rows import module_rows
from tests.support.database.template_copy import create_test_database, drop_test_database
from tests.support.database.truncation import delete_all_rows
from tests.support.fakes.intuit_server import Intuit, intuit_server
from tests.support.processes.folders import temporary_folder
from tests.support.scenarios.financing import Scenario, build_scenario

gc.disable()  # until all tests are collected: hardly anything of that is ever freed

ROOT = Path(__file__).resolve().parents[1]
SERVICES = ExitStack()

# No deadline, since a slow machine is no failure, and no example database.
settings.register_profile("infactor", deadline=None, database=None)
settings.load_profile("infactor")


def pytest_configure(config: pytest.Config) -> None:
    """Start the database once; xdist's workers inherit its address from the environment."""
    post_migrate.connect(restore_initial_data, dispatch_uid="tests.support.database.initial_data")
    TransactionTestCase._fixture_teardown = delete_all_rows  # type: ignore[method-assign]
    _sign_staff_in_with_second_factor()
    if os.environ.get("DATABASE_URL") or hasattr(config, "workerinput"):
        return
    from infactor.embedded_postgres import postgres

    folder = Path(tempfile.mkdtemp(prefix="infactor-tests-"))
    SERVICES.callback(shutil.rmtree, folder, ignore_errors=True)
    copy_migrated_server(folder / "postgres")
    os.environ["VAR_DIR"] = str(folder)
    os.environ["DATABASE_URL"] = SERVICES.enter_context(postgres(data=folder / "postgres"))
    os.environ["TEST_DATABASE_TEMPLATE"] = TEMPLATE

    # pytest-django loads the settings before any conftest, so without xdist they hold the old database here.
    from django.db import connections

    known, told = connections.databases["default"], environ.Env.db_url_config(os.environ["DATABASE_URL"])
    known.update(told, OPTIONS={**known["OPTIONS"], **told.get("OPTIONS", {})})
    known["TEST"]["TEMPLATE"] = TEMPLATE


def _sign_staff_in_with_second_factor() -> None:
    """Make `force_login` do so; the module needs Django's models, which are loaded by now."""
    from tests.support.second_factor import with_second_factor

    Client.force_login = with_second_factor(Client.force_login)  # type: ignore[method-assign]


def pytest_xdist_auto_num_workers() -> int:
    """One more than the machine has cores: tests wait a third of their time for a browser, worker or server."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the slowest folders first, so that no worker is left alone with one of them at the end."""
    long = tuple(ROOT / "tests" / folder for folder in ("browser", "resilience", "simulation", "benchmarks"))
    items.sort(key=lambda item: not any(item.path.is_relative_to(folder) for folder in long))


def pytest_collection_finish() -> None:
    """Exclude what is loaded from garbage collection, which otherwise takes a tenth of the whole run."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000, 20, 100)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the database that this run started."""
    SERVICES.close()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The test database, whichever tests run.

    pytest-django creates none where no collected test is marked with `django_db`: a file whose module-scoped fixtures
    alone use the database would then write into the one of the settings.
    """
    with django_db_blocker.unblock():
        replaced = create_test_database()
    yield
    with django_db_blocker.unblock():
        drop_test_database(replaced)


@pytest.fixture(autouse=True)
def broker_is_asked() -> None:
    """Each test starts with a broker that nobody has found away."""
    broker.resume()


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """A data folder for an infactor that one test starts."""
    with temporary_folder() as folder:
        yield folder


@pytest.fixture
def intuit(settings: Settings) -> Iterator[Intuit]:
    """A fake Intuit server without data or faults; the settings point to it."""
    cache.clear()
    with intuit_server() as server:
        settings.SANDBOX_PORT = server.port
        yield server


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    """The function that builds a module's scenario; a module that needs another one overrides this."""

    def build() -> Scenario:
        scenario = build_scenario()
        scenario.terms()
        return scenario

    return build


@pytest.fixture(scope="module")
def module_scenario(
    scenario_builder: Callable[[], Scenario], django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Scenario]:
    """The scenario of a module, built once."""
    with module_rows(scenario_builder, django_db_blocker) as made:
        yield made


@pytest.fixture
def scenario(module_scenario: Scenario, db: None) -> Scenario:
    """A supplier that can be financed, and the staff; each test changes them in its own savepoint."""
    return copy.deepcopy(module_scenario)


@pytest.fixture
def stopped_clock(scenario: Scenario) -> Iterator[None]:
    """Stop the clock at the time of the scenario."""
    with time_machine.travel(scenario.now, tick=False):
        yield

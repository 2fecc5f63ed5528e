"""The demo company of `make run` has its books in the local QuickBooks, and they agree with what infactor shows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from infactor.financing.demo import bank, further, runner
from infactor.financing.demo.participants import Participants
from infactor.invoices.models import Buyer, CompanyFile, Invoice
from infactor.suppliers.management.commands import demo_accounts
from quickbooks_app.bookkeeping import entries
from quickbooks_app.demo import bookkeeping, opening
from quickbooks_app.demo import company as local_company
from quickbooks_app.models import BookkeepingSettings, Connection, ImportRun, Push
from quickbooks_app.pushes import worker
from quickbooks_app.sync import run_worker
from tests.support.assertions.matches_quickbooks import assert_matches_quickbooks, read_quickbooks
from tests.support.database.module_rows import module_rows
from tests.support.processes.sandbox_company import Company


def play(folder: Path) -> Connection:
    """The demo without what infactor does with the books: that takes long, and is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_accounts, "VAR_DIR", folder)
        patch.setattr(runner, "SCENARIO", ())
        patch.setattr(bank, "upload_sample", lambda **given: None)
        patch.setattr(further, "_registered", [bookkeeping.turn_on])
        call_command("demo_accounts")
        call_command("demo_financing")
    return Connection.objects.get()


@pytest.fixture(scope="module")
def _played(
    _sandbox: Company,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Connection]:
    with (
        override_settings(SANDBOX_PORT=_sandbox.port),
        module_rows(lambda: play(tmp_path_factory.mktemp("demo")), django_db_blocker) as made,
    ):
        yield made


@pytest.fixture
def played(_played: Connection, company: Company, db: None) -> Connection:
    return Connection.objects.get(pk=_played.pk)


def test_the_first_sync_finds_all_as_it_is(played: Connection, company: Company) -> None:
    run = ImportRun.objects.get()
    before = list(Invoice.objects.order_by("pk").values())
    run_worker.process_run(run_id=run.pk, owner="me", now=timezone.now)
    run.refresh_from_db()
    assert (run.state, run.error, run.issues_found) == ("succeeded", "", 0)
    assert (run.invoices_seen, run.invoices_new, run.invoices_changed) == (73, 0, 0)
    assert list(Invoice.objects.order_by("pk").values()) == before
    played.refresh_from_db()
    assert_matches_quickbooks(played, read_quickbooks(company.base, realm=played.realm_id, token=played.access_token))


def test_a_later_start_changes_nothing_and_an_interrupted_one_is_made_up_for(
    played: Connection, company: Company
) -> None:
    call_command("demo_financing")
    assert (Connection.objects.count(), CompanyFile.objects.count(), Invoice.objects.count()) == (1, 1, 73)
    assert (Buyer.objects.count(), BookkeepingSettings.objects.count()) == (11, 1)
    refreshed = requests.get(f"{company.base}/control/companies/{played.realm_id}", timeout=10)
    assert refreshed.status_code == 200


def test_without_quickbooks_nothing_is_opened(
    played: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_company, "PATIENCE", 0.0)
    settings.SANDBOX_PORT = 9  # nobody listens there
    someone = played.connected_by
    with pytest.raises(local_company.CompanyUnavailable, match="does not answer"):
        opening.open_books(
            supplier=played.supplier,
            participants=Participants(someone, someone, someone, someone),
            opened_days_ago=420,
            at=timezone.now(),
        )


def test_the_bookkeeping_is_on_with_accounts_of_its_own(played: Connection) -> None:
    entries.request_due(connection_id=played.pk, at=timezone.now())
    for push in Push.objects.order_by("pk"):
        worker.perform(push_id=push.pk, now=timezone.now)
    assert set(Push.objects.values_list("state", flat=True)) == {"done"}

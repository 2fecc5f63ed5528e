"""infactor's importer as a worker runs it: a connection, an import run, and work on it until it has ended."""

from datetime import UTC, datetime, timedelta

from quickbooks_app import runs
from quickbooks_app.auth import integrations
from quickbooks_app.models import Connection, ImportRun
from quickbooks_app.sync import run_worker
from tests.benchmarks.stub import DELETED, REALM


def prepare() -> None:
    """Create the connected supplier that the first import needs."""
    from tests.support.factories.suppliers import CompanyFileFactory, UserFactory

    if Connection.objects.exists():
        return
    file, now = CompanyFileFactory(), _now()
    Connection.objects.create(
        supplier=file.supplier,
        company_file=file,
        integration=integrations.from_settings(),
        environment="local",
        realm_id=REALM,
        realm_fingerprint="bench",
        company_name="Bench Company",
        connected_by=UserFactory(),
        connected_at=now,
        access_token="access",
        access_token_expires_at=now + timedelta(days=1),
        refresh_token="refresh",
        refresh_token_expires_at=now + timedelta(days=100),
    )


def read(*, address: str, since: datetime | None) -> None:
    """Work on an import run until it has ended; `address` is the sandbox's address in the settings."""
    kind = ImportRun.Kind.CHANGES if since else ImportRun.Kind.FULL
    run = runs.request(connection=Connection.objects.get(), by=None, at=_now(), kind=kind)
    while run_worker.process_run(run_id=run.pk, owner="bench", now=_now) is run_worker.SliceOutcome.MORE:
        pass
    run.refresh_from_db()
    if run.state != ImportRun.State.SUCCEEDED:
        raise RuntimeError(f"The import did not succeed: {run.state} {run.error_code} {run.error}")
    # A run that became a reconciliation looks for deletions in the books, and the stub only reports them.
    if run.kind == ImportRun.Kind.CHANGES and run.invoices_deleted != DELETED:
        raise RuntimeError(f"{run.invoices_deleted} of {DELETED} deletions were followed")


def _now() -> datetime:
    return datetime.now(UTC)

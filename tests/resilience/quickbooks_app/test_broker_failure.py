"""While the broker is down users notice nothing, and a later sweep of the database finds the work."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from quickbooks_app import runs, tasks
from quickbooks_app.models import ImportRun
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import CompanyFileFactory, MembershipFactory


@pytest.mark.django_db(transaction=True)
def test_the_web_goes_on_and_beat_rings_later(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    supplier = MembershipFactory().supplier
    connection = ConnectionFactory(company_file=CompanyFileFactory(supplier=supplier))
    client.force_login(supplier.members.get())

    def nobody(*arguments: object, **options: object) -> None:
        raise OperationalError("Connection refused.")

    with monkeypatch.context() as patch:
        patch.setattr(tasks.process_import_run, "apply_async", nobody)
        answer = client.post(reverse("quickbooks:sync", args=[connection.public_id]))
        assert (answer.status_code, answer["Location"]) == (302, reverse("quickbooks:home"))
        assert client.get(reverse("quickbooks:home")).status_code == 200
    run = ImportRun.objects.get()
    assert runs.due_run_ids(at=timezone.now()) == [run.pk]
    rung: list[int] = []
    monkeypatch.setattr(tasks.process_import_run, "delay", rung.append)
    tasks.dispatch_due_runs()
    assert rung == [run.pk]

"""Imports stay within their number of API calls: Intuit's free tier allows 500,000 a month for all companies."""

from datetime import timedelta

import pytest

from quickbooks_app.models import ApiCall, Connection
from tests.functional.quickbooks_app.sync.conftest import Company, read

pytestmark = pytest.mark.django_db


def test_a_quiet_company_costs_one_call_a_run(company: Company, imported: Connection) -> None:
    before = ApiCall.objects.filter(error_code="").count()
    for _ in range(5):
        company.clock.advance(days=1)
        assert read(imported, company.clock).api_calls == 1
    assert ApiCall.objects.filter(error_code="").count() == before + 5


def test_a_comparison_of_a_small_company_takes_two_calls_for_each_kind(company: Company, imported: Connection) -> None:
    company.clock.advance(days=31)
    run = read(imported, company.clock)
    assert (run.kind, run.api_calls) == ("reconcile", 8)
    assert company.clock() - timedelta(hours=1) < Connection.objects.get().reconciled_at  # type: ignore[operator]

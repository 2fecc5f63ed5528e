"""Versions are deleted by age, each kind by its own setting, and what financed invoices need is kept longer."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from infactor.core import bulk
from infactor.financing import history_retention
from infactor.financing.eligibility import packed_breakdowns
from infactor.financing.models import AssessmentVersion, Eligibility
from infactor.invoices.models import BuyerVersion, Invoice, InvoiceVersion
from quickbooks_app import retention
from quickbooks_app.documents import versions
from quickbooks_app.models import DocumentVersion
from tests.support.factories.quickbooks import ConnectionFactory, create_document
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def scenario() -> Scenario:
    found = build_scenario()
    found.terms()
    return found


def supersede(scenario: Scenario, invoice: Invoice, *, days_ago: int) -> None:
    """A superseded version of everything about the invoice, of that age."""
    until = scenario.now - timedelta(days=days_ago)
    span: dict[str, Any] = {"known_from": until - DAY, "known_until": until}
    InvoiceVersion.objects.create(subject=invoice, changed={"balance": 1}, books_until=until, **span)
    BuyerVersion.objects.create(subject_id=invoice.buyer_id, changed={"name": "A"}, books_until=until, **span)
    packer = packed_breakdowns.packer()
    AssessmentVersion.objects.create(
        invoice=invoice,
        supplier=invoice.supplier,
        as_of=until.date(),
        decision=Eligibility.Decision.ELIGIBLE,
        face=1,
        base=1,
        advance=1,
        breakdown=packer.pack(b"{}"),
        dictionary_id=packer.dictionary_id,
        **span,
    )


def counts() -> tuple[int, int, int]:
    return (InvoiceVersion.objects.count(), BuyerVersion.objects.count(), AssessmentVersion.objects.count())


def clear() -> None:
    for model in (InvoiceVersion, BuyerVersion, AssessmentVersion):
        model._default_manager.all().delete()


def test_each_kind_has_its_own_age_and_a_financed_invoice_a_later_one(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "DELETED_AT_ONCE", 2)
    other, bought = (scenario.invoice(scenario.buyer(name)) for name in ("Other", "Bought"))
    scenario.funded(bought)
    clear()
    states, assessments = settings.KEEP_STATE_VERSIONS.days, settings.KEEP_ASSESSMENT_VERSIONS.days
    financed = settings.KEEP_FINANCED_VERSIONS.days
    for invoice in (other, bought):
        for days_ago in (assessments - 1, assessments + 1, states + 1, financed + 1):
            supersede(scenario, invoice, days_ago=days_ago)
    deleted = history_retention.delete_expired(at=scenario.now)
    assert deleted == (3, 3, 4)
    assert counts() == (5, 5, 4)
    assert Invoice.objects.get(pk=bought.pk).versions.count() == 3
    assert history_retention.delete_expired(at=scenario.now) == (0, 0, 0)


def test_documents_of_a_financed_invoice_and_of_what_was_paid_on_it_are_kept_longer(scenario: Scenario) -> None:
    other, bought = (scenario.invoice(scenario.buyer(name)) for name in ("Other", "Bought"))
    connection = ConnectionFactory(company_file=bought.company_file)
    scenario.funded(bought)
    at = scenario.now - settings.KEEP_DOCUMENT_VERSIONS - DAY
    for invoice in (other, bought):
        assert invoice.buyer is not None
        for entity, qbk_id in (("Invoice", invoice.qbk_invoice_id), ("Customer", invoice.buyer.reference)):
            document = create_document(connection=connection, entity=entity, qbk_id=qbk_id, at=at - DAY)
            versions.keep(document_ids=[document.pk], at=at)
    payment = create_document(connection=connection, entity="Payment", qbk_id="77", at=at - DAY)
    versions.keep(document_ids=[payment.pk], at=at)
    assert retention.delete_expired(at=scenario.now).versions == 3
    assert {*DocumentVersion.objects.values_list("document__entity", "document__qbk_id")} == {
        ("Invoice", bought.qbk_invoice_id),
        ("Customer", bought.buyer.reference if bought.buyer else ""),
    }
    later = scenario.now + settings.KEEP_FINANCED_VERSIONS
    assert retention.delete_expired(at=later).versions == 2

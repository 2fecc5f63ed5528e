"""A supplier's application decides about each of its invoices, from the moment that it is approved or put on hold."""

from datetime import timedelta

import pytest

from infactor.financing.eligibility import recalculation
from infactor.financing.models import Eligibility
from infactor.invoices.models import Invoice
from infactor.suppliers import applications
from infactor.suppliers.models import Supplier
from tests.support.factories.quickbooks import NOON
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory, MembershipFactory
from tests.support.scenarios import onboarding

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def invoice() -> Invoice:
    supplier = MembershipFactory().supplier
    return InvoiceFactory(buyer=BuyerFactory(company_file=CompanyFileFactory(supplier=supplier, as_of=NOON)))


def deciding_rule(supplier: Supplier) -> str:
    assert recalculation.suppliers_due(at=LATER) == [supplier.pk]
    recalculation.recalculate(supplier_id=supplier.pk, at=LATER)
    return Eligibility.objects.get(supplier=supplier).deciding_rule


def test_the_application_is_the_first_reason_until_it_is_approved_and_again_on_hold(invoice: Invoice) -> None:
    assert deciding_rule(invoice.supplier) == "application"
    application = onboarding.approved(invoice.supplier, at=NOON)
    assert deciding_rule(invoice.supplier) != "application"
    staff = onboarding.staff_member("Underwriter")
    applications.hold(application=application, by=staff, reason="A question is open.", at=LATER)
    assert deciding_rule(invoice.supplier) == "application"

"""The reference of a payment tells invoices of one number apart and holds nothing that nobody sees."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from infactor.core import plain_text
from infactor.financing import remittance_instructions
from tests.support.factories.suppliers import InvoiceFactory

BARE = {"company_name": "Buyer", "contact_name": "", "customer_reference": "1"}


def test_two_invoices_of_one_number_are_paid_with_two_references() -> None:
    one, other = (InvoiceFactory.build(supplier=None, buyer=None, company_file=None, **BARE) for _ in range(2))
    references = {
        remittance_instructions.payment_reference(number="1001", public_id=row.public_id) for row in (one, other)
    }
    assert len(references) == 2
    assert all(reference.startswith("1001 IF-") for reference in references)


@given(st.text())
def test_no_reference_holds_a_mark_that_turns_the_direction(number: str) -> None:
    public_id = UUID("12345678-0000-0000-0000-000000000000")
    assert remittance_instructions.payment_reference(number="10\u202e01", public_id=public_id) == "1001 IF-12345678"
    reference = remittance_instructions.payment_reference(number=number, public_id=public_id)
    assert not plain_text.INVISIBLE_CHARACTERS.search(reference)

"""A trained dictionary makes documents smaller and holds nothing that belongs to one customer."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from infactor.core.models import CompressionDictionary
from quickbooks_app.documents import dictionary_training, payloads
from quickbooks_app.models import Connection, Document
from tests.support.factories.quickbooks import create_document
from tests.support.payloads import invoice

pytestmark = pytest.mark.django_db


def name_of(number: int) -> str:
    """A name of letters that no other customer has."""
    return f"Zq{chr(97 + number // 10)}{chr(97 + number % 10)}yx"


def documents(count: int = 400, customers: int = 40) -> list[bytes]:
    """Invoices with a standard text, each with the name, the address and the tax number of its customer."""
    return [
        invoice(
            str(number),
            CustomerRef={"value": f"c{number % customers}", "name": f"{name_of(number % customers)} Trading"},
            BillEmail={"Address": f"{name_of(number % customers)}@canary.example"},
            PrivateNote=f"Tax 98765{number % customers:04d}. Delivered to the back door",
            TotalAmt=7654300 + number % customers,
        )
        for number in range(count)
    ]


def test_it_holds_standard_texts_and_keys_and_no_customers_name_number_or_amount() -> None:
    samples = [
        dictionary_training.sample(connection_id=1, entity="Invoice", qbk_id=str(number), raw=raw)
        for number, raw in enumerate([*documents(), invoice("x", PrivateNote="Wholly singular text")])
    ]
    dictionary = dictionary_training.train(samples)
    assert b"back door" in dictionary
    assert b'"SalesItemLineDetail"' in dictionary
    for secret in ("98765", "76543", "singular", *map(name_of, range(40))):
        assert secret.encode() not in dictionary


@pytest.mark.parametrize("raw", [b"not json", b"[]", b'{"CustomerRef":7}', b'{"CustomerRef":{}}'])
def test_a_document_without_a_readable_customer_counts_as_its_own(raw: bytes) -> None:
    one, other = (
        dictionary_training.sample(connection_id=1, entity="Invoice", qbk_id=qbk_id, raw=raw) for qbk_id in "12"
    )
    assert one.customer != other.customer


def test_the_command_measures_adopts_and_writes_and_old_documents_stay_readable(
    connection: Connection, tmp_path: Path
) -> None:
    raws = documents()
    for number, raw in enumerate(raws):
        create_document(connection=connection, qbk_id=str(number), raw=raw)
    before = payloads.packer()
    said = StringIO()
    call_command("train_dictionary", stdout=said)
    assert "200 documents that it was not trained on" in said.getvalue()
    assert CompressionDictionary.objects.count() == 1
    call_command("train_dictionary", adopt=True, write=tmp_path / "new", stdout=said)
    after = payloads.packer()
    assert after.dictionary_id != before.dictionary_id
    assert len(after.pack(raws[7])) < len(before.pack(raws[7]))
    assert (tmp_path / "new").stat().st_size <= dictionary_training.DICTIONARY_BYTES
    assert payloads.read_all(Document.objects.order_by("pk")) == raws


def test_too_few_documents_are_an_error_in_words(connection: Connection) -> None:
    create_document(connection=connection)
    with pytest.raises(CommandError, match="too few"):
        call_command("train_dictionary", stdout=StringIO())

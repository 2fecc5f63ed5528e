"""The CAMT samples are what the standard allows, so that readers are tested with what banks may send.

They are held against the schemas of ISO 20022 (tests/support/schemas), and against the classes of `pyiso20022`, with
which statements are read: those know every element and its order.
"""

import functools
import importlib

import pytest
import xmlschema
from defusedxml.ElementTree import fromstring
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer

from infactor.banking.formats import camt
from tests.support.statements import SCHEMAS, bank_file, camt_statement

STRICT = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True, fail_on_converter_warnings=True)
MADE = camt_statement(["5.00|B-1|Buyer|INV-1", "-1.00|B-2||fee"], opening="0.00", closing="4.00", day="2026-11-02")
EMPTY_REFERENCE = "/Document/BkToCstmrStmt/Stmt/Ntry[2]/NtryDtls/TxDtls[{place}]/Refs/AcctSvcrRef"


@functools.cache
def schema(version: str) -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(SCHEMAS / f"{version}.xsd")


@pytest.mark.parametrize(
    ("data", "version", "expected"),
    [
        # Some banks send references that are empty, and the reader must bear it.
        (bank_file("camt053_v2.xml"), "camt.053.001.02", [EMPTY_REFERENCE.format(place=place) for place in (1, 2)]),
        (bank_file("camt053_v8.xml"), "camt.053.001.08", []),
        (bank_file("camt054_v8.xml"), "camt.054.001.08", []),
        (MADE, "camt.053.001.08", []),
    ],
)
def test_a_sample_is_valid_by_the_schema_and_by_the_classes_it_is_read_with(
    data: bytes, version: str, expected: list[str]
) -> None:
    assert [one.path for one in schema(version).iter_errors(data.decode())] == expected
    module = importlib.import_module(f"pyiso20022.camt.{version.replace('.', '_')}")
    document = XmlParser(config=STRICT).from_bytes(data, module.Document)
    again = XmlSerializer().render(document)  # in the order of the schema
    assert [one.tag for one in fromstring(data).iter()] == [one.tag for one in fromstring(again).iter()]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<Cd>CLBD</Cd>", b"<Cd>TOO-LONG</Cd>"),
        (b"<CdtDbtInd>CRDT</CdtDbtInd>", b"<CdtDbtInd>CREDIT</CdtDbtInd>"),
        (b"<Id>2026-11-02</Id>", b""),
    ],
)
def test_the_schema_finds_what_the_standard_forbids(before: bytes, after: bytes) -> None:
    assert not schema("camt.053.001.08").is_valid(MADE.replace(before, after).decode())
    assert schema("camt.053.001.08").is_valid(MADE.decode())


def test_the_least_that_the_schema_allows_is_read() -> None:
    """No currency of the account, no bank's reference, no details, moments instead of days, an own balance."""
    least = (
        b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt>"
        b"<GrpHdr><MsgId>1</MsgId><CreDtTm>2026-11-02T18:00:00Z</CreDtTm></GrpHdr>"
        b"<Stmt><Id>7</Id><Acct><Id><Othr><Id>123456</Id></Othr></Id></Acct>"
        b"<Bal><Tp><CdOrPrtry><Prtry>OWN</Prtry></CdOrPrtry></Tp><Amt Ccy='USD'>7</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
        b"<Dt><DtTm>2026-11-02T18:00:00Z</DtTm></Dt></Bal>"
        b"<Ntry><Amt Ccy='USD'>7</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        b"<ValDt><DtTm>2026-11-02T09:00:00Z</DtTm></ValDt><BkTxCd/></Ntry></Stmt></BkToCstmrStmt></Document>"
    )
    schema("camt.053.001.08").validate(least.decode())
    (statement,) = camt.parse(data=least).statements
    assert (statement.account_number, statement.currency, statement.refusals) == ("123456", "USD", [])
    assert [(str(one.amount), one.value_date.isoformat()) for one in statement.rows] == [("7.00", "2026-11-02")]

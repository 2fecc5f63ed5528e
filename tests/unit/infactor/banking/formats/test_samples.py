"""The CAMT samples are what the standard allows, so that readers are tested with what banks may send.

No package that infactor installs holds the schemas of CAMT. `pyiso20022` is made from them: its classes know every
element, its order, whether it must be there, and what its text may be.
"""

import dataclasses
import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer

from tests.support.statements import bank_file, camt_statement

STRICT = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True, fail_on_converter_warnings=True)
MADE = camt_statement(["5.00|B-1|Buyer|INV-1", "-1.00|B-2||fee"], opening="0.00", closing="4.00", day="2026-11-02")


def breaches(value: Any) -> Iterator[str]:
    """Texts that are too long, too short or of another pattern than the schema says."""
    for field in dataclasses.fields(value):
        found, rule = getattr(value, field.name), field.metadata
        for one in found if isinstance(found, list) else [found]:
            if dataclasses.is_dataclass(one):
                yield from breaches(one)
            elif isinstance(one, str) and not (
                rule.get("min_length", 0) <= len(one) <= rule.get("max_length", len(one))
                and re.fullmatch(rule.get("pattern", ".*"), one, re.DOTALL)
            ):
                yield f"{field.name}: {one!r}"


@pytest.mark.parametrize(
    ("data", "schema", "expected"),
    [
        (bank_file("camt053_v2.xml"), "camt_053_001_02", ["acct_svcr_ref: ''"] * 2),  # as some banks send it
        (bank_file("camt053_v8.xml"), "camt_053_001_08", []),
        (bank_file("camt054_v8.xml"), "camt_054_001_08", []),
        (MADE, "camt_053_001_08", []),
    ],
)
def test_a_sample_is_valid_in_elements_order_and_texts(data: bytes, schema: str, expected: list[str]) -> None:
    module = importlib.import_module(f"pyiso20022.camt.{schema}")
    document = XmlParser(config=STRICT).from_bytes(data, module.Document)
    assert list(breaches(document)) == expected
    again = XmlSerializer().render(document)  # in the order of the schema
    assert [one.tag for one in fromstring(data).iter()] == [one.tag for one in fromstring(again).iter()]

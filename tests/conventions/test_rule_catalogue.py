"""Each eligibility rule has one complete record in the catalogue, and no other module lists the rules."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from infactor.financing.eligibility.catalogue import (
    RULES,
    Outcome,
    Rule,
    RuleRecord,
    Stage,
    books,
    buyer,
    dates,
    invoice,
    price,
    reductions,
    supplier,
)

ROOT = Path(__file__).resolve().parents[2]
MODULES = (supplier, invoice, dates, buyer, reductions, price, books)
RECORDS = [record for module in MODULES for record in module.RECORDS]
BLOCKING = {Outcome.FAIL, Outcome.NEEDS_ACTION}


def test_each_rule_has_exactly_one_record() -> None:
    assert Counter(record.rule for record in RECORDS) == Counter(Rule)


@pytest.mark.parametrize("record", RULES.values(), ids=lambda record: str(record.rule))
def test_a_record_is_complete(record: RuleRecord) -> None:
    assert record.title
    assert record.short_reasons.get("")
    assert all(record.sentences.values())
    assert not BLOCKING.isdisjoint(record.sentences) or set(record.sentences) == {Outcome.UNKNOWN}
    assert (Outcome.NEEDS_ACTION in record.sentences) == bool(record.action_label)
    assert record.stage is not Stage.REDUCTION or record.deduction_label
    assert not record.may_be_overridden or record.stage not in (Stage.SUPPLIER, Stage.PRICE, Stage.INVOICE, Stage.BOOKS)
    has_invoices = any("{invoices}" in text for text in record.remedies.values())
    assert has_invoices == bool(record.remedy_without_invoices)


def test_no_module_beside_the_catalogue_keeps_a_table_of_rules() -> None:
    tables = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("infactor", "quickbooks_app")
        for path in (ROOT / folder).rglob("*.py")
        if "Rule." in (source := path.read_text())
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Dict) and any(_is_rule(key) for key in node.keys)
    ]
    assert tables == []


def _is_rule(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Attribute) and isinstance(key.value, ast.Name) and key.value.id == "Rule"

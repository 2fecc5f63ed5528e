"""The catalogue of eligibility rules: one record for each rule, with everything that people read about it."""

from infactor.financing.eligibility.catalogue import books, buyer, dates, invoice, price, reductions, supplier
from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage, Unit
from infactor.financing.eligibility.catalogue.record import RuleRecord

_MODULES = (supplier, invoice, dates, buyer, reductions, price, books)
_RECORDS = {one.rule: one for module in _MODULES for one in module.RECORDS}
RULES: dict[Rule, RuleRecord] = {rule: _RECORDS[rule] for rule in Rule}
OVERRIDABLE = frozenset(rule for rule, record in RULES.items() if record.may_be_overridden)
BUYER_RULES = tuple(rule for rule, record in RULES.items() if record.stage is Stage.BUYER)
REDUCTION_RULES = tuple(rule for rule, record in RULES.items() if record.stage is Stage.REDUCTION)
LIMIT_RULES = (Rule.BUYER_LIMIT, Rule.PAIR_LIMIT, Rule.SUPPLIER_LIMIT, Rule.CONCENTRATION)

__all__ = [
    "BUYER_RULES",
    "LIMIT_RULES",
    "OVERRIDABLE",
    "REDUCTION_RULES",
    "RULES",
    "Outcome",
    "Rule",
    "RuleRecord",
    "Stage",
    "Unit",
]

"""The record of one eligibility rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from infactor.core.translatable import Text
from infactor.financing.eligibility.catalogue.codes import Outcome, Rule, Stage, Unit

# Texts by the reason of a result; the text under "" is for every reason that has none of its own.
ByReason = Mapping[str, Text]


@dataclass(frozen=True, kw_only=True)
class RuleRecord:
    """Everything about one rule but its arithmetic, which stands in `eligibility.rules`.

    Suppliers read `title`, `short_reasons`, `sentences` and `remedies`: no text may say anything about other suppliers.
    Sentences and remedies may hold {actual} and {limit} (the two numbers, in `unit`), {missing} (limit - actual),
    {invoices} (the invoices behind the result), {are} ("is" for one invoice), {currency}, and {moment} (when the books
    were last read).
    """

    rule: Rule
    stage: Stage
    title: Text
    short_reasons: ByReason  # two or three words after "Not eligible:", for lists
    sentences: Mapping[Outcome, ByReason]
    remedies: ByReason = field(default_factory=dict)  # what would make the invoice pass, where somebody can do it
    remedies_by_hand: ByReason = field(default_factory=dict)  # for invoices entered here: corrected here
    remedy_without_invoices: Text = ""  # instead of a remedy with {invoices}, where no invoice is named
    action_label: Text = ""  # the badge of an invoice that needs the action that this rule asks for
    staff_title: Text = ""  # where staff need another title than suppliers
    deduction_label: Text = ""  # the line between face and base, for a rule that reduces the balance
    unit: Unit = Unit.NONE
    may_be_overridden: bool = False

    def sentence(self, outcome: Outcome, reason: str) -> str:
        """The sentence for a result, with its placeholders; the title where a stored reason is no longer known."""
        return _by_reason(self.sentences.get(outcome, {}), reason) or str(self.title)

    def remedy(self, reason: str, *, names_invoices: bool, is_by_hand: bool = False) -> str:
        """What would make an invoice pass, with its placeholders; empty where nobody can do anything."""
        if is_by_hand and (here := self.remedies_by_hand.get(reason)):
            return str(here)
        found = _by_reason(self.remedies, reason)
        return str(self.remedy_without_invoices) if "{invoices}" in found and not names_invoices else found

    def short_reason(self, reason: str = "") -> str:
        """The words for lists."""
        return _by_reason(self.short_reasons, reason)


def _by_reason(texts: ByReason, reason: str) -> str:
    return str(texts.get(reason) or texts.get("", ""))

"""The open advances of one currency, by their numbers, their buyers and what is known of who pays for them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from infactor.financing.collections import invoice_tokens
from infactor.financing.models import Advance, CollectionAllocation
from infactor.invoices.customer_hierarchy import roots_of
from infactor.invoices.debtors.company_names import normalized_name
from infactor.invoices.debtors.matching import GENERIC_NAMES
from infactor.invoices.models import Buyer
from infactor.ledger.balances import balances_by_owner
from infactor.ledger.models import Purpose


@dataclass(frozen=True)
class OpenAdvance:
    """An advance whose buyer still owes `outstanding`, and who the buyer is over all suppliers."""

    pk: int
    supplier_id: int
    invoice_no: str
    buyer_name: str
    outstanding: Decimal
    group: str  # "debtor:3", or "buyer:7" where nobody grouped it


@dataclass
class OpenAdvances:
    """The open advances of one currency, by what a payment may say of them."""

    by_pk: dict[int, OpenAdvance] = field(default_factory=dict)
    by_number: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    by_core: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    by_group: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_amount: dict[Decimal, set[int]] = field(default_factory=lambda: defaultdict(set))
    groups_by_name: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    groups_by_account: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    learnt_names: set[str] = field(default_factory=set)

    def named_in(self, text: str) -> set[int]:
        """The advances whose numbers stand in `text` as whole words."""
        found = {pk for form in invoice_tokens.forms_in(text) for pk in self.by_number.get(form, ())}
        found |= {pk for word in invoice_tokens.words_in(text) for pk in self.by_core.get(word, ())}
        return found | {pk for pk in invoice_tokens.advances_in(text) if pk in self.by_pk}


def load(*, currency: str) -> OpenAdvances:
    """All funded advances in `currency` of which something is outstanding, in a fixed number of queries."""
    rows = list(
        Advance.objects.filter(status=Advance.Status.FUNDED, currency=currency)
        .select_related("invoice")
        .only("pk", "supplier_id", "buyer_id", "invoice__invoice_no", "status", "currency")
        .order_by("funded_on", "pk")
    )
    outstanding = balances_by_owner(
        purpose=Purpose.RECEIVABLE, owners=[one.ledger_owner for one in rows], currency=currency
    )
    groups = _Groups({one.buyer_id for one in rows})
    found = OpenAdvances()
    for row in rows:
        if outstanding[row.ledger_owner] > 0:
            number = row.invoice.invoice_no
            group, name = groups.key(row.buyer_id), groups.name(row.buyer_id)
            one = OpenAdvance(row.pk, row.supplier_id, number, name, outstanding[row.ledger_owner], group)
            _add(found, one)
            for known in groups.names(row.buyer_id):
                found.groups_by_name[known].add(group)
    _learn(found, groups)
    return found


def _add(found: OpenAdvances, one: OpenAdvance) -> None:
    found.by_pk[one.pk] = one
    found.by_group[one.group].append(one.pk)
    found.by_amount[one.outstanding].add(one.pk)
    if form := invoice_tokens.number_form(one.invoice_no):
        found.by_number[form].add(one.pk)
    if core := invoice_tokens.core_form(one.invoice_no):
        found.by_core[core].add(one.pk)


def _learn(found: OpenAdvances, groups: "_Groups") -> None:
    """Who has paid for these buyers before, by name and account, as people confirmed it."""
    paid = CollectionAllocation.objects.filter(
        kind=CollectionAllocation.Kind.ADVANCE, reversed_at=None, advance__buyer__in=groups.buyer_ids
    ).order_by()
    columns = ("collection__payer", "collection__statement_line__payer_fingerprint", "advance__buyer_id")
    for payer, account, buyer_id in paid.values_list(*columns).distinct():
        group, name = groups.key(buyer_id), normalized_name(payer)
        if name and name not in GENERIC_NAMES:
            found.groups_by_name[name].add(group)
            found.learnt_names.add(name)
        if account:
            found.groups_by_account[account].add(group)


class _Groups:
    """Who each buyer is over all suppliers: its debtor, or its topmost customer."""

    def __init__(self, buyer_ids: Iterable[int]) -> None:
        self.buyer_ids = set(buyer_ids)
        self._roots = roots_of(buyers=self.buyer_ids)
        rows = Buyer.objects.filter(pk__in=self.buyer_ids | set(self._roots.values())).select_related("debtor")
        self._buyers = {one.pk: one for one in rows}

    def _root(self, buyer_id: int) -> Buyer:
        return self._buyers[self._roots.get(buyer_id, buyer_id)]

    def key(self, buyer_id: int) -> str:
        root = self._root(buyer_id)
        return f"buyer:{root.pk}" if root.debtor_id is None else f"debtor:{root.debtor_id}"

    def name(self, buyer_id: int) -> str:
        return str(self._root(buyer_id))

    def names(self, buyer_id: int) -> set[str]:
        root, buyer = self._root(buyer_id), self._buyers[buyer_id]
        texts = [root.name, root.company_name, buyer.company_name, root.debtor.name if root.debtor else ""]
        return {normalized_name(text) for text in texts} - {""} - GENERIC_NAMES

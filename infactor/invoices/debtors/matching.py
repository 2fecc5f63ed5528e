"""Finds buyers in several company files that may be the same company. Staff decide on each suggestion.

A complete tax id, a name without its legal form, and an email domain of the company each match; the end of a tax id
matches together with the address. Buyers are put into buckets instead of being compared in pairs, so the work grows
with the number of buyers and not with its square.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from infactor.invoices.customer_hierarchy import roots_of
from infactor.invoices.debtors.company_names import normalized_name
from infactor.invoices.debtors.email_domains import company_domains
from infactor.invoices.debtors.tax_ids import is_complete, normalized_tax_id
from infactor.invoices.models import Buyer

SAME_DEBTOR, SUB_CUSTOMER, TAX_ID, NAME, DOMAIN, TAX_ID_END_AND_ADDRESS = (
    "held",
    "job",
    "tax",
    "name",
    "domain",
    "parts",
)
REASONS: Mapping[str, tuple[str, int]] = {
    SUB_CUSTOMER: ("Has a sub-customer that was grouped when it was a customer of its own", 90),
    TAX_ID: ("Same tax id", 90),
    NAME: ("Same name without its legal form", 60),
    DOMAIN: ("Same email domain", 50),
    TAX_ID_END_AND_ADDRESS: ("Same end of the tax id and same address", 50),
}
# More buyers with one email domain or at one address share a provider or a building, not a company.
MAX_GROUP_SIZE = 50
MIN_ADDRESS_LENGTH = 12
# Names that sellers give to customers whom they do not know.
GENERIC_NAMES = frozenset({"cash", "cash sale", "cash sales", "cash customer", "customer", "walk in", "misc", "test"})

COLUMNS = ("name", "company_name", "email", "tax_id", "address", "debtor_id", "company_file_id")

Key = tuple[str, object]


class SuggestedGroup(NamedTuple):
    """Buyers that may be one company: why (keys of REASONS), a score up to 100, and the debtor of some of them."""

    buyers: tuple[Buyer, ...]
    kinds: tuple[str, ...]
    score: int
    debtor_id: int | None


class Dismissal(NamedTuple):
    """Ids of buyers that staff said are not one company, and of the debtor for which they were suggested."""

    buyers: frozenset[int]
    debtor_id: int | None


def find_groups(*, dismissed: Iterable[Dismissal] = ()) -> list[SuggestedGroup]:
    """Groups of root customers that may be one company and are not yet one debtor, highest score first.

    A match between buyers that were dismissed together does not count. Groups with two debtors are left out: staff
    have to decide between those first.
    """
    rows = Buyer.objects.filter(parent=None, is_active=True).only(*COLUMNS)
    buyers = {buyer.pk: buyer for buyer in rows.order_by("pk").iterator(chunk_size=5000)}
    buckets: dict[Key, list[Buyer]] = defaultdict(list)
    for buyer in buyers.values():
        for key in _keys(buyer):
            buckets[key].append(buyer)
    for debtor, root in _grouped_sub_customers():
        if root in buyers:
            buckets[SUB_CUSTOMER, debtor].append(buyers[root])
    dismissals: dict[int, list[Dismissal]] = defaultdict(list)
    for dismissal in dismissed:
        for pk in dismissal.buyers:
            dismissals[pk].append(dismissal)
    informative = {
        key: members for key, members in buckets.items() if _is_informative(key, members, dismissals=dismissals)
    }
    found = (_suggested_group(members, keys) for members, keys in _connected_groups(informative))
    return sorted(filter(None, found), key=lambda one: (-one.score, one.buyers[0].pk))


def _is_informative(key: Key, members: Sequence[Buyer], *, dismissals: Mapping[int, Sequence[Dismissal]]) -> bool:
    """Whether the bucket links a buyer that is not grouped yet, or holds the buyers of one debtor together."""
    kind, value = key
    if kind == SAME_DEBTOR:
        return True
    if all(buyer.debtor_id is not None for buyer in members):
        return False
    ids = {buyer.pk for buyer in members}
    matching = [one for one in dismissals.get(members[0].pk, ()) if ids <= one.buyers]
    if kind == SUB_CUSTOMER:
        return all(one.debtor_id != value for one in matching)
    if matching or (kind in (DOMAIN, TAX_ID_END_AND_ADDRESS) and len(members) > MAX_GROUP_SIZE):
        return False
    return len({buyer.company_file_id for buyer in members}) > 1


def _suggested_group(members: Sequence[Buyer], keys: set[Key]) -> SuggestedGroup | None:
    kinds = [kind for kind in REASONS if any(key[0] == kind for key in keys)]
    debtors = {int(str(value)) for kind, value in keys if kind in (SAME_DEBTOR, SUB_CUSTOMER)}
    if not kinds or len(debtors) > 1:
        return None
    score = min(100, sum(REASONS[kind][1] for kind in kinds))
    return SuggestedGroup(tuple(members), tuple(kinds), score, debtor_id=debtors.pop() if debtors else None)


def _keys(buyer: Buyer) -> Iterable[Key]:
    names = {normalized_name(buyer.name), normalized_name(buyer.company_name)} - {""} - GENERIC_NAMES
    yield from ((NAME, name) for name in names)
    yield from ((DOMAIN, domain) for domain in company_domains(buyer.email))
    number, address = normalized_tax_id(buyer.tax_id), normalized_name(buyer.address)
    if is_complete(buyer.tax_id):
        yield TAX_ID, number
    elif number and len(address) >= MIN_ADDRESS_LENGTH:
        yield TAX_ID_END_AND_ADDRESS, (number, address)
    if buyer.debtor_id is not None:
        yield SAME_DEBTOR, buyer.debtor_id


def _grouped_sub_customers() -> Iterable[tuple[int, int]]:
    """(debtor id, root customer id) of each sub-customer that was grouped when it was a customer of its own."""
    debtors: dict[int, int] = dict(
        Buyer.objects.filter(parent__isnull=False, debtor__isnull=False).order_by().values_list("pk", "debtor_id")
    )
    for sub_customer, root in roots_of(buyers=list(debtors)).items():
        yield debtors[sub_customer], root


def _connected_groups(buckets: Mapping[Key, Sequence[Buyer]]) -> Iterable[tuple[list[Buyer], set[Key]]]:
    """The connected components of the buckets (union-find): their buyers by id, and their keys."""
    parents: dict[int, int] = {}

    def root(pk: int) -> int:
        parents.setdefault(pk, pk)
        while parents[pk] != pk:
            parents[pk] = parents[parents[pk]]
            pk = parents[pk]
        return pk

    for members in buckets.values():
        for buyer in members:
            parents[root(buyer.pk)] = root(members[0].pk)
    groups: dict[int, tuple[dict[int, Buyer], set[Key]]] = defaultdict(lambda: ({}, set()))
    for key, members in buckets.items():
        together, keys = groups[root(members[0].pk)]
        together.update((buyer.pk, buyer) for buyer in members)
        keys.add(key)
    return [([together[pk] for pk in sorted(together)], keys) for together, keys in groups.values()]

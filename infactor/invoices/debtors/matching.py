"""Buyers that look like one company in several books: what is to be proposed to staff, who decide.

A whole tax number, the name without its legal form and a mail domain of their own each bring buyers together; a tax
number of which only the end is shown, and an address, do so together. Buckets, not pairs: the work grows with the
number of buyers, not with its square.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from infactor.invoices.customer_hierarchy import tops_among
from infactor.invoices.debtors.company_names import bare
from infactor.invoices.debtors.email_domains import own_domains
from infactor.invoices.debtors.tax_ids import compared, is_whole
from infactor.invoices.models import Buyer

HELD, JOB, TAX, NAME, DOMAIN, PARTS = "held", "job", "tax", "name", "domain", "parts"
REASONS: Mapping[str, tuple[str, int]] = {
    JOB: ("It has a job that was joined when it was a customer of its own", 90),
    TAX: ("The same tax number", 90),
    NAME: ("The same name without its legal form", 60),
    DOMAIN: ("The same mail domain", 50),
    PARTS: ("The same end of the tax number at the same address", 50),
}
# So many behind one mail domain, or at one address, are a provider or a mall.
CROWD = 50
SHORTEST_ADDRESS = 12
# What sellers call the customer whom they do not know.
NAMELESS = frozenset({"cash", "cash sale", "cash sales", "cash customer", "customer", "walk in", "misc", "test"})

READ = ("name", "company_name", "email", "tax_id", "address", "debtor_id", "company_file_id")

Key = tuple[str, object]


class Proposal(NamedTuple):
    """Buyers that look the same, why (of REASONS), how much so (to 100), and the debtor of some of them."""

    buyers: tuple[Buyer, ...]
    kinds: tuple[str, ...]
    score: int
    debtor_id: int | None


class Dismissal(NamedTuple):
    """Keys of buyers that staff said are not one company, and of the debtor that they were proposed for."""

    buyers: frozenset[int]
    debtor_id: int | None


def proposals(*, dismissed: Iterable[Dismissal] = ()) -> list[Proposal]:
    """Groups of top customers of several company files that look the same and are not joined yet, likeliest first.

    What only buyers have in common that were `dismissed` together tells nothing any more. Groups that hold two debtors
    are left out: which of them it is must be decided there.
    """
    rows = Buyer.objects.filter(parent=None, is_active=True).only(*READ)
    buyers = {buyer.pk: buyer for buyer in rows.order_by("pk").iterator(chunk_size=5000)}
    buckets: dict[Key, list[Buyer]] = defaultdict(list)
    for buyer in buyers.values():
        for key in _keys(buyer):
            buckets[key].append(buyer)
    for debtor, top in _moved_under():
        if top in buyers:
            buckets[JOB, debtor].append(buyers[top])
    said: dict[int, list[Dismissal]] = defaultdict(list)
    for dismissal in dismissed:
        for pk in dismissal.buyers:
            said[pk].append(dismissal)
    telling = {key: members for key, members in buckets.items() if _tells(key, members, said=said)}
    found = (_proposal(members, keys) for members, keys in _groups(telling))
    return sorted(filter(None, found), key=lambda one: (-one.score, one.buyers[0].pk))


def _tells(key: Key, members: Sequence[Buyer], *, said: Mapping[int, Sequence[Dismissal]]) -> bool:
    """Whether the bucket says that somebody in it is still to be joined; or holds together who is joined."""
    kind, value = key
    if kind == HELD:
        return True
    if all(buyer.debtor_id is not None for buyer in members):
        return False
    together = {buyer.pk for buyer in members}
    over = [one for one in said.get(members[0].pk, ()) if together <= one.buyers]
    if kind == JOB:
        return all(one.debtor_id != value for one in over)
    if over or (kind in (DOMAIN, PARTS) and len(members) > CROWD):
        return False
    return len({buyer.company_file_id for buyer in members}) > 1


def _proposal(members: Sequence[Buyer], keys: set[Key]) -> Proposal | None:
    kinds = [kind for kind in REASONS if any(key[0] == kind for key in keys)]
    belong = {int(str(value)) for kind, value in keys if kind in (HELD, JOB)}
    if not kinds or len(belong) > 1:
        return None
    score = min(100, sum(REASONS[kind][1] for kind in kinds))
    return Proposal(tuple(members), tuple(kinds), score, debtor_id=belong.pop() if belong else None)


def _keys(buyer: Buyer) -> Iterable[Key]:
    names = {bare(buyer.name), bare(buyer.company_name)} - {""} - NAMELESS
    yield from ((NAME, name) for name in names)
    yield from ((DOMAIN, domain) for domain in own_domains(buyer.email))
    number, address = compared(buyer.tax_id), bare(buyer.address)
    if is_whole(buyer.tax_id):
        yield TAX, number
    elif number and len(address) >= SHORTEST_ADDRESS:
        yield PARTS, (number, address)
    if buyer.debtor_id is not None:
        yield HELD, buyer.debtor_id


def _moved_under() -> Iterable[tuple[int, int]]:
    """The debtor of each job that was a customer of its own when staff joined it, and the job's top customer."""
    jobs: dict[int, int] = dict(
        Buyer.objects.filter(parent__isnull=False, debtor__isnull=False).order_by().values_list("pk", "debtor_id")
    )
    for job, top in tops_among(buyers=list(jobs)).items():
        yield jobs[job], top


def _groups(buckets: Mapping[Key, Sequence[Buyer]]) -> Iterable[tuple[list[Buyer], set[Key]]]:
    """Buyers that hang together through any bucket, first to last, and those buckets."""
    above: dict[int, int] = {}

    def root(pk: int) -> int:
        above.setdefault(pk, pk)
        while above[pk] != pk:
            above[pk] = above[above[pk]]
            pk = above[pk]
        return pk

    for members in buckets.values():
        for buyer in members:
            above[root(buyer.pk)] = root(members[0].pk)
    groups: dict[int, tuple[dict[int, Buyer], set[Key]]] = defaultdict(lambda: ({}, set()))
    for key, members in buckets.items():
        together, keys = groups[root(members[0].pk)]
        together.update((buyer.pk, buyer) for buyer in members)
        keys.add(key)
    return [([together[pk] for pk in sorted(together)], keys) for together, keys in groups.values()]

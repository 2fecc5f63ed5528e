"""Finds vendors and buyers of the same books that are, or may be, one company. Pure, no query.

Ids never say so: customers and vendors are two lists. The same name without its legal form and the same complete tax id
are certain; an email domain of the company, an address and a telephone number are for staff to judge. Each row is put
into buckets instead of being compared in pairs.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Protocol

from infactor.invoices.debtors.company_names import normalized_name
from infactor.invoices.debtors.email_domains import company_domains
from infactor.invoices.debtors.matching import GENERIC_NAMES, MAX_GROUP_SIZE, MIN_ADDRESS_LENGTH
from infactor.invoices.debtors.tax_ids import is_complete, normalized_tax_id

NAME, TAX_ID, DOMAIN, ADDRESS, PHONE, TAX_IDS_DIFFER = "name", "tax", "domain", "address", "phone", "other_tax"
KINDS: Mapping[str, str] = {
    TAX_ID: "Same tax id",
    NAME: "Same name without its legal form",
    DOMAIN: "Same email domain",
    ADDRESS: "Same address",
    PHONE: "Same telephone number",
    TAX_IDS_DIFFER: "Different tax ids",
}
CERTAIN = frozenset({NAME, TAX_ID})
MIN_PHONE_DIGITS, COMPARED_PHONE_DIGITS = 7, 9  # the end of a number: country codes are written or left out
# QuickBooks takes a name only once, so a vendor that is a customer, too, has a word behind its name.
_MARK = re.compile(r"[\s(\[{–—-]+(vendor|supplier|customer|client)[)\]}\s]*$", re.IGNORECASE)
_NOT_A_DIGIT = re.compile(r"\D+")

Key = tuple[str, str]
Pair = tuple[int, int]


class Company(Protocol):
    """What a vendor and a buyer are compared by."""

    pk: int
    name: str
    company_name: str
    email: str
    phone: str
    address: str
    tax_id: str


def find_pairs(*, vendors: Iterable[Company], buyers: Iterable[Company]) -> dict[Pair, tuple[str, ...]]:
    """Why (keys of KINDS) a vendor and a buyer may be one company, by their primary keys."""
    vendor_by_pk, buyer_by_pk = {one.pk: one for one in vendors}, {one.pk: one for one in buyers}
    of_vendors, of_buyers = _buckets(vendor_by_pk.values()), _buckets(buyer_by_pk.values())
    found: dict[Pair, set[str]] = defaultdict(set)
    for key in of_vendors.keys() & of_buyers.keys():
        kind, _ = key
        if kind not in CERTAIN and max(len(of_vendors[key]), len(of_buyers[key])) > MAX_GROUP_SIZE:
            continue  # they share a provider or a building, not a company
        for vendor in of_vendors[key]:
            for buyer in of_buyers[key]:
                found[vendor, buyer].add(kind)
    for (vendor, buyer), kinds in found.items():
        if TAX_ID not in kinds and is_complete(vendor_by_pk[vendor].tax_id) and is_complete(buyer_by_pk[buyer].tax_id):
            kinds.add(TAX_IDS_DIFFER)
    return {pair: tuple(kind for kind in KINDS if kind in kinds) for pair, kinds in found.items()}


def is_certain(kinds: Iterable[str]) -> bool:
    """Whether nobody needs to look: one name or one tax id, and no two tax ids."""
    found = set(kinds)
    return bool(found & CERTAIN) and TAX_IDS_DIFFER not in found


def _buckets(companies: Iterable[Company]) -> dict[Key, list[int]]:
    buckets: dict[Key, list[int]] = defaultdict(list)
    for one in companies:
        for key in set(_keys(one)):
            buckets[key].append(one.pk)
    return buckets


def _keys(company: Company) -> Iterable[Key]:
    names = {normalized_name(_MARK.sub("", name)) for name in (company.name, company.company_name)}
    yield from ((NAME, name) for name in names - {""} - GENERIC_NAMES)
    yield from ((DOMAIN, domain) for domain in company_domains(company.email))
    if is_complete(company.tax_id):
        yield TAX_ID, normalized_tax_id(company.tax_id)
    address = normalized_name(company.address)
    if len(address) >= MIN_ADDRESS_LENGTH:
        yield ADDRESS, address
    digits = _NOT_A_DIGIT.sub("", company.phone)
    if len(digits) >= MIN_PHONE_DIGITS:
        yield PHONE, digits[-COMPARED_PHONE_DIGITS:]

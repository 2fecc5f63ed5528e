"""The vocabulary of each app's `privacy.py`: what a table holds, why, for how long, and what an erasure does to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import models
from django.db.models import Q

ERASED = "(erased)"
EVERYWHERE = "*"
# Owners are people whom an application names, with or without an account.
SUPPLIER, OWNER, PERSON, BUYER = "supplier", "owner", "person", "buyer"
KINDS = (SUPPLIER, OWNER, PERSON, BUYER)


class Ground(StrEnum):
    """The legal ground, as the GDPR's article 6 names them."""

    CONTRACT = "contract"
    LEGAL_DUTY = "legal duty"
    INTEREST = "legitimate interest"


class Delete:
    """The rows are deleted."""


@dataclass(frozen=True)
class Overwrite:
    """These fields are overwritten; a function gets the row."""

    values: Mapping[str, Any]


@dataclass(frozen=True)
class Scrub:
    """In these texts the person's names and addresses are replaced, and the rest stays."""

    fields: tuple[str, ...]


@dataclass(frozen=True)
class Keep:
    """The rows stay, for this reason."""

    reason: str


Action = Delete | Overwrite | Scrub | Keep


@dataclass(frozen=True)
class Subject:
    """Whose data it is. `row` is the supplier, owner, user or buyer; `names` are texts by which others refer to them.

    `related` are the names of people whose data goes with it: a supplier's owners and buyers. They may be thousands, so
    they are replaced in rows that are found anyway, and not searched for.
    """

    kind: str
    row: models.Model
    names: frozenset[str]
    supplier_ids: frozenset[int] = frozenset()
    related: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.kind} {self.row.pk}"


@dataclass(frozen=True)
class Table:
    """One table. Every column is in `personal`, `secret` or `other`; columns that cannot be personal may be left out.

    `paths` leads from a row to the subject that it is about: lookups, of which any may match, or a function that
    returns a Q. `mentions` are texts that are searched for the subject's addresses, and for its names where `scope`, a
    lookup of a supplier, is a supplier of the subject or nobody: another supplier may mean somebody else by that name.
    Rows under `evidence`, a lookup of an invoice or a supplier, are kept while the law demands it, if that was
    financed. `unless` excludes rows from erasure. `readable` gets the value of a compressed column out of its row, to
    copy it. `not_copied_for` are kinds whose copy leaves the table out: its rows hold data of others, too.
    """

    model: str
    purpose: str
    ground: Ground
    retention: str
    personal: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    paths: Mapping[str, tuple[str, ...] | Callable[[Subject], Q]] = field(default_factory=dict)
    mentions: tuple[str, ...] = ()
    scope: str = ""
    evidence: str = ""
    evidence_of: str = SUPPLIER
    unless: Q | None = None
    readable: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    not_copied_for: tuple[str, ...] = ()
    on_erasure: Mapping[str, Action] = field(default_factory=dict)


@dataclass(frozen=True)
class NoPersonalData:
    """Tables that hold nothing about a person, and why that is so."""

    models: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class SubjectKind:
    """How a subject is found: by `key` of `model`, or for `by_address` by a part of that text field.

    `suppliers` leads from it to its suppliers.
    """

    kind: str
    model: str
    key: str
    name_fields: tuple[str, ...]
    suppliers: str
    by_address: str = ""


@dataclass(frozen=True)
class Evidence:
    """What was financed lately enough for the law to demand its records."""

    supplier_ids: frozenset[int] = frozenset()
    invoice_ids: frozenset[int] = frozenset()

"""Accounts: who owes infactor, a debtor across its suppliers or a customer in no debtor, and its open invoices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Q

from infactor.financing import holds
from infactor.financing.models import Advance, Case, DebtorMark
from infactor.invoices.models import Buyer, Debtor
from infactor.ledger.balances import balances_by_owner
from infactor.ledger.models import Purpose

ZERO = Decimal("0.00")
# Days late of each age bucket: from, and to; None: and more.
BUCKETS: tuple[tuple[int, int | None], ...] = ((1, 30), (31, 60), (61, 90), (91, None))
# What the list needs of an advance; an invoice's lines and a purchase's are large.
COLUMNS = (
    *("pk", "supplier_id", "buyer_id", "invoice_id", "currency", "status", "face", "funded_on"),
    *("invoice__invoice_no", "invoice__public_id", "invoice__payable_date", "purchase__due_on", "purchase__number"),
    *("buyer__name", "buyer__reference", "buyer__debtor_id", "buyer__supplier_id", "buyer__address"),
    *("supplier__name", "buyer__debtor__name"),
)


class UnknownAccount(LookupError):
    """Nobody who owes anything has this address."""


@dataclass(frozen=True, order=True)
class Account:
    """Who owes: `kind` is debtor or buyer, `pk` its key. `name` does not tell two apart."""

    kind: str
    pk: int

    @property
    def slug(self) -> str:
        """Its part of an address."""
        return f"{self.kind}-{self.pk}"

    @property
    def columns(self) -> dict[str, int | None]:
        """Its columns of a contact or a promise."""
        return {"debtor_id": self.pk if self.kind == "debtor" else None, "buyer_id": self._buyer_id}

    @property
    def of_buyers(self) -> Q:
        """The rows of its customers, by their column `buyer`."""
        return Q(buyer__debtor=self.pk) if self.kind == "debtor" else Q(buyer=self.pk)

    @property
    def of_records(self) -> Q:
        """Its contacts and promises: those of a debtor, and those of its buyers from before they were joined."""
        return Q(debtor=self.pk) | Q(buyer__debtor=self.pk) if self.kind == "debtor" else Q(buyer=self.pk)

    @property
    def _buyer_id(self) -> int | None:
        return self.pk if self.kind == "buyer" else None


@dataclass(frozen=True)
class OpenInvoice:
    """A financed invoice that its buyer has not paid: what the ledger says is `open`, in `currency`."""

    advance: Advance
    open: Decimal

    @property
    def currency(self) -> str:
        return self.advance.currency

    @property
    def due_on(self) -> date | None:
        return self.advance.due_on

    def days_late(self, today: date) -> int:
        """Days after the due date; 0 or less where it is not past, or unknown."""
        return (today - self.due_on).days if self.due_on else 0


def account_of(buyer: Buyer) -> Account:
    """The account to which a customer belongs; a job to that of its root."""
    root = buyer.parent or buyer
    return Account("debtor", root.debtor_id) if root.debtor_id else Account("buyer", root.pk)


def read_slug(slug: str) -> tuple[Account, Debtor | Buyer]:
    """The account of an address, with its row. Raises UnknownAccount. One of a joined buyer leads to its debtor."""
    kind, _, pk = slug.partition("-")
    if kind not in ("debtor", "buyer") or not pk.isdecimal() or len(pk) > 18:
        raise UnknownAccount(slug)
    if kind == "debtor":
        debtor = Debtor.objects.filter(pk=int(pk)).first()
        if debtor is None:
            raise UnknownAccount(slug)
        return Account("debtor", debtor.pk), debtor
    buyer = Buyer.objects.select_related("parent__debtor", "debtor").filter(pk=int(pk)).first()
    if buyer is None:
        raise UnknownAccount(slug)
    account = account_of(buyer)
    root = buyer.parent or buyer
    return account, root.debtor or root


def open_invoices(*, of: Account | None = None) -> dict[Account, list[OpenInvoice]]:
    """What is open of funded advances, by account (all, or this one), the longest due first. Two queries."""
    rows = Advance.objects.filter(of.of_buyers if of else Q(), status=Advance.Status.FUNDED)
    rows = rows.select_related("invoice", "purchase", "supplier", "buyer__debtor").only(*COLUMNS)
    found = list(rows.order_by(F("purchase__due_on").asc(nulls_last=True), "pk"))
    balances = balances_by_owner(purpose=Purpose.RECEIVABLE, owners=[one.ledger_owner for one in found])
    by_account: dict[Account, list[OpenInvoice]] = {}
    for advance in found:
        amount = balances[advance.ledger_owner]
        if amount > 0:
            key = Account("debtor", advance.buyer.debtor_id) if advance.buyer.debtor_id else None
            by_account.setdefault(key or Account("buyer", advance.buyer_id), []).append(OpenInvoice(advance, amount))
    return by_account


def name_of(invoices: Sequence[OpenInvoice]) -> str:
    """The name of the account to which `invoices` belong."""
    buyer = invoices[0].advance.buyer
    return str(buyer.debtor or buyer)


def bucket_of(days_late: int) -> int | None:
    """The place of an age in BUCKETS; None where nothing is late."""
    return next(
        (i for i, (since, to) in enumerate(BUCKETS) if days_late >= since and (to is None or days_late <= to)), None
    )


def sums(amounts: Iterable[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    """The sum of each currency, from (currency, amount) pairs."""
    found: dict[str, Decimal] = {}
    for currency, amount in amounts:
        found[currency] = found.get(currency, ZERO) + amount
    return sorted(found.items())


def disputed(invoices: Sequence[OpenInvoice]) -> set[int]:
    """The advances of `invoices` that are in dispute: by an open case, or by what the buyer answered last."""
    advances = [one.advance for one in invoices]
    keys = [one.pk for one in advances]
    opened = Case.objects.filter(advance__in=keys, kind=Case.Kind.DISPUTE, closed_at__isnull=True)
    return set(opened.order_by().values_list("advance", flat=True)) | {
        advance.pk for advance, _ in holds.without_case(advances=advances)
    }


def misdirected(invoices: Sequence[OpenInvoice]) -> set[int]:
    """The advances of `invoices` whose buyer paid the supplier instead, by an open case."""
    keys = [one.advance.pk for one in invoices]
    opened = Case.objects.filter(advance__in=keys, kind=Case.Kind.MISDIRECTED, closed_at__isnull=True)
    return set(opened.order_by().values_list("advance", flat=True))


def is_bankrupt(account: Account) -> bool:
    """Whether staff marked the debtor as bankrupt: it is not written to any more, the claim is filed instead."""
    marks = DebtorMark.objects.filter(kind=DebtorMark.Kind.BANKRUPT, ended_at__isnull=True)
    return account.kind == "debtor" and marks.filter(debtor=account.pk).exists()


def by_key(rows: Iterable[Any]) -> Mapping[Account, list[Any]]:
    """Contacts or promises by their account; those of a joined buyer belong to its debtor."""
    found: dict[Account, list[Any]] = {}
    for row in rows:
        key = Account("debtor", row.debtor_id) if row.debtor_id else account_of(row.buyer)
        found.setdefault(key, []).append(row)
    return found

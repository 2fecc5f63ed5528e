"""Random statements of house accounts and decisions about their lines, and what suppliers enter in watched books."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from infactor.banking import matches, movements, proof
from infactor.banking.models import HouseAccount, Movement, Statement, StatementLine
from infactor.banking.reconciliation import reconcile
from infactor.financing import scheduled_transitions
from infactor.financing.accounting import balances
from infactor.financing.collections import line_acceptance, matching_runs
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Advance, MatchingRun
from tests.support.scenarios.random_attempts import RandomAttempts
from tests.support.scenarios.supplier_books import SupplierBooks
from tests.support.statements import camt_statement, import_file

CENT = Decimal("0.01")
OPEN = ["waiting", "debit"]
IBANS = {"USD": "DE89370400440532013000", "CAD": "GB29NWBK60161331926819"}  # of the house account in each currency


class RandomStatements(RandomAttempts):
    """Each method tries one random act about the bank or the books with `r`, and checks all invariants after it."""

    def read_statement(self, r: Random) -> None:
        """A file with lines for some of what moved, fees, strangers' payments, lines of before, and sometimes a gap."""
        if not (accounts := self.accounts()):
            return
        account = r.choice(accounts)
        day = self.suppliers.staff.today - timedelta(days=r.choice([0, 0, 1]))
        amounts = [entry.debit - entry.credit for entry in self.unconfirmed(account) if r.random() < 0.6]
        for _ in range(r.choice([0, 0, 1, 2])):
            amounts.append(r.choice([1, 1, -1]) * self.money(r, 800))
        lines = [f"{amount}|S{r.randrange(10**9)}|A buyer|thank you" for amount in amounts if amount]
        known = list(StatementLine.objects.filter(account=account).order_by("pk"))
        for line in r.sample(known, min(len(known), r.choice([0, 0, 1]))):
            entry_id = line.entry_id if r.random() < 0.5 else f"S{r.randrange(10**9)}"  # known, or once more
            lines.append(f"{line.amount}|{entry_id}|A buyer|thank you")
        before = self.stated(account)
        opening = before + (Decimal(7) if r.random() < 0.1 else Decimal(0))
        closing = opening + sum((Decimal(one.split("|")[0]) for one in lines), Decimal(0))
        data = camt_statement(
            lines,
            opening=f"{opening}",
            closing=f"{closing}",
            day=day.isoformat(),
            iban=IBANS[account.currency],
            currency=account.currency,
        )
        given: Any = {"by": self.suppliers.staff.operations, "at": self.suppliers.now}
        self.tries(f"read {lines} of {account}", lambda: import_file(data, account=None, **given))

    def accept_certain_lines(self, r: Random) -> None:
        """A file names invoices with what is open of them, or nearly; what is certain of all lines is accepted."""
        if not (accounts := self.accounts()):
            return
        account = r.choice(accounts)
        open_of = Advance.objects.filter(currency=account.currency, status="funded").select_related("invoice", "buyer")
        chosen = r.sample(list(open_of.order_by("pk")), min(open_of.count(), r.choice([1, 2, 3])))
        lines = []
        for one in chosen:
            owed = balances.outstanding(advance=one).receivable - r.choice([0, 0, 0, 1])
            lines.append(f"{owed}|C{r.randrange(10**9)}|{one.buyer.name}|{one.invoice.invoice_no}")
            if r.random() < 0.2:  # the bank sends it twice
                lines.append(lines[-1])
        given: Any = {"by": self.suppliers.staff.operations, "at": self.suppliers.now}
        before = self.stated(account)
        data = camt_statement(
            lines,
            opening=f"{before}",
            closing=f"{before + sum((Decimal(one.split('|')[0]) for one in lines), Decimal(0))}",
            day=self.suppliers.staff.today.isoformat(),
            iban=IBANS[account.currency],
            currency=account.currency,
        )

        def accept() -> None:
            import_file(data, account=None, **given)
            for kind in MatchingRun.Kind:
                run = matching_runs.request(kind=kind, **given)
                while matching_runs.work(run_id=run.pk, at=self.suppliers.now):
                    pass

        self.tries(f"accept what is certain of {lines} and of what waits", accept)

    def decide_a_line(self, r: Random) -> None:
        line = self.one(r, StatementLine.objects.select_related("account"), status__in=OPEN)
        if line is not None:
            r.choice([self._record_line, self._record_line, self._confirm_line, self._confirm_line, self._mark_line])(
                r, line
            )

    def _record_line(self, r: Random, line: StatementLine) -> None:
        given: Any = {"by": self.suppliers.staff.operations, "at": self.suppliers.now}
        if line.amount < 0 or r.random() < 0.2:
            kind = r.choice([Movement.Kind.CHARGE, Movement.Kind.CAPITAL, Movement.Kind.INTEREST])
            values = {"account": line.account, "kind": kind, "amount": line.amount, "value_date": line.value_date}
            self.tries(f"{line} is {kind}", lambda: movements.record(note="", line=line, **values, **given))
            return
        advance = self.one(r, Advance.objects.filter(currency=line.account.currency), status="funded")
        targets = [AllocationTarget(line.amount, advance=advance)] if advance and r.random() < 0.7 else []
        act = lambda: line_acceptance.record_line(  # noqa: E731
            line=line, targets=targets, is_another=r.random() < 0.5, **given
        )
        self.tries(f"record {line} for {targets}", act)

    def _confirm_line(self, r: Random, line: StatementLine) -> None:
        entries = self.unconfirmed(line.account)
        same = [one for one in entries if one.debit - one.credit == line.amount]
        chosen = r.sample(same or entries, min(len(same or entries), 1 if same or r.random() < 0.7 else 2))
        self.tries(
            f"{line} confirms {chosen}",
            lambda: line_acceptance.confirm_booked(
                line=line, entries=chosen, by=self.suppliers.staff.operations, at=self.suppliers.now
            ),
        )

    def _mark_line(self, r: Random, line: StatementLine) -> None:
        others = StatementLine.objects.filter(account=line.account, amount=line.amount).exclude(pk=line.pk)
        if other := self.one(r, others):
            given = self.why_line()
            self.tries(f"{line} is {other}", lambda: line_acceptance.mark_duplicate(line=line, same_as=other, **given))

    def reopen_a_line(self, r: Random) -> None:
        if line := self.one(r, StatementLine.objects.all(), status__in=["matched", "duplicate"]):
            self.tries(f"reopen {line}", lambda: line_acceptance.reopen_line(line=line, **self.why_line()))

    def record_movement(self, r: Random) -> None:
        """Capital, a charge or interest, with no line of a statement behind it."""
        if accounts := self.accounts():
            given: Any = {
                "account": r.choice(accounts),
                "kind": r.choice([Movement.Kind.CHARGE, Movement.Kind.CAPITAL, Movement.Kind.INTEREST]),
                "amount": r.choice([1, -1]) * self.money(r, 500),
                "value_date": self.suppliers.staff.today - timedelta(days=r.choice([0, 0, 1, 9])),
            }
            who: Any = {"by": self.suppliers.staff.operations, "at": self.suppliers.now}
            self.tries(f"move {given}", lambda: movements.record(note="", **given, **who))

    def withdraw_movement(self, r: Random) -> None:
        """One that a line confirms, that none does, or that is withdrawn already."""
        if movement := self.one(r, Movement.objects.all(), withdrawn_at=None):
            act = lambda: movements.withdraw(movement=movement, **self.why_line())  # noqa: E731
            self.tries(f"{movement} never was", act)

    def enter_in_watched_books(self, r: Random) -> None:
        """The supplier enters a payment, or lays a credit against a funded invoice; the watch looks."""
        if advance := self.one(r, Advance.objects.select_related("invoice"), status="funded"):
            books = SupplierBooks(self.suppliers.scenario_of(advance.supplier_id), last=9000 + len(self.suppliers.log))
            amount = r.choice([advance.face, advance.face / 2, self.money(r, 500)]).quantize(CENT)
            kind = r.choice(["", "", "CreditMemo"])
            self.tries(
                f"{advance.supplier} enters {amount} {kind} for {advance}",
                lambda: (
                    books.pay(advance.invoice, amount=f"{amount}", kind=kind),
                    scheduled_transitions.apply_due(at=self.suppliers.now),
                ),
            )

    def tries(self, what: str, act: Any) -> bool:
        done = super().tries(what, act)
        self.assert_bank_is_explained()
        return done

    def assert_bank_is_explained(self) -> None:
        """What the books say more than the bank is named to the cent, and each line confirms its own amount once."""
        for account in self.accounts():
            for on in (self.suppliers.staff.today, self.suppliers.staff.today - timedelta(days=1)):
                found = reconcile(account=account, on=on)
                named = sum((one.amount for one in found.items), Decimal(0))
                assert found.bank is None or found.difference == named, (account, on, found)
        assert proof.unmatched_lines() == []

    def accounts(self) -> list[HouseAccount]:
        return list(HouseAccount.objects.order_by("pk"))

    def unconfirmed(self, account: HouseAccount) -> list[Any]:
        return list(matches.unconfirmed_entries(account=account).order_by("pk"))

    def stated(self, account: HouseAccount) -> Decimal:
        """The last balance that the bank has stated."""
        last = Statement.objects.filter(account=account, closing_balance__isnull=False).order_by("pk").last()
        return last.closing_balance if last is not None and last.closing_balance is not None else Decimal("0.00")

    def why_line(self) -> Any:
        return {"by": self.suppliers.staff.operations, "at": self.suppliers.now, "reason": "Decided wrong"}

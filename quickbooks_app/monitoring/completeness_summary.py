"""What suppliers and staff read of the last completeness check of a company: the result, and each line in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from quickbooks_app.models import CompletenessCheck, CompletenessLine, Connection

Kind, Outcome = CompletenessLine.Kind, CompletenessLine.Outcome
OVERDUE_AFTER = timedelta(days=2)
LINES_SHOWN = 50
NAMES = {
    "CreditMemo": "Credit memo",
    "JournalEntry": "Journal entry",
    "RefundReceipt": "Refund",
    "SalesReceipt": "Sales receipt",
    "CreditCardCredit": "Credit card credit",
    "Account": "Accounts receivable",
}
EXPLANATIONS = {
    Kind.AMOUNT: "QuickBooks' report and infactor have different open amounts.",
    Kind.CUSTOMER: "QuickBooks' report has it with another customer.",
    Kind.MISSING_HERE: "QuickBooks' report has it, infactor does not.",
    Kind.MISSING_THERE: "infactor has it as open, QuickBooks' report does not have it.",
    Kind.UNREADABLE: "infactor cannot read its amount.",
    Kind.BALANCE: "The customer's balance in QuickBooks is not the sum of the report.",
    Kind.UNNAMED: "QuickBooks' report has an amount that no document explains.",
    Kind.ACCOUNT: "QuickBooks' trial balance and its receivables report differ.",
}
OUTCOMES = {
    Outcome.HEALED: "infactor read it again, and now both are equal.",
    Outcome.CHANGED: "It changed while it was compared.",
}
# What makes a supplier look, first.
ORDER = (Outcome.OPEN, Outcome.REFUSED, Outcome.NAMED, Outcome.HEALED)
REFUSED_EXPLANATION = (
    "QuickBooks does not give this {what} out, so {consequence}. Open it in QuickBooks, correct what is invalid there,"
    " often an email address, and save it."
)


@dataclass(frozen=True)
class LineText:
    """One line for people: `explanation` says why the amounts differ."""

    line: CompletenessLine
    name: str
    explanation: str

    @property
    def is_refused(self) -> bool:
        """Whether the amounts differ because QuickBooks does not give the object out."""
        return self.line.outcome == Outcome.REFUSED


@dataclass(frozen=True)
class CompletenessSummary:
    """The last check of one connection that came to a result, and the error of a later one that did not."""

    check: CompletenessCheck
    first_difference: LineText | None
    error: str
    at: datetime

    @property
    def is_complete(self) -> bool:
        return self.check.is_complete

    @property
    def compared_at(self) -> datetime | None:
        return self.check.reported_at or self.check.finished_at

    @property
    def is_overdue(self) -> bool:
        """Whether the last result is so old that it says little."""
        return self.compared_at is not None and self.at - self.compared_at > OVERDUE_AFTER

    @property
    def is_reading_again(self) -> bool:
        """Whether everything is read because of the differences."""
        return self.check.needs_full_read and (self.check.full_read is None or self.check.full_read.is_open)


def of_connection(connection: Connection, *, at: datetime) -> CompletenessSummary | None:
    """The summary of `connection`; None before its first comparison."""
    checks = CompletenessCheck.objects.filter(connection=connection)
    last = checks.filter(state__in=CompletenessCheck.COMPARED).select_related("full_read").order_by("-pk").first()
    if last is None:
        return None
    later = checks.filter(pk__gt=last.pk).exclude(error="").order_by("-pk").first()
    # The checker saves what nobody explains before what QuickBooks does not give out.
    first = last.lines.filter(outcome__in=(Outcome.OPEN, Outcome.REFUSED)).order_by("pk").first()
    return CompletenessSummary(
        check=last,
        first_difference=in_words(first) if first is not None else None,
        error=later.error if later is not None else "",
        at=at,
    )


def lines_of(check: CompletenessCheck) -> Sequence[LineText]:
    """The lines of `check` in words: what still differs, entries that infactor does not read, then the healed."""
    rows = check.lines.filter(outcome__in=ORDER)
    return [
        in_words(line) for line in sorted(rows, key=lambda line: (ORDER.index(line.outcome), line.pk))[:LINES_SHOWN]
    ]


def in_words(line: CompletenessLine) -> LineText:
    """The line with its name and explanation."""
    name = NAMES.get(line.entity, line.entity)
    if line.entity != "Account" and line.entity != "Customer":
        name = f"{name} {line.number or 'without a number'}"
    if line.outcome == Outcome.REFUSED:
        explanation = _of_refused(line)
    elif line.kind == Kind.ENTRY:
        effect = "lowers" if line.theirs is not None and line.theirs < 0 else "raises"
        explanation = f"infactor does not read objects of this kind. It {effect} what the customer owes."
    else:
        explanation = EXPLANATIONS[Kind(line.kind)]
    return LineText(line, name, " ".join(part for part in (explanation, OUTCOMES.get(Outcome(line.outcome))) if part))


def _of_refused(line: CompletenessLine) -> str:
    if line.kind == Kind.BALANCE:
        consequence = "infactor has its earlier balance"
    elif line.kind == Kind.MISSING_HERE:
        consequence = "infactor does not have it"
    else:
        consequence = "infactor has it as it was before"
    what = NAMES.get(line.entity, line.entity).lower()
    return REFUSED_EXPLANATION.format(what=what, consequence=consequence)


def different_connections() -> "QuerySet[Connection]":
    """Connected companies of which the last comparison left a difference that no refused object explains."""
    last = CompletenessCheck.objects.filter(state__in=CompletenessCheck.COMPARED).order_by().values("connection")
    still_open = CompletenessLine.objects.filter(completeness_check=OuterRef("pk"), outcome=Outcome.OPEN)
    differing = CompletenessCheck.objects.filter(
        Exists(still_open),
        pk__in=last.annotate(last=Max("pk")).values("last"),
        state=CompletenessCheck.State.DIFFERENT,
    )
    return Connection.objects.filter(
        status=Connection.Status.CONNECTED, pk__in=differing.order_by().values("connection")
    )


def overdue_connections(*, at: datetime) -> "QuerySet[Connection]":
    """Connected companies that were read, and not compared for two days."""
    compared = CompletenessCheck.objects.filter(
        state__in=CompletenessCheck.COMPARED, finished_at__gt=at - OVERDUE_AFTER
    )
    return Connection.objects.filter(
        ~Q(pk__in=compared.order_by().values("connection")),
        status=Connection.Status.CONNECTED,
        integration__is_enabled=True,
        company_file__as_of__isnull=False,
        connected_at__lt=at - OVERDUE_AFTER,
    )

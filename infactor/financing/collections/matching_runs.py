"""Matching runs: background jobs over all open lines, in steps, resumed where a worker stopped."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from infactor.banking import debits
from infactor.banking.models import StatementLine
from infactor.core import audit
from infactor.financing.collections import (
    certain_lines,
    line_acceptance,
    line_proposals,
    look_alikes,
    open_advances,
    other_claims,
    payments,
    returned_payments,
    sent_payments,
)
from infactor.financing.collections.open_advances import OpenAdvances
from infactor.financing.collections.other_claims import OtherClaims
from infactor.financing.models import LineProposal, MatchingRun
from infactor.financing.money_out import debit_candidates
from infactor.financing.value_dates import InvalidValueDate
from infactor.users import roles
from infactor.users.models import User

log = structlog.get_logger(__name__)

CLAIM = timedelta(seconds=90)  # longer than any step
STEP_SECONDS = 20.0
LINES_A_STEP = {MatchingRun.Kind.FIND: 200, MatchingRun.Kind.ACCEPT: 200}  # a step is far shorter than a claim
OPEN = (StatementLine.Status.WAITING, StatementLine.Status.DEBIT)
Kind = MatchingRun.Kind


def request(*, kind: str, by: User, at: datetime) -> MatchingRun:
    """`start` by a person. Raises NotAllowed."""
    roles.require(by, payments.RECORD_COLLECTIONS)
    return start(kind=kind, by=by, at=at)


def start(*, kind: str, by: User, at: datetime) -> MatchingRun:
    """The unfinished run of this kind, or a new one. The caller enqueues the task."""
    running = MatchingRun.objects.filter(kind=kind, finished_at=None)
    try:
        with transaction.atomic():
            total = lines_to_do(kind=kind, after=0).count()
            run = MatchingRun.objects.create(kind=kind, requested_by=by, requested_at=at, total=total)
            audit.record(event="matching.requested", subject=run, by=by, at=at, details={"kind": kind, "lines": total})
            return run
    except IntegrityError:
        return running.get()


def lines_to_do(*, kind: str, after: int) -> QuerySet[StatementLine]:
    """The lines of a run behind the line `after`: all open ones, or those whose proposal is certain."""
    rows = StatementLine.objects.filter(status__in=OPEN, pk__gt=after).select_related("account", "proposal")
    rows = rows.filter(proposal__is_certain=True) if kind == Kind.ACCEPT else rows
    return rows.order_by("pk")


def unfinished(*, at: datetime) -> Sequence[int]:
    """The runs that are to be worked on and that no worker has."""
    return list(MatchingRun.objects.filter(_is_free(at), finished_at=None).order_by("pk").values_list("pk", flat=True))


def work(*, run_id: int, at: datetime, seconds: float = STEP_SECONDS) -> bool:
    """Work on a run for some seconds, unless another worker does. Returns whether something is left to do.

    A step is a transaction of its own: a worker that dies has lost at most the step it was in, and the next goes on
    behind the last one. Lines that it had accepted are open no longer, so none is accepted twice.
    """
    if not MatchingRun.objects.filter(_is_free(at), pk=run_id, finished_at=None).update(claimed_until=at + CLAIM):
        return False
    run = MatchingRun.objects.select_related("requested_by").get(pk=run_id)
    began = time.monotonic()
    known: dict[str, OpenAdvances] = {}
    claims: dict[str, OtherClaims] = {}
    while lines := list(lines_to_do(kind=run.kind, after=run.last_line)[: LINES_A_STEP[Kind(run.kind)]]):
        if run.kind == Kind.FIND and any(line.status == StatementLine.Status.DEBIT for line in lines):
            debits.explain(lines=lines, by=None, at=at)
        left_open = _find(lines, known, claims, at=at) if run.kind == Kind.FIND else _accept(lines, run, at=at)
        run.last_line = lines[-1].pk
        passed = time.monotonic() - began
        MatchingRun.objects.filter(pk=run.pk).update(
            last_line=run.last_line,
            done=F("done") + len(lines),
            left_open=F("left_open") + left_open,
            claimed_until=at + timedelta(seconds=passed) + CLAIM,
            updated_at=at,
        )
        if passed > seconds:
            MatchingRun.objects.filter(pk=run.pk).update(claimed_until=None)
            return True
    MatchingRun.objects.filter(pk=run.pk, finished_at=None).update(finished_at=at, claimed_until=None, updated_at=at)
    if run.kind == Kind.ACCEPT:
        start(kind=Kind.FIND, by=run.requested_by, at=at)  # what is paid now is for no other line
    return False


def _is_free(at: datetime) -> Q:
    return Q(claimed_until=None) | Q(claimed_until__lt=at)


def _find(
    lines: Sequence[StatementLine],
    known: dict[str, OpenAdvances],
    claims: dict[str, OtherClaims],
    *,
    at: datetime,
) -> int:
    """Store what each line is likely for, in place of what was stored before."""
    for currency in {line.account.currency for line in lines} - known.keys():
        known[currency] = open_advances.load(currency=currency)
    found = [line_proposals.of_advances(line=line, advances=known[line.account.currency]) for line in lines]
    candidates = [
        replace(payments.candidate(payment=line_acceptance.payment_of(line=line), targets=()), advance_ids=one.targets)
        for line, one in zip(lines, found, strict=True)
    ]
    alike = look_alikes.find_all(candidates=candidates)
    booked = look_alikes.find_booked(lines=lines)
    words = {currency: sent_payments.announced(currency=currency) for currency in sorted(known)}
    others = _other_claims(lines, found, claims)
    proposals = [
        _named_refusal(
            line_proposals.propose(
                line=line,
                found=one,
                alike=similar,
                booked=entries,
                at=at,
                sent=[
                    *debit_candidates.reasons(line=line),
                    *returned_payments.reasons(line=line),
                    *sent_payments.reasons(line=line, words=words[line.account.currency]),
                    *others.get(line.pk, ()),
                ],
            ),
            line=line,
            at=at,
        )
        for line, one, similar, entries in zip(lines, found, alike, booked, strict=True)
    ]
    with transaction.atomic():
        LineProposal.objects.filter(line__in=lines).delete()
        still_open = set(
            StatementLine.objects.filter(pk__in=[line.pk for line in lines], status__in=OPEN).values_list(
                "pk", flat=True
            )
        )
        LineProposal.objects.bulk_create(one for one in proposals if one.line_id in still_open)
    return 0


def _other_claims(
    lines: Sequence[StatementLine], found: Sequence[line_proposals.Found], known: dict[str, OtherClaims]
) -> dict[int, list[str]]:
    """What those credits may be for that pay no open advance, in words."""
    left = [line for line, one in zip(lines, found, strict=True) if line.amount > 0 and not one.targets]
    reasons: dict[int, list[str]] = {}
    for currency in sorted({line.account.currency for line in left}):
        if currency not in known:
            known[currency] = other_claims.load(currency=currency)
        own = [line for line in left if line.account.currency == currency]
        reasons |= other_claims.reasons(lines=own, claims=known[currency])
    return reasons


def _accept(lines: Sequence[Any], run: MatchingRun, *, at: datetime) -> int:
    """Accept each line if it still is certain. Returns how many are not, which a person then decides.

    Plain lines are accepted together, the others alone. Where something unforeseen stops them all, each is tried alone.
    """
    targets = {line.pk: line_proposals.targets_of(line.proposal) for line in lines}
    done: set[int] = set()
    for currency in sorted({line.account.currency for line in lines}):
        own = [line for line in lines if line.account.currency == currency]
        try:
            done |= certain_lines.accept(lines=own, targets=targets, by=run.requested_by, at=at)
        except line_acceptance.UNFORESEEN:
            log.exception("lines_not_accepted_together", run=run.pk, lines=[line.pk for line in own])
    refused = [
        line.pk
        for line in lines
        if line.pk not in done
        and not line_acceptance.accept_certain(line=line, targets=targets[line.pk], by=run.requested_by, at=at)
    ]
    LineProposal.objects.filter(line__in=refused).update(is_certain=False, updated_at=at)
    return len(refused)


def _named_refusal(proposal: LineProposal, *, line: StatementLine, at: datetime) -> LineProposal:
    """A certain proposal for a line that cannot be recorded as it is says so, and is certain no longer."""
    if proposal.is_certain:
        try:
            payments.validate(payment=line_acceptance.payment_of(line=line), at=at)
        except (payments.CollectionError, InvalidValueDate) as problem:
            proposal.is_certain, proposal.reasons = False, [str(problem), *proposal.reasons]
    return proposal

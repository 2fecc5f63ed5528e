"""The onboarding checklist of a supplier: checks are recorded, stand for a while, and expire."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from infactor.core import audit, reasons
from infactor.core.business_day import business_day
from infactor.documents.models import Document
from infactor.suppliers import subscribers
from infactor.suppliers.check_catalogue import CATALOGUE, ITEMS, CheckItem
from infactor.suppliers.check_requirements import enforced, requirements
from infactor.suppliers.models import Application, Check, CheckKind, Supplier
from infactor.users import roles
from infactor.users.models import User

RECORD_CHECKS = "suppliers.decide_application"
EXPIRES_SOON = timedelta(days=30)
LONGEST = timedelta(days=3660)
Outcome = Check.Outcome


class InvalidCheck(ValueError):
    """This check cannot be recorded; the message says why."""


class State(StrEnum):
    """How a check stands on a day, as staff read it."""

    MISSING = "Not made yet"
    NOT_PASSED = "Not passed"
    EXPIRED = "Expired"
    EXPIRES_SOON = "Expires soon"
    PASSED = "Passed"


@dataclass(frozen=True)
class Standing:
    """One item of the checklist, its newest check and how it stands."""

    item: CheckItem
    is_required: bool
    newest: Check | None
    state: State

    @property
    def is_done(self) -> bool:
        """Whether it counts now."""
        return self.state in (State.PASSED, State.EXPIRES_SOON)

    @property
    def label(self) -> str:
        return str(self.item.kind.label)


@dataclass(frozen=True)
class CheckDetails:
    """A check as staff made it. `expires_on` is the last day on which it counts."""

    kind: str
    outcome: str
    made_on: date
    expires_on: date | None = None
    reference: str = ""
    note: str = ""
    document: Document | None = None


def record(*, supplier: Supplier, details: CheckDetails, by: User | None, at: datetime) -> Check:
    """Record a check, which from now on counts in place of earlier ones of its kind.

    Raises InvalidCheck, and roles.NotAllowed without `suppliers.decide_application`.
    """
    user = roles.require(by, RECORD_CHECKS)
    _require_valid(supplier, details, on=business_day(at))
    with transaction.atomic():
        Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)
        if Application.objects.filter(supplier=supplier, submitted_by=user).exists():
            raise InvalidCheck("The person who submitted an application cannot check it.")
        check = Check.objects.create(
            supplier=supplier,
            kind=details.kind,
            outcome=details.outcome,
            made_on=details.made_on,
            expires_on=details.expires_on,
            reference=" ".join(details.reference.split()),
            note=details.note.strip(),
            document=details.document,
            recorded_by=user,
            recorded_at=at,
        )
        audit.record(
            event="check.recorded",
            subject=check,
            by=user,
            at=at,
            supplier_id=supplier.pk,
            details={"kind": check.kind, "outcome": check.outcome, "document": check.document_id},
        )
        subscribers.notify(supplier_ids=[supplier.pk])
        return check


def checklist(*, supplier: Supplier, on: date) -> list[Standing]:
    """Every check of the catalogue, and how it stands on infactor's day `on`. Two queries."""
    required, found = requirements(), {check.kind: check for check in newest_checks(supplier=supplier)}
    return [
        Standing(item, required[item.kind], found.get(item.kind), state_of(found.get(item.kind), on=on))
        for item in CATALOGUE
    ]


def missing_for_approval(*, supplier: Supplier, on: date) -> list[str]:
    """What approval lacks, as staff read it: "Sanctions check: expired". No grace is given here."""
    open_items = (one for one in checklist(supplier=supplier, on=on) if one.is_required and not one.is_done)
    return [f"{one.label}: {one.state.lower()}" for one in open_items]


def blockers(*, supplier: Supplier, on: date) -> list[str]:
    """Why an approved supplier is not financed now, as the supplier reads it; [] where nothing is against it.

    A check that expired counts for CHECK_GRACE longer. One that approval did not need then is asked for from the day
    that its requirement states. What was not passed stops financing at once, and is not told: the owner may be its
    subject. One query, as long as every check is there and counts.
    """
    return blockers_by_supplier(suppliers=[supplier.pk], on=on)[supplier.pk]


def blockers_by_supplier(*, suppliers: Collection[int], on: date) -> dict[int, list[str]]:
    """The `blockers` of each of these approved suppliers, by its key. As many queries as for one."""
    if not suppliers:
        return {}
    newest: dict[int, dict[str, Check]] = {key: {} for key in suppliers}
    for check in _newest(Check.objects.filter(supplier__in=suppliers)):
        newest[check.supplier_id][check.kind] = check
    open_kinds = {key: _open_kinds(found, on=on - settings.CHECK_GRACE) for key, found in newest.items()}
    required = enforced(on=on) if any(open_kinds.values()) else {}
    return {key: _against(newest[key], kinds, required) for key, kinds in open_kinds.items()}


def kinds_that_count(*, supplier: str, on: date) -> ArraySubquery:
    """Query expression: the kinds of which the newest check of the supplier in the column `supplier` counts on `on`."""
    later = Check.objects.filter(supplier=OuterRef("supplier"), kind=OuterRef("kind"), pk__gt=OuterRef("pk"))
    stands = Q(expires_on=None) | Q(expires_on__gte=on - settings.CHECK_GRACE)
    rows = Check.objects.filter(stands, ~Exists(later), supplier=OuterRef(supplier), outcome=Outcome.PASSED)
    return ArraySubquery(rows.values("kind"))


def _open_kinds(newest: Mapping[str, Check], *, on: date) -> list[str]:
    return [str(kind) for kind in ITEMS if kind not in newest or not counts(newest[kind], on=on)]


def _against(newest: Mapping[str, Check], open_kinds: Sequence[str], required: Mapping[str, bool]) -> list[str]:
    found = []
    for kind in open_kinds:
        check = newest.get(kind)
        if check is not None and check.outcome == Outcome.NOT_PASSED:
            if kind in required:
                found.append(_("We are checking your company again, and will write to you."))
        elif required.get(kind):
            found.append(ITEMS[CheckKind(kind)].wanted if check is None else _lapsed(check))
    return list(dict.fromkeys(found))


def newest_checks(*, supplier: Supplier) -> QuerySet[Check]:
    """The newest check of each kind."""
    return _newest(Check.objects.filter(supplier=supplier).select_related("document", "recorded_by"))


def _newest(rows: QuerySet[Check]) -> QuerySet[Check]:
    return rows.order_by("supplier_id", "kind", "-pk").distinct("supplier_id", "kind")


def expiring(*, on: date) -> QuerySet[Check]:
    """The checks of approved suppliers that count, and expire within 30 days of `on`."""
    return _newest_of_approved().filter(expires_on__gte=on, expires_on__lte=on + EXPIRES_SOON)


def expired(*, on: date) -> QuerySet[Check]:
    """The checks of approved suppliers that have expired by `on` and were not made again."""
    return _newest_of_approved().filter(expires_on__lt=on)


def approved_without(*, kinds: Sequence[str] | None = None) -> QuerySet[Application]:
    """The approved applications of suppliers without a check of one of `kinds`, or of those that approval needs now."""
    lacking = Q(pk__in=[])
    for kind in kinds if kinds is not None else [kind for kind, needed in requirements().items() if needed]:
        lacking |= Q(~Exists(Check.objects.filter(supplier=OuterRef("supplier"), kind=kind)))
    return Application.objects.filter(lacking, status=Application.Status.APPROVED)


def state_of(check: Check | None, *, on: date) -> State:
    """How a check stands on `on`."""
    if check is None:
        return State.MISSING
    if check.outcome == Outcome.NOT_PASSED:
        return State.NOT_PASSED
    if not counts(check, on=on):
        return State.EXPIRED
    return State.PASSED if counts(check, on=on + EXPIRES_SOON) else State.EXPIRES_SOON


def counts(check: Check, *, on: date) -> bool:
    """Whether it was passed and has not expired by `on`."""
    return check.outcome == Outcome.PASSED and (check.expires_on is None or check.expires_on >= on)


def is_proof(document: Document) -> bool:
    """Whether a check that counts in place of all others rests on `document`."""
    later = Check.objects.filter(supplier=OuterRef("supplier"), kind=OuterRef("kind"), pk__gt=OuterRef("pk"))
    return Check.objects.filter(document=document, outcome=Outcome.PASSED).filter(~Exists(later)).exists()


def _newest_of_approved() -> QuerySet[Check]:
    later = Check.objects.filter(supplier=OuterRef("supplier"), kind=OuterRef("kind"), pk__gt=OuterRef("pk"))
    approved = Check.objects.filter(supplier__application__status=Application.Status.APPROVED)
    return approved.filter(~Exists(later), outcome=Outcome.PASSED)


def _lapsed(check: Check) -> str:
    return str(ITEMS[CheckKind(check.kind)].lapsed)


def _require_valid(supplier: Supplier, details: CheckDetails, *, on: date) -> None:
    item = ITEMS.get(details.kind)
    if item is None or details.outcome not in Outcome.values:
        raise InvalidCheck(_("Choose a check and its outcome."))
    if details.made_on > on:
        raise InvalidCheck(_("The day of the check is still to come."))
    document = details.document
    if document is not None and not _belongs(document, supplier, item):
        raise InvalidCheck(_("Choose a document of this supplier that proves this check."))
    if details.outcome == Outcome.NOT_PASSED:
        reasons.require_reason(details.note)
        return
    if document is None and not details.reference.strip() and not details.note.strip():
        raise InvalidCheck(_("Give the reference, what was found, or the document that proves it."))
    if item.valid_days is not None and details.expires_on is None:
        raise InvalidCheck(_("Say on which day this check counts for the last time."))
    if details.expires_on is not None and not details.made_on <= details.expires_on <= details.made_on + LONGEST:
        raise InvalidCheck(_("The last day must lie after the check, and within ten years of it."))


def _belongs(document: Document, supplier: Supplier, item: CheckItem) -> bool:
    return (
        document.subject == supplier
        and document.deleted_at is None
        and not hasattr(document, "replaced_by")
        and document.kind in item.documents
    )

"""A supplier's application: written by its owner, submitted whole, decided by staff."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from infactor.core import audit, reasons, transitions
from infactor.suppliers import agreements, bank_accounts, emails
from infactor.suppliers.access import require_member
from infactor.suppliers.countries import countries
from infactor.suppliers.models import Application, BankAccount, Owner, Supplier
from infactor.users import roles
from infactor.users.models import User

WHOLE = Decimal(100)
MOST_OWNERS = 20
Status = Application.Status
# What must be there before anybody checks it, and what it is called; the database asks for most of it, too.
NEEDED = {
    "legal_name": "legal name",
    "tax_id": "tax number",
    "address_line1": "address",
    "city": "city",
    "country": "country",
    "phone": "phone",
    "about": "what you sell",
}


class NotOpen(Exception):
    """The application is being checked or is approved: what it says cannot be changed now."""


class OwnersWrong(ValueError):
    """The owners cannot be right: more than the whole company, or too many of them."""


class CountryUnknown(ValueError):
    """Not the code of a country."""


class Incomplete(ValueError):
    """Something is missing that staff must see; `missing` names all of it."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(f"Still missing: {', '.join(missing)}.")
        self.missing = list(missing)


class SamePerson(Exception):
    """Who submitted an application does not decide it."""


@dataclass(frozen=True)
class Company:
    """What a supplier says of its company; every part may be empty while it is a draft. `country` is ISO 3166."""

    legal_name: str = ""
    trading_name: str = ""
    registration_number: str = ""
    tax_id: str = field(default="", repr=False)
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    phone: str = ""
    website: str = ""
    business_since: date | None = None
    about: str = ""


@dataclass(frozen=True)
class Holder:
    """A person who owns `share` percent of the company."""

    name: str
    share: Decimal
    email: str
    role: str = ""
    born_on: date | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Acceptance:
    """The agreement is accepted with the application: which version was read, and from where it was accepted."""

    version: int
    ip_address: str
    user_agent: str


def save_draft(
    *, supplier: Supplier, company: Company, owners: Sequence[Holder], by: User | None, at: datetime
) -> Application:
    """Keep what was written so far, whole or not.

    Raises NotOpen while it is being checked and once it is approved, OwnersWrong, CountryUnknown, and roles.NotAllowed
    for who is no owner.
    """
    user = require_member(by=by, supplier=supplier, owner=True)
    if company.country and company.country not in countries():
        raise CountryUnknown("Choose a country of the list.")
    if len(owners) > MOST_OWNERS:
        raise OwnersWrong(f"Name {MOST_OWNERS} owners at most, those with the largest shares.")
    if sum((owner.share for owner in owners), Decimal(0)) > WHOLE:
        raise OwnersWrong("The owners' shares are more than 100 percent together.")
    with transaction.atomic():
        application = _locked(supplier)
        if not application.may_be_changed:
            raise NotOpen("Your application is with us: it cannot be changed now. Write to us if something is wrong.")
        for part in fields(company):
            setattr(application, part.name, getattr(company, part.name))
        application.save()
        application.owners.all().delete()
        Owner.objects.bulk_create(
            Owner(
                application=application,
                name=owner.name,
                share=owner.share,
                email=owner.email,
                role=owner.role,
                born_on=owner.born_on.isoformat() if owner.born_on else "",
            )
            for owner in owners
        )
        audit.record(
            event="application.saved",
            subject=application,
            by=user,
            at=at,
            supplier_id=supplier.pk,
            details={"owners": len(owners)},
        )
        return application


def submit(
    *,
    supplier: Supplier,
    company: Company,
    owners: Sequence[Holder],
    accepting: Acceptance | None,
    by: User | None,
    at: datetime,
) -> Application:
    """Keep what was written, accept the agreement, and give it to staff: all of it or nothing.

    `accepting` is None where the newest agreement was accepted before. Raises what `save_draft` and
    `agreements.accept` raise, and Incomplete.
    """
    with transaction.atomic():
        application = save_draft(supplier=supplier, company=company, owners=owners, by=by, at=at)
        if accepting is not None:
            agreements.accept(
                supplier=supplier,
                version=accepting.version,
                by=by,
                at=at,
                ip_address=accepting.ip_address,
                user_agent=accepting.user_agent,
            )
        missing = missing_of(application)
        if not agreements.is_current(supplier=supplier):
            missing.append("the agreement, accepted")
        if missing:
            raise Incomplete(missing)
        return transitions.move(
            application,
            to=Status.SUBMITTED,
            moves=Application.MOVES,
            by=by,
            at=at,
            supplier_id=supplier.pk,
            changes={
                "submitted_at": at,
                "submitted_by": by,
                "decided_at": None,
                "decided_by": None,
                "reason": "",
            },
        )


def missing_of(application: Application) -> list[str]:
    """What staff would miss, in words for its supplier; the agreement is asked for by `submit`."""
    missing = [words for name, words in NEEDED.items() if not getattr(application, name)]
    if not application.owners.exists():
        missing.append("at least one owner")
    accounts = BankAccount.objects.filter(
        supplier=application.supplier_id, status__in=[BankAccount.Status.IN_USE, BankAccount.Status.WAITING]
    )
    if not accounts.exists():
        missing.append("a bank account")
    return missing


def approve(*, application: Application, by: User | None, at: datetime) -> Application:
    """Finance this supplier from now on; the accounts with which it applied are confirmed with it.

    Raises Incomplete, SamePerson, bank_accounts.CannotConfirm, transitions.MoveRefused, and roles.NotAllowed without
    `suppliers.decide_application`.
    """
    user = roles.require(by, "suppliers.decide_application")
    with transaction.atomic():
        # First the supplier, then its application, then its accounts: the one order in which they are locked.
        locked = _locked(application.supplier)
        if missing := missing_of(locked):
            raise Incomplete(missing)
        approved = _decide(locked, to=Status.APPROVED, by=user, reason="", at=at)
        bank_accounts.confirm_first(supplier=approved.supplier, by=user, at=at)
        return approved


def hold(*, application: Application, by: User | None, reason: str, at: datetime) -> Application:
    """Wait with it, or stop financing an approved supplier for now; it reads why, and may change what it said.

    Raises reasons.ReasonMissing, SamePerson, transitions.MoveRefused, and roles.NotAllowed without
    `suppliers.decide_application`.
    """
    user = roles.require(by, "suppliers.decide_application")
    return _decide(application, to=Status.ON_HOLD, by=user, reason=reasons.said(reason), at=at)


def refuse(*, application: Application, by: User | None, reason: str, at: datetime) -> Application:
    """Don't finance this supplier; it reads why, and may apply again. Raises as `hold` does."""
    user = roles.require(by, "suppliers.decide_application")
    return _decide(application, to=Status.REFUSED, by=user, reason=reasons.said(reason), at=at)


def _decide(application: Application, *, to: str, by: User, reason: str, at: datetime) -> Application:
    if by.pk == application.submitted_by_id:
        raise SamePerson("Another person than who submitted the application must decide it.")
    with transaction.atomic():
        decided = transitions.move(
            application,
            to=to,
            moves=Application.MOVES,
            by=by,
            at=at,
            supplier_id=application.supplier_id,
            reason=reason,
            changes={"decided_at": at, "decided_by": by, "reason": reason},
        )
        emails.decided(application=decided, at=at)
        return decided


def _locked(supplier: Supplier) -> Application:
    """The application of `supplier`, begun if there is none, for nobody else to change meanwhile."""
    Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)
    application, _ = Application.objects.select_for_update().get_or_create(supplier=supplier)
    return application

"""Suppliers' applications: saved and submitted by an owner, approved, put on hold or refused by staff."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy

from infactor.core import audit, reasons, transitions
from infactor.core.business_day import business_day
from infactor.suppliers import agreements, checks, emails, subscribers
from infactor.suppliers.access import require_member
from infactor.suppliers.countries import countries
from infactor.suppliers.models import Application, BankAccount, Owner, Supplier
from infactor.users import roles
from infactor.users.models import User

FULL_OWNERSHIP = Decimal(100)
MAX_OWNERS = 20
Status = Application.Status
# What a submitted application must hold, and its name in messages. The database enforces most of it, too.
REQUIRED_FIELDS = {
    "legal_name": gettext_lazy("legal name"),
    "tax_id": gettext_lazy("tax number"),
    "address_line1": "address",
    "city": "city",
    "country": "country",
    "phone": "phone",
    "about": gettext_lazy("what you sell"),
}


class NotEditable(Exception):
    """The application is being reviewed or is approved, so it cannot be changed."""


class InvalidOwners(ValueError):
    """The owners hold more than the whole company, or there are too many of them."""


class UnknownCountry(ValueError):
    """Not the ISO 3166 code of a country."""


class IncompleteApplication(ValueError):
    """The application lacks something that staff need; `missing` names all of it."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(gettext("Still missing: %(missing)s.") % {"missing": ", ".join(map(str, missing))})
        self.missing = [str(one) for one in missing]


class IncompleteChecks(ValueError):
    """Checks that approval needs are not made, not passed or expired; `missing` names all of them."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(
            gettext("Approval needs every check of the list. %(missing)s.") % {"missing": "; ".join(missing)}
        )
        self.missing = list(missing)


class SamePerson(Exception):
    """The person who submitted an application tried to decide it."""


@dataclass(frozen=True)
class CompanyDetails:
    """The company, as the supplier describes it. In a draft every field may be empty. `country` is ISO 3166."""

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
class OwnerDetails:
    """A person who owns `share` percent of the company."""

    name: str
    share: Decimal
    email: str
    role: str = ""
    date_of_birth: date | None = field(default=None, repr=False)


@dataclass(frozen=True)
class AgreementConsent:
    """Acceptance of the agreement together with the application: the version that was shown, and where from."""

    version: int
    ip_address: str
    user_agent: str


def save_draft(
    *, supplier: Supplier, company: CompanyDetails, owners: Sequence[OwnerDetails], by: User | None, at: datetime
) -> Application:
    """Save the application, complete or not.

    Raises NotEditable while it is reviewed and once it is approved, InvalidOwners, UnknownCountry, and
    roles.NotAllowed for anyone but an owner.
    """
    user = require_member(by=by, supplier=supplier, owner=True)
    if company.country and company.country not in countries():
        raise UnknownCountry(gettext("Choose a country from the list."))
    if len(owners) > MAX_OWNERS:
        raise InvalidOwners(
            gettext("Name at most %(max_owners)s owners, those with the largest shares.") % {"max_owners": MAX_OWNERS}
        )
    if sum((owner.share for owner in owners), Decimal(0)) > FULL_OWNERSHIP:
        raise InvalidOwners(gettext("The owners' shares add up to more than 100 percent."))
    with transaction.atomic():
        application = _locked(supplier)
        if not application.is_editable:
            raise NotEditable(
                gettext(
                    "You have submitted your application, so you cannot change it now. "
                    "Write to us if something is wrong."
                )
            )
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
                date_of_birth=owner.date_of_birth.isoformat() if owner.date_of_birth else "",
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
    company: CompanyDetails,
    owners: Sequence[OwnerDetails],
    consent: AgreementConsent | None,
    by: User | None,
    at: datetime,
) -> Application:
    """Save the application, accept the agreement and submit both for review, in one transaction.

    `consent` is None if the latest version was accepted before. Raises what `save_draft` and `agreements.accept` raise,
    and IncompleteApplication.
    """
    with transaction.atomic():
        application = save_draft(supplier=supplier, company=company, owners=owners, by=by, at=at)
        if consent is not None:
            agreements.accept(
                supplier=supplier,
                version=consent.version,
                by=by,
                at=at,
                ip_address=consent.ip_address,
                user_agent=consent.user_agent,
            )
        missing = missing_items(application)
        if not agreements.is_current(supplier=supplier):
            missing.append(gettext("the agreement, accepted"))
        if missing:
            raise IncompleteApplication(missing)
        submitted = transitions.move(
            application,
            to=Status.SUBMITTED,
            transitions=Application.TRANSITIONS,
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
        subscribers.notify(supplier_ids=[supplier.pk])
        return submitted


def missing_items(application: Application) -> list[str]:
    """What the application lacks, in the supplier's words. `submit` checks the agreement."""
    missing = [str(words) for name, words in REQUIRED_FIELDS.items() if not getattr(application, name)]
    if not application.owners.exists():
        missing.append(gettext("at least one owner"))
    accounts = BankAccount.objects.filter(
        supplier=application.supplier_id, status__in=[BankAccount.Status.IN_USE, BankAccount.Status.WAITING]
    )
    if not accounts.exists():
        missing.append(gettext("a bank account"))
    return missing


def approve(*, application: Application, by: User | None, at: datetime) -> Application:
    """Approve the application. Its bank accounts are confirmed afterwards, by somebody else (`bank_accounts.confirm`).

    Raises IncompleteApplication, IncompleteChecks, SamePerson, transitions.TransitionNotAllowed, and roles.NotAllowed
    without `suppliers.decide_application`.
    """
    user = roles.require(by, "suppliers.decide_application")
    with transaction.atomic():
        # Lock order everywhere: the supplier, its application, its bank accounts.
        locked = _locked(application.supplier)
        if missing := missing_items(locked):
            raise IncompleteApplication(missing)
        approved = _decide(locked, to=Status.APPROVED, by=user, reason="", at=at)
        # Afterwards: who may not decide, or comes too late, reads that.
        if open_checks := checks.missing_for_approval(supplier=approved.supplier, on=business_day(at)):
            raise IncompleteChecks(open_checks)
        return approved


def hold(*, application: Application, by: User | None, reason: str, at: datetime) -> Application:
    """Put the application on hold. The supplier reads `reason` and may edit the application.

    An approved supplier is not financed while it is on hold.

    Raises reasons.ReasonMissing, SamePerson, transitions.TransitionNotAllowed, and roles.NotAllowed without
    `suppliers.decide_application`.
    """
    user = roles.require(by, "suppliers.decide_application")
    return _decide(application, to=Status.ON_HOLD, by=user, reason=reasons.require_reason(reason), at=at)


def refuse(*, application: Application, by: User | None, reason: str, at: datetime) -> Application:
    """Refuse the application. The supplier reads `reason` and may apply again. Raises what `hold` raises."""
    user = roles.require(by, "suppliers.decide_application")
    return _decide(application, to=Status.REFUSED, by=user, reason=reasons.require_reason(reason), at=at)


def _decide(application: Application, *, to: str, by: User, reason: str, at: datetime) -> Application:
    if by.pk == application.submitted_by_id:
        raise SamePerson(gettext("The person who submitted an application cannot decide it."))
    with transaction.atomic():
        decided = transitions.move(
            application,
            to=to,
            transitions=Application.TRANSITIONS,
            by=by,
            at=at,
            supplier_id=application.supplier_id,
            reason=reason,
            changes={"decided_at": at, "decided_by": by, "reason": reason},
        )
        emails.application_decided(application=decided, at=at)
        subscribers.notify(supplier_ids=[decided.supplier_id])
        return decided


def _locked(supplier: Supplier) -> Application:
    """The application of `supplier`, locked together with the supplier, and created if there is none."""
    Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)
    application, _ = Application.objects.select_for_update().get_or_create(supplier=supplier)
    return application

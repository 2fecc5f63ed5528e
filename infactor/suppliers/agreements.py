"""The financing agreement: its latest version, acceptance by suppliers, and publication by staff."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.suppliers import subscribers
from infactor.suppliers.access import require_member
from infactor.suppliers.models import AgreementAcceptance, AgreementText, Application, Supplier
from infactor.users import roles
from infactor.users.models import User


class OutdatedVersion(ValueError):
    """A version other than the latest was to be accepted. Only the latest version can be."""


class EmptyAgreement(ValueError):
    """A version of the agreement has no title or no text."""


def latest() -> AgreementText | None:
    """The latest version, which suppliers accept; None before the first is published."""
    return AgreementText.objects.order_by("-version").first()


def latest_acceptance(*, supplier: Supplier) -> AgreementAcceptance | None:
    """The acceptance of the latest version that `supplier` has accepted, with text and user."""
    found = AgreementAcceptance.objects.filter(supplier=supplier).select_related("text", "user")
    return found.order_by("-text__version").first()


def is_current(*, supplier: Supplier) -> bool:
    """Whether `supplier` has accepted the latest version. False while none is published."""
    text = latest()
    return text is not None and AgreementAcceptance.objects.filter(supplier=supplier, text=text).exists()


def has_accepted(*, supplier: str) -> Exists:
    """Query expression: whether the supplier in the column `supplier` has accepted the latest version."""
    version = Subquery(AgreementText.objects.order_by("-version").values("pk")[:1])
    return Exists(AgreementAcceptance.objects.filter(supplier=OuterRef(supplier), text=version))


def must_accept() -> Combinable:
    """Query expression on suppliers: whether one is approved and has not accepted the latest version."""
    approved = Application.objects.filter(supplier=OuterRef("pk"), status=Application.Status.APPROVED)
    return Q(Exists(approved), ~has_accepted(supplier="pk"))  # type: ignore[return-value]


def accept(
    *, supplier: Supplier, version: int, by: User | None, at: datetime, ip_address: str, user_agent: str
) -> AgreementAcceptance:
    """Record that `by`, an owner, accepts `version`, the one that they were shown. Recorded once for each version.

    Raises OutdatedVersion for any other version than the latest, roles.NotAllowed for anyone but an owner.
    """
    user = require_member(by=by, supplier=supplier, owner=True)
    with transaction.atomic():
        text = latest()
        if text is None or text.version != version:
            raise OutdatedVersion(_("A newer version of the agreement was published. Read it, and accept that one."))
        acceptance, is_new = AgreementAcceptance.objects.get_or_create(
            supplier=supplier,
            text=text,
            defaults={"user": user, "at": at, "ip_address": ip_address, "user_agent": user_agent[:400]},
        )
        if is_new:
            audit.record(
                event="agreement.accepted",
                subject=acceptance,
                by=user,
                at=at,
                supplier_id=supplier.pk,
                details={"version": version},
            )
            subscribers.notify(supplier_ids=[supplier.pk])
        return acceptance


def publish(*, title: str, body: str, by: User | None, at: datetime) -> AgreementText:
    """Publish a new version. Every supplier must accept it before its next financing request.

    Raises EmptyAgreement without a title or a text, roles.NotAllowed without `suppliers.publish_agreement`.
    """
    user = roles.require(by, "suppliers.publish_agreement")
    title, body = " ".join(title.split()), body.strip()
    if not title or not body:
        raise EmptyAgreement(_("A version of the agreement needs a title and a text."))
    while True:
        last = latest()
        try:
            with transaction.atomic():
                text = AgreementText.objects.create(
                    version=last.version + 1 if last else 1,
                    title=title,
                    body=body,
                    published_at=at,
                    published_by=user,
                )
                audit.record(
                    event="agreement.published", subject=text, by=user, at=at, details={"version": text.version}
                )
                subscribers.notify(supplier_ids=None)
                return text
        except IntegrityError:
            if latest() == last:  # the cause is not a version published at the same moment
                raise

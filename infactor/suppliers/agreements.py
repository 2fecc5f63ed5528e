"""The agreement: which version counts, who accepted it, and a new one by staff."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable

from infactor.core import audit
from infactor.suppliers.access import require_member
from infactor.suppliers.models import AgreementAcceptance, AgreementText, Application, Supplier
from infactor.users import roles
from infactor.users.models import User


class NotTheNewest(ValueError):
    """Another version than the newest was accepted: nobody is bound by what is no longer offered."""


class NothingSaid(ValueError):
    """A version of the agreement without a title or without a text."""


def newest() -> AgreementText | None:
    """The version that suppliers accept now."""
    return AgreementText.objects.order_by("-version").first()


def accepted_by(*, supplier: Supplier) -> AgreementAcceptance | None:
    """The newest version that was accepted for `supplier`: which, by whom, when and from where."""
    found = AgreementAcceptance.objects.filter(supplier=supplier).select_related("text", "user")
    return found.order_by("-text__version").first()


def is_current(*, supplier: Supplier) -> bool:
    """Whether the newest version was accepted for `supplier`; while none is published nothing is."""
    text = newest()
    return text is not None and AgreementAcceptance.objects.filter(supplier=supplier, text=text).exists()


def must_accept() -> Combinable:
    """Of each supplier that is asked for: whether it is approved, and has not accepted the newest version."""
    version = Subquery(AgreementText.objects.order_by("-version").values("pk")[:1])
    accepted = AgreementAcceptance.objects.filter(supplier=OuterRef("pk"), text=version)
    approved = Application.objects.filter(supplier=OuterRef("pk"), status=Application.Status.APPROVED)
    return Q(Exists(approved), ~Exists(accepted))  # type: ignore[return-value]


def accept(
    *, supplier: Supplier, version: int, by: User | None, at: datetime, ip_address: str, user_agent: str
) -> AgreementAcceptance:
    """Bind `supplier` to `version`, which `by`, one of its owners, had before their eyes. Once for each version.

    Raises NotTheNewest for any other version than the newest, roles.NotAllowed for who is no owner.
    """
    user = require_member(by=by, supplier=supplier, owner=True)
    with transaction.atomic():
        text = newest()
        if text is None or text.version != version:
            raise NotTheNewest("A newer version of the agreement was published. Read it, and accept that one.")
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
        return acceptance


def publish(*, title: str, body: str, by: User | None, at: datetime) -> AgreementText:
    """A new version, which every supplier is asked to accept before its next request for financing.

    Raises NothingSaid without a title or a text, roles.NotAllowed without `suppliers.publish_agreement`.
    """
    user = roles.require(by, "suppliers.publish_agreement")
    title, body = " ".join(title.split()), body.strip()
    if not title or not body:
        raise NothingSaid("A version of the agreement needs a title and a text.")
    while True:
        last = newest()
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
                return text
        except IntegrityError:
            if newest() == last:  # not because another one was published at the same moment
                raise

"""Who at a buyer has answered: people who confirmed an invoice or acknowledged a notice, by their address."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from infactor.financing.models import Notice
from infactor.suppliers.models import Supplier
from infactor.verification.models import Verification

MAX_CONTACTS = 10
# The latest answers that are looked at: who has not answered for so long is no contact any more.
RECENT = 200


@dataclass(frozen=True)
class ConfirmedContact:
    """A person who answered, with the last answer. `email` is where the question went; empty for a call."""

    name: str
    role: str
    email: str
    phone: str
    last_at: datetime
    is_by_phone: bool


def confirmed_contacts(*, supplier: Supplier, buyer_ids: Collection[int]) -> list[ConfirmedContact]:
    """The people who answered `supplier` for these customers, the last one first, each once. Two queries."""
    answers = Verification.objects.filter(
        supplier=supplier, invoice__buyer__in=buyer_ids, answered_at__isnull=False
    ).order_by("-answered_at", "-pk")
    receipts = Notice.objects.filter(
        supplier=supplier, invoice__buyer__in=buyer_ids, acknowledged_at__isnull=False
    ).order_by("-acknowledged_at", "-pk")
    columns = ("answered_name", "answered_role", "answered_phone", "phone_number", "to", "channel", "answered_at")
    found = [
        _contact(name, role=role, phone=phone or called, to=to, channel=channel, at=at)
        for name, role, phone, called, to, channel, at in answers.values_list(*columns)[:RECENT]
        if at is not None
    ]
    acknowledged = receipts.values_list("acknowledged_name", "to", "channel", "acknowledged_at")[:RECENT]
    found += [
        _contact(name, role="", phone="", to=to, channel=channel, at=at)
        for name, to, channel, at in acknowledged
        if at is not None
    ]
    found.sort(key=lambda one: one.last_at, reverse=True)
    with_address = {one.name.casefold() for one in found if one.email}
    by_person: dict[tuple[str, str], ConfirmedContact] = {}
    for one in found:
        if one.email or one.name.casefold() not in with_address:
            by_person.setdefault((one.name.casefold(), one.email.casefold()), one)
    return list(by_person.values())[:MAX_CONTACTS]


def _contact(name: str, *, role: str, phone: str, to: str, channel: str, at: datetime) -> ConfirmedContact:
    is_by_phone = channel == Verification.Channel.PHONE
    return ConfirmedContact(name, role, "" if is_by_phone else to, phone, at, is_by_phone)

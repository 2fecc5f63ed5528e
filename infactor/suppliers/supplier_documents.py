"""Documents that a supplier's owners upload with their application, and what is still asked for."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from infactor.documents import storage
from infactor.documents.models import Document, Kind
from infactor.documents.storage import File
from infactor.suppliers import checks
from infactor.suppliers.access import require_member
from infactor.suppliers.check_catalogue import ASKED_KINDS, ITEMS
from infactor.suppliers.models import Check, Owner, Supplier
from infactor.users.models import User

MAX_DOCUMENTS = 60  # every version counts
# Of these a company has one, so the next one replaces it. Of proofs of identity each owner has one.
_ONE_EACH = (Kind.REGISTRATION, Kind.BANK_LETTER)


@dataclass(frozen=True)
class Asked:
    """Something that the supplier is asked to upload: in its words, and the documents that it gave for it.

    `lapsing` is the check that expires soon or has expired: only what came after it counts.
    """

    kind: Kind
    text: str
    given: list[Document]
    is_checked: bool
    lapsing: Check | None = None

    @property
    def is_missing(self) -> bool:
        """Whether the supplier still has to upload something."""
        if self.lapsing is not None:
            return not any(document.uploaded_at > self.lapsing.recorded_at for document in self.given)
        return not self.given and not self.is_checked

    @property
    def wish(self) -> str:
        """What to upload, in a line."""
        if self.lapsing is None or self.lapsing.expires_on is None:
            return self.text
        return _("%(text)s: a new one, as the last one counts until %(expires_on)s") % {
            "text": self.text,
            "expires_on": date_format(self.lapsing.expires_on),
        }


def upload(*, supplier: Supplier, kind: str, file: File, note: str, by: User | None, at: datetime) -> Document:
    """An owner uploads a document that is asked for. A second registration or bank letter replaces the first.

    Raises documents' RefusedFile, storage.CannotKeep, and roles.NotAllowed for anyone but an owner.
    """
    user = require_member(by=by, supplier=supplier, owner=True)
    if kind not in ASKED_KINDS:
        raise storage.CannotKeep(_("Choose from the list what this document is."))
    with transaction.atomic():
        Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)
        if storage.documents_of(supplier).count() >= MAX_DOCUMENTS:
            raise storage.CannotKeep(
                _("You have uploaded very many documents. Write to us before you add another one.")
            )
        before = storage.newest(supplier, Kind(kind)).first() if kind in _ONE_EACH else None
        return storage.receive(subject=supplier, kind=kind, file=file, note=note, by=user, at=at, replaces=before)


def asked_of(*, supplier: Supplier, on: date) -> list[Asked]:
    """What the supplier is asked to upload, with what it gave so far. Checks that need not be made ask for nothing."""
    given: dict[str, list[Document]] = {}
    for document in storage.newest(supplier, *ASKED_KINDS):
        given.setdefault(document.kind, []).append(document)
    lapsing = (checks.State.EXPIRES_SOON, checks.State.EXPIRED)
    return [
        Asked(
            kind,
            str(standing.item.asked),
            given.get(kind, []),
            standing.state == checks.State.PASSED,
            standing.newest if standing.state in lapsing else None,
        )
        for standing in checks.checklist(supplier=supplier, on=on)
        for kind in standing.item.documents
        if standing.item.asked and standing.is_required
    ]


def still_missing(*, supplier: Supplier, on: date) -> list[str]:
    """What the supplier has still to upload, in its words. Of owners, those without a proof of identity by name."""
    asked = asked_of(supplier=supplier, on=on)
    missing = [one.wish for one in asked if one.is_missing]
    identity = next((one for one in asked if one.kind == Kind.IDENTITY), None)
    if identity is not None and identity.given and not identity.is_checked and identity.lapsing is None:
        named = " ".join(document.note for document in identity.given)
        owners = Owner.objects.filter(application__supplier=supplier).values_list("name", flat=True)
        missing += [_("An identity document of %(name)s") % {"name": name} for name in owners if name not in named]
    return missing


def named(*, supplier: Supplier, text: str) -> "QuerySet[Document]":
    """The documents of the application whose file is named like that, the latest first."""
    return storage.newest(supplier, *ASKED_KINDS).filter(name__icontains=text)


def asked_kinds() -> list[tuple[str, str]]:
    """The kinds that owners may upload, as choices."""
    texts = {kind: item.asked for item in ITEMS.values() if item.asked for kind in item.documents}
    return [(kind.value, str(texts[kind])) for kind in ASKED_KINDS]

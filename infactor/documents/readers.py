"""Who of staff may read which kind of document."""

from collections.abc import Collection
from typing import Any

from infactor.documents.models import Document, Kind

VIEW, KEEP = "documents.view_document", "documents.keep_documents"
# Any of these permissions opens the kind. Other kinds are open to all staff.
RESTRICTED: dict[Kind, tuple[str, ...]] = {
    Kind.IDENTITY: ("suppliers.decide_application",),
    Kind.BANK_LETTER: ("suppliers.decide_application", "suppliers.confirm_bank_account"),
}


def may_read(user: Any, kind: str) -> bool:
    """Whether `user` may read documents of `kind`."""
    needed = RESTRICTED.get(Kind(kind), ())
    return bool(user.has_perm(VIEW)) and (not needed or any(user.has_perm(one) for one in needed))


def readable_kinds(user: Any) -> Collection[Kind]:
    """The kinds that `user` may read."""
    return [kind for kind in Kind if may_read(user, kind)]


def may_keep(user: Any, document: Document) -> bool:
    """Whether `user` may replace and delete `document`: only what they may read."""
    return bool(user.has_perm(KEEP)) and may_read(user, document.kind)

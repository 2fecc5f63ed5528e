"""How staff know whose account it is: by a letter of the bank, by a call, or by micro-deposits."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Model
from django.utils.translation import gettext as _

from infactor.core import audit, reasons
from infactor.documents.models import Document, Kind
from infactor.suppliers.models import BankAccount
from infactor.users.models import User


class CannotConfirm(ValueError):
    """This person cannot confirm this account now; the message says why."""


@dataclass(frozen=True)
class AccountProof:
    """What proves it: `kind` of BankAccount.Proof, the letter, or the number that was called with a note."""

    kind: str
    document: Document | None = None
    phone_number: str = field(repr=False, default="")
    note: str = ""

    def columns(self) -> dict[str, object]:
        """What the row of a confirmed account keeps of it."""
        is_letter, is_call = self.kind == BankAccount.Proof.LETTER, self.kind == BankAccount.Proof.CALL
        return {
            "proof": self.kind,
            "proof_document": self.document if is_letter else None,
            "proof_phone": self.phone_number.strip()[:40] if is_call else "",
            "proof_note": self.note.strip()[:1000],
        }


def require_proof(proof: AccountProof, *, subject: Model) -> None:
    """Raises CannotConfirm unless `proof` is complete. `subject`: the row that a letter is a document about, and the
    account itself where micro-deposits prove it."""
    document = proof.document
    if proof.kind == BankAccount.Proof.LETTER:
        fits = document is not None and document.kind == Kind.BANK_LETTER and document.subject == subject
        if document is None or not fits or document.deleted_at is not None:
            raise CannotConfirm(_("Choose the bank letter that shows the account."))
    elif proof.kind == BankAccount.Proof.CALL:
        if not any(sign.isdigit() for sign in proof.phone_number) or len(proof.note.strip()) < reasons.MIN_LENGTH:
            raise CannotConfirm(_("Enter the number that you called, whom you spoke to and what they said."))
    elif proof.kind == BankAccount.Proof.MICRO_DEPOSITS:
        if not isinstance(subject, BankAccount) or not has_matching_deposits(subject):
            raise CannotConfirm(_("No owner has entered the amounts of micro-deposits to this account."))
    else:
        raise CannotConfirm(_("Say how you know whose account it is."))


def has_matching_deposits(account: BankAccount) -> bool:
    """Whether an owner entered the amounts of micro-deposits to `account`, since it was suspended if it was."""
    matched, suspended = account.micro_deposits_matched_at, account.suspended_at
    return matched is not None and (suspended is None or matched > suspended)


def record_matching_deposits(*, account: BankAccount, by: User, at: datetime) -> None:
    """Keep that an owner of the supplier entered the right amounts. Staff still confirm the account."""
    BankAccount.objects.filter(pk=account.pk).update(micro_deposits_matched_at=at, updated_at=at)
    audit.record(event="bankaccount.deposits_matched", subject=account, by=by, at=at, supplier_id=account.supplier_id)

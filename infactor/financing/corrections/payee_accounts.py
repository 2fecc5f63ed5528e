"""Accounts of payers: one person enters or changes one, another confirms it on a proof before anything is paid to it.

Whoever changes one locks it, then its payouts; who approves or sends a payout locks that, and reads its account after.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from infactor.core import audit, reasons
from infactor.core.money import format_amount
from infactor.documents.models import Document
from infactor.financing.collections import payments
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.models import Approval, PayeeAccount, Payout
from infactor.financing.money_out import blockers
from infactor.suppliers import account_proofs, bank_numbers
from infactor.suppliers.account_proofs import AccountProof, CannotConfirm
from infactor.suppliers.countries import countries
from infactor.users import roles
from infactor.users.models import User

CONFIRM = "suppliers.confirm_bank_account"
DETAILS = ("holder", "bank_name", "country", "account_number", "routing_number", "last4", "fingerprint")
UNCONFIRMED = {
    "confirmed_by": None,
    "confirmed_at": None,
    "proof": "",
    "proof_document": None,
    "proof_phone": "",
    "proof_note": "",
}
STOPPED = (Payout.Status.STOPPED, Payout.Status.CANCELLED)


@dataclass(frozen=True)
class PayeeDetails:
    """The account of a payer as staff entered it. Its repr shows no number."""

    holder: str
    bank_name: str
    country: str
    account_number: str = field(repr=False)
    routing_number: str = field(repr=False, default="")


def enter(*, details: PayeeDetails, by: User, at: datetime) -> PayeeAccount:
    """Keep the account of a payer that staff typed, encrypted. Raises NotAllowed, CorrectionError."""
    roles.require(by, payments.RECORD_COLLECTIONS)
    account = PayeeAccount.objects.create(**_validated(details), entered_by=by, entered_at=at)
    audit.record(event="payeeaccount.entered", subject=account, by=by, at=at)
    return account


def change(*, account: PayeeAccount, details: PayeeDetails, reason: str, by: User, at: datetime) -> PayeeAccount:
    """Change holder, bank or number of an account, which then waits to be confirmed anew; an empty number stays.

    Raises NotAllowed, ReasonMissing, and CorrectionError: nothing differs, or a payout to it is approved or has left.
    """
    roles.require(by, payments.RECORD_COLLECTIONS)
    text = reasons.require_reason(reason)[:300]
    with transaction.atomic():
        current = _lock(account)
        found = list(Payout.objects.select_for_update(of=("self",)).filter(payee_account=current).order_by("pk"))
        if blocker := _why_fixed(found):
            raise CorrectionError(blocker)
        number = details.account_number.strip() or current.account_number
        same_place = details.country == current.country and not details.account_number.strip()
        routing = details.routing_number.strip() or (current.routing_number if same_place else "")
        wanted = _validated(PayeeDetails(details.holder, details.bank_name, details.country, number, routing))
        differing = [name for name in DETAILS if wanted[name] != getattr(current, name)]
        if not differing:
            raise CorrectionError(_("Nothing of this differs from what the account has."))
        was_confirmed = current.confirmed_by_id
        for name, value in {**wanted, **UNCONFIRMED, "changed_by": by, "changed_at": at}.items():
            setattr(current, name, value)
        current.save(update_fields=[*DETAILS, *UNCONFIRMED, "changed_by", "changed_at", "updated_at"])
        changed = sorted({"account_number" if name in ("last4", "fingerprint") else name for name in differing})
        details_: dict[str, object] = {"changed": changed, "was_confirmed_by": was_confirmed}
        audit.record(event="payeeaccount.changed", subject=current, by=by, at=at, reason=text, details=details_)
        return current


def confirm(*, account: PayeeAccount, proof: AccountProof, by: User, at: datetime) -> PayeeAccount:
    """The second person says that it is the payer's account: from now on a payout to it can be approved and sent.

    `account` is as the person has seen it. Confirming it again does nothing. Raises NotAllowed, and CannotConfirm: who
    entered or last changed it, without a proof, or where it has changed since.
    """
    user = roles.require(by, CONFIRM)
    account_proofs.require_proof(proof, subject=account)
    with transaction.atomic():
        current = _lock(account)
        if user.pk in (current.entered_by_id, current.changed_by_id):
            raise CannotConfirm(_("You entered or changed this account. Somebody else must confirm it."))
        if current.changed_at != account.changed_at:
            raise CannotConfirm(_("The account has changed since you opened this page. Compare it anew."))
        if current.confirmed_at is not None:
            return current
        for name, value in {**proof.columns(), "confirmed_by": user, "confirmed_at": at}.items():
            setattr(current, name, value)
        current.save(update_fields=[*UNCONFIRMED, "updated_at"])
        audit.record(event="payeeaccount.confirmed", subject=current, by=user, at=at, details={"proof": proof.kind})
        return current


def show_number(*, account: PayeeAccount, by: User, at: datetime) -> bank_numbers.BankNumbers:
    """The full numbers of `account`, for who may confirm it. Each time is audited. Raises NotAllowed."""
    user = roles.require(by, CONFIRM)
    with transaction.atomic():
        current = PayeeAccount.objects.get(pk=account.pk)
        audit.record(event="payeeaccount.number_shown", subject=current, by=user, at=at)
        return bank_numbers.BankNumbers(current.account_number, current.routing_number, current.country)


def lock_confirmed(*, account: PayeeAccount) -> PayeeAccount:
    """The account, which nobody changes until the transaction ends. Raises CorrectionError if it is not confirmed."""
    current = _lock(account)
    if against := blockers.of_payee_account(current):
        raise CorrectionError(against)
    return current


def awaited() -> QuerySet[PayeeAccount]:
    """The accounts to confirm: a payout to them, or a refund that waits for its approval, cannot go on without."""
    asked = Approval.objects.filter(kind=Approval.Kind.REFUND, decided_at=None)
    keys = [key for key in asked.values_list("arguments__payee_account", flat=True) if key is not None]
    paid = Payout.objects.filter(status=Payout.Status.PREPARED, payee_account__isnull=False).values("payee_account")
    return PayeeAccount.objects.filter(Q(pk__in=paid) | Q(pk__in=keys), confirmed_at=None)


def why_fixed(account: PayeeAccount) -> str:
    """Why holder, bank and number of `account` cannot be changed any more, "" where they can."""
    return _why_fixed(Payout.objects.filter(payee_account=account).order_by("pk"))


def why_kept(document: Document) -> str:
    """Why `document` may not be deleted now, "" where no confirmed account rests on it."""
    if PayeeAccount.objects.filter(proof_document=document).exists():
        return _(
            "The account of a payer was confirmed by this document. It is kept as long as the account is confirmed."
        )
    return ""


def _why_fixed(found: "list[Payout] | QuerySet[Payout]") -> str:
    """A second person has approved one of the payouts to this account as it is, or one of them has left."""
    for one in found:
        if one.status != Payout.Status.PREPARED and not (one.status in STOPPED and one.batch_id is None):
            given = {"payout": one, "amount": format_amount(one.amount, one.currency)}
            return (
                _(
                    "%(payout)s of %(amount)s to this account was approved as it is. Stop it where it has not left, "
                    "and refund the payment again to the right account."
                )
                % given
            )
    return ""


def _lock(account: PayeeAccount) -> PayeeAccount:
    current: PayeeAccount = PayeeAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    return current


def _validated(details: PayeeDetails) -> dict[str, str]:
    """The columns of an account. Raises CorrectionError."""
    if not details.holder.strip() or not details.bank_name.strip():
        raise CorrectionError(_("Enter the account holder and the bank."))
    if details.country not in countries():
        raise CorrectionError(_("Choose the country of the bank from the list."))
    try:
        numbers = bank_numbers.parse(
            country=details.country, account_number=details.account_number, routing_number=details.routing_number
        )
    except bank_numbers.InvalidBankNumber as error:
        raise CorrectionError(str(error)) from error
    return {
        "holder": details.holder.strip()[:140],
        "bank_name": details.bank_name.strip()[:140],
        "country": numbers.country,
        "account_number": numbers.account,
        "routing_number": numbers.routing,
        "last4": numbers.last4,
        "fingerprint": numbers.fingerprint,
    }

"""Letters to buyers that are late: which invoices may get which, how they read, and sending them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from infactor.core import audit, languages
from infactor.core.business_day import business_day
from infactor.core.email import outbox
from infactor.desk.collecting import accounts, contacts
from infactor.desk.collecting.accounts import Account, OpenInvoice
from infactor.desk.collecting.letter_texts import Addressee, LetterInvoice, subject_of, text_of
from infactor.desk.models import Contact, Letter, LetterLine
from infactor.desk.rights import COLLECT, DeskError
from infactor.financing import locks
from infactor.financing.models import VALID_STATUSES, Notice
from infactor.users import roles
from infactor.users.models import User

Level, Channel = Letter.Level, Letter.Channel
# The letter that must have gone before.
BEFORE = {Level.REMINDER: None, Level.SECOND: Level.REMINDER, Level.FINAL: Level.SECOND}
CHANNEL_OF_CONTACT = {Channel.MAIL: Contact.Channel.MAIL, Channel.PRINT: Contact.Channel.LETTER}


@dataclass(frozen=True)
class Candidate:
    """An open invoice, with its notice of assignment, and why it gets no letter of a level now; "": it may."""

    invoice: OpenInvoice
    notice: Notice | None
    blocker: str


def blocker_of_account(*, account: Account, invoices: Sequence[OpenInvoice]) -> str:
    """Why this buyer gets no letter at all now; empty where it may."""
    if accounts.is_bankrupt(account):
        return "This buyer is marked as bankrupt. File the claim instead."
    if accounts.disputed(invoices):
        return "This buyer disputes an invoice. Decide the dispute first."
    return ""


def candidates(*, invoices: Sequence[OpenInvoice], level: str, today: date) -> list[Candidate]:
    """Each open invoice of an account, and why it gets no letter of `level` now. Three queries."""
    keys = [one.advance.pk for one in invoices]
    astray = accounts.misdirected(invoices)
    notices = {one.advance_id: one for one in Notice.objects.filter(advance__in=keys, status__in=VALID_STATUSES)}
    sent: dict[int, set[str]] = {}
    lines = LetterLine.objects.filter(invoice__in=[one.advance.invoice_id for one in invoices])
    for invoice_id, went in lines.values_list("invoice_id", "level"):
        sent.setdefault(invoice_id, set()).add(went)
    found = []
    for one in invoices:
        notice = notices.get(one.advance.pk)
        went_before = sent.get(one.advance.invoice_id, set())
        blocker = _blocker(one, notice, went_before, level=level, today=today, is_astray=one.advance.pk in astray)
        found.append(Candidate(one, notice, blocker))
    return found


def send(
    *,
    account: Account,
    level: str,
    channel: str,
    advance_ids: Iterable[int],
    next_contact_on: date | None,
    by: User,
    at: datetime,
) -> list[Letter]:
    """Send letters of `level` about these invoices: one to each customer, address and account to pay to.

    All or nothing. The outbox mails them; printed ones are printed from their page. Each is stored as it went, and is
    a contact. Raises NotAllowed, DeskError.
    """
    roles.require(by, COLLECT)
    wanted = set(advance_ids)
    if not wanted:
        raise DeskError("Choose the invoices that the letter is about.")
    today = business_day(at)
    with transaction.atomic():
        _lock(account, wanted)
        invoices = accounts.open_invoices(of=account).get(account, [])
        if blocker := blocker_of_account(account=account, invoices=invoices):
            raise DeskError(blocker)
        found = [
            one for one in candidates(invoices=invoices, level=level, today=today) if one.invoice.advance.pk in wanted
        ]
        if len(found) < len(wanted):
            raise DeskError("One of these invoices is not open any more. Choose again.")
        for one in found:
            if one.blocker:
                raise DeskError(f"Invoice {one.invoice.advance.invoice}: {one.blocker}")
        letters = [
            _send_one(addressee, ours, level=level, channel=channel, by=by, at=at)
            for addressee, ours in _by_addressee(found, channel=channel).items()
        ]
        numbers = ", ".join(str(one.invoice.advance.invoice) for one in found)
        contacts.record(
            account=account,
            channel=CHANNEL_OF_CONTACT[Channel(channel)],
            person="",
            summary=f"{Level(level).label}: invoice {numbers}",
            next_contact_on=next_contact_on,
            by=by,
            at=at,
        )
        return letters


def _blocker(
    invoice: OpenInvoice, notice: Notice | None, sent: set[str], *, level: str, today: date, is_astray: bool
) -> str:
    before = BEFORE[Level(level)]
    if invoice.days_late(today) <= 0:
        return "It is not late."
    if notice is None:
        return "It has no valid notice of assignment, so the buyer does not have to pay infactor."
    if is_astray:
        return "The buyer paid the supplier instead. Decide that case first."
    if level in sent:
        return f"It has had its {Level(level).label.lower()}."
    if before is not None and before not in sent:
        return f"It has had no {before.label.lower()} yet."
    return ""


def _lock(account: Account, advance_ids: set[int]) -> None:
    """Lock the suppliers of these advances: a payment that is being recorded goes first, and so does another letter."""
    rows = accounts.open_invoices(of=account).get(account, [])
    for pk in sorted({one.advance.supplier_id for one in rows if one.advance.pk in advance_ids}):
        locks.lock_supplier_and_debtors(supplier_id=pk)


def _by_addressee(found: Sequence[Candidate], *, channel: str) -> dict[Addressee, list[LetterInvoice]]:
    """What goes into each letter. One supplier's invoices go to the buyer's address in its own books only."""
    letters: dict[Addressee, list[LetterInvoice]] = {}
    for one in found:
        advance, notice = one.invoice.advance, one.notice
        if notice is None or one.invoice.due_on is None:
            raise DeskError(f"Invoice {advance.invoice} can get no letter.")
        to = notice.to if channel == Channel.MAIL else advance.buyer.address
        if not to:
            raise DeskError(f"There is no postal address of {advance.buyer} in QuickBooks. Send it by email.")
        pay_to = {name: text for name, text in notice.facts["pay_to"].items() if name != "reference"}
        addressee = Addressee(advance.supplier_id, advance.buyer_id, notice.facts["buyer"], to, tuple(pay_to.items()))
        letters.setdefault(addressee, []).append(
            LetterInvoice(
                advance=advance,
                number=notice.facts["number"],
                supplier=notice.facts["supplier"],
                reference=notice.facts["pay_to"]["reference"],
                notice=notice.number,
                due_on=one.invoice.due_on,
                open=one.invoice.open,
            )
        )
    return letters


@languages.writing_in("")  # the buyer's language is not known
def _send_one(
    addressee: Addressee, invoices: Sequence[LetterInvoice], *, level: str, channel: str, by: User, at: datetime
) -> Letter:
    day = business_day(at)
    letter = Letter.objects.create(
        supplier_id=addressee.supplier_id,
        buyer_id=addressee.buyer_id,
        level=level,
        channel=channel,
        to=addressee.to,
        subject=subject_of(level=level, invoices=invoices),
        body=text_of(level=level, addressee=addressee, invoices=invoices, day=day),
        sent_by=by,
        sent_at=at,
    )
    LetterLine.objects.bulk_create(_line(letter, one) for one in invoices)
    if channel == Channel.MAIL:
        outbox.enqueue(
            key=f"desk.letter:{letter.pk}",
            to=letter.to,
            subject=letter.subject,
            body=letter.body,
            supplier_id=addressee.supplier_id,
            reply_to=settings.SUPPORT_EMAIL,
        )
    audit.record(
        event=f"letter.{level}_sent",
        subject=letter,
        by=by,
        at=at,
        supplier_id=addressee.supplier_id,
        details={"channel": channel, "advances": [one.advance.pk for one in invoices]},
    )
    return letter


def _line(letter: Letter, one: LetterInvoice) -> LetterLine:
    return LetterLine(
        letter=letter,
        advance=one.advance,
        invoice_id=one.advance.invoice_id,
        level=letter.level,
        amount=one.open,
        currency=one.advance.currency,
        due_on=one.due_on,
    )


def total(invoices: Sequence[OpenInvoice]) -> list[tuple[str, Decimal]]:
    """What is open of these invoices, by currency."""
    return accounts.sums((one.currency, one.open) for one in invoices)

"""NACHA: one batch of ACH credits to companies (CCD), in lines of 94 columns and blocks of ten lines.

The numbers beside the fields are their widths. A field of letters begins at its left and is filled with blanks, one of
digits ends at its right and is filled with zeros.
"""

import hashlib
import re

from stdnum.us import rtn

from infactor.banking.models import HouseAccount
from infactor.banking.payment_files.characters import has_letters, to_ascii
from infactor.banking.payment_files.orders import Batch, PaymentOrder
from infactor.core.business_day import business_zone

EXTENSION, CONTENT_TYPE = "ach", "text/plain"
WIDTH, BLOCK = 94, 10
CREDITS_ONLY, CHECKING_CREDIT, CORPORATE, PAYMENT_TEXT = "220", "22", "CCD", "05"
MAX_CENTS, MAX_TOTAL_CENTS = 10**10 - 1, 10**12 - 1
MAX_LINES = 10**6 - 1  # entries and addenda of a batch
HASH_DIGITS = 10**10
MAX_ORIGINATOR_ID = 10
ID_WIDTH, TEXT_WIDTH = 15, 80
MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
NOTE = "NTE**{}\\"  # a note segment of ANSI X12: CCD takes nothing else as text
_NOTE_SIGNS = re.compile(r"[*\\~]")
_LAST_NUMBER = re.compile(r"([0-9]+)[^0-9]*\Z")


def problem(account: HouseAccount) -> str:
    """What `account` lacks, as a part of a sentence; empty if nothing."""
    if account.currency != "USD":
        return f"a NACHA file carries US dollars only, and this account is in {account.currency}"
    if not account.originator_id:
        return "this account has no originator id"
    if len(account.originator_id) > MAX_ORIGINATOR_ID:
        return f"the originator id of this account has more than {MAX_ORIGINATOR_ID} characters"
    if not has_letters(to_ascii(account.originator_name)):
        return "this account has no originator name in Latin letters"
    if not rtn.is_valid(_originating_bank(account)):
        return "this account has no valid routing number of the originating bank"
    return ""


def refusal(order: PaymentOrder) -> str:
    """Why NACHA cannot carry a payment; empty if it can."""
    if order.country != "US":
        return "a NACHA file pays accounts in the United States only."
    if _cents(order) > MAX_CENTS:
        return "a NACHA file carries at most 99,999,999.99 in one payment."
    if not has_letters(to_ascii(order.payee)):
        return "the payee's name has no Latin letters. Have the account holder entered in Latin letters."
    return ""


def batch_problem(batch: Batch) -> str:
    """What is too large about a batch as a whole; empty if nothing."""
    if sum(map(_cents, batch.orders)) > MAX_TOTAL_CENTS or 2 * len(batch.orders) > MAX_LINES:
        return "the batch is too large for one NACHA file. Split it"
    return ""


def content(batch: Batch) -> bytes:
    """The file, its lines ended by CR LF."""
    account = batch.account
    bank = _originating_bank(account)[:8]
    details = [line for place, order in enumerate(batch.orders, start=1) for line in _entry(order, bank, place)]
    totals = (
        _digits(sum(int(order.routing_number[:8]) for order in batch.orders) % HASH_DIGITS, 10)
        + _digits(0, 12)  # debits
        + _digits(sum(map(_cents, batch.orders)), 12)
    )
    company = _text(account.originator_id, 10)
    lines = [
        _file_header(batch),
        _batch_header(batch, company=company, bank=bank),
        *details,
        f"8{CREDITS_ONLY}{_digits(len(details), 6)}{totals}{company}{' ' * 25}{bank}{_digits(1, 7)}",
    ]
    blocks = -(-(len(lines) + 1) // BLOCK)
    lines.append(f"9{_digits(1, 6)}{_digits(blocks, 6)}{_digits(len(details), 8)}{totals}{' ' * 39}")
    lines.extend("9" * WIDTH for _ in range(blocks * BLOCK - len(lines)))
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _file_header(batch: Batch) -> str:
    account, made = batch.account, batch.at.astimezone(business_zone())
    destination = account.immediate_destination or _originating_bank(account)
    origin = account.immediate_origin or account.originator_id
    return (
        f"101{destination:>10}{to_ascii(origin).upper():>10}{made:%y%m%d%H%M}{_modifier(batch.batch_id)}094101"
        + _text(account.destination_name or account.bank_name, 23)
        + _text(account.originator_name, 23)
        + _text(batch.batch_id[-8:], 8)
    )


def _batch_header(batch: Batch, *, company: str, bank: str) -> str:
    return (
        f"5{CREDITS_ONLY}"
        + _text(batch.account.originator_name, 16)
        + " " * 20
        + company
        + CORPORATE
        + _text("PAYMENT", 10)
        + " " * 6
        + f"{batch.execution_day:%y%m%d}"
        + " " * 3  # the settlement day, which the ACH operator fills in
        + f"1{bank}{_digits(1, 7)}"
    )


def _entry(order: PaymentOrder, bank: str, place: int) -> list[str]:
    """The entry of one payment and, where its id or text has no place in it, an addenda record."""
    own_id = to_ascii(order.end_to_end_id)
    fits = len(own_id) <= ID_WIDTH
    told = _note_words(order.text if fits else f"{own_id} {order.text}")
    entry = (
        f"6{CHECKING_CREDIT}{order.routing_number}"
        + _text(order.account_number, 17)
        + _digits(_cents(order), 10)
        + _text(own_id if fits else own_id[-ID_WIDTH:], ID_WIDTH)
        + _text(order.payee, 22)
        + "  "
        + ("1" if told else "0")
        + bank
        + _digits(place, 7)
    )
    return [entry, f"7{PAYMENT_TEXT}{NOTE.format(told):<{TEXT_WIDTH}}0001{_digits(place, 7)}"] if told else [entry]


def _note_words(text: str) -> str:
    """What a note can say of `text`: without the signs that end its parts, and as long as there is room."""
    room = TEXT_WIDTH - len(NOTE.format(""))
    return " ".join(_NOTE_SIGNS.sub(" ", to_ascii(text)).upper().split())[:room].rstrip()


def _originating_bank(account: HouseAccount) -> str:
    return account.originating_dfi or account.routing_number


def _modifier(batch_id: str) -> str:
    """The letter or digit that tells files of one day apart: batches that are numbered one after the other differ."""
    found = _LAST_NUMBER.search(batch_id)
    number = int(found[1]) if found else int.from_bytes(hashlib.sha256(batch_id.encode()).digest()[:4])
    return MODIFIERS[number % len(MODIFIERS)]


def _cents(order: PaymentOrder) -> int:
    return int(order.amount * 100)


def _text(text: str, width: int) -> str:
    return to_ascii(text).upper()[:width].ljust(width)


def _digits(number: int, width: int) -> str:
    return f"{number:0{width}d}"

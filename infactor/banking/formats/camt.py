"""CAMT.053 and CAMT.054: XML of ISO 20022, versions 2 to 12."""

import importlib
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ElementTree, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from xsdata.exceptions import ConverterWarning, ParserError
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers import XmlEventHandler

from infactor.banking.formats.records import (
    PAYER_LENGTH,
    REMITTANCE_LENGTH,
    ParsedFile,
    ParsedStatement,
    Refusal,
    StatementRow,
    UnreadableFile,
    checked_amount,
    clean,
    identifying,
    joined,
    places_of,
    sentence,
)
from infactor.core.money import InvalidAmount

NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.(05[34])\.001\.(0[2-9]|1[0-2])\}Document")
ENTRY = re.compile(r"<(?:[\w.-]+:)?Ntry[\s>]")
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
BOOKED = "BOOK"


def parse(*, data: bytes) -> ParsedFile:
    """Every statement of a CAMT file. Raises UnreadableFile."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnreadableFile(
            "This XML file defines entities or a document type, as no bank does. It is not read."
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableFile(f"This file is not readable as XML: {error}.") from error
    found = NAMESPACE.fullmatch(root.tag)
    if found is None:
        raise UnreadableFile("This XML file is no CAMT.053 or CAMT.054 of a version from 2 to 12.")
    kind, version = found.groups()
    module = importlib.import_module(f"pyiso20022.camt.camt_{kind}_001_{version}")
    parser = XmlParser(config=ParserConfig(fail_on_unknown_properties=False), handler=XmlEventHandler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConverterWarning)  # what is no amount or day is refused by its line
            document: Any = parser.parse(ElementTree(root), module.Document)
    except (ParserError, TypeError, ValueError) as error:
        raise UnreadableFile("This file is not readable as CAMT: a part that must be there is missing.") from error
    message = document.bk_to_cstmr_stmt if kind == "053" else document.bk_to_cstmr_dbt_cdt_ntfctn
    places = places_of(pattern=ENTRY, text=data.decode("latin-1"))  # a byte for each character: only lines count
    statements = [_statement(one, places) for one in (message.stmt if kind == "053" else message.ntfctn)]
    return ParsedFile(f"CAMT.{kind}", statements).checked()


def _statement(source: Any, places: Iterator[str]) -> ParsedStatement:
    number = _text(source, "id")
    balances = {code: one for one in getattr(source, "bal", ()) for code in [_code(_get(one, "tp.cd_or_prtry"))]}
    opening, closing = _balance(balances, OPENING), _balance(balances, CLOSING)
    currency = _text(source, "acct.ccy") or next(
        (_text(one, "amt.ccy") for one in [*balances.values(), *source.ntry] if _text(one, "amt.ccy")), ""
    )
    statement = ParsedStatement(
        account_number=_text(source, "acct.id.iban") or _text(source, "acct.id.othr.id"),
        currency=currency.upper(),
        number=clean(number, length=100),
        from_date=_day(_get(source, "fr_to_dt.fr_dt_tm")) or _balance_day(balances, OPENING),
        to_date=_day(_get(source, "fr_to_dt.to_dt_tm")) or _balance_day(balances, CLOSING),
        opening_balance=opening,
        closing_balance=closing,
    )
    for entry in source.ntry:
        place = next(places)
        try:
            statement.rows.extend(_rows(entry, place, currency=statement.currency, statement=number))
        except (InvalidAmount, _NotBooked) as problem:
            statement.refusals.append(Refusal(place, sentence(problem)))
    return statement


class _NotBooked(ValueError):
    """This entry is not a booked change of the balance; the message says why."""


def _rows(entry: Any, place: str, *, currency: str, statement: str) -> Sequence[StatementRow]:
    """The line of one entry, or one for each payment of a batch whose amounts the bank states."""
    status = _code(entry.sts)
    if status != BOOKED:
        raise _NotBooked("the bank has not booked it yet, and will send it again" if status != "None" else "no status")
    amount = _amount(entry, currency)
    booked, valued = _day(entry.bookg_dt), _day(entry.val_dt)
    if booked is None and valued is None:
        raise _NotBooked("it has no day")
    entry_id = identifying(_text(entry, "acct_svcr_ref"), besides=statement)
    whole = StatementRow(
        place=place,
        value_date=valued or booked or date.min,
        booking_date=booked or valued or date.min,
        amount=amount,
        entry_id=entry_id,
        reference=identifying(_text(entry, "ntry_ref"), besides=statement),
        remittance=clean(entry.addtl_ntry_inf, length=REMITTANCE_LENGTH),
    )
    details = [one for details in entry.ntry_dtls for one in details.tx_dtls]
    if len(details) <= 1:
        return (
            [_with_details(whole, details[0], place=place, amount=amount, statement=statement)] if details else [whole]
        )
    parts = [_part_amount(one, amount, currency) for one in details]
    if sum(filter(None, parts), Decimal(0)) != amount or None in parts:
        rest = joined((_remittance(one) for one in details), length=REMITTANCE_LENGTH)
        return [replace(whole, remittance=rest or whole.remittance)]
    return [
        _with_details(
            replace(whole, batch_id=entry_id, batch_amount=amount if entry_id else None, entry_id=""),
            one,
            place=f"{place}, payment {number}",
            amount=part or amount,
            statement=statement,
        )
        for number, (one, part) in enumerate(zip(details, parts, strict=True), start=1)
    ]


def _with_details(row: StatementRow, details: Any, *, place: str, amount: Decimal, statement: str) -> StatementRow:
    """The line with what the details of one payment say of it."""
    other = "dbtr" if amount > 0 else "cdtr"
    party = _get(details, f"rltd_pties.{other}")
    account = _get(details, f"rltd_pties.{other}_acct.id")
    own_id = identifying(_text(details, "refs.acct_svcr_ref"), besides=statement)
    references = (_text(details, "refs.end_to_end_id"), _text(details, "refs.tx_id"), _text(details, "refs.instr_id"))
    found = (identifying(one, besides=statement) for one in references)
    return replace(
        row,
        place=place,
        amount=amount,
        entry_id=row.entry_id or own_id,
        reference=next(filter(None, found), "") or row.reference,
        payer=clean(_text(party, "nm") or _text(party, "pty.nm"), length=PAYER_LENGTH),
        payer_account=clean(_text(account, "iban") or _text(account, "othr.id"), length=50),
        remittance=_remittance(details) or row.remittance,
    )


def _remittance(details: Any) -> str:
    structured = _get(details, "rmt_inf.strd") or ()
    numbers = [_text(doc, "nb") for one in structured for doc in one.rfrd_doc_inf]
    creditor = [_text(one, "cdtr_ref_inf.ref") for one in structured]
    return joined(
        [*(_get(details, "rmt_inf.ustrd") or ()), *numbers, *creditor, _text(details, "addtl_tx_inf")],
        length=REMITTANCE_LENGTH,
    )


def _amount(entry: Any, currency: str) -> Decimal:
    value, code = _get(entry, "amt.value"), _text(entry, "amt.ccy").upper()
    if not isinstance(value, Decimal) or value < 0:
        raise InvalidAmount("its amount cannot be read")
    if code != currency:
        raise InvalidAmount(f"it is in {code or 'no currency'}, and the account in {currency}")
    direction = _code(entry.cdt_dbt_ind)
    if direction not in ("CRDT", "DBIT"):
        raise InvalidAmount("it says neither credit nor debit")
    return checked_amount(value if direction == "CRDT" else -value, currency)


def _part_amount(details: Any, amount: Decimal, currency: str) -> Decimal | None:
    """The amount of one payment of a batch, with the sign of the batch; None where the bank does not state it."""
    stated = _get(details, "amt") or _get(details, "amt_dtls.tx_amt.amt")
    value = _get(stated, "value")
    if not isinstance(value, Decimal) or value <= 0 or _text(stated, "ccy").upper() != currency:
        return None
    try:
        valid = checked_amount(value, currency)
    except InvalidAmount:
        return None
    return valid if amount > 0 else -valid


def _balance(balances: dict[str, Any], codes: Sequence[str]) -> Decimal | None:
    for code in codes:
        value = _get(balances.get(code), "amt.value")
        if isinstance(value, Decimal):
            return -value if _code(balances[code].cdt_dbt_ind) == "DBIT" else value
    return None


def _balance_day(balances: dict[str, Any], codes: Sequence[str]) -> date | None:
    return next((_day(balances[code].dt) for code in codes if code in balances), None)


def _day(stated: Any) -> date | None:
    """The day of a date, of a moment, or of a choice between both; None for anything else."""
    inner = _get(stated, "dt") or _get(stated, "dt_tm") or stated
    text = str(inner)[:10]
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _code(stated: Any) -> str:
    """The code of an enumeration, or of a choice between a code and something proprietary."""
    inner = _get(stated, "cd") or _get(stated, "prtry") or stated
    return str(getattr(inner, "value", inner)).upper()


def _text(source: Any, path: str) -> str:
    found = _get(source, path)
    return "" if found is None else str(found)


def _get(source: Any, path: str) -> Any:
    for name in path.split("."):
        source = getattr(source, name, None)
        if source is None:
            return None
    return source

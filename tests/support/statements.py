"""Statements of banks: the sample files in `bank_files`, small files made for one test, and house accounts."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from infactor.banking import accounts, statement_files, statement_import
from infactor.banking.accounts import AccountDetails
from infactor.banking.models import HouseAccount, StatementFile
from infactor.users.models import User

FOLDER = Path(__file__).parent / "bank_files"
SCHEMAS = Path(__file__).parent / "schemas"
HEAD = "value_date;amount;reference;payer;details;entry id"


def bank_file(name: str) -> bytes:
    """One of the sample files."""
    return (FOLDER / name).read_bytes()


def csv_statement(*lines: str, head: str = HEAD) -> bytes:
    """A CSV file with these lines."""
    return "\n".join([head, *lines, ""]).encode()


def camt_statement(
    lines: Sequence[str],
    *,
    opening: str,
    closing: str,
    day: str,
    iban: str = "DE89370400440532013000",
    currency: str = "EUR",
) -> bytes:
    """A CAMT.053 of version 8; each line is `amount|bank's id|payer|text`, below zero for a debit."""

    def balance(code: str, amount: str) -> str:
        sign = "DBIT" if amount.startswith("-") else "CRDT"
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{amount.lstrip('-')}</Amt>"
            f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        )

    def entry(line: str) -> str:
        amount, own_id, payer, text = line.split("|")
        sign = "DBIT" if amount.startswith("-") else "CRDT"
        parties = f"<RltdPties><Dbtr><Pty><Nm>{payer}</Nm></Pty></Dbtr></RltdPties>" if payer else ""
        return (
            f"<Ntry><Amt Ccy='{currency}'>{amount.lstrip('-')}</Amt><CdtDbtInd>{sign}</CdtDbtInd>"
            f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{own_id}</AcctSvcrRef><BkTxCd/>"
            f"<NtryDtls><TxDtls>{parties}<RmtInf><Ustrd>{text}</Ustrd></RmtInf>"
            "</TxDtls></NtryDtls></Ntry>"
        )

    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'>"
        "<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId><CreDtTm>2026-11-02T18:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Id>{day}</Id><Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>{currency}</Ccy></Acct>"
        f"{balance('OPBD', opening)}{balance('CLBD', closing)}{''.join(map(entry, lines))}</Stmt>"
        "</BkToCstmrStmt></Document>"
    ).encode()


def house_account(
    by: User, at: datetime, *, currency: str = "USD", number: str = "000123456789", name: str = ""
) -> HouseAccount:
    """A house account that may be overdrawn."""
    details = AccountDetails(
        name=name or f"Operating {currency}",
        currency=currency,
        bank_name="Bank of Examples",
        account_number=number,
        may_be_overdrawn=True,
    )
    return accounts.open_account(details=details, by=by, at=at)


def import_file(
    data: bytes, *, account: HouseAccount | None, by: User, at: datetime, name: str = "s.csv"
) -> StatementFile:
    """Upload a file and confirm it."""
    file = statement_files.upload(name=name, data=data, account=account, by=by, at=at)
    return statement_import.confirm(file=file, by=by, at=at)

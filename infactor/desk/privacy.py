"""Personal data of the desk: what staff wrote about people, and letters to buyers."""

from infactor.core.privacy.declarations import (
    BUYER,
    EVERYWHERE,
    KINDS,
    SUPPLIER,
    Ground,
    Keep,
    NoPersonalData,
    Scrub,
    Table,
)

RECORDS = "RETENTION_RECORDS_DAYS (ten years), as the records of what was financed"


def _written(model: str, purpose: str, *texts: str, other: tuple[str, ...] = (), scope: str = EVERYWHERE) -> Table:
    """A table whose only texts about people are those that staff wrote: names are replaced in them."""
    return Table(
        model=model,
        purpose=purpose,
        ground=Ground.INTEREST,
        retention=RECORDS,
        personal=texts,
        other=other,
        mentions=texts,
        scope=scope,
        on_erasure={kind: Scrub(texts) for kind in KINDS},
    )


TABLES = (
    _written(
        "desk.Task",
        "what staff have to do",
        "title",
        "details",
        "reason",
        other=("due_on", "subject_type"),
        scope="supplier",
    ),
    _written("desk.Note", "notes of staff about a row", "text", other=("subject_type",), scope="supplier"),
    _written(
        "desk.Promise",
        "what buyers said that they pay, and until when",
        "said_by",
        "withdraw_reason",
        other=("currency", "promised_on"),
    ),
    _written(
        "desk.Contact", "contacts with buyers that are late", "person", "summary", other=("channel", "next_contact_on")
    ),
    Table(
        model="desk.Letter",
        purpose="letters to buyers that are late, as they went",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=("to", "subject", "body"),
        paths={SUPPLIER: ("supplier",), BUYER: ("buyer", "buyer__parent")},
        mentions=("to",),
        scope="supplier",
        on_erasure={kind: Keep("Proof of what a buyer of a financed invoice was told.") for kind in KINDS},
    ),
)
NO_PERSONAL_DATA = (
    NoPersonalData(
        ("desk.LetterLine", "desk.MailChoice", "desk.Digest"),
        "amounts and days of letters, and which mails somebody wants and has had",
    ),
)

"""Personal data of correspondence: what suppliers and staff wrote to each other."""

from infactor.core.privacy.declarations import (
    BUYER,
    ERASED,
    OWNER,
    PERSON,
    SUPPLIER,
    Delete,
    Ground,
    NoPersonalData,
    Overwrite,
    Scrub,
    Table,
)

RECORDS = "RETENTION_RECORDS_DAYS (ten years), as the records of what was financed"

TABLES = (
    Table(
        model="correspondence.Message",
        purpose="what a supplier and staff wrote to each other, and what the supplier said to a dispute",
        ground=Ground.CONTRACT,
        retention=RECORDS,
        personal=("text", "written_at"),
        other=("stance", "is_from_staff"),
        paths={
            SUPPLIER: ("supplier",),
            PERSON: ("author",),
            BUYER: ("thread__invoice__buyer", "thread__invoice__buyer__parent"),
        },
        mentions=("text",),
        scope="supplier",
        evidence="supplier",
        not_copied_for=(BUYER,),
        on_erasure={
            SUPPLIER: Overwrite({"text": ERASED}),
            PERSON: Scrub(("text",)),
            OWNER: Scrub(("text",)),
            BUYER: Scrub(("text",)),
        },
    ),
    Table(
        model="correspondence.Reading",
        purpose="up to which message a person has read a thread, for the count of what is new",
        ground=Ground.CONTRACT,
        retention="as long as the account",
        personal=("last_read",),
        paths={SUPPLIER: ("thread__supplier",), PERSON: ("user",)},
        on_erasure={SUPPLIER: Delete(), PERSON: Delete()},
    ),
)
NO_PERSONAL_DATA = (NoPersonalData(("correspondence.Thread",), "which row a thread is about, and since when it waits"),)

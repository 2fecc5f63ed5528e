"""Personal data of banking: who paid, and what they wrote, as the bank's statements say."""

from infactor.core.privacy.declarations import EVERYWHERE, KINDS, Ground, Keep, NoPersonalData, Table

BOOKS = "ten years, as the books"
KEPT = {kind: Keep("A record of the bank account, which the law demands for ten years.") for kind in KINDS}

TABLES = (
    Table(
        model="banking.StatementLine",
        purpose="lines of infactor's bank statements, with payer and text, to record and reconcile payments",
        ground=Ground.LEGAL_DUTY,
        retention=BOOKS,
        personal=("value_date", "booking_date", "reference", "entry_id", "payer", "remittance", "note"),
        secret=("payer_account", "payer_fingerprint"),
        other=("place", "identity", "batch_identity", "status", "decided_at"),
        mentions=("payer", "remittance"),
        scope=EVERYWHERE,
        on_erasure=KEPT,
    ),
    Table(
        model="banking.StatementFile",
        purpose="files of bank statements until somebody confirms them; then only what was refused of them",
        ground=Ground.LEGAL_DUTY,
        retention="content: until the import, or two weeks; the rest: ten years, as the books",
        personal=("name", "refusals"),
        secret=("content",),
        other=("digest", "format", "chosen_layout", "status", "uploaded_at", "imported_at"),
        mentions=("name",),
        scope=EVERYWHERE,
        on_erasure=KEPT,
    ),
)
NO_PERSONAL_DATA = (
    NoPersonalData(
        (
            *("banking.AccountAlert", "banking.AccountChange", "banking.HouseAccount"),
            *("banking.Movement", "banking.Statement", "banking.LineMatch"),
        ),
        "infactor's own bank accounts, their balances, and amounts and dates of its own movements",
    ),
)

"""Personal data of money out: payouts, refunds, costs, the accounts of payers and the files for the bank."""

from infactor.core.privacy.declarations import EVERYWHERE, KINDS, Ground, Keep, Scrub, Table

RECORDS = "RETENTION_RECORDS_DAYS (ten years) after the advance ended"


def reasons_table(model: str, purpose: str, *texts: str, other: tuple[str, ...] = (), scope: str = "supplier") -> Table:
    """A table whose only texts about people are those that staff wrote."""
    return Table(
        model=model,
        purpose=purpose,
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=texts,
        other=other,
        mentions=texts,
        scope=scope,
        on_erasure={kind: Scrub(texts) for kind in KINDS},
    )


TABLES = (
    reasons_table(
        "financing.CollectionCost",
        "what was paid to collect an invoice",
        "reason",
        other=("value_date", "debited_on", "credited_on", "cancelled_on"),
        scope="advance__supplier",
    ),
    reasons_table(
        "financing.Refund",
        "what of a payment went back to who had paid it",
        "reason",
        other=("value_date", "failed_on"),
        scope=EVERYWHERE,
    ),
    reasons_table(
        "financing.Payout",
        "what was paid out",
        "failure_reason",
        other=(
            "purpose",
            "currency",
            "value_date",
            "status",
            "failed_on",
            "reclaimed_on",
            "debited_on",
            "credited_on",
            "return_code",
        ),
    ),
    Table(
        model="financing.MicroDeposits",
        purpose="who sent and who answered micro-deposits to an account",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=(),
        other=("status", "tries", "sent_at", "expires_at", "answered_at"),
        scope="account__supplier",
        on_erasure={kind: Keep("It says why an account was trusted with money, and names nobody.") for kind in KINDS},
    ),
    Table(
        model="financing.Payee",
        purpose="who is paid for collecting invoices, and what Forms 1099 ask of them",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=(
            "name",
            "country",
            "address_line1",
            "address_line2",
            "city",
            "region",
            "postal_code",
            "tin",
            "last4",
            "w9_received_on",
        ),
        secret=("fingerprint",),
        other=("service", "business_type", "tin_type"),
        mentions=("name",),
        scope=EVERYWHERE,
        on_erasure={kind: Keep("A record of what was paid to whom, which the tax law demands.") for kind in KINDS},
    ),
    Table(
        model="financing.PayeeAccount",
        purpose="where a payment is refunded to: the account of its payer",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=(
            *("holder", "bank_name", "country", "account_number", "routing_number", "last4"),
            *("proof_phone", "proof_note"),
        ),
        secret=("fingerprint",),
        mentions=("holder", "proof_note"),
        scope=EVERYWHERE,
        on_erasure={kind: Scrub(("holder", "proof_note")) for kind in KINDS},
    ),
    Table(
        model="financing.PayoutBatch",
        purpose="which payouts one file for the bank holds, and the file",
        ground=Ground.LEGAL_DUTY,
        retention=RECORDS,
        personal=("reason",),
        secret=("content",),
        other=(
            "currency",
            "format",
            "status",
            "execution_day",
            "file_name",
            "content_type",
            "digest",
            "exported_payouts",
        ),
        mentions=("reason",),
        scope=EVERYWHERE,
        on_erasure={kind: Scrub(("reason",)) for kind in KINDS},
    ),
)

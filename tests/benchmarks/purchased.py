"""Copies of purchased invoices, made in PostgreSQL from one that the product's own services bought."""

from collections import deque

# A copy of each row that `where` finds, for each n, with the columns in `changed` replaced.
COPY = """
    INSERT INTO {table}
    SELECT (jsonb_populate_record(one, jsonb_build_object({changed}))).*
    FROM {table} AS one CROSS JOIN generate_series(1, {count}) AS n WHERE {where}
"""
PUBLIC, KNOWN = "gen_random_uuid()", "'2026-01-01'"


def copy(found: deque[str], table: str, count: int, where: str, **changed: str) -> None:
    """Add the statement that makes copies of the rows of `table`."""
    pairs = ", ".join(f"'{name}', {value}" for name, value in changed.items())
    found.append(COPY.format(table=table, count=count, where=where, changed=pairs))


def suppliers(*, supplier_id: int, count: int) -> deque[str]:
    """The statements that make `count` suppliers of one."""
    found = deque[str]()
    copy(
        found,
        "suppliers_supplier",
        count - 1,
        f"one.id = {supplier_id}",
        id=f"{supplier_id} + n",
        public_id=PUBLIC,
        name="'Supplier ' || n",
    )
    return found


def advances(
    *, advance_id: int, invoice_id: int, buyer_id: int, base: int, count: int, buyers: int, owner: str, due: str
) -> deque[str]:
    """The statements that copy an advance with invoice, buyer, cases and postings, each in the order of what it names.

    Postings to accounts that advances share, as fee income, are copied to these accounts. The copies have the keys
    `base` + n; `owner` and `due` are SQL of the supplier and the due date of copy n.
    """
    found, new = deque[str](), f"{base} + n"
    moved = f"one.id * 1000000000 + {base} + n"
    copy(found, "invoices_buyer", buyers, f"one.id = {buyer_id}", id=new, public_id=PUBLIC,
         reference=f"'{base}-' || n", name="'Buyer ' || n", company_name="'Buyer ' || n || ' Inc'",
         supplier_id=owner, created_at=KNOWN)  # fmt: skip
    copy(found, "invoices_invoice", count, f"one.id = {invoice_id}", id=new, public_id=PUBLIC,
         invoice_no="'INV-' || n", qbk_invoice_id=f"'{base}-' || n", supplier_id=owner, created_at=KNOWN,
         known_since="NULL",  # they were so at their creation: earlier states of the original are not copied
         buyer_id=f"{base} + 1 + n % {buyers}", payable_date=due)  # fmt: skip
    copy(found, "financing_advance", count, f"one.id = {advance_id}", id=new, public_id=PUBLIC, invoice_id=new,
         offer_line_id=new, supplier_id=owner, buyer_id=f"{base} + 1 + n % {buyers}")  # fmt: skip
    copy(found, "financing_purchasedinvoice", count, f"one.advance_id = {advance_id}", advance_id=new,
         due_on=due)  # fmt: skip
    copy(found, "financing_eligibility", count, f"one.invoice_id = {invoice_id}", invoice_id=new,
         supplier_id=owner, assessed_since=KNOWN, known_from=KNOWN)  # fmt: skip
    copy(found, "ledger_account", count, f"one.owner = 'advance:{advance_id}'",
         id=moved, owner=f"'advance:' || {new}", supplier_id=owner)  # fmt: skip
    entries = f"account_id IN (SELECT id FROM ledger_account WHERE owner = 'advance:{advance_id}')"
    copy(found, "ledger_transaction", count, f"one.id IN (SELECT transaction_id FROM ledger_entry WHERE {entries})",
         id=moved, supplier_id=owner, reverses_id=f"one.reverses_id * 1000000000 + {base} + n",
         reference=f"regexp_replace(one.reference, ':[0-9]+:', ':' || ({new}) || ':')")  # fmt: skip
    copy(found, "ledger_entry", count, f"one.{entries}", id=moved,
         account_id=f"one.account_id * 1000000000 + {base} + n",
         transaction_id=f"one.transaction_id * 1000000000 + {base} + n")  # fmt: skip
    copy(found, "financing_case", count, f"one.advance_id = {advance_id}",
         id=f"one.id * 1000000000 + {base} + n", public_id=PUBLIC, advance_id=new)  # fmt: skip
    shared = f"transaction_id IN (SELECT transaction_id FROM ledger_entry WHERE {entries}) AND NOT one.{entries}"
    copy(found, "ledger_entry", count, f"one.{shared}", id=moved,
         transaction_id=f"one.transaction_id * 1000000000 + {base} + n")  # fmt: skip
    return found

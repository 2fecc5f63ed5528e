"""The SHA-256 digest of a transaction's content, in Python for posting and in SQL for integrity checks."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

Side = tuple[str, str, Decimal, Decimal]  # purpose, owner, debit, credit


def digest(
    *,
    currency: str,
    value_date: date,
    original_value_date: date | None,
    supplier_id: int | None,
    lines: Iterable[Side],
    reverses_id: int | None,
) -> str:
    """64 hex digits. Independent of the order of `lines`, the user, the time and the description.

    Amounts must have exactly two decimals.
    """
    sides = [[purpose, owner, f"{debit:f}", f"{credit:f}"] for purpose, owner, debit, credit in sorted(lines)]
    days = [value_date.isoformat(), original_value_date and original_value_date.isoformat()]
    content = [currency, *days, supplier_id, sides, reverses_id]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


# The same digest in SQL, over the rows `t` (transaction), `e` (entry) and `a` (account), grouped by transaction.
# PostgreSQL writes a jsonb array as json.dumps does.
DIGEST_SQL = """encode(sha256(convert_to(jsonb_build_array(
    t.currency, t.value_date, t.original_value_date, t.supplier_id,
    coalesce(jsonb_agg(
        jsonb_build_array(a.purpose, a.owner, e.debit::text, e.credit::text)
        ORDER BY a.purpose COLLATE "C", a.owner COLLATE "C", e.debit, e.credit
    ) FILTER (WHERE e.id IS NOT NULL), '[]'),
    t.reverses_id
)::text, 'UTF8')), 'hex')"""

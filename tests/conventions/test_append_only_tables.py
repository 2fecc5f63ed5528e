"""Every table that refuses to change or lose a row refuses TRUNCATE, too."""

import pytest
from django.db import IntegrityError, connection, transaction

# Triggers that reject deletes: bit 8 of pg_trigger.tgtype is DELETE, bit 32 TRUNCATE.
PROTECTED = """
SELECT relname, bool_or(tgtype & 32 > 0) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND tgtype & 2 > 0 AND tgtype & (8 | 32) > 0 GROUP BY relname ORDER BY relname
"""


@pytest.mark.django_db
def test_a_table_that_keeps_its_rows_cannot_be_emptied() -> None:
    with connection.cursor() as cursor:
        cursor.execute(PROTECTED)
        protected = dict(cursor.fetchall())
        assert {"core_auditevent", "ledger_entry", "financing_acceptance"} <= set(protected)
        assert [table for table, refuses in protected.items() if not refuses] == []
        cursor.execute("SET LOCAL infactor.allow_ledger_truncate = 'off'")  # which the test database has on
        for table in protected:
            with pytest.raises(IntegrityError, match="refused"), transaction.atomic():
                cursor.execute(f"TRUNCATE {table} CASCADE")

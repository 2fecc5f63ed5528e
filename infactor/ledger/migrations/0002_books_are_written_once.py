"""The database itself refuses to change, empty or unbalance the books."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the books are written once: % of % refused, post a reversal instead', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- Tests empty their own database between each other, and say so with this setting.
CREATE FUNCTION ledger_refuse_emptying() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('infactor.books_may_be_emptied', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'the books are written once: TRUNCATE of % refused', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_account_written_once BEFORE UPDATE OR DELETE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_transaction_written_once BEFORE UPDATE OR DELETE ON ledger_transaction
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_entry_written_once BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_proof_written_once BEFORE UPDATE OR DELETE ON ledger_proof
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_account_kept BEFORE TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_emptying();
CREATE TRIGGER ledger_transaction_kept BEFORE TRUNCATE ON ledger_transaction
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_emptying();
CREATE TRIGGER ledger_entry_kept BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_emptying();
CREATE TRIGGER ledger_proof_kept BEFORE TRUNCATE ON ledger_proof
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_emptying();

-- Positions are unique and end at entry_count, and at commit all are taken: so nothing can be added later, and the
-- sums are taken once for each transaction.
CREATE FUNCTION ledger_check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    belongs record;
BEGIN
    SELECT t.reference, t.entry_count, t.currency, a.currency AS account_currency INTO belongs
        FROM ledger_transaction t, ledger_account a WHERE t.id = NEW.transaction_id AND a.id = NEW.account_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'an entry needs a transaction and an account'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.position > belongs.entry_count THEN
        RAISE EXCEPTION 'transaction % has % entries, no more', belongs.reference, belongs.entry_count
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF belongs.currency <> belongs.account_currency THEN
        RAISE EXCEPTION 'transaction % is in %, its account in %',
            belongs.reference, belongs.currency, belongs.account_currency
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_entry_belongs BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_check_entry();

CREATE FUNCTION ledger_check_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sums record;
BEGIN
    SELECT count(*) AS entries, coalesce(sum(debit), 0) AS debits, coalesce(sum(credit), 0) AS credits INTO sums
        FROM ledger_entry WHERE transaction_id = NEW.id;
    IF sums.entries <> NEW.entry_count OR sums.debits <> NEW.total OR sums.credits <> NEW.total THEN
        RAISE EXCEPTION 'transaction % does not balance: % entries of %, debits %, credits %, total %',
            NEW.reference, sums.entries, NEW.entry_count, sums.debits, sums.credits, NEW.total
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.reverses_id IS NOT NULL AND (
        NEW.entry_count IS DISTINCT FROM (SELECT entry_count FROM ledger_transaction WHERE id = NEW.reverses_id)
        OR EXISTS (
            SELECT account_id, debit, credit FROM ledger_entry WHERE transaction_id = NEW.id
            EXCEPT ALL
            SELECT account_id, credit, debit FROM ledger_entry WHERE transaction_id = NEW.reverses_id
        )
    ) THEN
        RAISE EXCEPTION 'transaction % is not the mirror of what it reverses', NEW.reference
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_transaction_balances AFTER INSERT ON ledger_transaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_transaction();
"""
BACKWARDS = """
DROP TRIGGER ledger_transaction_balances ON ledger_transaction;
DROP TRIGGER ledger_entry_belongs ON ledger_entry;
DROP TRIGGER ledger_proof_kept ON ledger_proof;
DROP TRIGGER ledger_entry_kept ON ledger_entry;
DROP TRIGGER ledger_transaction_kept ON ledger_transaction;
DROP TRIGGER ledger_account_kept ON ledger_account;
DROP TRIGGER ledger_proof_written_once ON ledger_proof;
DROP TRIGGER ledger_entry_written_once ON ledger_entry;
DROP TRIGGER ledger_transaction_written_once ON ledger_transaction;
DROP TRIGGER ledger_account_written_once ON ledger_account;
DROP FUNCTION ledger_check_transaction();
DROP FUNCTION ledger_check_entry();
DROP FUNCTION ledger_refuse_emptying();
DROP FUNCTION ledger_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_books")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]

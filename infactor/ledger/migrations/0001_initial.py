"""Ledger tables. Triggers reject changes, truncation and transactions that do not balance."""

import django.db.models.deletion
import infactor.core.money
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION ledger_reject_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % of % refused, post a reversal instead', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- Tests truncate their own database between each other and set this setting to be allowed to.
CREATE FUNCTION ledger_reject_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('infactor.allow_ledger_truncate', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'the ledger is append-only: TRUNCATE of % refused', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_account_append_only BEFORE UPDATE OR DELETE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_reject_change();
CREATE TRIGGER ledger_transaction_append_only BEFORE UPDATE OR DELETE ON ledger_transaction
    FOR EACH ROW EXECUTE FUNCTION ledger_reject_change();
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_reject_change();
CREATE TRIGGER ledger_integritycheck_append_only BEFORE UPDATE OR DELETE ON ledger_integritycheck
    FOR EACH ROW EXECUTE FUNCTION ledger_reject_change();
CREATE TRIGGER ledger_account_no_truncate BEFORE TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_reject_truncate();
CREATE TRIGGER ledger_transaction_no_truncate BEFORE TRUNCATE ON ledger_transaction
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_reject_truncate();
CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_reject_truncate();
CREATE TRIGGER ledger_integritycheck_no_truncate BEFORE TRUNCATE ON ledger_integritycheck
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_reject_truncate();

-- Positions are unique and end at entry_count, and at commit all of them are taken. Nothing can be added later, so the
-- sums are checked once for each transaction.
CREATE FUNCTION ledger_check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent record;
BEGIN
    SELECT t.reference, t.entry_count, t.currency, a.currency AS account_currency INTO parent
        FROM ledger_transaction t, ledger_account a WHERE t.id = NEW.transaction_id AND a.id = NEW.account_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'an entry needs a transaction and an account'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.position > parent.entry_count THEN
        RAISE EXCEPTION 'transaction % has % entries, no more', parent.reference, parent.entry_count
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF parent.currency <> parent.account_currency THEN
        RAISE EXCEPTION 'transaction % is in %, its account in %',
            parent.reference, parent.currency, parent.account_currency
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_entry_matches_transaction BEFORE INSERT ON ledger_entry
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

-- Nothing counts in a closed month. Postings share a lock that a closing takes alone; after waiting for it, the query
-- below sees what the closing has committed.
CREATE FUNCTION ledger_first_open_day() RETURNS date LANGUAGE plpgsql AS $$
DECLARE
    last_closed date;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('infactor.ledger.periods', 0));
    SELECT max(month) INTO last_closed FROM ledger_periodclosing WHERE reopened_at IS NULL;
    RETURN (last_closed + interval '1 month')::date;
END $$;

CREATE FUNCTION ledger_check_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    first_open date := ledger_first_open_day();
BEGIN
    IF NEW.value_date < first_open THEN
        RAISE EXCEPTION 'transaction % of % refused: that month is closed', NEW.reference, NEW.value_date
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.original_value_date IS NOT NULL AND (first_open IS NULL OR NEW.original_value_date >= first_open) THEN
        RAISE EXCEPTION 'transaction % belongs to %, which is open, and must count there',
            NEW.reference, NEW.original_value_date
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_transaction_in_open_period BEFORE INSERT ON ledger_transaction
    FOR EACH ROW EXECUTE FUNCTION ledger_check_period();

-- Months are closed without a gap, the last closed one is reopened first, and a closing changes in nothing else.
CREATE FUNCTION ledger_check_closing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_closed date;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('infactor.ledger.periods', 0));
    SELECT max(month) INTO last_closed FROM ledger_periodclosing WHERE reopened_at IS NULL;
    IF TG_OP = 'INSERT' AND (NEW.reopened_at IS NOT NULL OR NEW.month <> (last_closed + interval '1 month')::date) THEN
        RAISE EXCEPTION 'closing of % refused: the last closed month is %', NEW.month, last_closed
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND (
        OLD.reopened_at IS NOT NULL OR NEW.reopened_at IS NULL OR OLD.month <> last_closed
        OR (OLD.id, OLD.month, OLD.closed_by_id, OLD.closed_at, OLD.explanations)
            IS DISTINCT FROM (NEW.id, NEW.month, NEW.closed_by_id, NEW.closed_at, NEW.explanations)
    ) THEN
        RAISE EXCEPTION 'a closing is never changed; only the last closed month, %, is reopened', last_closed
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_periodclosing_in_order BEFORE INSERT OR UPDATE ON ledger_periodclosing
    FOR EACH ROW EXECUTE FUNCTION ledger_check_closing();
CREATE TRIGGER ledger_periodclosing_append_only BEFORE DELETE ON ledger_periodclosing
    FOR EACH ROW EXECUTE FUNCTION ledger_reject_change();
CREATE TRIGGER ledger_periodclosing_no_truncate BEFORE TRUNCATE ON ledger_periodclosing
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_reject_truncate();

-- A closing keeps the sums of what it closes: its month, and everything before if it is the first one. It holds the lock,
-- so every posting into these months is committed and none follows. Its own snapshot must be younger than the lock.
CREATE FUNCTION ledger_keep_sums() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed_before date;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a month is closed and reopened in a transaction that is read committed'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT max(month) INTO closed_before FROM ledger_periodclosing
        WHERE reopened_at IS NULL AND month < NEW.month;
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM ledger_monthsum WHERE closed_before IS NULL OR month > closed_before;
        RETURN NULL;
    END IF;
    INSERT INTO ledger_monthsum (month, currency, purpose, debits, credits)
        SELECT date_trunc('month', t.value_date)::date, a.currency, a.purpose, sum(e.debit), sum(e.credit)
        FROM ledger_transaction t
            JOIN ledger_entry e ON e.transaction_id = t.id
            JOIN ledger_account a ON a.id = e.account_id
        WHERE t.value_date < NEW.month + interval '1 month'
            AND (closed_before IS NULL OR t.value_date >= closed_before + interval '1 month')
        GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_periodclosing_keeps_sums AFTER INSERT OR UPDATE ON ledger_periodclosing
    FOR EACH ROW EXECUTE FUNCTION ledger_keep_sums();

CREATE FUNCTION ledger_check_sum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' OR pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'the sums of closed months are kept by their closing: % refused', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER ledger_monthsum_by_closing BEFORE INSERT OR UPDATE OR DELETE ON ledger_monthsum
    FOR EACH ROW EXECUTE FUNCTION ledger_check_sum();
CREATE TRIGGER ledger_monthsum_no_truncate BEFORE TRUNCATE ON ledger_monthsum
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_reject_truncate();
"""
BACKWARDS = """
DROP TRIGGER ledger_monthsum_no_truncate ON ledger_monthsum;
DROP TRIGGER ledger_monthsum_by_closing ON ledger_monthsum;
DROP FUNCTION ledger_check_sum();
DROP TRIGGER ledger_periodclosing_keeps_sums ON ledger_periodclosing;
DROP FUNCTION ledger_keep_sums();
DROP TRIGGER ledger_periodclosing_no_truncate ON ledger_periodclosing;
DROP TRIGGER ledger_periodclosing_append_only ON ledger_periodclosing;
DROP TRIGGER ledger_periodclosing_in_order ON ledger_periodclosing;
DROP TRIGGER ledger_transaction_in_open_period ON ledger_transaction;
DROP FUNCTION ledger_check_closing();
DROP FUNCTION ledger_check_period();
DROP FUNCTION ledger_first_open_day();
DROP TRIGGER ledger_transaction_balances ON ledger_transaction;
DROP TRIGGER ledger_entry_matches_transaction ON ledger_entry;
DROP TRIGGER ledger_integritycheck_no_truncate ON ledger_integritycheck;
DROP TRIGGER ledger_entry_no_truncate ON ledger_entry;
DROP TRIGGER ledger_transaction_no_truncate ON ledger_transaction;
DROP TRIGGER ledger_account_no_truncate ON ledger_account;
DROP TRIGGER ledger_integritycheck_append_only ON ledger_integritycheck;
DROP TRIGGER ledger_entry_append_only ON ledger_entry;
DROP TRIGGER ledger_transaction_append_only ON ledger_transaction;
DROP TRIGGER ledger_account_append_only ON ledger_account;
DROP FUNCTION ledger_check_transaction();
DROP FUNCTION ledger_check_entry();
DROP FUNCTION ledger_reject_truncate();
DROP FUNCTION ledger_reject_change();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('suppliers', '0001_initial'),
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('cash', 'Cash'), ('receivable', 'Receivable'), ('reserve', 'Reserve'), ('accrued_fees', 'Accrued fees'), ('fee_income', 'Fee income'), ('late_fee_income', 'Late fee income'), ('wire_fee_income', 'Wire fee income'), ('bad_debt', 'Bad debt'), ('bad_debt_recovered', 'Bad debt recovered'), ('collection_costs', 'Collection costs'), ('due_from_supplier', 'Due from supplier'), ('payable_to_supplier', 'Payable to supplier'), ('unapplied_cash', 'Unapplied cash'), ('payout_in_transit', 'Payout in transit'), ('capital', 'Capital'), ('credit_facility', 'Credit facility'), ('bank_charges', 'Bank charges'), ('interest_expense', 'Interest paid'), ('interest_income', 'Interest received')], max_length=24)),
                ('owner', models.CharField(blank=True, max_length=60)),
                ('currency', models.CharField(max_length=3)),
                ('created_at', models.DateTimeField()),
                ('supplier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['purpose', 'owner', 'currency'],
                'indexes': [models.Index(fields=['owner'], name='ledger_account_owner')],
                'constraints': [models.UniqueConstraint(fields=('purpose', 'owner', 'currency'), name='ledger_one_account'), models.CheckConstraint(condition=models.Q(('purpose__in', ['cash', 'receivable', 'reserve', 'accrued_fees', 'fee_income', 'late_fee_income', 'wire_fee_income', 'bad_debt', 'bad_debt_recovered', 'collection_costs', 'due_from_supplier', 'payable_to_supplier', 'unapplied_cash', 'payout_in_transit', 'capital', 'credit_facility', 'bank_charges', 'interest_expense', 'interest_income'])), name='ledger_purpose_known'), models.CheckConstraint(condition=models.Q(('currency__in', ('AED', 'AFN', 'ALL', 'AMD', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHF', 'CLP', 'CNY', 'COP', 'CRC', 'CUP', 'CVE', 'CZK', 'DJF', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYU', 'UZS', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XCG', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW', 'ZWG'))), name='ledger_account_currency'), models.CheckConstraint(condition=models.Q(('owner__regex', '^[A-Za-z0-9_:.-]*$')), name='ledger_owner_format'), models.CheckConstraint(condition=models.Q(models.Q(('owner', ''), ('purpose', 'cash'), _connector='OR', _negated=True), ('supplier', None), _connector='OR'), name='ledger_own_account_has_no_supplier')],
            },
        ),
        migrations.CreateModel(
            name='IntegrityCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('ok', models.BooleanField(verbose_name='in order')),
                ('transactions', models.PositiveBigIntegerField()),
                ('entries', models.PositiveBigIntegerField()),
                ('findings', models.JSONField(default=list)),
                ('milliseconds', models.PositiveIntegerField()),
            ],
            options={
                'verbose_name': 'ledger check',
                'ordering': ['-pk'],
                'permissions': [('verify_ledger', 'Can run a ledger check')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ok', True), _negated=True), ('findings', []), _connector='OR'), name='ledger_ok_has_no_findings')],
            },
        ),
        migrations.CreateModel(
            name='Transaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=120, unique=True)),
                ('currency', models.CharField(max_length=3)),
                ('value_date', models.DateField(db_index=True)),
                ('original_value_date', models.DateField(help_text='Its own day, where that month was closed already.', null=True)),
                ('posted_at', models.DateTimeField(db_index=True)),
                ('description', models.CharField(blank=True, max_length=200)),
                ('digest', models.CharField(max_length=64)),
                ('total', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('entry_count', models.PositiveSmallIntegerField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reverses', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='ledger.transaction')),
                ('supplier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('reference', ''), _negated=True), name='ledger_transaction_has_reference'), models.CheckConstraint(condition=models.Q(('currency__in', ('AED', 'AFN', 'ALL', 'AMD', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHF', 'CLP', 'CNY', 'COP', 'CRC', 'CUP', 'CVE', 'CZK', 'DJF', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYU', 'UZS', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XCG', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW', 'ZWG'))), name='ledger_transaction_currency'), models.CheckConstraint(condition=models.Q(('total__gt', 0), ('total__lt', Decimal('10000000000000000'))), name='ledger_total_in_range'), models.CheckConstraint(condition=models.Q(('entry_count__gte', 2)), name='ledger_two_entries'), models.CheckConstraint(condition=models.Q(('reverses', models.F('id')), _negated=True), name='ledger_reverses_another'), models.CheckConstraint(condition=models.Q(('original_value_date', None), ('original_value_date__lt', models.F('value_date')), _connector='OR'), name='ledger_moved_to_a_later_day')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('debit', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('0.00'), max_digits=18)),
                ('credit', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('0.00'), max_digits=18)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.account')),
                ('transaction', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.transaction')),
            ],
            options={
                'verbose_name_plural': 'entries',
                'ordering': ['transaction_id', 'position'],
                'indexes': [models.Index(fields=['account'], include=('debit', 'credit'), name='ledger_entry_account')],
                'constraints': [models.UniqueConstraint(fields=('transaction', 'position'), name='ledger_one_entry_a_position'), models.CheckConstraint(condition=models.Q(('position__gte', 1)), name='ledger_position_from_one'), models.CheckConstraint(condition=models.Q(models.Q(('credit', 0), ('debit__gt', 0), ('debit__lt', Decimal('10000000000000000'))), models.Q(('credit__gt', 0), ('credit__lt', Decimal('10000000000000000')), ('debit', 0)), _connector='OR'), name='ledger_one_side')],
            },
        ),
        migrations.CreateModel(
            name='PeriodClosing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='Its first day.')),
                ('closed_at', models.DateTimeField()),
                ('explanations', models.JSONField(default=list)),
                ('reopened_at', models.DateTimeField(null=True)),
                ('reopening_reason', models.CharField(blank=True, max_length=300)),
                ('closed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reopened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reopening_approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'closed month',
                'ordering': ['-month', '-pk'],
                'permissions': [('close_periods', 'Can close a month, and ask to reopen it')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('reopened_at', None)), fields=('month',), name='ledger_month_closed_once'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='ledger_month_by_its_first_day'), models.CheckConstraint(condition=models.Q(models.Q(('reopened_at', None), ('reopened_by', None), ('reopening_approved_by', None), ('reopening_reason', '')), models.Q(('reopened_at__isnull', False), ('reopened_by__isnull', False), ('reopening_approved_by__isnull', False), models.Q(('reopening_reason', ''), _negated=True)), _connector='OR'), name='ledger_reopening_is_complete'), models.CheckConstraint(condition=models.Q(('reopening_approved_by', models.F('reopened_by')), _negated=True), name='ledger_reopening_by_two_people')],
            },
        ),
        migrations.CreateModel(
            name='MonthSum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='Its first day.')),
                ('currency', models.CharField(max_length=3)),
                ('purpose', models.CharField(choices=[('cash', 'Cash'), ('receivable', 'Receivable'), ('reserve', 'Reserve'), ('accrued_fees', 'Accrued fees'), ('fee_income', 'Fee income'), ('late_fee_income', 'Late fee income'), ('wire_fee_income', 'Wire fee income'), ('bad_debt', 'Bad debt'), ('bad_debt_recovered', 'Bad debt recovered'), ('collection_costs', 'Collection costs'), ('due_from_supplier', 'Due from supplier'), ('payable_to_supplier', 'Payable to supplier'), ('unapplied_cash', 'Unapplied cash'), ('payout_in_transit', 'Payout in transit'), ('capital', 'Capital'), ('credit_facility', 'Credit facility'), ('bank_charges', 'Bank charges'), ('interest_expense', 'Interest paid'), ('interest_income', 'Interest received')], max_length=24)),
                ('debits', models.DecimalField(decimal_places=2, max_digits=30)),
                ('credits', models.DecimalField(decimal_places=2, max_digits=30)),
            ],
            options={
                'ordering': ['month', 'currency', 'purpose'],
                'constraints': [models.UniqueConstraint(fields=('month', 'currency', 'purpose'), name='ledger_one_sum')],
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]

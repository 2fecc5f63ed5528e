"""Terms, limits, requests, offers, advances, notices, payments and approvals.

Terms, limits, acceptances and purchased invoices are append-only. What a notice says and its acknowledgement never
change.
"""

from datetime import UTC, date, datetime
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import infactor.core.currencies
import infactor.core.fields
import infactor.core.money
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION financing_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('infactor.erasing', true) = 'on' THEN
        IF to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
            RETURN NEW;  -- only personal data differs: see core.privacy.erasure
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER financing_terms_append_only BEFORE UPDATE OR DELETE ON financing_fundingterms
    FOR EACH ROW EXECUTE FUNCTION financing_append_only();
CREATE TRIGGER financing_limit_append_only BEFORE UPDATE OR DELETE ON financing_limit
    FOR EACH ROW EXECUTE FUNCTION financing_append_only();
CREATE TRIGGER financing_acceptance_append_only BEFORE UPDATE OR DELETE ON financing_acceptance
    FOR EACH ROW EXECUTE FUNCTION financing_append_only('ip_address', 'user_agent');
CREATE TRIGGER financing_purchase_append_only BEFORE UPDATE OR DELETE ON financing_purchasedinvoice
    FOR EACH ROW EXECUTE FUNCTION financing_append_only('lines', 'customer_reference');
CREATE TRIGGER financing_purchase_no_truncate BEFORE TRUNCATE ON financing_purchasedinvoice
    FOR EACH STATEMENT EXECUTE FUNCTION financing_append_only();
CREATE TRIGGER financing_terms_no_truncate BEFORE TRUNCATE ON financing_fundingterms
    FOR EACH STATEMENT EXECUTE FUNCTION financing_append_only();
CREATE TRIGGER financing_limit_no_truncate BEFORE TRUNCATE ON financing_limit
    FOR EACH STATEMENT EXECUTE FUNCTION financing_append_only();
CREATE TRIGGER financing_acceptance_no_truncate BEFORE TRUNCATE ON financing_acceptance
    FOR EACH STATEMENT EXECUTE FUNCTION financing_append_only();

CREATE TRIGGER financing_correction_append_only BEFORE UPDATE OR DELETE ON financing_correction
    FOR EACH ROW EXECUTE FUNCTION financing_append_only('reason');
CREATE TRIGGER financing_correction_no_truncate BEFORE TRUNCATE ON financing_correction
    FOR EACH STATEMENT EXECUTE FUNCTION financing_append_only();

CREATE FUNCTION financing_guard_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM financing_advance WHERE id = NEW.advance_id AND invoice_id = NEW.invoice_id
                       AND supplier_id = NEW.supplier_id AND status NOT IN ('accepted', 'cancelled')) THEN
            RAISE EXCEPTION 'a notice is about the invoice of a funded advance'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND current_setting('infactor.erasing', true) = 'on' THEN
        IF to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
            RETURN NEW;  -- only personal data differs: see core.privacy.erasure
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.status <> 'released'
        AND (NEW.public_id, NEW.supplier_id, NEW.advance_id, NEW.invoice_id, NEW.agreement_id, NEW.facts,
             NEW.facts_digest, NEW.sent_by_id, NEW.sent_at)
          = (OLD.public_id, OLD.supplier_id, OLD.advance_id, OLD.invoice_id, OLD.agreement_id, OLD.facts,
             OLD.facts_digest, OLD.sent_by_id, OLD.sent_at)
        AND (OLD.acknowledged_at IS NULL
             OR (NEW.acknowledged_at, NEW.channel, NEW.acknowledged_name, NEW.acknowledged_from, NEW.user_agent,
                 NEW.recorded_by_id)
               IS NOT DISTINCT FROM
                (OLD.acknowledged_at, OLD.channel, OLD.acknowledged_name, OLD.acknowledged_from, OLD.user_agent,
                 OLD.recorded_by_id)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a notice and its acknowledgement are evidence: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER financing_notice_is_evidence BEFORE INSERT OR UPDATE OR DELETE ON financing_notice
    FOR EACH ROW EXECUTE FUNCTION financing_guard_notice(
        'facts', 'to', 'reply_to', 'links', 'acknowledged_name', 'acknowledged_from', 'user_agent'
    );
CREATE TRIGGER financing_notice_no_truncate BEFORE TRUNCATE ON financing_notice
    FOR EACH STATEMENT EXECUTE FUNCTION financing_guard_notice();
"""
BACKWARDS = """
DROP TRIGGER financing_notice_no_truncate ON financing_notice;
DROP TRIGGER financing_notice_is_evidence ON financing_notice;
DROP FUNCTION financing_guard_notice();
DROP TRIGGER financing_purchase_no_truncate ON financing_purchasedinvoice;
DROP TRIGGER financing_purchase_append_only ON financing_purchasedinvoice;
DROP TRIGGER financing_acceptance_no_truncate ON financing_acceptance;
DROP TRIGGER financing_limit_no_truncate ON financing_limit;
DROP TRIGGER financing_terms_no_truncate ON financing_fundingterms;
DROP TRIGGER financing_terms_append_only ON financing_fundingterms;
DROP TRIGGER financing_limit_append_only ON financing_limit;
DROP TRIGGER financing_acceptance_append_only ON financing_acceptance;
DROP FUNCTION financing_append_only();
"""

FIRST_DAY = date(2020, 1, 1)


def create_first_terms(apps, schema_editor):
    FundingTerms = apps.get_model("financing", "FundingTerms")
    if not FundingTerms.objects.exists():
        FundingTerms.objects.create(
            currency="USD",
            valid_from=FIRST_DAY,
            reason="Usual market terms, to begin with.",
            set_at=datetime.now(UTC),
        )


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('banking', '0001_initial'),
        ('core', '0001_initial'),
        ('documents', '0001_initial'),
        ('invoices', '0001_initial'),
        ('suppliers', '0001_initial'),
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='EligibilityRecalculation',
            fields=[
                ('supplier', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='eligibility_recalculation', serialize=False, to='suppliers.supplier')),
                ('requested_version', models.PositiveBigIntegerField(default=1, help_text='Goes up with every request.')),
                ('computed_version', models.PositiveBigIntegerField(default=0, help_text='The requested version that the last recalculation answered.')),
                ('books_revision', models.PositiveBigIntegerField(default=0, help_text='The revision of the books at the last recalculation.')),
                ('as_of', models.DateField(help_text="The supplier's day at the last recalculation.", null=True)),
                ('computed_at', models.DateTimeField(null=True)),
                ('duration_seconds', models.DecimalField(decimal_places=3, max_digits=8, null=True)),
                ('basis', models.BigIntegerField(editable=False, help_text='A hash of what all invoices had in common at the last full recalculation. Empty: there was none.', null=True)),
                ('duplicate_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), editable=False, help_text='The invoices that duplicate another one. Empty: too many to follow.', null=True, size=None)),
            ],
            options={
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='DebtorShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('debtor', models.CharField(blank=True, max_length=40)),
                ('candidates', models.PositiveIntegerField(help_text='Invoices that no rule but a limit makes ineligible.')),
                ('counted', models.PositiveIntegerField(help_text='Those of them that are large enough to be left.')),
                ('for_limit', models.DecimalField(decimal_places=2, help_text="Counts against the supplier's limit.", max_digits=30)),
                ('left', models.DecimalField(decimal_places=2, help_text='Is left before concentration.', max_digits=30)),
                ('capped', models.DecimalField(decimal_places=2, help_text='What of it concentration may cut.', max_digits=30)),
                ('used', models.DecimalField(decimal_places=2, help_text='Is financed, offered or requested.', max_digits=30)),
                ('supplier', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('supplier', 'currency', 'debtor'), name='debtor_share_once')],
            },
        ),
        migrations.CreateModel(
            name='Collection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('currency', models.CharField(max_length=3, validators=[infactor.core.currencies.validate_currency])),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('value_date', models.DateField()),
                ('bank_reference', models.CharField(help_text="The bank's own reference of this payment. It keeps a payment from being recorded twice.", max_length=100)),
                ('payer', models.CharField(blank=True, max_length=200)),
                ('remittance', models.CharField(blank=True, help_text='As the payer wrote it.', max_length=500, verbose_name='what it is for')),
                ('source', models.CharField(choices=[('manual', 'Entered manually'), ('statement', 'Bank statement')], default='manual', max_length=10)),
                ('statement_line', models.OneToOneField(help_text="The line of the bank's statement with which it came.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='collection', to='banking.statementline')),
                ('recorded_at', models.DateTimeField()),
                ('returned_on', models.DateField(help_text='Value date of the return by the bank.', null=True)),
                ('return_reason', models.CharField(blank=True, max_length=300)),
                ('withdrawn_at', models.DateTimeField(help_text='When a correction said that it was no payment. It counts nowhere.', null=True)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('returned_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('is_another', models.BooleanField(default=False, help_text='Somebody said that it is none of the payments that look like it.', verbose_name='another payment')),
            ],
            options={
                'verbose_name': 'payment',
                'ordering': ['-value_date', '-pk'],
                'permissions': [('record_collections', 'Can record and allocate payments')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('statement_line', None), ('withdrawn_at', None)), fields=('currency', 'bank_reference', 'value_date', 'amount'), name='collection_once'), models.CheckConstraint(condition=models.Q(models.Q(('source', 'statement'), ('statement_line__isnull', False)), models.Q(models.Q(('source', 'statement'), _negated=True), ('statement_line', None)), models.Q(('statement_line', None), ('withdrawn_at__isnull', False)), _connector='OR'), name='collection_of_statement_has_line'), models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('returned_on', None), _connector='OR'), name='collection_withdrawn_or_returned'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lt', 10000000000000000)), name='collection_amount_in_range'), models.CheckConstraint(condition=models.Q(('currency__in', ('AED', 'AFN', 'ALL', 'AMD', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHF', 'CLP', 'CNY', 'COP', 'CRC', 'CUP', 'CVE', 'CZK', 'DJF', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYU', 'UZS', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XCG', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW', 'ZWG'))), name='collection_currency_is_a_code'), models.CheckConstraint(condition=models.Q(models.Q(('returned_by__isnull', True), ('returned_on__isnull', True)), models.Q(('returned_by__isnull', False), ('returned_on__isnull', False)), _connector='OR'), name='collection_return_is_complete')],
            },
        ),
        migrations.CreateModel(
            name='FinancingRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('currency', models.CharField(max_length=3)),
                ('requested_amount', infactor.core.money.MoneyField(decimal_places=2, help_text='The cash needed, if the supplier asked by amount.', max_digits=18, null=True)),
                ('selection_rationale', models.JSONField(default=dict, help_text='How the invoices were selected, if the supplier asked by amount.')),
                ('requested_at', models.DateTimeField()),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='financing_requests', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-requested_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('requested_amount__gt', 0)), name='request_amount_is_positive')],
            },
        ),
        migrations.CreateModel(
            name='FundingTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(help_text='Three letters, like USD.', max_length=3, validators=[infactor.core.currencies.validate_currency])),
                ('supplier', models.ForeignKey(blank=True, help_text='Empty: for every supplier without terms of its own.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='own_terms', to='suppliers.supplier')),
                ('request', models.ForeignKey(editable=False, help_text='The request whose offer alone has these terms. Empty: they are in force from their first day on.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deal_terms', to='financing.financingrequest')),
                ('valid_from', models.DateField(help_text="The first day of these terms, in the supplier's time zone.")),
                ('reason', models.CharField(help_text='Why the terms change. It stands in the audit log.', max_length=200)),
                ('set_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_at', models.DateTimeField(editable=False)),
                ('advance_rate', models.DecimalField(decimal_places=3, default=Decimal('85'), help_text='Paid out on funding, of the base.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('1')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='advance rate, %')),
                ('first_fee_rate', models.DecimalField(decimal_places=3, default=Decimal('1.5'), help_text='Of the face that is bought against, for the first period. It is always charged.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='first fee, %')),
                ('first_fee_days', models.PositiveSmallIntegerField(default=30, help_text='Length of the first period.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(730)], verbose_name='first period, days')),
                ('additional_fee_rate', models.DecimalField(decimal_places=3, default=Decimal('0.5'), help_text='Of the face that is bought against, for each additional period begun.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='additional fee, %')),
                ('additional_fee_days', models.PositiveSmallIntegerField(default=10, help_text='Length of each additional period.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(730)], verbose_name='additional period, days')),
                ('minimum_fee', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('0'), help_text='An advance costs at least so much, however soon its buyer pays.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='minimum fee')),
                ('wire_fee', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('0'), help_text='Deducted from what is paid out on funding, once for each advance.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='wire fee')),
                ('late_fee_rate', models.DecimalField(decimal_places=3, default=Decimal('0'), help_text='Of the open balance, for each day after the days of grace until it is paid or bought back.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='late fee a day, %')),
                ('late_fee_grace_days', models.PositiveSmallIntegerField(default=10, help_text='Days past due before the late fee begins.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(730)], verbose_name='late fee grace, days')),
                ('late_fee_cap_pct', models.DecimalField(decimal_places=3, default=Decimal('10'), help_text='Of the face. The late fee ends there.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='late fee cap, %')),
                ('max_annual_rate_pct', models.DecimalField(decimal_places=2, default=Decimal('100'), help_text='Nothing is offered for an invoice whose estimated annual rate would be higher.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('1')), django.core.validators.MaxValueValidator(Decimal('1000'))], verbose_name='maximum annual rate, %')),
                ('recourse_days', models.PositiveSmallIntegerField(default=90, help_text='From the invoice date. The supplier buys back an invoice that is unpaid by then.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(730)], verbose_name='recourse, days')),
                ('offer_days', models.PositiveSmallIntegerField(default=7, help_text='After that an offer expires.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(730)], verbose_name='offer valid, days')),
                ('minimum_amount', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('100'), help_text='Smaller invoices are not bought.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='minimum amount')),
                ('max_age_at_purchase_days', models.PositiveSmallIntegerField(default=60, help_text='From the invoice date. Older invoices are not bought.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(730)], verbose_name='maximum age at purchase, days')),
                ('max_age_days', models.PositiveSmallIntegerField(default=90, help_text='Older invoices are ineligible, and no override changes that.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(730)], verbose_name='maximum age, days')),
                ('max_payment_terms_days', models.PositiveSmallIntegerField(default=60, help_text='From the invoice date to the due date, at most.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(730)], verbose_name='maximum payment terms, days')),
                ('min_days_to_due', models.PositiveSmallIntegerField(default=7, help_text='An invoice is due in at least so many days.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(730)], verbose_name='minimum days to due date, days')),
                ('cross_aging_days', models.PositiveSmallIntegerField(default=90, help_text="A buyer's older balances count as late.", validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(730)], verbose_name='cross-aging age, days')),
                ('cross_aging_pct', models.DecimalField(decimal_places=3, default=Decimal('25'), help_text="Of a buyer's balance. From this late share on, none of its invoices is bought.", max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0.001')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='cross-aging limit, %')),
                ('concentration_limit_pct', models.DecimalField(decimal_places=3, default=Decimal('25'), help_text="Of a supplier's eligible balance. What one buyer owes above it is ineligible.", max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0.001')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='concentration limit, %')),
                ('dilution_months', models.PositiveSmallIntegerField(default=3, help_text="Dilution is a buyer's credit memos over its invoices of so many months.", validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(24)], verbose_name='dilution over, months')),
                ('dilution_warning_pct', models.DecimalField(decimal_places=3, default=Decimal('5'), help_text="From here on the buyer's invoices carry a warning.", max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='dilution warning, %')),
                ('dilution_stop_pct', models.DecimalField(decimal_places=3, default=Decimal('10'), help_text="From here on none of the buyer's invoices is bought.", max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='dilution stop, %')),
                ('min_paid_invoices', models.PositiveSmallIntegerField(default=2, help_text='Of a buyer, before its first invoice is bought. Staff may override it.', validators=[django.core.validators.MaxValueValidator(100)], verbose_name='minimum paid invoices')),
                ('buyer_limit', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('50000'), help_text='Over all suppliers, where staff have set none.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='buyer limit')),
                ('supplier_limit', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('250000'), help_text='Over all buyers, where staff have set none.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='supplier limit')),
                ('pair_limit', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('50000'), help_text='Of one buyer with one supplier, where staff have set none.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='pair limit')),
                ('verify_first_invoice', models.BooleanField(default=True, help_text='A buyer confirms its first invoice.', verbose_name='verify first invoice')),
                ('verify_threshold', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('5000'), help_text='Buyers confirm invoices from this amount up.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='verification threshold')),
                ('verify_sample_pct', models.DecimalField(decimal_places=3, default=Decimal('20'), help_text='Of all other invoices, picked at random. Buyers confirm them.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='verification sample, %')),
                ('auto_offer_limit', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('0'), help_text='Requests up to this advance receive an offer automatically. 0: none do.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='automatic offer limit')),
                ('dual_control_threshold', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('10000'), help_text='A second person approves payouts and overrides from this amount up.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='dual control threshold')),
                ('nets_from_advances', models.BooleanField(default=True, help_text='What the supplier owes is deducted when an advance is paid out.', verbose_name='net from advances')),
                ('nets_from_rebates', models.BooleanField(default=True, help_text='What the supplier owes is deducted when an advance is settled.', verbose_name='net from rebates')),
                ('nets_from_surplus', models.BooleanField(default=True, help_text='What the supplier owes is deducted when a surplus is remitted.', verbose_name='net from surplus')),
            ],
            options={
                'verbose_name_plural': 'funding terms',
                'ordering': ['currency', '-valid_from', '-pk'],
                'permissions': [('set_terms', 'Can set the terms of financing')],
                'indexes': [models.Index(fields=['currency', 'supplier', '-valid_from'], name='terms_by_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('currency__in', ('AED', 'AFN', 'ALL', 'AMD', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHF', 'CLP', 'CNY', 'COP', 'CRC', 'CUP', 'CVE', 'CZK', 'DJF', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYU', 'UZS', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XCG', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW', 'ZWG'))), name='terms_currency_is_a_code'), models.CheckConstraint(condition=models.Q(('advance_rate__gt', 0), ('advance_rate__lte', 100)), name='terms_advance_rate_is_a_share'), models.CheckConstraint(condition=models.Q(('first_fee_days__gte', 1), ('additional_fee_days__gte', 1)), name='terms_periods_last'), models.CheckConstraint(condition=models.Q(('max_age_at_purchase_days__lte', models.F('max_age_days'))), name='terms_ages_in_order'), models.CheckConstraint(condition=models.Q(('dilution_warning_pct__lte', models.F('dilution_stop_pct'))), name='terms_dilution_in_order'), models.CheckConstraint(condition=models.Q(('minimum_fee__gte', 0), ('wire_fee__gte', 0), ('late_fee_rate__gte', 0)), name='terms_fees_not_below_zero'), models.CheckConstraint(condition=models.Q(('request', None), ('supplier__isnull', False), _connector='OR'), name='terms_of_a_deal_have_its_supplier')],
            },
        ),
        migrations.CreateModel(
            name='Eligibility',
            fields=[
                ('invoice', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='eligibility', serialize=False, to='invoices.invoice')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='suppliers.supplier')),
                ('terms', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.fundingterms')),
                ('as_of', models.DateField(help_text="The supplier's day of this assessment.")),
                ('decision', models.CharField(choices=[('eligible', 'Eligible'), ('needs_action', 'Needs action'), ('ineligible', 'Ineligible')], max_length=12)),
                ('face', infactor.core.money.MoneyField(decimal_places=2, help_text='The open balance that would be bought.', max_digits=18)),
                ('base', infactor.core.money.MoneyField(decimal_places=2, help_text='What of the face counts. 0 where it is ineligible.', max_digits=18)),
                ('advance', infactor.core.money.MoneyField(decimal_places=2, help_text='What would be paid out on funding.', max_digits=18)),
                ('deciding_rule', models.CharField(blank=True, help_text='The rule that decides, where the invoice is not eligible.', max_length=30)),
                ('next_change_on', models.DateField(help_text='The day on which time alone changes the decision.', null=True)),
                ('breakdown', models.JSONField(default=dict, help_text='The result of every rule, and every deduction.')),
                ('digest', models.BigIntegerField(default=0, editable=False, help_text='A hash of all this, to see changes.')),
                ('result_digest', models.BigIntegerField(default=0, editable=False, help_text='A hash of the result, without what was measured.')),
                ('known_from', models.DateTimeField(editable=False, help_text='Since when it has this result.')),
                ('assessed_since', models.DateTimeField(editable=False, help_text='When it was assessed first.')),
            ],
            options={
                'verbose_name_plural': 'eligibility',
                'indexes': [models.Index(fields=['supplier', 'decision'], name='eligibility_of_supplier')],
                'constraints': [models.CheckConstraint(condition=models.Q(('base__gte', 0), ('advance__gte', 0), ('advance__lte', models.F('base')), ('base__lt', 10000000000000000)), name='eligibility_amounts')],
            },
        ),
        migrations.CreateModel(
            name='AssessmentVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.DateField(help_text="The supplier's day of this assessment.")),
                ('decision', models.CharField(choices=[('eligible', 'Eligible'), ('needs_action', 'Needs action'), ('ineligible', 'Ineligible')], max_length=12)),
                ('face', infactor.core.money.MoneyField(decimal_places=2, help_text='The open balance that would be bought.', max_digits=18)),
                ('base', infactor.core.money.MoneyField(decimal_places=2, help_text='What of the face counts. 0 where it is ineligible.', max_digits=18)),
                ('advance', infactor.core.money.MoneyField(decimal_places=2, help_text='What would be paid out on funding.', max_digits=18)),
                ('deciding_rule', models.CharField(blank=True, help_text='The rule that decides, where the invoice is not eligible.', max_length=30)),
                ('next_change_on', models.DateField(help_text='The day on which time alone changes the decision.', null=True)),
                ('breakdown', models.BinaryField()),
                ('known_from', models.DateTimeField()),
                ('known_until', models.DateTimeField()),
                ('dictionary', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.compressiondictionary')),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assessment_versions', to='invoices.invoice')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='suppliers.supplier')),
                ('terms', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.fundingterms')),
            ],
            options={
                'ordering': ['invoice_id', 'pk'],
                'indexes': [django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['known_until'], name='assessment_version_by_age')],
                'constraints': [models.CheckConstraint(condition=models.Q(('known_until__gte', models.F('known_from'))), name='assessment_version_has_a_span')],
            },
        ),
        migrations.CreateModel(
            name='Limit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('debtor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='limits', to='invoices.debtor')),
                ('supplier', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='limits', to='suppliers.supplier')),
                ('currency', models.CharField(max_length=3, validators=[infactor.core.currencies.validate_currency])),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))])),
                ('reason', models.CharField(max_length=200)),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-set_at', '-pk'],
                'permissions': [('set_limits', 'Can set limits of buyers and suppliers')],
                'indexes': [models.Index(fields=['debtor', 'supplier', 'currency', '-set_at'], name='limit_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('debtor__isnull', False), ('supplier__isnull', False), _connector='OR'), name='limit_is_for_somebody'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('amount__lt', 10000000000000000)), name='limit_is_a_number'), models.CheckConstraint(condition=models.Q(('currency__in', ('AED', 'AFN', 'ALL', 'AMD', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHF', 'CLP', 'CNY', 'COP', 'CRC', 'CUP', 'CVE', 'CZK', 'DJF', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYU', 'UZS', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XCG', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW', 'ZWG'))), name='limit_currency_is_a_code')],
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('currency', models.CharField(max_length=3)),
                ('priced_on', models.DateField(help_text="The supplier's day of the assessment and the price.")),
                ('status', models.CharField(choices=[('proposed', "Ready for the supplier's decision"), ('accepted', 'Accepted'), ('declined', 'Declined'), ('expired', 'Expired'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=10)),
                ('offered_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('offered_by', models.ForeignKey(help_text='Empty: automatic.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='financing.financingrequest')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='suppliers.supplier')),
                ('terms', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.fundingterms')),
            ],
            options={
                'ordering': ['-offered_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('status', 'proposed')), fields=['expires_at'], name='offer_expiring')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('status', 'proposed')), models.Q(models.Q(('status', 'proposed'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='offer_decision_is_complete'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('offered_at'))), name='offer_expires_after_offer')],
            },
        ),
        migrations.CreateModel(
            name='Acceptance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('accepted_at', models.DateTimeField()),
                ('ip_address', models.GenericIPAddressField(null=True)),
                ('user_agent', models.CharField(blank=True, max_length=300)),
                ('disclosure', models.JSONField(help_text='The figures shown, amounts as text.')),
                ('disclosure_digest', models.CharField(max_length=64)),
                ('accepted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('terms', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.fundingterms')),
                ('offer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='acceptance', to='financing.offer')),
            ],
            options={
                'ordering': ['-accepted_at'],
            },
        ),
        migrations.CreateModel(
            name='Override',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('rule', models.CharField(max_length=30)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='suppliers.supplier')),
                ('invoice', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='invoices.invoice')),
                ('buyer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoices.buyer')),
                ('until', models.DateField(blank=True, help_text='The last day. Empty: until staff end it.', null=True)),
                ('reason', models.CharField(max_length=200)),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_at', models.DateTimeField()),
                ('approved_by', models.ForeignKey(help_text='The approver. Empty where one person set it alone.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-set_at', '-pk'],
                'permissions': [('override_rules', 'Can override a rule of eligibility')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('buyer__isnull', True), ('invoice__isnull', False)), models.Q(('buyer__isnull', False), ('invoice__isnull', True)), _connector='OR'), name='override_is_of_an_invoice_or_a_buyer'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='override_end_is_whole'), models.CheckConstraint(condition=models.Q(('approved_by', models.F('set_by')), _negated=True), name='override_by_two_people'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('invoice__isnull', False)), fields=('rule', 'invoice'), name='override_once_an_invoice'), models.UniqueConstraint(condition=models.Q(('buyer__isnull', False), ('ended_at__isnull', True)), fields=('rule', 'supplier', 'buyer'), name='override_once_a_buyer')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='RequestLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('waiting', 'Waiting for a price'), ('offered', 'Offered'), ('refused', 'Declined'), ('withdrawn', 'Withdrawn')], default='waiting', max_length=10)),
                ('previous_state', models.CharField(help_text='The state to which the invoice returns if it is not financed.', max_length=30)),
                ('face', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('base', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='request_lines', to='invoices.invoice')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='financing.financingrequest')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['request_id', 'pk'],
                'permissions': [('price_requests', 'Can make, decline and withdraw offers')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'waiting')), fields=('invoice',), name='one_open_request_per_invoice'), models.UniqueConstraint(fields=('request', 'invoice'), name='invoice_once_per_request'), models.CheckConstraint(condition=models.Q(('previous_state__in', ('invoice_created', 'invoice_accepted', 'ifactor_rejected', 'ifactor_proposal_rejected'))), name='request_line_previous_state'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('status', 'waiting')), models.Q(models.Q(('status', 'waiting'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='request_line_decision_is_complete'), models.CheckConstraint(condition=models.Q(('base__gt', 0), ('face__gte', models.F('base')), ('face__lt', 10000000000000000)), name='request_line_amounts')],
            },
        ),
        migrations.CreateModel(
            name='OfferLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', "Ready for the supplier's decision"), ('accepted', 'Accepted'), ('declined', 'Declined'), ('expired', 'Expired'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=10)),
                ('face', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('base', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('advance', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('reserve', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('fee_base', infactor.core.money.MoneyField(decimal_places=2, help_text='The part of the face that is bought against: the fee is charged on it.', max_digits=18)),
                ('deductions', models.JSONField(default=list, help_text='From face to base: [[deduction, amount], ...].')),
                ('recourse_on', models.DateField()),
                ('late_from', models.DateField(help_text='The first day for which a late fee is charged. Empty: never.', null=True)),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offer_lines', to='invoices.invoice')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='financing.offer')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
                ('request_line', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='offer_line', to='financing.requestline')),
            ],
            options={
                'ordering': ['offer_id', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('invoice',), name='one_open_offer_per_invoice'), models.CheckConstraint(condition=models.Q(('advance__gt', 0), ('base__gte', models.F('advance')), ('face__gte', models.F('base')), ('fee_base__gte', models.F('base')), ('face__gte', models.F('fee_base')), ('face__lt', 10000000000000000), ('reserve', django.db.models.expressions.CombinedExpression(models.F('face'), '-', models.F('advance')))), name='offer_line_amounts')],
            },
        ),
        migrations.CreateModel(
            name='Advance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('currency', models.CharField(max_length=3)),
                ('status', models.CharField(choices=[('accepted', 'Accepted, not funded'), ('funded', 'Funded'), ('collected', 'Buyer paid'), ('closed_short', 'Closed short'), ('settled', 'Settled'), ('repurchased', 'Repurchased'), ('written_off', 'Written off'), ('cancelled', 'Cancelled')], default='accepted', max_length=12)),
                ('face', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('base', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, help_text='Paid out at funding.', max_digits=18)),
                ('reserve', infactor.core.money.MoneyField(decimal_places=2, help_text='Held back until settlement.', max_digits=18)),
                ('fee_base', infactor.core.money.MoneyField(decimal_places=2, help_text='The part of the face that is bought against: the fee is charged on it.', max_digits=18)),
                ('recourse_on', models.DateField(help_text='If unpaid on this day, the supplier repurchases the invoice.')),
                ('late_from', models.DateField(help_text='The first day for which a late fee is charged. Empty: never.', null=True)),
                ('accepted_at', models.DateTimeField()),
                ('funded_on', models.DateField(help_text="Value date of the payout.", null=True)),
                ('collected_on', models.DateField(help_text='Value date on which nothing was outstanding any more.', null=True)),
                ('ended_on', models.DateField(null=True)),
                ('fee', infactor.core.money.MoneyField(decimal_places=2, help_text='Kept on closing: the fee for the days, and the late fee.', max_digits=18, null=True)),
                ('late_fee', infactor.core.money.MoneyField(decimal_places=2, help_text='The part of the fee that is a late fee.', max_digits=18, null=True)),
                ('fee_days', models.PositiveIntegerField(null=True)),
                ('rebate', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('buyer', models.ForeignKey(help_text='The root customer.', on_delete=django.db.models.deletion.PROTECT, related_name='advances', to='invoices.buyer')),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='advances', to='invoices.invoice')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='advances', to='suppliers.supplier')),
                ('terms', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.fundingterms')),
                ('offer_line', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='resulting_advance', to='financing.offerline')),
            ],
            options={
                'ordering': ['-accepted_at', '-pk'],
                'permissions': [('fund_advances', 'Can pay out advances'), ('settle_advances', 'Can settle, repurchase and write off'), ('charge_suppliers', 'Can make a supplier owe what its buyer does not pay')],
                'indexes': [models.Index(fields=['supplier', 'status'], name='advance_by_supplier_status')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'cancelled'), _negated=True), fields=('invoice',), name='one_advance_per_invoice'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('base__gte', models.F('amount')), ('face__gte', models.F('base')), ('fee_base__gte', models.F('base')), ('face__gte', models.F('fee_base')), ('face__lt', 10000000000000000), ('reserve', django.db.models.expressions.CombinedExpression(models.F('face'), '-', models.F('amount')))), name='advance_amounts'), models.CheckConstraint(condition=models.Q(models.Q(('funded_on__isnull', True), ('status', 'accepted')), ('status', 'cancelled'), models.Q(models.Q(('status__in', ['accepted', 'cancelled']), _negated=True), ('funded_on__isnull', False)), _connector='OR'), name='advance_funded_has_date'), models.CheckConstraint(condition=models.Q(models.Q(('ended_on__isnull', False), ('fee__gte', models.F('late_fee')), ('late_fee__gte', 0), ('status__in', ['settled', 'repurchased', 'written_off'])), models.Q(models.Q(('status__in', ['settled', 'repurchased', 'written_off']), _negated=True), ('ended_on__isnull', True), ('fee__isnull', True), ('late_fee__isnull', True), ('rebate__isnull', True)), _connector='OR'), name='advance_closing_is_complete'), models.CheckConstraint(condition=models.Q(('collected_on__isnull', False), models.Q(('status__in', ['collected', 'closed_short']), _negated=True), _connector='OR'), name='advance_collected_has_date')],
            },
        ),
        migrations.CreateModel(
            name='PayoutBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('house_account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payout_batches', to='banking.houseaccount')),
                ('currency', models.CharField(max_length=3)),
                ('format', models.CharField(max_length=10)),
                ('status', models.CharField(choices=[('made', 'To be exported'), ('exported', 'Exported'), ('withdrawn', 'Withdrawn')], default='made', max_length=10)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_at', models.DateTimeField()),
                ('execution_day', models.DateField(help_text='The day on which the bank is asked to pay.', null=True)),
                ('exported_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('exported_at', models.DateTimeField(null=True)),
                ('file_name', models.CharField(blank=True, max_length=100, verbose_name='file')),
                ('content_type', models.CharField(blank=True, max_length=60)),
                ('content', infactor.core.fields.EncryptedTextField(blank=True, help_text='The file in base64. Deleted when the batch is withdrawn.')),
                ('digest', models.CharField(blank=True, max_length=64, verbose_name='SHA-256 of the file')),
                ('control_sum', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('count', models.PositiveIntegerField(default=0, verbose_name='payouts in the file')),
                ('exported_payouts', models.JSONField(default=list, help_text='Keys of the payouts in the file.')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='why it was withdrawn')),
                ('reinstated_at', models.DateTimeField(help_text='When somebody said that the bank had its file after all. The file is deleted since.', null=True)),
            ],
            options={
                'verbose_name': 'payout batch',
                'verbose_name_plural': 'payout batches',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('content', ''), ('exported_at', None), ('exported_by', None), ('status', 'made'), ('withdrawn_at', None)), models.Q(('exported_at__isnull', False), ('exported_by__isnull', False), ('status', 'exported'), ('withdrawn_at', None), ('control_sum__gt', 0), ('count__gt', 0), ('digest__regex', '^[0-9a-f]{64}$'), ('execution_day__isnull', False), models.Q(models.Q(('content', ''), _negated=True), ('reinstated_at__isnull', False), _connector='OR'), models.Q(('file_name', ''), _negated=True)), models.Q(('content', ''), ('status', 'withdrawn'), ('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='payout_batch_is_complete')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Payee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=200, verbose_name='legal name')),
                ('service', models.CharField(choices=[('attorney', 'Attorney'), ('agency', 'Collection agency'), ('other', 'Other service')], max_length=10)),
                ('business_type', models.CharField(choices=[('unknown', 'Not known yet'), ('individual', 'Individual, sole proprietor or single-member LLC'), ('partnership', 'Partnership, or an LLC taxed as one'), ('corporation', 'C or S corporation, or an LLC taxed as one'), ('trust', 'Trust or estate'), ('exempt', 'Tax-exempt organization or public body')], default='unknown', max_length=12)),
                ('country', models.CharField(help_text='Two letters, as ISO 3166 has them.', max_length=2)),
                ('address_line1', models.CharField(blank=True, max_length=200, verbose_name='address')),
                ('address_line2', models.CharField(blank=True, max_length=200, verbose_name='address, second line')),
                ('city', models.CharField(blank=True, max_length=100)),
                ('region', models.CharField(blank=True, max_length=100, verbose_name='state or region')),
                ('postal_code', models.CharField(blank=True, max_length=20, verbose_name='ZIP or postal code')),
                ('tin_type', models.CharField(blank=True, choices=[('ssn', 'SSN'), ('ein', 'EIN'), ('itin', 'ITIN')], max_length=4, verbose_name='kind of number')),
                ('tin', infactor.core.fields.EncryptedTextField(blank=True, help_text='Nine digits.', verbose_name='taxpayer identification number')),
                ('last4', models.CharField(blank=True, max_length=4, verbose_name='last four')),
                ('fingerprint', infactor.core.fields.FingerprintField(blank=True, help_text='Equal for equal numbers.', max_length=64)),
                ('w9_received_on', models.DateField(blank=True, null=True, verbose_name='W-9 on file since')),
                ('entered_at', models.DateTimeField()),
                ('joined_at', models.DateTimeField(null=True)),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('joined_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('joined_into', models.ForeignKey(help_text='The same payee under another name, whose details count for both.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='joined', to='financing.payee', verbose_name='joined with')),
            ],
            options={
                'ordering': ['name', 'pk'],
                'permissions': [('export_payee_tins', 'Can take the numbers of payees out as a file for Forms 1099')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), ('country__regex', '^[A-Z]{2}$')), name='payee_named'), models.CheckConstraint(condition=models.Q(models.Q(('fingerprint', ''), ('last4', ''), ('tin', ''), ('tin_type', '')), models.Q(models.Q(('tin', ''), _negated=True), models.Q(('tin_type', ''), _negated=True), models.Q(('fingerprint', ''), _negated=True), ('last4__regex', '^[0-9]{4}$')), _connector='OR'), name='payee_tin_complete'), models.CheckConstraint(condition=models.Q(models.Q(('joined_at', None), ('joined_by', None), ('joined_into', None)), models.Q(('joined_at__isnull', False), ('joined_by__isnull', False), ('joined_into__isnull', False), models.Q(('joined_into', models.F('pk')), _negated=True)), _connector='OR'), name='payee_joined_by_whom'), models.UniqueConstraint(condition=models.Q(('fingerprint', ''), _negated=True), fields=('fingerprint',), name='payee_tin_once')],
            },
        ),
        migrations.CreateModel(
            name='PayeeAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('holder', models.CharField(max_length=140, verbose_name='account holder')),
                ('bank_name', models.CharField(max_length=140)),
                ('country', models.CharField(max_length=2, verbose_name='country of the bank')),
                ('account_number', infactor.core.fields.EncryptedTextField(help_text='An IBAN where the country has them, else the local number.')),
                ('routing_number', infactor.core.fields.EncryptedTextField(blank=True)),
                ('last4', models.CharField(max_length=4, verbose_name='last four')),
                ('fingerprint', infactor.core.fields.FingerprintField(db_index=True, help_text='Equal for equal accounts.', max_length=64)),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entered_at', models.DateTimeField()),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('changed_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('proof', models.CharField(blank=True, choices=[('letter', 'Bank letter'), ('call', 'Call-back'), ('micro', 'Micro-deposits')], max_length=6, verbose_name='proved by')),
                ('proof_document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document', verbose_name='bank letter')),
                ('proof_phone', models.CharField(blank=True, max_length=40, verbose_name='number called')),
                ('proof_note', models.CharField(blank=True, max_length=1000, verbose_name='note of the proof')),
            ],
            options={
                'verbose_name': 'account of a payer',
                'verbose_name_plural': 'accounts of payers',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('changed_at', None), ('changed_by', None)), models.Q(('changed_at__isnull', False), ('changed_by__isnull', False)), _connector='OR'), name='payee_account_changed_by_whom'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), models.Q(('confirmed_by', models.F('entered_by')), _negated=True), models.Q(('changed_by', None), models.Q(('confirmed_by', models.F('changed_by')), _negated=True), _connector='OR')), _connector='OR'), name='payee_account_confirmed_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_by', None), ('proof', ''), ('proof_document', None), ('proof_note', ''), ('proof_phone', '')), models.Q(('confirmed_by__isnull', False), models.Q(models.Q(('proof', 'letter'), ('proof_document__isnull', False), ('proof_phone', '')), models.Q(('proof', 'call'), ('proof_document', None), models.Q(('proof_phone', ''), _negated=True), models.Q(('proof_note', ''), _negated=True)), models.Q(('proof', 'micro'), ('proof_document', None), ('proof_phone', '')), _connector='OR')), _connector='OR'), name='payee_account_confirmed_on_a_proof'), models.CheckConstraint(condition=models.Q(('country__regex', '^[A-Z]{2}$'), ('last4__regex', '^.{4}$'), models.Q(('holder', ''), _negated=True), models.Q(('bank_name', ''), _negated=True), models.Q(('account_number', ''), _negated=True), models.Q(('fingerprint', ''), _negated=True)), name='payee_account_complete')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='MicroDeposits',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('status', models.CharField(choices=[('sent', 'Waiting for the amounts'), ('matched', 'The amounts were right'), ('failed', 'Wrong amounts too often'), ('ended', 'Ended without an answer')], default='sent', max_length=7)),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='wrong tries')),
                ('sent_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='micro_deposits', to='suppliers.bankaccount')),
                ('answered_by', models.ForeignKey(help_text='Who entered them.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'micro-deposits',
                'verbose_name_plural': 'micro-deposits',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'sent')), fields=('account',), name='micro_deposits_one_pair_at_once'), models.CheckConstraint(condition=models.Q(('tries__lte', 3)), name='micro_deposits_few_tries'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('status__in', ['matched', 'failed'])), models.Q(('answered_at', None), ('answered_by', None), ('status__in', ['sent', 'ended'])), _connector='OR'), name='micro_deposits_answered_by_whom')],
            },
        ),
        migrations.CreateModel(
            name='Payout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('supplier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='suppliers.supplier')),
                ('purpose', models.CharField(choices=[('advance', 'Advance'), ('rebate', 'Rebate'), ('surplus', 'Surplus'), ('refund', 'Refund to a payer'), ('micro', 'Micro-deposit')], max_length=10)),
                ('advance', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='financing.advance')),
                ('micro_deposits', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='financing.microdeposits')),
                ('bank_account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.bankaccount')),
                ('payee_account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='financing.payeeaccount')),
                ('currency', models.CharField(max_length=3)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('value_date', models.DateField(help_text='The day of the decision to pay.')),
                ('status', models.CharField(choices=[('prepared', 'Prepared, to be approved'), ('approved', 'Approved, to be sent'), ('sent', 'Sent, not confirmed yet'), ('confirmed', 'Confirmed by the bank'), ('returned', 'Returned by the bank'), ('stopped', 'Stopped before it was sent'), ('replaced', 'Prepared again as another'), ('cancelled', 'Not owed any more')], default='prepared', max_length=10)),
                ('prepared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('prepared_at', models.DateTimeField()),
                ('approved_by', models.ForeignKey(help_text='The second person.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approved_at', models.DateTimeField(null=True)),
                ('batch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='financing.payoutbatch')),
                ('debit_line', models.ForeignKey(help_text="The line of the bank's statement that took it from the account.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='debited_payouts', to='banking.statementline')),
                ('debited_on', models.DateField(null=True)),
                ('credit_line', models.OneToOneField(help_text="The line of the bank's statement with which it came back.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credited_payout', to='banking.statementline')),
                ('credited_on', models.DateField(null=True)),
                ('came_back_late', models.BooleanField(default=False, help_text='It had failed already when the bank debited it, and gave it back.')),
                ('without_netting', models.BooleanField(default=False, help_text='Nothing that the supplier owed was deducted: the terms, or a person, said so.')),
                ('reclaimed_on', models.DateField(help_text='The settlement that it belonged to was undone: the supplier owes what it was paid.', null=True)),
                ('failed_on', models.DateField(help_text='The day on which it was returned, stopped or cancelled.', null=True)),
                ('failure_reason', models.CharField(blank=True, max_length=300)),
                ('return_code', models.CharField(blank=True, help_text="The bank's code, like R03 or AC04.", max_length=4)),
                ('replaces', models.OneToOneField(help_text='The payout that did not arrive, which this one replaces.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='financing.payout')),
            ],
            options={
                'verbose_name': 'payout',
                'ordering': ['-value_date', '-pk'],
                'permissions': [('export_payouts', 'Can put payouts into batches and export them for the bank')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lt', 10000000000000000)), name='payout_amount_in_range'), models.CheckConstraint(condition=models.Q(('approved_by', models.F('prepared_by')), _negated=True), name='payout_by_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', True), ('approved_by__isnull', True)), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='payout_approval_is_complete'), models.CheckConstraint(condition=models.Q(('approved_by__isnull', False), ('status__in', ['prepared', 'stopped', 'replaced', 'cancelled']), _connector='OR'), name='payout_is_approved_before_it_is_sent'), models.CheckConstraint(condition=models.Q(models.Q(('batch__isnull', False), ('status__in', ['sent', 'confirmed', 'returned'])), models.Q(('batch__isnull', True), ('status__in', ['prepared', 'stopped'])), ('status__in', ['approved', 'replaced', 'cancelled']), _connector='OR'), name='payout_leaves_in_a_batch'), models.CheckConstraint(condition=models.Q(models.Q(('bank_account', None), ('payee_account__isnull', False), ('purpose', 'refund'), ('supplier', None), ('micro_deposits', None)), models.Q(('bank_account__isnull', False), ('payee_account', None), ('purpose', 'micro'), ('supplier', None), ('micro_deposits__isnull', False)), models.Q(models.Q(('purpose__in', ['refund', 'micro']), _negated=True), ('bank_account__isnull', False), ('micro_deposits', None), ('payee_account', None), ('supplier__isnull', False)), _connector='OR'), name='payout_has_a_payee'), models.UniqueConstraint(condition=models.Q(('advance__isnull', False), ('reclaimed_on__isnull', True), ('status__in', ['prepared', 'approved', 'sent', 'confirmed', 'returned', 'stopped'])), fields=('advance', 'purpose'), name='one_payout_per_advance_purpose'), models.CheckConstraint(condition=models.Q(models.Q(('failed_on__isnull', True), ('status__in', ['prepared', 'approved', 'sent', 'confirmed'])), models.Q(('failed_on__isnull', False), ('status__in', ['returned', 'stopped', 'replaced', 'cancelled'])), _connector='OR'), name='payout_failure_has_date'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('debit_line__isnull', True), ('debited_on__isnull', True)), models.Q(('batch__isnull', False), ('debit_line__isnull', False), ('debited_on__isnull', False)), _connector='OR'), models.Q(models.Q(('credit_line__isnull', True), ('credited_on__isnull', True)), models.Q(('credit_line__isnull', False), ('credited_on__isnull', False), ('debited_on__isnull', False)), _connector='OR')), name='payout_is_debited_before_it_comes_back'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'confirmed'), _negated=True), models.Q(('credited_on__isnull', True), ('debited_on__isnull', False)), _connector='OR'), name='payout_is_confirmed_by_a_line'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['prepared', 'approved', 'sent', 'stopped']), _negated=True), ('debited_on__isnull', True), _connector='OR'), name='payout_is_debited_after_it_was_sent')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='CollectionAllocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('advance', "Buyer's payment of a financed invoice"), ('recovery', 'Recovered after write-off'), ('fee', 'Fee recovered after write-off'), ('late_fee', 'Late fee recovered after write-off'), ('cost', 'Collection costs recovered after write-off'), ('due', 'What the supplier owed'), ('payable', 'Surplus that belongs to the supplier')], max_length=10)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('allocated_at', models.DateTimeField()),
                ('reversed_at', models.DateTimeField(null=True)),
                ('advance', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='financing.advance')),
                ('collection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='financing.collection')),
                ('allocated_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'verbose_name': 'allocation',
                'ordering': ['collection_id', 'position'],
                'constraints': [models.UniqueConstraint(fields=('collection', 'position'), name='allocation_once_per_position'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lt', 10000000000000000)), name='allocation_amount_in_range'), models.CheckConstraint(condition=models.Q(models.Q(('advance__isnull', False), ('kind__in', ['advance', 'recovery', 'fee', 'late_fee', 'cost'])), ('kind__in', ['due', 'payable']), _connector='OR'), name='allocation_has_advance')],
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(choices=[('fund', 'Pay out an advance'), ('settle', 'Settle and release the reserve'), ('remit', 'Remit surplus'), ('resend', 'Resend a payout'), ('write_off', 'Write off'), ('short', 'Accept a short payment'), ('repurchase', 'Demand a repurchase'), ('correction', 'Correct the books'), ('refund', 'Refund a payer'), ('cost', 'Pay a collection cost'), ('offer', 'Make an offer with terms of its own'), ('override', 'Override a rule'), ('limit', 'Set a limit'), ('terms', 'Set new terms'), ('check', 'Change what approval needs'), ('reopen', 'Reopen a closed month')], max_length=10)),
                ('subject', models.CharField(help_text='Key of the object, for instance advance:17.', max_length=60)),
                ('currency', models.CharField(max_length=3)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('arguments', models.JSONField(default=dict)),
                ('summary', models.CharField(help_text='The action in words, with its figures.', max_length=300)),
                ('requested_at', models.DateTimeField()),
                ('decision', models.CharField(blank=True, choices=[('approved', 'Approved'), ('rejected', 'Rejected')], max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-requested_at', '-pk'],
                'permissions': [('approve_money_out', 'Can approve as the second person')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('decided_at__isnull', True)), fields=('kind', 'subject'), name='one_open_approval_per_subject'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('decision', '')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('decision', ''), _negated=True)), _connector='OR'), name='approval_decision_is_complete'), models.CheckConstraint(condition=models.Q(models.Q(('decision', 'approved'), _negated=True), models.Q(('decided_by', models.F('requested_by')), _negated=True), _connector='OR'), name='approval_by_two_people')],
            },
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('dispute', 'Dispute'), ('recourse', 'Recourse date reached'), ('changed', 'Changed after funding'), ('misdirected', 'Payment to the supplier'), ('bankrupt', 'Buyer bankrupt')], max_length=20)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='suppliers.supplier')),
                ('advance', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='financing.advance')),
                ('reason', models.CharField(max_length=500)),
                ('severity', models.CharField(blank=True, choices=[('minor', 'Minor'), ('severe', 'Severe')], max_length=6)),
                ('differences', models.JSONField(default=list, editable=False)),
                ('settled_differences', models.JSONField(default=list, editable=False)),
                ('revision', models.PositiveIntegerField(default=1, editable=False)),
                ('opened_by', models.ForeignKey(help_text='Empty: the system.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_at', models.DateTimeField(help_text='The last time: a case may be reopened.')),
                ('promised_at', models.DateTimeField(help_text='When the supplier said that it will forward the money.', null=True)),
                ('promised_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('promised_amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('forward_by', models.DateField(help_text='The last day for the money to arrive.', null=True)),
                ('hold_released_at', models.DateTimeField(null=True)),
                ('hold_released_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('hold_release_reason', models.CharField(blank=True, max_length=500)),
                ('outcome', models.CharField(blank=True, choices=[('upheld', 'Upheld'), ('rejected', 'Rejected'), ('ended', 'Closed with the advance'), ('accepted', 'Accepted as it is'), ('explained', 'Explained'), ('restored', 'As bought again'), ('forwarded', 'The supplier forwarded it')], max_length=10)),
                ('conclusion', models.CharField(blank=True, max_length=500)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-opened_at', '-pk'],
                'permissions': [('resolve_disputes', 'Can open and close cases')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('advance', 'kind'), name='one_open_case_per_kind'), models.UniqueConstraint(condition=models.Q(('kind__in', ('changed', 'misdirected', 'bankrupt'))), fields=('advance', 'kind'), name='one_watched_case_per_kind'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('outcome', '')), models.Q(('closed_at__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='case_closing_is_complete'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('changed', 'misdirected', 'bankrupt')), ('severity__in', ['minor', 'severe'])), models.Q(models.Q(('kind__in', ('changed', 'misdirected', 'bankrupt')), _negated=True), ('severity', '')), _connector='OR'), name='watched_case_has_severity'), models.CheckConstraint(condition=models.Q(models.Q(('forward_by', None), ('promised_amount', None), ('promised_at', None), ('promised_by', None)), models.Q(('forward_by__isnull', False), ('kind', 'misdirected'), ('promised_amount__gt', 0), ('promised_at__isnull', False), ('promised_by__isnull', False)), _connector='OR'), name='promise_is_complete'), models.CheckConstraint(condition=models.Q(models.Q(('hold_release_reason', ''), ('hold_released_at', None), ('hold_released_by', None)), models.Q(('hold_released_at__isnull', False), ('hold_released_by__isnull', False), models.Q(('hold_release_reason', ''), _negated=True)), _connector='OR'), name='hold_release_is_complete')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='PurchasedInvoice',
            fields=[
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('advance', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='purchase', serialize=False, to='financing.advance')),
                ('number', models.CharField(blank=True, max_length=100)),
                ('currency', models.CharField(max_length=3)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('balance', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('tax_amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('deposit', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('txn_date', models.DateField(null=True)),
                ('due_on', models.DateField(help_text='Our calendar keeps it, whatever the books say later.', null=True)),
                ('customer_reference', models.CharField(blank=True, max_length=64)),
                ('books_status', models.CharField(max_length=12)),
                ('lines', models.JSONField(default=list)),
                ('payments', models.JSONField(default=list)),
                ('open_credit', infactor.core.money.MoneyField(decimal_places=2, default=0, max_digits=18)),
                ('taken_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__lt', 10000000000000000), ('balance__lt', 10000000000000000), ('open_credit__gte', 0)), name='purchase_amounts_are_numbers')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='BooksWatch',
            fields=[
                ('supplier', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='books_watch', serialize=False, to='suppliers.supplier')),
                ('books_revision', models.PositiveBigIntegerField(default=0)),
                ('own_version', models.PositiveBigIntegerField(default=0, help_text='The requested version of eligibility: every collection, closing and mark raises it.')),
                ('look_again_at', models.DateTimeField(help_text='When something waits for a day or for a late object.', null=True)),
                ('watched_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='DebtorMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('debtor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='invoices.debtor')),
                ('kind', models.CharField(choices=[('watch', 'Watch'), ('do_not_buy', 'Do not buy'), ('bankrupt', 'Bankrupt')], max_length=10)),
                ('reason', models.CharField(max_length=300)),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_at', models.DateTimeField()),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['-set_at', '-pk'],
                'permissions': [('mark_debtors', 'Can mark debtors as do not buy, bankrupt or watch')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('debtor',), name='one_mark_of_a_debtor_in_force'), models.CheckConstraint(condition=models.Q(('kind__in', ['watch', 'do_not_buy', 'bankrupt']), models.Q(('reason', ''), _negated=True)), name='mark_says_what_and_why'), models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), models.Q(('end_reason', ''), _negated=True)), _connector='OR'), name='mark_end_is_whole')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('status', models.CharField(choices=[('sent', 'Sent'), ('acknowledged', 'Acknowledged'), ('released', 'Released'), ('fulfilled', 'Paid')], default='sent', max_length=12)),
                ('facts', models.JSONField()),
                ('facts_digest', models.CharField(help_text='SHA-256 of what the buyer is told.', max_length=64)),
                ('to', models.EmailField(max_length=254, verbose_name='sent to')),
                ('reply_to', models.EmailField(blank=True, max_length=254)),
                ('sent_at', models.DateTimeField()),
                ('last_sent_at', models.DateTimeField()),
                ('reminders', models.PositiveSmallIntegerField(default=0)),
                ('opened_at', models.DateTimeField(null=True)),
                ('links', models.JSONField(editable=False)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('channel', models.CharField(blank=True, choices=[('link', 'By the link'), ('phone', 'By phone'), ('letter', 'By letter')], max_length=6)),
                ('acknowledged_name', models.CharField(blank=True, max_length=150)),
                ('acknowledged_from', models.GenericIPAddressField(null=True)),
                ('user_agent', models.CharField(blank=True, max_length=300, verbose_name='browser')),
                ('ended_at', models.DateTimeField(null=True)),
                ('release_reason', models.CharField(blank=True, choices=[('payout_failed', 'The payout failed'), ('repurchased', 'The supplier bought the invoice back'), ('payment_returned', "The buyer's payment was returned after settlement"), ('given_up', 'Written off, and no longer claimed')], max_length=20)),
                ('advance', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='financing.advance')),
                ('agreement', models.ForeignKey(help_text='By which the supplier consented to the notice.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.agreementacceptance')),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='invoices.invoice')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='suppliers.supplier')),
            ],
            options={
                'verbose_name': 'notice of assignment',
                'verbose_name_plural': 'notices of assignment',
                'ordering': ['-pk'],
                'permissions': [('handle_notices', 'Can send notices again, record acknowledgements and release buyers')],
                'indexes': [models.Index(condition=models.Q(('status', 'sent')), fields=['last_sent_at'], name='notice_unacknowledged')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ('sent', 'acknowledged'))), fields=('invoice',), name='one_valid_notice_per_invoice'), models.UniqueConstraint(condition=models.Q(('status', 'released'), _negated=True), fields=('advance',), name='one_unreleased_notice_per_advance'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('release_reason', ''), ('status__in', ('sent', 'acknowledged'))), models.Q(('ended_at__isnull', False), ('release_reason', ''), ('status', 'fulfilled')), models.Q(('ended_at__isnull', False), ('status', 'released'), models.Q(('release_reason', ''), _negated=True)), _connector='OR'), name='notice_end_fits_status'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'sent'), ('acknowledged_at', None), ('acknowledged_from', None), ('acknowledged_name', ''), ('channel', ''), ('recorded_by', None), ('user_agent', '')), models.Q(('acknowledged_at__isnull', False), ('status', 'acknowledged')), ('status__in', ['released', 'fulfilled']), _connector='OR'), name='notice_acknowledgement_fits_status'), models.CheckConstraint(condition=models.Q(models.Q(('acknowledged_at', None), ('acknowledged_from', None), ('acknowledged_name', ''), ('channel', ''), ('recorded_by', None), ('user_agent', '')), models.Q(('acknowledged_at__isnull', False), ('channel', 'link'), ('recorded_by', None), models.Q(('acknowledged_name', ''), _negated=True)), models.Q(('acknowledged_at__isnull', False), ('acknowledged_from', None), ('channel__in', ['phone', 'letter']), ('recorded_by__isnull', False), ('user_agent', ''), models.Q(('acknowledged_name', ''), _negated=True)), _connector='OR'), name='notice_acknowledgement_is_complete'), models.CheckConstraint(condition=models.Q(('last_sent_at__gte', models.F('sent_at')), ('reminders__lte', 2), models.Q(('to', ''), _negated=True), models.Q(('facts_digest', ''), _negated=True), models.Q(('links', []), _negated=True)), name='notice_is_sent')],
            },
        ),
        migrations.CreateModel(
            name='CollectionCost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('advance', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='collection_costs', to='financing.advance')),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('value_date', models.DateField()),
                ('payee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='costs', to='financing.payee')),
                ('reason', models.CharField(max_length=300)),
                ('paid_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('paid_at', models.DateTimeField()),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('debit_line', models.ForeignKey(help_text="The line of the bank's statement that confirms it.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='debited_costs', to='banking.statementline')),
                ('debited_on', models.DateField(null=True)),
                ('credit_line', models.OneToOneField(help_text="The line of the bank's statement with which it came back.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credited_cost', to='banking.statementline')),
                ('credited_on', models.DateField(null=True)),
                ('cancelled_on', models.DateField(help_text='It is no cost any more: it was not paid, or it came back.', null=True)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lt', 10000000000000000)), name='cost_amount_in_range'), models.CheckConstraint(condition=models.Q(('approved_by', models.F('paid_by')), _negated=True), name='cost_by_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('debit_line', None), ('debited_on', None)), models.Q(('debit_line__isnull', False), ('debited_on__isnull', False)), _connector='OR'), name='cost_debit_is_complete'), models.CheckConstraint(condition=models.Q(models.Q(('cancelled_on', None), ('credit_line', None), ('credited_on', None)), models.Q(('cancelled_on__isnull', False), ('credit_line', None), ('credited_on', None), ('debited_on', None)), models.Q(('cancelled_on__isnull', False), ('credit_line__isnull', False), ('credited_on__isnull', False), ('debited_on__isnull', False)), _connector='OR'), name='cost_is_debited_before_it_comes_back')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('unmatch', 'Payment unmatched'), ('value_date', 'Value date of a payment changed'), ('amount', 'Amount of a payment changed'), ('withdrawal', 'Payment withdrawn: it was none'), ('settlement', 'Settlement opened again'), ('short', 'Short payment taken back'), ('repurchase', 'Repurchase taken back'), ('write_off', 'Write-off taken back'), ('funding', 'Funding taken back'), ('cost', 'Collection cost taken back'), ('return', 'Return of a payment taken back'), ('refund', 'Return of a refund taken back')], max_length=12)),
                ('currency', models.CharField(max_length=3)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, help_text='How much was undone or changed.', max_digits=18)),
                ('change', models.CharField(help_text='What is different now, in words.', max_length=200)),
                ('reason', models.CharField(max_length=300)),
                ('references', models.JSONField(default=list)),
                ('made_at', models.DateTimeField()),
                ('advance', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='financing.advance')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('collection', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='financing.collection')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('advance__isnull', True), ('collection__isnull', False)), models.Q(('advance__isnull', False), ('collection__isnull', True)), _connector='OR'), name='correction_is_of_one_thing'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('references', []), _negated=True)), name='correction_says_why'), models.CheckConstraint(condition=models.Q(('approved_by', models.F('made_by')), _negated=True), name='correction_by_two_people')],
            },
        ),
        migrations.CreateModel(
            name='Netting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('advance', 'Advance'), ('rebate', 'Rebate'), ('surplus', 'Surplus')], max_length=10)),
                ('currency', models.CharField(max_length=3)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('value_date', models.DateField()),
                ('netted_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(help_text='With the settlement or the funding that it belonged to.', null=True)),
                ('advance', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='nettings', to='financing.advance')),
                ('netted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='nettings', to='suppliers.supplier')),
                ('payout', models.ForeignKey(help_text='The payout that did not arrive, of which it was deducted when that was prepared again.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='nettings', to='financing.payout')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lt', 10000000000000000)), name='netting_amount_in_range'), models.CheckConstraint(condition=models.Q(models.Q(('advance__isnull', True), ('source', 'surplus')), models.Q(models.Q(('source', 'surplus'), _negated=True), ('advance__isnull', False)), _connector='OR'), name='netting_names_its_advance'), models.UniqueConstraint(condition=models.Q(('payout__isnull', True), ('undone_at__isnull', True)), fields=('advance', 'source'), name='one_netting_per_advance_source')],
            },
        ),
        migrations.CreateModel(
            name='SentPayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('currency', models.CharField(max_length=3)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('sent_on', models.DateField(help_text='The day on which the supplier gave the order to its bank.')),
                ('reference', models.CharField(help_text='What the supplier wrote as reference of the transfer.', max_length=140)),
                ('said_at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('received', 'Received'), ('not_received', 'Not received')], max_length=12)),
                ('ended_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, help_text='Why staff closed it without a payment.', max_length=300)),
                ('advance', models.ForeignKey(help_text='Empty: for all that is owed.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sent_payments', to='financing.advance')),
                ('collection', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sent_payments', to='financing.collection')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('said_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sent_payments', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-said_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('supplier', 'currency', 'advance'), name='one_open_word_for_each_debt', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('amount__gt', 0), models.Q(('reference', ''), _negated=True)), name='sent_payment_says_what'), models.CheckConstraint(condition=models.Q(models.Q(('collection__isnull', True), ('ended_at__isnull', True), ('ended_by__isnull', True), ('outcome', '')), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='sent_payment_end_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('collection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='financing.collection')),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('value_date', models.DateField()),
                ('reason', models.CharField(max_length=300)),
                ('payout', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='refund', to='financing.payout')),
                ('failed_on', models.DateField(help_text='It did not arrive: the money waits to be matched again.', null=True)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lt', 10000000000000000)), name='refund_amount_in_range'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='refund_says_why')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='LineProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(choices=[('booked', 'It is in the books already'), ('advances', 'It pays invoices'), ('none', 'Nothing fits')], max_length=10)),
                ('is_certain', models.BooleanField(default=False)),
                ('score', models.PositiveSmallIntegerField(default=0)),
                ('targets', models.JSONField(default=list)),
                ('entries', models.JSONField(default=list)),
                ('reasons', models.JSONField(default=list)),
                ('looks_like', models.JSONField(default=list)),
                ('found_at', models.DateTimeField()),
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='proposal', to='banking.statementline')),
            ],
            options={
                'ordering': ['-score', 'line_id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('is_certain', False), models.Q(('kind', 'advances'), ('looks_like', []), models.Q(('targets', []), _negated=True)), _connector='OR'), name='certain_proposal_pays_invoices')],
            },
        ),
        migrations.CreateModel(
            name='MatchingRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(choices=[('find', 'Find what the lines are for'), ('accept', 'Accept the certain lines')], max_length=10)),
                ('requested_at', models.DateTimeField()),
                ('total', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('left_open', models.PositiveIntegerField(default=0, help_text='Lines that turned out not to be certain.')),
                ('last_line', models.BigIntegerField(default=0, help_text='The last line that is done: a run goes on from there.')),
                ('claimed_until', models.DateTimeField(help_text='Until then one worker has it.', null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('finished_at', None)), fields=('kind',), name='one_matching_run_of_a_kind_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='MonthlyStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('announced_at', models.DateTimeField()),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='monthly_statements', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-month', 'supplier_id'],
                'constraints': [models.UniqueConstraint(fields=('supplier', 'month'), name='one_statement_a_supplier_and_month'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='statement_month_is_a_first_day')],
            },
        ),
        migrations.CreateModel(
            name='AcceptanceProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('lines', models.JSONField(help_text='The ids of the selected lines of the offer.')),
                ('disclosure', models.JSONField(help_text='The figures shown, amounts as text.')),
                ('disclosure_digest', models.CharField(max_length=64)),
                ('proposed_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('ip_address', models.GenericIPAddressField(null=True)),
                ('user_agent', models.CharField(blank=True, max_length=300)),
                ('status', models.CharField(choices=[('waiting', 'Waiting for a second person'), ('confirmed', 'Confirmed'), ('withdrawn', 'Withdrawn'), ('expired', 'Expired'), ('changed', 'Figures have changed')], default='waiting', max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='financing.offer')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-proposed_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'waiting')), fields=('offer',), name='one_waiting_proposal_an_offer'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'confirmed'), _negated=True), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='proposal_confirmed_by_somebody_else'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('status', 'waiting')), models.Q(models.Q(('status', 'waiting'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='proposal_decision_is_complete')],
            },
        ),
        migrations.AddField(
            model_name='acceptance',
            name='proposal',
            field=models.OneToOneField(help_text='What the first of two people proposed. Empty: one person accepted.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='acceptance', to='financing.acceptanceproposal'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.RunPython(create_first_terms, migrations.RunPython.noop),
    ]

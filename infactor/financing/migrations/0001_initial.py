"""Terms, limits, requests, offers, advances, payments and approvals; terms and acceptances are written once."""

from datetime import UTC, date, datetime
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import infactor.core.money
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION financing_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is written once: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER financing_terms_written_once BEFORE UPDATE OR DELETE ON financing_fundingterms
    FOR EACH ROW EXECUTE FUNCTION financing_written_once();
CREATE TRIGGER financing_limit_written_once BEFORE UPDATE OR DELETE ON financing_limit
    FOR EACH ROW EXECUTE FUNCTION financing_written_once();
CREATE TRIGGER financing_acceptance_written_once BEFORE UPDATE OR DELETE ON financing_acceptance
    FOR EACH ROW EXECUTE FUNCTION financing_written_once();
"""
BACKWARDS = """
DROP TRIGGER financing_terms_written_once ON financing_fundingterms;
DROP TRIGGER financing_limit_written_once ON financing_limit;
DROP TRIGGER financing_acceptance_written_once ON financing_acceptance;
DROP FUNCTION financing_written_once();
"""

FIRST_DAY = date(2020, 1, 1)


def write(apps, schema_editor):
    FundingTerms = apps.get_model("financing", "FundingTerms")
    if not FundingTerms.objects.exists():
        FundingTerms.objects.create(
            currency="USD",
            valid_from=FIRST_DAY,
            reason="The usual numbers of the market, to begin with.",
            set_at=datetime.now(UTC),
        )


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('invoices', '0001_initial'),
        ('suppliers', '0001_initial'),
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reckoning',
            fields=[
                ('supplier', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='reckoning', serialize=False, to='suppliers.supplier')),
                ('asked', models.PositiveBigIntegerField(default=1, help_text='Goes up whenever financing changed something.')),
                ('answered', models.PositiveBigIntegerField(default=0, help_text='`asked` as it was for the last judgement.')),
                ('books', models.PositiveBigIntegerField(default=0, help_text='Revision of the books in the last judgement.')),
                ('day', models.DateField(help_text="The supplier's day of the last judgement.", null=True)),
                ('reckoned_at', models.DateTimeField(null=True)),
                ('seconds', models.DecimalField(decimal_places=3, max_digits=8, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Advance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('currency', models.CharField(max_length=3)),
                ('status', models.CharField(choices=[('accepted', 'Accepted, not funded'), ('funded', 'Funded'), ('collected', 'Buyer paid'), ('settled', 'Settled'), ('repurchased', 'Bought back'), ('written_off', 'Written off'), ('cancelled', 'Cancelled')], default='accepted', max_length=12)),
                ('face', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('base', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, help_text='What is paid out at once.', max_digits=18)),
                ('reserve', infactor.core.money.MoneyField(decimal_places=2, help_text='What is held back until the buyer has paid.', max_digits=18)),
                ('recourse_on', models.DateField(help_text='Unpaid on this day, the supplier buys it back.')),
                ('accepted_at', models.DateTimeField()),
                ('funded_on', models.DateField(help_text="Value date of the payout, in the supplier's time zone.", null=True)),
                ('collected_on', models.DateField(help_text='Value date on which the buyer had paid all of it.', null=True)),
                ('ended_on', models.DateField(null=True)),
                ('fee', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('fee_days', models.PositiveIntegerField(null=True)),
                ('rebate', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('buyer', models.ForeignKey(help_text='The top customer.', on_delete=django.db.models.deletion.PROTECT, related_name='advances', to='invoices.buyer')),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='advances', to='invoices.invoice')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='advances', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-accepted_at', '-pk'],
                'permissions': [('fund_advances', 'Can pay out advances'), ('settle_advances', 'Can settle, repurchase and write off')],
            },
        ),
        migrations.CreateModel(
            name='Collection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('currency', models.CharField(max_length=3)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('value_date', models.DateField()),
                ('bank_reference', models.CharField(help_text="The bank's own reference of this payment: what was recorded once is not recorded twice.", max_length=100)),
                ('payer', models.CharField(blank=True, max_length=200)),
                ('remittance', models.CharField(blank=True, help_text='As the payer wrote it.', max_length=500, verbose_name='what it is for')),
                ('source', models.CharField(choices=[('hand', 'Recorded by hand'), ('csv', 'CSV')], default='hand', max_length=10)),
                ('recorded_at', models.DateTimeField()),
                ('returned_on', models.DateField(help_text='Value date on which the bank took it back.', null=True)),
                ('return_reason', models.CharField(blank=True, max_length=300)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('returned_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'payment',
                'ordering': ['-value_date', '-pk'],
                'permissions': [('record_collections', 'Can record and match payments')],
                'constraints': [models.UniqueConstraint(fields=('currency', 'bank_reference', 'value_date', 'amount'), name='collection_once'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lt', 10000000000000000)), name='collection_is_money'), models.CheckConstraint(condition=models.Q(models.Q(('returned_by__isnull', True), ('returned_on__isnull', True)), models.Q(('returned_by__isnull', False), ('returned_on__isnull', False)), _connector='OR'), name='collection_return_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='Disbursement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('purpose', models.CharField(choices=[('advance', 'Advance'), ('rebate', 'Rebate'), ('pass_on', 'Passed on')], max_length=10)),
                ('currency', models.CharField(max_length=3)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('value_date', models.DateField()),
                ('status', models.CharField(choices=[('sent', 'Sent'), ('failed', 'Failed'), ('replaced', 'Failed, sent again')], default='sent', max_length=10)),
                ('sent_at', models.DateTimeField()),
                ('failed_on', models.DateField(null=True)),
                ('failure', models.CharField(blank=True, max_length=300)),
                ('advance', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='financing.advance')),
                ('approved_by', models.ForeignKey(help_text='The second person; empty where one person paid it alone.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('bank_account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.bankaccount')),
                ('replaces', models.OneToOneField(help_text='The failed payout before.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='financing.disbursement')),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disbursements', to='suppliers.supplier')),
            ],
            options={
                'verbose_name': 'payout',
                'ordering': ['-value_date', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lt', 10000000000000000)), name='payout_is_money'), models.CheckConstraint(condition=models.Q(('approved_by', models.F('sent_by')), _negated=True), name='payout_by_two_people'), models.UniqueConstraint(condition=models.Q(('advance__isnull', False), ('status__in', ['sent', 'failed'])), fields=('advance', 'purpose'), name='paid_out_once_for_a_purpose'), models.CheckConstraint(condition=models.Q(models.Q(('failed_on__isnull', True), ('status', 'sent')), models.Q(models.Q(('status', 'sent'), _negated=True), ('failed_on__isnull', False)), _connector='OR'), name='payout_failure_has_a_day')],
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
                ('asked_for', infactor.core.money.MoneyField(decimal_places=2, help_text='The cash that the supplier needs, where they asked by amount.', max_digits=18, null=True)),
                ('why_these', models.JSONField(default=dict, help_text='How the invoices were chosen, where they asked by amount.')),
                ('requested_at', models.DateTimeField()),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='financing_requests', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-requested_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('asked_for__gt', 0)), name='request_asks_for_something')],
            },
        ),
        migrations.CreateModel(
            name='FundingTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(help_text='Three letters, like USD.', max_length=3, validators=[django.core.validators.RegexValidator('^[A-Z]{3}$', 'A currency has three capital letters, like USD.')])),
                ('valid_from', models.DateField(help_text="The first day on which these terms hold, in the supplier's time zone.")),
                ('reason', models.CharField(help_text='Why the terms change: who reads the trail wants to know.', max_length=200)),
                ('set_at', models.DateTimeField(editable=False)),
                ('advance_rate', models.DecimalField(decimal_places=3, default=Decimal('85'), help_text='Paid out at once, of the base.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('1')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='advance rate, %')),
                ('first_fee_rate', models.DecimalField(decimal_places=3, default=Decimal('1.5'), help_text='Of the face, for the first period; at least this is charged.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='first fee, %')),
                ('first_fee_days', models.PositiveSmallIntegerField(default=30, help_text='How long the first fee lasts.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(730)], verbose_name='first period, days')),
                ('further_fee_rate', models.DecimalField(decimal_places=3, default=Decimal('0.5'), help_text='Of the face, for each further period begun.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='further fee, %')),
                ('further_fee_days', models.PositiveSmallIntegerField(default=10, help_text='How long each further period lasts.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(730)], verbose_name='further period, days')),
                ('recourse_days', models.PositiveSmallIntegerField(default=90, help_text='After the invoice date: unpaid by then, the supplier buys it back.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(730)], verbose_name='recourse, days')),
                ('offer_days', models.PositiveSmallIntegerField(default=7, help_text='After that many days an offer expires.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(730)], verbose_name='offer holds, days')),
                ('minimum_amount', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('100'), help_text='Smaller invoices are not bought.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='minimum amount')),
                ('most_age_to_buy', models.PositiveSmallIntegerField(default=60, help_text='An invoice is bought until this age, from its date.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(730)], verbose_name='age to buy, days')),
                ('most_age', models.PositiveSmallIntegerField(default=90, help_text='Older invoices count nowhere.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(730)], verbose_name='most age, days')),
                ('most_payment_days', models.PositiveSmallIntegerField(default=60, help_text='At most this long from invoice date to due date.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(730)], verbose_name='payment terms, days')),
                ('least_days_to_due', models.PositiveSmallIntegerField(default=7, help_text='An invoice is due in at least this many days.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(730)], verbose_name='days to due, at least')),
                ('cross_aging_days', models.PositiveSmallIntegerField(default=90, help_text='Older balances of a buyer count as late.', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(730)], verbose_name='cross-aging age, days')),
                ('cross_aging_share', models.DecimalField(decimal_places=3, default=Decimal('25'), help_text="Of a buyer's balance that is late: from here on none of its invoices is bought.", max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0.001')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='cross-aging share, %')),
                ('concentration_share', models.DecimalField(decimal_places=3, default=Decimal('25'), help_text="Of a supplier's eligible balance on one buyer; what is above is out.", max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0.001')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='concentration, %')),
                ('dilution_months', models.PositiveSmallIntegerField(default=3, help_text='Credit memos over invoices of a buyer are measured over so many months.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(24)], verbose_name='dilution over, months')),
                ('dilution_warn', models.DecimalField(decimal_places=3, default=Decimal('5'), help_text='From here on it is marked.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='dilution warning, %')),
                ('dilution_stop', models.DecimalField(decimal_places=3, default=Decimal('10'), help_text='From here on nothing is bought.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='dilution stop, %')),
                ('least_paid_invoices', models.PositiveSmallIntegerField(default=2, help_text='Of that buyer, before the first is bought; staff may approve a buyer without.', validators=[django.core.validators.MaxValueValidator(100)], verbose_name='paid invoices, at least')),
                ('buyer_limit', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('50000'), help_text='Over all suppliers, where none is set.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='buyer limit')),
                ('supplier_limit', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('250000'), help_text='Over all buyers, where none is set.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='supplier limit')),
                ('pair_limit', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('50000'), help_text='Of one buyer and one supplier, where none is set.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='pair limit')),
                ('verify_first', models.BooleanField(default=True, help_text='The first invoice of a buyer is confirmed by the buyer.', verbose_name="verify a buyer's first")),
                ('verify_from', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('5000'), help_text='Invoices from this amount up are confirmed.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='verify from')),
                ('verify_share', models.DecimalField(decimal_places=3, default=Decimal('20'), help_text='Of all others.', max_digits=6, validators=[django.core.validators.MinValueValidator(Decimal('0')), django.core.validators.MaxValueValidator(Decimal('100'))], verbose_name='verify at random, %')),
                ('automatic_up_to', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('0'), help_text='Requests up to this advance are priced by the house; 0: none.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='automatic offers up to')),
                ('second_person_from', infactor.core.money.MoneyField(decimal_places=2, default=Decimal('10000'), help_text='Money out and overrides from this amount up are approved by a second person.', max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='second person from')),
                ('set_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(blank=True, help_text='Empty: for every supplier without terms of its own.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='own_terms', to='suppliers.supplier')),
            ],
            options={
                'verbose_name_plural': 'funding terms',
                'ordering': ['currency', '-valid_from', '-pk'],
                'permissions': [('set_terms', 'Can set the terms of financing')],
                'indexes': [models.Index(fields=['currency', 'supplier', '-valid_from'], name='terms_by_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='terms_currency_is_a_code'), models.CheckConstraint(condition=models.Q(('advance_rate__gt', 0), ('advance_rate__lte', 100)), name='terms_advance_rate_is_a_share'), models.CheckConstraint(condition=models.Q(('first_fee_days__gte', 1), ('further_fee_days__gte', 1)), name='terms_periods_last'), models.CheckConstraint(condition=models.Q(('most_age_to_buy__lte', models.F('most_age'))), name='terms_ages_in_order'), models.CheckConstraint(condition=models.Q(('dilution_warn__lte', models.F('dilution_stop'))), name='terms_dilution_in_order')],
            },
        ),
        migrations.CreateModel(
            name='Eligibility',
            fields=[
                ('invoice', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='eligibility', serialize=False, to='invoices.invoice')),
                ('as_of', models.DateField(help_text="The supplier's day for which this holds.")),
                ('verdict', models.CharField(choices=[('ready', 'Can be financed'), ('todo', 'Can be financed after one step'), ('no', 'Cannot be financed')], max_length=5)),
                ('face', infactor.core.money.MoneyField(decimal_places=2, help_text='The open balance that would be bought.', max_digits=18)),
                ('base', infactor.core.money.MoneyField(decimal_places=2, help_text='What of it counts; 0 where it cannot be financed.', max_digits=18)),
                ('advance', infactor.core.money.MoneyField(decimal_places=2, help_text='What would be paid out at once.', max_digits=18)),
                ('main_rule', models.CharField(blank=True, help_text='The rule that decides, where one holds it back.', max_length=30)),
                ('changes_on', models.DateField(help_text='The day on which time alone changes the verdict.', null=True)),
                ('rules', models.JSONField(default=dict, help_text="Every rule's answer and every deduction.")),
                ('digest', models.BigIntegerField(default=0, editable=False, help_text='Of all this: tells whether anything changed.')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='suppliers.supplier')),
                ('terms', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.fundingterms')),
            ],
            options={
                'verbose_name_plural': 'eligibility',
                'indexes': [models.Index(fields=['supplier', 'verdict'], name='eligibility_of_supplier')],
                'constraints': [models.CheckConstraint(condition=models.Q(('base__gte', 0), ('advance__gte', 0), ('advance__lte', models.F('base')), ('base__lt', 10000000000000000)), name='eligibility_amounts')],
            },
        ),
        migrations.CreateModel(
            name='Limit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('currency', models.CharField(max_length=3, validators=[django.core.validators.RegexValidator('^[A-Z]{3}$', 'A currency has three capital letters, like USD.')])),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, validators=[django.core.validators.MinValueValidator(Decimal('0'))])),
                ('reason', models.CharField(max_length=200)),
                ('set_at', models.DateTimeField()),
                ('debtor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='limits', to='invoices.debtor')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='limits', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-set_at', '-pk'],
                'permissions': [('set_limits', 'Can set limits of buyers and suppliers')],
                'indexes': [models.Index(fields=['debtor', 'supplier', 'currency', '-set_at'], name='limit_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('debtor__isnull', False), ('supplier__isnull', False), _connector='OR'), name='limit_is_for_somebody'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('amount__lt', 10000000000000000)), name='limit_is_a_number')],
            },
        ),
        migrations.CreateModel(
            name='Match',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('advance', "Buyer's payment of a financed invoice"), ('recovery', 'Recovered after write-off'), ('due', 'What the supplier owed'), ('payable', 'Belongs to the supplier, to be passed on')], max_length=10)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('matched_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
                ('advance', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='financing.advance')),
                ('collection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='financing.collection')),
                ('matched_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'verbose_name_plural': 'matches',
                'ordering': ['collection_id', 'position'],
                'constraints': [models.UniqueConstraint(fields=('collection', 'position'), name='match_once_a_position'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lt', 10000000000000000)), name='match_is_money'), models.CheckConstraint(condition=models.Q(models.Q(('advance__isnull', False), ('kind__in', ['advance', 'recovery'])), ('kind__in', ['due', 'payable']), _connector='OR'), name='match_names_its_advance')],
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
                ('made_on', models.DateField(help_text="The supplier's day on which it was judged and priced.")),
                ('status', models.CharField(choices=[('proposed', 'Waiting for your answer'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('expired', 'Expired'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=10)),
                ('offered_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('offered_by', models.ForeignKey(help_text='Empty: the house.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='financing.financingrequest')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='suppliers.supplier')),
                ('terms', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.fundingterms')),
            ],
            options={
                'ordering': ['-offered_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('status', 'proposed')), fields=['expires_at'], name='offer_expiring')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('status', 'proposed')), models.Q(models.Q(('status', 'proposed'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='offer_decision_is_whole'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('offered_at'))), name='offer_lasts')],
            },
        ),
        migrations.CreateModel(
            name='Acceptance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('ip_address', models.GenericIPAddressField(null=True)),
                ('user_agent', models.CharField(blank=True, max_length=300)),
                ('figures', models.JSONField(help_text='What was shown, amounts as text.')),
                ('digest', models.CharField(max_length=64)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('terms', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.fundingterms')),
                ('offer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='acceptance', to='financing.offer')),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='OfferLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', 'Waiting for your answer'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('expired', 'Expired'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=10)),
                ('face', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('base', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('advance', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('reserve', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('deductions', models.JSONField(default=list, help_text='From face to base: [[what, amount], ...].')),
                ('recourse_on', models.DateField()),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offer_lines', to='invoices.invoice')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='financing.offer')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['offer_id', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Override',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('rule', models.CharField(max_length=30)),
                ('until', models.DateField(blank=True, help_text='The last day; empty: until it is ended.', null=True)),
                ('reason', models.CharField(max_length=200)),
                ('set_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('approved_by', models.ForeignKey(help_text='The second person; empty where one person set it alone.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('buyer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoices.buyer')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invoice', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='invoices.invoice')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-set_at', '-pk'],
                'permissions': [('override_rules', 'Can let an invoice pass a rule')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('buyer__isnull', True), ('invoice__isnull', False)), models.Q(('buyer__isnull', False), ('invoice__isnull', True)), _connector='OR'), name='override_is_of_an_invoice_or_a_buyer'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='override_end_is_whole'), models.CheckConstraint(condition=models.Q(('approved_by', models.F('set_by')), _negated=True), name='override_by_two_people'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('invoice__isnull', False)), fields=('rule', 'invoice'), name='override_once_an_invoice'), models.UniqueConstraint(condition=models.Q(('buyer__isnull', False), ('ended_at__isnull', True)), fields=('rule', 'supplier', 'buyer'), name='override_once_a_buyer')],
            },
        ),
        migrations.CreateModel(
            name='RequestLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('waiting', 'Waiting for a price'), ('offered', 'Offered'), ('refused', 'Declined'), ('withdrawn', 'Withdrawn')], default='waiting', max_length=10)),
                ('state_before', models.CharField(help_text='Where the invoice returns to when this comes to nothing.', max_length=30)),
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
                'permissions': [('price_requests', 'Can offer, refuse and withdraw')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'waiting')), fields=('invoice',), name='one_open_request_an_invoice'), models.UniqueConstraint(fields=('request', 'invoice'), name='invoice_once_a_request'), models.CheckConstraint(condition=models.Q(('state_before__in', ('invoice_created', 'invoice_accepted', 'ifactor_rejected', 'ifactor_proposal_rejected'))), name='request_line_returns_somewhere'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('status', 'waiting')), models.Q(models.Q(('status', 'waiting'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='request_line_decision_is_whole'), models.CheckConstraint(condition=models.Q(('base__gt', 0), ('face__gte', models.F('base')), ('face__lt', 10000000000000000)), name='request_line_amounts')],
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(choices=[('fund', 'Pay out an advance'), ('settle', 'Settle and release the reserve'), ('pass_on', 'Pass money on'), ('pay_again', 'Send a payout again'), ('write_off', 'Write off'), ('override', 'Let a rule pass'), ('limit', 'Set a limit'), ('terms', 'Write new terms')], max_length=10)),
                ('subject', models.CharField(help_text='What it is about, for instance advance:17.', max_length=60)),
                ('currency', models.CharField(max_length=3)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('arguments', models.JSONField(default=dict)),
                ('summary', models.CharField(help_text='In words, with the figures.', max_length=300)),
                ('asked_at', models.DateTimeField()),
                ('decision', models.CharField(blank=True, choices=[('approved', 'Approved'), ('refused', 'Refused')], max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-asked_at', '-pk'],
                'permissions': [('approve_money_out', 'Can approve as the second person')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('decided_at__isnull', True)), fields=('kind', 'subject'), name='one_open_approval_a_subject'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('decision', '')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('decision', ''), _negated=True)), _connector='OR'), name='approval_decision_is_whole'), models.CheckConstraint(condition=models.Q(models.Q(('decision', 'approved'), _negated=True), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='approval_by_a_second_person')],
            },
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('dispute', 'Dispute'), ('recourse', 'Recourse date reached')], max_length=20)),
                ('reason', models.CharField(max_length=500)),
                ('opened_at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('upheld', 'Upheld'), ('rejected', 'Rejected'), ('ended', 'Ended with the advance')], max_length=10)),
                ('conclusion', models.CharField(blank=True, max_length=500)),
                ('closed_at', models.DateTimeField(null=True)),
                ('advance', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='financing.advance')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(help_text='Empty: the house.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-opened_at', '-pk'],
                'permissions': [('judge_disputes', 'Can open and close cases')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('advance', 'kind'), name='one_open_case_of_a_kind'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('outcome', '')), models.Q(('closed_at__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='case_end_is_whole')],
            },
        ),
        migrations.AddField(
            model_name='advance',
            name='terms',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.fundingterms'),
        ),
        migrations.AddField(
            model_name='advance',
            name='offer_line',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='bought', to='financing.offerline'),
        ),
        migrations.AddField(
            model_name='offerline',
            name='request_line',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='offer_line', to='financing.requestline'),
        ),
        migrations.AddIndex(
            model_name='advance',
            index=models.Index(fields=['supplier', 'status'], name='advance_of_supplier'),
        ),
        migrations.AddConstraint(
            model_name='advance',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'cancelled'), _negated=True), fields=('invoice',), name='an_invoice_is_financed_once'),
        ),
        migrations.AddConstraint(
            model_name='advance',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('base__gte', models.F('amount')), ('face__gte', models.F('base')), ('face__lt', 10000000000000000), ('reserve', django.db.models.expressions.CombinedExpression(models.F('face'), '-', models.F('amount')))), name='advance_amounts'),
        ),
        migrations.AddConstraint(
            model_name='advance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('funded_on__isnull', True), ('status__in', ['accepted', 'cancelled'])), models.Q(models.Q(('status__in', ['accepted', 'cancelled']), _negated=True), ('funded_on__isnull', False)), _connector='OR'), name='advance_funded_has_a_day'),
        ),
        migrations.AddConstraint(
            model_name='advance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_on__isnull', False), ('fee__gte', 0), ('status__in', ['settled', 'repurchased', 'written_off'])), models.Q(models.Q(('status__in', ['settled', 'repurchased', 'written_off']), _negated=True), ('ended_on__isnull', True), ('fee__isnull', True), ('rebate__isnull', True)), _connector='OR'), name='advance_end_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='advance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('collected_on__isnull', False), ('status', 'collected')), models.Q(('status', 'collected'), _negated=True), _connector='OR'), name='advance_collected_has_a_day'),
        ),
        migrations.AddConstraint(
            model_name='offerline',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('invoice',), name='one_open_offer_an_invoice'),
        ),
        migrations.AddConstraint(
            model_name='offerline',
            constraint=models.CheckConstraint(condition=models.Q(('advance__gt', 0), ('base__gte', models.F('advance')), ('face__gte', models.F('base')), ('face__lt', 10000000000000000), ('reserve', django.db.models.expressions.CombinedExpression(models.F('face'), '-', models.F('advance')))), name='offer_line_amounts'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.RunPython(write, migrations.RunPython.noop),
    ]

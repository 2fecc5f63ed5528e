"""House accounts, their movements, statement files, statements and their lines."""

import django.db.models.deletion
import infactor.core.fields
import infactor.core.money
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('ledger', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HouseAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=100, unique=True)),
                ('currency', models.CharField(max_length=3)),
                ('bank_name', models.CharField(max_length=140)),
                ('account_number', infactor.core.fields.EncryptedTextField(help_text='An IBAN where the country has them, else the local number.')),
                ('routing_number', models.CharField(blank=True, max_length=20, verbose_name='routing number')),
                ('bic', models.CharField(blank=True, max_length=11, verbose_name='BIC')),
                ('last4', models.CharField(max_length=4, verbose_name='last four')),
                ('fingerprint', infactor.core.fields.FingerprintField(help_text='Equal for equal accounts.', max_length=64)),
                ('ledger_owner', models.CharField(blank=True, editable=False, max_length=30)),
                ('is_default', models.BooleanField(default=False, verbose_name='default of its currency')),
                ('may_be_overdrawn', models.BooleanField(default=False, help_text='Otherwise nothing is paid out that would bring the account below zero.')),
                ('originator_name', models.CharField(blank=True, max_length=70)),
                ('originator_id', models.CharField(blank=True, max_length=35, verbose_name='originator id')),
                ('country', models.CharField(blank=True, max_length=2, verbose_name='country of the bank')),
                ('originating_dfi', models.CharField(blank=True, max_length=9, verbose_name='originating bank')),
                ('immediate_destination', models.CharField(blank=True, max_length=10)),
                ('destination_name', models.CharField(blank=True, max_length=23)),
                ('immediate_origin', models.CharField(blank=True, max_length=10)),
                ('payment_format', models.CharField(blank=True, choices=[('nacha', 'NACHA (ACH credits in US dollars)'), ('pain001', 'pain.001 (ISO 20022)'), ('csv', 'CSV')], max_length=10, verbose_name='format of payment files')),
                ('holiday_calendar', models.CharField(blank=True, max_length=6)),
                ('holiday_subdivision', models.CharField(blank=True, max_length=10, verbose_name='state or region')),
                ('cut_off', models.TimeField(blank=True, null=True, verbose_name='cut-off time')),
                ('csv_layout', models.JSONField(default=dict, help_text='How CSV files of this account are read.')),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'house account',
                'ordering': ['currency', 'name'],
                'permissions': [('keep_house_accounts', 'Can keep house accounts and record their movements')],
                'constraints': [
                    models.UniqueConstraint(fields=('fingerprint',), name='house_account_once'),
                    models.UniqueConstraint(fields=('ledger_owner', 'currency'), name='house_account_has_own_cash'),
                    models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('currency',), name='one_default_house_account_a_currency'),
                    models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$'), ('last4__regex', '^.{4}$'), models.Q(('name', ''), _negated=True), models.Q(('bank_name', ''), _negated=True), models.Q(('account_number', ''), _negated=True)), name='house_account_complete'),
                    models.CheckConstraint(condition=models.Q(('country__regex', '^([A-Z]{2})?$'), ('originating_dfi__regex', '^([0-9]{9})?$')), name='house_account_bank_numbers'),
                    models.CheckConstraint(condition=models.Q(('holiday_subdivision', ''), models.Q(('holiday_calendar', ''), _negated=True), _connector='OR'), name='house_account_region_has_calendar'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Movement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(choices=[('opening', 'Opening balance'), ('capital', 'Capital paid in or out'), ('facility', 'Credit facility drawn or repaid'), ('charge', 'Bank charge, or its refund'), ('interest', 'Interest received or paid'), ('transfer', 'Transfer between house accounts')], max_length=10)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('value_date', models.DateField()),
                ('note', models.CharField(blank=True, max_length=200)),
                ('recorded_at', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='banking.houseaccount')),
                ('other_account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='incoming_transfers', to='banking.houseaccount')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawal_reason', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['-value_date', '-pk'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('amount', 0), _negated=True), ('amount__gt', -10000000000000000), ('amount__lt', 10000000000000000)), name='movement_amount_in_range'),
                    models.UniqueConstraint(condition=models.Q(('kind', 'opening'), ('withdrawn_at', None)), fields=('account',), name='one_opening_balance_an_account'),
                    models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='movement_withdrawn_by_somebody_with_a_reason'),
                    models.CheckConstraint(condition=models.Q(models.Q(('kind', 'transfer'), ('other_account__isnull', False)), models.Q(models.Q(('kind', 'transfer'), _negated=True), ('other_account', None)), _connector='OR'), name='only_a_transfer_has_another_account'),
                    models.CheckConstraint(condition=models.Q(('other_account', None), models.Q(('other_account', models.F('account')), _negated=True), _connector='OR'), name='transfer_between_two_accounts'),
                ],
            },
        ),
        migrations.CreateModel(
            name='StatementFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=200, verbose_name='file')),
                ('digest', models.CharField(db_index=True, max_length=64)),
                ('size', models.PositiveIntegerField(help_text='In bytes.')),
                ('format', models.CharField(max_length=10)),
                ('chosen_layout', models.JSONField(default=dict, help_text='What was chosen where a CSV file does not decide.')),
                ('content', infactor.core.fields.EncryptedTextField(blank=True, help_text='Compressed. Deleted when the file is imported.')),
                ('status', models.CharField(choices=[('uploaded', 'To be confirmed'), ('imported', 'Imported')], default='uploaded', max_length=10)),
                ('uploaded_at', models.DateTimeField()),
                ('imported_at', models.DateTimeField(null=True)),
                ('new_lines', models.PositiveIntegerField(default=0)),
                ('known_lines', models.PositiveIntegerField(default=0, verbose_name='lines known before')),
                ('refusals', models.JSONField(default=list, verbose_name='refused lines')),
                ('account', models.ForeignKey(help_text='Whose file it is, where the file does not say so.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='banking.houseaccount')),
                ('imported_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'statement file',
                'ordering': ['-uploaded_at', '-pk'],
                'permissions': [('import_statements', 'Can import bank statements')],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('imported_at', None), ('status', 'uploaded'), models.Q(('content', ''), _negated=True)), models.Q(('content', ''), ('imported_at__isnull', False), ('status', 'imported')), _connector='OR'), name='statement_file_is_complete'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('number', models.CharField(blank=True, max_length=100)),
                ('from_date', models.DateField(null=True)),
                ('to_date', models.DateField(null=True)),
                ('opening_balance', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('closing_balance', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('difference', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('findings', models.JSONField(default=list)),
                ('line_count', models.PositiveIntegerField(default=0)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='banking.houseaccount')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='banking.statementfile')),
            ],
            options={
                'ordering': ['-to_date', '-pk'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('opening_balance', None), ('closing_balance', None), ('difference__isnull', False), _connector='OR'), name='statement_with_both_balances_has_difference'),
                    models.CheckConstraint(condition=models.Q(('closing_balance', None), ('to_date__isnull', False), _connector='OR'), name='statement_balance_has_a_day'),
                ],
            },
        ),
        migrations.CreateModel(
            name='StatementLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('place', models.CharField(help_text='Where it stands in the file.', max_length=60)),
                ('value_date', models.DateField()),
                ('booking_date', models.DateField()),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('reference', models.CharField(blank=True, max_length=100)),
                ('entry_id', models.CharField(blank=True, max_length=100, verbose_name="bank's own id")),
                ('payer', models.CharField(blank=True, max_length=200, verbose_name='payer or payee')),
                ('payer_account', infactor.core.fields.EncryptedTextField(blank=True)),
                ('payer_fingerprint', infactor.core.fields.FingerprintField(blank=True, db_index=True, max_length=64)),
                ('remittance', models.CharField(blank=True, max_length=1000, verbose_name='what it is for')),
                ('identity', models.CharField(max_length=64)),
                ('batch_identity', models.CharField(blank=True, max_length=64)),
                ('status', models.CharField(choices=[('waiting', 'To be matched'), ('debit', 'A debit of ours, to be explained'), ('matched', 'In the books'), ('duplicate', 'The same as another line')], max_length=10)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('decided_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='banking.houseaccount')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('same_as', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='banking.statementline')),
                ('statement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='banking.statement')),
            ],
            options={
                'verbose_name': 'statement line',
                'ordering': ['-booking_date', '-pk'],
                'indexes': [
                    models.Index(fields=['account', 'booking_date'], name='statement_line_by_day'),
                    models.Index(condition=models.Q(('status__in', ['waiting', 'debit'])), fields=['status', 'amount'], name='statement_line_open'),
                    models.Index(condition=models.Q(('batch_identity', ''), _negated=True), fields=['account', 'batch_identity'], name='statement_line_batch'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('account', 'identity'), name='statement_line_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('amount', 0), _negated=True), ('amount__gt', -10000000000000000), ('amount__lt', 10000000000000000)), name='statement_line_amount'),
                    models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('status', 'waiting')), models.Q(('amount__lt', 0), ('status', 'debit')), models.Q(('decided_at__isnull', False), ('status__in', ['matched', 'duplicate'])), _connector='OR'), name='statement_line_status_fits'),
                ],
            },
        ),
        migrations.AddField(
            model_name='movement',
            name='line',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='banking.statementline'),
        ),
        migrations.CreateModel(
            name='LineMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('matched_at', models.DateTimeField()),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='bank_match', to='ledger.entry')),
                ('matched_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='banking.statementline')),
            ],
            options={
                'verbose_name': 'match',
                'verbose_name_plural': 'matches',
                'ordering': ['pk'],
            },
        ),
    ]

"""Notes, tasks, contacts, promises, letters and mails of staff; what was written and sent is never changed."""

import django.db.models.deletion
import infactor.core.money
from django.conf import settings
from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION desk_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- The first argument names columns that may change, the second those that hold personal data.
    free text[] := string_to_array(TG_ARGV[0], ' ');
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF current_setting('infactor.erasing', true) = 'on' THEN
            free := free || string_to_array(TG_ARGV[1], ' ');  -- see core.privacy.erasure
        END IF;
        IF to_jsonb(NEW) - free = to_jsonb(OLD) - free THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
""" + "".join(
    f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION desk_append_only('{free}', '{personal}');
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION desk_append_only('', '');
"""
    for table, free, personal in (
        ("desk_note", "is_pinned", "text"),
        ("desk_contact", "", "person summary"),
        ("desk_promise", "withdrawn_by_id withdrawn_at withdraw_reason", "said_by"),
        ("desk_promise_advances", "", ""),
        ("desk_letter", "", ""),
        ("desk_letterline", "", ""),
    )
)
BACKWARDS = "DROP FUNCTION desk_append_only() CASCADE;"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('financing', '0001_initial'),
        ('invoices', '0001_initial'),
        ('suppliers', '0001_initial'),
        ('users', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MailChoice',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='mail_choice', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('digest', models.BooleanField(default=True, verbose_name='a digest each morning')),
                ('severe_case', models.BooleanField(default=True, verbose_name='severe cases')),
                ('payout_returned', models.BooleanField(default=True, verbose_name='payouts that the bank returned')),
                ('check_failed', models.BooleanField(default=True, verbose_name='a ledger check that found something')),
                ('sync_failed', models.BooleanField(default=True, verbose_name='books of a funded supplier that cannot be read')),
                ('payments_unmatched', models.BooleanField(default=True, verbose_name='payments that nobody has matched for two days')),
                ('house_accounts', models.BooleanField(default=True, verbose_name='house accounts overdrawn, without statements, or missing')),
                ('supplier_wrote', models.BooleanField(default=True, verbose_name='a supplier that waits for an answer')),
            ],
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('reminder', 'Reminder'), ('second', 'Second reminder'), ('final', 'Final demand')], max_length=10)),
                ('channel', models.CharField(choices=[('mail', 'By email'), ('print', 'Printed')], max_length=6, verbose_name='sent')),
                ('to', models.CharField(help_text='The email or the postal address.', max_length=1000, verbose_name='sent to')),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField(verbose_name='text')),
                ('sent_at', models.DateTimeField()),
                ('buyer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoices.buyer')),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-sent_at', '-pk'],
                'indexes': [
                    models.Index(fields=['buyer', '-sent_at'], name='letter_by_buyer'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('to', ''), _negated=True), models.Q(('subject', ''), _negated=True), models.Q(('body', ''), _negated=True)), name='letter_is_whole'),
                ],
            },
        ),
        migrations.CreateModel(
            name='LetterLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('reminder', 'Reminder'), ('second', 'Second reminder'), ('final', 'Final demand')], max_length=10)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('currency', models.CharField(max_length=3)),
                ('due_on', models.DateField()),
                ('advance', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.advance')),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoices.invoice')),
                ('letter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='desk.letter')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [
                    models.UniqueConstraint(fields=('invoice', 'level'), name='one_letter_of_a_level_per_invoice'),
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lt', 10000000000000000)), name='letter_amount_in_range'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=100, verbose_name='about')),
                ('subject_id', models.BigIntegerField()),
                ('text', models.TextField()),
                ('written_at', models.DateTimeField()),
                ('is_pinned', models.BooleanField(default=False, help_text='It stands above the others.', verbose_name='pinned')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-written_at', '-pk'],
                'permissions': [('write_notes', 'Can write notes and pin them')],
                'indexes': [
                    models.Index(fields=['subject_type', 'subject_id', '-written_at'], name='note_by_subject'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='note_has_a_text'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Promise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18)),
                ('currency', models.CharField(max_length=3)),
                ('promised_on', models.DateField(verbose_name='until')),
                ('said_by', models.CharField(help_text='The person at the buyer.', max_length=150, verbose_name='said by')),
                ('recorded_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdraw_reason', models.CharField(blank=True, max_length=500, verbose_name='why it was withdrawn')),
                ('advances', models.ManyToManyField(related_name='+', to='financing.advance')),
                ('buyer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoices.buyer')),
                ('debtor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoices.debtor')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'promise to pay',
                'verbose_name_plural': 'promises to pay',
                'ordering': ['-promised_on', '-pk'],
                'indexes': [
                    models.Index(fields=['debtor', '-promised_on'], name='promise_by_debtor'),
                    models.Index(fields=['buyer', '-promised_on'], name='promise_by_buyer'),
                    models.Index(condition=models.Q(('withdrawn_at__isnull', True)), fields=['promised_on'], name='promise_by_day'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('buyer__isnull', True), ('debtor__isnull', False)), models.Q(('buyer__isnull', False), ('debtor__isnull', True)), _connector='OR'), name='promise_of_one_debtor'),
                    models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lt', 10000000000000000)), name='promise_amount_in_range'),
                    models.CheckConstraint(condition=models.Q(('currency__in', ('AED', 'AFN', 'ALL', 'AMD', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BGN', 'BHD', 'BIF', 'BMD', 'BND', 'BOB', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHF', 'CLP', 'CNY', 'COP', 'CRC', 'CUP', 'CVE', 'CZK', 'DJF', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'EUR', 'FJD', 'FKP', 'GBP', 'GEL', 'GHS', 'GIP', 'GMD', 'GNF', 'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IQD', 'IRR', 'ISK', 'JMD', 'JOD', 'JPY', 'KES', 'KGS', 'KHR', 'KMF', 'KPW', 'KRW', 'KWD', 'KYD', 'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'LYD', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR', 'MWK', 'MXN', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'OMR', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR', 'PLN', 'PYG', 'QAR', 'RON', 'RSD', 'RUB', 'RWF', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP', 'STN', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TND', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'UGX', 'USD', 'UYU', 'UZS', 'VES', 'VND', 'VUV', 'WST', 'XAF', 'XCD', 'XCG', 'XOF', 'XPF', 'YER', 'ZAR', 'ZMW', 'ZWG'))), name='promise_currency_is_a_code'),
                    models.CheckConstraint(condition=models.Q(('said_by', ''), _negated=True), name='promise_says_by_whom'),
                    models.CheckConstraint(condition=models.Q(models.Q(('withdraw_reason', ''), ('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False), models.Q(('withdraw_reason', ''), _negated=True)), _connector='OR'), name='promise_withdrawal_is_whole'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('subject_type', models.CharField(blank=True, max_length=100, verbose_name='about')),
                ('subject_id', models.BigIntegerField(null=True)),
                ('kind', models.CharField(choices=[('general', 'Written by staff'), ('broken_promise', 'Broken promise')], default='general', max_length=20)),
                ('title', models.CharField(max_length=200, verbose_name='task')),
                ('details', models.TextField(blank=True)),
                ('role', models.CharField(blank=True, choices=[('Underwriter', 'Underwriter'), ('Operations', 'Operations')], help_text='Until somebody takes it.', max_length=20)),
                ('due_on', models.DateField(verbose_name='due')),
                ('status', models.CharField(choices=[('open', 'Open'), ('done', 'Done'), ('dropped', 'Dropped')], default='open', max_length=10)),
                ('reason', models.CharField(blank=True, help_text='Why it was dropped.', max_length=500)),
                ('added_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('added_by', models.ForeignKey(help_text='Empty: infactor itself.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('promise', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='task', to='desk.promise')),
                ('supplier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['due_on', 'pk'],
                'permissions': [('work_on_tasks', 'Can add tasks, take them over and end them')],
                'indexes': [
                    models.Index(fields=['subject_type', 'subject_id'], name='task_by_subject'),
                    models.Index(condition=models.Q(('status', 'open')), fields=['due_on'], name='task_open'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('owner__isnull', False), ('role', '')), models.Q(('owner__isnull', True), models.Q(('role', ''), _negated=True)), _connector='OR'), name='task_has_an_owner_or_a_role'),
                    models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('reason', ''), ('status', 'open')), models.Q(('closed_at__isnull', False), ('reason', ''), ('status', 'done')), models.Q(('closed_at__isnull', False), ('status', 'dropped'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='task_end_is_whole'),
                    models.CheckConstraint(condition=models.Q(models.Q(('subject_id__isnull', True), ('subject_type', '')), models.Q(models.Q(('subject_type', ''), _negated=True), ('subject_id__isnull', False)), _connector='OR'), name='task_names_a_whole_row'),
                    models.CheckConstraint(condition=models.Q(models.Q(('kind', 'broken_promise'), ('promise__isnull', False)), models.Q(('kind', 'general'), ('promise__isnull', True)), _connector='OR'), name='task_of_a_promise_names_it'),
                    models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='task_has_a_title'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('phone', 'Phone'), ('mail', 'Email'), ('letter', 'Letter')], max_length=6)),
                ('person', models.CharField(blank=True, max_length=150, verbose_name='spoke with')),
                ('summary', models.TextField(max_length=2000, verbose_name='what was said')),
                ('next_contact_on', models.DateField(null=True, verbose_name='next contact')),
                ('made_at', models.DateTimeField()),
                ('buyer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoices.buyer')),
                ('debtor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoices.debtor')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-made_at', '-pk'],
                'permissions': [('collect_from_buyers', 'Can record contacts and promises, and send letters to buyers')],
                'indexes': [models.Index(fields=['debtor', '-made_at'], name='contact_by_debtor'), models.Index(fields=['buyer', '-made_at'], name='contact_by_buyer')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('buyer__isnull', True), ('debtor__isnull', False)), models.Q(('buyer__isnull', False), ('debtor__isnull', True)), _connector='OR'), name='contact_of_one_debtor'), models.CheckConstraint(condition=models.Q(('summary', ''), _negated=True), name='contact_says_what_was_said')],
            },
        ),
        migrations.CreateModel(
            name='Digest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('is_sent', models.BooleanField(default=False, help_text='Nothing waited where it is not.')),
                ('prepared_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'day'), name='one_digest_a_day')],
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]

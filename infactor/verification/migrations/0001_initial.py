"""Verification requests. A trigger rejects any change of an answered one and every delete."""

import django.db.models.deletion
import infactor.core.money
import uuid
from django.conf import settings
from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION verification_reject_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.answered_at IS NULL THEN
            RETURN NEW;
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' AND current_setting('infactor.erasing', true) = 'on' THEN
        IF to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
            RETURN NEW;  -- only personal data differs: see core.privacy.erasure
        END IF;
    END IF;
    RAISE EXCEPTION 'an answered verification is final: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER verification_answers_are_final BEFORE UPDATE OR DELETE ON verification_verification
    FOR EACH ROW EXECUTE FUNCTION verification_reject_change(
        'to', 'subject', 'body', 'facts', 'answered_name', 'answered_from', 'dispute_reason', 'links',
        'phone_number', 'call_note', 'answered_role', 'answered_phone', 'po_number'
    );
CREATE TRIGGER verification_no_truncate BEFORE TRUNCATE ON verification_verification
    FOR EACH STATEMENT EXECUTE FUNCTION verification_reject_change();
"""
BACKWARDS = """
DROP TRIGGER verification_no_truncate ON verification_verification;
DROP TRIGGER verification_answers_are_final ON verification_verification;
DROP FUNCTION verification_reject_change();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('invoices', '0001_initial'),
        ('suppliers', '0001_initial'),
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('status', models.CharField(choices=[('drafted', 'Draft not sent'), ('sent', 'Waiting for the buyer'), ('confirmed', 'Confirmed'), ('partly_confirmed', 'Partly confirmed'), ('disputed', 'Disputed'), ('expired', 'Not answered in time'), ('withdrawn', 'Withdrawn')], default='drafted', max_length=20)),
                ('facts', models.JSONField()),
                ('facts_digest', models.CharField(help_text='Of what an answer is about; see snapshots.digest.', max_length=64)),
                ('balance_asked', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, verbose_name='open when asked')),
                ('currency', models.CharField(max_length=3)),
                ('to', models.EmailField(blank=True, max_length=254, verbose_name='sent to')),
                ('address_changed', models.BooleanField(default=False, help_text='The supplier chose an address that its accounting system does not have.', verbose_name='other address')),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('body', models.TextField(blank=True)),
                ('drafted_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('reminded_at', models.DateTimeField(null=True)),
                ('opened_at', models.DateTimeField(null=True)),
                ('links', models.JSONField(blank=True, default=list, editable=False)),
                ('answered_at', models.DateTimeField(null=True)),
                ('channel', models.CharField(blank=True, choices=[('link', 'By the link'), ('phone', 'By phone')], max_length=5)),
                ('answered_name', models.CharField(blank=True, max_length=150)),
                ('answered_role', models.CharField(blank=True, max_length=100, verbose_name='role')),
                ('answered_phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                ('answered_from', models.GenericIPAddressField(null=True)),
                ('phone_number', models.CharField(blank=True, max_length=40, verbose_name='number called')),
                ('call_note', models.CharField(blank=True, max_length=1000, verbose_name='note of the call')),
                ('confirmed_amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('dispute_reason', models.TextField(blank=True)),
                ('disputed_lines', models.JSONField(blank=True, default=list, help_text='Places in the lines of `facts`; none: all.')),
                ('line_reasons', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, help_text='Why a disputed line is wrong, by its place as text, where it was said.')),
                ('objection', models.CharField(blank=True, choices=[('wrong', 'Invoice disputed'), ('paid', 'Already paid'), ('not_ours', 'Not our company')], max_length=10)),
                ('paid_on', models.DateField(null=True, verbose_name='paid on, as the buyer says')),
                ('paid_to', models.CharField(blank=True, choices=[('supplier', 'The supplier'), ('infactor', 'infactor'), ('other', 'Somebody else')], max_length=10)),
                ('planned_pay_on', models.DateField(null=True, verbose_name='planned pay date')),
                ('po_number', models.CharField(blank=True, max_length=60, verbose_name='PO number')),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('drafted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verifications', to='invoices.invoice')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verifications', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-pk'],
                'permissions': [('record_answer', 'Can record what a buyer answered by phone')],
                'indexes': [models.Index(fields=['invoice', '-answered_at'], name='verification_by_answer'), models.Index(condition=models.Q(('status', 'sent')), fields=['expires_at'], name='verification_pending')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ['drafted', 'sent'])), fields=('invoice',), name='verification_one_open_an_invoice'), models.CheckConstraint(condition=models.Q(('status__in', ('drafted', 'sent', 'expired', 'withdrawn')), ('status__in', ('confirmed', 'partly_confirmed', 'disputed')), _connector='OR'), name='verification_status_known'), models.CheckConstraint(condition=models.Q(('balance_asked__gt', 0), ('balance_asked__lt', 10000000000000000)), name='verification_asks_an_amount'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at', None), ('approved_by', None), ('expires_at', None), ('links', []), ('sent_at', None)), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), ('expires_at__gt', models.F('sent_at')), ('sent_at__isnull', False), models.Q(('to', ''), _negated=True), models.Q(('subject', ''), _negated=True), models.Q(('body', ''), _negated=True), models.Q(('links', []), _negated=True)), _connector='OR'), name='verification_sent_fields_together'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at', None), ('status', 'drafted')), models.Q(('sent_at__isnull', False), ('status__in', ['sent', 'expired'])), ('status__in', ['confirmed', 'partly_confirmed', 'disputed', 'withdrawn']), _connector='OR'), name='verification_sent_fits_status'), models.CheckConstraint(condition=models.Q(('sent_at__isnull', False), models.Q(('opened_at', None), ('reminded_at', None)), _connector='OR'), name='verification_opened_after_sent'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('channel', ''), ('status__in', ('drafted', 'sent', 'expired', 'withdrawn'))), models.Q(('answered_at__isnull', False), ('channel__in', ['link', 'phone']), ('status__in', ('confirmed', 'partly_confirmed', 'disputed')), models.Q(('answered_name', ''), _negated=True)), _connector='OR'), name='verification_answer_fits_status'), models.CheckConstraint(condition=models.Q(models.Q(('answered_from', None), ('channel', 'phone'), ('recorded_by__isnull', False)), models.Q(('call_note', ''), ('channel', 'link'), ('phone_number', ''), ('recorded_by', None), ('sent_at__isnull', False)), models.Q(('answered_from', None), ('answered_name', ''), ('call_note', ''), ('channel', ''), ('phone_number', ''), ('recorded_by', None)), _connector='OR'), name='verification_channel_fits_answer'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_amount', models.F('balance_asked')), ('dispute_reason', ''), ('status', 'confirmed')), models.Q(('confirmed_amount__gt', 0), ('confirmed_amount__lt', models.F('balance_asked')), ('status', 'partly_confirmed'), models.Q(('dispute_reason', ''), _negated=True)), models.Q(('confirmed_amount', None), ('status', 'disputed'), models.Q(('dispute_reason', ''), _negated=True)), models.Q(('confirmed_amount', None), ('dispute_reason', ''), ('disputed_lines', []), ('line_reasons', {}), ('status__in', ('drafted', 'sent', 'expired', 'withdrawn'))), _connector='OR'), name='verification_amount_fits_answer'), models.CheckConstraint(condition=models.Q(models.Q(('objection', ''), ('paid_on', None), ('paid_to', '')), models.Q(('objection__in', ['wrong', 'not_ours']), ('paid_on', None), ('paid_to', ''), ('status', 'disputed')), models.Q(('objection', 'paid'), ('paid_on__isnull', False), ('status', 'disputed'), models.Q(('paid_to', ''), _negated=True)), _connector='OR'), name='verification_objection_fits_answer')],
            },
        ),
        migrations.CreateModel(
            name='Forward',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('to', models.EmailField(max_length=254, verbose_name='colleague')),
                ('asked_by', models.CharField(max_length=150)),
                ('asked_at', models.DateTimeField()),
                ('status', models.CharField(choices=[('waiting', 'Waits for review'), ('sent', 'Sent'), ('refused', 'Refused')], default='waiting', max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('verification', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='forwards', to='verification.verification')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('verification', 'to'), name='forward_once_an_address'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('digest', ''), ('status', 'waiting')), models.Q(('status', 'sent'), models.Q(('digest', ''), _negated=True)), models.Q(('decided_by__isnull', False), ('digest', ''), ('status', 'refused')), _connector='OR'), name='forward_link_fits_status')],
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]

"""Threads between suppliers and staff, and their messages, which are never changed."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


FORWARDS = """
CREATE FUNCTION correspondence_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- An erasure may overwrite the text (see core.privacy.erasure).
    IF TG_OP = 'UPDATE' AND current_setting('infactor.erasing', true) = 'on'
        AND to_jsonb(NEW) - 'text' = to_jsonb(OLD) - 'text' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER correspondence_message_append_only BEFORE UPDATE OR DELETE ON correspondence_message
    FOR EACH ROW EXECUTE FUNCTION correspondence_append_only();
CREATE TRIGGER correspondence_message_no_truncate BEFORE TRUNCATE ON correspondence_message
    FOR EACH STATEMENT EXECUTE FUNCTION correspondence_append_only();
"""
BACKWARDS = "DROP FUNCTION correspondence_append_only() CASCADE;"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('financing', '0001_initial'),
        ('invoices', '0001_initial'),
        ('suppliers', '0001_initial'),
        ('verification', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Thread',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('waiting_since', models.DateTimeField(null=True, verbose_name='waiting since')),
                ('last_written_at', models.DateTimeField(verbose_name='last message')),
                ('advance', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.advance')),
                ('assigned_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invoice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoices.invoice')),
                ('request', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.financingrequest')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='threads', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-last_written_at', '-pk'],
                'permissions': [('answer_suppliers', 'Can write to suppliers')],
            },
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('last_read', models.BigIntegerField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('thread', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='correspondence.thread')),
            ],
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(editable=False, unique=True)),
                ('is_from_staff', models.BooleanField()),
                ('text', models.TextField()),
                ('written_at', models.DateTimeField()),
                ('stance', models.CharField(blank=True, choices=[('explains', 'The invoice is right'), ('accepts', 'The buyer is right'), ('resolved', 'It is resolved')], max_length=10)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='financing.case')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
                ('verification', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='verification.verification')),
                ('thread', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='correspondence.thread')),
            ],
            options={
                'ordering': ['written_at', 'pk'],
            },
        ),
        migrations.AddIndex(
            model_name='thread',
            index=models.Index(fields=['supplier', '-last_written_at'], name='thread_list'),
        ),
        migrations.AddIndex(
            model_name='thread',
            index=models.Index(condition=models.Q(('waiting_since__isnull', False)), fields=['waiting_since'], name='thread_waiting'),
        ),
        migrations.AddConstraint(
            model_name='thread',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('advance', None), ('invoice', None), ('request', None)), models.Q(('advance', None), ('invoice__isnull', False), ('request', None)), models.Q(('advance', None), ('invoice', None), ('request__isnull', False)), models.Q(('advance__isnull', False), ('invoice', None), ('request', None)), _connector='OR'), name='thread_about_one_row_or_none'),
        ),
        migrations.AddConstraint(
            model_name='thread',
            constraint=models.UniqueConstraint(condition=models.Q(('advance', None), ('invoice', None), ('request', None)), fields=('supplier',), name='one_general_thread_a_supplier'),
        ),
        migrations.AddConstraint(
            model_name='thread',
            constraint=models.UniqueConstraint(condition=models.Q(('invoice__isnull', False)), fields=('invoice',), name='one_thread_a_invoice'),
        ),
        migrations.AddConstraint(
            model_name='thread',
            constraint=models.UniqueConstraint(condition=models.Q(('request__isnull', False)), fields=('request',), name='one_thread_a_request'),
        ),
        migrations.AddConstraint(
            model_name='thread',
            constraint=models.UniqueConstraint(condition=models.Q(('advance__isnull', False)), fields=('advance',), name='one_thread_a_advance'),
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.UniqueConstraint(fields=('thread', 'user'), name='one_reading_a_person'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['thread', 'written_at'], name='message_of_thread'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('is_from_staff', True)), fields=['supplier', 'written_at'], name='message_from_staff'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('is_from_staff', False)), fields=['supplier', '-written_at'], name='message_from_supplier'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='message_has_a_text'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('case', None), ('stance', ''), ('verification', None)), models.Q(('is_from_staff', False), ('stance__in', ['explains', 'accepts', 'resolved']), models.Q(('case__isnull', False), ('verification__isnull', False), _connector='OR')), _connector='OR'), name='message_stance_is_to_a_dispute'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]

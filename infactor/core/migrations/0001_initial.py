"""Audit log, email outbox, heartbeats, cache, compression dictionaries; triggers that keep events and past names."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import infactor.core.fields

# As `createcachetable` would make it. Statement by statement, so that the linter of migrations can tell them apart.
CACHE_TABLE = [
    "CREATE TABLE core_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL)",
    "CREATE INDEX core_cache_expires ON core_cache (expires)",
]
FORWARDS = """
CREATE FUNCTION core_reject_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('infactor.erasing', true) = 'on' THEN
        IF to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
            RETURN NEW;  -- only personal data differs: see core.privacy.erasure
        END IF;
    END IF;
    RAISE EXCEPTION 'audit events are append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER core_auditevent_append_only BEFORE UPDATE OR DELETE ON core_auditevent
    FOR EACH ROW EXECUTE FUNCTION core_reject_audit_change('reason', 'details');
CREATE TRIGGER core_auditevent_no_truncate BEFORE TRUNCATE ON core_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION core_reject_audit_change();
CREATE FUNCTION core_reject_dictionary_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows are compressed with this dictionary: % refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER core_compressiondictionary_append_only BEFORE UPDATE OR DELETE ON core_compressiondictionary
    FOR EACH ROW EXECUTE FUNCTION core_reject_dictionary_change();
CREATE TRIGGER core_compressiondictionary_no_truncate BEFORE TRUNCATE ON core_compressiondictionary
    FOR EACH STATEMENT EXECUTE FUNCTION core_reject_dictionary_change();
-- For tables with a name: the name before goes into the table that the trigger names (core.past_names).
CREATE FUNCTION core_keep_name() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- Who changes the row sets `updated_at`; a statement by hand that does not changes it now.
    changed_at CONSTANT timestamptz :=
        CASE WHEN NEW.updated_at > OLD.updated_at THEN NEW.updated_at ELSE clock_timestamp() END;
BEGIN
    IF current_setting('infactor.erasing', true) = 'on' THEN
        RETURN NEW;  -- what is erased is not kept: see core.privacy.erasure
    END IF;
    EXECUTE format('INSERT INTO %I (subject_id, name, known_until) VALUES ($1, $2, '
        'GREATEST($3, (SELECT max(known_until) FROM %1$I WHERE subject_id = $1)))', TG_ARGV[0])
        USING OLD.id, OLD.name, changed_at;
    RETURN NEW;
END $$;
"""
BACKWARDS = """
DROP FUNCTION core_keep_name();
DROP TRIGGER core_compressiondictionary_no_truncate ON core_compressiondictionary;
DROP TRIGGER core_compressiondictionary_append_only ON core_compressiondictionary;
DROP FUNCTION core_reject_dictionary_change();
DROP TABLE core_cache;
DROP TRIGGER core_auditevent_no_truncate ON core_auditevent;
DROP TRIGGER core_auditevent_append_only ON core_auditevent;
DROP FUNCTION core_reject_audit_change();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='CompressionDictionary',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(max_length=40)),
                ('digest', models.BinaryField(max_length=16)),
                ('data', models.BinaryField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('purpose', 'digest'), name='dictionary_once_a_purpose')],
            },
        ),
        migrations.CreateModel(
            name='OutgoingMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('key', models.CharField(max_length=120, unique=True)),
                ('to', models.EmailField(max_length=254)),
                ('reply_to', models.EmailField(blank=True, max_length=254)),
                ('subject', models.CharField(max_length=200)),
                ('body', infactor.core.fields.EncryptedTextField()),
                ('language', models.CharField(blank=True, help_text='In which it is written.', max_length=10)),
                ('erase_body_once_sent', models.BooleanField(default=False)),
                ('unsubscribe_url', models.CharField(blank=True, max_length=300)),
                ('supplier_id', models.BigIntegerField(db_index=True, null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('not_before', models.DateTimeField(null=True)),
                ('error', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('sent_at__isnull', True)), fields=['not_before'], name='mail_pending')],
            },
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('event', models.CharField(help_text='noun.verb, for instance quickbooks.connected', max_length=80)),
                ('supplier_id', models.BigIntegerField(db_index=True, null=True)),
                ('subject_type', models.CharField(max_length=80)),
                ('subject_id', models.CharField(max_length=40)),
                ('reason', models.TextField(blank=True)),
                ('details', models.JSONField(default=dict)),
                ('actor', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'permissions': [('answer_data_requests', 'Can export and erase the data of a person')],
                'indexes': [models.Index(fields=['subject_type', 'subject_id', '-at'], name='audit_subject')],
            },
        ),
        migrations.CreateModel(
            name='ListExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('query', models.CharField(blank=True, help_text='The filters, as in the address of the list.', max_length=1000)),
                ('state', models.CharField(choices=[('waiting', 'Being prepared'), ('ready', 'Ready'), ('failed', 'Failed')], default='waiting', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('asked_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('rows', models.PositiveIntegerField(null=True)),
                ('content', models.BinaryField(help_text='The file, compressed with zstd.', null=True)),
                ('listed', models.CharField(help_text='The model of the list: financing.advance.', max_length=80, verbose_name='list')),
                ('file_format', models.CharField(choices=[('csv', 'CSV'), ('xlsx', 'XLSX')], max_length=4, verbose_name='format')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('user',), name='core_listexport_one_waiting'), models.CheckConstraint(condition=models.Q(models.Q(('content__isnull', True), ('finished_at__isnull', True), ('state', 'waiting')), models.Q(('content__isnull', False), ('finished_at__isnull', False), ('rows__isnull', False), ('state', 'ready')), models.Q(('content__isnull', True), ('finished_at__isnull', False), ('state', 'failed')), _connector='OR'), name='core_listexport_state_complete')],
            },
        ),
        migrations.RunSQL(CACHE_TABLE, migrations.RunSQL.noop),  # BACKWARDS drops it
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]

"""Documents and their pieces. Triggers keep what was given as it was: a deletion drops bytes, and says by whom and why."""

import django.db.models.deletion
import infactor.core.fields
import uuid
from django.conf import settings
from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION documents_keep_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL THEN
        IF to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
            RETURN NEW;
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' AND current_setting('infactor.erasing', true) = 'on' THEN
        IF to_jsonb(NEW) - ARRAY['name', 'note', 'deletion_reason', 'sent_by'] = to_jsonb(OLD) - ARRAY['name', 'note', 'deletion_reason', 'sent_by'] THEN
            RETURN NEW;  -- only personal data differs: see core.privacy.erasure
        END IF;
    END IF;
    RAISE EXCEPTION 'documents are append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER documents_document_append_only BEFORE UPDATE OR DELETE ON documents_document
    FOR EACH ROW EXECUTE FUNCTION documents_keep_document('deleted_at', 'deleted_by_id', 'deletion_reason', 'updated_at');
CREATE TRIGGER documents_document_no_truncate BEFORE TRUNCATE ON documents_document
    FOR EACH STATEMENT EXECUTE FUNCTION documents_keep_document();

CREATE FUNCTION documents_keep_piece() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(NEW) - 'data' = to_jsonb(OLD) - 'data' THEN
            RETURN NEW;  -- encrypted anew, with another key; the document's SHA-256 proves the rest
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF current_setting('infactor.erasing', true) = 'on'
            OR EXISTS (SELECT FROM documents_document WHERE id = OLD.document_id AND deleted_at IS NOT NULL) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'documents are append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER documents_piece_append_only BEFORE UPDATE OR DELETE ON documents_piece
    FOR EACH ROW EXECUTE FUNCTION documents_keep_piece();
CREATE TRIGGER documents_piece_no_truncate BEFORE TRUNCATE ON documents_piece
    FOR EACH STATEMENT EXECUTE FUNCTION documents_keep_piece();
"""
BACKWARDS = """
DROP TRIGGER documents_piece_no_truncate ON documents_piece;
DROP TRIGGER documents_piece_append_only ON documents_piece;
DROP FUNCTION documents_keep_piece();
DROP TRIGGER documents_document_no_truncate ON documents_document;
DROP TRIGGER documents_document_append_only ON documents_document;
DROP FUNCTION documents_keep_document();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('contenttypes', '0002_remove_content_type_name'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('object_id', models.BigIntegerField()),
                ('supplier_id', models.BigIntegerField(db_index=True, null=True)),
                ('kind', models.CharField(choices=[('agreement', 'Agreement'), ('notice', 'Notice of assignment'), ('invoice', 'Invoice'), ('purchase_order', 'Purchase order'), ('delivery', 'Proof of delivery'), ('identity', 'Proof of identity'), ('registration', 'Registration'), ('credit_note', 'Credit note'), ('remittance', 'Remittance advice'), ('bank_letter', 'Bank letter'), ('other', 'Other')], max_length=20)),
                ('name', models.CharField(max_length=120, verbose_name='file')),
                ('note', models.CharField(blank=True, max_length=200)),
                ('media_type', models.CharField(max_length=80, verbose_name='format')),
                ('size', models.PositiveIntegerField(help_text='In bytes.')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('uploaded_at', models.DateTimeField()),
                ('deleted_at', models.DateTimeField(null=True)),
                ('deletion_reason', models.CharField(blank=True, max_length=500, verbose_name='why deleted')),
                ('content_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                ('deleted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='documents.document', verbose_name='replaces')),
                ('sent_by', models.CharField(blank=True, max_length=300, verbose_name='sent by')),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-uploaded_at', '-pk'],
                'permissions': [('keep_documents', 'Can add, replace and delete documents')],
                'indexes': [
                    models.Index(fields=['content_type', 'object_id'], name='document_subject'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), ('sha256__regex', '^[0-9a-f]{64}$'), ('size__gt', 0)), name='document_described'),
                    models.CheckConstraint(condition=models.Q(models.Q(('sent_by', ''), ('uploaded_by__isnull', False)), models.Q(('uploaded_by', None), models.Q(('sent_by', ''), _negated=True)), _connector='OR'), name='document_from_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('replaces', None), ('version', 1)), models.Q(('replaces__isnull', False), ('version__gt', 1)), _connector='OR'), name='document_version_follows'),
                    models.CheckConstraint(condition=models.Q(models.Q(('deleted_at', None), ('deleted_by', None), ('deletion_reason', '')), models.Q(('deleted_at__isnull', False), ('deleted_by__isnull', False), models.Q(('deletion_reason', ''), _negated=True)), _connector='OR'), name='document_deleted_by_whom_and_why'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Piece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField()),
                ('data', infactor.core.fields.EncryptedTextField()),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='documents.document')),
            ],
            options={
                'ordering': ['document', 'place'],
                'constraints': [
                    models.UniqueConstraint(fields=('document', 'place'), name='piece_once_a_place'),
                ],
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]

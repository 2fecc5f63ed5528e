"""Files that a worker prepares, and saved views of lists."""

import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('suppliers', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PreparedExport',
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
                ('kind', models.CharField(choices=[('invoices', 'Invoices, CSV'), ('workbook', 'Invoices, XLSX'), ('statement', 'Statement, PDF')], default='invoices', max_length=10)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='suppliers.supplier')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('user',), name='dashboard_preparedexport_one_waiting'), models.CheckConstraint(condition=models.Q(models.Q(('content__isnull', True), ('finished_at__isnull', True), ('state', 'waiting')), models.Q(('content__isnull', False), ('finished_at__isnull', False), ('rows__isnull', False), ('state', 'ready')), models.Q(('content__isnull', True), ('finished_at__isnull', False), ('state', 'failed')), _connector='OR'), name='dashboard_preparedexport_state_complete')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=40)),
                ('query', models.CharField(blank=True, max_length=1000)),
                ('is_default', models.BooleanField(default=False)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='suppliers.supplier')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': [django.db.models.functions.text.Lower('name'), 'pk'],
                'constraints': [models.UniqueConstraint(models.F('supplier'), models.F('user'), django.db.models.functions.text.Lower('name'), name='saved_view_once_a_name'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('supplier', 'user'), name='saved_view_one_default'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='saved_view_has_a_name')],
            },
        ),
        migrations.CreateModel(
            name='DataExport',
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
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='suppliers.supplier')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('user',), name='dashboard_dataexport_one_waiting'), models.CheckConstraint(condition=models.Q(models.Q(('content__isnull', True), ('finished_at__isnull', True), ('state', 'waiting')), models.Q(('content__isnull', False), ('finished_at__isnull', False), ('rows__isnull', False), ('state', 'ready')), models.Q(('content__isnull', True), ('finished_at__isnull', False), ('state', 'failed')), _connector='OR'), name='dashboard_dataexport_state_complete')],
            },
        ),
    ]

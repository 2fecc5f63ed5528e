"""People who sign in, their devices and changes of their accounts; the database keeps exclusive roles apart."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION users_refuse_conflicting_roles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM users_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
    IF (
        SELECT count(*) FROM auth_group
        WHERE name IN ('Underwriter', 'Operations') AND (
            id = NEW.group_id
            OR id IN (SELECT group_id FROM users_user_groups WHERE user_id = NEW.user_id AND id <> NEW.id)
        )
    ) > 1 THEN
        RAISE EXCEPTION 'exclusive_roles: nobody is both Underwriter and Operations'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'exclusive_roles';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER exclusive_roles BEFORE INSERT OR UPDATE ON users_user_groups
    FOR EACH ROW EXECUTE FUNCTION users_refuse_conflicting_roles();
"""
BACKWARDS = """
DROP TRIGGER exclusive_roles ON users_user_groups;
DROP FUNCTION users_refuse_conflicting_roles();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='email address')),
                ('name', models.CharField(blank=True, max_length=150)),
                ('is_staff', models.BooleanField(default=False, verbose_name='works at infactor')),
                ('is_active', models.BooleanField(default=True, verbose_name='may sign in')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('language', models.CharField(blank=True, choices=[('en', 'English'), ('es', 'Español')], help_text='Of pages and emails. Empty: not chosen yet.', max_length=10)),
                ('session_version', models.PositiveIntegerField(default=0, editable=False, help_text='Raised to end every session of this person.')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_any_case')],
            },
        ),
        migrations.CreateModel(
            name='AccountChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('address_added', 'email address added'), ('address_changed', 'main email address changed'), ('address_removed', 'email address removed'), ('password_changed', 'password changed'), ('factor_added', 'second factor added'), ('factor_removed', 'second factor removed'), ('codes_renewed', 'new recovery codes')], max_length=20)),
                ('at', models.DateTimeField()),
                ('former_email', models.EmailField(blank=True, help_text="The confirmed address that no longer is this person's.", max_length=254)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='account_changes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-at'], name='account_change_of_user')],
            },
        ),
        migrations.CreateModel(
            name='KnownDevice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64)),
                ('first_seen_at', models.DateTimeField()),
                ('last_seen_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='known_devices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'token_hash'), name='one_row_a_person_and_device')],
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]

"""Suppliers, memberships, applications, checks, agreements and bank accounts; agreements and checks stay as written."""

from datetime import UTC, datetime
import django.db.models.deletion
import django.db.models.functions.text
import infactor.core.fields
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION suppliers_reject_agreement_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('infactor.erasing', true) = 'on' THEN
        IF to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
            RETURN NEW;  -- only personal data differs: see core.privacy.erasure
        END IF;
    END IF;
    RAISE EXCEPTION 'agreements are append-only: % of % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER suppliers_agreementtext_append_only BEFORE UPDATE OR DELETE ON suppliers_agreementtext
    FOR EACH ROW EXECUTE FUNCTION suppliers_reject_agreement_change();
CREATE TRIGGER suppliers_agreementacceptance_append_only BEFORE UPDATE OR DELETE ON suppliers_agreementacceptance
    FOR EACH ROW EXECUTE FUNCTION suppliers_reject_agreement_change('ip_address', 'user_agent');
CREATE TRIGGER suppliers_agreementtext_no_truncate BEFORE TRUNCATE ON suppliers_agreementtext
    FOR EACH STATEMENT EXECUTE FUNCTION suppliers_reject_agreement_change();
CREATE TRIGGER suppliers_agreementacceptance_no_truncate BEFORE TRUNCATE ON suppliers_agreementacceptance
    FOR EACH STATEMENT EXECUTE FUNCTION suppliers_reject_agreement_change();

CREATE FUNCTION suppliers_reject_check_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('infactor.erasing', true) = 'on' THEN
        IF to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
            RETURN NEW;  -- only personal data differs: see core.privacy.erasure
        END IF;
    END IF;
    RAISE EXCEPTION 'checks are append-only: % of % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER suppliers_check_append_only BEFORE UPDATE OR DELETE ON suppliers_check
    FOR EACH ROW EXECUTE FUNCTION suppliers_reject_check_change('reference', 'note');
CREATE TRIGGER suppliers_checkrequirement_append_only BEFORE UPDATE OR DELETE ON suppliers_checkrequirement
    FOR EACH ROW EXECUTE FUNCTION suppliers_reject_check_change();
CREATE TRIGGER suppliers_check_no_truncate BEFORE TRUNCATE ON suppliers_check
    FOR EACH STATEMENT EXECUTE FUNCTION suppliers_reject_check_change();
CREATE TRIGGER suppliers_checkrequirement_no_truncate BEFORE TRUNCATE ON suppliers_checkrequirement
    FOR EACH STATEMENT EXECUTE FUNCTION suppliers_reject_check_change();

CREATE FUNCTION suppliers_check_who_confirms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM suppliers_application WHERE supplier_id = NEW.supplier_id AND status = 'approved'
               AND decided_by_id = NEW.confirmed_by_id) THEN
        RAISE EXCEPTION 'bank_account_confirmed_by_no_approver: who approved the supplier confirms no account of it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_account_confirmed_by_no_approver';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bank_account_confirmed_by_no_approver BEFORE UPDATE OF confirmed_by_id ON suppliers_bankaccount
    FOR EACH ROW WHEN (NEW.confirmed_by_id IS DISTINCT FROM OLD.confirmed_by_id)
    EXECUTE FUNCTION suppliers_check_who_confirms();

CREATE FUNCTION suppliers_check_owner_shares() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(share) FROM suppliers_owner WHERE application_id = NEW.application_id) > 100 THEN
        RAISE EXCEPTION 'owner_shares_within_100_percent: the shares of one company are over 100 percent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'owner_shares_within_100_percent';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER owner_shares_within_100_percent AFTER INSERT OR UPDATE ON suppliers_owner
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION suppliers_check_owner_shares();
CREATE TRIGGER suppliers_supplier_keep_name BEFORE UPDATE OF name ON suppliers_supplier
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION core_keep_name('suppliers_suppliername');
"""
BACKWARDS = """
DROP TRIGGER suppliers_supplier_keep_name ON suppliers_supplier;
DROP TRIGGER owner_shares_within_100_percent ON suppliers_owner;
DROP FUNCTION suppliers_check_owner_shares();
DROP TRIGGER bank_account_confirmed_by_no_approver ON suppliers_bankaccount;
DROP FUNCTION suppliers_check_who_confirms();
DROP TRIGGER suppliers_checkrequirement_no_truncate ON suppliers_checkrequirement;
DROP TRIGGER suppliers_check_no_truncate ON suppliers_check;
DROP TRIGGER suppliers_checkrequirement_append_only ON suppliers_checkrequirement;
DROP TRIGGER suppliers_check_append_only ON suppliers_check;
DROP FUNCTION suppliers_reject_check_change();
DROP TRIGGER suppliers_agreementacceptance_no_truncate ON suppliers_agreementacceptance;
DROP TRIGGER suppliers_agreementtext_no_truncate ON suppliers_agreementtext;
DROP TRIGGER suppliers_agreementacceptance_append_only ON suppliers_agreementacceptance;
DROP TRIGGER suppliers_agreementtext_append_only ON suppliers_agreementtext;
DROP FUNCTION suppliers_reject_agreement_change();
"""

TITLE = "Invoice financing agreement (sample)"
BODY = """\
This is a sample. It shows where the agreement stands and what it may deal with. It was not written by a lawyer and must be \
replaced by a text of infactor's own lawyers before any real money is advanced.

1. What this is about
You offer infactor invoices that your customers owe you. infactor may make you an offer for one or several of them. Nobody is \
bound before you have accepted an offer.

2. The offer
Each offer says which invoices it is for, how much is paid to you at once (the advance), how much is kept back for now (the \
reserve), the fee and how it grows with time, and until when you can accept it. What you accepted is kept word for word.

3. The sale of an invoice
With an offer that you accepted and an advance that infactor paid, the invoice and everything that belongs to it is infactor's. \
Before that, infactor asks your customer whether the invoice is right, in a text that you approve. Once infactor has bought the \
invoice, you let it give your customer a notice of assignment in your name, too: from then on your customer pays infactor. If \
infactor sells the invoice back to you, or the advance does not reach you, infactor releases your customer from that notice.

4. What you promise
Each invoice is real, is for goods delivered or work done, is owed by a customer who is not related to you, is not disputed, \
and was neither sold nor pledged to anybody else. Your books, as infactor reads them, are true. You tell infactor at once when \
one of these is no longer so.

5. Money that reaches you by mistake
If a customer pays you for an invoice that is infactor's, you hold the money for infactor and forward it without delay.

6. When your customer has paid
infactor pays you the reserve, less the fee for the days that it really took and less what your customer did not pay because of \
credits, discounts or disputes.

7. When your customer does not pay
If an invoice is not paid by the recourse date in the offer, or if one of your promises in section 4 was not true for it, \
infactor may sell it back to you for the advance and the fee.

8. Your bank account
infactor pays to the account that you entered and infactor confirmed. A change waits some days and is confirmed by a person at \
infactor; until then the account before it is used.

9. Your data
infactor reads your invoices, customers and payments from your bookkeeping software, in order to judge, price and follow the \
invoices that you offer. You can end this at any time; what was financed by then is settled first.

10. New versions
infactor may publish a new version. It holds for offers after you have accepted it; what was agreed before stays as it was.

11. The end
Either side may end this agreement at any time. Invoices that were financed by then are settled under it.
"""


def publish(apps, schema_editor):
    apps.get_model("suppliers", "AgreementText").objects.create(
        version=1,
        title=TITLE,
        body=BODY,
        published_at=datetime(2026, 11, 20, 18, tzinfo=UTC),
    )


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0001_initial'),
        ('documents', '0001_initial'),
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AgreementText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(unique=True)),
                ('title', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('published_at', models.DateTimeField()),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-version'],
                'permissions': [('publish_agreement', 'Can publish a new version of the agreement')],
                'constraints': [models.CheckConstraint(condition=models.Q(('version__gte', 1), models.Q(('title', ''), _negated=True), models.Q(('body', ''), _negated=True)), name='agreement_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='Supplier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=200, verbose_name='company name')),
                ('time_zone', models.CharField(default='America/Los_Angeles', help_text='Decides which day it is for due dates and fees. QuickBooks says it, or an owner chooses it.', max_length=64)),
                ('time_zone_is_chosen', models.BooleanField(default=False, help_text='An owner has chosen it, so QuickBooks does not change it.')),
            ],
            options={
                'ordering': ['name', 'pk'],
                'permissions': [('open_supplier_pages', 'Can open the pages of a supplier as it sees them, read-only')],
            },
        ),
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('status', models.CharField(choices=[('draft', 'Not submitted yet'), ('submitted', 'Being checked'), ('on_hold', 'On hold'), ('approved', 'Approved'), ('refused', 'Refused')], default='draft', max_length=10)),
                ('legal_name', models.CharField(blank=True, max_length=200)),
                ('trading_name', models.CharField(blank=True, max_length=200)),
                ('registration_number', models.CharField(blank=True, max_length=60)),
                ('tax_id', infactor.core.fields.EncryptedTextField(blank=True, verbose_name='tax number')),
                ('address_line1', models.CharField(blank=True, max_length=200, verbose_name='address')),
                ('address_line2', models.CharField(blank=True, max_length=200, verbose_name='address, second line')),
                ('city', models.CharField(blank=True, max_length=100)),
                ('region', models.CharField(blank=True, max_length=100, verbose_name='state or region')),
                ('postal_code', models.CharField(blank=True, max_length=20)),
                ('country', models.CharField(blank=True, help_text='Two letters, as ISO 3166 has them.', max_length=2)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('website', models.URLField(blank=True)),
                ('business_since', models.DateField(blank=True, null=True, verbose_name='in business since')),
                ('about', models.TextField(blank=True, verbose_name='what you sell, and to whom')),
                ('submitted_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.TextField(blank=True, help_text='Why it is on hold or refused, as the supplier reads it.')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submitted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='application', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-submitted_at', '-pk'],
                'permissions': [('decide_application', "Can approve, hold and refuse suppliers' applications")],
                'indexes': [models.Index(fields=['status', 'submitted_at'], name='application_queue')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status', 'draft'), ('submitted_at__isnull', True), ('submitted_by__isnull', True), ('decided_at__isnull', True), ('decided_by__isnull', True), ('reason', '')), models.Q(('status', 'submitted'), ('submitted_at__isnull', False), ('submitted_by__isnull', False), ('decided_at__isnull', True), ('decided_by__isnull', True), ('reason', '')), models.Q(('status', 'approved'), ('submitted_at__isnull', False), ('submitted_by__isnull', False), ('decided_at__isnull', False), ('decided_by__isnull', False)), models.Q(('status__in', ['on_hold', 'refused']), ('submitted_at__isnull', False), ('submitted_by__isnull', False), ('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='application_status_fits_who_and_when'), models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'on_hold', 'refused']), models.Q(models.Q(('legal_name', ''), _negated=True), models.Q(('tax_id', ''), _negated=True), models.Q(('address_line1', ''), _negated=True), models.Q(('city', ''), _negated=True), models.Q(('country', ''), _negated=True), models.Q(('phone', ''), _negated=True)), _connector='OR'), name='application_complete_once_submitted'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('submitted_by')), _negated=True), _connector='OR'), name='application_decided_by_another'), models.CheckConstraint(condition=models.Q(('country', ''), ('country__regex', '^[A-Z]{2}$'), _connector='OR'), name='application_country_is_a_code')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('finance', 'Finance'), ('reader', 'Read-only')], default='owner', max_length=10)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='suppliers.supplier')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'supplier'), name='one_membership_a_person_and_supplier'), models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'finance', 'reader'])), name='membership_role_known')],
            },
        ),
        migrations.CreateModel(
            name='Owner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=200)),
                ('share', models.DecimalField(decimal_places=2, help_text='Percent of the company.', max_digits=5)),
                ('role', models.CharField(blank=True, max_length=100)),
                ('email', models.EmailField(max_length=254)),
                ('date_of_birth', infactor.core.fields.EncryptedTextField(blank=True, help_text='A date: 1980-02-28.')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='owners', to='suppliers.application')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('share__gt', Decimal('0')), ('share__lte', Decimal('100'))), name='owner_share_in_range'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('email', ''), _negated=True)), name='owner_is_named')],
            },
        ),
        migrations.CreateModel(
            name='BankAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bank_accounts', to='suppliers.supplier')),
                ('currency', models.CharField(max_length=3)),
                ('holder', models.CharField(max_length=140, verbose_name='account holder')),
                ('bank_name', models.CharField(max_length=140)),
                ('country', models.CharField(max_length=2, verbose_name='country of the bank')),
                ('account_number', infactor.core.fields.EncryptedTextField(help_text='An IBAN where the country has them, else the local number.')),
                ('routing_number', infactor.core.fields.EncryptedTextField(blank=True)),
                ('last4', models.CharField(max_length=4, verbose_name='last four')),
                ('fingerprint', infactor.core.fields.FingerprintField(db_index=True, help_text='Equal for equal accounts.', max_length=64)),
                ('status', models.CharField(choices=[('waiting', 'Waiting to be confirmed'), ('in_use', 'In use'), ('suspended', 'Suspended: the bank returned a payout'), ('replaced', 'Replaced'), ('refused', 'Refused')], default='waiting', max_length=10)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('added_at', models.DateTimeField()),
                ('usable_from', models.DateTimeField(help_text='Nobody can confirm it earlier.')),
                ('after_account_change', models.BooleanField(default=False, help_text='Address, password or second factor of who entered it had changed shortly before.', verbose_name='entered soon after a change of sign-in')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('micro_deposits_matched_at', models.DateTimeField(help_text='An owner entered the amounts of both micro-deposits then.', null=True)),
                ('proof', models.CharField(blank=True, choices=[('letter', 'Bank letter'), ('call', 'Call-back'), ('micro', 'Micro-deposits')], max_length=6, verbose_name='proved by')),
                ('proof_document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document', verbose_name='bank letter')),
                ('proof_phone', models.CharField(blank=True, max_length=40, verbose_name='number called')),
                ('proof_note', models.CharField(blank=True, max_length=1000, verbose_name='note of the proof')),
                ('suspended_at', models.DateTimeField(null=True)),
                ('suspended_because', models.CharField(blank=True, help_text='As the bank said when it returned a payout.', max_length=300, verbose_name='why it is suspended')),
                ('refused_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('refused_at', models.DateTimeField(null=True)),
                ('reason', models.TextField(blank=True, help_text='Why it was refused, as the supplier reads it.')),
            ],
            options={
                'ordering': ['-added_at', '-pk'],
                'permissions': [('confirm_bank_account', "Can confirm and refuse suppliers' bank accounts")],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ['in_use', 'suspended'])), fields=('supplier', 'currency'), name='one_account_in_use_a_currency'), models.UniqueConstraint(condition=models.Q(('status', 'waiting')), fields=('supplier', 'currency'), name='one_account_waiting_a_currency'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'waiting'), ('confirmed_at__isnull', True), ('confirmed_by__isnull', True), ('reason', ''), ('refused_at__isnull', True), ('refused_by__isnull', True)), models.Q(('status__in', ['in_use', 'suspended']), ('confirmed_at__isnull', False), ('confirmed_by__isnull', False), ('reason', ''), ('refused_at__isnull', True), ('refused_by__isnull', True)), models.Q(('status', 'replaced'), models.Q(models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), models.Q(('confirmed_at__isnull', True), ('confirmed_by__isnull', True)), _connector='OR'), ('reason', ''), ('refused_at__isnull', True), ('refused_by__isnull', True)), models.Q(('status', 'refused'), ('confirmed_at__isnull', True), ('confirmed_by__isnull', True), ('refused_at__isnull', False), ('refused_by__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='bank_account_status_fits_who_and_when'), models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(models.Q(('confirmed_by', models.F('added_by')), _negated=True), ('confirmed_at__gte', models.F('usable_from'))), _connector='OR'), name='bank_account_confirmed_by_another_after_cooling_off'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_by', None), ('proof', ''), ('proof_document', None), ('proof_note', ''), ('proof_phone', '')), models.Q(('confirmed_by__isnull', False), models.Q(models.Q(('proof', 'letter'), ('proof_document__isnull', False), ('proof_phone', '')), models.Q(('proof', 'call'), ('proof_document', None), models.Q(('proof_phone', ''), _negated=True), models.Q(('proof_note', ''), _negated=True)), models.Q(('proof', 'micro'), ('proof_document', None), ('proof_phone', '')), _connector='OR')), _connector='OR'), name='bank_account_confirmed_on_a_proof'), models.CheckConstraint(condition=models.Q(('country__regex', '^[A-Z]{2}$'), ('currency__regex', '^[A-Z]{3}$'), ('last4__regex', '^.{4}$'), models.Q(('holder', ''), _negated=True), models.Q(('bank_name', ''), _negated=True), models.Q(('account_number', ''), _negated=True), models.Q(('fingerprint', ''), _negated=True)), name='bank_account_complete')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='AgreementAcceptance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('ip_address', models.GenericIPAddressField()),
                ('user_agent', models.CharField(blank=True, max_length=400)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('text', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='suppliers.agreementtext')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('supplier', 'text'), name='one_acceptance_a_supplier_and_version')],
            },
        ),
        migrations.AddField(
            model_name='supplier',
            name='members',
            field=models.ManyToManyField(related_name='suppliers', through='suppliers.Membership', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='Check',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('registration', 'Registration'), ('owners', 'Beneficial owners'), ('identity', 'Identity of the owners'), ('liens', 'UCC or register search'), ('sanctions', 'Sanctions check'), ('bank_account', 'Proof of the bank account')], max_length=20, verbose_name='check')),
                ('outcome', models.CharField(choices=[('passed', 'Passed'), ('not_passed', 'Not passed')], max_length=10)),
                ('made_on', models.DateField(verbose_name='made')),
                ('expires_on', models.DateField(help_text='The last day on which it counts. Empty: for good.', null=True, verbose_name='last day')),
                ('reference', models.CharField(blank=True, help_text='The number of a search, a register or a list.', max_length=200)),
                ('note', models.TextField(blank=True, help_text='What was found.')),
                ('recorded_at', models.DateTimeField()),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='suppliers.supplier')),
            ],
            options={
                'verbose_name': 'onboarding check',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['supplier', 'kind', '-id'], name='check_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'passed'), models.Q(('document__isnull', False), models.Q(('reference', ''), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR')), models.Q(('outcome', 'not_passed'), models.Q(('note', ''), _negated=True)), _connector='OR'), name='check_shows_why'), models.CheckConstraint(condition=models.Q(('expires_on', None), ('expires_on__gte', models.F('made_on')), _connector='OR'), name='check_expires_later')],
            },
        ),
        migrations.CreateModel(
            name='CheckRequirement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('registration', 'Registration'), ('owners', 'Beneficial owners'), ('identity', 'Identity of the owners'), ('liens', 'UCC or register search'), ('sanctions', 'Sanctions check'), ('bank_account', 'Proof of the bank account')], max_length=20, verbose_name='check')),
                ('is_required', models.BooleanField(verbose_name='needed for approval')),
                ('enforced_from', models.DateField(help_text="infactor's day from which suppliers that were approved without it are not financed.", null=True, verbose_name='approved suppliers need it from')),
                ('reason', models.CharField(max_length=500)),
                ('set_at', models.DateTimeField()),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'requirement of a check',
                'verbose_name_plural': 'requirements of checks',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='check_requirement_has_reason'), models.CheckConstraint(condition=models.Q(('is_required', True)) ^ models.Q(('enforced_from__isnull', True)), name='check_requirement_has_its_day'), models.CheckConstraint(condition=models.Q(('is_required', True), models.Q(('approved_by__isnull', False), models.Q(('approved_by', models.F('set_by')), _negated=True)), _connector='OR'), name='check_requirement_dropped_by_two')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('email', models.EmailField(max_length=254)),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('finance', 'Finance'), ('reader', 'Read-only')], max_length=10)),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('accepted', 'Accepted'), ('cancelled', 'Cancelled')], default='waiting', max_length=10)),
                ('sent_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('times_sent', models.PositiveSmallIntegerField(default=1)),
                ('digest', models.CharField(max_length=64)),
                ('ended_at', models.DateTimeField(null=True)),
                ('accepted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(models.F('supplier'), django.db.models.functions.text.Lower('email'), condition=models.Q(('status', 'waiting')), name='one_invitation_waiting_an_address'), models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'finance', 'reader']), models.Q(('email', ''), _negated=True)), name='invitation_complete'), models.CheckConstraint(condition=models.Q(models.Q(('accepted_by__isnull', True), ('ended_at__isnull', True), ('status', 'waiting')), models.Q(('accepted_by__isnull', False), ('ended_at__isnull', False), ('status', 'accepted')), models.Q(('accepted_by__isnull', True), ('ended_at__isnull', False), ('status', 'cancelled')), _connector='OR'), name='invitation_status_fits_who_and_when')],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('offers', 'Requests and offers'), ('money', 'Advances, payments and payouts'), ('statements', 'Monthly statements'), ('buyers', 'Answers from buyers'), ('books', 'QuickBooks connection'), ('messages', 'Messages from infactor'), ('legal', 'Your agreement and what you owe'), ('security', 'People, sign-in and bank accounts')], max_length=10)),
                ('key', models.CharField(max_length=120, unique=True)),
                ('title', models.CharField(max_length=200)),
                ('path', models.CharField(help_text='The page where the person reads more or acts.', max_length=200)),
                ('created_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='suppliers.supplier')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(fields=['user', 'supplier', '-created_at'], name='notification_list'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['user', 'supplier'], name='notification_unread'), models.Index(fields=['created_at'], name='notification_age')],
            },
        ),
        migrations.CreateModel(
            name='NotificationChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(choices=[('offers', 'Requests and offers'), ('money', 'Advances, payments and payouts'), ('statements', 'Monthly statements'), ('buyers', 'Answers from buyers'), ('books', 'QuickBooks connection'), ('messages', 'Messages from infactor'), ('legal', 'Your agreement and what you owe'), ('security', 'People, sign-in and bank accounts')], max_length=10)),
                ('in_app', models.BooleanField()),
                ('by_mail', models.BooleanField()),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='suppliers.supplier')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notification_choices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'supplier', 'kind'), name='one_choice_a_person_and_kind'), models.CheckConstraint(condition=models.Q(('kind__in', ['legal', 'security']), _negated=True), name='choice_of_kinds_that_can_be_switched_off')],
            },
        ),
        migrations.CreateModel(
            name='AccountClosing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('status', models.CharField(choices=[('requested', 'Requested'), ('withdrawn', 'Withdrawn by the supplier'), ('declined', 'Declined'), ('released', 'Released')], default='requested', max_length=10)),
                ('reason', models.CharField(blank=True, help_text='Why the supplier leaves, in its words.', max_length=500)),
                ('requested_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decision', models.CharField(blank=True, help_text='Why staff decided so.', max_length=500)),
                ('letter', models.JSONField(default=dict)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closings', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-requested_at', '-pk'],
                'permissions': [('release_supplier', 'Can release suppliers who close their account')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ['requested', 'released'])), fields=('supplier',), name='one_closing_a_supplier'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('status', 'requested')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', True), ('status', 'withdrawn')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('status__in', ['declined', 'released']), models.Q(('decision', ''), _negated=True)), _connector='OR'), name='closing_status_fits_who_and_when'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'released'), models.Q(('letter', {}), _negated=True)), models.Q(models.Q(('status', 'released'), _negated=True), ('letter', {})), _connector='OR'), name='closing_letter_once_released')],
            },
        ),
        migrations.CreateModel(
            name='AcceptanceRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('needs_two', models.BooleanField(default=False)),
                ('off_requested_at', models.DateTimeField(null=True)),
                ('off_requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supplier', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='acceptance_rule', to='suppliers.supplier')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('off_requested_at__isnull', True), ('off_requested_by__isnull', True)), models.Q(('needs_two', True), ('off_requested_at__isnull', False), ('off_requested_by__isnull', False)), _connector='OR'), name='acceptance_rule_off_request_is_complete')],
            },
        ),
        migrations.CreateModel(
            name='SupplierName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=500)),
                ('known_until', models.DateTimeField()),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='past_names', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['subject_id', 'pk'],
                'abstract': False,
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.RunPython(publish, migrations.RunPython.noop),
    ]

"""Company files, buyers, debtors, invoices with their history, payments, and what is owed or backs an invoice.

Triggers keep every superseded state of an invoice or a buyer: no writer can forget one.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import infactor.core.money
import infactor.invoices.models.invoice
import uuid
from django.conf import settings
from django.db import migrations, models

# Columns that are the row's own, are derived from others, or change with every save in the books.
UNTRACKED = "'{id,public_id,created_at,updated_at,known_since,search_text,sync_token,books_updated_at}'::text[]"
KEEP_VERSION = """
CREATE FUNCTION invoices_keep_{name}_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_now CONSTANT jsonb := to_jsonb(NEW);
    -- Our clock may seem to go back where two workers wait for one lock; what was learnt later stays later.
    known_from CONSTANT timestamptz := COALESCE(OLD.known_since, OLD.created_at);
    learnt_at CONSTANT timestamptz := GREATEST(NEW.updated_at, known_from);
    was jsonb;
BEGIN
    IF current_setting('infactor.erasing', true) = 'on' THEN
        RETURN NEW;  -- what is erased is not kept as a version: see core.privacy.erasure
    END IF;
    SELECT jsonb_object_agg(before.key, before.value) INTO was
        FROM jsonb_each(to_jsonb(OLD) - {untracked}) AS before
        WHERE before.value IS DISTINCT FROM is_now -> before.key;
    IF was IS NULL THEN
        NEW.known_since := OLD.known_since;
        RETURN NEW;
    END IF;
    INSERT INTO invoices_{name}version
            (subject_id, changed, sync_token, books_at, books_until, known_from, known_until)
        VALUES (OLD.id, was, OLD.sync_token, OLD.books_updated_at,
            CASE WHEN NEW.books_updated_at IS DISTINCT FROM OLD.books_updated_at
                THEN COALESCE(NEW.books_updated_at, learnt_at) ELSE learnt_at END,
            known_from, learnt_at);
    NEW.known_since := learnt_at;
    RETURN NEW;
END $$;
CREATE TRIGGER invoices_{name}_keep_version BEFORE UPDATE ON invoices_{name}
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION invoices_keep_{name}_version();
-- PostgreSQL deletes versions with their row, not Django: deleting a parent updates its jobs, which adds versions.
ALTER TABLE invoices_{name}version ADD CONSTRAINT invoices_{name}version_of_{name} FOREIGN KEY (subject_id)
    REFERENCES invoices_{name} (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""
# For the search of staff. Like prefixes, whatever the database sorts by; the expressions are those of admin/search.py.
SEARCH = [
    "CREATE INDEX invoice_by_number ON invoices_invoice (UPPER(invoice_no) text_pattern_ops)",
    "CREATE INDEX invoice_by_last_digits ON invoices_invoice "
    "(REVERSE(regexp_replace(invoice_no, '[^0-9]', '', 'g')) text_pattern_ops)",
    "CREATE INDEX invoice_by_reference ON invoices_invoice (qbk_invoice_id)",
]
KEEP_NAME = """
CREATE TRIGGER invoices_debtor_keep_name BEFORE UPDATE OF name ON invoices_debtor
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION core_keep_name('invoices_debtorname');
"""
VERSIONS = [KEEP_VERSION.format(name=name, untracked=UNTRACKED) for name in ("invoice", "buyer")]
FORWARDS = "".join([*VERSIONS, KEEP_NAME])
BACKWARDS = """
DROP TRIGGER invoices_debtor_keep_name ON invoices_debtor;
ALTER TABLE invoices_buyerversion DROP CONSTRAINT invoices_buyerversion_of_buyer;
ALTER TABLE invoices_invoiceversion DROP CONSTRAINT invoices_invoiceversion_of_invoice;
DROP TRIGGER invoices_buyer_keep_version ON invoices_buyer;
DROP TRIGGER invoices_invoice_keep_version ON invoices_invoice;
DROP FUNCTION invoices_keep_buyer_version();
DROP FUNCTION invoices_keep_invoice_version();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0001_initial'),
        ('suppliers', '0001_initial'),
        ('users', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CompanyFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('source', models.CharField(help_text='The accounting system, as the mapping table names it.', max_length=20)),
                ('name', models.CharField(max_length=200)),
                ('home_currency', models.CharField(blank=True, max_length=3)),
                ('as_of', models.DateTimeField(blank=True, help_text='The books were read completely up to this moment, by their own clock.', null=True)),
                ('revision', models.PositiveBigIntegerField(default=0, editable=False, help_text='Incremented with every change of what was read from these books.')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='company_files', to='suppliers.supplier')),
                ('payables_as_of', models.DateTimeField(blank=True, help_text='What the supplier owes was read completely up to this moment. Empty: it is not read.', null=True)),
            ],
            options={
                'ordering': ['supplier_id', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('source', 'By hand')), fields=('supplier',), name='company_file_by_hand_once_a_supplier')],
            },
        ),
        migrations.CreateModel(
            name='Debtor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=500)),
                ('tax_id', models.CharField(blank=True, max_length=64)),
                ('email_domain', models.CharField(blank=True, max_length=253)),
                ('address', models.CharField(blank=True, help_text='In one line.', max_length=1000)),
                ('country', models.CharField(blank=True, max_length=100)),
                ('is_business', models.BooleanField(blank=True, help_text="Set by staff. Unknown: a customer with a company name counts as a business.", null=True)),
                ('note', models.TextField(blank=True)),
                ('created_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name', 'pk'],
                'permissions': [('join_debtors', 'Can join buyers into debtors')],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='debtor_has_a_name')],
            },
        ),
        migrations.CreateModel(
            name='Buyer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('reference', models.CharField(help_text="The customer's id in the books.", max_length=64)),
                ('name', models.CharField(blank=True, max_length=500)),
                ('full_name', models.CharField(blank=True, help_text='Parent:job, as the books write it.', max_length=2500)),
                ('company_name', models.CharField(blank=True, max_length=500)),
                ('contact_name', models.CharField(blank=True, max_length=500)),
                ('email', models.CharField(blank=True, help_text='As in the books; may hold several addresses.', max_length=500)),
                ('phone', models.CharField(blank=True, max_length=100)),
                ('address', models.CharField(blank=True, help_text='Where bills go, in one line.', max_length=1000)),
                ('tax_id', models.CharField(blank=True, help_text='As in the books, which may hide its first characters.', max_length=64)),
                ('is_active', models.BooleanField(default=True)),
                ('is_job', models.BooleanField(default=False)),
                ('is_erased', models.BooleanField(db_default=False, default=False, editable=False, help_text='Erased on request: the books of this customer are not read again.')),
                ('parent_reference', models.CharField(blank=True, max_length=64)),
                ('balance', infactor.core.money.MoneyField(blank=True, decimal_places=2, max_digits=18, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('sync_token', models.CharField(blank=True, max_length=20)),
                ('books_updated_at', models.DateTimeField(blank=True, null=True)),
                ('known_since', models.DateTimeField(editable=False, help_text='When infactor learnt of this state; a trigger sets it. None: at creation.', null=True)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='jobs', to='invoices.buyer')),
                ('supplier', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='buyers', to='suppliers.supplier')),
                ('company_file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='buyers', to='invoices.companyfile')),
                ('debtor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='buyers', to='invoices.debtor')),
            ],
            options={
                'ordering': ['name', 'pk'],
                'indexes': [models.Index(fields=['supplier', 'name'], name='buyer_by_supplier')],
                'constraints': [models.UniqueConstraint(fields=('company_file', 'reference'), name='buyer_once_a_company_file'), models.CheckConstraint(condition=models.Q(('balance__lt', 10000000000000000)), name='buyer_balance_is_a_number')],
            },
        ),
        migrations.CreateModel(
            name='BooksPayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('reference', models.CharField(help_text="The payment's id in the books.", max_length=64)),
                ('customer_reference', models.CharField(blank=True, max_length=64)),
                ('number', models.CharField(blank=True, help_text='Cheque or transfer number, as the books have it.', max_length=100)),
                ('paid_on', models.DateField(null=True)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('unapplied', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('moves_money', models.BooleanField(default=True)),
                ('is_void', models.BooleanField(default=False)),
                ('is_own', models.BooleanField(db_default=False, default=False, help_text='infactor wrote it into the books for a payment that it received.')),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('sync_token', models.CharField(blank=True, max_length=20)),
                ('books_updated_at', models.DateTimeField(null=True)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='books_payments', to='suppliers.supplier')),
                ('buyer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='invoices.buyer')),
                ('company_file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='invoices.companyfile')),
                ('account_reference', models.CharField(blank=True, help_text='The account that it was received into, by its id in the books.', max_length=64)),
            ],
            options={
                'ordering': ['-paid_on', '-pk'],
                'indexes': [models.Index(fields=['buyer', '-paid_on'], name='payment_of_buyer')],
                'constraints': [models.UniqueConstraint(fields=('company_file', 'reference'), name='payment_once_a_company_file'), models.CheckConstraint(condition=models.Q(('amount__lt', 10000000000000000), ('unapplied__lt', 10000000000000000)), name='payment_amounts_are_numbers')],
            },
        ),
        migrations.CreateModel(
            name='CreditMemo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('reference', models.CharField(help_text="The credit memo's id in the books.", max_length=64)),
                ('customer_reference', models.CharField(blank=True, max_length=64)),
                ('number', models.CharField(blank=True, max_length=100)),
                ('issued_on', models.DateField(null=True)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('remaining', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('is_void', models.BooleanField(default=False)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('sync_token', models.CharField(blank=True, max_length=20)),
                ('books_updated_at', models.DateTimeField(null=True)),
                ('buyer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_memos', to='invoices.buyer')),
                ('company_file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='credit_memos', to='invoices.companyfile')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credit_memos', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-issued_on', '-pk'],
                'indexes': [models.Index(fields=['buyer', '-issued_on'], name='credit_memo_of_buyer')],
                'constraints': [models.UniqueConstraint(fields=('company_file', 'reference'), name='credit_memo_once_a_company_file'), models.CheckConstraint(condition=models.Q(('amount__lt', 10000000000000000), ('remaining__lt', 10000000000000000)), name='credit_memo_amounts_are_numbers')],
            },
        ),
        migrations.CreateModel(
            name='DebtorSuggestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kinds', models.JSONField(default=list, help_text='Why they match: keys of `matching.REASONS`.')),
                ('score', models.PositiveSmallIntegerField(default=0, help_text='Of 100.', verbose_name='score')),
                ('found_at', models.DateTimeField(verbose_name='found')),
                ('dismissed_at', models.DateTimeField(blank=True, null=True, verbose_name='dismissed')),
                ('reason', models.TextField(blank=True)),
                ('buyers', models.ManyToManyField(editable=False, related_name='suggestions', to='invoices.buyer')),
                ('debtor', models.ForeignKey(blank=True, editable=False, help_text='The debtor that some of them belong to already.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoices.debtor')),
                ('dismissed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'dismissed suggestion',
                'ordering': ['-dismissed_at', '-score', 'pk'],
                'indexes': [models.Index(condition=models.Q(('dismissed_at', None)), fields=['found_at'], name='suggestion_pending')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('dismissed_at__isnull', True), ('dismissed_by__isnull', True)), models.Q(('dismissed_at__isnull', False), ('dismissed_by__isnull', False)), _connector='OR'), name='suggestion_dismissed_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='Invoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('invoice_no', models.CharField(blank=True, max_length=100)),
                ('invoice_amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('invoice_date', models.DateTimeField(null=True)),
                ('payable_date', models.DateField(null=True)),
                ('tax_amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('items', models.JSONField(decoder=infactor.invoices.models.invoice.ExactDecoder, default=list)),
                ('tax_details', models.JSONField(decoder=infactor.invoices.models.invoice.ExactDecoder, default=dict)),
                ('company_name', models.CharField(blank=True, max_length=500)),
                ('buyer_email', models.CharField(blank=True, max_length=500)),
                ('contact_name', models.CharField(blank=True, max_length=500)),
                ('company_email', models.CharField(blank=True, max_length=500)),
                ('purchase_date', models.DateTimeField(null=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('invoice_created', 'Awaiting approval'), ('invoice_rejected', 'Rejected by buyer'), ('invoice_accepted', 'Approved'), ('ifactor_request', 'Financing requested'), ('ifactor_rejected', 'Declined'), ('ifactor_proposed', 'Offer received'), ('ifactor_proposal_rejected', 'Offer declined'), ('ifactor_proposal_accepted', 'Offer accepted'), ('ifactor_prepaid', 'Funded'), ('invoice_paid', 'Buyer paid'), ('completed', 'Completed')], default='invoice_created', max_length=30)),
                ('qbk_invoice_id', models.CharField(max_length=64)),
                ('source', models.CharField(max_length=20)),
                ('txn_date', models.DateField(null=True)),
                ('balance', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('deposit', infactor.core.money.MoneyField(decimal_places=2, help_text='What the buyer paid with the order, outside of any payment.', max_digits=18, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('exchange_rate', models.DecimalField(decimal_places=10, max_digits=20, null=True)),
                ('sync_token', models.CharField(blank=True, max_length=20)),
                ('customer_reference', models.CharField(blank=True, max_length=64)),
                ('linked_txn', models.JSONField(decoder=infactor.invoices.models.invoice.ExactDecoder, default=list)),
                ('sales_term', models.CharField(blank=True, max_length=64)),
                ('private_note', models.TextField(blank=True)),
                ('email_status', models.CharField(blank=True, max_length=30)),
                ('emailed_at', models.DateTimeField(help_text='When the accounting system last sent it to the buyer.', null=True)),
                ('books_status', models.CharField(choices=[('open', 'Open'), ('partly_paid', 'Partly paid'), ('paid', 'Paid'), ('voided', 'Voided'), ('deleted', 'Deleted')], default='open', max_length=12)),
                ('books_updated_at', models.DateTimeField(null=True)),
                ('search_text', models.TextField(blank=True, editable=False)),
                ('known_since', models.DateTimeField(editable=False, help_text='When infactor learnt of this state; a trigger sets it. None: at creation.', null=True)),
                ('buyer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='invoices.buyer')),
                ('company_file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='invoices.companyfile')),
                ('supplier', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='suppliers.supplier')),
                ('purchase_order_no', models.CharField(blank=True, db_default='', default='', help_text='From a custom field.', max_length=100, verbose_name="buyer's purchase order")),
            ],
            options={
                'ordering': ['-txn_date', '-pk'],
                'indexes': [models.Index('supplier', models.OrderBy(models.F('txn_date'), descending=True, nulls_last=True), models.OrderBy(models.F('id'), descending=True), name='invoice_by_txn_date'), models.Index(fields=['supplier', 'payable_date', 'id'], name='invoice_by_due_date'), models.Index(fields=['supplier', 'books_status'], name='invoice_by_books_status'), models.Index(condition=models.Q(('state', 'invoice_created'), _negated=True), fields=['supplier', 'state', '-id'], name='invoice_by_state'), models.Index(fields=['invoice_amount', 'txn_date', 'currency'], name='invoice_by_figures'), models.Index(models.OrderBy(models.F('txn_date'), descending=True, nulls_last=True), name='invoice_by_day')],
                'constraints': [models.UniqueConstraint(fields=('company_file', 'qbk_invoice_id'), name='invoice_once_a_company_file'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'invoice_created', 'invoice_rejected', 'invoice_accepted', 'ifactor_request', 'ifactor_rejected', 'ifactor_proposed', 'ifactor_proposal_rejected', 'ifactor_proposal_accepted', 'ifactor_prepaid', 'invoice_paid', 'completed'])), name='invoice_state_known'), models.CheckConstraint(condition=models.Q(('books_status__in', ['open', 'partly_paid', 'paid', 'voided', 'deleted'])), name='invoice_books_status_known'), models.CheckConstraint(condition=models.Q(('invoice_amount__lt', 10000000000000000), ('tax_amount__lt', 10000000000000000), ('balance__lt', 10000000000000000), ('deposit__lt', 10000000000000000)), name='invoice_amounts_are_numbers')],
            },
        ),
        migrations.CreateModel(
            name='InvoiceChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(help_text='When infactor read it.')),
                ('books_at', models.DateTimeField(help_text='When it was changed in the books.', null=True)),
                ('changes', models.JSONField()),
                ('invoice', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='history', to='invoices.invoice')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['invoice', '-at'], name='history_of_invoice')],
            },
        ),
        migrations.CreateModel(
            name='PaymentAllocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('kind', models.CharField(help_text='Invoice, CreditMemo, JournalEntry, … as the books name it.', max_length=30)),
                ('reference', models.CharField(help_text='The id in the books of the document that it is applied to.', max_length=64)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('invoice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='allocations', to='invoices.invoice')),
                ('payment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='allocations', to='invoices.bookspayment')),
            ],
            options={
                'ordering': ['payment_id', 'position'],
                'indexes': [models.Index(fields=['kind', 'reference'], name='allocation_by_target')],
                'constraints': [models.UniqueConstraint(fields=('payment', 'position'), name='allocation_once_a_line'), models.CheckConstraint(condition=models.Q(('amount__lt', 10000000000000000)), name='allocation_amount_is_a_number')],
            },
        ),
        migrations.CreateModel(
            name='InvoiceVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('changed', models.JSONField(decoder=infactor.invoices.models.invoice.ExactDecoder)),
                ('sync_token', models.CharField(blank=True, max_length=20)),
                ('books_at', models.DateTimeField(null=True)),
                ('books_until', models.DateTimeField()),
                ('known_from', models.DateTimeField()),
                ('known_until', models.DateTimeField()),
                ('subject', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='versions', to='invoices.invoice')),
            ],
            options={
                'ordering': ['subject_id', 'pk'],
                'abstract': False,
                'indexes': [django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['known_until'], name='invoice_version_by_age')],
                'constraints': [models.CheckConstraint(condition=models.Q(('known_until__gte', models.F('known_from'))), name='invoice_version_has_a_span')],
            },
        ),
        migrations.CreateModel(
            name='BuyerVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('changed', models.JSONField(decoder=infactor.invoices.models.invoice.ExactDecoder)),
                ('sync_token', models.CharField(blank=True, max_length=20)),
                ('books_at', models.DateTimeField(null=True)),
                ('books_until', models.DateTimeField()),
                ('known_from', models.DateTimeField()),
                ('known_until', models.DateTimeField()),
                ('subject', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='versions', to='invoices.buyer')),
            ],
            options={
                'ordering': ['subject_id', 'pk'],
                'abstract': False,
                'indexes': [django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['known_until'], name='buyer_version_by_age')],
                'constraints': [models.CheckConstraint(condition=models.Q(('known_until__gte', models.F('known_from'))), name='buyer_version_has_a_span')],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('reference', models.CharField(help_text='Its id in the books.', max_length=64)),
                ('sync_token', models.CharField(blank=True, max_length=20)),
                ('books_updated_at', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('file_name', models.CharField(blank=True, help_text='Empty: a note without a file.', max_length=500)),
                ('content_type', models.CharField(blank=True, max_length=200)),
                ('size', models.BigIntegerField(help_text='In bytes, as the books say.', null=True)),
                ('note', models.CharField(blank=True, max_length=2000)),
                ('attached_at', models.DateTimeField(null=True)),
                ('company_file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_rows', to='invoices.companyfile')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['attached_at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('company_file', 'reference'), name='attachment_once_a_company_file')],
            },
        ),
        migrations.CreateModel(
            name='AttachmentLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('kind', models.CharField(help_text='Invoice, Bill, … as the books name it.', max_length=30)),
                ('reference', models.CharField(help_text='The id of the document in the books.', max_length=64)),
                ('attachment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='invoices.attachment')),
            ],
            options={
                'ordering': ['attachment_id', 'position'],
                'indexes': [models.Index(fields=['kind', 'reference'], name='attachment_line_by_document')],
                'constraints': [models.UniqueConstraint(fields=('attachment', 'position'), name='attachment_line_once')],
            },
        ),
        migrations.CreateModel(
            name='BooksAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('reference', models.CharField(help_text='Its id in the books.', max_length=64)),
                ('sync_token', models.CharField(blank=True, max_length=20)),
                ('books_updated_at', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('name', models.CharField(blank=True, max_length=500)),
                ('account_type', models.CharField(blank=True, help_text='As the books name it, such as Bank.', max_length=60)),
                ('subtype', models.CharField(blank=True, max_length=60)),
                ('company_file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_rows', to='invoices.companyfile')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['name', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('company_file', 'reference'), name='account_once_a_company_file')],
            },
        ),
        migrations.CreateModel(
            name='Deposit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('reference', models.CharField(help_text='Its id in the books.', max_length=64)),
                ('sync_token', models.CharField(blank=True, max_length=20)),
                ('books_updated_at', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('account_reference', models.CharField(blank=True, max_length=64)),
                ('account_name', models.CharField(blank=True, max_length=500)),
                ('deposited_on', models.DateField(null=True)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('company_file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_rows', to='invoices.companyfile')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-deposited_on', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('company_file', 'reference'), name='deposit_once_a_company_file'), models.CheckConstraint(condition=models.Q(('amount__lt', 10000000000000000)), name='deposit_amount_is_a_number')],
            },
        ),
        migrations.CreateModel(
            name='DepositLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('kind', models.CharField(help_text='Payment, SalesReceipt, … as the books name it.', max_length=30)),
                ('reference', models.CharField(help_text='The id of the document in the books.', max_length=64)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('deposit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='invoices.deposit')),
            ],
            options={
                'ordering': ['deposit_id', 'position'],
                'indexes': [models.Index(fields=['kind', 'reference'], name='deposit_line_by_document')],
                'constraints': [models.UniqueConstraint(fields=('deposit', 'position'), name='deposit_line_once'), models.CheckConstraint(condition=models.Q(('amount__lt', 10000000000000000)), name='deposit_line_amount_is_a_number')],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('reference', models.CharField(help_text='Its id in the books.', max_length=64)),
                ('sync_token', models.CharField(blank=True, max_length=20)),
                ('books_updated_at', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('name', models.CharField(blank=True, max_length=500)),
                ('sku', models.CharField(blank=True, max_length=100, verbose_name='SKU')),
                ('description', models.CharField(blank=True, max_length=4000)),
                ('item_type', models.CharField(blank=True, help_text='Inventory, Service, … as the books name it.', max_length=30)),
                ('company_file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_rows', to='invoices.companyfile')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['name', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('company_file', 'reference'), name='item_once_a_company_file')],
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('reference', models.CharField(help_text='Its id in the books.', max_length=64)),
                ('sync_token', models.CharField(blank=True, max_length=20)),
                ('books_updated_at', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('kind', models.CharField(choices=[('estimate', 'Estimate'), ('purchase_order', 'Purchase order')], max_length=20)),
                ('customer_reference', models.CharField(blank=True, max_length=64)),
                ('number', models.CharField(blank=True, max_length=100)),
                ('issued_on', models.DateField(null=True)),
                ('expires_on', models.DateField(null=True)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('status', models.CharField(blank=True, help_text='Accepted, Closed, … as the books name it.', max_length=30)),
                ('accepted_by', models.CharField(blank=True, max_length=500)),
                ('accepted_on', models.DateField(null=True)),
                ('company_file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_rows', to='invoices.companyfile')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-issued_on', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('company_file', 'kind', 'reference'), name='order_once_a_company_file_and_kind'), models.CheckConstraint(condition=models.Q(('amount__lt', 10000000000000000)), name='order_amount_is_a_number')],
            },
        ),
        migrations.CreateModel(
            name='Payable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('reference', models.CharField(help_text='Its id in the books.', max_length=64)),
                ('sync_token', models.CharField(blank=True, max_length=20)),
                ('books_updated_at', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('kind', models.CharField(choices=[('bill', 'Bill'), ('vendor_credit', 'Vendor credit')], max_length=20)),
                ('vendor_reference', models.CharField(blank=True, max_length=64)),
                ('number', models.CharField(blank=True, max_length=100)),
                ('issued_on', models.DateField(null=True)),
                ('due_on', models.DateField(null=True)),
                ('amount', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('balance', infactor.core.money.MoneyField(decimal_places=2, max_digits=18, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('company_file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_rows', to='invoices.companyfile')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['-issued_on', '-pk'],
                'indexes': [models.Index(fields=['company_file', 'vendor_reference'], name='payable_of_vendor')],
                'constraints': [models.UniqueConstraint(fields=('company_file', 'kind', 'reference'), name='payable_once_a_company_file_and_kind'), models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('amount__lt', 10000000000000000), ('balance__gte', 0), ('balance__lt', 10000000000000000)), name='payable_amounts_are_positive_numbers')],
            },
        ),
        migrations.CreateModel(
            name='Vendor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('reference', models.CharField(help_text='Its id in the books.', max_length=64)),
                ('sync_token', models.CharField(blank=True, max_length=20)),
                ('books_updated_at', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('name', models.CharField(blank=True, max_length=500)),
                ('company_name', models.CharField(blank=True, max_length=500)),
                ('email', models.CharField(blank=True, help_text='As in the books; may hold several addresses.', max_length=500)),
                ('phone', models.CharField(blank=True, max_length=100)),
                ('address', models.CharField(blank=True, help_text='In one line.', max_length=1000)),
                ('tax_id', models.CharField(blank=True, help_text='As in the books, which may hide its first characters.', max_length=64)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('is_active', models.BooleanField(default=True)),
                ('is_erased', models.BooleanField(db_default=False, default=False, editable=False, help_text='Erased on request: the books of this vendor are not read again.')),
                ('company_file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)s_rows', to='invoices.companyfile')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='suppliers.supplier')),
            ],
            options={
                'ordering': ['name', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('company_file', 'reference'), name='vendor_once_a_company_file')],
            },
        ),
        migrations.CreateModel(
            name='VendorMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kinds', models.JSONField(default=list, help_text='Why they match: keys of `contra.matching.KINDS`.', verbose_name='similarities')),
                ('state', models.CharField(choices=[('suggested', 'To be decided'), ('joined', 'One company'), ('dismissed', 'Not one company')], default='suggested', max_length=10)),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('reason', models.TextField(blank=True)),
                ('buyer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='vendor_matches', to='invoices.buyer')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('vendor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='matches', to='invoices.vendor')),
            ],
            options={
                'verbose_name': 'vendor that may be a buyer',
                'verbose_name_plural': 'vendors that may be buyers',
                'ordering': ['-decided_at', 'pk'],
                'permissions': [('join_vendors', 'Can say which vendor is which buyer')],
                'constraints': [models.UniqueConstraint(fields=('vendor', 'buyer'), name='vendor_match_once_a_pair'), models.UniqueConstraint(condition=models.Q(('state', 'joined')), fields=('vendor',), name='vendor_is_one_buyer'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'dismissed'), _negated=True), ('decided_by__isnull', False), _connector='OR'), name='vendor_match_dismissed_by_somebody'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), ('decided_at__isnull', False), _connector='OR'), name='vendor_match_decision_is_dated')],
            },
        ),
        migrations.CreateModel(
            name='InvoiceUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('at', models.DateTimeField()),
                ('name', models.CharField(max_length=120)),
                ('sha256', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('checked', 'Checked'), ('imported', 'Imported')], default='checked', max_length=10)),
                ('rows', models.BinaryField()),
                ('decisions', models.BinaryField(default=bytes)),
                ('choices', models.JSONField(default=dict)),
                ('counts', models.JSONField(default=dict)),
                ('imported_at', models.DateTimeField(null=True)),
                ('imported', models.PositiveIntegerField(default=0)),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='suppliers.supplier')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['at'], name='upload_by_age')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('imported_at', None), ('state', 'checked')), models.Q(('imported_at__isnull', False), ('state', 'imported')), _connector='OR'), name='upload_imported_when')],
            },
        ),
        migrations.CreateModel(
            name='NamedRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveBigIntegerField()),
                ('invoice_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('buyer_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), help_text='Customers and sub-customers, those that an invoice had before included.', size=None)),
                ('company_file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='named_revisions', to='invoices.companyfile')),
            ],
            options={
                'ordering': ['company_file_id', 'revision'],
                'constraints': [models.UniqueConstraint(fields=('company_file', 'revision'), name='named_revision_once')],
            },
        ),
        migrations.CreateModel(
            name='DebtorName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=500)),
                ('known_until', models.DateTimeField()),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='past_names', to='invoices.debtor')),
            ],
            options={
                'ordering': ['subject_id', 'pk'],
                'abstract': False,
            },
        ),
        migrations.RunSQL(SEARCH, migrations.RunSQL.noop),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]

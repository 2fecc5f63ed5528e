"""The first version of the agreement: a sample, so that everything can be tried before a lawyer wrote the real one."""

from datetime import datetime, timezone

from django.db import migrations

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
Your customer is told, confirms the invoice, and pays to infactor.

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
        published_at=datetime(2026, 11, 20, 18, tzinfo=timezone.utc),
    )


class Migration(migrations.Migration):
    dependencies = [("suppliers", "0004_agreements_stand_and_shares_fit")]
    # Back is nothing: the table goes with its own migration, and no row of it may be deleted.
    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]

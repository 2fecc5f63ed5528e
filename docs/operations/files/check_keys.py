"""Whether a database and the keys of its environment belong together: `manage.py shell < check_keys.py`.

Decrypts every encrypted value (FIELD_ENCRYPTION_KEYS) and computes every stored fingerprint again (FINGERPRINT_KEY).
Prints one line and no secret. Ends with exit code 1 where a key is wrong.
"""

import sys

from django.apps import apps

from infactor.core.fields import EncryptedTextField, fingerprint
from infactor.suppliers.models import BankAccount
from quickbooks_app.models import Connection

decrypted = 0
for model in apps.get_models():
    names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
    for row in model._base_manager.only("pk", *names).iterator() if names else ():
        decrypted += sum(1 for name in names if getattr(row, name))

computed = [
    (account.fingerprint, fingerprint("bank-account", account.country, account.routing_number, account.account_number))
    for account in BankAccount.objects.all()
] + [
    (connection.realm_fingerprint, fingerprint("realm", connection.environment, connection.realm_id))
    for connection in Connection.objects.exclude(realm_fingerprint=None)
]
wrong = sum(1 for stored, found in computed if stored != found)

sys.stdout.write(f"{decrypted} values decrypted; {len(computed)} fingerprints computed, {wrong} of them wrong.\n")
if wrong:
    sys.exit(1)

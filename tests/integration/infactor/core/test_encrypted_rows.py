"""Encrypted columns, bound to their row, and the rotation of their keys, on a real database."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from infactor.core import encrypted_rows
from infactor.core.keys import DecryptionError, WrongPlace, fingerprint, generate_key
from infactor.suppliers.admin.applications import same_account_elsewhere
from infactor.suppliers.bank_numbers import parse
from infactor.suppliers.models import Application, BankAccount, Owner, Supplier
from quickbooks_app.auth import integrations
from quickbooks_app.connections.early_check import find_by_realm
from quickbooks_app.models import Connection, WebhookEvent
from quickbooks_app.webhooks.inbox import store_events
from quickbooks_app.webhooks.parsing import Event
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import SupplierFactory, UserFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db


def connected(**values: Any) -> Connection:
    given = {"realm_id": "9341457021722202", "access_token": "secret-access", "refresh_token": "secret-refresh"}
    row: Connection = ConnectionFactory(**{**given, **values})
    return row


def stored(row: Connection, column: str) -> str:
    return str(execute(f"SELECT {column} FROM quickbooks_app_connection WHERE id = %s", row.pk))


def execute(statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0] if cursor.description else None


@pytest.mark.parametrize("column", ["access_token", "refresh_token", "realm_id"])
def test_a_secret_is_ciphertext_in_the_database_and_plain_in_python(column: str) -> None:
    row = connected()
    assert getattr(row, column) not in stored(row, column)
    assert stored(row, column).startswith("1.")
    assert getattr(Connection.objects.get(pk=row.pk), column) == getattr(row, column)
    assert getattr(Connection.objects.defer(column).get(pk=row.pk), column) == getattr(row, column)


def test_a_secret_that_is_set_by_an_update_is_encrypted_for_each_row() -> None:
    rows = [connected(realm_id=realm) for realm in ("1", "2")]
    assert Connection.objects.update(access_token="another-one") == 2
    assert "another-one" not in stored(rows[0], "access_token")
    assert [row.access_token for row in Connection.objects.all()] == ["another-one", "another-one"]


def test_secrets_of_many_rows_are_written_at_once_and_read_back() -> None:
    application = Application.objects.create(supplier=SupplierFactory())
    owners = Owner.objects.bulk_create(
        Owner(application=application, name=day, share=10, email="o@x.example", date_of_birth=f"1980-02-{day}")
        for day in ("01", "02", "03")
    )
    assert [owner.date_of_birth[-2:] for owner in Owner.objects.order_by("name")] == ["01", "02", "03"]
    for owner in owners:
        owner.date_of_birth = "1990-01-01"
    assert Owner.objects.bulk_update(owners, ["date_of_birth"]) == 3
    assert {owner.date_of_birth for owner in Owner.objects.all()} == {"1990-01-01"}


@pytest.mark.parametrize("column", ["access_token", "refresh_token", "realm_id"])
def test_a_secret_that_was_copied_to_another_row_is_refused_by_name(column: str) -> None:
    theirs, mine = connected(realm_id="1"), connected(realm_id="2")
    execute(f"UPDATE quickbooks_app_connection SET {column} = %s WHERE id = %s", stored(theirs, column), mine.pk)
    with pytest.raises(WrongPlace, match=rf"quickbooks_app_connection\.{column} of {mine.pk} .* copied"):
        getattr(Connection.objects.get(pk=mine.pk), column)


def test_a_secret_that_was_copied_to_another_column_is_refused() -> None:
    row = connected()
    execute("UPDATE quickbooks_app_connection SET access_token = refresh_token")
    with pytest.raises(WrongPlace, match="copied from another row or column"):
        _ = Connection.objects.get(pk=row.pk).access_token


def test_a_plain_value_is_never_stored_nor_searched_for() -> None:
    connected()
    with pytest.raises(TypeError, match="encrypted"):
        Connection.objects.filter(access_token__contains="sec").exists()
    assert not Connection.objects.filter(access_token="secret-access").exists()
    field = Connection._meta.get_field("access_token")
    with pytest.raises(TypeError, match="encrypted for its row"):
        field.get_db_prep_save("secret", connection)


def test_an_encrypted_column_of_a_model_that_knows_no_key_before_its_insert_is_refused() -> None:
    field = Owner._meta.get_field("date_of_birth")
    assert field.check() == []
    with pytest.raises(TypeError, match="no primary key yet"):
        field.pre_save(Owner(date_of_birth="1980-02-28"), True)
    copied = type(field)()
    copied.set_attributes_from_name("secret")
    copied.model = Supplier
    assert [problem.id for problem in copied.check()] == ["infactor.E003"]


def test_encryption_keys_can_be_rotated_and_the_old_one_dropped(settings: Any) -> None:
    row = connected()
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], generate_key()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    assert Connection.objects.get(pk=row.pk).refresh_token == "secret-refresh"
    call_command("rotate_keys", stdout=StringIO())
    settings.FIELD_ENCRYPTION_KEYS = [new]
    again = Connection.objects.get(pk=row.pk)
    assert (again.access_token, again.refresh_token, again.realm_id) == (
        "secret-access",
        "secret-refresh",
        "9341457021722202",
    )


def test_a_secret_whose_key_is_gone_is_named_and_not_shown(settings: Any) -> None:
    row = connected()
    settings.FIELD_ENCRYPTION_KEYS = [generate_key()]
    with pytest.raises(DecryptionError, match="no longer in FIELD_ENCRYPTION_KEYS") as refused:
        _ = Connection.objects.get(pk=row.pk).access_token
    assert stored(row, "access_token") not in str(refused.value)


def test_a_company_and_an_account_are_found_while_and_after_the_fingerprint_key_is_rotated(settings: Any) -> None:
    row = connected(environment="local")
    accounts = [bank_account(supplier=SupplierFactory(name=name)) for name in ("Larkspur", "Sorrel")]
    settings.FINGERPRINT_KEY, settings.FINGERPRINT_KEY_FALLBACKS = "new" * 10, [settings.FINGERPRINT_KEY]
    settings.QUICKBOOKS_ENVIRONMENT = "local"
    later = bank_account(supplier=SupplierFactory(name="Tansy"))
    assert later.fingerprint != accounts[0].fingerprint

    assert find_by_realm(realm_id="9341457021722202") == row
    assert same_account_elsewhere(later) == "Larkspur, Sorrel"
    assert same_account_elsewhere(accounts[0]) == "Sorrel, Tansy"
    assert webhook_reaches("during") == row.pk

    call_command("rotate_keys", stdout=StringIO())
    settings.FINGERPRINT_KEY_FALLBACKS = []
    assert find_by_realm(realm_id="9341457021722202") == row
    assert same_account_elsewhere(BankAccount.objects.get(pk=accounts[0].pk)) == "Sorrel, Tansy"
    assert webhook_reaches("during") == row.pk


def test_keys_are_proved_to_fit_and_a_wrong_one_is_named(settings: Any) -> None:
    connected()  # three values, and the tax number of its supplier
    found = encrypted_rows.check_keys()
    assert (found.decrypted, found.fingerprints, found.problems) == (4, 1, {})
    settings.FINGERPRINT_KEY = "another"
    with pytest.raises(CommandError, match="realm_fingerprint: computed with an unknown key"):
        call_command("check_keys", stdout=StringIO())
    settings.FIELD_ENCRYPTION_KEYS = [generate_key()]
    with pytest.raises(CommandError, match=r"Connection.refresh_token: encrypted with an unknown key \(1 rows\)"):
        call_command("check_keys", stdout=StringIO())


def test_a_rotation_names_two_rows_of_one_company_and_writes_neither(settings: Any) -> None:
    first = connected(environment="local")
    settings.FINGERPRINT_KEY, settings.FINGERPRINT_KEY_FALLBACKS = "new" * 10, [settings.FINGERPRINT_KEY]
    connected(environment="local", realm_fingerprint=fingerprint("realm", "local", "9341457021722202"))
    with pytest.raises(CommandError, match="Two rows hold the same company"):
        call_command("rotate_keys", stdout=StringIO())
    assert Connection.objects.get(pk=first.pk).realm_fingerprint == first.realm_fingerprint


def webhook_reaches(event_id: str) -> int | None:
    """The connection of which a webhook of the company says that something changed."""
    event = Event(event_id, "9341457021722202", "Invoice", "1", "update", "", NOON)
    store_events(events=[event], senders=[integrations.from_settings()], at=NOON)
    return WebhookEvent.objects.get(event_id=event_id).connection_id


def bank_account(**values: Any) -> BankAccount:
    numbers = parse(country="US", account_number="000123456789", routing_number="021000021")
    added: BankAccount = BankAccount.objects.create(
        currency="USD",
        holder="Larkspur",
        bank_name="First",
        country="US",
        account_number=numbers.account,
        routing_number=numbers.routing,
        last4=numbers.last4,
        fingerprint=numbers.fingerprint,
        added_by=UserFactory(),
        added_at=NOON,
        usable_from=NOON,
        **values,
    )
    return added

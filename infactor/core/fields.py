"""Encrypted columns that only their own row decrypts, and fingerprints by which encrypted values are found.

The table, the column and the primary key are authenticated with each value (AES-GCM's associated data). So a row has
its primary key before it is inserted: `EncryptedModel` takes it from the table's sequence.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.core import checks
from django.db import connections, models, router, transaction
from django.db.models.query_utils import DeferredAttribute

from infactor.core import keys

# Stands for a value where Django asks the database about one that is not being stored, as a constraint's validation.
_NOT_STORED = "(not stored)"


class Ciphertext(str):
    """A value as it is stored."""

    __slots__ = ()


class _Decrypted(DeferredAttribute):
    """Decrypts a value when it is first read, so that a row can be loaded without its keys."""

    field: "EncryptedTextField"

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Ciphertext) and instance is not None:
            value = instance.__dict__[self.field.attname] = self.field.decrypt(value, pk=instance.pk)
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):
    """Text that is ciphertext in the database and plain text in Python, on models that inherit EncryptedModel.

    The first of FIELD_ENCRYPTION_KEYS encrypts, all of them decrypt. It cannot be searched or ordered; `values()` and
    `values_list()` return ciphertext. The empty string is stored as it is.
    """

    descriptor_class = _Decrypted

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        """As Django's; the model must be an EncryptedModel, so that a row has its primary key when it is encrypted."""
        found: list[checks.CheckMessage] = super().check(**kwargs)
        if not issubclass(self.model, EncryptedModel):
            found.append(checks.Error("Its model must inherit EncryptedModel.", obj=self, id="infactor.E003"))
        return found

    def place(self, pk: Any) -> str:
        """What a value is bound to: table, column and primary key."""
        return f"{self.model._meta.db_table}.{self.column} of {pk}"

    def encrypt(self, value: str, *, pk: Any) -> Ciphertext:
        """`value` for the row `pk`."""
        return Ciphertext(keys.encrypt(value, place=self.place(pk)))

    def decrypt(self, value: str, *, pk: Any) -> str:
        """The plain text of the row `pk`. Raises keys.DecryptionError."""
        return keys.decrypt(value, place=self.place(pk))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname, "")
        if value in (None, "") or isinstance(value, Ciphertext) or hasattr(value, "resolve_expression"):
            return value
        if model_instance.pk is None:
            raise TypeError(f"{self.name} is encrypted for its row, which has no primary key yet.")
        return self.encrypt(str(value), pk=model_instance.pk)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if value in (None, "") or isinstance(value, Ciphertext) or hasattr(value, "resolve_expression"):
            return value
        raise TypeError(f"{self.name} is encrypted for its row: save it through a row or a query of its model.")

    def get_prep_value(self, value: Any) -> Any:
        if value in (None, "") or isinstance(value, Ciphertext):
            return value
        return _NOT_STORED

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return value if value in (None, "") else Ciphertext(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in ("isnull", "exact"):
            raise TypeError(f"{self.name} is encrypted: it cannot be looked up by {lookup_name}.")
        return super().get_lookup(lookup_name)


class FingerprintField(models.CharField):
    """The fingerprint of other fields of the row, `of`, for the purpose `label`: finds them and keeps them unique.

    Look up by `accepted(...)`: during a rotation a row may still hold the fingerprint under an older key.
    """

    def __init__(self, *args: Any, label: str = "", of: Sequence[str] = (), **kwargs: Any) -> None:
        self.label, self.of = label, tuple(of)
        super().__init__(*args, **{"max_length": 64, **kwargs})

    def accepted(self, row: models.Model) -> list[str]:
        """The fingerprints of the values in `row` under every key, the one to store first."""
        return keys.fingerprints(self.label, *(str(getattr(row, name)) for name in self.of))


if TYPE_CHECKING:
    _QuerySet = models.QuerySet[Any]
else:
    _QuerySet = models.QuerySet


class EncryptedQuerySet(_QuerySet):
    """Writes encrypted columns row by row, each for its own primary key."""

    def update(self, **values: Any) -> int:
        """As Django's; a plain value of an encrypted column is encrypted for each row, under the rows' locks."""
        fields = encrypted_fields(self.model)
        plain = {
            field: values.pop(field.name)
            for field in fields
            if values.get(field.name) and not hasattr(values[field.name], "resolve_expression")
        }
        if not plain:
            return super().update(**values)
        with transaction.atomic(using=self.db):
            pks = list(self.order_by().select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
            for pk in pks:
                own = {field.name: field.encrypt(str(value), pk=pk) for field, value in plain.items()}
                models.QuerySet(self.model, using=self.db).filter(pk=pk).update(**values, **own)
        return len(pks)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """As Django's, with primary keys that are taken from the sequence first."""
        rows = list(objs)
        new = [row for row in rows if row.pk is None]
        for row, pk in zip(new, _next_pks(self.model, count=len(new), using=self.db), strict=True):
            row.pk = pk
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        """As Django's; rows with encrypted columns are saved one by one in one transaction."""
        rows, names = list(objs), list(fields)
        encrypted = {field.name for field in encrypted_fields(self.model)}
        if not encrypted.intersection(names):
            return super().bulk_update(rows, names, batch_size=batch_size)
        with transaction.atomic(using=self.db):
            for row in rows:
                row.save(using=self.db, update_fields=names)
        return len(rows)


class EncryptedModel(models.Model):
    """A model with encrypted columns: a new row takes its primary key from the sequence before it is inserted."""

    objects = models.Manager.from_queryset(EncryptedQuerySet)()

    class Meta:
        abstract = True

    def save(self, *, force_insert: Any = False, using: str | None = None, **kwargs: Any) -> None:
        """As Django's."""
        if self._state.adding and self.pk is None:
            database = using or router.db_for_write(type(self), instance=self)
            (self.pk,) = _next_pks(type(self), count=1, using=database)
            force_insert = True
        super().save(force_insert=force_insert, using=using, **kwargs)


def encrypted_fields(model: type[models.Model]) -> list[EncryptedTextField]:
    """The encrypted columns of `model`."""
    return [field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]


def fingerprint_fields(model: type[models.Model]) -> list[FingerprintField]:
    """The fingerprint columns of `model`."""
    return [field for field in model._meta.concrete_fields if isinstance(field, FingerprintField)]


def _next_pks(model: type[models.Model], *, count: int, using: str) -> Collection[int]:
    """`count` unused primary keys of `model`, from its sequence."""
    if not count:
        return []
    table, column = model._meta.db_table, model._meta.pk.column
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [table, column, count]
        )
        return [pk for (pk,) in cursor.fetchall()]

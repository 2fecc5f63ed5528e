"""The names of models and their columns, in the language of who reads them, without a call around each of them.

`make messages` collects those of which staff have a page, as it does the texts of code, so that none can be without a
translation. Migrations keep the English names, which they read from the definitions.
"""

from typing import Any

from django.db.models import Model
from django.db.models.signals import class_prepared
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

OWN = ("infactor.", "quickbooks_app.")


def translate_from_now_on() -> None:
    """Make every name of an own model lazy as soon as its class is there: before a form copies one."""
    class_prepared.connect(_translate, dispatch_uid="names of models")


def _translate(sender: type[Model], **_given: Any) -> None:
    if not sender.__module__.startswith(OWN):
        return
    options = sender._meta
    for name in ("verbose_name", "verbose_name_plural"):
        given = getattr(options, name)
        # The plural that Django makes is the singular with an "s", which is English; it is lazy by itself.
        if name not in options.original_attrs or not isinstance(given, Promise):
            setattr(options, name, gettext_lazy(str(given)))
    for field in (*options.local_fields, *options.local_many_to_many):
        if not isinstance(field.verbose_name, Promise):
            field.verbose_name = gettext_lazy(field.verbose_name)

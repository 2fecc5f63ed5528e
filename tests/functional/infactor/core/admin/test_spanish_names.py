"""Staff who read Spanish read the names of models, columns, fields and filters in Spanish, too."""

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.forms import modelform_factory
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import strip_tags

from infactor.core.model_names import OWN
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from tests.support import messages
from tests.support.factories.suppliers import MembershipFactory

OWN_PAGES = [one for model, one in admin.site._registry.items() if model.__module__.startswith(OWN)]


SAME = {
    "BIC",
    "IBAN",
    "ID",
    "SHA-256",
    "base",
    "cursor",
    "error",
    "total",
    "infactor advances",
}  # one word in both languages


def known() -> set[str]:
    return {one.id for one in messages.catalogue("es") if isinstance(one.id, str) and one.string}


def test_no_column_of_staff_escapes_translation() -> None:
    texts, lacking = known(), []
    with translation.override("en"):
        for page in OWN_PAGES:
            for name in {*page.list_display, *page.readonly_fields} - {"action_checkbox"}:
                label = str(label_for_field(name, page.model, page))
                if label and label not in texts:
                    lacking.append(f"{type(page).__name__}.{name}: {label}")
    assert lacking == []


def test_every_name_of_a_model_is_read_in_the_readers_language() -> None:
    texts, lacking = known(), []
    for page in OWN_PAGES:
        options = page.model._meta
        for name in (options.verbose_name, options.verbose_name_plural, *(one.verbose_name for one in options.fields)):
            with translation.override("en"):
                english = str(name)
            assert english in texts
            with translation.override("es"):
                if str(name) == english and english not in SAME:
                    lacking.append(f"{options.label}: {english}")
    assert lacking == []


@pytest.mark.django_db
def test_the_headers_of_a_list_and_the_labels_of_a_form_are_in_spanish(client: Client, admin_user: User) -> None:
    MembershipFactory()
    User.objects.filter(pk=admin_user.pk).update(language="es")
    client.force_login(admin_user)
    address = reverse("admin:suppliers_supplier_changelist")
    shown = client.get(address).content.decode()
    assert "<h1>Proveedores</h1>" in shown
    headers = strip_tags(shown.split("<thead>")[1].split("</thead>")[0])
    assert "Zona horaria" in headers
    assert "Creado el" in headers
    form = modelform_factory(Supplier, fields=("time_zone",))  # copies the label once, as a module does on its import
    with translation.override("es"):
        assert str(form.base_fields["time_zone"].label) == "Zona horaria"

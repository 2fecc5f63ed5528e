"""A person enters their own name; colleagues read it, and the audit log says that it changed without saying it."""

import pytest
from django.test import Client
from django.urls import reverse

from infactor.core.models import AuditEvent
from infactor.suppliers.models import Supplier

pytestmark = pytest.mark.django_db
ADDRESS = reverse("account_email")


def test_a_name_is_entered_changed_and_removed(member: Client, supplier: Supplier) -> None:
    person = supplier.members.get()
    assert 'name="name"' in member.get(ADDRESS).content.decode()
    for sent, kept in ((" Kim \n\u202e Lee ", "Kim Lee"), ("Ana Núñez", "Ana Núñez"), ("", "")):
        answer = member.post(reverse("account_name"), {"name": sent})
        assert answer["Location"] == ADDRESS
        person.refresh_from_db()
        assert person.name == kept
    member.post(reverse("account_name"), {"name": "Kim Lee"})
    assert "Kim Lee" in member.get(reverse("dashboard:people")).content.decode()
    events = AuditEvent.objects.filter(event="user.name_changed")
    assert events.count() == 4
    assert "Kim" not in str([event.details for event in events])


def test_a_name_that_is_too_long_is_refused(member: Client, supplier: Supplier) -> None:
    page = member.post(reverse("account_name"), {"name": "K" * 151}, follow=True).content.decode()
    assert "it is longer than 150 characters" in page
    assert supplier.members.get().name == ""


def test_nobody_who_is_signed_out_enters_one(client: Client) -> None:
    assert client.post(reverse("account_name"), {"name": "Kim"}).status_code == 302
    assert not AuditEvent.objects.filter(event="user.name_changed").exists()

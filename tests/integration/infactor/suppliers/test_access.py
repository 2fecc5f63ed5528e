"""A request acts for a supplier only if its user may; otherwise it acts for none."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from infactor.suppliers import access
from tests.support.factories.suppliers import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_request_of_nobody_acts_for_no_supplier(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    with pytest.raises(access.NoSupplier):
        access.supplier_of(request)


def test_a_person_who_was_switched_off_acts_for_no_supplier_any_more(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = MembershipFactory(user=UserFactory(is_active=False)).user
    with pytest.raises(access.NoSupplier):
        access.supplier_of(request)

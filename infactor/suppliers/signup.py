"""Sign-up: creates a user together with the company that they act for."""

import uuid
from datetime import datetime

from allauth.account import forms as allauth_forms
from allauth.account.models import EmailAddress
from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from infactor.core import audit
from infactor.suppliers.models import Membership, Supplier
from infactor.users.models import User


class SignupForm(allauth_forms.SignupForm):  # type: ignore[misc]
    """allauth's form plus the company name. Creates the user and the supplier in one transaction."""

    company_name = forms.CharField(
        max_length=200,
        label="Company name",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    field_order = ("company_name", "email", "password1")

    def clean_company_name(self) -> str:
        name = " ".join(str(self.cleaned_data["company_name"]).split())
        if not any(character.isalnum() for character in name):
            raise forms.ValidationError("Enter the name of your company.")
        return name

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """allauth's, which answers equally whether the address has an account; here it also takes equally long."""
        if self.account_already_exists:
            _open_and_undo(password=self.cleaned_data["password1"], company_name=self.cleaned_data["company_name"])
        answer: tuple[User | None, HttpResponse | None] = super().try_save(request)
        return answer

    def save(self, request: HttpRequest) -> User:
        with transaction.atomic():
            user: User = super().save(request)
            open_account(user=user, company_name=self.cleaned_data["company_name"], at=timezone.now())
            return user


def _open_and_undo(*, password: str, company_name: str) -> None:
    """Do the work of a new account, most of it the hashing of the password, and leave nothing of it behind."""
    with transaction.atomic():
        user = User.objects.create_user(f"{uuid.uuid4()}@example.invalid", password)
        EmailAddress.objects.create(user=user, email=user.email, primary=True)
        open_account(user=user, company_name=company_name, at=timezone.now())
        transaction.set_rollback(True)


def open_account(*, user: User, company_name: str, at: datetime) -> Supplier:
    """Create a supplier with `user` as its owner."""
    with transaction.atomic():
        supplier = Supplier.objects.create(name=company_name)
        Membership.objects.create(user=user, supplier=supplier, role=Membership.Role.OWNER)
        audit.record(event="supplier.opened", subject=supplier, by=user, at=at, supplier_id=supplier.pk)
        return supplier

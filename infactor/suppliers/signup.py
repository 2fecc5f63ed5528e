"""Sign-up: creates a user together with the company that they act for, or joins the one that invited them."""

import uuid
from datetime import datetime
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core import audit
from infactor.suppliers import invitations
from infactor.suppliers.models import Invitation, Membership, Supplier
from infactor.users.models import User

INVITATION_KEY = "invitation"  # in the session: the token of the link by which somebody came


class SignupForm(allauth_forms.SignupForm):  # type: ignore[misc]
    """allauth's form plus the company name. Creates the user and the supplier in one transaction.

    Who came by the link of an invitation joins that company instead of opening one.
    """

    company_name = forms.CharField(
        max_length=200,
        label=gettext_lazy("Company name"),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    field_order = ("company_name", "email", "password1")
    invitation: Invitation | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)  # the labels say it already
        self.invitation = _open_invitation()
        if self.invitation is not None:
            del self.fields["company_name"]
            self.fields["email"].initial = self.invitation.email
            self.fields["email"].disabled = True  # the invitation is bound to it, whatever is posted

    def clean_company_name(self) -> str:
        name = " ".join(str(self.cleaned_data["company_name"]).split())
        if not any(character.isalnum() for character in name):
            raise forms.ValidationError(_("Enter the name of your company."))
        return name

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """allauth's, which answers equally whether the address has an account; here it also takes equally long."""
        if self.account_already_exists:
            name = self.cleaned_data.get("company_name", "Company")
            _open_and_undo(password=self.cleaned_data["password1"], company_name=name)
        answer: tuple[User | None, HttpResponse | None] = super().try_save(request)
        return answer

    def save(self, request: HttpRequest) -> User:
        with transaction.atomic():
            if self.invitation is not None:
                return self._join(request)
            user: User = super().save(request)
            open_account(user=user, company_name=self.cleaned_data["company_name"], at=timezone.now())
            return user

    def _join(self, request: HttpRequest) -> User:
        """Sign up for the company that invited. The link came to the address, so it is confirmed."""
        token = request.session.pop(INVITATION_KEY)
        get_adapter().stash_verified_email(request, self.invitation.email)  # type: ignore[union-attr]
        user: User = super().save(request)
        invitations.accept(token=token, by=user, at=timezone.now())
        return user


def _open_invitation() -> Invitation | None:
    """The invitation by which the reader of this page came, as long as its link works."""
    request = allauth_context.request
    token = request.session.get(INVITATION_KEY) if request is not None else None
    try:
        return invitations.open_link(token=token, at=timezone.now()) if token else None
    except invitations.UnknownLink:
        return None


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

"""Decisions of an administrator about a person's account, each with a fresh second factor."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from infactor.core import reasons, second_factor
from infactor.core.admin.decisions import DecisionView, RowDecision
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Facts
from infactor.users import roles, staff_accounts
from infactor.users.models import User

REFUSALS = (
    reasons.ReasonMissing,
    roles.ConflictingRoles,
    staff_accounts.CannotInvite,
    staff_accounts.OwnAccount,
)
ROLES = [(name, name) for name in roles.PERMISSIONS_BY_ROLE]


class InvitationForm(forms.Form):
    """Who is invited, and in which role."""

    email = forms.EmailField(label="E-mail address")
    name = forms.CharField(max_length=150)
    role = forms.ChoiceField(choices=[("", "Choose…"), *ROLES])


class RolesForm(forms.Form):
    """The roles of a member of staff; none is a choice, too."""

    roles = forms.MultipleChoiceField(choices=ROLES, required=False, widget=forms.CheckboxSelectMultiple)

    def clean_roles(self) -> list[str]:
        names: list[str] = self.cleaned_data["roles"]
        try:
            roles.check_roles(names)
        except roles.ConflictingRoles as conflict:
            raise forms.ValidationError(str(conflict)) from conflict
        return names


class InviteView(DecisionView):
    """Invite a member of staff by one e-mail."""

    title = "Invite a member of staff"
    button = "Send invitation"
    permission = staff_accounts.INVITE
    needs_fresh_factor = True
    form_class = InvitationForm
    refusals = REFUSALS
    notes = (
        "The e-mail has a link that works once, for a day. By it the person sets a password.",
        "Before the first page of admin the person sets up a second factor.",
    )

    def perform(self, form: Any) -> str:
        invited = staff_accounts.invite(**form.cleaned_data, by=_person(self.request), at=timezone.now())
        return f"{invited.email} is invited."

    def get_success_url(self) -> str:
        return reverse("admin:users_user_changelist")


class PersonDecision(RowDecision, DecisionView):
    """A decision about one account."""

    row: User
    permission = staff_accounts.MANAGE
    needs_fresh_factor = True
    refusals = REFUSALS

    @classmethod
    def is_possible(cls, row: User) -> bool:
        return True

    def facts(self) -> Facts:
        person = self.row
        return [
            ("Person", person.name or "-"),
            ("E-mail address", person.email),
            ("Roles", role_names(person)),
            ("Second factor", "set up" if second_factor.has_factor(person) else "none"),
            ("May sign in", "yes" if person.is_active else "no"),
        ]


class SetRolesView(PersonDecision):
    """Give the person other roles."""

    name = "roles"
    label = "Change roles"
    button = "Save roles"
    title = "Change the roles of a member of staff"
    form_class = RolesForm
    notes = ("Nobody is both Underwriter and Operations. A superuser has the permissions of no role.",)

    @classmethod
    def is_possible(cls, row: User) -> bool:
        return row.is_staff

    def get_initial(self) -> dict[str, Any]:
        return {"roles": list(self.row.groups.values_list("name", flat=True))}

    def perform(self, form: Any) -> str:
        names = form.cleaned_data["roles"]
        staff_accounts.set_roles(staff=self.row, names=names, by=_person(self.request), at=timezone.now())
        return f"{self.row.email} is now: {', '.join(names) or 'without a role'}."


class InviteAgainView(PersonDecision):
    """Send the invitation anew."""

    name = "invite"
    label = button = "Invite again"
    title = "Send a new invitation"
    permission = staff_accounts.INVITE

    @classmethod
    def is_possible(cls, row: User) -> bool:
        return row.is_staff and row.is_active and not row.has_usable_password()

    def perform(self, form: Any) -> str:
        staff_accounts.invite_again(invited=self.row, by=_person(self.request), at=timezone.now())
        return f"{self.row.email} gets a new link."


class EndSessionsView(PersonDecision):
    """Sign the person out everywhere."""

    name = "end_sessions"
    label = button = "End all sessions"
    title = "Sign a person out on every device"
    form_class = ReasonForm

    def perform(self, form: Any) -> str:
        staff_accounts.end_sessions(
            person=self.row, reason=form.cleaned_data["reason"], by=_person(self.request), at=timezone.now()
        )
        return f"{self.row.email} is signed out on every device."


class RemoveFactorsView(PersonDecision):
    """Remove second factors that are lost."""

    name = "remove_factors"
    label = button = "Remove second factors"
    title = "Remove the second factors of a person who has lost them"
    form_class = ReasonForm
    notes = (
        "Be sure who asks: call the person at a number that you knew before, or meet them.",
        "The person is signed out everywhere and gets an e-mail. Staff set up a new factor at the next sign-in.",
    )

    @classmethod
    def is_possible(cls, row: User) -> bool:
        return second_factor.has_factor(row)

    def perform(self, form: Any) -> str:
        staff_accounts.remove_factors(
            person=self.row, reason=form.cleaned_data["reason"], by=_person(self.request), at=timezone.now()
        )
        return f"{self.row.email} has no second factor now."


class DeactivateView(PersonDecision):
    """Close the account."""

    name = "deactivate"
    label = button = "Deactivate"
    title = "Deactivate an account"
    form_class = ReasonForm
    notes = ("The person is signed out everywhere and can no longer sign in. What they did stays on record.",)

    @classmethod
    def is_possible(cls, row: User) -> bool:
        return row.is_active

    def perform(self, form: Any) -> str:
        _set_active(self, form, active=False)
        return f"{self.row.email} can no longer sign in."


class ActivateView(PersonDecision):
    """Open the account again."""

    name = "activate"
    label = button = "Activate"
    title = "Activate an account"
    form_class = ReasonForm

    @classmethod
    def is_possible(cls, row: User) -> bool:
        return not row.is_active

    def perform(self, form: Any) -> str:
        _set_active(self, form, active=True)
        return f"{self.row.email} can sign in again."


DECISIONS: tuple[type[PersonDecision], ...] = (
    SetRolesView,
    InviteAgainView,
    EndSessionsView,
    RemoveFactorsView,
    DeactivateView,
    ActivateView,
)


def role_names(person: User) -> str:
    """The roles of `person`, or what stands in their place."""
    names = sorted(group.name for group in person.groups.all())
    return ", ".join(names) or "-"


def _set_active(view: PersonDecision, form: Any, *, active: bool) -> None:
    staff_accounts.set_active(
        person=view.row,
        active=active,
        reason=form.cleaned_data["reason"],
        by=_person(view.request),
        at=timezone.now(),
    )


def _person(request: Any) -> User | None:
    return request.user if isinstance(request.user, User) else None

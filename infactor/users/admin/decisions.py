"""Decisions of an administrator about a person's account, each with a fresh second factor."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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

    email = forms.EmailField(label=gettext_lazy("Email address"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=150)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=[("", gettext_lazy("Choose…")), *ROLES])


class RolesForm(forms.Form):
    """The roles of a member of staff; none is a choice, too."""

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"), choices=ROLES, required=False, widget=forms.CheckboxSelectMultiple
    )

    def clean_roles(self) -> list[str]:
        names: list[str] = self.cleaned_data["roles"]
        try:
            roles.check_roles(names)
        except roles.ConflictingRoles as conflict:
            raise forms.ValidationError(str(conflict)) from conflict
        return names


class InviteView(DecisionView):
    """Invite a member of staff by one email."""

    title = gettext_lazy("Invite a member of staff")
    button = gettext_lazy("Send invitation")
    permission = staff_accounts.INVITE
    needs_fresh_factor = True
    form_class = InvitationForm
    refusals = REFUSALS
    notes = (
        gettext_lazy("The email has a link that works once, for a day. By it the person sets a password."),
        gettext_lazy("Before the first page of admin the person sets up a second factor."),
    )

    def perform(self, form: Any) -> str:
        invited = staff_accounts.invite(**form.cleaned_data, by=_person(self.request), at=timezone.now())
        return _("%(email)s is invited.") % {"email": invited.email}

    def get_success_url(self) -> str:
        return reverse("admin:users_user_changelist")


class PersonDecision(RowDecision, DecisionView):
    """A decision about one account."""

    row: User
    permission = staff_accounts.MANAGE
    needs_fresh_factor = True
    refusals = REFUSALS

    def facts(self) -> Facts:
        person = self.row
        return [
            (_("Person"), person.name or "-"),
            (_("Email address"), person.email),
            (_("Roles"), role_names(person)),
            (_("Second factor"), _("set up") if second_factor.has_factor(person) else _("none")),
            (_("May sign in"), "yes" if person.is_active else "no"),
        ]


class SetRolesView(PersonDecision):
    """Give the person other roles."""

    name = "roles"
    label = gettext_lazy("Change roles")
    button = gettext_lazy("Save roles")
    title = gettext_lazy("Change the roles of a member of staff")
    form_class = RolesForm
    notes = (gettext_lazy("Nobody is both Underwriter and Operations. A superuser has the permissions of no role."),)

    @classmethod
    def is_possible(cls, row: User) -> bool:
        return row.is_staff

    @classmethod
    def blocker_of(cls, row: User) -> str:
        return _("Only staff have roles.")

    def get_initial(self) -> dict[str, Any]:
        return {"roles": list(self.row.groups.values_list("name", flat=True))}

    def perform(self, form: Any) -> str:
        names = form.cleaned_data["roles"]
        staff_accounts.set_roles(staff=self.row, names=names, by=_person(self.request), at=timezone.now())
        return _("%(email)s is now: %(roles)s.") % {
            "email": self.row.email,
            "roles": ", ".join(names) or _("without a role"),
        }


class InviteAgainView(PersonDecision):
    """Send the invitation anew."""

    name = "invite"
    label = button = gettext_lazy("Invite again")
    title = gettext_lazy("Send a new invitation")
    permission = staff_accounts.INVITE

    @classmethod
    def is_possible(cls, row: User) -> bool:
        return row.is_staff and row.is_active and not row.has_usable_password()

    @classmethod
    def blocker_of(cls, row: User) -> str:
        if not row.is_staff:
            return _("Only staff are invited.")
        return (
            _("This account is deactivated.") if not row.is_active else _("This person has chosen a password already.")
        )

    def perform(self, form: Any) -> str:
        staff_accounts.invite_again(invited=self.row, by=_person(self.request), at=timezone.now())
        return _("%(email)s gets a new link.") % {"email": self.row.email}


class EndSessionsView(PersonDecision):
    """Sign the person out everywhere."""

    name = "end_sessions"
    label = button = gettext_lazy("End all sessions")
    title = gettext_lazy("Sign a person out on every device")
    form_class = ReasonForm

    def perform(self, form: Any) -> str:
        staff_accounts.end_sessions(
            person=self.row, reason=form.cleaned_data["reason"], by=_person(self.request), at=timezone.now()
        )
        return _("%(email)s is signed out on every device.") % {"email": self.row.email}


class RemoveFactorsView(PersonDecision):
    """Remove second factors that are lost."""

    name = "remove_factors"
    label = button = gettext_lazy("Remove second factors")
    title = gettext_lazy("Remove the second factors of a person who has lost them")
    form_class = ReasonForm
    notes = (
        gettext_lazy("Be sure who asks: call the person at a number that you knew before, or meet them."),
        gettext_lazy(
            "The person is signed out everywhere and gets an email. Staff set up a new factor at the next sign-in."
        ),
    )

    @classmethod
    def is_possible(cls, row: User) -> bool:
        return second_factor.has_factor(row)

    @classmethod
    def blocker_of(cls, row: User) -> str:
        return _("This person has no second factor.")

    def perform(self, form: Any) -> str:
        staff_accounts.remove_factors(
            person=self.row, reason=form.cleaned_data["reason"], by=_person(self.request), at=timezone.now()
        )
        return _("%(email)s has no second factor now.") % {"email": self.row.email}


class DeactivateView(PersonDecision):
    """Close the account."""

    name = "deactivate"
    label = button = gettext_lazy("Deactivate")
    title = gettext_lazy("Deactivate an account")
    form_class = ReasonForm
    notes = (
        gettext_lazy("The person is signed out everywhere and can no longer sign in. What they did stays on record."),
    )

    @classmethod
    def is_possible(cls, row: User) -> bool:
        return row.is_active

    @classmethod
    def blocker_of(cls, row: User) -> str:
        return _("This account is deactivated already.")

    def perform(self, form: Any) -> str:
        _set_active(self, form, active=False)
        return _("%(email)s can no longer sign in.") % {"email": self.row.email}


class ActivateView(PersonDecision):
    """Open the account again."""

    name = "activate"
    label = button = gettext_lazy("Activate")
    title = gettext_lazy("Activate an account")
    form_class = ReasonForm

    @classmethod
    def is_possible(cls, row: User) -> bool:
        return not row.is_active

    @classmethod
    def blocker_of(cls, row: User) -> str:
        return _("This account is active already.")

    def perform(self, form: Any) -> str:
        _set_active(self, form, active=True)
        return _("%(email)s can sign in again.") % {"email": self.row.email}


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

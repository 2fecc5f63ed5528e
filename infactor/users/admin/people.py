"""The list of people in admin. Accounts are changed by decisions only, so each change is audited with its reason.

The pages that Django and allauth bring for groups, addresses, factors and sessions are taken out: they would change
them without an audit event, without a warning to the person, and with secrets in sight.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from infactor.core import second_factor
from infactor.core.admin.decisions import DecisionAdmin
from infactor.users.admin.decisions import DECISIONS, InviteView, role_names
from infactor.users.models import User

for model in (Group, EmailAddress, Authenticator, UserSession):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(User)
class UserAdmin(DecisionAdmin):
    list_display = ("email", "name", "is_staff", "role", "has_second_factor", "is_active", "date_joined", "last_login")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "name")
    search_help_text = _("By email or name")
    date_hierarchy = "date_joined"
    ordering = ("email",)
    fields = ("email", "name", "is_active", "is_staff", "role", "has_second_factor", "date_joined", "last_login")
    readonly_fields = ("role", "has_second_factor")
    decisions = DECISIONS
    add_decision = InviteView

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people: QuerySet[User] = super().get_queryset(request)
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=second_factor.FACTORS)
        return people.prefetch_related("groups").annotate(has_factor=Exists(factors))

    @admin.display(description=_("Role"))
    def role(self, person: User) -> str:
        return role_names(person)

    @admin.display(description=_("Second factor"), boolean=True)
    def has_second_factor(self, person: User) -> bool:
        return bool(person.has_factor)  # type: ignore[attr-defined]

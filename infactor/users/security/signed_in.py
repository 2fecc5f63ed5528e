"""Who is signed in: the person with their permissions and whether they have a second factor, read in one query.

Each request asks for these three, whatever its page. They are those of the moment at which the request asks for its
person first, as Django's own cache of permissions is.
"""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Concat

from infactor.core import second_factor
from infactor.users.models import User

_NAME = Concat("content_type__app_label", Value("."), "codename")


class SignedInBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """allauth's sign-in, and one query for who comes back."""

    def get_user(self, user_id: Any) -> User | None:
        of_groups = Permission.objects.filter(group__user=OuterRef("pk")).order_by()
        of_person = Permission.objects.filter(user=OuterRef("pk")).order_by()
        rows = User.objects.annotate(
            known_of_groups=ArraySubquery(of_groups.annotate(name_of=_NAME).values("name_of")),
            known_of_person=ArraySubquery(of_person.annotate(name_of=_NAME).values("name_of")),
            known_factor=Exists(second_factor.factors_of(OuterRef("pk"))),
        )
        person: Any = rows.filter(pk=user_id).first()
        if person is None or not self.user_can_authenticate(person):
            return None
        person.granted_permissions = frozenset([*person.known_of_groups, *person.known_of_person])
        second_factor.remember(person, has_factor=person.known_factor)
        found: User = person
        return found

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Django's answer, from the person's own list where it is all: a superuser has every permission."""
        if obj is None and user_obj.is_active and not user_obj.is_superuser and not user_obj.is_anonymous:
            return set(user_obj.granted_permissions)
        found: set[str] = super().get_all_permissions(user_obj, obj)
        return found

"""Users, who sign in with their email address, the browsers that they use, and changes of how they sign in."""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Permission, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from infactor.users.permissions import DECISIONS


class UserManager(BaseUserManager["User"] if TYPE_CHECKING else BaseUserManager):  # type: ignore[misc]
    """Creates users. Addresses are stored in lower case, so that one person has one account."""

    def get_by_natural_key(self, username: str | None) -> "User":
        user: User = self.get(email__iexact=username)
        return user

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user: User = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A supplier's user or a member of staff. Memberships and permissions decide what a user may do."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField("email address", unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_staff = models.BooleanField("works at infactor", default=False)
    is_active = models.BooleanField("may sign in", default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    language = models.CharField(
        max_length=10, blank=True, choices=settings.LANGUAGES, help_text="Of pages and emails. Empty: not chosen yet."
    )
    session_version = models.PositiveIntegerField(
        default=0, editable=False, help_text="Raised to end every session of this person."
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        self.email = self.email.strip().lower()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's answer, except that being a superuser gives no permission of a role: only the role does."""
        if perm in DECISIONS and self.is_superuser:
            return self.is_active and perm in self.granted_permissions
        return super().has_perm(perm, obj)

    @cached_property
    def granted_permissions(self) -> frozenset[str]:
        """The permissions of this person's groups, and those given in person, as "app.codename"."""
        rows = Permission.objects.filter(Q(group__user=self) | Q(user=self)).values_list(
            "content_type__app_label", "codename"
        )
        return frozenset(f"{app}.{codename}" for app, codename in rows)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's hash of the password, which ends sessions when it changes, and of `session_version`."""
        salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        value = f"{self.password}:{self.session_version}"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()


class KnownDevice(models.Model):
    """A browser in which a person has signed in, known by a random cookie. The cookie itself is not stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="known_devices")
    token_hash = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "token_hash"], name="one_row_a_person_and_device")]

    def __str__(self) -> str:
        return f"device {self.pk} of user {self.user_id}"


class AccountChange(models.Model):
    """A change of how a person signs in, or of the address that is written to."""

    class Kind(models.TextChoices):
        ADDRESS_ADDED = "address_added", _("email address added")
        ADDRESS_CHANGED = "address_changed", _("main email address changed")
        ADDRESS_REMOVED = "address_removed", _("email address removed")
        PASSWORD_CHANGED = "password_changed", _("password changed")
        FACTOR_ADDED = "factor_added", _("second factor added")
        FACTOR_REMOVED = "factor_removed", _("second factor removed")
        CODES_RENEWED = "codes_renewed", _("new recovery codes")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="account_changes")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    at = models.DateTimeField()
    former_email = models.EmailField(blank=True, help_text="The confirmed address that no longer is this person's.")

    class Meta:
        indexes = [models.Index(fields=["user", "-at"], name="account_change_of_user")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, user {self.user_id}"

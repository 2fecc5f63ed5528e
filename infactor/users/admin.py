"""Users in admin: who may sign in, and who is staff. Users set their own passwords by e-mail."""

from django.contrib import admin
from django.http import HttpRequest

from infactor.core.admin.base import AuditedAdmin
from infactor.users.models import User


@admin.register(User)
class UserAdmin(AuditedAdmin):
    list_display = ("email", "name", "is_staff", "is_active", "date_joined", "last_login")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "name")
    search_help_text = "By e-mail or name"
    date_hierarchy = "date_joined"
    ordering = ("email",)
    fields = ("email", "name", "is_active", "is_staff", "groups", "user_permissions", "date_joined", "last_login")
    readonly_fields = ("date_joined", "last_login")
    filter_horizontal = ("groups", "user_permissions")

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Users are deactivated, not deleted: the audit log refers to them."""
        return False

"""People in admin: who may sign in, who is staff, in which role."""

from infactor.users.admin import people  # noqa: F401  it registers its model

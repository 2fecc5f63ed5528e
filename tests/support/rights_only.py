"""Answers thousands of requests about rights alone: without drawing pages, and reading what stays the same once."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template.base import Template
from django.utils.safestring import SafeString

from infactor.core import second_factor
from infactor.users import refusals
from infactor.users.models import User


@contextmanager
def rights_only(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Within this, status codes and redirects are real, pages are empty, and nothing is logged.

    The person of a session is read once, with permissions and factor; so is how a refusal for want of a permission is
    worded. No request of such a test may change them.
    """
    worded: dict[str, refusals.Refusal] = {}
    explain = refusals.explain

    def worded_once(*, user: User, permission: str, reason: str = "") -> refusals.Refusal:
        if permission not in worded:
            worded[permission] = explain(user=user, permission=permission, reason=reason)
        return worded[permission]

    @cache
    def person(person_id: str, session_hash: str) -> User:
        return User.objects.get(pk=person_id)

    def person_of(request: HttpRequest) -> Any:
        kept = request.session
        return person(kept[SESSION_KEY], kept[HASH_SESSION_KEY]) if SESSION_KEY in kept else AnonymousUser()

    patch.setattr(Template, "render", lambda template, context: SafeString(""))
    patch.setattr(refusals, "explain", worded_once)
    patch.setattr(second_factor, "has_factor", cache(second_factor.has_factor))
    patch.setattr("django.contrib.auth.middleware.auth.get_user", person_of)
    logging.disable()
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)

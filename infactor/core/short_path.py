"""Serves what machines send, such as webhooks, through the few middleware that concern them.

A webhook opens no session, signs nobody in, and has no language, so it does not pass the middleware that do. What
guards every answer stays: MACHINE_MIDDLEWARE in infactor.settings.base.
"""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponseBase
from django.urls import resolve
from django.utils.module_loading import import_string

Handler = Callable[[HttpRequest], Any]


class ShortPath:
    """Middleware: requests whose path MACHINE_PATHS names pass MACHINE_MIDDLEWARE instead of the middleware below."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self._paths = re.compile(settings.MACHINE_PATHS)
        self._short: Handler = convert_exception_to_response(_call_view)
        for name in reversed(settings.MACHINE_MIDDLEWARE):
            self._short = convert_exception_to_response(import_string(name)(self._short))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_short = self._paths.fullmatch(request.path_info.removeprefix("/"))
        response: HttpResponseBase = self._short(request) if is_short else self.get_response(request)
        return response


def _call_view(request: HttpRequest) -> HttpResponseBase:
    match = request.resolver_match = resolve(request.path_info)
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return response

"""A fake network: requests go straight into the sandbox application, and responses may be damaged."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from django.db import connection as database
from flask import Flask
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

Interceptor = Callable[[requests.PreparedRequest, Callable[[], requests.Response]], requests.Response]


class FakeNetwork(BaseAdapter):
    """Sends every request of this process to `flask`, through `intercept`.

    `watch` sees what a request does in the books, and `count` is told the company of each call.
    """

    def __init__(
        self, *, flask: Flask, intercept: Interceptor, watch: Interceptor, count: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._client, self._intercept, self._watch, self._count = flask.test_client(), intercept, watch, count

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert not database.in_atomic_block, "no transaction stays open over a call to QuickBooks"
        _, found, inside = str(request.url).partition("/v3/company/")
        if found:
            self._count(inside.partition("/")[0])
        return self._intercept(request, lambda: self._watch(request, lambda: self._carry(request)))

    def close(self) -> None:
        pass

    def _carry(self, request: requests.PreparedRequest) -> requests.Response:
        parts = urlsplit(request.url or "")
        found = self._client.open(
            f"{parts.path}?{parts.query}" if parts.query else parts.path,
            base_url=f"http://{parts.netloc}",
            method=request.method,
            headers=dict(request.headers),
            data=request.body,
        )
        return build_response(request, status=found.status_code, headers=found.headers, body=found.get_data())


def build_response(
    request: requests.PreparedRequest, *, status: int, headers: Mapping[str, str], body: bytes
) -> requests.Response:
    """A response as `requests` returns it, with its body still unread."""
    response = requests.Response()
    response.status_code = status
    response.headers = CaseInsensitiveDict(headers)
    response.raw = HTTPResponse(BytesIO(body), headers=response.headers, status=status, preload_content=False)
    response.url = request.url or ""
    response.request = request
    return response

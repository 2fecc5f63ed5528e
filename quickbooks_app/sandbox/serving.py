"""The web server of the sandbox: waitress, with the files of requests closed that a client breaks off."""

from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import create_server

HOST = "127.0.0.1"


class _ClosingChannel(HTTPChannel):  # type: ignore[misc] # waitress has no types
    """A connection that closes what it has received of a request.

    waitress keeps a body of more than 512 KB in a temporary file, which it leaves open when the client breaks off.
    """

    def handle_close(self) -> None:
        if self.request is not None:
            self.request.close()
        super().handle_close()


def open_server(app: Flask, *, port: int, threads: int, **options: Any) -> Any:
    """Return waitress' server for an application, on this machine only. `port` 0 is a free one."""
    server = create_server(app, host=HOST, port=port, threads=threads, **options)
    server.channel_class = _ClosingChannel
    return server

"""Serves a WSGI app by waitress on a free port, and stops it quickly after the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

from flask import Flask
from waitress import wasyncore

from quickbooks_app.sandbox.api.attachments import MAX_UPLOAD_BYTES
from quickbooks_app.sandbox.serving import open_server


@contextmanager
def served(app: Flask) -> Iterator[int]:
    """Serve `app` as the sandbox is, and yield the port.

    Closing from waitress' own thread is quicker than waiting for its next check.
    """
    server = open_server(app, port=0, threads=4, max_request_body_size=MAX_UPLOAD_BYTES)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        with suppress(OSError):  # the thread was awake already, and has closed the trigger before it was pulled
            server.trigger.pull_trigger(partial(wasyncore.close_all, server._map))
        thread.join(10)
        server.task_dispatcher.shutdown()
    assert not thread.is_alive(), "the server did not end"

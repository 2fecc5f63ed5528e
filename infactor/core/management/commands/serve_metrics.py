"""Serves the metrics for Prometheus, in a process and on a port of their own."""

import argparse
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from prometheus_client import start_wsgi_server

from infactor.core.health import metrics

PORT = 9400
MAX_PORT = 65535


class Command(BaseCommand):
    help = "Serve the metrics for Prometheus at http://ADDRESS:PORT/metrics until it is stopped."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--address", default="127.0.0.1", help="where to listen (default: this machine alone)")
        parser.add_argument("--port", type=int, default=PORT, help=f"default: {PORT}")

    def handle(self, *args: Any, address: str, port: int, **options: Any) -> None:
        if not 0 <= port <= MAX_PORT:
            raise CommandError(f"{port} is no port: choose one from 1 to {MAX_PORT}.")
        try:
            server, thread = start_wsgi_server(port=port, addr=address, registry=metrics.registry())
        except OSError as error:
            raise CommandError(f"Cannot listen on {address}:{port}: {error.strerror}.") from error
        self.stdout.write(f"Metrics: http://{address}:{server.server_port}/metrics")
        self.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass
        finally:
            server.shutdown()
            thread.join()

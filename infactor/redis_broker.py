"""Celery broker in Redis: kombu's transport, whose worker survives the loss of Redis while a task ends."""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis


class Channel(redis.Channel):
    """Says that its connection is closed by an error that workers expect.

    A task that ends after its worker has given its connection up is acknowledged on the old channel. kombu 5.7 then
    reads the address of a connection that is None, and the AttributeError ends the worker.
    """

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise ConnectionError("The connection of this channel was closed.")
        parameters: dict[str, Any] = super()._connparams(asynchronous)  # type: ignore[misc]  # missing in the stubs
        return parameters


class Transport(redis.Transport):
    """The Redis transport with this Channel."""

    Channel = Channel


def install() -> None:
    """Make `redis://` and `rediss://` use this transport."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "infactor.redis_broker:Transport"))

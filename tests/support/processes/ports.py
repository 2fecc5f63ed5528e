"""Ports for the processes that tests start."""

import random
import socket

# Below the ports that systems give to outgoing connections (Linux from 32768, others from 49152). A port of
# those could be another test's connection by the time that a process listens on it, or starts again on it.
CHOICE = range(20_000, 32_000)


def free_ports(count: int) -> list[int]:
    """`count` different ports of 127.0.0.1 that are free at this moment."""
    found: list[int] = []
    # Processes of tests run beside each other, often with one seed: the system's randomness sets them apart.
    for port in random.SystemRandom().sample(CHOICE, len(CHOICE)):
        if len(found) == count:
            break
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
    return found


def free_port() -> int:
    """A port of 127.0.0.1 that is free at this moment."""
    return free_ports(1)[0]

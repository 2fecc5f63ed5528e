"""A TCP relay in front of a part, which can make the part be away or silent."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

CHUNK = 65536
WELL, AWAY, SILENT = "well", "away", "silent"


class Switch:
    """Relays connections of `port` to the part that `connect` reaches."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connect, self._mode, self._open = connect, WELL, set[socket.socket]()
        self._listener = self._listen(0)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def turn(self, mode: str) -> None:
        """WELL relays. AWAY refuses connections and resets those that are open. SILENT keeps them and says nothing."""
        before, self._mode = self._mode, mode
        if mode == AWAY:
            self._listener.close()
            for one in list(self._open):
                self._drop(one)
        elif before == AWAY:
            self._listener = self._listen(self.port)

    @staticmethod
    def _listen(port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(100)
        listener.settimeout(0.2)
        return listener

    def _accept(self) -> None:
        while True:
            try:
                visitor, _ = self._listener.accept()
            except OSError:
                time.sleep(0.05)
                continue
            threading.Thread(target=self._relay, args=(visitor,), daemon=True).start()

    def _relay(self, visitor: socket.socket) -> None:
        self._wait()
        try:
            part = self._connect()
        except OSError:
            visitor.close()
            return
        self._open |= {visitor, part}
        for source, target in ((visitor, part), (part, visitor)):
            threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                self._wait()
                target.sendall(data)
        self._drop(source)
        self._drop(target)

    def _wait(self) -> None:
        while self._mode == SILENT:
            time.sleep(0.05)

    def _drop(self, one: socket.socket) -> None:
        self._open.discard(one)
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


def tcp(port: int) -> Callable[[], socket.socket]:
    """Connects to a port of this machine."""

    def connect() -> socket.socket:
        one = socket.create_connection(("127.0.0.1", port), timeout=5)
        one.settimeout(None)  # an idle connection stays
        return one

    return connect


def unix(path: str) -> Callable[[], socket.socket]:
    """Connects to a socket in the file system."""

    def connect() -> socket.socket:
        one = socket.socket(socket.AF_UNIX)
        one.connect(path)
        return one

    return connect

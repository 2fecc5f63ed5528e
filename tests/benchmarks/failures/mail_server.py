"""A mail server that takes every message and remembers when it came."""

import socketserver
import threading
import time


class _Session(socketserver.StreamRequestHandler):
    server: "MailServer"

    def handle(self) -> None:
        self.wfile.write(b"220 drill\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() not in (b".\r\n", b""):
                    continue
                self.server.arrivals.append(time.monotonic())
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


class MailServer(socketserver.ThreadingTCPServer):
    """Runs in a thread until the process ends. `arrivals` are monotonic times."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.arrivals: list[float] = []
        self.port = int(self.server_address[1])
        threading.Thread(target=self.serve_forever, daemon=True).start()

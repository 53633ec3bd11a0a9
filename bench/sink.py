"""Where do alerts ring in a bench? A receiver in a thread that notes when each case was called."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import msgspec

from schemas.alerts import AlertChanged
from schemas.states import AlertKind
from stream.clock import Clock


class Sink:
    """Answers every alert at once, between entering and leaving it."""

    def __init__(self, clock: Clock) -> None:
        self.rang: dict[str, float] = {}
        """When each case was called first, in milliseconds since 1970, by its ticket."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(clock, self.rang))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}/alerts"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _answering(clock: Clock, rang: dict[str, float]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            at = clock.real().timestamp() * 1000
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()
            alert = msgspec.json.decode(body, type=AlertChanged)
            for ticket in alert.ticket_ids if alert.kind is AlertKind.case else ():
                rang.setdefault(ticket, at)

        def log_message(self, *_: object) -> None:
            """It says nothing: the bench has figures to print."""

    return Handler

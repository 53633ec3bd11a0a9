"""Where may a library connect that brings its own HTTP? Where our own client may, checked alike.

Each connection of urllib3 in this process resolves its host once, checks every address, and uses
the very ones checked, after a redirect too. Nothing else of route speaks through urllib3.
"""

import socket
from collections.abc import Sequence

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from stream.reach import NAMED_BY_US, Forbidden, pinned


class _Checked(HTTPConnection):
    """The name stays in the Host header and in TLS."""

    def _new_conn(self) -> socket.socket:
        try:
            found = pinned(NAMED_BY_US, self.host, addresses(self.host, self.port or 0))
            return self._first(found)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no connection in time") from error
        except (OSError, UnicodeError, Forbidden) as error:
            raise NewConnectionError(self, type(error).__name__) from error

    def _first(self, found: Sequence[str]) -> socket.socket:
        for address in found[:-1]:
            try:
                return socket.create_connection((address, self.port), self.timeout)
            except OSError:
                continue
        return socket.create_connection((found[-1], self.port), self.timeout)


class _CheckedTls(_Checked, HTTPSConnection):
    """The same, before TLS begins."""


def addresses(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def check_connections() -> None:
    """From now on every connection is checked; once more changes nothing."""
    HTTPConnectionPool.ConnectionCls = _Checked
    HTTPSConnectionPool.ConnectionCls = _CheckedTls

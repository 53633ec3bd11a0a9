"""What does a log line look like? One JSON object a line; never the text of a post, or a name.

Client libraries are held short: without its broker Faust writes a thousand lines in six seconds.
"""

import logging
import sys

import msgspec

from stream import trace

_ALLOWED = (
    "event_id",
    "rule_id",
    "ticket_id",
    "group_key",
    "topic",
    "partition",
    "offset",
    "reason",
    "cause",
    "error",
    "source",
    "account",
    "channel",
    "outcome",
    "count",
    "seconds",
    "address",
    "listener",
)
"""The extra fields a line may carry: ids and closed sets only, so that no text can slip in."""


CLIENTS = frozenset(
    {
        "aiokafka",
        "asyncio",
        "faust",
        "httpcore",
        "httpx",
        "mode",
        "opentelemetry",
        "sqlalchemy",
        "urllib3",
        "uvicorn",
    }
)
"""The libraries whose loggers are held short; each says warnings and worse, and few of them."""

LINES = 3
WINDOW_SECONDS = 10.0


class Sparing(logging.Filter):
    """At most so many lines in a window from each logger of a client library.

    The first line of a later window says in ``count`` how many were left out before it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._windows: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """May this line be written?"""
        if record.name.partition(".")[0] not in CLIENTS:
            return True
        since, count = self._windows.get(record.name, (record.created, 0))
        if record.created - since >= WINDOW_SECONDS:
            if count > LINES:
                record.count = count - LINES
            since, count = record.created, 0
        self._windows[record.name] = since, count + 1
        return count < LINES


class JsonLines(logging.Formatter):
    """A record as one JSON line with service, level, message and the allowed fields."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line; of an exception only its type and place, its message may quote data."""
        line: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: record.__dict__[name] for name in _ALLOWED if name in record.__dict__}
        if traced := trace.trace_id():
            line["trace_id"] = traced
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            at = record.exc_info[2]
            while at and at.tb_next:
                at = at.tb_next
            line["where"] = f"{at.tb_frame.f_code.co_filename}:{at.tb_lineno}" if at else None
        return msgspec.json.encode(line, enc_hook=str).decode()


def log_to_stderr(service: str, level: str) -> None:
    """Send every logger's lines to standard error; client libraries only from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    handler.addFilter(Sparing())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for client in CLIENTS:
        logging.getLogger(client).setLevel(max(logging.WARNING, logging.getLogger().level))

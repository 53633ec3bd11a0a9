"""What does a log line look like? One JSON object a line; never the text of a post, or a name."""

import logging
import sys

import msgspec

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
    "channel",
    "outcome",
    "count",
    "address",
)
"""The extra fields a line may carry: ids and closed sets only, so that no text can slip in."""


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
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            trace = record.exc_info[2]
            while trace and trace.tb_next:
                trace = trace.tb_next
            line["where"] = (
                f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else None
            )
        return msgspec.json.encode(line, enc_hook=str).decode()


def log_to_stderr(service: str, level: str) -> None:
    """Send every logger's lines to standard error; client libraries only from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("aiokafka", "uvicorn", "httpx", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))

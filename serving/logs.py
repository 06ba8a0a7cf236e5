"""The server's log: lines for people, or one JSON object a line for a platform, each with the id of its request."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal, TextIO

LogFormat = Literal["text", "json"]
REQUESTS = "rind.requests"
"""Logger of one line a request; only the JSON log has them."""
HEADER = "x-request-id"
LONGEST_ID = 64
FIELDS = ("method", "route", "status", "seconds")
"""What a line about a request tells besides; never its path, which names accounts."""
request_id: ContextVar[str] = ContextVar("request_id", default="")


def safe_request_id(given: str) -> str:
    """The id that a proxy gave, where it is short and of plain letters; else a new one."""
    return given if re.fullmatch(rf"[A-Za-z0-9._-]{{1,{LONGEST_ID}}}", given) else uuid.uuid4().hex


class JsonLines(logging.Formatter):
    """One JSON object a line: at (UTC), level, logger, message; where there are, request_id, `FIELDS`, error."""

    def format(self, record: logging.LogRecord) -> str:
        """The record without a line end in it."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["error"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what is stderr now: where it was replaced meanwhile, the one of before may be closed."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def configure(log_format: LogFormat) -> None:
    """Write the log of this process to stderr in one of the two forms."""
    handler = _Stderr()
    if log_format == "json":
        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger(REQUESTS).setLevel(logging.INFO if log_format == "json" else logging.WARNING)

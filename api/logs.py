"""
Structured logs: one line an event, JSON unless a person is looking.

Keys, payloads and tokens are dropped by name before anything is written.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_PARTS = ("password", "secret", "private", "token", "authorization", "payload", "pem")
_DROPPED = "[dropped]"


def drop_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace every value whose name says that it is a secret."""
    for key in event:
        if any(part in key.lower() for part in _SECRET_PARTS):
            event[key] = _DROPPED
    return event


def configure_logs(*, level: str = "INFO", json_lines: bool | None = None) -> None:
    """Send events to standard error; as JSON unless that is a terminal."""
    as_json = not sys.stderr.isatty() if json_lines is None else json_lines
    renderer: Any = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks
            if as_json
            else structlog.processors.StackInfoRenderer(),
            drop_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )

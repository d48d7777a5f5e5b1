"""Ending a long-running command when the system or the user asks for it."""

from __future__ import annotations

import signal
import threading
from types import FrameType


def stop_on_signals(stopping: threading.Event) -> None:
    """Set the event on SIGTERM and on an interrupt."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)

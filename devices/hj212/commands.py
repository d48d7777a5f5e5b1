"""
Command codes (命令编码, CN) and what each asks for or says.

Only those that a gateway meets are named; any other upload is answered and kept like data.

Source: HJ 212-2017, table 9; HJ 212-2025, table 12.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Command(StrEnum):
    """CN codes, named for what a data logger means by them."""

    HARDWARE_NUMBER = "1001"
    TIME = "1011"
    SET_TIME = "1012"
    TIME_WANTED = "1013"
    NEW_KEY = "1014"
    REAL_TIME = "2011"
    """污染物实时数据: the value at one moment."""
    RUNNING_STATE = "2021"
    DAY = "2031"
    """污染物日历史数据."""
    MINUTES = "2051"
    """污染物分钟数据: over the logger's minute interval."""
    HOUR = "2061"
    """污染物小时数据."""
    STARTED = "2081"
    REQUEST_ANSWER = "9011"
    """请求应答: whether a request of the host is taken."""
    EXECUTED = "9012"
    """执行结果: how a request of the host came out."""
    NOTICE_ANSWER = "9013"
    """通知应答."""
    DATA_ANSWER = "9014"
    """数据应答."""
    HEARTBEAT = "9015"
    """心跳包 (2025)."""


INTERACTION: Final = "91"
"""ST of answers (系统交互)."""

MEASURED_DATA: Final = frozenset({Command.REAL_TIME, Command.MINUTES, Command.HOUR, Command.DAY})
"""Commands whose factors can become readings."""

NOTICES: Final = frozenset(
    {Command.HARDWARE_NUMBER, Command.TIME_WANTED, Command.NEW_KEY, Command.HEARTBEAT}
)
"""Commands of a logger that are answered by 9013; every other upload is answered by 9014."""

ANSWERS: Final = frozenset(
    {
        Command.REQUEST_ANSWER,
        Command.EXECUTED,
        Command.NOTICE_ANSWER,
        Command.DATA_ANSWER,
    }
)
"""Packets that answer, and are never answered."""

REQUEST_TAKEN: Final = "1"
"""QnRtn of 9011: the request will be carried out (准备执行请求)."""
EXECUTED_WELL: Final = "1"
"""ExeRtn of 9012: carried out (执行成功)."""
NO_DATA: Final = "100"
"""ExeRtn of 9012: there is no such data (没有数据)."""

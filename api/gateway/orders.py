"""
Orders to a running gateway: files in a folder beside its database, taken within a round.

Only the process that holds the database changes it, so another process leaves an order there.
Whoever may write into the folder may write the database as well: both are the owner's alone.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import structlog

from attestation.errors import Error
from attestation.ids import HASH_LENGTH, Kid
from attestation.instants import Instant
from devices.errors import DeviceError
from devices.outbox import Outbox

ORDER_DONE: Final = "gateway_order_done"
ORDER_REFUSED: Final = "gateway_order_refused"
_FOLDER_MODE: Final = 0o700
_POLL_S: Final = 0.05

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Send everything kept of an epoch again, from a number on."""

    kid: str
    """Key id, hexadecimal."""
    epoch: int
    from_sequence: int

    def carry_out(self, outbox: Outbox, now: Instant) -> int:
        """Do it, and give how many messages it is."""
        kid = Kid(bytes.fromhex(self.kid))
        return outbox.send_again(kid, self.epoch, self.from_sequence, now)


class Orders:
    """The orders to one gateway, beside its database."""

    def __init__(self, store: Path) -> None:
        self._folder = store.with_name(store.name + ".orders")

    def place(self, order: SendAgain, *, timeout_s: float) -> int:
        """
        Leave an order, and wait until it was carried out; gives how many messages it was.

        Raises:
            DeviceError: If the gateway does not take it in time (`device.order_not_taken`); it
                is withdrawn then.
        """
        name = secrets.token_hex(8)
        placed, done = self._folder / f"{name}.json", self._folder / f"{name}.done"
        try:
            self._folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            aside = self._folder / f"{name}.part"
            aside.write_text(json.dumps(asdict(order)), encoding="utf-8")
            aside.replace(placed)
            deadline = time.monotonic() + timeout_s
            while not done.exists() and time.monotonic() < deadline:
                time.sleep(_POLL_S)
            count = int(done.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DeviceError(
                f"the gateway took no order in {timeout_s:g} s", code="device.order_not_taken"
            ) from error
        finally:
            placed.unlink(missing_ok=True)
            done.unlink(missing_ok=True)
        return count

    def take(self, outbox: Outbox, now: Instant) -> None:
        """Carry out what was ordered; an order that cannot be read is removed and logged."""
        for placed in sorted(self._folder.glob("*.json")):
            try:
                order = _read(placed)
                count = order.carry_out(outbox, now)
                aside = placed.with_suffix(".counted")
                aside.write_text(str(count), encoding="utf-8")
                aside.replace(placed.with_suffix(".done"))
                placed.unlink(missing_ok=True)
            except (OSError, ValueError, TypeError, KeyError) as error:
                _log.warning(ORDER_REFUSED, order=placed.name, reason=type(error).__name__)
                placed.unlink(missing_ok=True)
            except Error as error:
                _log.warning(ORDER_REFUSED, order=placed.name, reason=error.message)
                placed.unlink(missing_ok=True)
            else:
                _log.info(ORDER_DONE, kid=order.kid[:16], epoch=order.epoch, messages=count)


def _read(path: Path) -> SendAgain:
    values = json.loads(path.read_text(encoding="utf-8"))
    kid, epoch, first = values["kid"], values["epoch"], values["from_sequence"]
    if len(bytes.fromhex(kid)) != HASH_LENGTH or min(int(epoch), int(first)) < 0:
        raise ValueError("not an order")
    return SendAgain(kid, int(epoch), int(first))

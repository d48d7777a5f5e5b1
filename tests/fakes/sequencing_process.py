"""A process that admits and integrates until it is killed: `python -m … <database url> <seed>`."""

from __future__ import annotations

import sys

from ledger.database import Database
from ledger.log.sequencing import BatchRules
from tests.fakes.plant import Meter, Plant


def main(url: str, number: int) -> None:
    """Work on the log without end."""
    with Database(url) as database:
        plant = Plant(database, rules=BatchRules(max_entries=9))
        meter = Meter(number)
        while True:
            plant.admit(meter.sign(4))
            plant.integrate()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

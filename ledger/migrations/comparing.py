"""What of a database is compared with the models."""

from __future__ import annotations

import re

from sqlalchemy.sql.schema import SchemaItem

_PARTITION = re.compile(r"(message|entry)_p\d{5}")


def is_ours(item: SchemaItem, name: str | None, kind: str, reflected: bool, _: object) -> bool:
    """Leave partitions out of comparisons: they are made as they are needed, not declared."""
    del item
    return not (kind == "table" and reflected and name and _PARTITION.fullmatch(name))

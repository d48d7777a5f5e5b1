"""
Generate what follows from the operations: their schema, and the client.

Usage: python tools/generate_api.py [--check] [--breaking]

    docs/openapi.json           the schema, as the server serves it
    api/client/shapes.py        what operations take and answer, as typed dictionaries
    api/client/operations.py    a method for each operation

With --check nothing is written; the exit code is 1 if a file is not fresh. A schema that breaks
clients of the committed one is not written, and named, unless --breaking says that it is meant;
then CHANGELOG.md tells users what to do.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from api.app import describe_operations
from tools.api_changes import breaking_changes
from tools.client_writing import operations_module, shapes_module

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "docs" / "openapi.json"
CLIENT = ROOT / "api" / "client"


def formatted(text: str, path: Path) -> str:
    """Give a module as the formatter writes it."""
    ruff = Path(sys.executable).with_name("ruff")
    command = [ruff, "format", "--quiet", "--stdin-filename", path, "-"]
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=True, encoding="utf-8"
    )
    return done.stdout


def main() -> int:
    """Write the files, or compare them."""
    schema = describe_operations()
    files = {
        SCHEMA: json.dumps(schema, ensure_ascii=False, indent=1) + "\n",
        CLIENT / "shapes.py": shapes_module(schema),
        CLIENT / "operations.py": operations_module(schema),
    }
    for path, text in files.items():
        if path.suffix == ".py":
            files[path] = formatted(text, path)
    stale = [p for p, text in files.items() if not p.exists() or p.read_text("utf-8") != text]
    broken: list[str] = []
    if SCHEMA in stale and SCHEMA.exists():
        broken = breaking_changes(json.loads(SCHEMA.read_text(encoding="utf-8")), schema)
    sys.stderr.writelines(f"breaks clients: {each}\n" for each in broken)
    if "--check" in sys.argv[1:]:
        names = (path.relative_to(ROOT) for path in stale)
        sys.stderr.writelines(f"not fresh: {name}; run tools/generate_api.py\n" for name in names)
        return 1 if stale else 0
    if broken and "--breaking" not in sys.argv[1:]:
        return 1
    for path in stale:
        path.write_text(files[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

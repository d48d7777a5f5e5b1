"""The pages' modules outside a browser: run by Node, with values in and values out."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from api.http.assets import FILES, MADE, asset


class Modules:
    """
    A folder with the modules as the server gives them.

    Args:
        folder: Where they are written; new.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        (folder / "package.json").write_text('{"type": "module"}')
        for name in (*FILES, *MADE):
            (folder / name).write_bytes(asset(name))

    def run(self, program: str, given: Any = None) -> Any:
        """
        Run a program in the folder, and give what it answers.

        Args:
            program: Statements of a module; `given` is there, and `answer` is to be set.
            given: What the program gets, as JSON.
        """
        node = shutil.which("node")
        assert node is not None, "Node is needed, which `make setup` asks for"
        text = (
            'import { readFileSync } from "node:fs";\n'
            'const given = JSON.parse(readFileSync(0, "utf8"));\nlet answer = null;\n'
            f"{program}\nprocess.stdout.write(JSON.stringify(answer));\n"
        )
        (self._folder / "program.mjs").write_text(text, encoding="utf-8")
        ran = subprocess.run(
            [node, str(self._folder / "program.mjs")],
            input=json.dumps(given, ensure_ascii=False).encode(),
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stderr.decode()
        return json.loads(ran.stdout)

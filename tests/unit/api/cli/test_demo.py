"""`carbonseal demo --exit` tells by its exit code whether every check held."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from api.cli import run


class Ended:
    """A story that notes that it was closed."""

    closed = False

    def close(self) -> None:
        """End what it started."""
        self.closed = True


@pytest.mark.parametrize(("held", "code"), [(True, 0), (False, 1)])
def test_exit_code_is_that_of_the_checks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, held: bool, code: int
) -> None:
    """0 if all held, 1 if one did not, and either way nothing goes on running."""
    story = Ended()
    monkeypatch.setattr(run, "run_demo", lambda *_, **__: (nullcontext(), story, None, held))

    with pytest.raises(SystemExit) as ended:
        run.demo(leave=True, folder=tmp_path)

    assert ended.value.code == code
    assert story.closed


def test_failed_check_ends_it_even_if_it_should_serve(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A demonstration whose check did not hold never serves."""
    story = Ended()
    monkeypatch.setattr(run, "run_demo", lambda *_, **__: (nullcontext(), story, None, False))

    with pytest.raises(SystemExit) as ended:
        run.demo(leave=False, folder=tmp_path)

    assert ended.value.code == 1
    assert story.closed

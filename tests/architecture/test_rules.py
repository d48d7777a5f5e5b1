"""The house rules hold, and each rule sees what it is for."""

from __future__ import annotations

import ast

import pytest

from tests.architecture import rules

BAD = {
    "clock": "import datetime\nx = datetime.datetime.now()",
    "environment": "import os\nx = os.environ['A']",
    "print": "print('x')",
    "async": "async def f(): ...",
    "commit": "session.commit()",
    "except": "try:\n    f()\nexcept Exception:\n    pass",
    "float": "x = 0.5",
    "division": "x = a / b",
    "type-checking": "from typing import TYPE_CHECKING\nif TYPE_CHECKING: ...",
}
GOOD = {
    "clock": "def f(now): return now + 1",
    "environment": "import os\nx = os.sep",
    "print": "log.print('x')",
    "async": "def f(): ...",
    "commit": "uow.commit()",
    "except": "try:\n    f()\nexcept ValueError:\n    pass",
    "float": "x = 5",
    "division": "x = a // b",
    "type-checking": "from typing import Final",
}


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.name)
def test_rule_holds(rule: rules.Rule) -> None:
    """No module breaks the rule."""
    assert rules.violations(rule) == [], rule.reason


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.name)
def test_rule_sees_what_it_is_for(rule: rules.Rule) -> None:
    """The rule finds the bad example and passes the good one."""
    assert list(rule.check(ast.parse(BAD[rule.name]), "x.py")) != []
    assert list(rule.check(ast.parse(GOOD[rule.name]), "x.py")) == []

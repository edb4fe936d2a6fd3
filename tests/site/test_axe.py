"""axe-core finds no fault in any page, in any colours and at any width, and leaves none open."""

import pytest

from axe import STATES, faults
from built import FEW_OR_ALL, gathered

# What nothing else than these three could show: each colours, each width.
FEW_STATES = [("light", 1350), ("dark", 412), ("forced", 320)]


@pytest.fixture(scope="module")
def axe(npm) -> str:
    """The script of axe-core. What a debugger evaluates is not subject to the page's policy."""
    return (npm / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@FEW_OR_ALL
def test_axe_finds_no_fault(names, request, page, at, axe):
    """No rule of axe is broken, and none is left for a person to decide."""
    states = STATES if "all" in request.node.name else FEW_STATES
    found = []
    for name in names:
        page.goto(at(name))
        page.evaluate(axe)
        found += [
            (name, f"{element}: {rule}: {text} ({', '.join(where)})")
            for (rule, element, text), where in faults(page, states).items()
        ]
    assert not found, gathered(found)

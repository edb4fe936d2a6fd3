"""Each printed block that needs more programs is typed by some test of this folder."""

import ast
from pathlib import Path

from scenes import WAYS
from transcripts import Block, blocks

HERE = Path(__file__).parent
PROBLEMS = "test_problems_*.py"


def needy(guide) -> list[Block]:
    """Return the blocks of all pages that only this folder can run."""
    return [
        block
        for page in guide.pages
        for block in blocks(guide, page)
        if block.needs_programs and block.is_run
    ]


def aside(block: Block) -> set[str]:
    """Return the names of what goes wrong in a block, or is cured by it."""
    return block.names("error") | block.names("cure")


def named(folder: Path) -> set[str]:
    """Return the strings that stand in the tests of what goes wrong.

    Args:
        folder: the one that holds them.
    """
    return {
        node.value
        for file in folder.glob(PROBLEMS)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_each_way_is_known(guide):
    """A block with programs is on ways, and a test is known for each of them."""
    found = [block for block in needy(guide) if block.names("way") or not aside(block)]
    assert found
    unknown = [
        f"{block.place}: {name or 'no way'}: add a test, and the way to tests/programs/scenes.py"
        for block in found
        for name in block.names("way") or {""}
        if name not in WAYS
    ]
    assert unknown == []


def test_each_known_way_is_printed(guide):
    """No way is known that no page has any more."""
    printed = {name for block in needy(guide) for name in block.names("way")}
    assert set(WAYS) - printed == set()


def test_each_way_is_in_its_test():
    """The tests that are said to follow a way name it."""
    missing = [
        (way, module)
        for way, modules in WAYS.items()
        for module in modules
        if f'"{way}"' not in (HERE / module).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_each_error_is_provoked(guide):
    """A test names each block with programs that shows what goes wrong, and each cure."""
    known = named(HERE)
    missing = [
        f"{block.place}: {name}: add a test that names it to a tests/programs/{PROBLEMS}"
        for block in needy(guide)
        for name in sorted(aside(block))
        if name not in known
    ]
    assert missing == []

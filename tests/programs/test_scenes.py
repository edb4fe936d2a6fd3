"""Each printed block that needs more programs is typed by some test of this folder."""

from pathlib import Path

from scenes import WAYS
from transcripts import blocks

HERE = Path(__file__).parent


def needy(guide) -> list:
    """Return the blocks of all pages that only this folder can run."""
    return [
        block
        for page in guide.pages
        for block in blocks(guide, page)
        if block.needs_programs and block.is_run
    ]


def test_each_way_is_known(guide):
    """A block with programs is on ways, and a test is known for each of them."""
    found = needy(guide)
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

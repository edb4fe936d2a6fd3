"""Our code is written in one style, and the locks are whole."""

import re
import subprocess
import sys

import pytest

from copies import ROOT

REQUIRED = ("requirements.in", "tests/requirements.in")
REQUIRED += ("tests/programs/rucio-35.in", "tests/programs/rucio-41.in")


@pytest.mark.parametrize("command", ["ruff check", "ruff format --check", "codespell_lib"])
def test_style(command):
    """The tool finds nothing."""
    module = [sys.executable, "-m", *command.split()]
    done = subprocess.run(module, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def pins(name: str) -> dict[str, str]:
    """Return the versions that a lock pins; each must have its hashes."""
    text = (ROOT / name).read_text(encoding="utf-8")
    pinned = re.findall(r"^([a-z0-9-]+)==(\S+).*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.M)
    assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, re.M))
    return dict(pinned)


def test_locks_agree():
    """Both locks pin the same versions, with hashes, and name no index."""
    site, tests = pins("requirements.txt"), pins("tests/requirements.txt")
    assert {package: site[package] for package in site.keys() & tests.keys()} == {
        package: tests[package] for package in site.keys() & tests.keys()
    }
    for name in (name.replace(".in", ".txt") for name in REQUIRED):
        assert not re.search(r"https?:|--(extra-)?index|--find-links", (ROOT / name).read_text())


@pytest.mark.parametrize("name", REQUIRED)
def test_each_tool_has_its_reason(name):
    """Each direct requirement says in its line why it is there, and is in the lock."""
    locked = pins(name.replace(".in", ".txt"))
    lines = [line for line in (ROOT / name).read_text().splitlines() if line[:1].isalpha()]
    assert lines
    for line in lines:
        package, _, reason = line.partition("#")
        assert len(reason.split()) >= 3, f"{name}: say why {package.strip()} is there"
        assert re.match(r"[\w-]+", package)[0].lower() in locked

"""What a test has seen is kept for the site only as far as the test has proved it."""

import pytest

import proofs
from copies import copy_repository, run_checks
from evidence import FAILS, WORKS, read

PROGRAM = ("Firefox", "1.0")
FAILING = """
import proofs

def test_that_fails():
    proofs.attempt(("Firefox", "1.0"), "web-login")
    raise RuntimeError
"""


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [("passed", [WORKS, WORKS]), ("failed", [FAILS, WORKS]), ("skipped", [])],
)
def test_failed_test_proves_no_deed(monkeypatch, outcome, expected):
    """A deed is done only if the test is passed; what a program reads was seen in any case."""
    monkeypatch.setattr(proofs, "ROWS", [])
    proofs.attempt(PROGRAM, "web-login")
    proofs.record("read", PROGRAM, WORKS, kind="AES-256")
    assert [row.result for row in proofs.unless_failed(outcome)] == expected
    assert proofs.ROWS == []


@pytest.mark.extended
def test_failure_reaches_the_site(tmp_path):
    """The evidence of a run holds the failure, not what was hoped for."""
    root = copy_repository(tmp_path / "guide")
    (root / "tests/code/test_failing.py").write_text(FAILING)
    assert run_checks(root, "tests/code/test_failing.py").returncode == 1
    (row,) = read(root / "build/evidence.json")
    assert (row.command, row.result) == ("web-login", FAILS)

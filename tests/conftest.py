"""What all the tests share: nothing is skipped in CI."""

import os

import pytest


def pytest_addoption(parser):
    """Add the option that CI uses."""
    parser.addoption(
        "--extended", action="store_true", help="run everything, and fail what would be skipped"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn a skipped test into a failed one where nothing may be skipped."""
    report = yield
    strict = item.config.getoption("--extended") or os.environ.get("CI")
    if strict and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason} (nothing may be skipped here)"
    return report

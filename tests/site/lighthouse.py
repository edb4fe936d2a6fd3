"""Google's Lighthouse: how good it finds a page, and what keeps the page from full marks."""

import contextlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median_low, mode
from typing import NamedTuple

from playwright.sync_api import BrowserType

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "build" / "npm-site" / "node_modules" / ".bin" / "lighthouse"
CHROMIUM = shutil.which("chromium")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FORMS = {"mobile": [], "desktop": ["--preset=desktop"]}
SECONDS = 120
RUNS = 3


class Marks(NamedTuple):
    """What one run has found.

    Attributes:
        scores: of 100, by category.
        faults: what took marks off, as ``seo: link-text (1 link found: Start)``.
    """

    scores: dict[str, int]
    faults: list[str]


class LighthouseError(Exception):
    """Lighthouse could not judge a page."""


@contextlib.contextmanager
def debugged(chromium: BrowserType) -> Iterator[int]:
    """Run a Chromium that Lighthouse may drive: one that it starts itself outlives a time-out.

    Args:
        chromium: Playwright's.

    Yields:
        The port of its DevTools.
    """
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as folder:
        browser = chromium.launch_persistent_context(
            folder,
            executable_path=CHROMIUM,
            chromium_sandbox=False,
            args=["--remote-debugging-port=0"],
        )
        try:
            yield int((Path(folder) / "DevToolsActivePort").read_text().split()[0])
        finally:
            browser.close()


def faults(report: dict) -> list[str]:
    """Return what took marks off, from the report of Lighthouse."""
    found = []
    for name, category in report["categories"].items():
        if category["score"] == 1:
            continue
        for reference in category["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if not reference["weight"] or audit["score"] in (None, 1):
                continue
            items = audit.get("details", {}).get("items", [])
            where = [
                item.get("text") or item.get("description") or item.get("node", {}).get("snippet")
                for item in items
            ]
            about = [audit.get("displayValue"), *where[:5]]
            words = ", ".join(str(text) for text in about if text)
            found.append(f"{name}: {audit['id']}" + (f" ({words})" if words else ""))
    return found


def run(address: str, form: str, port: int, categories: Iterable[str] = CATEGORIES) -> Marks:
    """Judge a page once.

    Args:
        address: of the page.
        form: one of ``FORMS``.
        port: of a ``debugged`` Chromium, that nothing else drives meanwhile.
        categories: some of ``CATEGORIES``.

    Raises:
        LighthouseError: with what Lighthouse says.
    """
    command = [PROGRAM, address, *FORMS[form], f"--port={port}", "--output=json", "--quiet"]
    command += ["--no-enable-error-reporting", "--disable-full-page-screenshot"]
    command += [f"--only-categories={','.join(categories)}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise LighthouseError(f"{address} ({form}): no answer in {SECONDS} s") from None
    if done.returncode:
        raise LighthouseError(f"{address} ({form}): {done.stderr.strip() or 'no report'}")
    report = json.loads(done.stdout)
    if error := report.get("runtimeError"):
        raise LighthouseError(f"{address} ({form}): {error['message']}")
    scores = {name: report["categories"][name]["score"] for name in categories}
    if lacking := [name for name, score in scores.items() if score is None]:
        raise LighthouseError(f"{address} ({form}): no score for {', '.join(lacking)}")
    return Marks({name: round(100 * score) for name, score in scores.items()}, faults(report))


def judged(address: str, form: str, port: int) -> Marks:
    """Judge a page, and its performance several times, as no two runs take the same time.

    No more often than the median needs: what more than half of the runs give is it.

    Args:
        address: of the page.
        form: one of ``FORMS``.
        port: of a ``debugged`` Chromium.

    Returns:
        The scores, that of the performance being the median of three, and the faults.

    Raises:
        LighthouseError: with what Lighthouse says.
    """
    runs = [run(address, form, port)]
    scores = [runs[0].scores["performance"]]
    while len(runs) < RUNS and scores.count(mode(scores)) <= RUNS // 2:
        runs.append(run(address, form, port, ["performance"]))
        scores.append(runs[-1].scores["performance"])
    middle = runs[scores.index(median_low(scores))]
    others = [fault for fault in runs[0].faults if not fault.startswith("performance:")]
    slow = [fault for fault in middle.faults if fault.startswith("performance:")]
    return Marks(runs[0].scores | middle.scores, slow + others)

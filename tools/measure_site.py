"""Measure built HTML, ours or a peer's, page by page, and print the table.

    .venv/bin/python tools/measure_site.py build/html
    .venv/bin/python tools/measure_site.py build/html en/index.html fr/index.html --lighthouse

Needs what ``make programs`` installs. A page is loaded as on a first visit, and judged in
each state: light, dark and forced colours, 1350, 412 and 320 px, and with all opened that a
reader can open. Without names, all pages are measured. ``--lighthouse`` also runs
Lighthouse, as on a phone, the median of three runs: about a minute a page.

The columns: what the first visit loads, as sent with gzip, in kB of 1000 bytes, without the
pictures of the text and, in brackets, with them; the files that it asks for, likewise; what
it asks of other servers; the scripts; the rules of axe that are broken in some state, and in
brackets those that it leaves open; the errors of the Nu Html Checker; what the policy of the
page forbids; Lighthouse: performance, accessibility, best practices, search engines.
"""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
for folder in ("extensions", "tests/guide", "tests/programs", "tests/site"):
    sys.path.insert(0, str(ROOT / folder))

import lighthouse
from axe import STATES, faults
from served import Answer, served
from vnu import PROGRAM, messages

NPM = ROOT / "build" / "npm-site" / "node_modules"
# Keeps what the policy forbids; the page cannot see it, and the policy does not stop it.
WATCH = """window.forbidden = [];
addEventListener("securitypolicyviolation", event => window.forbidden.push(
  `${event.effectiveDirective} ${event.blockedURI || "inline"} ${event.lineNumber}`));"""


@dataclass
class Measured:
    """What was measured of a page.

    Attributes:
        size, pictures: the bytes of what the first visit loads, without the pictures of the
            text, and of these.
        requests, picture_requests: how many files these are.
        elsewhere: the addresses that it asks of other servers.
        script: the bytes of its scripts.
        forbidden: what the policy forbids.
        rules: the rules of axe that are broken.
        undecided: those that axe leaves open.
        errors: what the Nu Html Checker says.
        marks: what Lighthouse says, if it was asked.
    """

    size: int
    pictures: int
    requests: int
    picture_requests: int
    elsewhere: list[str]
    script: int
    forbidden: list[str]
    rules: set[str]
    undecided: set[str]
    errors: list[str]
    marks: lighthouse.Marks | None = None


def is_icon(page: Page, answer: Answer) -> bool:
    """Tell whether something was sent as the icon of a page, or of the server."""
    icons = page.eval_on_selector_all("link[rel~=icon]", "all => all.map(one => one.href)")
    paths = {urlsplit(address).path for address in icons} or {"/favicon.ico"}
    return urlsplit(answer.path).path in paths


def first_visit(browser: Browser, address: str, answers: list[Answer]) -> tuple[Page, dict]:
    """Load a page with nothing kept from before.

    Args:
        browser: Chromium.
        address: the page.
        answers: what its server has sent.

    Returns:
        The page, whose context the caller closes, and the kinds of what it asked for, by the
        address.
    """
    page = browser.new_context(viewport={"width": 1350, "height": 900}).new_page()
    page.add_init_script(WATCH)
    asked: dict[str, str] = {}
    page.on("request", lambda request: asked.setdefault(request.url, request.resource_type))
    answers.clear()
    page.goto(address, wait_until="networkidle")
    # Which the browser loads by itself, and Playwright does not see.
    end = time.monotonic() + 2
    while not any(is_icon(page, answer) for answer in answers) and time.monotonic() < end:
        page.wait_for_timeout(100)
    return page, asked


def weighed(page: Page, asked: dict[str, str], answers: list[Answer]) -> dict:
    """Return the figures of a first visit, by the attributes of ``Measured``."""
    host = urlsplit(page.url).netloc
    of_path = {
        urlsplit(address).path: kind
        for address, kind in asked.items()
        if urlsplit(address).netloc == host
    }
    sent = {answer.path.split("?")[0]: answer for answer in answers}
    pictures = [
        one for path, one in sent.items() if of_path.get(path) == "image" and not is_icon(page, one)
    ]
    files = [one for one in sent.values() if one not in pictures]
    schemes = ("http", "https", "ws", "wss")
    return {
        "size": sum(one.size for one in files),
        "pictures": sum(one.size for one in pictures),
        "requests": len(files),
        "picture_requests": len(pictures),
        "elsewhere": [
            address
            for address in asked
            if urlsplit(address).netloc != host and urlsplit(address).scheme in schemes
        ],
        "script": sum(one.size for one in files if one.kind.endswith("javascript")),
    }


def checked(paths: Iterable[Path]) -> dict[Path, list[str]]:
    """Return what the Nu Html Checker says about HTML files, by the file.

    Raises:
        subprocess.SubprocessError: it cannot be run.
    """
    found: dict[Path, list[str]] = {path: [] for path in paths}
    said = messages(NPM, "--errors-only", *(path.resolve() for path in paths))
    for message in said:
        path = Path(message["url"].removeprefix("file:"))
        words = f"{message.get('lastLine')}: {message['message']}"
        next(each for one, each in found.items() if one.resolve() == path).append(words)
    return found


def judged(page: Page, states: list[tuple[str, int]]) -> tuple[set[str], set[str]]:
    """Return the rules of axe that a page breaks in some state, and those left open."""
    broken, undecided = set(), set()
    for rule, _, text in faults(page, states):
        (undecided if text.startswith("not decided") else broken).add(rule)
    return broken, undecided


def measure(
    playwright: Playwright,
    folder: Path,
    names: list[str],
    policy: str = "",
    states: list[tuple[str, int]] = STATES,
    with_lighthouse: bool = False,
) -> Iterator[tuple[str, Measured]]:
    """Measure pages, and yield each when it is done.

    Args:
        playwright: Playwright.
        folder: the built HTML.
        names: the paths of the pages in it.
        policy: a Content-Security-Policy to judge the pages by, besides their own.
        states: those that axe judges, as in ``axe.STATES``.
        with_lighthouse: whether to run Lighthouse, too.

    Yields:
        The name and what was measured.

    Raises:
        lighthouse.LighthouseError: Lighthouse could not judge a page.
    """
    axe = (NPM / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    said = checked([folder / name for name in names])
    answers: list[Answer] = []
    options = {"executable_path": lighthouse.CHROMIUM, "chromium_sandbox": False}
    for name in names:
        # The page for what is not there is shown at any depth, and knows where its site lies.
        under = "/" if name == "404.html" else "/guide/"
        with served(folder, under, answers=answers) as address:
            with playwright.chromium.launch(**options) as browser:
                page, asked = first_visit(browser, address + name, answers)
                figures = weighed(page, asked, answers)
                page.evaluate(axe)
                rules, undecided = judged(page, states)
                with served(folder, under, policy) as strict:
                    page, _ = first_visit(browser, strict + name, [])
                    forbidden = page.evaluate("window.forbidden")
            marks = None
            if with_lighthouse:
                with lighthouse.debugged(playwright.chromium) as port:
                    marks = lighthouse.judged(address + name, "mobile", port)
        yield (
            name,
            Measured(
                **figures,
                forbidden=forbidden,
                rules=rules,
                undecided=undecided,
                errors=said[folder / name],
                marks=marks,
            ),
        )


HEAD = (
    "| page | kB | files | elsewhere | script kB | axe | vnu | forbidden | Lighthouse |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def kilobytes(size: int) -> str:
    """Return a size in kB, of 1000 bytes."""
    return f"{size / 1000:.1f}"


def of_axe(broken: set[str], undecided: set[str]) -> str:
    """Return how many rules are broken, and left open, if any is."""
    return f"{len(broken)}" + (f" ({len(undecided)} open)" if undecided else "")


def row(name: str, found: Measured) -> str:
    """Return a line of the table."""
    size, files = kilobytes(found.size), str(found.requests)
    if found.picture_requests:
        size += f" ({kilobytes(found.size + found.pictures)})"
        files += f" ({found.requests + found.picture_requests})"
    marks = "/".join(str(score) for score in found.marks.scores.values()) if found.marks else ""
    cells = [name, size, files, len(found.elsewhere), kilobytes(found.script)]
    cells += [of_axe(found.rules, found.undecided), len(found.errors), len(found.forbidden), marks]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def main() -> str | None:
    """Measure the pages that the command line names, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the built HTML")
    parser.add_argument("pages", nargs="*", help="as en/index.html; all, if none is named")
    parser.add_argument("--lighthouse", action="store_true", help="run Lighthouse, too")
    wanted = parser.parse_args()
    names = wanted.pages or sorted(
        str(path.relative_to(wanted.folder)) for path in wanted.folder.rglob("*.html")
    )
    if not names:
        return f"{wanted.folder} holds no HTML: build the site first, with make site."
    if lacking := [name for name in names if not (wanted.folder / name).is_file()]:
        return f"{wanted.folder} has no {', '.join(lacking)}. Write a page as en/index.html."
    if not (NPM / PROGRAM).exists():
        return "What measures is missing: as root, make programs installs it."
    print(HEAD)
    details = []
    with sync_playwright() as playwright:
        try:
            for name, found in measure(
                playwright, wanted.folder, names, with_lighthouse=wanted.lighthouse
            ):
                print(row(name, found), flush=True)
                said = [f"axe: {rule}" for rule in sorted(found.rules)]
                said += [f"axe, open: {rule}" for rule in sorted(found.undecided)]
                said += [f"vnu: {text}" for text in found.errors]
                said += [f"forbidden: {text}" for text in found.forbidden]
                said += [f"elsewhere: {text}" for text in found.elsewhere]
                said += found.marks.faults if found.marks else []
                details += [f"{name}: {text}" for text in said]
        except lighthouse.LighthouseError as error:
            return f"Lighthouse: {error}"
    print(*["", *details] if details else [], sep="\n")
    return None


if __name__ == "__main__":
    sys.exit(main())

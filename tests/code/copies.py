"""Copies of the repository, to be broken."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polib
import pytest
from bs4 import BeautifulSoup

from forks import LEFT_OUT

ROOT = Path(__file__).resolve().parent.parent.parent


# The pages that the tests of our code break, count or judge.
WHOLE = (
    *("index", "eligibility", "request-sesame", "request-harica", "keep-safe", "gridcert"),
    *("import-certificate", "convert-certificate", "use-certificate", "join-vo", "problems"),
    *("glossary", "how-checked", "results", "accessibility", "legal"),
)


def copy_repository(to: Path, whole: bool = False) -> Path:
    """Copy what the repository holds into a new folder, and return it.

    Args:
        to: the folder.
        whole: whether all pages keep their text. Otherwise, only those in ``WHOLE`` do: of the
            others, the headings are left, with which the copy is built in half the time.
    """
    root = Path(shutil.copytree(ROOT, to, ignore=LEFT_OUT))
    for path in [] if whole else sorted((root / "source").glob("*.rst")):
        if path.stem not in WHOLE:
            leave_headings(path, root / f"locale/fr/LC_MESSAGES/{path.stem}.po")
    return root


def leave_headings(page: Path, catalogue: Path) -> None:
    """Leave of a page, and of its catalogue, the headings, their labels and the first lines."""
    lines = page.read_text(encoding="utf-8").splitlines()
    kept, headings = [], set()
    for number, line in enumerate(lines):
        around = {lines[number - 1] if number else "", *lines[number + 1 : number + 2]}
        if re.fullmatch(r":[\w-]+:( .*)?", line):
            kept.append(line)
        elif re.fullmatch(r"\.\. _[\w-]+:|\.\. rst-class:: aside", line):
            kept.append(f"\n{line}")
        elif line and not line.startswith(" ") and {"=" * len(line), "-" * len(line)} & around:
            headings.add(line)
            rule = "=" * len(line)
            over = f"\n{rule}" if len(headings) == 1 else ""
            kept.append(f"{over}\n{line}\n{rule}")
    page.write_text("\n".join([*kept, ""]), encoding="utf-8")
    messages = polib.pofile(str(catalogue))
    for entry in [entry for entry in messages if entry.msgid not in headings]:
        messages.remove(entry)
    messages.save()


def small_guide(to: Path, *kept: str, **pages: str) -> Path:
    """Copy the repository with a few of its pages, and pages made for the test.

    Args:
        to: a new folder.
        kept: the names of the pages to keep, beside the start page and those of portals.
        pages: the texts of the others, by their names, with _ for a hyphen.
    """
    root = copy_repository(to)
    for path in (root / "source").glob("*.rst"):
        # The settings name the portals.
        if path.stem not in ("index", *kept) and not path.stem.startswith("request-"):
            path.unlink()
    for name, text in pages.items():
        (root / f"source/{name.replace('_', '-')}.rst").write_text(text, encoding="utf-8")
    return root


def needs_spelling() -> None:
    """Skip the test, by name, where nothing knows how words are spelled."""
    if not shutil.which("hunspell"):
        pytest.skip("install the Debian packages hunspell, hunspell-en-gb and hunspell-fr")


def page(folder: Path, name: str) -> BeautifulSoup:
    """Return a built page."""
    return BeautifulSoup((folder / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def words(tag) -> str:
    """Return the words of a tag on one line."""
    return " ".join(tag.get_text().split())


def shown(root: Path, name: str, language: str = "en") -> BeautifulSoup:
    """Build a guide in a language, warnings or not, and return one of its pages."""
    done = run(root, "-m", "sphinx", "-q", "-D", f"language={language}", "-c", ".", "source", "out")
    assert done.returncode == 0, done.stderr
    return page(root / "out", name)


def reword(path: Path, old: str, new: str) -> None:
    """Replace a piece of a file that must hold it."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} does not hold {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def retranslate(root: Path, page: str, start: str, change: Callable[[polib.POEntry], None]) -> None:
    """Change the entry of the French catalogue of a page whose message starts so."""
    path = root / "locale" / "fr" / "LC_MESSAGES" / f"{page}.po"
    catalogue = polib.pofile(str(path))
    entry = next(entry for entry in catalogue if entry.msgid.startswith(start))
    before = str(entry)
    change(entry)
    assert str(entry) != before, f"{path}: nothing to change in “{start}…”"
    catalogue.save()


def run(root: Path, *arguments, **environment: str) -> subprocess.CompletedProcess:
    """Run Python in a folder, with some environment variables set, and keep what it says."""
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=root,
        # Another overlay may be judged, but the copies are of ours.
        env=os.environ | {"LOCAL": "local"} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def run_checks(root: Path, *arguments, **environment: str) -> subprocess.CompletedProcess:
    """Run pytest in a folder, which keeps nothing of it."""
    return run(root, "-m", "pytest", "-p", "no:cacheprovider", *arguments, **environment)

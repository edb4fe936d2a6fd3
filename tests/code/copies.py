"""Copies of the repository, to be broken."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polib
from bs4 import BeautifulSoup

from forks import LEFT_OUT

ROOT = Path(__file__).resolve().parent.parent.parent


def copy_repository(to: Path) -> Path:
    """Copy what the repository holds into a new folder, and return it."""
    return Path(shutil.copytree(ROOT, to, ignore=LEFT_OUT))


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


def shown(root: Path, page: str, language: str = "en") -> BeautifulSoup:
    """Build a guide in a language, warnings or not, and return one of its pages."""
    done = run(root, "-m", "sphinx", "-q", "-D", f"language={language}", "-c", ".", "source", "out")
    assert done.returncode == 0, done.stderr
    return BeautifulSoup((root / f"out/{page}.html").read_text(encoding="utf-8"), "html.parser")


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

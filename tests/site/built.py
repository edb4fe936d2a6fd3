"""The pages of the built site, as files."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

# Judges a few pages in the default set, and every page in the extended one.
FEW_OR_ALL = pytest.mark.parametrize(
    "names", ["few", pytest.param("all", marks=pytest.mark.extended)], indirect=True
)
# Pages that have what others have not: by turns in each language, see the fixture ``names``.
FEW = ("convert-certificate", "index", "search")


@cache
def read(path: Path) -> BeautifulSoup:
    """Return a built page, read once."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def pages(site: Path, language: str) -> dict[str, BeautifulSoup]:
    """Return the pages of a language, by their file names."""
    folder = site / language
    return {str(path.relative_to(folder)): read(path) for path in folder.rglob("*.html")}


def every(site: Path) -> dict[str, BeautifulSoup]:
    """Return all the pages, those outside the languages included, by their paths in the site."""
    return {str(path.relative_to(site)): read(path) for path in sorted(site.rglob("*.html"))}


def is_of_language(name: str) -> bool:
    """Tell whether a page is one of a language, and none of the few at the root of the site."""
    return "/" in name


def file_at(site: Path, name: str, address: str) -> Path:
    """Return the file of the site to which an address on a page leads.

    Args:
        site: the site.
        name: the path of the page in the site.
        address: the address. Those of the page for what is not there begin at the root.
    """
    address = re.split("[?#]", address)[0]
    folder = site if address.startswith("/") else (site / name).parent
    return (folder / address.lstrip("/")).resolve()


def gathered(found: Iterable[tuple[str, str]]) -> str:
    """Return faults as text, each once with the pages that have it.

    Args:
        found: pages, and what is wrong there.
    """
    where = defaultdict(list)
    for name, fault in found:
        where[fault].append(name)
    lines = []
    for fault, names in where.items():
        more = f" and {len(names) - 4} more" if len(names) > 4 else ""
        lines.append(f"{fault}: {', '.join(names[:4])}{more}")
    return "\n".join(lines)

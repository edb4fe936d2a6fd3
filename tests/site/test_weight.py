"""Each page is light: what a first visit loads, compressed."""

import gzip
import re
from pathlib import Path

from built import every, file_at, is_of_language

# All limits are in bytes of gzip, at the level that servers use. Pictures are not counted.
PAGE = 15_000
REQUESTS = 4
SEARCH = {"search.js": 5_000, "search-data.js": 60_000}
SCRIPT = 1_500


def weight(path: Path) -> int:
    """Return how many bytes a file has when it is sent."""
    return len(gzip.compress(path.read_bytes(), 6))


def loaded(site: Path, name: str, page) -> list[Path]:
    """Return what a browser loads for a page, itself first, without pictures and data."""
    tags = page.find_all("link", rel=["stylesheet", "icon", "preload", "manifest"])
    addresses = [tag["href"] for tag in tags]
    addresses += [tag["src"] for tag in page.find_all("script", src=True)]
    return [site / name, *(file_at(site, name, each) for each in addresses)]


def test_pages_are_light(site):
    """No page weighs more than it may, or asks for more files."""
    found = []
    for name, page in every(site).items():
        files = [one for one in loaded(site, name, page) if one.name not in SEARCH]
        total = sum(map(weight, files))
        if total > PAGE or len(files) > REQUESTS:
            parts = ", ".join(f"{one.name} {weight(one)}" for one in files)
            found.append(f"{name}: {total} bytes, {len(files)} requests: {parts}")
    assert not found, "\n".join(found)


def test_style_sheets_load_nothing(site):
    """A style sheet brings along no other file."""
    sheets = list(site.rglob("*.css"))
    assert sheets
    for sheet in sheets:
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"@import|url\((?![\"']?data:)", text), sheet


def test_scripts_are_light(site):
    """Pages load one small script, which they work without; the search page its own ones."""
    for name, page in every(site).items():
        scripts = {one.name: one for one in loaded(site, name, page) if one.suffix == ".js"}
        if not is_of_language(name):
            assert not scripts, name
        elif Path(name).name != "search.html":
            assert list(scripts) == ["page.js"], name
            assert weight(scripts["page.js"]) <= SCRIPT
        else:
            scripts.pop("page.js", None)
            assert scripts.keys() == SEARCH.keys(), name
            for one, limit in SEARCH.items():
                assert weight(scripts[one]) <= limit, name

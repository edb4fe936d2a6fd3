"""Carry a change of the pages to the catalogues: ours, or in a fork those of the overlay.

    python tools/catalogues.py

Our catalogues hold all the messages of our pages. Those of the overlay hold what only it
can translate: its own pages, and languages that we do not have. Of a page that replaces
ours, only what we have not translated, and what the overlay translates otherwise.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from sphinx.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "extensions"))

import institute
import overlay
from build_site import judge_catalogue
from settings import Reading, overlay_folder

BUILT = ROOT / "build" / "gettext"
# Without a date in their heads, catalogues that were changed on both sides merge.
ENVIRONMENT = os.environ | {"SOURCE_DATE_EPOCH": "0"}


def extract(local: Path, to: Path) -> None:
    """Extract the messages of all pages, those of an overlay included."""
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-b",
        "gettext",
        "-c",
        ROOT,
        ROOT / "source",
        to,
    ]
    subprocess.run(command, env=ENVIRONMENT | {"LOCAL": str(local)}, check=True)


def update(messages: Path, catalogues: Path, language: str, *options: str) -> None:
    """Bring the catalogues of a language up to date with extracted messages."""
    command = [sys.executable, "-m", "sphinx_intl", "update", "-p", messages, "-d", catalogues]
    command += ["-l", language, *options]
    done = subprocess.run(command, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE, text=True)
    for line in done.stdout.splitlines():
        if not line.startswith("Not Changed"):
            print(line)


def read(path: Path) -> Catalog:
    """Return a catalogue; an empty one if it is not there."""
    if not path.exists():
        return Catalog()
    with open(path, "rb") as file:
        return read_po(file)


def keep_own(template: Path, own: Path, ours: Path) -> None:
    """Leave out of a template what our catalogue translates and the overlay's does not."""
    messages, wanted = read(template), read(own)
    done = {entry.id for entry in read(ours) if entry.string and not entry.fuzzy}
    for entry in list(messages):
        if entry.id and entry.id in done and entry.id not in wanted:
            messages.delete(entry.id)
    write(messages, template)


def keep_words(template: Path, own: Path) -> None:
    """Add to the template of the menus what else the overlay translates: words of Sphinx."""
    messages = read(template)
    for entry in read(own):
        if entry.id and entry.id not in messages:
            messages.add(entry.id)
    write(messages, template)


def write(messages: Catalog, template: Path) -> None:
    """Write a template."""
    with open(template, "wb") as file:
        write_po(file, messages, width=0)


def is_ours(language: str) -> bool:
    """Tell whether we write the pages in a language, or translate them into it."""
    return language == "en" or (ROOT / "locale" / language).is_dir()


def update_own(reading: Reading, language: str) -> None:
    """Bring the overlay's catalogues of a language up to date."""
    local, pages = reading.local, overlay.pages(reading.local)
    templates = BUILT / f"own-{language}"
    shutil.copytree(BUILT / "all", templates, ignore=shutil.ignore_patterns(".*"))
    left_out = institute.left_out(reading.settings)
    for template in list(templates.rglob("*.pot")):
        page = template.relative_to(templates).with_suffix("").as_posix()
        source = overlay.written_in(pages[page]) if page in pages else "en"
        catalogue = Path(language, "LC_MESSAGES", f"{page}.po")
        if source == language or page in left_out or (is_ours(language) and page not in pages):
            template.unlink()
        elif page == "sphinx":
            keep_words(template, local / "locale" / catalogue)
        elif is_ours(language):
            keep_own(template, local / "locale" / catalogue, ROOT / "locale" / catalogue)
    if any(templates.rglob("*.pot")):
        update(templates, local / "locale", language)


def main() -> str | None:
    """Bring all catalogues up to date; return what is wrong, if anything."""
    shutil.rmtree(BUILT, ignore_errors=True)
    nothing = BUILT / "no-overlay"
    nothing.mkdir(parents=True)
    try:
        reading = Reading(ROOT, overlay_folder(ROOT))
        for path in sorted(reading.local.glob("locale/**/*.po")):
            judge_catalogue(path)
    except ConfigError as error:
        return str(error)
    # In a fork, our catalogues are ours, so that they merge.
    if not reading.is_fork:
        extract(nothing, BUILT / "ours")
        for folder in sorted((ROOT / "locale").glob("*/")):
            update(BUILT / "ours", ROOT / "locale", folder.name, "--no-obsolete")
    pages = overlay.pages(reading.local)
    languages = reading.settings.languages
    own = [code for code in languages if pages or not is_ours(code)]
    if own:
        extract(reading.local, BUILT / "all")
    for language in own:
        update_own(reading, language)
    return None


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"The catalogues are not up to date: see above ({error.cmd[2]} failed).")

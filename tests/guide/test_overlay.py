"""An overlay's pages and catalogues have their place, and follow ours when ours change."""

import os
import subprocess

import overlay
import replace_page
from guide import Guide
from results import Result, judged_by
from schema import is_language

LC_MESSAGES = "a folder such as locale/fr/LC_MESSAGES"


def replaced(guide: Guide):
    """Yield a result for each page of the overlay."""
    for page, path in guide.own_pages.items():
        ours = guide.root / "source" / f"{page}.rst"
        known = overlay.fields(path).get("replaces")
        name = guide.source_name(page)
        problem = reported = ""
        if ours.exists() and not known:
            problem = (
                f"{name}:1: this page replaces source/{page}.rst, and does not say which text of "
                f"it. Run make replace PAGE={page}"
            )
        elif known and not ours.exists():
            reported = (
                f"{name}:1: source/{page}.rst, which this page replaced, is gone. Read what "
                "CHANGELOG.md says of it; then delete this page, or its line :replaces:"
            )
        elif known and known != replace_page.text_hash(ours.read_bytes()):
            reported = (
                f"{name}:1: source/{page}.rst has changed since this page replaced it. Bring over "
                f"what you need, then run make replace PAGE={page}. The difference:\n"
                f"{difference(guide, known, page)}"
            )
        yield Result(f"{page}.rst: replaces ours", problem, reported=reported)
        yield Result(f"{page}.rst: language", unknown_language(guide, page))
    if not guide.own_pages:
        yield Result("the overlay has no pages")


def difference(guide: Guide, known: str, page: str) -> str:
    """Return how a page of ours differs from the text that git knows by its hash."""
    git = ["git", "-C", str(guide.root)]
    old = subprocess.run([*git, "cat-file", "blob", known], capture_output=True)
    if old.returncode:
        return (
            f"not to be shown here, because git does not know the text {known}: see "
            f"git log -p source/{page}.rst in a clone with the whole history"
        )
    before = guide.folder / f"{known}.rst"
    before.write_bytes(old.stdout)
    command = ["git", "diff", "--no-index", "--no-color", before, f"source/{page}.rst"]
    shown = subprocess.run(command, cwd=guide.root, capture_output=True, text=True)
    return shown.stdout.partition("\n@@")[2].partition("\n")[2] or shown.stderr


def unknown_language(guide: Guide, page: str) -> str:
    """Return what is wrong with the language that a page says it is written in."""
    code, where = guide.written_in(page), f"{guide.source_name(page)}:1"
    if is_language(code):
        return ""
    return f"{where}: {code} is no language. Write its code, as in :language: fr"


def catalogues(guide: Guide):
    """Yield a result for each language that the overlay has catalogues of."""
    folder = guide.local / "locale"
    for path in sorted(folder.glob("*/")):
        name = os.path.relpath(path, guide.root)
        reported = ""
        if path.name not in guide.languages:
            reported = (
                f"{name}: the guide is not published in this language. Add it to languages in "
                "the settings, or delete the folder"
            )
        yield Result(f"{name}: published", reported=reported)
    for path in sorted(folder.rglob("*.po")):
        name = os.path.relpath(path, guide.root)
        problem = ""
        if "LC_MESSAGES" not in path.parts:
            problem = f"{name}: nothing is read from here. Put it into {LC_MESSAGES}"
        yield Result(f"{name}: in its place", problem)
    if not folder.exists():
        yield Result("the overlay has no catalogues")


@judged_by(replaced)
def test_page_of_the_overlay_is_up_to_date(result):
    """A page that replaces ours says which text it replaced, and what changed since."""
    result.report()


@judged_by(catalogues)
def test_language_of_the_overlay_is_published(result):
    """The overlay translates into languages of the site."""
    result.report()

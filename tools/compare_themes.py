"""Build our pages with the themes of peers, measure all side by side, and print the tables.

    .venv/bin/python tools/compare_themes.py build/html

The folder holds our site, as ``make site`` builds it. Needs what ``make programs`` installs,
and the first time the network, for the lock ``tools/peers.txt``; takes half an hour. The
peers' sites are left in ``build/peers``, and are built anew each time.

Each theme has the least configuration with which it shows the guide: nothing is switched on
or off for the sake of a figure. Sphinx gives furo and pydata-sphinx-theme our pages, with
what our extensions put into the text, but without those that are about our own frame.
mkdocs-material gets the built text of our pages, the same menu and the same two languages.
Each language is a site of its own, side by side, as ours are. The policy is that of our
pages. The columns are those of ``measure_site.py``; the first table has the worst of each
over all the pages, and of the rules and of what is forbidden all that occur.
"""

import json
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright

# It finds the modules of the tests.
from measure_site import HEAD, NPM, Measured, kilobytes, lighthouse, measure, of_axe, row

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "tools" / "peers.txt"
PEERS = ROOT / "build" / "peers"
PROGRAMS = PEERS / "python" / "bin"
PAGES = ("index.html", "convert-certificate.html", "problems.html")
# Extensions that are about our frame, and not about the text.
FRAME = {"languages", "way", "checked", "documents", "search", "found", "strict_builds"}
# Templates that a theme of Sphinx has, too.
TEMPLATES = ("page.html", "search.html", "layout.html")
MATERIAL = """
site_name: {title}
theme:
  name: material
  language: {language}
use_directory_urls: false
extra:
  alternate: [{alternates}]
nav: [{menu}]
"""


class CompareError(Exception):
    """A theme cannot be built or measured; the text says why."""


def run(*command: str | Path) -> None:
    """Run a program.

    Raises:
        CompareError: it has failed; with what it said last.
    """
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-3000:]
        raise CompareError(f"{Path(command[0]).name} has failed:\n{said}")


def set_up() -> None:
    """Install the peers, apart from all else, where the lock has changed.

    Raises:
        CompareError: they cannot be installed.
    """
    installed = PEERS / "installed.txt"
    if installed.exists() and installed.read_bytes() == LOCK.read_bytes():
        return
    installed.unlink(missing_ok=True)
    run(sys.executable, "-m", "venv", "--clear", PROGRAMS.parent)
    run(PROGRAMS / "python", "-m", "pip", "install", "-q", "--require-hashes", "-r", LOCK)
    shutil.copy(LOCK, installed)


def languages(site: Path) -> list[str]:
    """Return the codes of the languages of our site."""
    return sorted(path.parent.name for path in site.glob("*/index.html"))


def build_with_sphinx(theme: str, site: Path) -> Path:
    """Build our pages with a theme of Sphinx, and return the folder.

    Args:
        theme: its name.
        site: our own site.

    Raises:
        CompareError: Sphinx has failed.
    """
    out, work = PEERS / theme, PEERS / "work" / theme
    for folder in (out, work):
        shutil.rmtree(folder, ignore_errors=True)
    templates = work / "templates"
    shutil.copytree(ROOT / "theme", templates, ignore=shutil.ignore_patterns(*TEMPLATES))
    ours = runpy.run_path(str(ROOT / "conf.py"))["extensions"]
    extensions = ",".join(name for name in ours if name not in FRAME)
    settings = [f"html_theme={theme}", "html_theme_path=", f"extensions={extensions}"]
    settings += [f"templates_path={templates}"]
    for language in languages(site):
        options = [f"-D{setting}" for setting in (*settings, f"language={language}")]
        run(
            *(PROGRAMS / "python", "-m", "sphinx", "-q", "-c", ROOT, *options),
            *("-d", work / "doctrees" / language, ROOT / "source", out / language),
        )
    return out


def text_of(page: Path) -> tuple[str, str]:
    """Return the title of one of our pages, and its text as HTML without what is our frame's."""
    main = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one("main")
    for frame in main.select("nav, .about-page, .headerlink, .group"):
        frame.decompose()
    return main.h1.get_text().strip(), main.decode_contents()


def title_of(page: Path) -> str:
    """Return the title of our site, from the head of its first page."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").title.get_text()


def quoted(text: str) -> str:
    """Return text as YAML, which takes what JSON is."""
    return json.dumps(text, ensure_ascii=False)


def menu_of(page: Path) -> list[str]:
    """Return the names of the pages of our menu, in its order."""
    menu = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select(".guide a[href]")
    names = [link["href"].split("#")[0] or page.name for link in menu]
    return [name for name in dict.fromkeys(names) if re.fullmatch(r"[\w-]+\.html", name)]


def build_with_material(site: Path) -> Path:
    """Build the text of our pages with mkdocs-material, and return the folder.

    Raises:
        CompareError: MkDocs has failed.
    """
    out, work = PEERS / "mkdocs-material", PEERS / "work" / "mkdocs-material"
    for folder in (out, work):
        shutil.rmtree(folder, ignore_errors=True)
    for language in languages(site):
        ours, pages = site / language, work / language / "docs"
        pages.mkdir(parents=True)
        for name in ("_images", "_downloads"):
            if (ours / name).is_dir():
                shutil.copytree(ours / name, pages / name)
        menu = menu_of(ours / "index.html")
        written = [f"{path.stem}.html" for path in sorted((ROOT / "source").glob("*.rst"))]
        for name in [name for name in written if (ours / name).is_file()]:
            title, text = text_of(ours / name)
            target = pages / f"{Path(name).stem}.md"
            target.write_text(f"---\ntitle: {quoted(title)}\n---\n\n<div>{text}</div>\n", "utf-8")
        settings = MATERIAL.format(
            title=quoted(title_of(ours / "index.html")),
            language=language,
            menu=", ".join(f"{Path(name).stem}.md" for name in menu),
            alternates=", ".join(
                f"{{name: {code}, lang: {code}, link: ../{code}/index.html}}"
                for code in languages(site)
            ),
        )
        (work / language / "mkdocs.yml").write_text(settings, encoding="utf-8")
        run(
            *(PROGRAMS / "python", "-m", "mkdocs", "build", "-q"),
            *("-f", work / language / "mkdocs.yml", "-d", out / language),
        )
    return out


def policy_of(page: Path) -> str:
    """Return the Content-Security-Policy of one of our pages."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    return soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]


def broken(pages: Iterable[Measured]) -> tuple[set[str], set[str]]:
    """Return the rules of axe that some page breaks, and those that are left open on some."""
    pages = list(pages)
    found = {rule for page in pages for rule in page.rules}
    return found, {rule for page in pages for rule in page.undecided} - found


def worst(name: str, pages: list[Measured]) -> str:
    """Return the line of a theme in the first table."""
    asked = {address for page in pages for address in page.elsewhere}
    elsewhere = f" + {len(asked)} elsewhere" if asked else ""
    marks = "/".join(
        str(min(page.marks.scores[one] for page in pages)) for one in lighthouse.CATEGORIES
    )
    cells = [
        name,
        f"{kilobytes(max(one.size for one in pages))} / {max(one.requests for one in pages)}"
        + elsewhere,
        kilobytes(max(page.script for page in pages)),
        marks,
        of_axe(*broken(pages)),
        max(len(page.errors) for page in pages),
        sum(len(page.forbidden) for page in pages),
    ]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def main(site: Path) -> str | None:
    """Build, measure and print."""
    if not (site / "en" / "index.html").is_file():
        return f"{site} holds no site: build it first, with make site OUT={site}"
    if not NPM.is_dir():
        return "What measures is missing: as root, make programs installs it."
    names = [f"{language}/{page}" for language in languages(site) for page in PAGES]
    summary, details, notes = [], [], []
    try:
        set_up()
        sites = {
            "ours": site,
            "furo": build_with_sphinx("furo", site),
            "pydata-sphinx-theme": build_with_sphinx("pydata_sphinx_theme", site),
            "mkdocs-material": build_with_material(site),
        }
        policy = policy_of(site / "en" / "index.html")
        with sync_playwright() as playwright:
            for theme, folder in sites.items():
                found = {}
                for name, page in measure(
                    playwright, folder, names, policy=policy, with_lighthouse=True
                ):
                    found[name] = page
                    details.append(row(f"{theme} {name}", page))
                    # It takes long: what there is, is seen.
                    print(details[-1], file=sys.stderr, flush=True)
                summary.append(worst(theme, list(found.values())))
                names_of = [", ".join(sorted(some)) or "none" for some in broken(found.values())]
                notes.append(f"{theme}: axe: {names_of[0]}; open: {names_of[1]}")
    except (CompareError, lighthouse.LighthouseError) as error:
        return str(error)
    print("| theme | kB / files | script kB | Lighthouse | axe rules | vnu | forbidden |")
    print("|---|---|---|---|---|---|---|")
    print(*summary, "", HEAD, *details, "", *notes, sep="\n")
    return None


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Which folder holds our site? As in: tools/compare_themes.py build/html")
    sys.exit(main(Path(sys.argv[1])))

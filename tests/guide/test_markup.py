"""The markup of the pages: headings, pictures, notes, and what sphinx-lint looks for."""

import os
import re
import subprocess
import sys

from docutils import nodes

from guide import Guide, prose, running_text
from results import Result, gathered, judged_by


def form(guide: Guide):
    """Yield what is wrong with the markup of each page."""
    for page in guide.pages:
        for thing, judge in (
            ("headings", headings),
            ("pictures", pictures),
            ("raw markup", raw),
            ("admonitions", bold_admonitions),
            ("portals", portal_links),
        ):
            yield from gathered(f"{page}.rst", thing, list(judge(guide, page)))


def headings(guide: Guide, page: str):
    """Yield each heading that is a second title; Sphinx warns of levels out of order."""
    titles = [
        node for node in guide.doctree(page, "en").children if isinstance(node, nodes.section)
    ]
    if not titles:
        yield "no title", f"{guide.source_name(page)}:1: start the page with a title"
    for section in titles[1:]:
        text = section[0].astext()
        here = guide.where(page, "en", section[0].rawsource or text)
        yield text, f"{here}: a page has one title. Underline “{text}” one level down"


def pictures(guide: Guide, page: str):
    """Yield each picture without a text that says what it shows."""
    for image in guide.doctree(page, "en").findall(nodes.image):
        if not image.get("alt"):
            here = f"{guide.source_name(page)}:{image.line or 1}"
            yield image["uri"], f"{here}: say what {image['uri']} shows, with :alt:"


def raw(guide: Guide, page: str):
    """Yield each raw directive or role."""
    for number, line in enumerate(guide.source(page), 1):
        if re.search(r"\.\.\s+(\|[^|]+\|\s+)?raw::|:raw(-\w+)?:`|:format:", line):
            here = f"{guide.source_name(page)}:{number}"
            yield line.strip(), f"{here}: write it in reStructuredText, without raw"


def bold_admonitions(guide: Guide, page: str):
    """Yield each note that is typed as bold text."""
    for node in prose(guide.doctree(page, "en")):
        first = node.children[0] if node.children else None
        text = running_text(first).rstrip(" :") if isinstance(first, nodes.strong) else ""
        if text.lower() in ("note", "warning", "tip", "important", "caution", "hint", "danger"):
            where = guide.where(page, "en", f"**{text}")
            yield text, f"{where}: write .. {text.lower()}:: instead of bold text"


def portal_links(guide: Guide, page: str):
    """Yield each link to the page of a portal: an institute may not offer it."""
    for number, line in enumerate(guide.source(page), 1):
        for name in re.findall(r"(?:<|:doc:`)/?request-([a-z0-9]+)[>`]", line):
            here = f"{guide.source_name(page)}:{number}"
            yield f"request-{name}", f"{here}: link this page by |{name}-page| or |portal-page|"


def lint(guide: Guide):
    """Yield what sphinx-lint finds in the pages and the catalogues."""
    local = os.path.relpath(guide.local, guide.root)
    folders = [name for name in ("source", "locale", local) if (guide.root / name).exists()]
    command = [sys.executable, "-m", "sphinxlint", "--enable", "default-role", *folders]
    run = subprocess.run(command, cwd=guide.root, capture_output=True, text=True, encoding="utf-8")
    output = run.stdout + run.stderr
    found = re.findall(r"^(\S+):(\d+): (.*) \(([\w-]+)\)$", output, re.MULTILINE)
    if run.returncode and not found:
        yield Result("sphinx-lint", f"sphinx-lint failed: {output}")
    files = [
        path
        for name in folders
        for end in ("rst", "po")
        for path in (guide.root / name).rglob(f"*.{end}")
    ]
    for path in sorted(files):
        name = os.path.relpath(path, guide.root)
        yield from gathered(
            name,
            "sphinx-lint",
            [
                (f"{rule} line {line}", f"{name}:{line}: {text} ({rule})")
                for file, line, text, rule in found
                if file == name
            ],
        )


@judged_by(form)
def test_markup_is_sound(result):
    """Headings, pictures and notes are marked up as what they are, and nothing is raw."""
    result.report()


@judged_by(lint)
def test_sphinx_lint_finds_nothing(result):
    """sphinx-lint finds nothing in pages and catalogues."""
    result.report()

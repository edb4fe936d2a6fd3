"""The anchors that others link to are still there: those of headings, labels and terms."""

from pathlib import Path

from docutils import nodes

from guide import Guide
from results import Result, gathered, judged_by

LISTED = Path(__file__).with_name("anchors.txt")


def listed() -> dict[str, set[str]]:
    """Return the anchors that must stay, by the pages that they are on."""
    found: dict[str, set[str]] = {}
    for line in LISTED.read_text(encoding="utf-8").split():
        page, _, anchor = line.partition("#")
        found.setdefault(page, set()).add(anchor)
    return found


def shown(guide: Guide, page: str) -> list[str]:
    """Return the anchors of a page that its headings and terms show."""
    doctree = guide.doctree(page, "en")
    titles = list(doctree.findall(nodes.section))[1:]
    return [node["ids"][0] for node in [*titles, *doctree.findall(nodes.term)] if node["ids"]]


def kept(guide: Guide):
    """Yield each anchor that is listed and gone, on the pages that are not an overlay's."""
    for page, anchors in listed().items():
        if page in guide.own_pages or page in left_out(guide):
            continue
        if page not in guide.pages:
            problem = f"tests/guide/{LISTED.name}: {page}: help desks link to this page: keep it"
            yield Result(f"{page}.rst: anchors", problem)
            continue
        for language in guide.languages:
            there = {tag["id"] for tag in guide.html(page, language).select("[id]")}
            findings = [
                (
                    anchor,
                    f"{guide.source_name(page)}: no heading has the anchor #{anchor} any more, to "
                    f"which help desks link: write “.. _{anchor}:” and an empty line before the "
                    "heading that has its text now",
                )
                for anchor in sorted(anchors - there)
            ]
            yield from gathered(f"{page}.rst", f"anchors [{language}]", findings)


def left_out(guide: Guide) -> set[str]:
    """Return the pages of portals that the institute does not offer."""
    settings = guide.settings
    return {f"request-{name}" for name in settings.portals if name not in settings.offered_portals}


def complete(guide: Guide):
    """Yield each anchor of ours that is not listed."""
    known = listed()
    for page in guide.pages:
        if page not in guide.own_pages:
            findings = [
                (
                    anchor,
                    f"tests/guide/{LISTED.name}: add the line {page}#{anchor}: help desks may "
                    "link to it",
                )
                for anchor in shown(guide, page)
                if anchor not in known.get(page, set())
            ]
            yield from gathered(f"{page}.rst", "listed anchors", findings)


@judged_by(kept)
def test_anchor_is_kept(result):
    """What others link to is still there, in each language."""
    result.report()


@judged_by(complete)
def test_anchor_is_listed(result):
    """An anchor that a reader can copy is listed, so that it is missed when it goes."""
    result.report()

"""Let readers open the one of several sections that is theirs: their program, their system.

``.. rst-class:: alternative`` stands before the heading of such a section, and behind its
label. The site shows the heading, and the rest when it is opened, without script; a link to
the section opens it, and paper shows it whole.
"""

from collections.abc import Iterator

from docutils import nodes
from markupsafe import escape
from sphinx.application import Sphinx

CLASS = "alternative"


def fold(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Fold the alternatives of a page that is about to be written.

    Browsers open what holds the target of a link, but only if the target is inside: there
    the ids of the section go (https://html.spec.whatwg.org/#ancestor-revealing-algorithm).
    """
    if app.builder.name not in ("html", "dirhtml"):
        return
    for section in list(doctree.findall(nodes.section)):
        if CLASS in section["classes"]:
            title, *rest = section.children
            level = sum(isinstance(each, nodes.section) for each in parents(section)) + 1
            words = nodes.inline("", "", *title.children, classes=title["classes"])
            heading = f"<h{level}>{app.builder.render_partial(words)['fragment']}</h{level}>"
            ids = "".join(f'<span id="{escape(each)}"></span>' for each in section["ids"])
            section["ids"], section["classes"], section.children = [], [], []
            section += html(f"<details><summary>{heading}</summary>{ids}")
            section += [*rest, html("</details>")]


def parents(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield what a node stands in, from the inside to the outside."""
    while node := node.parent:
        yield node


def html(text: str) -> nodes.raw:
    """Return HTML as a node."""
    return nodes.raw("", text, format="html")


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    # When links have found the ids.
    app.connect("doctree-resolved", fold, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Have the link beside a heading lead to its label, which stays when the heading changes."""

from docutils import nodes
from sphinx.application import Sphinx


def put_labels_first(app: Sphinx, doctree: nodes.document) -> None:
    """Put the label of a section before the id that docutils makes from its heading."""
    for section in doctree.findall(nodes.section):
        section["ids"].reverse()


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    # Before Sphinx collects the headings.
    app.connect("doctree-read", put_labels_first, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

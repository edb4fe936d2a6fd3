"""Leave out Sphinx's search page: its scripts break a strict content security policy."""

from sphinx.application import Sphinx


def leave_out(app: Sphinx) -> None:
    """Tell the builder to make no search page and no search index."""
    app.builder.search = False


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("builder-inited", leave_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

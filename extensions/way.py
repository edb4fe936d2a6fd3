"""Give each page its place on the way through the guide, and its contents where it is long."""

from pathlib import Path

from docutils import nodes
from markupsafe import Markup, escape
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment.adapters.toctree import TocTree

from overlay import written_in

# A page with fewer sections is seen as a whole.
LONG = 4


def group(app: Sphinx, pagename: str) -> str:
    """Return, as HTML, the heading of the group of the menu that a page stands in.

    Args:
        app: Sphinx.
        pagename: the page, or one below a page of the menu.

    Returns:
        Nothing for a page that is in no menu.
    """
    relations, root = app.builder.relations, app.config.root_doc
    while (above := relations.get(pagename, [None])[0]) and above != root:
        pagename = above
    if not hasattr(app.builder, "groups"):
        trees = app.env.get_doctree(root).findall(addnodes.toctree)
        app.builder.groups = {
            name: heading(app, tree) for tree in trees for _, name in tree["entries"]
        }
    return app.builder.groups.get(pagename, "")


def heading(app: Sphinx, tree: addnodes.toctree) -> str:
    """Return the heading of a group as HTML, marked where it has no translation."""
    text = escape(tree["caption"] or "")
    written = written_in(Path(app.env.doc2path(app.config.root_doc)))
    if not text or written == app.config.language or text != escape(tree["rawcaption"]):
        return text
    return Markup('<span lang="{}">{}</span>').format(written, text)


def contents(app: Sphinx, pagename: str) -> str:
    """Return, as HTML, the list of the sections of a page, if it is long.

    The start page leads to pages, not to its own sections.
    """
    title = next(TocTree(app.env).get_toc_for(pagename, app.builder).findall(nodes.list_item))
    sections = next(title.findall(nodes.bullet_list), None)
    if sections is None or len(sections) < LONG or pagename == app.config.root_doc:
        return ""
    return app.builder.render_partial(sections)["fragment"]


def add_place(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give the template the place of a page."""
    if doctree:
        context["group"] = group(app, pagename)
        context["contents"] = contents(app, pagename)


def sitemap(app: Sphinx) -> list[tuple[str, dict, str]]:
    """Return the page that lists all the others; a book has its contents."""
    if app.builder.name not in ("html", "dirhtml"):
        return []
    titles = {
        name: app.builder.render_partial(app.env.titles[name])["title"]
        for name in sorted(app.env.found_docs)
        if name not in app.builder.relations and name != app.config.root_doc
    }
    context = {"title": app.translator.gettext("Sitemap"), "in_no_menu": titles}
    return [("sitemap", context, "sitemap.html")]


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("html-page-context", add_place)
    app.connect("html-collect-pages", sitemap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

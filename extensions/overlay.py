"""Take the pages of an overlay, and put all pages into the menu.

A page in the overlay's folder ``pages/`` replaces ours of the same name, or is new. It is
read where it lies, so that warnings name the fork's own file. The first lines of a page may
be fields:

``:after: NAME``
    its place in the menu, behind another page; at the end without this line.
``:language: CODE``
    the language it is written in, if it is not English.
``:replaces: HASH``
    which text of ours it replaces, written by ``make replace``.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.directives.other import TocTree
from sphinx.environment import BuildEnvironment
from sphinx.project import Project
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

logger = logging.getLogger(__name__)
# In the list of a menu, they stand for the pages of the portals, and for those of the overlay
# that have no place of their own.
PORTALS, OTHERS = "portals", "others"


def fields(path: Path) -> dict[str, str]:
    """Return the fields at the top of a page.

    Args:
        path: a page that is UTF-8.
    """
    found = {}
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    for line in text.lstrip().splitlines():
        field = re.fullmatch(r":([\w-]+):(?: +(.*?))? *", line)
        if not field:
            break
        found[field[1]] = field[2] or ""
    return found


def pages(local: Path) -> dict[str, Path]:
    """Return the pages of an overlay, by their names."""
    folder = local / "pages"
    return {
        path.relative_to(folder).with_suffix("").as_posix(): path
        for path in sorted(folder.rglob("*.rst"))
    }


def written_in(path: Path) -> str:
    """Return the language that a page is written in."""
    return fields(path).get("language", "en")


class OverlaidProject(Project):
    """The pages of ``source/`` and those of an overlay, which win."""

    def __init__(self, project: Project, local: Path, left_out: list[str]):
        """Lay an overlay over a project.

        Args:
            project: what Sphinx made.
            local: the overlay.
            left_out: patterns of pages that are not published.
        """
        super().__init__(project.srcdir, project.source_suffix)
        self.restore(project)
        self.local, self.left_out = local, left_out

    def discover(self, exclude_paths=(), include_paths=("**",)) -> set[str]:
        """Find the pages, as Sphinx's own project does."""
        super().discover([*exclude_paths, *self.left_out], include_paths)
        for name, path in pages(self.local).items():
            if f"{name}.rst" not in self.left_out:
                self.docnames.add(name)
                self._docname_to_path[name] = path
                self._path_to_docname[path] = name
        return self.docnames


def has_place(env: BuildEnvironment, places: dict[str, str], name: str) -> bool:
    """Tell whether a page of the overlay stands behind one of ours that is in a menu.

    Args:
        env: Sphinx's, which has found the pages.
        places: by the name of a page of the overlay, that of the page it comes after.
        name: the page.
    """
    passed = {name}
    while name in places:
        name = places[name]
        if name in passed:
            return False
        passed.add(name)
    if name not in env.found_docs or name == env.config.root_doc:
        return False
    return "orphan" not in fields(Path(env.doc2path(name)))


class Menu(TocTree):
    """A hidden ``toctree``: the pages named, ``portals``, and ``others``, those of the overlay.

    A page of the overlay that says behind which one it comes stands there, in whichever menu.
    """

    def run(self):
        """Put the pages into their order, then do what ``toctree`` does."""
        places, names = self.config.menu_pages, []
        for line in self.content:
            offered = self.config.menu_portals if line == PORTALS else [line]
            if line == OTHERS:
                offered = [name for name in places if not has_place(self.env, places, name)]
                for name in offered:
                    after = places[name]
                    if after and (after == name or after not in places):
                        text = f":after: {after}: there is no such other page in the menu"
                        logger.warning(text, location=(name, 1), type="menu")
            names += [name for name in offered if name and name not in names]
        # Once for each, because one may come after another that has not got its place yet.
        for _ in places:
            for name, after in reversed(places.items()):
                if after in names and after != name:
                    names = [other for other in names if other != name]
                    names.insert(names.index(after) + 1, name)
        self.content = [name for name in names if name in self.env.found_docs]
        self.options["hidden"] = True
        return super().run()


def fill(app: Sphinx, config: Config) -> None:
    """Say which pages and words the overlay adds to the menus, and which files to the site."""
    local = Path(config.overlay)
    tops = {name: fields(path) for name, path in pages(local).items()}
    config.menu_pages = {
        name: top.get("after", "") for name, top in tops.items() if "orphan" not in top
    }
    words = [Path(at, config.language, "LC_MESSAGES", "sphinx.po") for at in config.locale_dirs]
    config.menu_words = [path.read_bytes().hex() for path in words if path.exists()]
    if (local / "static").is_dir():
        config.html_static_path = [*config.html_static_path, str(local / "static")]


def own_catalogue(app: Sphinx, name: str) -> Path:
    """Return where Sphinx compiles the overlay's catalogue of a page."""
    folder = Path(app.config.overlay, "locale", app.config.language, "LC_MESSAGES")
    return folder / f"{name}.mo"


def note_catalogue(app: Sphinx, name: str, source: list[str]) -> None:
    """Note that a page depends on the overlay's catalogue; Sphinx notes one catalogue only."""
    catalogue = own_catalogue(app, name)
    if catalogue.exists():
        app.env.note_dependency(catalogue)


def newly_translated(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Return the pages to read again because the overlay now has a catalogue for them."""
    return [
        name
        for name, read in env.all_docs.items()
        if (path := own_catalogue(app, name)).exists() and path.stat().st_mtime_ns // 1000 > read
    ]


def lay_over(app: Sphinx) -> None:
    """Let Sphinx find the pages of the overlay.

    Portals that are not offered are left out, but not from the catalogues, which serve the
    institutes that do offer them.
    """
    is_catalogue = app.builder.name == "gettext"
    left_out = [] if is_catalogue else [f"{name}.rst" for name in app.config.left_out]
    app.project = app.env.project = OverlaidProject(app.project, Path(app.config.overlay), left_out)


def labels(path: Path) -> set[str]:
    """Return the labels of a page that is UTF-8."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    return set(re.findall(r"^\.\. _([\w-]+):[ ]*$", text, re.MULTILINE))


def lead_to_page(
    app: Sphinx, env: BuildEnvironment, node: nodes.Element, words: nodes.Element
) -> nodes.reference | None:
    """Lead a link to a label of ours, where a page of the overlay has replaced it, to that page.

    Args:
        app: Sphinx.
        env: its environment.
        node: the link, whose label is on no page.
        words: the words of the link.
    """
    if node["reftype"] != "ref":
        return None
    for name in pages(Path(app.config.overlay)):
        ours = Path(app.srcdir, f"{name}.rst")
        if ours.exists() and node["reftarget"] in labels(ours):
            if not node["refexplicit"]:
                words = nodes.inline("", env.titles[name].astext())
            return make_refnode(app.builder, node["refdoc"], name, "", words)
    return None


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.add_config_value("overlay", "", "env", types=frozenset({str}))
    app.add_config_value("menu_pages", {}, "env", types=frozenset({dict}))
    app.add_config_value("menu_portals", [], "env", types=frozenset({list}))
    app.add_config_value("left_out", [], "env", types=frozenset({list}))
    app.add_config_value("menu_words", [], "html", types=frozenset({list}))
    app.add_directive("menu", Menu)
    app.connect("config-inited", fill)
    app.connect("source-read", note_catalogue)
    app.connect("env-get-outdated", newly_translated)
    app.connect("builder-inited", lay_over)
    app.connect("missing-reference", lead_to_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

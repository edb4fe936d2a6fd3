"""List the messages of the troubleshooting pages, and say which of them the tests have proved.

A troubleshooting page is called ``problems-…``. An entry is a section of it with a label of
its own, which help desks link to, and with a block that shows the error; or with a paragraph
of the class ``reported``, where no test has seen it; or neither, where the error shows in a
window: the evidence then has something done under the name of the label.
"""

from typing import NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import process_only_nodes

import evidence
from labels import REPORTED

PREFIX = "problems-"
# Sections of these pages that tell what to do afterwards, and are no entries.
ASIDE = "aside"


class Entry(NamedTuple):
    """A message, and what to do about it.

    Attributes:
        anchor: its label.
        title: its heading.
        blocks: the hashes of the blocks that show the error.
        is_reported: whether the page says that no test has seen it.
    """

    anchor: str
    title: nodes.title
    blocks: tuple[str, ...]
    is_reported: bool


class Listing(nodes.General, nodes.Element):
    """Where the list stands, until the page is written."""


class Messages(SphinxDirective):
    """``.. messages::`` lists all messages, page by page."""

    def run(self):
        """Keep the place."""
        self.env.messages_listed.add(self.env.docname)
        return [Listing()]


def is_troubleshooting(page: str) -> bool:
    """Tell whether a page explains what to do when something fails."""
    return page.rsplit("/", 1)[-1].startswith(PREFIX)


def entries(doctree: nodes.document) -> list[Entry]:
    """Return the entries of a page, in their order."""
    found = []
    for section in doctree.findall(nodes.section):
        # Behind the label comes the id that docutils makes from the heading: `anchors`.
        if len(section["ids"]) > 1 and ASIDE not in section["classes"]:
            errors = [
                evidence.block_hash(block.astext())
                for block in evidence.blocks(section)
                if any(name.startswith("error-") for name in block["classes"])
            ]
            texts = section.findall(nodes.paragraph)
            is_reported = any(REPORTED in text["classes"] for text in texts)
            title = section[0].deepcopy()
            found.append(Entry(section["ids"][0], title, tuple(errors), is_reported))
    return found


def begin(app: Sphinx) -> None:
    """Begin the notes about the pages, where there are none of an earlier build."""
    if not hasattr(app.env, "messages"):
        app.env.messages, app.env.messages_listed, app.env.messages_shown = {}, set(), {}


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Note the entries of a page that has been read, without what ``only`` leaves out."""
    if is_troubleshooting(app.env.docname):
        shown = doctree.deepcopy()
        process_only_nodes(shown, app.tags)
        app.env.messages[app.env.docname] = entries(shown)


def forget(app: Sphinx, env: BuildEnvironment, name: str) -> None:
    """Forget a page that is gone, or is read anew."""
    env.messages.pop(name, None)
    env.messages_listed.discard(name)


def take(app: Sphinx, env: BuildEnvironment, names: set[str], other: BuildEnvironment) -> None:
    """Take over what another process has noted."""
    env.messages |= {name: other.messages[name] for name in names if name in other.messages}
    env.messages_listed |= names & other.messages_listed


def outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the pages with the list, if other pages or the evidence have changed it."""
    name = app.builder.name
    if name not in evidence.BUILDERS:
        return []
    shown = {
        page: [
            (entry.anchor, entry.title.astext(), programs(app, entry), entry.is_reported)
            for entry in found
        ]
        for page, found in env.messages.items()
    }
    changed = env.messages_shown.get(name) != shown
    env.messages_shown[name] = shown
    return sorted(env.messages_listed) if changed else []


def programs(app: Sphinx, entry: Entry) -> str:
    """Return the programs that printed the message in the tests, and their versions."""
    known = app.builder.evidence
    rows = [row for block in entry.blocks for row in known.get(block, [])]
    seen = [row for row in rows if row.result == evidence.ANNOUNCED]
    done = [row for row in known.get("done", []) if row.command == entry.anchor]
    seen += [row for row in done if row.result == evidence.WORKS]
    return evidence.in_words(seen)[0] if seen else ""


def show(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Put the list into a page that is about to be written."""
    for place in list(doctree.findall(Listing)):
        is_shown = app.builder.name in evidence.BUILDERS
        place.replace_self([listing(app, name)] if is_shown else [])


def listing(app: Sphinx, name: str) -> nodes.raw:
    """Return the list, as it stands on a page."""
    pages, known = [], app.env.messages
    for page in dict.fromkeys([*app.env.collect_relations(), *sorted(known)]):
        if found := known.get(page):
            address = app.builder.get_relative_uri(name, page)
            pages.append((page, [described(app, address, entry) for entry in found]))
    return evidence.render(app, name, "messages.html", pages=pages)


def described(app: Sphinx, address: str, entry: Entry) -> dict:
    """Return what the list says of an entry."""
    return {
        "address": f"{address}#{entry.anchor}",
        "title": app.builder.render_partial(entry.title)["title"],
        "programs": programs(app, entry),
        "is_reported": entry.is_reported,
    }


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.setup_extension("evidence")
    app.add_directive("messages", Messages)
    app.connect("builder-inited", begin)
    app.connect("doctree-read", note, priority=950)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", take)
    app.connect("env-updated", outdated)
    app.connect("doctree-resolved", show)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}

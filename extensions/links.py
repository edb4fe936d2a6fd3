"""Say of each external link what a reader should know before following it.

Behind the link stands which language its target has, where that is another one than that of
the page, and that the target is gone; a target that is gone is replaced by its archived copy,
if one is known. What people know of the targets is in the record, ``links.toml``, what was
last seen of them in ``links-seen.json``: of an address that is in neither, nothing is said.
"""

import datetime
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from babel import Locale
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from checked import in_words
from evidence import BUILDERS
from languages import is_translated, rendered, tag
from record import SEEN, Known, SeenLinks, read_record, read_seen

# What the template says; where it has no translation, the language is named in English.
WORDS = "(in {language})"


class Mark(NamedTuple):
    """What is said of a link.

    Attributes:
        language: the code of the language of its target, if the page has another one.
        is_gone: whether its target is gone.
        day: the day on which that was seen, if it was.
        archived: the address of the copy that is linked instead, if one is known.
    """

    language: str = ""
    is_gone: bool = False
    day: datetime.date | None = None
    archived: str = ""


class Links(NamedTuple):
    """What is known of all the links.

    Attributes:
        known: what people know of each address.
        seen: what was last seen of each.
    """

    known: dict[str, Known]
    seen: SeenLinks

    def state(self, address: str) -> str:
        """Return one of ``record.CLASSES``, or nothing for what was never checked."""
        if address in self.known and self.known[address].dead:
            return "dead"
        seen = self.seen.links.get(address)
        return seen.state if seen else ""

    def mark(self, address: str, language: str) -> Mark:
        """Return what a page in a language says of a link."""
        known, seen = self.known.get(address), self.seen.links.get(address)
        # Until people have said which languages it has, nothing is claimed.
        languages = (known and known.language) or [language]
        mark = Mark("" if language in languages else languages[0])
        if self.state(address) == "dead":
            day = seen.date if seen and seen.state == "dead" else None
            mark = Mark(mark.language, True, day, known.archived if known else "")
        return mark

    def summary(self, env: BuildEnvironment) -> dict:
        """Return when all were last asked, how many there are, and how many have which state.

        Args:
            env: Sphinx's, with the addresses that the pages link.
        """
        linked = {one for page in env.links_on.values() for one in page.addresses}
        addresses = {address for address in linked if address.startswith("https://")}
        return {
            "seen": not addresses.isdisjoint(self.seen.links),
            "day": self.seen.checked,
            "count": len(addresses),
            "states": Counter(map(self.state, addresses)),
        }


class Page(NamedTuple):
    """What a page has to do with links: their addresses, and whether it sums them up."""

    addresses: tuple[str, ...]
    sums_up: bool


class Summary(nodes.General, nodes.Element):
    """Where the summary stands, until the page is written."""


class LinksChecked(SphinxDirective):
    """``.. links-checked::`` says when the links were last checked, and what was seen."""

    def run(self):
        """Keep the place."""
        return [Summary()]


class Translator(HTML5Translator):
    """Writes HTML that says which language the target of a link has.

    https://html.spec.whatwg.org/multipage/links.html#attr-hyperlink-hreflang
    """

    def starttag(self, node, tagname, suffix="\n", empty=False, **attributes) -> str:
        """Return a tag, with the language of the target where one is set."""
        if tagname == "a" and isinstance(node, nodes.reference) and "hreflang" in node:
            attributes["hreflang"] = node["hreflang"]
        return super().starttag(node, tagname, suffix, empty, **attributes)


def load(app: Sphinx) -> None:
    """Read what is known of links, for the builders that say it.

    Raises:
        SystemExit: a file is broken. Sphinx would report its own errors with a traceback.
    """
    if not hasattr(app.env, "links_on"):
        app.env.links_on, app.env.links_shown = {}, {}
    if app.builder.name not in BUILDERS:
        return
    root, local = Path(app.confdir), Path(app.config.overlay)
    try:
        known = read_record(root, local)
        seen = read_seen(*(root / name for name in app.config.links_seen_files))
    except ConfigError as error:
        sys.exit(str(error))
    app.builder.links = Links(known, seen)


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Note the links of a page that has been read."""
    found = {link["refuri"] for link in doctree.findall(nodes.reference) if "refuri" in link}
    sums_up = next(doctree.findall(Summary), None) is not None
    app.env.links_on[app.env.docname] = Page(tuple(sorted(found)), sums_up)


def forget(app: Sphinx, env: BuildEnvironment, name: str) -> None:
    """Forget the links of a page that is gone, or is read anew."""
    env.links_on.pop(name, None)


def take(app: Sphinx, env: BuildEnvironment, names: set[str], other: BuildEnvironment) -> None:
    """Take over what another process has noted."""
    env.links_on |= {name: other.links_on[name] for name in names}


def outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the pages to write again, because something else is known of their links now."""
    if app.builder.name not in BUILDERS:
        return []
    links, found = app.builder.links, {}
    total = links.summary(env)
    for name, page in env.links_on.items():
        marks = [links.mark(address, app.config.language) for address in page.addresses]
        found[app.builder.name, name] = (marks, total if page.sums_up else None)
    changed = [key[1] for key, shown in found.items() if env.links_shown.get(key) != shown]
    env.links_shown |= found
    return changed


def named(language: str, code: str) -> str:
    """Return what a language is called in another one, as Unicode CLDR has it.

    Args:
        language: the code of the language to name.
        code: that of the language in which to name it.
    """
    return Locale.parse(code).languages.get(language, language)


def show(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Mark the links of a page that is about to be written, and sum them up."""
    is_shown = app.builder.name in BUILDERS
    for place in list(doctree.findall(Summary)):
        place.replace_self([summed_up(app)] if is_shown else [])
    for link in list(doctree.findall(nodes.reference)) if is_shown else []:
        mark = app.builder.links.mark(link.get("refuri", ""), app.config.language)
        if mark == Mark():
            continue
        if mark.language:
            link["hreflang"] = tag(mark.language)
        link["refuri"] = mark.archived or link["refuri"]
        link.parent.insert(link.parent.index(link) + 1, said(app, mark))


def said(app: Sphinx, mark: Mark) -> nodes.raw:
    """Return what is said behind a link."""
    language = app.config.language
    code = language if is_translated(app.translator, WORDS) else "en"
    words = {
        "language": mark.language and named(mark.language, code),
        "day": mark.day and in_words(mark.day, language),
    }
    return rendered(app, "linked.html", mark._asdict() | words)


def summed_up(app: Sphinx) -> nodes.raw:
    """Return when the links were last checked, and what was seen."""
    context = app.builder.links.summary(app.env)
    day = context["day"] and in_words(context["day"], app.config.language)
    return rendered(app, "links-checked.html", context | {"day": day})


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.add_config_value("links_seen_files", SEEN, "", types=frozenset({list}))
    app.add_directive("links-checked", LinksChecked)
    for builder in BUILDERS:
        app.set_translator(builder, Translator)
    app.connect("builder-inited", load)
    app.connect("doctree-read", note)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", take)
    app.connect("env-updated", outdated)
    app.connect("doctree-resolved", show)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}

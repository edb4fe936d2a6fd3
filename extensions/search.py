"""Make the page that searches the guide, and the two scripts that it loads.

Libraries do not fit into 5 kB of script with the stems of a language: lunr is 8 kB by itself,
MiniSearch 7 kB. Sphinx's search does not find "cle" for "clé", and Pagefind wants a weaker
policy, and a server. So the text is sent as it is, sentence by sentence, and the browser makes
the index (``theme/static/search.js``). The stems are Snowball's, of which Sphinx ships a
version in JavaScript for each language that it can search.
"""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from itertools import chain

from docutils import nodes
from rjsmin import jsmin
from sphinx import addnodes, package_dir
from sphinx.application import Sphinx
from sphinx.search import SearchLanguage, languages
from sphinx.transforms import SphinxTransform

from labels import REPORTED, quoted

BUILDERS = {"html", "dirhtml"}
# A part of a page that has a place of its own: its anchor, and its lines, the title first.
Part = tuple[str, list[str]]
# What stands before and after code in a line; no text of docutils holds a tab.
CODE = "\t"
# What is no text of the page, or stands elsewhere, too.
APART = (
    nodes.Invisible,
    nodes.footnote_reference,
    nodes.image,
    nodes.label,
    nodes.raw,
    nodes.system_message,
    addnodes.toctree,
)
# Where a sentence may end, with what closes behind the sign.
END = re.compile(r"[.!?…](?:[)”]|\u00a0»)? ")
# What does not end one: abbreviations, in English and in French, and initials.
SHORT = re.compile(r"\b(?:e\.g|i\.e|cf|etc|vs|p\. ex|[A-Z])\. $")
# A line that is left out of a transcript.
ELLIPSIS = "..."


class NoteTitles(SphinxTransform):
    """Note the titles that quote a program, as they were written.

    A reader may have the program in another language than the guide.
    """

    default_priority = 15  # before Sphinx translates

    def apply(self, **kwargs) -> None:
        """Note those of a page."""
        for title in self.document.findall(nodes.title):
            if quoted(title):
                title["written"] = title.astext()


def plain(node: nodes.Node) -> str:
    """Return the text of a node in one line, code between tabs, without footnote marks."""
    found = ""
    for child in node.children:
        if isinstance(child, nodes.Text):
            found += child.astext()
        elif isinstance(child, nodes.footnote_reference):
            found = found.rstrip(" \n\u00a0")
        elif isinstance(child, nodes.literal):
            found += CODE + " ".join(child.astext().split()) + CODE
        elif not isinstance(child, APART):
            found += plain(child)
    return re.sub(r"[ \n]+", " ", found)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text.

    Args:
        text: what ``plain`` returns. Code is never cut.
    """
    found, start = [], 0
    for end in END.finditer(text):
        before, after = text[start : end.end()], text[end.end() :]
        if not (before.count(CODE) % 2 or after[:1].islower() or SHORT.search(before)):
            found.append(before.rstrip(" "))
            start = end.end()
    return [*found, text[start:].rstrip(" ")]


def lines(block: nodes.literal_block) -> Iterator[str]:
    """Yield the lines of a transcript or of a file, as code."""
    for line in block.astext().splitlines():
        line = " ".join(line.split())
        if line and line != ELLIPSIS:
            yield CODE + line + CODE


def parts(doctree: nodes.document) -> list[Part]:
    """Return what can be found on a page: its sections, and the terms that it explains."""
    found: list[Part] = []
    for section in doctree.findall(nodes.section):
        anchor = "" if isinstance(section.parent, nodes.document) else section["ids"][0]
        title = section.next_node(nodes.title)
        lines = [plain(title)]
        if title.get("written", lines[0]) != lines[0]:
            lines.append(CODE + title["written"] + CODE)
        part = (anchor, lines)
        found.append(part)
        for child in section.children:
            if child is not title and not isinstance(child, nodes.section):
                collect(child, part, found)
    return [(anchor, list(dict.fromkeys(lines))) for anchor, lines in found]


def collect(node: nodes.Node, part: Part, found: list[Part]) -> None:
    """Add the lines of a node to a part of a page; a term of the glossary begins a new one."""
    if isinstance(node, APART) or REPORTED in node["classes"]:
        return
    if isinstance(node, nodes.literal_block):
        part[1].extend(lines(node))
    elif isinstance(node, nodes.TextElement):
        part[1].extend(filter(None, sentences(plain(node))))
    else:
        if isinstance(node, nodes.footnote):
            part = (node["ids"][0], [""])
            found.append(part)
        terms = [one for one in node.children if isinstance(one, nodes.term) and one["ids"]]
        if terms:
            part = (terms[0]["ids"][0], [", ".join(plain(term) for term in terms)])
            found.append(part)
        for child in node.children:
            if child not in terms:
                collect(child, part, found)


def stemmer(language: str) -> str:
    """Return JavaScript that defines ``Stemmer`` for a language.

    Args:
        language: its code. One for which Sphinx has no stemmer gets one that changes nothing.
    """
    known = languages.get(language) or languages.get(language.partition("_")[0], SearchLanguage)
    if isinstance(known, str):
        module, _, name = known.rpartition(".")
        known = getattr(import_module(module), name)
    if not known.js_stemmer_rawcode:
        return known.js_stemmer_code
    folder = package_dir / "search" / "minified-js"
    base, own = (
        (folder / name).read_text(encoding="utf-8")
        for name in ("base-stemmer.js", known.js_stemmer_rawcode)
    )
    name = re.search(r"\w+Stemmer(?= *= *function)", own)[0]
    return f"/*! Snowball, BSD-3-Clause */\n{base}\n{own}\nvar Stemmer = {name};\n"


def note(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Note what can be found on a page that is about to be written."""
    if app.builder.name in BUILDERS:
        app.builder.found_by_search[name] = parts(doctree)


def begin(app: Sphinx) -> None:
    """Have Sphinx make no search page of its own, and begin the notes."""
    app.builder.search = False
    app.builder.found_by_search = {}


def make(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """Write the scripts, and have the page made.

    Yields:
        Its name, what its template knows, and its template.
    """
    if app.builder.name not in BUILDERS:
        return
    known = app.builder.found_by_search
    for page in sorted(app.env.found_docs - known.keys()):
        # It was not written anew; reading it notes it.
        app.env.get_and_resolve_doctree(page, app.builder, tags=app.tags)
    guide = []
    for page in dict.fromkeys([*app.builder.relations, *sorted(known)]):
        texts = [(anchor, "\n".join(lines)) for anchor, lines in known[page]]
        guide.append([app.builder.get_relative_uri("search", page), *chain(*texts)])
    data = json.dumps(guide, ensure_ascii=False, separators=(",", ":"))
    static = app.outdir / "_static"
    (static / "search-data.js").write_text(f"const GUIDE={data};\n", encoding="utf-8")
    # Sphinx has just put ours there as it is.
    script = stemmer(app.config.language) + (static / "search.js").read_text(encoding="utf-8")
    script = jsmin(script, keep_bang_comments=True)
    (static / "search.js").write_text(script + "\n", encoding="utf-8")
    yield "search", {"title": app.translator.gettext("Search")}, "search.html"


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.add_transform(NoteTitles)
    app.connect("builder-inited", begin)
    # Before others add what is no text of the page.
    app.connect("doctree-resolved", note, priority=100)
    app.connect("html-collect-pages", make)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

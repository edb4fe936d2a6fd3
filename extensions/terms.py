"""Link a term of the glossary where it stands for the first time on a page.

Whoever writes or translates a page marks nothing. In running text, the first place counts
that has a term: not in a heading, a link, a footnote, a literal or a label.
"""

import re
import unicodedata
from collections.abc import Iterator

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

GLOSSARY = "glossary"
BLANKS = r"\s+"
# What holds no running text of the page's own.
APART = (
    nodes.reference,
    addnodes.download_reference,
    nodes.title,
    nodes.rubric,
    nodes.term,
    nodes.footnote,
    nodes.literal,
    nodes.literal_block,
    nodes.raw,
    nodes.caption,
    nodes.strong,
    addnodes.toctree,
)


def named(env: BuildEnvironment) -> dict[str, str]:
    """Return the terms of the glossary in the language that is built, with their anchors.

    Several terms of one explanation have the anchor of the first.
    """
    if GLOSSARY not in env.found_docs:
        return {}
    found = {}
    for item in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        terms = list(item.findall(nodes.term))
        found |= {term.astext(): terms[0]["ids"][0] for term in terms if terms[0]["ids"]}
    return found


def pattern(terms: dict[str, str]) -> re.Pattern:
    """Return an expression that finds any of the terms, the longest first.

    It also takes the usual plurals, in English and in French, and a capital letter at the start.
    """
    found = []
    for number, term in sorted(enumerate(terms), key=lambda each: len(each[1]), reverse=True):
        words = [re.escape(word) for word in term.split()]
        # What is all capitals, as CA, is no word.
        if not term.isupper():
            first = words[0]
            words[0] = f"[{first[0].upper()}{first[0].lower()}]{first[1:]}"
            words = [f"{re.sub('y$', '(?:y|ie)', word)}(?:e?s|x)?" for word in words]
        found.append(f"(?P<t{number}>{BLANKS.join(words)})")
    return re.compile(rf"(?<![\w-])(?:{'|'.join(found)})(?![\w-])")


def texts(part: nodes.Element) -> Iterator[nodes.Text]:
    """Yield the running text of a part of a page, piece by piece."""
    for text in list(part.findall(nodes.Text)):
        around, node = [], text.parent
        while node is not None:
            around.append(node)
            node = node.parent
        if not any(isinstance(one, APART) or is_foreign(one) for one in around):
            yield text


def is_foreign(node: nodes.Element) -> bool:
    """Tell whether a node is in another language than the page, or quotes a label."""
    marks = node.get("classes", ())
    return "guilabel" in marks or any(mark.startswith("language-") for mark in marks)


def link(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Link the terms of a page that is about to be written."""
    terms = app.env.glossary_terms
    if not terms or app.builder.name == "gettext":
        return
    wanted, anchors = pattern(terms), list(terms.values())
    address = "" if name == GLOSSARY else app.builder.get_relative_uri(name, GLOSSARY)
    addresses = [f"{address}#{anchor}" for anchor in anchors]
    if name != GLOSSARY:
        link_first(doctree, wanted, addresses, set())
        return
    sort(doctree)
    for item in doctree.findall(nodes.definition_list_item):
        link_first(item, wanted, addresses, {f"#{item[0]['ids'][0]}"})


def link_first(
    part: nodes.Element, wanted: re.Pattern, addresses: list[str], met: set[str]
) -> None:
    """Link each term where it stands for the first time in a part of a page.

    Args:
        part: the part.
        wanted: what ``pattern`` returns.
        addresses: those of the terms, by their numbers in the pattern.
        met: the addresses that are not to be linked; those that are linked are added.
    """
    for text in texts(part):
        pieces: list[nodes.Node] = []
        start, whole = 0, text.astext()
        for found in wanted.finditer(whole):
            address = addresses[int(found.lastgroup[1:])]
            if address not in met:
                met.add(address)
                linked = nodes.reference("", found[0], internal=True, refuri=address)
                linked["classes"].append("term")
                pieces += [nodes.Text(whole[start : found.start()]), linked]
                start = found.end()
        if pieces:
            text.parent.replace(text, [*pieces, nodes.Text(whole[start:])])


def sort(doctree: nodes.document) -> None:
    """Sort the glossary as a reader of the language expects: accents count for nothing."""
    for listed in doctree.findall(nodes.definition_list):
        listed.children.sort(key=lambda item: sorting_key(item[0].astext()))


def sorting_key(term: str) -> str:
    """Return what a term is sorted by."""
    return unicodedata.normalize("NFD", term.lower()).encode("ascii", "ignore").decode()


def begin(app: Sphinx) -> None:
    """Begin the notes, where there are none of an earlier build."""
    if not hasattr(app.env, "glossary_terms"):
        app.env.glossary_terms = {}


def outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Note the terms; where they have changed, return all pages, to be written again."""
    terms = named(env)
    if terms == env.glossary_terms:
        return []
    env.glossary_terms = terms
    return sorted(env.found_docs)


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("builder-inited", begin)
    app.connect("env-updated", outdated)
    app.connect("doctree-resolved", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

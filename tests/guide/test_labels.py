"""The labels of programs that the pages quote: marked, so that tests/programs can compare them."""

import re
from collections import Counter

from docutils import nodes

import labels
from guide import Guide, parents
from results import everywhere, gathered, judged_by

BARE = re.compile(r":(guilabel|menuselection):`([^`<]*)")
# The labels of portals are nothing that is installed here.
PORTALS = "request-"


def marked(guide: Guide):
    """Yield each label of a program that does not say which program has it."""
    for page in guide.pages:
        # An overlay may quote programs of its institute.
        if page in guide.own_pages or page.startswith(PORTALS):
            continue
        findings = [
            (
                text,
                f"{guide.source_name(page)}:{number}: instead of :{role}:`{text}`, write "
                f":ui-label:`{text} <PROGRAM/KEY>`, where PROGRAM is one of "
                f"{', '.join(labels.PROGRAMS)}, and KEY is what it calls this text; or "
                f":ui-label:`{text} <{labels.REPORTED}>` for what the tests do not see. Several "
                "in a row stand side by side, with › between them",
            )
            for number, line in enumerate(guide.source(page), 1)
            for role, text in BARE.findall(line)
        ]
        yield from gathered(f"{page}.rst", "labels of programs", findings)


def section(node: nodes.Node) -> nodes.Node:
    """Return the section around a node, or the page where there is none."""
    around = list(parents(node))
    return next((one for one in around if isinstance(one, nodes.section)), around[-1])


@everywhere
def told(guide: Guide, page: str, language: str):
    """Yield each label that no test sees, in a section that does not tell the reader."""
    doctree = guide.doctree(page, language)
    telling = [
        section(node)
        for node in doctree.findall(nodes.paragraph)
        if labels.REPORTED in node["classes"]
    ]
    findings = [
        (
            node.astext(),
            f"{guide.where(page, language, node.astext())}: “{node.astext()}” is reported: say in "
            f"this section, in a paragraph after “.. rst-class:: {labels.REPORTED}”, that the "
            "tests of this guide have not seen it",
        )
        for node in labels.reported(doctree)
        if not any(section(node) is one for one in telling)
    ]
    yield from gathered(f"{page}.rst", f"reported labels [{language}]", findings)


@everywhere
def same(guide: Guide, page: str, language: str):
    """Yield each label that a translation adds or leaves out."""
    english, here = (
        Counter(f"{node['program']}/{node['key']}" for node in labels.quoted(doctree))
        for doctree in (guide.doctree(page, "en"), guide.doctree(page, language))
    )
    where = guide.where(page, language)
    findings = [
        (target, f"{where}: the label <{target}> {problem}")
        for problem, targets in (
            ("of the English is missing: write it", english - here),
            ("is not in the English: correct it", here - english),
        )
        for target in targets
    ]
    yield from gathered(f"{page}.rst", f"keys of labels [{language}]", findings)


@judged_by(marked)
def test_label_says_which_program_has_it(result):
    """A label of a program is marked with its program and key, or as reported."""
    result.report()


@judged_by(told)
def test_reader_knows_what_no_test_has_seen(result):
    """A section with reported labels says so, in each language."""
    result.report()


@judged_by(same)
def test_translation_quotes_the_same_labels(result):
    """A page has the same labels in each language."""
    result.report()

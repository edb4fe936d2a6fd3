"""Footnotes resolve, in order, in the build of each language."""

import re

from docutils import nodes

from guide import Guide, parents, prose, running_text
from results import Result, everywhere, gathered, judged_by


@everywhere
def printed_marks(guide: Guide, page: str, language: str):
    """Yield each footnote mark that is printed as it was typed, instead of being a mark."""
    findings = [
        (
            mark,
            f"{guide.where(page, language, mark)}: the page prints {mark}. "
            "Write [#name]_ with the underscore, after a space",
        )
        for text in map(running_text, prose(guide.doctree(page, language)))
        for mark in re.findall(r"\[#[\w-]*\]_?", text)
    ]
    yield from gathered(f"{page}.rst", f"printed marks [{language}]", findings)


@everywhere
def footnotes(guide: Guide, page: str, language: str):
    """Yield a result for each footnote of a page."""
    doctree = guide.doctree(page, language)
    defined = {note["ids"][0]: note for note in doctree.findall(nodes.footnote)}
    names = {key: (note["names"] or [note.astext()[:1]])[0] for key, note in defined.items()}
    marks = marks_of(doctree, names)
    wanted = marks_of(guide.doctree(page, "en"), names) if language != "en" else marks
    order = list(dict.fromkeys(marks))
    for name in dict.fromkeys([*order, *names.values(), *wanted]):
        problem = ""
        written = guide.where(page, language, f"[#{name}]", f"[{name}]")
        if name not in names.values():
            problem = (
                f"{guide.where(page, language, f'{name}]_')}: [{name}] has no footnote. Write "
                f".. [#{name}] and its text at the end of {guide.source_name(page)}, or correct "
                "the mark"
            )
        elif name not in order:
            problem = f"{written}: nothing refers to this footnote. Write [#{name}]_ in the text"
            problem += ", or delete it" if language == "en" else ", as the English page does"
        elif marks.count(name) != wanted.count(name):
            problem = (
                f"{written}: the English page refers {wanted.count(name)} times to this footnote, "
                f"this one {marks.count(name)} times. Write [#{name}]_ as often, each after a space"
            )
        else:
            note = next(note for key, note in defined.items() if names[key] == name)
            number, rank = note[0].astext(), str(order.index(name) + 1)
            if number != rank:
                problem = (
                    f"{written}: footnote {number} is number {rank} in the order in which the text "
                    "refers to footnotes. Put the footnotes, or the marks in this sentence, "
                    "in this order: " + ", ".join(order)
                )
            elif after := text_after(note):
                problem = (
                    f"{written}: “{after}” follows this footnote. Put the footnotes at the end of "
                    "the page, with an empty line before each"
                )
        yield Result(f"{page}.rst: footnote {name} [{language}]", problem)


def marks_of(doctree: nodes.document, names: dict[str, str]) -> list[str]:
    """Return the names of the footnotes that a page refers to, mark by mark."""
    found = []
    for node in doctree.findall():
        if isinstance(node, nodes.footnote_reference):
            found.append(names.get(node.get("refid"), node.get("refid") or node.astext()))
        elif isinstance(node, nodes.problematic):
            mark = re.fullmatch(r"\[#?([\w-]+)\]_", node.astext())
            found += [mark[1]] if mark else []
    return found


def text_after(note: nodes.footnote) -> str:
    """Return the start of the text that follows a footnote; nothing if only footnotes do."""
    for node in [note, *parents(note)]:
        siblings = node.parent.children if node.parent else []
        for other in siblings[siblings.index(node) + 1 :] if siblings else []:
            if not isinstance(other, (nodes.footnote, nodes.Invisible)):
                return " ".join(other.astext().split())[:40]
    return ""


@judged_by(footnotes)
def test_footnote_resolves(result):
    """A footnote is referred to, defined, numbered in order and at the end of its page."""
    result.report()


@judged_by(printed_marks)
def test_no_mark_is_printed(result):
    """A mark that reStructuredText did not take for one does not stand on the page."""
    result.report()

"""Compare the labels that the pages quote with what the installed programs say."""

import difflib
import unicodedata

from docutils import nodes

import installed
import labels
import proofs
from evidence import FAILS, WORKS, labels_hash
from guide import Guide, parents
from results import REPORTED
from shipped_labels import COMMANDS, Missing, strings

# The languages of our own pages. A fork may have others, whose packages are not ours to ask for.
OURS = ("en", "fr")
# How a page may differ from a program: a typographer's apostrophe, and no-break spaces.
ALIKE = str.maketrans({"’": "'", "\u00a0": " ", "\u202f": " "})


def alike(text: str) -> str:
    """Return a text without what typography changes: nothing else may differ."""
    return unicodedata.normalize("NFC", text).translate(ALIKE)


def spoken(label: nodes.Node, language: str) -> str:
    """Return the language of a label: where a sentence has no translation, not the page's."""
    marks = [mark for one in (label, *parents(label)) for mark in one.get("classes", ())]
    found = (mark.removeprefix("language-") for mark in marks if mark.startswith("language-"))
    return next(found, language)


def problem(label: nodes.Node, known: dict[str, str], name: str) -> str:
    """Return what is wrong with a label of a page, if anything.

    Args:
        label: the label, with its key.
        known: what the program says, by its keys.
        name: what the pages call the program, and its version.
    """
    quoted, key = label.astext(), label["key"]
    if key in known:
        if alike(quoted) == alike(known[key]):
            return ""
        return f"the page says “{quoted}”, {name} says “{known[key]}” ({key}): correct the page"
    keys = {}
    for one, text in known.items():
        keys.setdefault(text, one)
    near = [f"“{text}” ({keys[text]})" for text in difflib.get_close_matches(quoted, keys)]
    advice = f"the nearest are {', '.join(near)}" if near else "nothing there is like it"
    return f"the page says “{quoted}”, {name} has no text {key}: {advice}. Correct the page"


def compare(guide: Guide, program: str) -> list[str]:
    """Return what is wrong with the labels of a program, on all pages in all languages.

    Evidence of each page in each language is kept.

    Raises:
        Missing: a language of ours is not installed.
    """
    about = installed.about(COMMANDS[program])
    found = []
    for language in guide.languages:
        for page in guide.pages:
            wrong, judged = [], 0
            for label in labels.quoted(guide.doctree(page, language)):
                code = spoken(label, language)
                if label["program"] != program:
                    continue
                try:
                    known = strings(program, code)
                except Missing as lacking:
                    if code in OURS:
                        raise
                    REPORTED.append(f"The labels of {about[0]} in {code} are not judged: {lacking}")
                    continue
                judged += 1
                if why := problem(label, known, " ".join(about)):
                    target = f"{program}/{label['key']}"
                    where = guide.where(page, language, target, label.astext())
                    wrong.append(f"{where} [{language}]: {why}")
            if judged:
                result = FAILS if wrong else WORKS
                block = labels_hash(guide.doctree(page, language))
                proofs.record("label", about, result, page=page, kind=language, block=block)
            found += wrong
    return found

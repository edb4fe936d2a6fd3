"""Translations are complete, and keep what is no language: marks, addresses, code."""

import re
from collections import Counter

import polib

from guide import Guide
from results import Result, judged_by
from test_links import counterpart

# What a translation keeps as it is. A role keeps its target; its words may change.
KEPT = {
    "footnote": r"\[#?[\w-]+\]_",
    "substitution": r"\|[^|\s](?:[^|]*[^|\s])?\|",
    "literal": r"``.+?``",
    "address": r"\w+:[^\s<>`|]*//[^\s<>`|]+|javascript:[^\s<>`]+|data:[^\s<>`]+",
    "role": r":[\w-]+:(?=`)",
    "target": r"(?<=[ \u00a0]<)(?!\w+:)[\w/.#-]+(?=>`)",
}
# These roles quote something that is the same in all languages.
SAME = r":(?:command|envvar|file|kbd|program|samp):`[^`]+`"


def short(message: str) -> str:
    """Return enough of a message to find it."""
    return message if len(message) <= 50 else f"{message[:49].rstrip()}…"


def entries(guide: Guide):
    """Yield each entry of each catalogue: the language, its name, where it is, the entry."""
    for language in guide.translations:
        for page in guide.messages:
            catalogue = guide.catalogue(page, language)
            for entry in catalogue or []:
                if not entry.obsolete:
                    where = f"{guide.catalogue_path(page, language)}:{entry.linenum}"
                    yield language, f"{page}.po: “{short(entry.msgid)}” [{language}]", where, entry


def complete(guide: Guide):
    """Yield a result for each message to translate, and for each catalogue."""
    for language in guide.translations:
        folder = guide.root / "locale" / language / "LC_MESSAGES"
        there = {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.po")}
        for page in sorted(there | guide.messages.keys()):
            path = guide.catalogue_path(page, language)
            problem = ""
            if page not in there:
                problem = f"{path} is missing. Run make catalogues, then translate it"
            elif page not in guide.messages:
                problem = f"{path}: there is no such page. Delete the file"
            yield Result(f"{page}.po [{language}]", problem)
            if not problem:
                yield from page_complete(guide, page, language)


def page_complete(guide: Guide, page: str, language: str):
    """Yield a result for each entry that a catalogue has or should have."""
    path = guide.catalogue_path(page, language)
    catalogue = guide.catalogue(page, language)
    wanted = guide.messages[page]
    found = Counter(entry.msgid for entry in catalogue)
    for message in wanted:
        if message not in found:
            yield Result(
                f"{page}.po: “{short(message)}” [{language}]",
                f"{path}: the English has a message that is not here: “{message}”. "
                "Run make catalogues, then translate it",
            )
    for entry in catalogue:
        problem = ""
        if entry.obsolete:
            problem = "nothing uses this entry. Run make catalogues"
        elif entry.msgid not in wanted:
            problem = "the English has changed. Run make catalogues, then translate it anew"
        elif entry.msgctxt is not None:
            problem = "Sphinx does not find an entry with msgctxt. Delete this line"
        elif found[entry.msgid] > 1:
            problem = "this entry stands here twice. Delete one"
        elif entry.fuzzy:
            problem = "this entry is fuzzy. Correct the translation, then delete the word fuzzy"
        elif not entry.msgstr.strip():
            problem = "this entry is not translated. Fill in msgstr"
        where = f"{path}:{entry.linenum}"
        yield Result(
            f"{page}.po: “{short(entry.msgid)}” [{language}]", problem and f"{where}: {problem}"
        )


def kept(guide: Guide):
    """Yield a result for each translated entry: does it keep what is no language?"""
    for language, name, where, entry in entries(guide):
        if entry.msgstr:
            problems = lost(guide, entry, language)
            yield Result(name, problems and f"{where}: {problems}")


def lost(guide: Guide, entry: polib.POEntry, language: str) -> str:
    """Return what a translation has lost, added or changed, if anything."""
    problems = []
    for kind, pattern in [*KEPT.items(), ("role", SAME)]:
        here, there = (re.findall(pattern, text) for text in (entry.msgid, entry.msgstr))
        if kind == "address":
            here, there = ([text.rstrip(".,;:!?)") for text in found] for found in (here, there))
            here = [counterpart(guide, address, language) for address in here]
        here, there = Counter(here), Counter(there)
        for piece in (here - there).elements():
            problems.append(f"the {kind} {piece} of the English is missing: write it")
        for piece in (there - here).elements():
            problems.append(f"the {kind} {piece} is not in the English: correct it")
    if re.search(r"\w\[#[\w-]+\]_", entry.msgstr):
        problems.append(
            "a footnote mark is glued to a word and would be printed as it is: "
            "put a space before it"
        )
    if "\n" in entry.msgstr:
        problems.append(
            "the translation has several paragraphs, and only the first is shown: write one"
        )
    return "; ".join(problems)


@judged_by(complete)
def test_entry_is_translated(result):
    """The catalogue has an entry for each English message, and no other, not fuzzy."""
    result.report()


@judged_by(kept)
def test_translation_keeps_what_is_no_language(result):
    """A translation keeps footnotes, addresses, substitutions, literals, roles, targets."""
    result.report()

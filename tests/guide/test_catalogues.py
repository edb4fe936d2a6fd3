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
    for language in guide.languages:
        for page in guide.messages:
            for own in (False, True):
                path = guide.catalogue_path(page, language, own)
                for entry in guide.catalogue(page, language, own) or []:
                    if not entry.obsolete:
                        name = f"{page}.po: “{short(entry.msgid)}” [{language}]"
                        yield language, name, f"{path}:{entry.linenum}", entry


def complete(guide: Guide):
    """Yield a result for each message to translate, and for each catalogue."""
    for language in guide.languages:
        folder = guide.root / "locale" / language / "LC_MESSAGES"
        there = {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.po")}
        wanted = guide.messages.keys() if there else set()
        # The pages of the overlay are for its own catalogues.
        for page in sorted((there | wanted) - guide.own_pages.keys()):
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
    """Yield a result for each entry that a catalogue of ours has or should have."""
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
        problem = defect(entry, found)
        if entry.obsolete:
            problem = "nothing uses this entry. Run make catalogues"
        elif entry.msgid not in wanted:
            problem = "the English has changed. Run make catalogues, then translate it anew"
        elif not problem and not entry.msgstr.strip():
            problem = "this entry is not translated. Fill in msgstr"
        where = f"{path}:{entry.linenum}"
        yield Result(
            f"{page}.po: “{short(entry.msgid)}” [{language}]", problem and f"{where}: {problem}"
        )


def defect(entry: polib.POEntry, found: Counter) -> str:
    """Return why an entry does not count, if so."""
    if entry.msgctxt is not None:
        return "Sphinx does not find an entry with msgctxt. Delete this line"
    if found[entry.msgid] > 1:
        return "this entry stands here twice. Delete one"
    if entry.fuzzy:
        return "this entry is fuzzy. Correct the translation, then delete the word fuzzy"
    return ""


def own(guide: Guide):
    """Yield a result for each catalogue that the overlay has or should have.

    What is missing is reported; it is a problem if the settings of the overlay say so.
    """
    kind = "problem" if guide.settings.require_own_translations else "reported"
    for language in guide.languages:
        folder = guide.local / "locale" / language / "LC_MESSAGES"
        there = {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.po")}
        for page in sorted(there | guide.messages.keys()):
            path = guide.catalogue_path(page, language, own=True)
            said = []
            if page not in guide.messages:
                said.append(f"{path}: there is no such page. Delete the file")
            elif page in there:
                said += unused(guide, page, language)
                said += same(guide, page, language)
            if lacking := untranslated(guide, page, language):
                said.append(
                    f"{path}: {len(lacking)} of {len(guide.messages[page])} messages are not "
                    f"translated, such as “{short(lacking[0])}”. Run make catalogues, then "
                    "translate them"
                )
            text = "\n".join(said)
            yield Result(f"{page}.po of the overlay [{language}]", **({kind: text} if text else {}))


def unused(guide: Guide, page: str, language: str) -> list[str]:
    """Return which entries of an overlay's catalogue have no effect, and why."""
    path = guide.catalogue_path(page, language, own=True)
    catalogue = guide.catalogue(page, language, own=True)
    found = Counter(entry.msgid for entry in catalogue if not entry.obsolete)
    said = []
    for entry in catalogue:
        # What make catalogues has put aside may come back.
        problem = "" if entry.obsolete else defect(entry, found)
        # The overlay may translate further words of Sphinx's own.
        gone = page != "sphinx" and entry.msgid not in guide.messages[page]
        if gone and not entry.obsolete:
            problem = (
                f"no page has this text any more: “{short(entry.msgid)}”. See what stands there "
                "now, then correct this entry or delete it"
            )
        said += [f"{path}:{entry.linenum}: {problem}"] if problem else []
    return said


def same(guide: Guide, page: str, language: str) -> list[str]:
    """Return what is the same in an overlay's catalogue and in ours, if anything."""
    ours = {entry.msgid: entry.msgstr for entry in guide.catalogue(page, language) or []}
    found = guide.catalogue(page, language, own=True)
    alike = [entry for entry in found if entry.msgstr and ours.get(entry.msgid) == entry.msgstr]
    if not alike:
        return []
    path = guide.catalogue_path(page, language, own=True)
    return [
        f"{path}:{alike[0].linenum}: {len(alike)} entries are the same as ours, such as "
        f"“{short(alike[0].msgid)}”. Delete them: ours may become better"
    ]


def untranslated(guide: Guide, page: str, language: str) -> list[str]:
    """Return the messages that an overlay should translate, and nobody has."""
    source = "en" if page not in guide.own_pages else guide.written_in(page)
    published = page in guide.pages or page == "sphinx"
    if language == source or not published or not guide.is_own(page, language):
        return []
    known = {
        entry.msgid
        for whose in (False, True)
        for entry in guide.catalogue(page, language, whose) or []
        if entry.msgstr.strip() and not entry.fuzzy and not entry.obsolete
    }
    return [message for message in guide.messages.get(page, []) if message not in known]


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


@judged_by(own)
def test_overlay_is_translated(result):
    """The overlay translates its own pages and languages."""
    result.report()


@judged_by(kept)
def test_translation_keeps_what_is_no_language(result):
    """A translation keeps footnotes, addresses, substitutions, literals, roles, targets."""
    result.report()

"""The pages are easy to read: short sentences, and no abbreviation that is not explained."""

import re
from pathlib import Path

from docutils import nodes

from guide import Guide, prose, running_text, texts
from results import everywhere, gathered, judged_by

# How many words a sentence of a page may have on average.
WORDS = 25
NAMES = Path(__file__).parent / "words" / "names.txt"
SENTENCE_END = re.compile(r"(?<=[.!?:…])[»”)]*\s+(?=[«“(]?\W*[A-ZÀ-Ý0-9…])")
ABBREVIATION = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]+(?![\w#-])")


def sentences(guide: Guide, page: str, language: str) -> list[str]:
    """Return the sentences of a page, without headings, footnotes and transcripts."""
    apart = (nodes.title, nodes.footnote, nodes.term, nodes.rubric)
    found = []
    for node in prose(guide.doctree(page, language)):
        around = node
        while around is not None and not isinstance(around, apart):
            around = around.parent
        if around is None:
            found += [one for one in SENTENCE_END.split(running_text(node)) if one.strip()]
    return found


@everywhere
def length(guide: Guide, page: str, language: str):
    """Yield a page whose sentences are too long on average."""
    found = sentences(guide, page, language)
    counts = [len(re.findall(r"\w[\w’'.-]*", one)) for one in found]
    average = sum(counts) / max(1, len(counts))
    longest = max(found, key=len, default="")
    findings = []
    if average > WORDS:
        problem = (
            f"{guide.source_name(page)}: the sentences have {average:.0f} words on average in "
            f"{language}: write at most {WORDS}. The longest begins with “{longest[:60]}”"
        )
        findings = [("too long", problem)]
    yield from gathered(f"{page}.rst", f"length of sentences [{language}]", findings)


@everywhere
def abbreviations(guide: Guide, page: str, language: str):
    """Yield each abbreviation that neither the glossary nor the page itself explains."""
    known = set(NAMES.read_text(encoding="utf-8").split())
    known |= {term.astext() for term in guide.doctree("glossary", language).findall(nodes.term)}
    # What the institute calls its services is known to its readers.
    known |= set(ABBREVIATION.findall(" ".join(texts(guide.reading.values))))
    if page in guide.own_pages:
        known |= guide.words(language)
    text = "\n".join(
        running_text(node, labels=False) for node in prose(guide.doctree(page, language))
    )
    # In brackets behind its words, or with them in brackets behind it.
    explained = set(re.findall(r"\(([A-Z][A-Z0-9]+)\)", text))
    explained |= set(re.findall(r"([A-Z][A-Z0-9]+)[  ]\(", text))
    findings = [
        (
            one,
            f"{guide.where(page, language, one)}: {one} is not explained: write what it stands "
            "for, with it in brackets, or add it to the glossary; the name of an organisation or a "
            "program that nobody spells out goes to tests/guide/words/names.txt",
        )
        for one in dict.fromkeys(ABBREVIATION.findall(text))
        if one not in known | explained
    ]
    yield from gathered(f"{page}.rst", f"abbreviations [{language}]", findings)


@judged_by(length)
def test_sentences_are_short(result):
    """The sentences of a page are short on average."""
    result.report()


@judged_by(abbreviations)
def test_abbreviation_is_explained(result):
    """An abbreviation is explained where it stands, or in the glossary, to which it leads."""
    result.report()

"""The words of the pages: spelling, terms, quotes, and whose names they hold."""

import re
import shutil
import subprocess
import tomllib
from functools import cache
from pathlib import Path

from bs4 import NavigableString

import institute
from guide import Guide
from results import Result, everywhere, gathered, judged_by
from test_catalogues import entries
from test_typography import bare

WORDS = Path(__file__).parent / "words"
# hunspell's name of each dictionary, and the Debian package that holds it.
DICTIONARIES = {"en": ("en_GB", "hunspell-en-gb"), "fr": ("fr", "hunspell-fr")}
NOT_ENGLISH = ". If the page is not in English, say so in its first line, as in :language: fr"
# English words that no French text holds.
ENGLISH = r"(?i)\b(the|and|with|your|you|this|that|from|is|for|to|of|next|previous)\b"
# « vous vous », « nous nous » are French, “had had” and “that that” English.
DOUBLED = r"(?i)\b(?!(?:vous|nous|had|that)\b)([^\W\d_]+) \1\b"
BRACKETS = (("(", ")"), ("[", "]"))
BETWEEN = "qqxzqq"
QUOTES = (("“", "”"), ("«", "»"))


# -- Spelling -----------------------------------------------------------------------------


@everywhere
def spelling(guide: Guide, page: str, language: str):
    """Yield each word of a page that hunspell does not know."""
    usual = (f"{language}_{language.upper()}", f"hunspell-{language}-{language}")
    name, package = DICTIONARIES.get(language, usual)
    thing = f"spelling [{language}]"
    try:
        unknown = unknown_words(guide, language, name)[page]
    except FileNotFoundError:
        lacks = f"install the Debian packages hunspell and {package}"
        # The dictionaries of our own languages are installed in CI.
        if language in DICTIONARIES:
            yield Result(f"{page}.rst: {thing}", lacks=lacks)
        else:
            reported = f"The words in {language} are not judged: {lacks}"
            yield Result(f"{page}.rst: {thing}", reported=reported)
        return
    known = guide.words(language)
    here = f"words/{language}.txt"
    where = f"{guide.in_overlay(here)}" if guide.reading.is_fork else f"tests/guide/{here}"
    other = "" if not guide.is_english_by_default(page) else NOT_ENGLISH
    findings = [
        (
            word,
            f"{guide.where(page, language, word)}: “{word}” is no word of {name}. Correct it, or "
            f"add it to {where}{other}",
        )
        for word in dict.fromkeys(unknown)
        if not {word, *bare_words(word)} & known and not re.fullmatch(r"\d+s", word)
    ]
    yield from gathered(f"{page}.rst", thing, findings)


def bare_words(word: str) -> list[str]:
    """Return a word without the ’s of English or the l’, d’, qu’ of French."""
    return [word.removesuffix("'s"), re.sub(r"(?i)^([cdjlmnst]|qu|jusqu|lorsqu|puisqu)'", "", word)]


@cache
def unknown_words(guide: Guide, language: str, dictionary: str) -> dict[str, list[str]]:
    """Return the words of each page that a dictionary does not hold.

    All pages go through hunspell at once: to read its dictionary takes it most of its time.

    Raises:
        FileNotFoundError: hunspell or the dictionary is not installed.
    """
    texts = ["\n".join(guide.paragraphs(page, language)) for page in guide.pages]
    # It does not know the mark between two pages either.
    words = hunspell(dictionary, f"\n{BETWEEN}\n".join(texts))
    found: list[list[str]] = [[]]
    for word in words:
        found.append([]) if word == BETWEEN else found[-1].append(word)
    return dict(zip(guide.pages, found, strict=True))


def hunspell(dictionary: str, text: str) -> list[str]:
    """Return the words that a dictionary does not hold.

    Raises:
        FileNotFoundError: hunspell or the dictionary is not installed.
    """
    program = shutil.which("hunspell")
    if not program:
        raise FileNotFoundError("hunspell")
    # The English dictionary knows the apostrophe of a typewriter only.
    text = text.replace("’", "'")
    command = [program, "-l", "-i", "utf-8", "-d", dictionary]
    run = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8")
    if run.returncode or "Can't open" in run.stderr:
        raise FileNotFoundError(dictionary)
    return [word.rstrip(".") for word in run.stdout.split()]


# -- Words --------------------------------------------------------------------------------


@everywhere
def terms(guide: Guide, page: str, language: str):
    """Yield each word that the guide does not use, with the one it does."""
    unwanted = tomllib.loads((WORDS / "terms.toml").read_text(encoding="utf-8")).get(language, {})
    findings = [
        (
            found[0],
            f"{guide.where(page, language, found[0])}: instead of “{found[0]}”, write {term}",
        )
        for text in guide.paragraphs(page, language, labels=False)
        for pattern, term in unwanted.items()
        for found in re.finditer(pattern, text)
    ]
    yield from gathered(f"{page}.rst", f"terms [{language}]", findings)


@everywhere
def doubled(guide: Guide, page: str, language: str):
    """Yield each word that stands twice, in the languages in which none may."""
    findings = [
        (found[0], f"{guide.where(page, language, found[0], found[1])}: “{found[0]}”: delete one")
        for text in guide.paragraphs(page, language)
        for found in re.finditer(DOUBLED, text)
        if language in DICTIONARIES
    ]
    yield from gathered(f"{page}.rst", f"doubled words [{language}]", findings)


@everywhere
def quotes(guide: Guide, page: str, language: str):
    """Yield each paragraph in which a quote or bracket is not closed."""
    findings = []
    for text in guide.paragraphs(page, language):
        start, first = text[:40], " ".join(text.split()[:3])
        # 1) and a) number what follows, and open nothing.
        text = re.sub(r"(?<![\w(])\w{1,2}\)", "", text)
        # Other languages quote otherwise, as in „German“.
        pairs = (*BRACKETS, *QUOTES) if language in DICTIONARIES else BRACKETS
        for opening, closing in pairs:
            if text.count(opening) != text.count(closing):
                where = guide.where(page, language, first)
                problem = f"{where}: {opening} and {closing} do not pair in “{start}…”"
                findings.append((start, f"{problem}: add the missing one"))
        if text.count('"') % 2 and language in DICTIONARIES:
            where = guide.where(page, language, first)
            pair = "« and »" if language == "fr" else "“ and ”"
            findings.append((start, f'{where}: " does not pair in “{start}…”: write {pair}'))
    yield from gathered(f"{page}.rst", f"quotes [{language}]", findings)


def english_left(guide: Guide):
    """Yield the English that is left on the French pages, and in the frame around them."""
    if "fr" not in guide.languages:
        return
    frame = guide.html("index", "fr").html
    others = [*frame.main.select(":scope > :not(nav)"), *frame.select(".toctree-l1")]
    yield from gathered("menus", "English left [fr]", english(guide, "sphinx", frame, others))
    for page in guide.pages:
        text = guide.html(page, "fr").main
        findings = english(guide, page, text, text.select("nav"))
        yield from gathered(f"{page}.rst", "English left [fr]", findings)
    accepted = guide.words("fr")
    for language, name, where, entry in entries(guide):
        words = re.findall(r"[^\W\d_]+", bare(entry.msgid))
        if language == "fr" and entry.msgstr == entry.msgid and set(words) - accepted:
            yield Result(f"{name}: English left", f"{where}: this is still English: translate it")


def english(guide: Guide, page: str, html, others: list) -> list[tuple[str, str]]:
    """Return the pieces of a French page that hold English, but for code and quotations.

    What has no translation at all is left out: that is a finding already.

    Args:
        guide: the guide.
        page: the name of the page.
        html: a part of the page.
        others: what in it is not judged.
    """
    texts = list(french_texts(html, {id(other) for other in others}))
    pieces = dict.fromkeys(" ".join(text.split()) for text in texts)
    here = guide.where(page, "fr") if page in guide.pages else guide.catalogue_path(page, "fr")
    return [
        (piece[:40], f"{here}: “{piece}” holds English: translate it")
        for piece in pieces
        if re.search(ENGLISH, piece)
    ]


def french_texts(tag, others: set[int]):
    """Yield the texts inside a tag, and those of its attributes, that are said to be French."""
    for name in ("aria-label", "title", "alt"):
        if tag.get(name):
            yield tag[name]
    for child in tag.children:
        if isinstance(child, NavigableString):
            yield child
        elif (
            child.name not in ("pre", "code", "style", "script")
            and child.get("lang", "fr") == "fr"
            and id(child) not in others
        ):
            yield from french_texts(child, others)


def names(guide: Guide):
    """Yield each name, address, label or contact of an institute that a page spells out."""
    if guide.reading.is_another:
        # Our pages are judged by the names of our institute: those of another, such as “the
        # help desk”, may be words like any other there.
        yield Result("names of the institute: judged upstream")
        return
    words = {}
    # A certification authority that is a portal, too, is no institute's own.
    authorities = {portal.authority for portal in guide.settings.portals.values()}
    for language in guide.languages:
        known = institute.substitutions(guide.settings, language)
        # An address that is that of a help desk, too, is a portal's in the first place.
        for name in sorted(known, key=lambda name: not name.endswith("-address")):
            for text in plain_texts(known[name]):
                if text and text not in authorities:
                    words.setdefault(text, name)
    # An overlay's own page may name its institute.
    for page in guide.pages:
        if page in guide.own_pages:
            continue
        text = " ".join(
            re.sub(r"\|[^|\s][^|]*\||\[#[\w-]+\]_?|(?<=<)[^>]*(?=>`(?!_))", "", line)
            for line in guide.source(page)
        )
        findings = [
            (
                found[0],
                f"{guide.where(page, 'en', found[0].split()[-1])}: "
                f"instead of “{found[0]}”, write |{name}|: "
                "it comes from the settings of the institute",
            )
            for word, name in words.items()
            for found in re.finditer(rf"(?i)(?<![\w/-]){re.escape(word)}(?!\w)", text)
        ]
        findings = list(dict.fromkeys(findings))
        yield from gathered(f"{page}.rst", "names of the institute", findings)


def plain_texts(markup: str) -> list[str]:
    """Return what a substitution prints and the address it links.

    A label of one word is left out: “Support” is a word like any other.
    """
    if markup.startswith((":doc:", "``")):
        return []
    label = re.fullmatch(r":guilabel[\w-]*:`(.*)`", markup)
    quoted = re.fullmatch(r":in-\w+:`(.*)`", markup)
    link = re.fullmatch(r"`(.*) <(.*)>`__", markup)
    texts = [link[1], link[2]] if link else [found[1] for found in (label or quoted,) if found]
    texts = texts or [markup]
    texts = [re.sub(r"\\(.)", r"\1", text) for text in texts]
    return [text for text in texts if not label or " " in text]


@judged_by(spelling)
def test_words_are_spelled_right(result):
    """Hunspell knows each word, or a list of words accepts it."""
    result.report()


@judged_by(terms)
def test_terms_are_ours(result):
    """One word per thing."""
    result.report()


@judged_by(doubled)
def test_no_word_is_doubled(result):
    """No word stands twice in a row."""
    result.report()


@judged_by(quotes)
def test_quotes_pair(result):
    """Quotes and brackets are closed."""
    result.report()


@judged_by(english_left)
def test_no_english_is_left(result):
    """A French page holds no English sentence and no English menu."""
    result.report()


@judged_by(names)
def test_pages_name_no_institute(result):
    """Names, addresses, labels and contacts come from the settings."""
    result.report()

"""Links: external addresses are right and known, internal ones lead somewhere, texts say where."""

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path, PurePosixPath
from posixpath import dirname, join, normpath, relpath
from typing import NamedTuple
from urllib.parse import unquote

from babel import Locale
from bs4 import NavigableString, Tag

import addresses
from guide import Guide
from languages import tag as language_tag
from record import settings_addresses
from results import Result, everywhere, gathered, judged_by
from schema import EMAIL

VAGUE = Path(__file__).parent / "words" / "vague.toml"
# How a link begins that leaves the site. Without https:// it is meant so, too.
ABROAD = re.compile(r"[a-z][a-z0-9+.-]*:|//|www\.", re.IGNORECASE)
ATTRIBUTES = ("href", "src", "action")


# -- What the pages link ------------------------------------------------------------------


class Page(NamedTuple):
    """What a published page links, and what may be linked there.

    Attributes:
        anchors: the names of its anchors.
        targets: its tags that lead somewhere, with the address as it is written.
    """

    anchors: frozenset[str]
    targets: list[tuple[Tag, str]]


@cache
def read(guide: Guide, page: str, language: str) -> Page:
    """Return what a published page links."""
    anchors, targets = set(), []
    for tag in guide.html(page, language).find_all(True):
        anchors |= {tag.attrs[key] for key in ("id", "name") if key in tag.attrs}
        targets += [(tag, tag.attrs[key]) for key in ATTRIBUTES if key in tag.attrs]
    return Page(frozenset(anchors), targets)


def abroad(guide: Guide, page: str, language: str) -> list[tuple[Tag, str]]:
    """Return the links of a page that leave the site, in their order.

    Where the site shows the archived copy of a page that is gone, it is that page that counts.
    """
    # The link to report an error names the page, in its language.
    return [
        (tag, originals(guide).get(address, address))
        for tag, address in read(guide, page, language).targets
        if ABROAD.match(address)
        and (tag.name == "a" or "src" in tag.attrs)
        and not tag.find_parent(class_="about-page")
    ]


@cache
def originals(guide: Guide) -> dict[str, str]:
    """Return the addresses of the record by those of their archived copies."""
    return {known.archived: one for one, known in guide.record.items() if known.archived}


def where(guide: Guide, page: str, language: str, address: str) -> str:
    """Return the file and line in which an address was written; catalogues may break it."""
    host = re.match(r"\w+://[^/]*/", address)
    ends = [found.start() for found in re.finditer(r"\W|$", address)]
    starts = (address[:end] for end in reversed(ends) if host and end > host.end())
    return guide.where(page, language, address, *starts)


# -- External addresses -------------------------------------------------------------------


def links(guide: Guide):
    """Yield a result for each external address of each page, in each language."""
    settings = settings_addresses(guide.reading.values)
    for page in guide.pages:
        english = Counter(address for _, address in abroad(guide, page, "en"))
        judged: set[str] = set()
        for language in guide.languages:
            there = Counter(address for _, address in abroad(guide, page, language))
            expected = Counter(counterpart(guide, link, language) for link in english.elements())
            # What a substitution links is a matter of the settings, in each language.
            for address in settings & {*there, *expected}:
                expected[address] = there[address]
            expected = +expected
            for address in dict.fromkeys([*there, *expected]):
                wrong = problem(guide, language, address, there[address], expected[address])
                # A fault in all the languages is said once.
                wrong = "" if wrong in judged else wrong
                judged.add(wrong)
                yield Result(
                    f"{page}.rst: link {address} [{language}]",
                    wrong and f"{where(guide, page, language, address)}: {wrong}",
                )


def counterpart(guide: Guide, address: str, language: str) -> str:
    """Return the address that a page in a language links instead of the English page's."""
    known = guide.record.get(address)
    return known.counterpart.get(language, address) if known else address


def problem(guide: Guide, language: str, address: str, found: int, wanted: int) -> str:
    """Return what is wrong with an address on a page, if anything."""
    scheme, _, mailbox = address.partition(":")
    if scheme == "mailto":
        if not EMAIL.fullmatch(unquote(mailbox)):
            return f"{address} is no e-mail address. Write mailto:name@example.org"
    elif wrong := addresses.fault(address):
        return f"{address} {wrong}"
    elif address not in guide.record and address not in settings_addresses(guide.reading.values):
        return (
            f"{address} is not in {judged_record(guide)}. If the address is right, add it there: "
            f'["{address}"], then what = "what the page is" and language, that of the page'
        )
    if not found:
        return f"the English page links {address}, this one does not. Link it here too"
    if found != wanted:
        return (
            f"this page links {address} {found} times, the English one has it {wanted} "
            "times. Link the same pages, or name the counterpart in links.toml"
        )
    return ""


# -- The record ---------------------------------------------------------------------------


def judged_record(guide: Guide) -> str:
    """Return the file with the record of the one who judges: ours, or the overlay's."""
    ours, own = guide.records
    return own if guide.reading.is_fork else ours


def record(guide: Guide):
    """Yield a result for each address of the record of links."""
    for file, all_known in guide.records.items():
        for address, known in all_known.items():
            named = {f"counterpart.{code}": other for code, other in known.counterpart.items()}
            named |= {"archived": known.archived} if known.archived else {}
            wrong = [f"{file}: {address} {addresses.fault(address)}"]
            wrong = wrong if addresses.fault(address) else []
            if not known.language:
                wrong.append(f'{file}: ["{address}"]: write which language the page has')
            wrong += [
                f'{file}: ["{address}"]: {key}: {other} {found}'
                for key, other in named.items()
                if (found := addresses.fault(other))
            ]
            yield Result(f"{file}: {address}", "\n".join(wrong))


def unused(guide: Guide):
    """Yield a result for each address of the record that nothing needs.

    A fork need not use what is in our record.
    """
    file = judged_record(guide)
    used = {
        address
        for page in guide.pages
        for language in {"en", *guide.languages}
        for _, address in abroad(guide, page, language)
    }
    used |= settings_addresses(guide.reading.values)
    used |= {there for known in guide.record.values() for there in known.counterpart.values()}
    left = guide.records[file].keys() - used
    # Portals that are not offered are in no build.
    left -= mentioned(guide) if left else set()
    advice = "no page, catalogue or setting links it. Delete this entry, or link it"
    findings = [(address, f"{file}: {address}: {advice}") for address in sorted(left)]
    yield from gathered(file, "unused", findings)


def mentioned(guide: Guide) -> set[str]:
    """Return the addresses in the texts of all pages and catalogues, built or not."""
    found: set[str] = set()
    folders = [(guide.root / "source", "*.rst"), (guide.local / "pages", "*.rst")]
    folders += [(base / "locale", "*.po") for base in (guide.root, guide.local)]
    for path in (path for folder, kind in folders for path in folder.rglob(kind)):
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        # Catalogues break a text into lines, and keep behind #~ what is no longer used.
        text = re.sub(r'"\n"|^#~.*', "", text, flags=re.MULTILINE)
        text = text.replace("\\n", "\n").replace("\\", "")
        found |= {re.sub(r"\s", "", one) for one in re.findall(r"<(https:[^>]*)>", text)}
        bare = re.findall(r'https:[^\s<>`"]+', text)
        found |= {one for each in bare for one in (each, addresses.end(each, []))}
    return found


# -- Texts and languages of links ---------------------------------------------------------


def written(guide: Guide, page: str, language: str) -> list[tuple[Tag, str, str]]:
    """Return the links in the text of a page: the tags, the addresses, and what they say."""
    return [
        (tag, originals(guide).get(address, address), said(tag))
        for tag, address in read(guide, page, language).targets
        if tag.name == "a" and is_written(tag)
    ]


def is_written(tag: Tag) -> bool:
    """Tell whether a link is one of the text: no mark of a footnote, heading or menu."""
    around = [tag, *tag.parents]
    return (
        any(one.name == "main" for one in around)
        and not any(one.name == "nav" or "about-page" in one.get("class", ()) for one in around)
        and "headerlink" not in tag.get("class", ())
        and not tag.get("role", "").startswith("doc-")
    )


def said(tag: Tag) -> str:
    """Return the text of a tag, with that of its pictures, on one line."""
    words = []
    for one in tag.descendants:
        if isinstance(one, NavigableString):
            words.append(one)
        # docutils shows the name of the file for a picture without a text.
        elif one.name == "img" and one.get("alt", "") != one["src"]:
            words.append(one.get("alt", ""))
    return " ".join("".join(words).split())


def spoken(tag: Tag) -> str:
    """Return the code of the language that the text of a tag has."""
    return tag.find_parent(lang=True)["lang"].replace("-", "_")


def is_judged_elsewhere(guide: Guide, tag: Tag, language: str) -> bool:
    """Tell whether a text is not translated, and stands on the page in its own language, too."""
    return spoken(tag) != language and spoken(tag) in guide.languages


@cache
def vague(language: str) -> frozenset[str]:
    """Return the words that do not say where a link leads."""
    lists = tomllib.loads(VAGUE.read_text(encoding="utf-8"))
    return frozenset(f"{lists['en']} {lists.get(language, '')}".split())


@everywhere
def blanks(guide: Guide, page: str, language: str):
    """Yield each address that is written with a blank, which docutils leaves out in silence."""
    if language == guide.written_in(page):
        texts = guide.source(page)
    else:
        catalogues = [guide.catalogue(page, language, own) for own in (True, False)]
        texts = [entry.msgstr for catalogue in catalogues if catalogue for entry in catalogue]
    # An address may be broken between two lines.
    found = [one for text in texts for one in re.findall(r"<(https?://\S* [^<>]*)>`_", text)]
    advice = "holds a blank: write %20 for it, or nothing"
    findings = [
        (one, f"{guide.where(page, language, one, one.split(' ')[0])}: {one} {advice}")
        for one in found
    ]
    yield from gathered(f"{page}.rst", f"blanks in addresses [{language}]", findings)


@everywhere
def texts(guide: Guide, page: str, language: str):
    """Yield what is wrong with the texts of links."""
    findings, first = [], {}
    for tag, address, text in written(guide, page, language):
        if is_judged_elsewhere(guide, tag, language):
            continue
        words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", text.casefold())
        place, wrong = target(guide, page, language, address), ""
        if not words:
            wrong = f"the link to {address} has no text: say where it leads"
        elif vague(spoken(tag)).issuperset(words):
            wrong = f"“{text}” does not say where the link to {address} leads: name its target"
        elif is_bare(text, address) and address not in settings_addresses(guide.reading.values):
            wrong = f"{text} is the text of its link: say what is there, `what it is <{address}>`__"
        # In the list of messages, the program stands before each.
        elif not tag.find_parent(class_="messages"):
            other, there = first.setdefault(" ".join(words), (address, place))
            if there != place:
                wrong = f"“{text}” leads to {other} and to {address}: give each a text of its own"
        if wrong:
            find = where if ABROAD.match(address) else Guide.where
            source = find(guide, page, language, address if find is where else text)
            findings.append((text or address, f"{source}: {wrong}"))
    yield from gathered(f"{page}.rst", f"texts of links [{language}]", findings)


def is_bare(text: str, address: str) -> bool:
    """Tell whether a text is but an address."""
    short = re.sub("^https?://", "", address).rstrip("/")
    return bool(re.fullmatch(r"(https?://|www\.)\S+", text)) or text.rstrip("/") == short


@everywhere
def languages(guide: Guide, page: str, language: str):
    """Yield each link that does not say as the record has it which language its target has."""
    findings = []
    for tag, address, text in written(guide, page, language):
        known = guide.record.get(address)
        wrong = wrong_marks(tag, known.language if known else [language], language)
        by_hand = language_by_hand(guide, language, text, following(tag))
        if by_hand and ABROAD.match(address) and not is_judged_elsewhere(guide, tag, language):
            wrong.append(f"leave out “{by_hand}”: the site writes it, from the record")
        source = where(guide, page, language, address) if wrong else ""
        findings += [(address, f"{source}: {address}: {one}") for one in wrong]
    yield from gathered(f"{page}.rst", f"languages of links [{language}]", findings)


def wrong_marks(tag: Tag, codes: list[str], language: str) -> list[str]:
    """Return what the site should have written about the language of a link, or should not.

    Args:
        tag: the link.
        codes: the languages of its target.
        language: that of the page.
    """
    shown, behind = tag.get("hreflang"), mark(tag)
    # What the record does not say, another check asks for.
    if language in codes or not codes:
        marked = "marked as another language, though the record has that of the page"
        return [marked] if shown or behind else []
    wrong = [] if shown in map(language_tag, codes) else [f"hreflang is not {codes[0]}"]
    return wrong if behind else [*wrong, f"behind it, nothing says that it is in {codes[0]}"]


def mark(tag: Tag) -> Tag | None:
    """Return what the site has written behind a link about its language, if anything."""
    behind = tag.find_next_sibling(True)
    is_mark = behind is not None and "language-mark" in behind.get("class", ())
    between = tag.next_sibling
    return behind if is_mark and (between is behind or not between.strip()) else None


def following(tag: Tag) -> str:
    """Return the text between a link and the next one, without what the site has written."""
    texts = []
    for one in tag.next_siblings:
        if isinstance(one, NavigableString):
            texts.append(str(one))
        elif one.name == "a" and "footnote-reference" not in one.get("class", ()):
            break
        elif not {"language-mark", "gone-mark"} & set(one.get("class", ())):
            texts.append(one.get_text())
    return re.sub(r"\s+", " ", "".join(texts))


def language_by_hand(guide: Guide, language: str, text: str, behind: str) -> str:
    """Return what names a language in or behind a link, as “(in French)” or “, in French.”.

    Args:
        guide: the guide.
        language: that of the page.
        text: the text of a link.
        behind: the text that follows it.
    """
    codes = {"en", "fr", *guide.languages}
    codes |= {code for known in guide.record.values() for code in known.language}
    for words in re.findall(r"[(\[]([^()\[\]]+)[)\]]", f"{text} {behind}"):
        if len(words.split()) <= 3 and (ends_with_name(words, language) or words.lower() in codes):
            return f"({words})"
    words = re.match(r"[ ,;–—]*([^\W\d_]+ [^\W\d_]+)(?=[.,;:]|$)", behind)
    return words[1] if words and ends_with_name(words[1], language) else ""


def ends_with_name(words: str, language: str) -> bool:
    """Tell whether the last of some words are the name of a language, as Unicode CLDR has it."""
    last = words.lower().split()
    return not {" ".join(last[-count:]) for count in (1, 2)}.isdisjoint(language_names(language))


@cache
def language_names(language: str) -> frozenset[str]:
    """Return what the languages that have a code of two letters are called, in English, too."""
    return frozenset(
        name.lower()
        for code in (language, "en")
        for other, name in Locale.parse(code).languages.items()
        if len(other) == 2
    )


# -- Internal links -----------------------------------------------------------------------


@cache
def files(guide: Guide) -> frozenset[str]:
    """Return the files of the site, from its root."""
    root = guide.folder / "html"
    return frozenset(
        path.relative_to(root).as_posix()
        for language in guide.languages
        for path in (root / language).rglob("*")
        if path.is_file()
    )


def internal(guide: Guide):
    """Yield a result for each link of each page that does not leave the site."""
    for name in sorted(files(guide)):
        file = PurePosixPath(name)
        language, page = file.parts[0], str(PurePosixPath(*file.parts[1:]).with_suffix(""))
        if file.suffix != ".html" or page.startswith("_"):
            continue
        inside = (link for _, link in read(guide, page, language).targets if not ABROAD.match(link))
        for link in dict.fromkeys(inside):
            wrong = lost(guide, page, language, link)
            if wrong:
                # Some pages come from the theme alone.
                is_ours = page in guide.pages
                source = guide.where(page, language, link) if is_ours else f"theme/{page}.html"
                wrong = f"{source}: {wrong}"
            yield Result(f"{page}.rst: inside {link} [{language}]", wrong)


def target(guide: Guide, page: str, language: str, link: str) -> tuple[str, str]:
    """Return the file from the root of the site, and the anchor, that a link leads to."""
    if ABROAD.match(link):
        return link, ""
    path, _, anchor = link.partition("#")
    here = f"{language}/{page}.html"
    path = unquote(path.partition("?")[0])
    return normpath(join(dirname(here), path)) if path else here, unquote(anchor)


def lost(guide: Guide, page: str, language: str, link: str) -> str:
    """Return why a link inside the site leads nowhere, if so."""
    file, anchor = target(guide, page, language, link)
    if link.startswith("/"):
        # A site may lie in a folder of its host.
        here = relpath(link, f"/{language}/{dirname(page)}")
        return f"{link} starts at the root of the host: start at this page, as in {here}"
    if file not in files(guide):
        return (
            f"{link} leads to no file of the site. Link a page by :doc:, a heading by :ref:, a "
            "file by :download:; an address elsewhere starts with https://"
        )
    there, _, rest = file.partition("/")
    if anchor and file.endswith(".html"):
        other = rest.removesuffix(".html")
        if anchor not in read(guide, other, there).anchors:
            return f"{link}: {other} has no anchor {anchor}. Link the heading by :ref:"
    return ""


# -- The tests ----------------------------------------------------------------------------


@judged_by(links)
def test_link_is_known(result):
    """An address is https, in the record, and linked by the page in each language."""
    result.report()


@judged_by(blanks)
def test_address_holds_no_blank(result):
    """An address is written without blanks."""
    result.report()


@judged_by(record)
def test_record_has_right_addresses(result):
    """Each address in the record is one that may be linked."""
    result.report()


@judged_by(unused)
def test_record_is_used(result):
    """Each address in the record is needed by a page, a catalogue or the settings."""
    result.report()


@judged_by(texts)
def test_text_says_where_link_leads(result):
    """The text of a link names its target, and no other target on the page."""
    result.report()


@judged_by(languages)
def test_language_of_target_is_told(result):
    """A target in another language is marked, from the record and not by hand."""
    result.report()


@judged_by(internal)
def test_link_inside_the_site_resolves(result):
    """A link inside the site leads to a file and an anchor, wherever the site lies."""
    result.report()

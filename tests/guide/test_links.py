"""External addresses are secure, well-formed and known; no language loses one."""

import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

from guide import Guide
from results import Result, judged_by
from schema import ADDRESS, EMAIL


def addresses(guide: Guide, page: str, language: str) -> list[str]:
    """Return the addresses that a published page links or shows, in their order.

    Those that lead to a file of the site are left out.
    """
    html = guide.html(page, language)
    # The link to report an error names the page, in its language.
    links = [
        tag.get("href") or tag["src"]
        for tag in html.select("a[href], [src]")
        if not tag.find_parent(class_="about-page")
    ]
    here = (guide.folder / "html" / language / page).parent
    folder = guide.folder / "html"
    return [link for link in links if not is_ours(link, here, folder)]


def is_ours(link: str, here: Path, folder: Path) -> bool:
    """Tell whether a link leads to an anchor or a file of the site."""
    path = link.partition("#")[0].partition("?")[0]
    there = (here / unquote(path)).resolve()
    return not path or (there.is_file() and there.is_relative_to(folder.resolve()))


def links(guide: Guide):
    """Yield a result for each external address of each page, in each language."""
    for page in guide.pages:
        english = Counter(addresses(guide, page, "en"))
        for language in guide.languages:
            there = english if language == "en" else Counter(addresses(guide, page, language))
            expected = Counter(counterpart(guide, link, language) for link in english.elements())
            # What a substitution links is a matter of the settings, in each language.
            for address in settings_addresses(guide.reading.values) & {*there, *expected}:
                expected[address] = there[address]
            expected = +expected
            for address in dict.fromkeys([*there, *expected]):
                yield Result(
                    f"{page}.rst: link {address} [{language}]",
                    problem(guide, page, language, address, there[address], expected[address]),
                )


def counterpart(guide: Guide, address: str, language: str) -> str:
    """Return the address that a page in a language links instead of the English page's."""
    known = guide.record.get(address)
    other = known.get("counterpart") if isinstance(known, dict) else None
    there = other.get(language) if isinstance(other, dict) else None
    return there if isinstance(there, str) else address


def problem(guide: Guide, page: str, language: str, address: str, found: int, wanted: int) -> str:
    """Return what is wrong with an address on a page, if anything."""
    where = guide.where(page, language, address.split("#")[0][:40])
    scheme, _, mailbox = address.partition(":")
    if scheme == "mailto":
        if not EMAIL.fullmatch(unquote(mailbox)):
            return f"{where}: {address} is no e-mail address. Write mailto:name@example.org"
    # Punctuation at the end was lent by the sentence around the address.
    elif not ADDRESS.fullmatch(address) or re.search(r"[.,;:!?]$", address):
        return f"{where}: {address} is no well-formed https address. Write https://…, escaped"
    elif address not in guide.record and address not in settings_addresses(guide.reading.values):
        record = guide.in_overlay("links.toml") if guide.reading.is_fork else "links.toml"
        return (
            f"{where}: {address} is not in {record}. If the address is right, add it there: "
            f'["{address}"], then what = "what the page is" and language = "{language}"'
        )
    if not found:
        return f"{where}: the English page links {address}, this one does not. Link it here too"
    if found != wanted:
        return (
            f"{where}: this page links {address} {found} times, the English one has it {wanted} "
            "times. Link the same pages, or name the counterpart in links.toml"
        )
    return ""


def settings_addresses(values) -> set[str]:
    """Return the addresses that the settings hold; their titles say there what they are."""
    if isinstance(values, dict):
        return {found for value in values.values() for found in settings_addresses(value)}
    return {values} if isinstance(values, str) and values.startswith("https://") else set()


def record(guide: Guide):
    """Yield a result for each address of the record of links."""
    for address, known in guide.record.items():
        languages = known.get("language") if isinstance(known, dict) else None
        codes = languages if isinstance(languages, list) else [languages]
        wrong = ""
        if not isinstance(known, dict) or not isinstance(known.get("what"), str):
            wrong = 'say what the page is, as in what = "RENATER: importing a certificate"'
        elif not all(isinstance(code, str) and re.fullmatch(r"[a-z]{2,3}", code) for code in codes):
            wrong = 'say which language the page has, as in language = "fr"'
        elif not isinstance(other := known.get("counterpart", {}), dict) or not all(
            isinstance(there, str) for there in other.values()
        ):
            wrong = 'say for which language, as in counterpart.fr = "https://…"'
        yield Result(f"links.toml: {address}", wrong and f'links.toml: ["{address}"]: {wrong}')


@judged_by(links)
def test_link_is_known(result):
    """An address is https, in the record, and linked by the page in each language."""
    result.report()


@judged_by(record)
def test_record_says_what_it_is(result):
    """The record says of each address what the page is, and in which language."""
    result.report()

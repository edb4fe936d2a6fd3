"""Say what an answer means for the readers, and what to do about it.

A link is *alive*; or it has *moved*; or it is *walled*: a program cannot judge it, a person
looks; or *doubtful*: it fails now; or *dead*: it has failed on three different days, or was
said to be no more twice in a row.
"""

import datetime
import html
import re
import tomllib
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from addresses import parameters
from asking import Answer
from looking import Page, on_one_line
from record import Known, Seen
from schema import shortened

# On how many different days a link fails before it is dead; how often it is said to be gone.
DAYS, TIMES = 3, 2
# https://www.rfc-editor.org/rfc/rfc9110#section-15: the page will not come back to this address.
PERMANENT = {301, 308}
GONE = {404, 410}
# Who asks is refused, or must show who he is; 999 is LinkedIn's. 202 with nothing to read is
# how some ask for a proof that no program asks.
WALLS = {202, 401, 402, 403, 407, 429, 451, 496, 503, 999}
# 204 and 205 have no page (https://www.rfc-editor.org/rfc/rfc9110#section-15.3.5).
GOOD, NO_PAGE = set(range(200, 300)), {204, 205}

WORDING = tomllib.loads(Path(__file__).with_name("wording.toml").read_text(encoding="utf-8"))
# The name of the first page of a site.
HOME = re.compile(r"((index|home|default|accueil|main_page|webhome)(\.\w+)?)?", re.IGNORECASE)
ERROR_PAGE = re.compile(
    r"/(404|not[_-]?found|page-?introuvable)(\.\w+)?/?$|^/error([_-]?404)?(\.\w+)?$", re.IGNORECASE
)
# What stands between the parts of a title.
BETWEEN = re.compile(r"\s[-|·•:»>]+\s|\s*[|·•]\s*")
ERROR_QUERY = re.compile(r"=(404|not[_-]?found|page[_-]?introuvable)\b", re.IGNORECASE)
SEARCH = re.compile(r"(?<![a-z])(search|recherche)(?![a-z])", re.IGNORECASE)
# Quotation marks, ligatures and what nobody sees.
ALIKE = str.maketrans(
    dict.fromkeys("‘’ʼ`´", "'")
    | dict.fromkeys("“”„«»", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\ufeff", "")
    | {"œ": "oe", "æ": "ae"}
)


@dataclass(frozen=True)
class Verdict:
    """What one answer means.

    Attributes:
        kind: alive, moved, walled; failing, which may pass; or gone, which will not.
        why: what the address does, in words that follow it.
        to: the address to write instead, where it is known.
    """

    kind: Literal["alive", "moved", "walled", "failing", "gone"]
    why: str
    to: str = ""


def judge(address: str, answer: Answer, known: Known | None = None) -> Verdict:
    """Return what an answer means.

    Args:
        address: the address that was asked.
        answer: what it has answered.
        known: what people know of it, if it is in the record.
    """
    page = answer.page or Page()
    said = f"fails: {answer.why}" if answer.code is None else f"answers {answer.why}"
    if answer.lacks_anchor or answer.code in GOOD - NO_PAGE - WALLS:
        return judge_page(address, answer, page, known)
    if answer.code in GONE:
        return Verdict("gone", said)
    if answer.code in WALLS or is_wall(of_itself(page)):
        return walled(said, known)
    return Verdict("failing", said)


def walled(why: str, known: Known | None) -> Verdict:
    """Return the verdict on what a program cannot judge: good, where people know why."""
    if known and known.walled:
        return Verdict("alive", f"{why}, which the record explains: {known.walled}")
    return Verdict("walled", why)


def judge_page(address: str, answer: Answer, page: Page, known: Known | None) -> Verdict:
    """Return what a page means that a server has sent as a good one."""
    last = answer.hops[-1][1] if answer.hops else address
    wanted = known.title if known else ""
    fits = bool(wanted) and page.is_text and holds_words(page.title, wanted)
    found = None if fits else judge_words(address, last, page, known)
    if found:
        return found
    if wanted and page.is_text and not fits:
        shown = f"“{page.title}”" if page.title else "missing"
        return Verdict("failing", f"is another page: its title is {shown}, without “{wanted}”")
    name = unquote(urlsplit(address).path).rpartition("/")[2].rpartition(":")[2]
    is_shown = plain(name) in plain(page.title)
    if name.lower().endswith(".pdf") and page.is_text and not fits and not is_shown:
        return Verdict("failing", "sends a web page in the place of a PDF file")
    if page.is_empty:
        return Verdict("failing", "sends an empty page")
    return judge_way(address, last, answer, known, fits)


def judge_words(address: str, last: str, page: Page, known: Known | None) -> Verdict | None:
    """Return what a page is instead of the one that a link means; none if nothing tells so."""
    shows_nothing = page.is_short and not any(map(plain, [page.title, *page.headings, page.text]))
    shown, page = page.title or page.text or last, of_itself(page)
    (said, parts), text = wording(page), plain(page.text)
    if is_wall(page):
        return walled(f"wants a proof that no program gives: “{shown}”", known)
    is_login = any(says("login", "whole", part, whole=True) for part in parts)
    # Without a field for it, a long page is about the login.
    is_login &= page.asks_login or page.is_short
    is_login |= any(says("login", "institute", one) for one in said)
    begins = any(re.match(WORDING["login"]["begins"], part) for part in parts)
    is_form = is_login or (page.asks_login and (page.is_short or begins))
    # An address alone tells little: there are pages about logins.
    leads_to_login = bool(words_of_login(last) - words_of_login(address))
    leads_to_login &= is_form or page.is_short or page.asks_login or not page.is_text
    if leads_to_login or (is_form and not is_home(address)):
        return walled(f"asks for a login at {last}", known)
    is_error_page = last != address and bool(
        ERROR_PAGE.search(urlsplit(last).path) or ERROR_QUERY.search(urlsplit(last).query)
    )
    # A page about this answer is called after it.
    is_named = bool(re.search("404|410|not[_-]?found", urlsplit(address).path.lower()))
    is_gone = not is_named and any(map(is_missing, [*said, *parts, text, *map(plain, page.first)]))
    if is_gone or is_error_page:
        return Verdict("gone", f"says that there is no such page: “{shown}”")
    if page.is_short and any(says("trouble", "short", part) for part in parts or [text]):
        return Verdict("failing", f"says that it fails: “{shown}”")
    if any(says("lost", "any", one) for one in [*said, text]):
        return Verdict("failing", f"is no page of its own any more: “{shown}”")
    if shows_nothing and page.has_script:
        return walled("shows nothing to a program without scripts", known)
    return None


def judge_way(address: str, last: str, answer: Answer, known: Known | None, fits: bool) -> Verdict:
    """Return what the redirects to a good page mean, and the anchor."""
    may_redirect = bool(known and known.redirect)
    if urlsplit(last).scheme != "https" and urlsplit(address).scheme == "https":
        return Verdict("failing", f"leads to {last}, which is not encrypted")
    deep = not is_home(address) or urlsplit(address).query
    query = unquote(urlsplit(last).query)
    # Some tell their start page where the reader comes from.
    is_plain_home = is_home(last) and (not query or urlsplit(address).path in query)
    # Permalinks lead to the first page of another site, and not for good.
    is_permalink = urlsplit(last).netloc != urlsplit(address).netloc and bool(answer.hops)
    is_permalink = is_permalink and answer.hops[0][0] not in PERMANENT
    is_home_instead = bool(answer.hops) and deep and is_plain_home and not is_permalink
    if is_home_instead and not may_redirect and not fits:
        return Verdict("failing", f"leads to the start page {last} instead")
    is_search = SEARCH.search(urlsplit(last).path) and not SEARCH.search(address)
    if is_search and answer.hops and not is_permalink and not may_redirect and not fits:
        return Verdict("failing", f"leads to a search, {last}, instead")
    anchor = urlsplit(address).fragment
    if answer.lacks_anchor and not (known and known.anchor):
        return Verdict("failing", f"is there, but has no anchor #{anchor}")
    to = moved_to(address, answer)
    if to and not may_redirect and not is_same_home(address, to):
        return Verdict("moved", f"has moved to {to}", to)
    return Verdict("alive", f"answers {answer.why}")


def moved_to(address: str, answer: Answer) -> str:
    """Return where an address leads for good, with its anchor; empty if nowhere."""
    to = address
    for code, there in answer.hops:
        # Behind a redirect that is not for good, the next server may lead elsewhere.
        if code not in PERMANENT:
            break
        to = there
    # What follows a reader is no part of the address.
    parts, old = urlsplit(parameters(to, [])), urlsplit(address)
    parts = parts._replace(fragment=parts.fragment or old.fragment)
    return "" if parts == old else parts.geturl()


def after(before: Seen | None, verdict: Verdict, today: datetime.date) -> Seen:
    """Return what is now known of a link: what it answers, and what it answered before.

    Args:
        before: what was last seen of it, if anything.
        verdict: what its answer means.
        today: the day on which it was asked.
    """
    failed, gone = (list(before.failed), before.gone) if before else ([], 0)
    if verdict.kind in ("alive", "moved"):
        failed, gone = [], 0
    elif verdict.kind != "walled":
        failed = sorted({*failed, today})
        gone += verdict.kind == "gone"
    state = verdict.kind
    if verdict.kind in ("failing", "gone"):
        is_dead = len(failed) >= DAYS or (verdict.kind == "gone" and gone >= TIMES)
        state = "dead" if is_dead else "doubtful"
    # What a server has sent is shown in terminals, and kept.
    answer = shortened(on_one_line(verdict.why), 300)
    return Seen(state=state, answer=answer, date=today, to=verdict.to, failed=failed, gone=gone)


# -- Words and addresses ------------------------------------------------------------------


def plain(text: str) -> str:
    """Return a text as it is compared: small letters, plain marks, blanks and hyphens."""
    text = unicodedata.normalize("NFKC", html.unescape(text)).translate(ALIKE).casefold()
    return " ".join(text.split())


def holds_words(title: str, words: str) -> bool:
    """Tell whether a title holds all of some words, whatever the server said of its letters."""
    spellings = [title]
    for wrong in ("cp1252", "latin-1"):
        try:
            spellings.append(title.encode(wrong).decode("utf-8"))
        except UnicodeError:
            continue
    wanted = plain(words).replace('"', " ").split()
    return any(all(word in plain(spelling) for word in wanted) for spelling in spellings)


def wording(page: Page) -> tuple[list[str], list[str]]:
    """Return what the title and the first headings of a page say, and the parts of all."""
    said = [plain(text) for text in (page.title, *page.headings) if text]
    parts = [part.strip(" .!:()[]'\"") for text in said for part in re.split(BETWEEN, text)]
    return said, parts


def of_itself(page: Page) -> Page:
    """Return a page with the words that it says of itself: none, where it is about such words."""
    return replace(page, title="", headings=(), text="", first=()) if is_about(page) else page


def is_about(page: Page) -> bool:
    """Tell whether a page explains something, or says what people have met."""
    title = plain(page.title)
    # The last part is the name of its site.
    parts = re.split(BETWEEN, title)[:-1] or [title]
    return any(re.search(pattern, title) for pattern in WORDING["tracker"]) or any(
        re.search(pattern, part) for pattern in WORDING["about"] for part in parts
    )


def says(table: str, key: str, text: str, whole: bool = False) -> bool:
    """Tell whether a text has one of the wordings that a table holds, or is one of them."""
    find = re.fullmatch if whole else re.search
    return any(find(pattern, text) for pattern in WORDING[table][key])


def is_missing(text: str) -> bool:
    """Tell whether a part of a title, or a short text, says that there is no such page."""
    words = WORDING["missing"]
    sentence = rf"{words['before']}(?:{words['page']}\b.{{0,60}}? |{words['file']} ){words['gone']}"
    return (
        says("missing", "whole", text, whole=True)
        or bool(re.match(sentence, text))
        or says("missing", "other", text)
    )


def is_wall(page: Page) -> bool:
    """Tell whether a page wants to know whether a person asks, or who."""
    _, parts = wording(page)
    return any(says("wall", "whole", part, whole=True) for part in parts) or (
        page.is_short
        and (
            any(says("wall", "short", part) for part in parts)
            or says("wall", "text", plain(page.text))
        )
    )


def words_of_login(address: str) -> set[str]:
    """Return the words of an address that are those of a login."""
    parts = urlsplit(address)
    where = f"{parts.hostname}{parts.path}".lower()
    return {found[0] for found in re.finditer(WORDING["login"]["address"], where)}


def is_home(address: str) -> bool:
    """Tell whether an address is that of the first page of a site, in any language."""
    parts = [part for part in urlsplit(address).path.split("/") if part]
    # Those that we ask for: /ca/ is of an authority, not in Catalan.
    if parts and re.fullmatch("(en|fr)([-_][a-z]{2})?|wiki", parts[0], re.IGNORECASE):
        del parts[0]
    return len(parts) < 2 and bool(HOME.fullmatch("".join(parts)))


def is_same_home(address: str, to: str) -> bool:
    """Tell whether a site only leads from its address to its own first page, further inside."""
    old, new = urlsplit(address), urlsplit(to)
    return old.netloc == new.netloc and old.path in ("", "/") and not old.query

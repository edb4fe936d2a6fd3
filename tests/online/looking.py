"""Read in a page what tells whether it is the one that a link means."""

import codecs
import contextlib
import json
import re
from dataclasses import dataclass
from urllib.parse import unquote, urljoin

import webencodings
from bs4 import BeautifulSoup
from bs4.exceptions import ParserRejectedMarkup

# In bytes: how much of a page is read.
MOST = 1_000_000
# In characters: what a page shows that is no more than a notice.
SHORT = 400
# What tells that something is missing stands at the beginning, behind the name of the site.
HEADINGS, FIRST = 2, 3
# In seconds: after how long a page leads on that is read first; and one that is only a notice.
AT_ONCE, SOON = 1, 10
MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)
UNSEEN = ["script", "style", "noscript", "template", "title", "h1"]
# What is the same on all the pages of a site, as a login in a corner.
AROUND = ["nav", "aside", "footer", "header"]
ROLES = {"navigation", "banner", "contentinfo", "search"}
NAMES = re.compile(
    r"((page|site|top|main)[-_]?)?(header|footer|nav|navbar|menu|sidebar|toolbar|banner|masthead)"
    r"|(mini|quick)[-_]?login",
    re.IGNORECASE,
)
QUOTED = ["ul", "ol", "table", "pre", "blockquote"]
BLOCKS = [*QUOTED, "p", "div", "section", "article", "h2", "h3", "h4"]
# Where programs look for what an address names after its #: lines, comments, pages of their own.
SCRIPTED = re.compile(
    r"L\d+(C\d+)?(-L?\d+(C\d+)?)?|[/!].*"
    r"|(note|issuecomment|discussion_r|discussioncomment|pullrequestreview|commitcomment)[-_]?\d+"
)


@dataclass(frozen=True)
class Page:
    """What a page says.

    Attributes:
        title: its title, on one line; empty without one.
        headings: its first headings of the first level.
        text: what it shows besides, if that is short; empty if it is long. What stands around
            it on each page of its site is left out.
        first: the first paragraphs of a text that is short.
        is_short: whether it shows no more than a notice.
        asks_login: whether it has a form for a login.
        has_script: whether it runs scripts.
        has_anchor: whether a script finds the anchor.
        refresh: where it leads by itself, seen from its address; empty if nowhere.
        is_text: whether it is HTML.
        is_empty: whether nothing was sent.
    """

    title: str = ""
    headings: tuple[str, ...] = ()
    text: str = ""
    first: tuple[str, ...] = ()
    is_short: bool = False
    asks_login: bool = False
    has_script: bool = False
    has_anchor: bool = False
    refresh: str = ""
    is_text: bool = False
    is_empty: bool = False


def read_page(body: bytes, kind: str | None, anchor: str = "") -> Page:
    """Return what a page says.

    Args:
        body: the page, or its beginning.
        kind: the header ``Content-Type``, if there is one.
        anchor: the anchor that is looked for.
    """
    name, _, parameters = (kind or "").lower().partition(";")
    looks_so = not name and re.match(rb"\s*<(!doctype html|html|head)", body, re.IGNORECASE)
    if name.strip() == "text/plain" and len(body) < SHORT:
        text = on_one_line(body.decode(errors="replace"))
        return Page(text=text, is_short=True, is_empty=not body)
    if name.strip() not in ("text/html", "application/xhtml+xml") and not looks_so:
        return Page(is_empty=not body)
    # What the first bytes say of the encoding counts most (https://encoding.spec.whatwg.org/#decode).
    encoding = None if body.startswith(MARKS) else declared(parameters)
    try:
        soup = BeautifulSoup(body, "html.parser", from_encoding=encoding)
    # No browser rejects anything.
    except ParserRejectedMarkup:
        return Page(is_text=True)
    # Drawings have titles of their own, and what is hidden may be for another occasion.
    remove(soup, is_hidden)
    title = soup.find("title")
    headings = tuple(on_one_line(one.get_text()) for one in soup.find_all("h1", limit=HEADINGS))
    has_script = bool(soup.find("script"))
    has_anchor = is_scripted(soup, unquote(anchor))
    title = on_one_line(title.get_text()) if title else ""
    remove(soup, UNSEEN)
    base = soup.find("base", href=True)
    refreshes = [refreshed(meta, base["href"] if base else "") for meta in soup.find_all("meta")]
    is_empty = not (title or headings or has_script or soup.get_text(strip=True))
    content = main_part(soup)
    text = on_one_line(content.get_text(" "))
    is_short = len(text) < SHORT
    soon = SOON if is_short else AT_ONCE
    return Page(
        title=title,
        headings=headings,
        text=text if is_short else "",
        first=first_paragraphs(content) if is_short else (),
        is_short=is_short,
        asks_login=any(map(is_of_login, content.find_all("input"))),
        has_script=has_script,
        has_anchor=has_anchor,
        refresh=next((there for seconds, there in refreshes if there and seconds <= soon), ""),
        is_text=True,
        is_empty=is_empty,
    )


def is_scripted(soup: BeautifulSoup, anchor: str) -> bool:
    """Tell whether a script finds an anchor that no element has.

    GitHub writes ``user-content-`` before it, or has the text of a page in JSON.
    """
    if SCRIPTED.fullmatch(anchor) or soup.find(id=f"user-content-{anchor}"):
        return True
    data = [one.get_text() for one in soup.find_all("script", type="application/json")]
    spelled = {json.dumps(anchor), json.dumps(anchor, ensure_ascii=False)}
    return bool(anchor) and any(name in text for text in data for name in spelled)


def remove(soup: BeautifulSoup, what) -> list:
    """Take elements out of a page, and return them; those inside others first.

    So each is taken out quickly, however deep they are.
    """
    return [one.extract() for one in reversed(soup.find_all(what))]


def main_part(soup: BeautifulSoup):
    """Return the part of a page that differs from the other pages of its site."""
    main = soup.find("main") or soup.find(role="main")
    if main:
        return main
    around = remove(soup, is_around)
    # Some pages have all that they say in their header.
    if not soup.get_text(strip=True):
        soup.extend(reversed(around))
    return soup


def is_hidden(tag) -> bool:
    """Tell whether an element is no part of the text that a page shows."""
    style = re.search(r"display\s*:\s*none", tag.get("style", ""))
    return tag.name in ("svg", "textarea") or (tag.name not in ("html", "body") and bool(style))


def is_around(tag) -> bool:
    """Tell whether an element is the same on all the pages of a site."""
    names = [*tag.get("class", []), tag.get("id", "")]
    is_named = tag.name not in ("html", "body") and any(map(NAMES.fullmatch, names))
    return tag.name in AROUND or tag.get("role") in ROLES or is_named


def first_paragraphs(content) -> tuple[str, ...]:
    """Return the first paragraphs of a text, without what is quoted in it."""
    found = []
    for block in content.find_all(BLOCKS):
        if block.name in QUOTED or block.find(BLOCKS):
            continue
        if text := on_one_line(block.get_text(" ")):
            found.append(text)
        if len(found) == FIRST:
            break
    return tuple(found)


def declared(parameters: str) -> str | None:
    """Return the encoding that the server names, as browsers understand it.

    Args:
        parameters: what follows the type in the header ``Content-Type``.
    """
    # https://encoding.spec.whatwg.org/#names-and-labels: ISO 8859-1 stands for Windows 1252.
    named = re.search(r"charset=[\"']?([\w.:-]+)", parameters)
    found = webencodings.lookup(named[1]) if named else None
    return found.codec_info.name if found else None


def is_of_login(field) -> bool:
    """Tell whether an ``input`` is that of a login, or of what leads to one by itself."""
    if field.get("type", "").lower() == "password":
        return True
    return field.get("name") in ("SAMLRequest", "SAMLResponse", "loginfmt")


def on_one_line(text: str) -> str:
    """Return a text without blanks around and doubled inside, and without control characters."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())


def refreshed(meta, base: str) -> tuple[float, str]:
    """Return after how many seconds a ``meta`` tag leads where; empty if nowhere."""
    if meta.get("http-equiv", "").lower() != "refresh":
        return 0, ""
    # https://html.spec.whatwg.org/#attr-meta-http-equiv-refresh
    pattern = r"\s*(\d*)(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?['\"]?([^'\"]+)"
    found = re.match(pattern, meta.get("content", ""), re.IGNORECASE)
    with contextlib.suppress(ValueError):
        return (float(found[1] or 0), urljoin(base, found[2].strip())) if found else (0, "")
    return 0, ""

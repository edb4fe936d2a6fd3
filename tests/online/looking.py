"""Read in a page what tells whether it is the one that a link means."""

import re
from dataclasses import dataclass

import webencodings
from bs4 import BeautifulSoup

# In bytes: how much of a page is read.
MOST = 1_000_000
# In characters: what a page shows that is no more than a notice.
SHORT = 400


@dataclass(frozen=True)
class Page:
    """What a page says.

    Attributes:
        title: its title, on one line; empty without one.
        headings: its headings of the first level.
        text: what it shows besides, if that is short; empty if it is long.
        is_short: whether it shows no more than a notice.
        asks_login: whether it has a form for a login.
        has_script: whether it runs scripts.
        has_anchor: whether the anchor is there in the way of GitHub.
        refresh: where it leads by itself at once, as it is written there; empty if nowhere.
        is_text: whether it is HTML.
        is_empty: whether nothing was sent.
    """

    title: str = ""
    headings: tuple[str, ...] = ()
    text: str = ""
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
    if name.strip() not in ("text/html", "application/xhtml+xml") and not looks_so:
        return Page(is_empty=not body)
    soup = BeautifulSoup(body, "html.parser", from_encoding=declared(parameters))
    # Drawings have titles of their own.
    titles = [
        on_one_line(title.get_text())
        for title in soup.find_all("title")
        if not title.find_parent("svg")
    ]
    refresh = next(filter(None, map(refreshed, soup.find_all("meta"))), "")
    fields = soup.find_all("input")
    has_script = bool(soup.find("script"))
    has_anchor = bool(anchor) and bool(soup.find(id=f"user-content-{anchor}"))
    headings = tuple(on_one_line(heading.get_text()) for heading in soup.find_all("h1"))
    for unseen in soup.find_all(["script", "style", "noscript", "template", "svg", "title", "h1"]):
        unseen.decompose()
    text = on_one_line(soup.get_text(" "))
    return Page(
        title=titles[0] if titles else "",
        headings=headings,
        text=text if len(text) < SHORT else "",
        is_short=len(text) < SHORT,
        asks_login=any(map(is_of_login, fields)),
        has_script=has_script,
        has_anchor=has_anchor,
        refresh=refresh,
        is_text=True,
        is_empty=not (titles or headings or text or has_script),
    )


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


def refreshed(meta) -> str:
    """Return where a ``meta`` tag leads within a second, as written; empty if nowhere."""
    # Without scripts, some pages lead to one that says so.
    if meta.get("http-equiv", "").lower() != "refresh" or meta.find_parent("noscript"):
        return ""
    # https://html.spec.whatwg.org/#attr-meta-http-equiv-refresh
    pattern = r"\s*[01]?(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?['\"]?([^'\"]+)"
    found = re.match(pattern, meta.get("content", ""), re.IGNORECASE)
    return found[1].strip() if found else ""

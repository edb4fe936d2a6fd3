"""What is wrong with an external address, and what to write instead.

The parts of an address are those of RFC 3986; hosts are read as browsers read them
(https://url.spec.whatwg.org/#host-parsing).
"""

import ipaddress
import re
import socket
import unicodedata
from typing import NamedTuple
from urllib.parse import quote, unquote

import idna

from schema import ADDRESS

# Appendix B of RFC 3986. A scheme holds no dot here, as a host does, and no port follows it.
PARTS = re.compile(
    r"(?:([a-z][a-z0-9+-]*):(?!\d+(?:[/?#]|$)))?(?:(//)([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?",
    re.IGNORECASE | re.DOTALL,
)
# What stays as it is when the rest is escaped.
UNESCAPED = "%-._~:/?#[]@!$&'()*+,;="
CLOSING = {")": "(", "]": "["}
# What a sentence puts behind an address.
LENT = ".,;:!?'\"«»“”‘’…>*"
# Names that are not for everybody: RFC 6761, 6762, 7686, 8375 and 9476, what ICANN has set
# apart (.internal, .home, .corp, .mail), and what local networks are called.
PRIVATE = re.compile(
    r"[^.]+|.*\.(local|localhost|localdomain|internal|intranet|intra|private|lan|home|home\.arpa|"
    r"corp|mail|workgroup|invalid|test|onion|alt|i2p)"
)
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
# Parameters that do not say which page it is, but who reads it. Those that follow readers are
# what Firefox strips (privacy.query_stripping), and what Matomo, Google and Piano Analytics add.
PARAMETERS = {
    "by which readers are followed": re.compile(
        r"(utm|pk|mtm|piwik|matomo|vero)_\w+|__?hs\w+|hsctatracking|__s|_g(a|l|ac)(_\w+)?|"
        r"(fb|g|d|y|ys|tw|tt|sc)clid|gclsrc|[gw]braid|msclkid|mc_[ce]id|igsh(id)?|mkt_tok|"
        r"li_fat_id|oly_(anon|enc)_id|_openstat|wickedid|rb_clickid|s_cid|wt\.mc_id|xtor|"
        r"at_(medium|campaign|custom\d*)"
    ),
    "which is the session of one reader": re.compile(
        r"jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|session_?id|cftoken"
    ),
    "which is a secret": re.compile(r"passw(or)?d|(access|auth|id)_token|api_?key"),
}


class NoAdviceError(Exception):
    """What is wrong hides what was meant; the text says why, and in general what to write."""


class Parts(NamedTuple):
    """The parts of an address, without the signs that set them apart."""

    scheme: str
    slashes: str
    host: str
    path: str
    query: str
    fragment: str


def fault(address: str) -> str:
    """Return what is wrong with an external address, and what to write instead.

    Args:
        address: an address, as it was written.

    Returns:
        The end of a sentence that begins with the address; empty if nothing is wrong.
    """
    reasons: list[str] = []
    better = address
    try:
        for judge in (characters, end, scheme, host, escapes, anchor, folders, parameters):
            better = judge(better, reasons)
    except NoAdviceError as error:
        return ", and ".join([*reasons, str(error)])
    if not ADDRESS.fullmatch(better):
        return ", and ".join([*reasons, "is no well-formed https address: write https://…"])
    return f"{', and '.join(reasons)}: write {better}" if reasons else ""


def parts(address: str) -> Parts:
    """Return the parts of an address; what is missing is empty."""
    return Parts(*(part or "" for part in PARTS.fullmatch(address).groups()))


def put_together(here: Parts) -> str:
    """Return the address that has these parts, and no sign for those that are empty."""
    rest = (here.query and f"?{here.query}") + (here.fragment and f"#{here.fragment}")
    return f"{here.scheme}:{here.slashes}{here.host}{here.path}{rest}"


# -- Each returns the address without what it finds wrong, and adds why to the reasons ------------


def characters(address: str, reasons: list[str]) -> str:
    """Judge what belongs to no address: blanks around it, what is not seen, HTML."""
    bare = address.strip()
    if bare != address:
        reasons.append("has blanks around it")
    for sign in dict.fromkeys(bare):
        if unicodedata.category(sign) in ("Cc", "Cf"):
            reasons.append(f"holds the character U+{ord(sign):04X}, which nobody sees")
            bare = bare.replace(sign, "")
    for wrong, right in (("&amp;", "&"), ("\\", "/")):
        if wrong in bare:
            reasons.append(f"holds {wrong} instead of {right}")
            bare = bare.replace(wrong, right)
    return bare


def end(address: str, reasons: list[str]) -> str:
    """Judge the end: punctuation there was lent by the sentence around the address."""
    bare = address
    while bare:
        opening = CLOSING.get(bare[-1])
        is_unbalanced = opening and bare.count(bare[-1]) > bare.count(opening)
        if not is_unbalanced and bare[-1] not in LENT:
            break
        bare = bare[:-1].rstrip()
    if bare != address:
        reasons.append(f"ends with the {address[len(bare) :].strip()} of the sentence around it")
    return bare


def scheme(address: str, reasons: list[str]) -> str:
    """Judge how the page is fetched: by https."""
    here = parts(address)
    if here.scheme.lower() not in ("", "http", "https"):
        raise NoAdviceError(f"starts with {here.scheme}: instead of https: write https://…")
    if here.scheme.lower() == "http":
        reasons.append("starts with http:, which is not secure")
    elif here.scheme != "https" or not here.host:
        reasons.append("does not start with https://")
    # Slashes may be left out or doubled.
    rest = address[len(here.scheme) + 1 :] if here.scheme else address
    return f"https://{rest.lstrip('/')}"


def host(address: str, reasons: list[str]) -> str:
    """Judge the host: one that everybody reaches, by its name, without anybody's login."""
    here = parts(address)
    user, at, name = here.host.rpartition("@")
    if at:
        reasons.append(f"holds the login {user.partition(':')[0]}@")
    bracketed = re.fullmatch(r"\[(.*)\](:\d*)?", name)
    if bracketed or name.count(":") > 1:
        refuse_number(bracketed[1] if bracketed else name)
    name, colon, port = name.partition(":")
    if colon and not (re.fullmatch(r"\d{1,5}", port, re.ASCII) and 0 < int(port) < 65536):
        raise NoAdviceError(f"has “{port}” for a port: write a number, or no colon")
    bare = unquote(name).lower().rstrip(".")
    try:
        bare = bare if bare.isascii() else idna.encode(bare, uts46=True).decode()
    except UnicodeError:
        raise NoAdviceError(f"has “{name}” for a host: write its name") from None
    refuse_number(bare)
    if not all(LABEL.fullmatch(label) for label in bare.split(".")):
        raise NoAdviceError(f"has “{name}” for a host: write its name")
    if PRIVATE.fullmatch(bare):
        raise NoAdviceError(f"leads to {bare}, which is not public: write what everybody reaches")
    if bare != name:
        reasons.append(f"has its host written as {name}")
    return f"https://{bare}{colon}{port}{address[len(f'https://{here.host}') :]}"


def refuse_number(name: str) -> None:
    """Refuse a host that is a number, in each of the forms that browsers read as one.

    Raises:
        NoAdviceError: it is one.
    """
    try:
        number = str(ipaddress.ip_address(name))
    except ValueError:
        if not re.search(r"(^|\.)(\d+|0x[0-9a-f]*)$", name, re.ASCII):
            return
        try:
            # One to four parts, decimal, octal or hexadecimal.
            number = socket.inet_ntoa(socket.inet_aton(name))
        except OSError:
            raise NoAdviceError(f"has “{name}” for a host: write its name") from None
    raise NoAdviceError(f"leads to the IP address {number}: write the name of the host")


def escapes(address: str, reasons: list[str]) -> str:
    """Judge the characters behind the host."""
    if broken := re.search(r"%(?![0-9A-Fa-f]{2}).{0,2}", address):
        raise NoAdviceError(f"holds {broken[0]}, which is no escape: write %25 for the sign %")
    escaped = quote(address, safe=UNESCAPED)
    if signs := [sign for sign in dict.fromkeys(address) if quote(sign, safe=UNESCAPED) != sign]:
        shown = " ".join(
            unicodedata.name(sign).lower() if sign.isspace() else sign for sign in signs
        )
        reasons.append(f"holds {shown} unescaped")
    return escaped


def folders(address: str, reasons: list[str]) -> str:
    """Judge the folders: each has a name (RFC 3986, section 5.2.4)."""
    here = parts(address)
    *names, last = re.sub("%2e", ".", here.path, flags=re.IGNORECASE).split("/")
    if not {".", ".."} & {*names, last}:
        return address
    reasons.append("holds . or .. for a folder")
    kept: list[str] = []
    for name in [*names, *([last, ""] if last in (".", "..") else [last])]:
        if name == "..":
            kept = kept[:-1] if len(kept) > 1 else kept
        elif name != ".":
            kept.append(name)
    return put_together(here._replace(path="/".join(kept)))


def parameters(address: str, reasons: list[str]) -> str:
    """Judge the parameters, in the query, behind a ; of the path, and in the fragment."""
    here = parts(address)
    kept = {}
    for place, signs in (("path", ";"), ("query", "&;"), ("fragment", "&")):
        first, *others = re.split(f"([{signs}])", getattr(here, place))
        # Each with the sign before it, which the first lacks.
        pairs = [("", first), *zip(others[::2], others[1::2], strict=True)]
        kept[place] = ""
        for sign, one in pairs:
            name = unquote(one.partition("=")[0])
            why = "" if place != "query" and "=" not in one else told_by(name)
            if why:
                reasons.append(f"holds {name}, {why}")
            else:
                kept[place] += (sign if kept[place] else "") + one
    return address if here == here._replace(**kept) else put_together(here._replace(**kept))


def told_by(name: str) -> str:
    """Return what is wrong with a parameter, or nothing."""
    return next((why for why, names in PARAMETERS.items() if names.fullmatch(name.lower())), "")


def anchor(address: str, reasons: list[str]) -> str:
    """Judge the anchor behind #: one, if any."""
    page, mark, name = address.partition("#")
    bare = name.lstrip("#")
    if "#" in bare:
        raise NoAdviceError("holds # twice: write one anchor, and %23 for a # in its name")
    if mark and (not name or bare != name):
        reasons.append("has an empty anchor" if not bare else "holds # twice")
    return page + (mark if bare else "") + bare

"""Say what an answer means for the readers, and what to do about it.

A link is *alive*; or it has *moved*; or it is *walled*: a program cannot judge it, a person
looks; or *doubtful*: it fails now; or *dead*: it has failed on three different days, or was
said to be no more twice in a row.
"""

import datetime
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from addresses import parameters
from asking import Answer
from looking import Page, on_one_line
from record import Known, Seen
from schema import is_language, shortened

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

# Words in the address of a login, or of a page that wants a consent or a proof first.
LOGIN = re.compile(
    r"(?<![a-z])(log-?in|log-?on|sign-?in|sso|cas|saml2?|oauth2?|oidc|openid|openid-connect|idp|wayf|"
    r"shibboleth|authn?|authenticate|authorize|authentification|connexion|keycloak|adfs|"
    r"discovery|consent|captcha|ds)(?![a-z])",
    re.IGNORECASE,
)
# What stands alone in a title, or between its bars and dashes, on a page that is none.
ALONE = re.compile(
    r"(error|erreur|fehler|http)? ?(404|410)|(404|410)? ?(error|erreur)?[ :]*"
    r"(not found|non trouvée?|introuvable|nicht gefunden|no encontrado|non trovato|gone)",
)
MISSING = re.compile(
    r"(page|file|document|content|article|site|url|resource|address|requested)s?\b.{0,30}"
    r"\b(not found|cannot be found|can.t be found|could not be found|couldn.t be found|"
    r"does ?n.?o?t exist|no longer (exists?|available)|is missing|removed|unavailable)"
    r"|(page|fichier|document|contenu|article|site|adresse|ressource)s?\b.{0,30}"
    r"\b(introuvables?|non trouvée?s?|n.existe (pas|plus)|n.a pas été trouvée?|inexistante?|"
    r"(n.est|plus) (plus )?disponible|supprimée?)"
    r"|(seite|datei|dokument|inhalt)\b.{0,30}\b(nicht gefunden|existiert nicht|nicht vorhanden)"
    r"|\b(404|410)\b.{0,15}\bnot found|\bnot found\b.{0,15}\b(404|410)\b"
    r"|we (can.t|cannot|couldn.t|could not) find",
)
# On the pages of a wiki that nobody has written.
NO_TEXT = re.compile(r"currently no text in this page|aucun texte sur cette page")
PARKED = re.compile(
    r"\.[a-z]{2,}\b.{0,20}\b(for sale|à vendre|parked|expired)|buy this domain|"
    r"domain\b.{0,40}\b(for sale|parked|expired|available)|parked (domain|page)|"
    r"domaine\b.{0,40}\b(à vendre|en vente|expiré)|^welcome to nginx|apache2? .*default page|"
    r"^it works!?$|^iis windows server|^test page for|^default web site|^index of /$|"
    r"(account|site|website) (is )?suspended"
)
# A page that is short and says so fails, whatever its status.
TROUBLE = re.compile(
    r"^(error |erreur )?50\d\b|internal server error|bad gateway|maintenance|"
    r"service (temporarily )?unavailable|error establishing a database connection|"
    r"temporarily (down|offline)|erreur interne|momentanément indisponible|wartungsarbeiten"
)
# Walls that want to know whether a person asks.
CHALLENGE = re.compile(
    r"^just a moment|^un instant|attention required|^access (to this page )?(has been )?denied|"
    r"^accès refusé|not a (ro)?bot|are you (a )?(ro)?bot|are (you )?human|human verification|"
    r"verify you|^before you continue|^avant de continuer|captcha|checking your browser|"
    r"ddos.guard|ddos protection|one moment,? please|security (check|verification)|"
    r"pardon our interruption|request rejected|bot verification|client challenge|robot check|"
    r"request unsuccessful|page blocked|vous n'êtes pas un robot|êtes(-vous)? (un )?humain|"
    r"vérification de sécurité|no required ssl certificate"
)
SIGN_IN = re.compile(
    r"\b(log ?in|log ?on|sign ?in|authentication|authentification|connexion|identification|"
    r"anmelden|anmeldung|login|single sign.on|se connecter|connectez-vous)\b"
)
# The name of the first page of a site.
HOME = re.compile(r"((index|home|default|accueil)(\.\w+)?)?", re.IGNORECASE)
ERROR_PAGE = re.compile(
    r"/(404|not[_-]?found|page-?introuvable)\b|/error([_-]?404)?(\.\w+)?$", re.I
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
    if answer.lacks_anchor or answer.code in GOOD - NO_PAGE - WALLS:
        return judge_page(address, answer, page, known)
    if answer.code in GONE:
        return Verdict("gone", answer.why)
    if answer.code in WALLS or is_challenge(page):
        return walled(answer.why, known)
    return Verdict("failing", answer.why)


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
    if not fits and urlsplit(address).path.lower().endswith(".pdf") and page.is_text:
        return Verdict("failing", "sends a web page in the place of a PDF file")
    if page.is_empty:
        return Verdict("failing", "sends an empty page")
    return judge_way(address, last, answer, known, fits)


def judge_words(address: str, last: str, page: Page, known: Known | None) -> Verdict | None:
    """Return what a page is instead of the one that a link means; none if nothing tells so."""
    said = [plain(text) for text in (page.title, *page.headings)]
    told, shown = [*said, plain(page.text)], page.title or page.text or last
    is_form = page.asks_login or any(SIGN_IN.search(text) for text in said)
    leads_to_login = bool(words_of_login(last) - words_of_login(address))
    if is_challenge(page):
        return walled(f"wants a proof that no program gives: “{shown}”", known)
    if leads_to_login or (is_form and page.is_short and not is_home(address)):
        return walled(f"asks for a login at {last}", known)
    is_error_page = bool(ERROR_PAGE.search(urlsplit(last).path)) and last != address
    if any(map(is_missing, told)) or NO_TEXT.search(plain(page.text)) or is_error_page:
        return Verdict("gone", f"says that there is no such page: “{shown}”")
    if page.is_short and any(TROUBLE.search(text) for text in said):
        return Verdict("failing", f"says that it fails: “{shown}”")
    if page.is_short and any(PARKED.search(text) for text in told):
        return Verdict("failing", f"is no page of its own any more: “{shown}”")
    if page.is_short and not any(told) and page.has_script:
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
    is_home_instead = bool(answer.hops) and deep and is_plain_home
    if is_home_instead and not may_redirect and not fits:
        return Verdict("failing", f"leads to the start page {last} instead")
    anchor = urlsplit(address).fragment
    if answer.lacks_anchor and not (known and known.anchor):
        return Verdict("failing", f"is there, but has no anchor #{anchor}")
    to = moved_to(address, answer)
    if to and not may_redirect and not is_same_home(address, to):
        return Verdict("moved", f"has moved to {to}", to)
    return Verdict("alive", answer.why)


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
    """Return a text as it is compared: small letters, plain apostrophes, blanks and hyphens."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub("[‘’ʼ`´]", "'", re.sub("[‐-―]", "-", text)).split())


def holds_words(title: str, words: str) -> bool:
    """Tell whether a title holds all of some words, whatever the server said of its letters."""
    spellings = [title]
    for wrong in ("cp1252", "latin-1"):
        try:
            spellings.append(title.encode(wrong).decode("utf-8"))
        except UnicodeError:
            continue
    return any(
        all(word in plain(spelling) for word in plain(words).split()) for spelling in spellings
    )


def is_missing(text: str) -> bool:
    """Tell whether a title or a heading says that there is no such page."""
    parts = [part.strip(" .!:()[]'\"") for part in re.split(r"\s[-|·•:»>]+\s|\s*[|·•]\s*", text)]
    return any(ALONE.fullmatch(part) for part in parts) or bool(MISSING.search(text))


def is_challenge(page: Page) -> bool:
    """Tell whether a page wants to know whether a person asks."""
    said = [plain(text) for text in (page.title, *page.headings, page.text)]
    return page.is_short and any(CHALLENGE.search(text) for text in said)


def words_of_login(address: str) -> set[str]:
    """Return the words of an address that are those of a login."""
    parts = urlsplit(address)
    return {found[0].lower() for found in LOGIN.finditer(f"{parts.hostname}{parts.path}")}


def is_home(address: str) -> bool:
    """Tell whether an address is that of the first page of a site, in any language."""
    parts = [part for part in urlsplit(address).path.split("/") if part]
    if parts and is_language(parts[0].replace("-", "_")):
        del parts[0]
    return len(parts) < 2 and bool(HOME.fullmatch("".join(parts)))


def is_same_home(address: str, to: str) -> bool:
    """Tell whether a site only leads from its address to its own first page, further inside."""
    old, new = urlsplit(address), urlsplit(to)
    return old.netloc == new.netloc and old.path in ("", "/") and not old.query

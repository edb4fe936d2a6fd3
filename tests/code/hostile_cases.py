"""What people have met on the web, and what a sensible person says of it.

The table of the hostile server: a row says how an address answers, and the class that a link
to it deserves. *Alive*: a reader gets the page meant. *Moved*: another address is to be
written for good. *Walled*: a machine cannot tell, a person looks. *Doubtful*: it fails now;
*dead* after three different days, or when it is said to be no more on a second one.
"""

from hostile import (
    FAILS,
    FLOOD,
    FRENCH,
    GONE,
    PROSE,
    Answer,
    Case,
    HostileServer,
    bomb,
    chunked,
    cut,
    drip,
    each_day,
    each_time,
    flood,
    hold,
    html,
    if_header,
    if_method,
    if_query,
    later,
    not_found,
    ok_head,
    packed,
    page,
    raw,
    redirect,
    refresh,
    reply,
    reset,
    status,
    until,
)

# ---- What many cases answer

ANCHORS = f"""{PROSE}<h2 id="there">There</h2>{PROSE}<a name="by-name">Named</a>
<h2 id="créer-une-copie">Créer une copie</h2><h3 id=bare>Bare</h3>
<h2><a id="user-content-on-github" href="#on-github">On GitHub</a></h2>
<!-- <h2 id="in-a-comment">Left out</h2> -->
<script>document.title += " "; const text = '<h2 id="in-a-script">x</h2>';</script>
<h2 id="a(b)">Brackets</h2>{PROSE}"""
GOOD = page("A guide to certificates – Example Institute", ANCHORS)
HOME = page(
    "Example Institute – Home",
    "<p>News, research, people, publications, careers, how to come to us.</p><ul>"
    + "".join(f'<li><a href="/news/{n}">News {n}: a prize for our team</a></li>' for n in range(9))
    + "</ul>",
)
FORM = """<form method="post" action="/session"><label>User name <input name="username"></label>
<label>Password <input type="password" name="password"></label>
<button>Log in</button></form>"""
LOGIN = page("Log in – Example Institute", FORM)
SERVER_ERROR = status("500 Internal Server Error")
UNAVAILABLE = status("503 Service Unavailable")
TOO_MANY = status("429 Too Many Requests", headers=("Retry-After: 3600",))
FORBIDDEN = status("403 Forbidden")
SOFT = html("Page not found – Example Institute", "<p>Sorry, this page does not exist.</p>")
PARKED = html(
    "example-lab.org is for sale",
    "<p>The domain example-lab.org is for sale. Buy this domain now! Related searches: "
    "certificates, online courses, cheap flights.</p>",
)
SHOW_LOGIN = "it asks for the institute’s login"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n%\xe2\xe3\xcf\xd3\n" + b"0" * 5000
PDF += b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"
BOX = f"<header><a href='/login'>Sign in</a> {FORM}</header>"

# What each host answers beside its cases.
SHARED: dict[str, Answer] = {
    "/": HOME,
    "/index.html": HOME,
    "/en/": HOME,
    "/home": HOME,
    "/docs/": page("Documentation – Example Institute", "<p>Choose a chapter.</p>" + PROSE),
    "/login": LOGIN,
    "/cas/login": LOGIN,
    "/idp/profile/SAML2/Redirect/SSO": LOGIN,
    "/realms/lab/protocol/openid-connect/auth": LOGIN,
    "/404.html": reply(SOFT),
    "/forbidden": FORBIDDEN,
    "/broken": SERVER_ERROR,
    "/new/*": GOOD,
    "/slow/*": later(0.4, GOOD),
    "/over-plain": redirect(301, "https://{first}/new/over-plain"),
    "/consent": page("Before you continue", "<p>We use cookies. Accept all?</p><form></form>"),
}


def ok(title: str, body: str = PROSE, **options) -> Answer:
    """Answer with a page of that title."""
    return page(f"{title} – Example Institute", body, **options)


def coded(text: str, code: str, kind: str) -> Answer:
    """Answer with a text in an encoding, under a type."""
    return reply(text.encode(code), kind=kind)


def french(title: str, head: str = "") -> str:
    """Return a page in French that names no charset but that of its head."""
    return f"<html lang=fr><head>{head}<title>{title}</title></head><body>{FRENCH}</body></html>"


def chain(path: str, steps: int, code: int, end: str) -> dict[str, Answer]:
    """Return redirects that lead from one to the next, and the last of them to the end."""
    targets = [f"{path}/{step}" for step in range(1, steps)] + [end]
    return {f"{path}/{step}": redirect(code, target) for step, target in enumerate(targets) if step}


# ---- The table

PLAIN_CASES = [
    Case("ok", "https://{host}/guide/a", GOOD, "alive", "it is there"),
    Case(
        "ok-title-fits",
        "https://{host}/guide/b",
        GOOD,
        "alive",
        "it is there, with the title that people know",
        known={"title": "guide to certificates"},
    ),
    Case(
        "ok-without-title",
        "https://{host}/guide/c",
        reply(f"<html><body>{PROSE}</body></html>"),
        "alive",
        "a page may lack a title",
    ),
    Case(
        "title-missing",
        "https://{host}/guide/d",
        ok("Holiday pictures"),
        why="another page stands at the address",
        known={"title": "guide to certificates"},
        **FAILS,
    ),
    Case(
        "no-title-but-known",
        "https://{host}/guide/e",
        reply(f"<html><body><h1>Something else</h1>{PROSE}</body></html>"),
        why="the words that people know are not there",
        known={"title": "guide to certificates"},
        **FAILS,
    ),
    Case(
        "title-other-case",
        "https://{host}/guide/f",
        ok("GUIDE TO Certificates"),
        "alive",
        "the same words in capitals are the same words",
        known={"title": "guide to certificates"},
    ),
    Case(
        "title-apostrophe",
        "https://{host}/guide/g",
        ok("Guide d’utilisation de l’autorité"),
        "alive",
        "people type ' for ’",
        known={"title": "Guide d'utilisation"},
    ),
    Case(
        "title-entities",
        "https://{host}/guide/h",
        ok("Cr&eacute;er &amp; importer &#8211; l&rsquo;&#x61;ide"),
        "alive",
        "references stand for characters",
        known={"title": "Créer & importer – l’aide"},
    ),
    Case(
        "title-no-break-space",
        "https://{host}/guide/i",
        ok("Certificats\u00a0: aide&nbsp;en ligne"),
        "alive",
        "nobody sees which space it is",
        known={"title": "Certificats : aide en ligne"},
    ),
    Case(
        "title-over-lines",
        "https://{host}/guide/j",
        ok("\n   A guide\n\t to   certificates\n  "),
        "alive",
        "a browser shows the title on one line",
        known={"title": "A guide to certificates"},
    ),
    Case(
        "title-decomposed",
        "https://{host}/guide/k",
        ok("Re\u0301cupe\u0301rer un certificat"),
        "alive",
        "an accent apart looks like one in place",
        known={"title": "Récupérer un certificat"},
    ),
    Case(
        "title-words-in-other-order",
        "https://{host}/guide/l",
        ok("Certificates: importing them into Firefox"),
        ("alive", "doubtful"),
        "all the words are there, though people wrote them the other way round",
        known={"title": "importing certificates"},
    ),
    Case(
        "title-late",
        "https://{host}/guide/m",
        page("A guide to certificates", head=f"<style>{'.a{color:red} ' * 22000}</style>"),
        "alive",
        "some pages begin with 300 kB of style",
        known={"title": "guide to certificates"},
    ),
    Case(
        "title-of-svg-first",
        "https://{host}/guide/n",
        reply(
            "<html><head><meta charset=utf-8></head><body><svg><title>Search icon</title></svg>"
            f"<h1>x</h1>{PROSE}<title>A guide to certificates</title></body></html>"
        ),
        "alive",
        "the title of a drawing is not that of the page",
        known={"title": "guide to certificates"},
    ),
    Case(
        "title-of-svg-after",
        "https://{host}/guide/o",
        page("A guide to certificates", f"<svg><title>404 not found</title></svg>{PROSE}"),
        "alive",
        "the title of a drawing is not that of the page",
    ),
    Case(
        "title-of-svg-only",
        "https://{host}/guide/p",
        reply(
            f"<html><body><svg><title>A guide to certificates</title></svg>{PROSE}</body></html>"
        ),
        why="the title of a drawing is not that of the page",
        known={"title": "guide to certificates"},
        expected=("doubtful", "alive"),
        third=("dead", "alive"),
    ),
    Case(
        "title-in-comment",
        "https://{host}/guide/q",
        page(
            "A guide to certificates",
            head="<!-- <title>Page not found</title> -->\n"
            "<script>var t = '<title>404</title>';</script>\n",
        ),
        "alive",
        "neither a comment nor a script is read to the reader",
        known={"title": "guide to certificates"},
    ),
    Case(
        "title-in-capitals-with-attributes",
        "https://{host}/guide/r",
        reply(
            f'<HTML><HEAD><TITLE data-rh="true">A guide</TITLE></HEAD><BODY>{PROSE}</BODY></HTML>'
        ),
        "alive",
        "HTML may be written so",
        known={"title": "a guide"},
    ),
    Case(
        "latin-1-in-header",
        "https://{host}/guide/s",
        coded(french("Créer un certificat"), "latin-1", "text/html; charset=iso-8859-1"),
        "alive",
        "the header names the charset",
        known={"title": "Créer un certificat"},
    ),
    Case(
        "latin-1-in-meta",
        "https://{host}/guide/t",
        coded(french("Créer un certificat", "<meta charset=latin1>"), "latin-1", "text/html"),
        "alive",
        "the page names its charset",
        known={"title": "Créer un certificat"},
    ),
    Case(
        "windows-1252-called-latin-1",
        "https://{host}/guide/u",
        coded(french("L’autorité"), "cp1252", "text/html; charset=ISO-8859-1"),
        "alive",
        "browsers read it so (WHATWG Encoding)",
        known={"title": "L’autorité"},
    ),
    Case(
        "utf-16",
        "https://{host}/guide/v",
        coded("\ufeff" + french("Créer un certificat"), "utf-16-le", "text/html; charset=utf-16"),
        "alive",
        "browsers read it",
        known={"title": "Créer un certificat"},
    ),
    Case(
        "wrong-charset-plain-words",
        "https://{host}/guide/w",
        coded(french("Importer un certificat reçu"), "latin-1", "text/html; charset=utf-8"),
        "alive",
        "one character is wrong, the words that people know are not",
        known={"title": "Importer un certificat"},
    ),
    Case(
        "wrong-charset-accents",
        "https://{host}/guide/x",
        coded(french("Créer un certificat"), "latin-1", "text/html; charset=utf-8"),
        ("alive", "doubtful"),
        "the page is there, but its title is shown with a wrong character",
        third=("alive", "dead"),
        known={"title": "Créer un certificat"},
    ),
    Case(
        "mislabelled-utf-8",
        "https://{host}/guide/y",
        coded(
            french("Créer un certificat", "<meta charset=utf-8>"),
            "utf-8",
            "text/html; charset=iso-8859-1",
        ),
        ("alive", "doubtful"),
        "the page is there; a browser believes the header and shows wrong accents",
        third=("alive", "dead"),
        known={"title": "Créer un certificat"},
    ),
    Case(
        "unknown-charset",
        "https://{host}/guide/z",
        page("A guide to certificates", kind="text/html; charset=utf8mb4_unicode"),
        "alive",
        "browsers go on without it",
        known={"title": "guide to certificates"},
    ),
    Case(
        "xhtml",
        "https://{host}/guide/aa",
        coded(
            '<?xml version="1.0" encoding="iso-8859-1"?><html xmlns="http://www.w3.org/1999/xhtml">'
            f"<head><title>Créer</title></head><body>{FRENCH}</body></html>",
            "latin-1",
            "application/xhtml+xml",
        ),
        "alive",
        "browsers read it",
        known={"title": "Créer"},
    ),
    Case(
        "packed-gzip",
        "https://{host}/guide/ab",
        packed(html("A guide to certificates"), "gzip"),
        "alive",
        "that is usual",
        known={"title": "guide to certificates"},
    ),
    Case(
        "packed-brotli",
        "https://{host}/guide/ac",
        packed(html("A guide to certificates"), "br"),
        "alive",
        "that is usual, if asked for",
        known={"title": "guide to certificates"},
    ),
    Case(
        "packed-deflate",
        "https://{host}/guide/ad",
        packed(html("A guide to certificates"), "deflate"),
        "alive",
        "that is usual, if asked for",
        known={"title": "guide to certificates"},
    ),
    Case(
        "packed-unasked",
        "https://{host}/guide/ae",
        packed(html("A guide to certificates"), "gzip", only_if_asked=False),
        "alive",
        "each browser reads it, and asks for it",
        known={"title": "guide to certificates"},
    ),
    Case(
        "said-packed-but-plain",
        "https://{host}/guide/af",
        page("A guide to certificates", headers=("Content-Encoding: gzip",)),
        why="no browser shows it",
        **FAILS,
    ),
    Case(
        "encoding-of-no-meaning",
        "https://{host}/guide/ag",
        page("A guide to certificates", headers=("Content-Encoding: UTF-8",)),
        "alive",
        "browsers show it all the same",
    ),
    Case(
        "chunked",
        "https://{host}/guide/ah",
        chunked(html("A guide to certificates").encode()),
        "alive",
        "that is usual",
        known={"title": "guide to certificates"},
    ),
    Case(
        "chunked-without-end",
        "https://{host}/guide/ai",
        chunked(html("A guide to certificates").encode(), end=b""),
        ("alive", "doubtful"),
        "the whole page is shown, but HTTP says that it was cut",
        third=("alive", "dead"),
    ),
    Case(
        "chunked-badly",
        "https://{host}/guide/aj",
        raw(ok_head("Transfer-Encoding: chunked") + b"zz\r\n<title>x</title>\r\n"),
        why="nothing of it is shown",
        **FAILS,
    ),
    Case(
        "http-1.0",
        "https://{host}/guide/ak",
        raw(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + html("A guide").encode()),
        "alive",
        "old, and good",
        known={"title": "A guide"},
    ),
    Case(
        "closed-without-farewell",
        "https://{host}/guide/al",
        cut(ok_head() + html("A guide").encode()),
        ("alive", "doubtful"),
        "browsers show it, though the end might be missing",
        third=("alive", "dead"),
    ),
    Case(
        "status-without-reason",
        "https://{host}/guide/am",
        raw(b"HTTP/1.1 200\r\nConnection: close\r\n\r\n" + html("A guide").encode()),
        "alive",
        "the reason may be missing",
        known={"title": "A guide"},
    ),
    Case(
        "small-and-double-headers",
        "https://{host}/guide/an",
        raw(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-type: text/html\r\n"
            b"server: a\r\nserver: b\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n"
            b"x-empty:\r\nconnection: close\r\n\r\n" + html("A guide").encode()
        ),
        "alive",
        "the names of headers have no case",
        known={"title": "A guide"},
    ),
    Case(
        "line-feeds-only",
        "https://{host}/guide/ao",
        raw(
            b"HTTP/1.1 200 OK\nContent-Type: text/html\nConnection: close\n\n" + html("A").encode()
        ),
        ("alive", "doubtful"),
        "browsers accept it",
        third=("alive", "dead"),
    ),
    Case(
        "early-hints",
        "https://{host}/guide/ap",
        lambda ask: (
            b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" + (GOOD(ask) or b"")
        ),
        "alive",
        "the answer comes after the hints",
        known={"title": "guide to certificates"},
    ),
    Case(
        "many-headers",
        "https://{host}/guide/aq",
        page(
            "A guide",
            headers=(
                "Content-Security-Policy: " + "script-src https://cdn.example.org; " * 300,
                *(f"Set-Cookie: c{n}={'x' * 40}; Path=/; Secure" for n in range(40)),
            ),
        ),
        "alive",
        "14 kB of headers are met",
    ),
    Case(
        "enormous-header",
        "https://{host}/guide/ar",
        page("A guide", headers=("X-Enormous: " + "x" * 2_000_000,)),
        why="browsers give up on it",
        **FAILS,
    ),
    Case(
        "length-too-large",
        "https://{host}/guide/as",
        page("A guide", length=1000),
        ("alive", "doubtful"),
        "the whole page is shown, but HTTP says that it was cut",
        third=("alive", "dead"),
    ),
    Case(
        "length-too-small",
        "https://{host}/guide/at",
        page("A guide", length=-20),
        "alive",
        "all but the last tag is shown",
        known={"title": "A guide"},
    ),
    Case(
        "no-type",
        "https://{host}/guide/au",
        page("A guide to certificates", kind=""),
        "alive",
        "browsers see that it is HTML",
        known={"title": "guide to certificates"},
    ),
    Case(
        "plain-text",
        "https://{host}/guide/av.txt",
        reply("How to ask for a certificate.\n" * 20, kind="text/plain"),
        "alive",
        "a text is read as well as a page",
    ),
    Case(
        "json",
        "https://{host}/guide/aw.json",
        reply('{"message": "Not found is what you see if there is no key"}', kind="text/json"),
        "alive",
        "data may be what is meant",
    ),
    Case(
        "binary-download",
        "https://{host}/guide/ax.tar.gz",
        reply(bytes(range(256)) * 400, kind="application/octet-stream"),
        "alive",
        "a download is what is meant",
    ),
    Case(
        "pdf",
        "https://{host}/guide/ay.pdf",
        reply(PDF, kind="application/pdf"),
        "alive",
        "the document is there",
    ),
    Case(
        "pdf-at-a-page",
        "https://{host}/guide/az.pdf#page=3",
        reply(PDF, kind="application/pdf"),
        "alive",
        "the reader of the PDF turns to the page (RFC 8118): no text holds it",
    ),
    Case(
        "pdf-of-no-type",
        "https://{host}/guide/ba.pdf",
        reply(PDF, kind="application/octet-stream"),
        "alive",
        "the document is downloaded",
    ),
    Case(
        "pdf-is-a-list",
        "https://{host}/guide/bb.pdf",
        page("Documents – Example Institute", "<p>All our documents, by year.</p>" + PROSE),
        why="the document is no more there: a page stands in its place",
        expected=("doubtful", "walled"),
        third=("dead", "walled"),
    ),
    Case(
        "pdf-in-a-viewer",
        "https://{host}/guide/bc.pdf",
        page("guide.pdf · main · lab / documents · GitLab"),
        "alive",
        "the title that people know says that this page shows the document",
        known={"title": "guide.pdf"},
    ),
    Case(
        "percent-signs",
        "https://{host}/guide/%28a%29%2Fb%20c",
        GOOD,
        "alive",
        "it is there if the address is asked as it is written",
    ),
    Case(
        "query",
        "https://{host}/guide/bd?id=7&lang=fr",
        if_query(r"^id=7&lang=fr$", GOOD, not_found),
        "alive",
        "the query is a part of the address",
    ),
    Case(
        "large",
        "https://{host}/guide/be#end",
        page("A guide", PROSE * 5000 + '<h2 id="end">End</h2>'),
        "alive",
        "2 MB, and the anchor at the end",
    ),
    Case(
        "after-2-seconds",
        "https://{host}/guide/bf",
        later(2, GOOD),
        "alive",
        "people wait as long as that",
    ),
    Case(
        "root",
        "https://{host}/",
        HOME,
        "alive",
        "the start page is what is meant",
        on="alone",
    ),
    Case("other-port-by-root", "https://{host}/a", GOOD, "alive", "another chain", on="by-root"),
]

# The title that a page about certificates, locks and logins may have, and be good.
ODD_BUT_GOOD_CASES = [
    Case(
        "issue-about-not-found",
        "https://{host}/odd/a",
        page("private key not found · Issue 12 · lab/tool · GitHub"),
        "alive",
        "the title that people know has these words",
        known={"title": "private key not found"},
    ),
    Case(
        "issue-about-not-found-unknown",
        "https://{host}/odd/b",
        page("private key not found · Issue 13 · lab/tool · GitHub"),
        "alive",
        "it is there: it is not this page that is not found",
    ),
    Case(
        "article-about-404",
        "https://{host}/odd/c",
        page("HTTP 404 - Wikipedia", "<p>404 Not Found is what a server says…</p>" + PROSE),
        "alive",
        "the title that people know has these words",
        known={"title": "HTTP 404"},
    ),
    Case(
        "prose-about-not-found",
        "https://{host}/odd/d",
        ok("When it fails", f"{PROSE}<p>If you see “page not found” or 404, log in.</p>{PROSE}"),
        "alive",
        "a page may speak of errors",
    ),
    Case(
        "script-with-not-found",
        "https://{host}/odd/e",
        ok(
            "A guide",
            PROSE + '<script>const words = {"e404": "Page not found", "l": "Please log in"};'
            "</script><template><h1>404: page not found</h1></template>",
        ),
        "alive",
        "nobody sees these words",
    ),
    Case(
        "title-about-logging-in",
        "https://{host}/odd/login.html",
        ok("How to log in to the cluster", "<p>Type ssh and your password.</p>" + PROSE),
        "alive",
        "it tells how to log in, and asks for no login",
    ),
    Case(
        "login-box-in-the-corner",
        "https://{host}/odd/f",
        ok("A guide", BOX + PROSE * 4),
        "alive",
        "the page is there for whoever does not log in",
    ),
    Case(
        "page-about-captchas",
        "https://{host}/odd/g",
        ok("What is a captcha?", "<p>“Just a moment…”: are you a robot?</p>" + PROSE * 3),
        "alive",
        "it tells about challenges, and makes none",
    ),
    Case(
        "captcha-for-comments",
        "https://{host}/odd/h",
        ok(
            "A guide",
            f"{PROSE * 3}<form><textarea name=comment></textarea>"
            '<div class="g-recaptcha" data-sitekey="x"></div></form>'
            '<script src="https://www.google.com/recaptcha/api.js"></script>',
        ),
        "alive",
        "only comments need it",
    ),
    Case(
        "script-of-a-shield",
        "https://{host}/odd/i",
        ok(
            "A guide",
            f"{PROSE * 3}<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"
            "<script src='/cdn-cgi/scripts/5c5d/cloudflare-static/email-decode.js'></script>",
            headers=("Server: cloudflare", "CF-RAY: 8a1"),
        ),
        "alive",
        "the shield has let the reader through",
    ),
    Case(
        "no-script-refresh",
        "https://{host}/odd/j",
        ok("A guide", head='<noscript><meta http-equiv=refresh content="0;url=/x"></noscript>'),
        "alive",
        "it counts only without JavaScript",
    ),
    Case(
        "commented-refresh",
        "https://{host}/odd/k",
        ok("A guide", head='<!--[if IE]><meta http-equiv=refresh content="0;url=/x"><![endif]-->'),
        "alive",
        "it is a comment",
    ),
    Case(
        "domain-for-sale-in-prose",
        "https://{host}/odd/l",
        ok("A guide", f"{PROSE * 2}<p>Beware of whoever says that our domain is for sale.</p>"),
        "alive",
        "it tells about such pages",
    ),
    Case(
        "script-draws-all",
        "https://{host}/odd/m",
        reply(
            "<html><head><title>Portal</title></head><body><noscript>You need to enable JavaScript "
            'to run this app.</noscript><div id="root"></div><script src=/a.js></script></body>'
        ),
        ("alive", "walled"),
        "a browser shows it, a machine cannot tell what",
    ),
    Case(
        "maintenance-of-something-else",
        "https://{host}/odd/n",
        ok("Status of services", f"<p>Mail: under maintenance on Monday.</p>{PROSE * 2}"),
        "alive",
        "it tells about maintenance",
    ),
]

METHOD_CASES = [
    Case(
        "head-405",
        "https://{host}/method/a",
        if_method("HEAD", status("405 Method Not Allowed", headers=("Allow: GET",)), GOOD),
        "alive",
        "readers use GET",
    ),
    Case(
        "head-404",
        "https://{host}/method/b",
        if_method("HEAD", not_found, GOOD),
        "alive",
        "readers use GET",
    ),
    Case(
        "head-hangs",
        "https://{host}/method/c",
        if_method("HEAD", hold(), GOOD),
        "alive",
        "readers use GET",
    ),
    Case(
        "405",
        "https://{host}/method/d",
        status("405 Method Not Allowed"),
        why="readers get an error; some shields answer so to programs",
        expected=("doubtful", "walled"),
        third=("dead", "walled"),
    ),
    Case(
        "unknown-agents-refused",
        "https://{host}/method/e",
        if_header("user-agent", r"^Mozilla/5\.0", GOOD, FORBIDDEN),
        "alive",
        "readers have a browser, and its first word is Mozilla/5.0",
    ),
    Case(
        "bots-refused",
        "https://{host}/method/f",
        if_header("user-agent", r"(?i)bot|crawl|spider|python|curl|lychee|^$", FORBIDDEN, GOOD),
        ("alive", "walled"),
        "readers get it; an honest program may be refused",
    ),
    Case(
        "only-one-browser",
        "https://{host}/method/g",
        if_header("user-agent", r"Chrome/\d+.*Safari/", GOOD, FORBIDDEN),
        ("alive", "walled"),
        "readers get it; whoever does not pretend is refused",
    ),
    Case(
        "needs-accept",
        "https://{host}/method/h",
        if_header("accept", r".", GOOD, status("406 Not Acceptable")),
        "alive",
        "each browser says what it accepts",
    ),
    Case(
        "needs-accept-html",
        "https://{host}/method/i",
        if_header("accept", r"text/html", GOOD, status("406 Not Acceptable")),
        "alive",
        "each browser accepts text/html by name",
    ),
    Case(
        "html-only-if-asked",
        "https://{host}/method/j",
        if_header("accept", r"text/html", GOOD, reply('{"a": 1}', kind="application/ld+json")),
        "alive",
        "each browser accepts text/html by name",
        known={"title": "guide to certificates"},
    ),
    Case(
        "needs-accept-language",
        "https://{host}/method/k",
        if_header("accept-language", r".", GOOD, FORBIDDEN),
        ("alive", "walled"),
        "readers get it: each browser names its language",
    ),
]

STATUS_CASES = [
    Case(
        "204",
        "https://{host}/status/204",
        raw(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
        why="a click does nothing",
        **FAILS,
    ),
    Case(
        "206",
        "https://{host}/status/206",
        page("A guide", status="206 Partial Content"),
        ("alive", "doubtful"),
        "the page is shown; it should not be called a part",
        third=("alive", "dead"),
    ),
    Case(
        "300",
        "https://{host}/status/300",
        status("300 Multiple Choices", "<a href='/new/a'>One</a> <a href='/new/b'>other</a>"),
        why="readers get a choice, not the page",
        expected=("doubtful", "walled"),
        third=("dead", "walled"),
    ),
    Case(
        "304",
        "https://{host}/status/304",
        raw(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"),
        why="readers get an empty page",
        **FAILS,
    ),
    Case(
        "400",
        "https://{host}/status/400",
        status("400 Bad Request"),
        why="readers get an error",
        expected=("doubtful", "walled"),
        third=("dead", "walled"),
    ),
    Case(
        "401",
        "https://{host}/status/401",
        status("401 Unauthorized", headers=('WWW-Authenticate: Basic realm="Members"',)),
        "walled",
        "it asks for a login",
    ),
    Case(
        "401-known",
        "https://{host}/status/401k",
        status("401 Unauthorized", headers=('WWW-Authenticate: Basic realm="Members"',)),
        "alive",
        "people know that it asks for a login",
        known={"walled": SHOW_LOGIN},
    ),
    Case(
        "402",
        "https://{host}/status/402",
        status("402 Payment Required"),
        why="some can read it; a person looks",
        expected=("walled", "doubtful"),
        third=("walled", "dead"),
    ),
    Case("403", "https://{host}/status/403", FORBIDDEN, "walled", "it refuses, perhaps us only"),
    Case(
        "403-known",
        "https://{host}/status/403k",
        FORBIDDEN,
        "alive",
        "people know that it refuses programs",
        known={"walled": "it refuses programs"},
    ),
    Case(
        "403-of-a-store",
        "https://{host}/status/403s",
        status(
            "403 Forbidden",
            "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
            kind="application/xml",
        ),
        "walled",
        "it refuses, whatever the reason",
    ),
    Case("404", "https://{host}/status/404", not_found, why="it is not there now", **GONE),
    Case(
        "404-nice",
        "https://{host}/status/404n",
        ok("A guide to certificates", status="404 Not Found"),
        why="the number counts, not the page under it",
        known={"title": "guide to certificates"},
        **GONE,
    ),
    Case(
        "404-for-members",
        "https://{host}/status/404m",
        not_found,
        why="a login excuses a refusal, not that the page is gone",
        known={"walled": SHOW_LOGIN, "redirect": "to the language of the reader"},
        **GONE,
    ),
    Case(
        "404-with-anchor-excused",
        "https://{host}/status/404a#made-by-script",
        not_found,
        why="an anchor is excused, not that the page is gone",
        known={"anchor": "a script makes it"},
        **GONE,
    ),
    Case(
        "404-and-no-anchor",
        "https://{host}/status/404b#there",
        not_found,
        why="it is not there now",
        **GONE,
    ),
    Case("410", "https://{host}/status/410", status("410 Gone"), why="it says it is gone", **GONE),
    Case(
        "404-once",
        "https://{host}/status/404o",
        each_time(not_found, GOOD),
        ("doubtful", "alive"),
        "it is there whenever one looks again",
        later="alive",
    ),
    Case(
        "404-one-day",
        "https://{host}/status/404d",
        each_day(not_found, GOOD, not_found),
        "doubtful",
        "it came back between the two days",
        later="alive",
        third="doubtful",
    ),
    Case(
        "500-then-404-then-500",
        "https://{host}/status/404e",
        each_day(SERVER_ERROR, not_found, SERVER_ERROR),
        why="it fails on three different days",
        **FAILS,
    ),
    Case(
        "404-then-moved",
        "https://{host}/status/404f",
        each_day(not_found, redirect(301, "/new/back")),
        "doubtful",
        "its people have repaired it",
        later="moved",
        to="https://{host}/new/back",
    ),
    Case(
        "500-two-days",
        "https://{host}/status/500d",
        each_day(SERVER_ERROR, SERVER_ERROR, GOOD),
        "doubtful",
        "it is repaired on the third day",
        third="alive",
    ),
    Case(
        "500-each-other-day",
        "https://{host}/status/500e",
        each_day(SERVER_ERROR, GOOD, SERVER_ERROR),
        "doubtful",
        "it came back between the two days",
        later="alive",
        third="doubtful",
    ),
    Case(
        "418",
        "https://{host}/status/418",
        status("418 I'm a teapot"),
        why="some servers refuse programs so",
        expected=("walled", "doubtful"),
        third=("walled", "dead"),
    ),
    Case(
        "451",
        "https://{host}/status/451",
        status("451 Unavailable For Legal Reasons"),
        "walled",
        "it is refused here; a person looks",
    ),
    Case(
        "999",
        "https://{host}/status/999",
        status("999 Request denied"),
        "walled",
        "LinkedIn refuses programs so",
    ),
    Case("500", "https://{host}/status/500", SERVER_ERROR, why="it fails", **FAILS),
    Case(
        "500-for-members",
        "https://{host}/status/500m",
        SERVER_ERROR,
        why="a login excuses a refusal, not a failure",
        known={"walled": SHOW_LOGIN},
        **FAILS,
    ),
    Case(
        "500-nice",
        "https://{host}/status/500n",
        ok("A guide to certificates", status="500 Internal Server Error"),
        why="the number counts, not the page under it",
        known={"title": "guide to certificates"},
        **FAILS,
    ),
    Case("502", "https://{host}/status/502", status("502 Bad Gateway"), why="it fails", **FAILS),
    Case(
        "504", "https://{host}/status/504", status("504 Gateway Timeout"), why="it fails", **FAILS
    ),
    Case(
        "521",
        "https://{host}/status/521",
        status("521 Web Server Is Down", headers=("Server: cloudflare",)),
        why="the server behind the shield is down",
        **FAILS,
    ),
    Case(
        "500-once",
        "https://{host}/status/500o",
        each_time(SERVER_ERROR, GOOD),
        "alive",
        "asked again, it is there",
    ),
    Case(
        "503-once",
        "https://{host}/a",
        each_time(UNAVAILABLE, GOOD),
        "alive",
        "asked again, it is there",
        on="alone",
    ),
    Case(
        "503-twice",
        "https://{host}/a",
        each_time(UNAVAILABLE, UNAVAILABLE, GOOD),
        ("alive", "walled"),
        "asked a third time, it is there",
        later="alive",
        on="alone",
    ),
    Case(
        "503-for-ever",
        "https://{host}/a",
        status("503 Service Unavailable", headers=("Retry-After: 120",)),
        "walled",
        "it may be busy, or refuse programs: a person looks",
        on="alone",
    ),
    Case(
        "503-for-ever-at-once",
        "https://{host}/a",
        UNAVAILABLE,
        "walled",
        "it may be busy, or refuse programs: a person looks",
        on="alone",
    ),
    Case(
        "429-a-second",
        "https://{host}/a",
        until(1, status("429 Too Many Requests", headers=("Retry-After: 1",)), GOOD),
        "alive",
        "whoever waits as told gets it",
        on="alone",
    ),
    Case("429-an-hour", "https://{host}/a", TOO_MANY, "walled", "nobody waits so long", on="alone"),
    Case(
        "429-known",
        "https://{host}/a",
        TOO_MANY,
        "alive",
        "people know that it refuses programs",
        known={"walled": "it refuses programs"},
        on="alone",
    ),
    Case(
        "429-far-date",
        "https://{host}/a",
        status("429 Too Many Requests", headers=("Retry-After: Fri, 31 Dec 2099 23:59:59 GMT",)),
        "walled",
        "nobody waits so long",
        on="alone",
    ),
    Case(
        "429-negative",
        "https://{host}/a",
        each_time(status("429 Too Many Requests", headers=("Retry-After: -5",)), GOOD),
        "alive",
        "asked again, it is there",
        on="alone",
    ),
    Case(
        "429-garbage",
        "https://{host}/a",
        each_time(status("429 Too Many Requests", headers=("Retry-After: soon, 1e999",)), GOOD),
        "alive",
        "asked again, it is there",
        on="alone",
    ),
    Case(
        "429-huge-number",
        "https://{host}/a",
        status("429 Too Many Requests", headers=(f"Retry-After: {'9' * 40}",)),
        "walled",
        "nobody waits so long",
        on="alone",
    ),
    Case(
        "429-past-date",
        "https://{host}/a",
        each_time(
            status(
                "429 Too Many Requests", headers=("Retry-After: Thu, 01 Jan 1970 00:00:00 GMT",)
            ),
            GOOD,
        ),
        "alive",
        "asked again, it is there",
        on="alone",
    ),
    Case(
        "200-with-retry-after",
        "https://{host}/a",
        page("A guide", headers=("Retry-After: 3600",)),
        "alive",
        "it is there",
        on="alone",
    ),
]

BROKEN_CASES = [
    Case("never-answers", "https://{host}/broken/a", hold(), why="nothing comes", **FAILS),
    Case(
        "drips-headers",
        "https://{host}/broken/b",
        drip(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        why="nothing is shown",
        **FAILS,
    ),
    Case(
        "drips-body",
        "https://{host}/broken/c",
        drip(ok_head() + html("A guide").encode()),
        ("alive", "doubtful"),
        "the page is shown, and seems to load for ever",
        third=("alive", "dead"),
    ),
    Case(
        "drips-body-long-length",
        "https://{host}/broken/d",
        drip(ok_head("Content-Length: 1000000") + html("A guide").encode()),
        ("alive", "doubtful"),
        "the page is shown, and seems to load for ever",
        third=("alive", "dead"),
    ),
    Case(
        "headers-only",
        "https://{host}/broken/e",
        hold(ok_head("Content-Length: 1000")),
        why="nothing is shown",
        **FAILS,
    ),
    Case(
        "endless",
        "https://{host}/broken/f",
        flood(ok_head() + html("A guide").encode(), b"<p>on and on</p>\n" * 4096),
        ("alive", "doubtful"),
        "the page is shown, and grows; its memory is the danger",
        third=("alive", "dead"),
    ),
    Case(
        "endless-with-anchor",
        "https://{host}/broken/g#there",
        flood(ok_head() + html("A guide", ANCHORS).encode(), b"<p>on and on</p>\n" * 4096),
        ("alive", "doubtful"),
        "the page is shown at the anchor, and grows",
        third=("alive", "dead"),
    ),
    Case(
        "endless-without-anchor",
        "https://{host}/broken/h#nowhere",
        flood(ok_head() + html("A guide").encode(), b"<p>on and on</p>\n" * 4096),
        why="the anchor never comes",
        **FAILS,
    ),
    Case(
        "endless-line-of-nothing",
        "https://{host}/broken/i",
        flood(ok_head(), bytes(65536)),
        ("doubtful", "alive"),
        "nothing is shown; it might be a download",
        third=("dead", "alive"),
    ),
    Case(
        "endless-headers",
        "https://{host}/broken/j",
        flood(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n" * 4096),
        why="nothing is shown",
        **FAILS,
    ),
    Case(
        "bomb",
        "https://{host}/broken/k",
        bomb(html("A guide").encode()),
        ("alive", "doubtful"),
        f"the page is shown; the {FLOOD >> 20} MB after it are the danger",
        third=("alive", "dead"),
    ),
    Case(
        "bomb-with-anchor",
        "https://{host}/broken/l#nowhere",
        bomb(html("A guide").encode()),
        why="the anchor never comes",
        **FAILS,
    ),
    Case(
        "closes-at-once",
        "https://{host}/broken/m",
        cut(b""),
        why="nothing comes",
        **FAILS,
    ),
    Case("resets-at-once", "https://{host}/broken/n", reset(), why="nothing comes", **FAILS),
    Case(
        "resets-after-headers",
        "https://{host}/broken/o",
        reset(ok_head("Content-Length: 5000")),
        why="nothing of the page is shown",
        **FAILS,
    ),
    Case(
        "resets-in-the-middle",
        "https://{host}/broken/p",
        reset(ok_head("Content-Length: 5000") + html("A guide").encode()),
        ("doubtful", "alive"),
        "a part of the page is shown",
        third=("dead", "alive"),
    ),
    Case(
        "resets-once",
        "https://{host}/broken/q",
        each_time(reset(), GOOD),
        "alive",
        "asked again, it is there",
    ),
    Case(
        "hangs-once",
        "https://{host}/broken/r",
        each_time(hold(), GOOD),
        ("alive", "doubtful"),
        "asked again, it is there",
        later="alive",
    ),
    Case(
        "garbage",
        "https://{host}/broken/s",
        raw(bytes(range(256)) * 20),
        why="it does not speak HTTP",
        **FAILS,
    ),
    Case(
        "ssh-inside",
        "https://{host}/broken/t",
        raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
        why="it does not speak HTTP",
        **FAILS,
    ),
    Case(
        "status-of-letters",
        "https://{host}/broken/u",
        raw(b"HTTP/1.1 OK 200\r\nContent-Type: text/html\r\n\r\n" + html("A guide").encode()),
        why="it hardly speaks HTTP",
        **FAILS,
    ),
    Case(
        "empty",
        "https://{host}/broken/v",
        reply(b""),
        why="an empty page helps nobody",
        **FAILS,
    ),
    Case(
        "spaces-only",
        "https://{host}/broken/w",
        reply("  \n\n \t \n"),
        why="an empty page helps nobody",
        **FAILS,
    ),
    Case(
        "tags-only",
        "https://{host}/broken/x",
        reply("<!DOCTYPE html><html><head></head><body></body></html>"),
        why="an empty page helps nobody",
        **FAILS,
    ),
    Case(
        "title-only",
        "https://{host}/broken/y",
        page("", "", head="<title>A guide</title>"),
        ("doubtful", "alive", "walled"),
        "nothing is shown under the title; a script might",
        third=("dead", "alive", "walled"),
    ),
    Case("refused", "https://{host}/a", GOOD, why="nobody is there", on="refused", **FAILS),
    Case(
        "no-such-name",
        "https://gone.example-lab.invalid/guide",
        GOOD,
        why="the name is no more",
        on="alone",
        **FAILS,
    ),
]

TLS_CASES = [
    Case(
        f"tls-{kind}",
        "https://{host}/guide/" + kind,
        GOOD,
        why="the browser warns: a reader must not go on",
        on=kind,
        **FAILS,
    )
    for kind in ("expired", "not-yet", "wrong-host", "self-signed", "old-tls", "plain", "silent")
] + [
    Case(
        "tls-unknown-ca",
        "https://{host}/a",
        GOOD,
        why="browsers do not know the authority, as many of the grid",
        expected=("doubtful", "walled"),
        third=("dead", "walled"),
        on="unknown-ca",
    ),
    Case(
        "tls-incomplete-chain",
        "https://{host}/a",
        GOOD,
        why="some browsers find the missing certificate, others warn",
        expected=("doubtful", "walled"),
        third=("dead", "walled"),
        on="incomplete",
    ),
    Case(
        "tls-expired-for-members",
        "https://{host}/a",
        GOOD,
        why="a login does not excuse that the browser warns",
        known={"walled": SHOW_LOGIN, "redirect": "to the login"},
        on="expired",
        **FAILS,
    ),
    Case(
        "tls-client-certificate",
        "https://{host}/a",
        GOOD,
        why="it asks for a personal certificate, which is a login",
        expected=("walled", "doubtful"),
        third=("walled", "dead"),
        on="client-certificate",
    ),
    Case(
        "tls-client-certificate-known",
        "https://{host}/a",
        GOOD,
        "alive",
        "people know that it asks for a personal certificate",
        known={"walled": "it asks for a personal certificate"},
        on="client-certificate",
    ),
    Case(
        "no-client-certificate-sent",
        "https://{host}/tls/a",
        status("400 Bad Request", html("400 No required SSL certificate was sent")),
        why="nginx asks so for a personal certificate",
        expected=("walled", "doubtful"),
        third=("walled", "dead"),
    ),
]

# What a permanent redirect to a good page may look like, by the name of the case: its number,
# what Location says, and the address to be proposed.
MOVES = {
    "301": (301, "/new/a", "https://{host}/new/a"),
    "308": (308, "/new/b", "https://{host}/new/b"),
    "301-whole-address": (301, "https://{host}/new/c", "https://{host}/new/c"),
    "301-other-host": (301, "https://{other}/new/d", "https://{other}/new/d"),
    "301-no-scheme": (301, "//{other}/new/e", "https://{other}/new/e"),
    "301-relative": (301, "../new/f", "https://{host}/new/f"),
    "301-dots": (301, "/new/x/y/../../g", "https://{host}/new/g"),
    "301-space": (301, "/new/two words", "https://{host}/new/two%20words"),
    "301-utf-8": (301, "/new/créer", "https://{host}/new/cr%C3%A9er"),
    "301-escaped": (301, "/new/cr%C3%A9er", "https://{host}/new/cr%C3%A9er"),
    "301-query": (301, "/new/h?id=7&lang=fr", "https://{host}/new/h?id=7&lang=fr"),
    "301-with-anchor": (301, "/new/i#there", "https://{host}/new/i#there"),
}

MOVED_CASES = [
    Case(
        name,
        f"https://{{host}}/old/{name}",
        redirect(code, location),
        "moved",
        "it has moved for good, to a good page",
        to=to,
    )
    for name, (code, location, to) in MOVES.items()
] + [
    Case(
        "301-slash",
        "https://{host}/old/slash",
        redirect(301, "/old/slash/"),
        "moved",
        "the address with a slash saves each reader a step",
        to="https://{host}/old/slash/",
        also={"/old/slash/": GOOD},
    ),
    Case(
        "301-keeps-anchor",
        "https://{host}/old/anchor#there",
        redirect(301, "/new/anchor"),
        "moved",
        "a browser keeps the anchor",
        to="https://{host}/new/anchor#there",
    ),
    Case(
        "301-other-anchor",
        "https://{host}/old/anchors#there",
        redirect(301, "/new/anchors#by-name"),
        "moved",
        "the new anchor wins (RFC 9110, 10.2.2)",
        to="https://{host}/new/anchors#by-name",
    ),
    Case(
        "301-anchor-missing",
        "https://{host}/old/no-anchor#nowhere",
        redirect(301, "/new/no-anchor"),
        ("moved", "doubtful"),
        "it has moved, but what was linked in it is no more there",
        third=("moved", "dead"),
        to="https://{host}/new/no-anchor#nowhere",
    ),
    Case(
        "301-title-fits",
        "https://{host}/old/title",
        redirect(301, "https://{other}/new/title"),
        "moved",
        "the page that people know has moved",
        known={"title": "guide to certificates"},
        to="https://{other}/new/title",
    ),
    Case(
        "301-title-missing",
        "https://{host}/old/other-title",
        redirect(301, "/docs/"),
        why="it leads to another page than people know",
        known={"title": "guide to certificates"},
        **FAILS,
    ),
    Case(
        "301-known",
        "https://{host}/old/known",
        redirect(301, "/new/known"),
        "alive",
        "people know why it redirects",
        known={"redirect": "a short address, which its people keep up to date"},
    ),
    Case(
        "301-five",
        "https://{host}/five/0",
        redirect(301, "/five/1"),
        "moved",
        "the last page is where it has moved",
        to="https://{host}/new/five",
        also=chain("/five", 5, 301, "/new/five"),
    ),
    Case(
        "301-then-302",
        "https://{host}/old/then",
        redirect(301, "/old/then-302"),
        ("moved", "alive"),
        "for good, but only the first step",
        to="https://{host}/old/then-302",
        also={"/old/then-302": redirect(302, "/new/then")},
    ),
    Case(
        "301-for-everything",
        "https://{host}/a/b",
        redirect(301, "https://{other}/new/b"),
        "moved",
        "the whole site has a new name",
        to="https://{other}/new/b",
        on="alone",
    ),
    Case(
        "301-root-to-root",
        "https://{host}/",
        redirect(301, "https://{other}/"),
        "moved",
        "a start page that leads to another is the page meant",
        to="https://{other}/",
        on="alone",
    ),
    Case(
        "301-tracked",
        "https://{host}/old/tracked",
        redirect(301, "/new/tracked?utm_source=old-site&utm_medium=redirect"),
        ("moved", "alive"),
        "it has moved; what follows readers is no part of the address",
        to="https://{host}/new/tracked",
    ),
    Case(
        "301-to-plain",
        "https://{host}/old/plain",
        redirect(301, "http://{plain}/new/plain"),
        ("walled", "alive", "doubtful"),
        "readers get the page, but unprotected: such an address must not be proposed",
        third=("walled", "alive", "dead"),
    ),
    Case(
        "302-to-plain",
        "https://{host}/old/plain-now",
        redirect(302, "http://{plain}/new/plain"),
        ("walled", "alive", "doubtful"),
        "readers get the page, but unprotected",
        third=("walled", "alive", "dead"),
    ),
    Case(
        "301-over-plain",
        "https://{host}/old/over-plain",
        redirect(301, "http://{plain}/over-plain"),
        ("moved", "alive"),
        "readers come back to a protected page, over one step that is not",
        to="https://{first}/new/over-plain",
    ),
    Case(
        "refresh",
        "https://{host}/old/refresh",
        refresh("0", "/new/refresh"),
        "moved",
        "a page that leads on at once is a redirect",
        to="https://{host}/new/refresh",
    ),
    Case(
        "refresh-relative",
        "https://{host}/old/refresh-relative",
        reply(
            "<html><head><meta content='0;URL=\"../new/relative\"' http-equiv=Refresh>"
            "<link rel=canonical href='../new/relative'></head>"
            "<body><script>location.replace('../new/relative')</script></body></html>"
        ),
        "moved",
        "documentation that has moved leads on so",
        to="https://{host}/new/relative",
    ),
    Case(
        "refresh-header",
        "https://{host}/old/refresh-header",
        page("Moved", headers=("Refresh: 0; url=/new/refresh-header",)),
        ("moved", "alive"),
        "browsers follow it, though no standard has it",
        to="https://{host}/new/refresh-header",
    ),
    Case(
        "refresh-other-host",
        "https://{host}/old/refresh-host",
        refresh("1", "https://{other}/new/refresh"),
        "moved",
        "a second is at once",
        to="https://{other}/new/refresh",
    ),
    Case(
        "refresh-to-404",
        "https://{host}/old/refresh-404",
        refresh("0", "/nothing-here"),
        why="readers end on a page that is not there",
        **GONE,
    ),
    Case(
        "refresh-to-login",
        "https://{host}/old/refresh-login",
        refresh("0", "/login?next=/old/refresh-login"),
        "walled",
        "readers end at a login",
    ),
    Case(
        "refresh-to-itself",
        "https://{host}/old/refresh-itself",
        refresh("0", "/old/refresh-itself", PROSE),
        ("alive", "doubtful"),
        "the page is shown again and again",
        third=("alive", "dead"),
    ),
    Case(
        "refresh-itself-after-minutes",
        "https://{host}/old/refresh-minutes",
        ok("A guide", head='<meta http-equiv="refresh" content="300">'),
        "alive",
        "the page keeps itself up to date",
    ),
    Case(
        "refresh-after-30-s",
        "https://{host}/old/refresh-late",
        refresh("30", "/new/refresh-late", "<p>We have moved.</p>" + PROSE),
        ("alive", "moved", "walled"),
        "readers can read it, and are told that it has moved",
        to="https://{host}/new/refresh-late",
    ),
    Case(
        "refresh-to-garbage",
        "https://{host}/old/refresh-garbage",
        refresh("0", "https://[nowhere", PROSE),
        ("alive", "doubtful"),
        "no browser leaves the page, which is there",
        third=("alive", "dead"),
    ),
    Case(
        "script-leads-on",
        "https://{host}/old/script",
        reply("<html><script>location.replace('/new/script')</script></html>"),
        ("moved", "doubtful", "walled"),
        "readers get on; without JavaScript it is empty",
        third=("moved", "dead", "walled"),
        to="https://{host}/new/script",
    ),
]

REDIRECT_CASES = [
    Case(
        f"{code}-good",
        f"https://{{host}}/now/{code}",
        redirect(code, f"/new/{code}"),
        "alive",
        "for the moment, it leads to the page: its address stays",
    )
    for code in (302, 303, 307)
] + [
    Case(
        "302-then-301",
        "https://{host}/now/then",
        redirect(302, "/now/then-301"),
        "alive",
        "its own redirect is for the moment: its address stays",
        also={"/now/then-301": redirect(301, "/new/then")},
    ),
    Case(
        "302-other-host",
        "https://{host}/now/other",
        redirect(302, "https://{other}/new/other"),
        "alive",
        "for the moment, it leads to the page",
    ),
    Case(
        "302-title-missing",
        "https://{host}/now/title",
        redirect(302, "/docs/"),
        why="it leads to another page than people know",
        known={"title": "guide to certificates"},
        **FAILS,
    ),
    Case(
        "302-five",
        "https://{host}/way/0",
        redirect(302, "/way/1"),
        "alive",
        "browsers follow five",
        also=chain("/way", 5, 302, "/new/way"),
    ),
    Case(
        "302-25",
        "https://{host}/long/0",
        redirect(302, "/long/1"),
        why="browsers give up after 20",
        also=chain("/long", 25, 302, "/new/long"),
        **FAILS,
    ),
    Case(
        "302-with-session",
        "https://{host}/now/session",
        redirect(302, "/now/session;jsessionid=0A1B2C"),
        "alive",
        "the page is there",
        also={"/now/session;jsessionid=0A1B2C": GOOD},
    ),
    Case(
        "301-with-session",
        "https://{host}/now/session-301",
        redirect(301, "/now/session-301?PHPSESSID=0a1b2c3d"),
        ("alive", "moved"),
        "the page is there; the session is no part of its address",
        also={"/now/session-301?PHPSESSID=0a1b2c3d": GOOD},
        to="https://{host}/now/session-301",
    ),
    Case(
        "302-root-to-language",
        "https://{host}/",
        redirect(302, "/en/"),
        "alive",
        "the start page in the reader’s language",
        on="alone",
    ),
    Case(
        "301-root-to-language",
        "https://{host}/",
        redirect(301, "/en/"),
        ("alive", "moved"),
        "the start page in the reader’s language, though it says for good",
        to="https://{host}/en/",
        on="alone",
    ),
    Case(
        "302-with-cookie",
        "https://{host}/now/cookie",
        if_header(
            "cookie", "seen=1", GOOD, redirect(302, "/now/cookie", "Set-Cookie: seen=1; Path=/")
        ),
        "alive",
        "browsers keep the cookie, and get on",
    ),
    Case(
        "302-over-a-portal",
        "https://{host}/now/portal",
        if_query(
            "ticket=ST-",
            GOOD,
            redirect(302, "/gateway/portal"),
        ),
        "alive",
        "a portal looks whether there is a login, and lets all through",
        also={"/gateway/portal": redirect(302, "/now/portal?ticket=ST-1")},
    ),
    Case(
        "loop",
        "https://{host}/now/loop",
        redirect(302, "/now/loop"),
        why="browsers give up",
        **FAILS,
    ),
    Case(
        "301-loop-of-two",
        "https://{host}/now/ping",
        redirect(301, "/now/pong"),
        why="browsers give up",
        also={"/now/pong": redirect(301, "/now/ping")},
        **FAILS,
    ),
    Case(
        "301-without-location",
        "https://{host}/now/nowhere",
        status("301 Moved Permanently"),
        why="it does not say where to",
        **FAILS,
    ),
    Case(
        "301-empty-location",
        "https://{host}/now/empty",
        redirect(301, ""),
        why="it does not say where to",
        **FAILS,
    ),
    Case(
        "302-garbage",
        "https://{host}/now/garbage",
        redirect(302, "https://[::nothing/%zz"),
        why="browsers cannot read where to",
        **FAILS,
    ),
    Case(
        "302-to-script",
        "https://{host}/now/script",
        redirect(302, "javascript:alert(1)"),
        why="browsers do not follow it",
        **FAILS,
    ),
    Case(
        "302-to-file",
        "https://{host}/now/file",
        redirect(302, "file:///etc/passwd"),
        why="browsers do not follow it, and nor must we",
        **FAILS,
    ),
    Case(
        "301-to-404",
        "https://{host}/now/404",
        redirect(301, "/nothing"),
        why="it ends where nothing is",
        **GONE,
    ),
    Case(
        "301-known-to-404",
        "https://{host}/now/404-known",
        redirect(301, "/nothing"),
        why="people know why it redirects, not that it ends where nothing is",
        known={"redirect": "a short address, which its people keep up to date"},
        **GONE,
    ),
    Case(
        "301-to-403",
        "https://{host}/now/403",
        redirect(301, "/forbidden"),
        "walled",
        "it ends where we are refused",
    ),
    Case("301-to-500", "https://{host}/now/500", redirect(301, "/broken"), why="it fails", **FAILS),
    Case(
        "301-to-no-name",
        "https://{host}/now/invalid",
        redirect(301, "https://new.example-lab.invalid/"),
        why="it leads to a name that is not there",
        **FAILS,
    ),
    Case(
        "301-to-home",
        "https://{host}/docs/2019/guide",
        redirect(301, "/"),
        why="the page is no more: the start page stands in its place",
        **FAILS,
    ),
    Case(
        "302-to-home",
        "https://{host}/docs/2019/guide-2",
        redirect(302, "/"),
        why="the page is no more: the start page stands in its place",
        **FAILS,
    ),
    Case(
        "302-to-home-known",
        "https://{host}/docs/2019/guide-3",
        redirect(302, "/"),
        "alive",
        "people know why it redirects",
        known={"redirect": "the start page is all that whoever has no login sees"},
    ),
    Case(
        "301-to-other-home",
        "https://{host}/docs/2019/guide-4",
        redirect(301, "https://{other}/"),
        why="the site has a new name, and has lost the page",
        **FAILS,
    ),
    Case(
        "301-to-home-in-language",
        "https://{host}/docs/2019/guide-5",
        redirect(301, "/en/"),
        why="the page is no more: the start page stands in its place",
        **FAILS,
    ),
    Case(
        "302-to-index",
        "https://{host}/docs/2019/guide-6",
        redirect(302, "/index.html"),
        why="the page is no more: the start page stands in its place",
        **FAILS,
    ),
    Case(
        "301-to-home-with-reason",
        "https://{host}/docs/2019/guide-7",
        redirect(301, "/?from=/docs/2019/guide-7"),
        why="the page is no more: the start page stands in its place",
        **FAILS,
    ),
    Case(
        "301-to-chapters",
        "https://{host}/docs/2019/guide-8",
        redirect(301, "/docs/"),
        ("doubtful", "moved"),
        "not the page, but where one can look for it",
        third=("dead", "moved"),
        to="https://{host}/docs/",
    ),
    Case(
        "home-with-200",
        "https://{host}/docs/2019/guide-9",
        HOME,
        why="the start page stands at each address that is no more",
        known={"title": "guide to certificates"},
        **FAILS,
    ),
    Case(
        "home-with-200-unknown",
        "https://{host}/docs/2019/guide-10",
        HOME,
        ("doubtful", "alive"),
        "without words to look for, only whoever reads it sees that it is the start page",
        third=("dead", "alive"),
    ),
]

SOFT_CASES = [
    Case(
        "302-to-error-page",
        "https://{host}/soft/a",
        redirect(302, "/404.html"),
        why="it says that the page is not there",
        **GONE,
    ),
    Case(
        "301-to-error-page",
        "https://{host}/soft/b",
        redirect(301, "/404.html"),
        why="it says that the page is not there, and this has not moved",
        **GONE,
    ),
    Case(
        "soft-404",
        "https://{host}/soft/c",
        reply(SOFT),
        why="it says that the page is not there",
        **GONE,
    ),
    Case(
        "soft-404-number",
        "https://{host}/soft/d",
        page("404", "<p>Oops! We can’t find the page you are looking for.</p>"),
        why="it says that the page is not there",
        **GONE,
    ),
    Case(
        "soft-404-french",
        "https://{host}/soft/e",
        page("Page introuvable | Institut", "<p>La page demandée n’existe pas.</p>"),
        why="it says that the page is not there",
        **GONE,
    ),
    Case(
        "soft-404-french-2",
        "https://{host}/soft/f",
        page("Erreur 404 - Page non trouvée", "<p>Désolé, cette page n’existe plus.</p>"),
        why="it says that the page is not there",
        **GONE,
    ),
    Case(
        "soft-404-title-known",
        "https://{host}/soft/g",
        reply(SOFT),
        why="it says that the page is not there, and the words people know are missing",
        known={"title": "guide to certificates"},
        **GONE,
    ),
    Case(
        "soft-404-heading",
        "https://{host}/soft/h",
        reply(
            "<html><head><title>Example Institute</title></head><body>"
            "<h1>Page not found</h1><p>Sorry, the page you asked for does not exist.</p></body>"
        ),
        why="it says that the page is not there, though not in its title",
        **GONE,
    ),
    Case(
        "soft-404-of-a-wiki",
        "https://{host}/soft/i",
        page(
            "Certificates - LabWiki",
            "<p>There is currently no text in this page. You can search for this page title in "
            "other pages.</p>",
        ),
        why="it says that nothing is there",
        expected="doubtful",
        later=("doubtful", "dead"),
        third="dead",
    ),
    Case(
        "soft-500",
        "https://{host}/soft/j",
        page("500 Internal Server Error", "<p>Something went wrong.</p>"),
        why="it says that it fails",
        **FAILS,
    ),
    Case(
        "soft-maintenance",
        "https://{host}/soft/k",
        page("Site under maintenance", "<p>We will be back soon.</p>"),
        why="it says that it is not there today",
        expected=("doubtful", "walled"),
        third=("dead", "walled"),
    ),
    Case(
        "parked",
        "https://{host}/soft/l",
        reply(PARKED),
        why="the name has been lost",
        **FAILS,
    ),
    Case(
        "301-to-parked",
        "https://{host}/soft/m",
        redirect(301, "/soft/m/lander"),
        why="the name has been lost: a dealer’s page is nothing to propose",
        also={"/soft/m/lander": reply(PARKED)},
        **FAILS,
    ),
    Case(
        "parked-in-french",
        "https://{host}/soft/n",
        page("example-lab.fr est à vendre", "<p>Ce nom de domaine est à vendre.</p>"),
        why="the name has been lost",
        **FAILS,
    ),
    Case(
        "nginx",
        "https://{host}/soft/o",
        page(
            "Welcome to nginx!",
            "<p>If you see this page, the nginx web server is successfully installed and working. "
            "Further configuration is required.</p>",
        ),
        why="the server has been set up anew, without the page",
        **FAILS,
    ),
    Case(
        "apache",
        "https://{host}/soft/p",
        reply("<html><body><h1>It works!</h1></body></html>"),
        why="the server has been set up anew, without the page",
        **FAILS,
    ),
    Case(
        "apache-of-debian",
        "https://{host}/soft/q",
        page("Apache2 Debian Default Page: It works", "<p>This is the default welcome page.</p>"),
        why="the server has been set up anew, without the page",
        **FAILS,
    ),
    Case(
        "suspended",
        "https://{host}/soft/r",
        page("Account Suspended", "<p>This account has been suspended. Contact your provider.</p>"),
        why="nobody pays for the site any more",
        **FAILS,
    ),
]

LOGINS = {
    "same-host": "/login?next=%2Fmembers%2Fguide",
    "other-host": "https://{other}/login?back=https%3A%2F%2F{host}%2Fmembers",
    "cas": "https://{other}/cas/login?service=https%3A%2F%2F{host}%2Fmembers",
    "saml": "https://{other}/idp/profile/SAML2/Redirect/SSO?SAMLRequest=fZJNT8M",
    "openid": "https://{other}/realms/lab/protocol/openid-connect/auth?client_id=wiki&"
    "response_type=code&redirect_uri=https%3A%2F%2F{host}%2Fmembers",
    "wordpress": "/wp-login.php?redirect_to=%2Fmembers",
    "mediawiki": "/index.php?title=Special:UserLogin&returnto=Guide",
    "sharepoint": "/_layouts/15/Authenticate.aspx?Source=%2Fmembers",
    "gitlab": "/users/sign_in",
    "discovery": "/Shibboleth.sso/Login?target=ss%3Amem%3A1",
}

WALLED_CASES = (
    [
        Case(
            f"login-{name}",
            f"https://{{host}}/members/{name}",
            redirect(302, location),
            "walled",
            "readers are asked for a login",
            also={} if location.startswith(("https:", "/login")) else {location: LOGIN},
        )
        for name, location in LOGINS.items()
        if name != "discovery"
    ]
    + [
        Case(
            "login-discovery",
            "https://{host}/members/discovery",
            redirect(302, LOGINS["discovery"]),
            "walled",
            "readers are asked which institute they are from, then for a login",
            also={
                LOGINS["discovery"]: redirect(302, "/wayf/ds?entityID=https%3A%2F%2F{host}"),
                "/wayf/ds": page(
                    "Select your identity provider",
                    "<p>Choose your institution to log in.</p><select name=user_idp><option "
                    "value=a>University A<option value=b>Institute B</select>",
                ),
            },
        ),
        Case(
            "login-301",
            "https://{host}/members/for-good",
            redirect(301, "/login?next=/members/for-good"),
            "walled",
            "a login is no new address of the page",
        ),
        Case(
            "login-redirect-known-only",
            "https://{host}/members/known-redirect",
            redirect(302, "/login"),
            why="people know that it redirects, not that it asks for a login",
            expected=("walled", "alive"),
            known={"redirect": "to the language of the reader"},
        ),
        Case(
            "login-known",
            "https://{host}/members/known",
            redirect(302, "https://{other}/cas/login?service=x"),
            "alive",
            "people know that it asks for a login",
            known={"walled": SHOW_LOGIN},
        ),
        Case(
            "login-known-with-title",
            "https://{host}/members/known-title",
            redirect(302, "/login"),
            "alive",
            "people know that it asks for a login, in whose place stands the title they know",
            known={"walled": SHOW_LOGIN, "title": "guide to certificates"},
        ),
        Case(
            "login-with-anchor",
            "https://{host}/members/anchor#there",
            redirect(302, "/login?next=/members/anchor"),
            "walled",
            "the anchor is behind the login",
        ),
        Case(
            "login-known-with-anchor",
            "https://{host}/members/known-anchor#there",
            redirect(302, "/login?next=/members/known-anchor"),
            "alive",
            "people know that it asks for a login, and the anchor is behind it",
            known={"walled": SHOW_LOGIN},
        ),
        Case("login-in-place", "https://{host}/members/a", LOGIN, "walled", "it asks for a login"),
        Case(
            "login-in-place-french",
            "https://{host}/members/b",
            page(
                "Connexion – Service central d’authentification",
                "<form method=post><input name=username placeholder=Identifiant>"
                "<input type=password name=password placeholder='Mot de passe'>"
                "<button>Se connecter</button></form>",
            ),
            "walled",
            "it asks for a login",
        ),
        Case(
            "login-in-two-steps",
            "https://{host}/members/c",
            page(
                "Sign in to your account",
                "<form method=post><label>E-mail <input type=email name=loginfmt></label>"
                "<button>Next</button></form>",
            ),
            "walled",
            "it asks for a login, the password on the next page",
        ),
        Case(
            "login-by-script",
            "https://{host}/members/d",
            page(
                "Working...",
                "<form method=post action='https://{other}/idp/profile/SAML2/POST/SSO'>"
                "<input type=hidden name=SAMLRequest value=PHNhbWw></form>"
                "<script>document.forms[0].submit()</script>",
            ),
            "walled",
            "a browser goes on to a login by itself",
        ),
        Case(
            "login-in-place-known",
            "https://{host}/members/e",
            LOGIN,
            "alive",
            "people know that it asks for a login",
            known={"walled": SHOW_LOGIN},
        ),
        Case(
            "portal",
            "https://{host}/",
            page("Certificate Portal – Log in", FORM),
            "alive",
            "the login is the page meant: its title is the one people know",
            known={"title": "Certificate Portal"},
            on="alone",
        ),
        Case(
            "portal-with-redirect",
            "https://{host}/",
            redirect(302, "/login"),
            ("alive", "walled"),
            "the login is the page meant: its title is the one people know",
            known={"title": "Log in – Example Institute"},
            on="alone",
        ),
    ]
    + [
        Case(f"wall-{name}", f"https://{{host}}/wall/{name}", answer, "walled", why)
        for name, answer, why in [
            (
                "cloudflare",
                status(
                    "403 Forbidden",
                    html("Just a moment...", "<p>Verifying you are human.</p>"),
                    headers=("cf-mitigated: challenge", "Server: cloudflare"),
                ),
                "a shield asks who is there",
            ),
            (
                "cloudflare-503",
                status(
                    "503 Service Temporarily Unavailable",
                    html("Just a moment...", "<p>Checking your browser before accessing.</p>"),
                    headers=("Server: cloudflare",),
                ),
                "a shield asks who is there",
            ),
            (
                "cloudflare-200",
                page(
                    "Just a moment...",
                    "<noscript>Enable JavaScript and cookies to continue</noscript>"
                    "<script>window._cf_chl_opt={}</script>",
                ),
                "a shield asks who is there",
            ),
            (
                "cloudflare-block",
                status(
                    "403 Forbidden",
                    html(
                        "Attention Required! | Cloudflare", "<h1>Sorry, you have been blocked</h1>"
                    ),
                ),
                "a shield refuses us",
            ),
            (
                "anubis",
                page(
                    "Making sure you&#39;re not a bot!",
                    "<p>Loading... Protected by Anubis from Techaro.</p>"
                    "<script id='anubis_challenge' type='application/json'>{}</script>",
                ),
                "a shield makes the browser calculate",
            ),
            (
                "aws-202",
                status(
                    "202 Accepted",
                    " ",
                    headers=("x-amzn-waf-action: challenge", "Cache-Control: no-store"),
                ),
                "a shield makes the browser calculate, on an empty page",
            ),
            (
                "aws-405",
                status(
                    "405 Method Not Allowed",
                    html("Human Verification", "<p>Confirm you are human</p>"),
                    headers=("x-amzn-waf-action: captcha",),
                ),
                "a shield asks who is there",
            ),
            (
                "imperva",
                reply(
                    "<html><head><META NAME='robots' CONTENT='noindex'></head><body><iframe "
                    "id='main-iframe' src='/_Incapsula_Resource?CWUDNSAI=9&incident_id=1'>"
                    "Request unsuccessful. Incapsula incident ID: 1-2</iframe></body></html>"
                ),
                "a shield refuses us with 200",
            ),
            (
                "f5",
                page(
                    "Request Rejected",
                    "<p>The requested URL was rejected. Please consult with your administrator.</p>"
                    "<p>Your support ID is: 123456789</p>",
                ),
                "a shield refuses us with 200",
            ),
            (
                "akamai",
                status(
                    "403 Forbidden",
                    html("Access Denied", "<p>You don't have permission. Reference #18.2d</p>"),
                    headers=("Server: AkamaiGHost",),
                ),
                "a shield refuses us",
            ),
            (
                "denied-200",
                page("Access Denied", "<p>You do not have permission to access this page.</p>"),
                "it refuses us with 200",
            ),
            (
                "captcha",
                page(
                    "Are you a robot?",
                    "<p>Please complete the captcha to continue.</p>"
                    "<form><div class='h-captcha' data-sitekey='x'></div></form>",
                ),
                "it asks who is there",
            ),
            (
                "captcha-french",
                page(
                    "Vérification de sécurité",
                    "<p>Vérifiez que vous n’êtes pas un robot pour continuer.</p>"
                    "<div class='g-recaptcha' data-sitekey='x'></div>",
                ),
                "it asks who is there",
            ),
            (
                "ddos-guard",
                status(
                    "403 Forbidden",
                    html("DDOS-GUARD", "<p>Checking your browser before accessing the site.</p>"),
                    headers=("Server: ddos-guard",),
                ),
                "a shield asks who is there",
            ),
        ]
    ]
    + [
        Case(
            "wall-known",
            "https://{host}/wall/known",
            page("Just a moment...", "<script>window._cf_chl_opt={}</script>"),
            "alive",
            "people know that it refuses programs",
            known={"walled": "it refuses programs"},
        ),
        Case(
            "wall-503-known",
            "https://{host}/a",
            status("503 Service Unavailable", html("Just a moment...", "<p>Checking.</p>")),
            "alive",
            "people know that it refuses programs",
            known={"walled": "it refuses programs"},
            on="alone",
        ),
        Case(
            "wall-with-title-known",
            "https://{host}/wall/title",
            page("Making sure you&#39;re not a bot!", "<p>Protected by Anubis from Techaro.</p>"),
            "walled",
            "the title is missing because a shield asks who is there",
            known={"title": "guide to certificates"},
        ),
        Case(
            "wall-with-anchor",
            "https://{host}/wall/anchor#there",
            status("403 Forbidden", html("Just a moment..."), headers=("cf-mitigated: challenge",)),
            "walled",
            "the anchor is behind the shield",
        ),
        Case(
            "wall-consent",
            "https://{host}/wall/consent",
            redirect(302, "https://{other}/consent?continue=https%3A%2F%2F{host}"),
            ("walled", "doubtful"),
            "readers are asked for a consent first",
            third=("walled", "dead"),
        ),
        Case(
            "wall-by-redirect",
            "https://{host}/wall/redirect",
            redirect(302, "/captcha/validate?ssa=1"),
            "walled",
            "a shield asks who is there, at its own address",
            also={"/captcha/validate": page("Captcha", "<p>Please prove that you are human.</p>")},
        ),
    ]
)

ANCHOR_CASES = (
    [
        Case(f"anchor-{name}", f"https://{{host}}/anchor/{name}#{anchor}", GOOD, "alive", why)
        for name, anchor, why in [
            ("there", "there", "it is there"),
            ("by-name", "by-name", "an old way to write it"),
            ("bare", "bare", "written without quotes"),
            ("accents", "cr%C3%A9er-une-copie", "it is there, escaped"),
            ("raw-accents", "créer-une-copie", "it is there"),
            ("brackets", "a%28b%29", "it is there, escaped"),
            (
                "github",
                "on-github",
                "GitHub writes user-content- before it, and its script finds it",
            ),
            ("text", ":~:text=you%20ask", "browsers search the text"),
            (
                "there-and-text",
                "there:~:text=you%20ask",
                "it is there, and browsers search the text",
            ),
            ("top", "top", "the top of the page is always there (HTML, 7.4.6.4)"),
            ("empty", "", "an empty one is the top of the page"),
        ]
    ]
    + [
        Case(
            f"anchor-{name}",
            f"https://{{host}}/anchor/{name}#{anchor}",
            GOOD,
            why=why,
            **FAILS,
        )
        for name, anchor, why in [
            ("missing", "nowhere", "readers are left at the top"),
            ("other-case", "There", "the case of anchors counts"),
            ("in-comment", "in-a-comment", "readers are left at the top"),
            ("part", "ther", "readers are left at the top"),
        ]
    ]
    + [
        Case(
            "anchor-in-script",
            "https://{host}/anchor/script#in-a-script",
            GOOD,
            why="it stands in a script only, which may or may not write it",
            expected=("doubtful", "alive"),
            third=("dead", "alive"),
        ),
        Case(
            "anchor-excused",
            "https://{host}/anchor/excused#issuecomment-12",
            GOOD,
            "alive",
            "people know why it is not in the text",
            known={"anchor": "a script makes it"},
        ),
        Case(
            "anchor-excused-redirected",
            "https://{host}/anchor/excused-redirected#issuecomment-12",
            redirect(302, "/new/anchor-excused"),
            "alive",
            "people know why it is not in the text",
            known={"anchor": "a script makes it"},
        ),
        Case(
            "anchor-behind-302",
            "https://{host}/anchor/behind#there",
            redirect(302, "/new/behind"),
            "alive",
            "browsers take it along",
        ),
        Case(
            "anchor-missing-behind-302",
            "https://{host}/anchor/missing-behind#nowhere",
            redirect(302, "/new/missing-behind"),
            why="readers are left at the top",
            **FAILS,
        ),
        Case(
            "anchor-in-latin-1",
            "https://{host}/anchor/latin-1#cr%C3%A9er",
            coded(
                french("Créer") + '<h2 id="créer">Créer</h2>',
                "cp1252",
                "text/html; charset=iso-8859-1",
            ),
            "alive",
            "it is there, in the charset of the page",
        ),
        Case(
            "anchor-in-gzip",
            "https://{host}/anchor/gzip#there",
            packed(html("A guide", ANCHORS), "gzip"),
            "alive",
            "it is there",
        ),
        Case(
            "anchor-for-a-script",
            "https://{host}/anchor/route#/certificates/7",
            GOOD,
            ("alive", "doubtful"),
            "it looks like what a script reads, but nobody has said so",
            third=("alive", "dead"),
        ),
        Case(
            "anchor-missing-title-fits",
            "https://{host}/anchor/title#nowhere",
            GOOD,
            why="the page is the right one, but readers are left at its top",
            known={"title": "guide to certificates"},
            **FAILS,
        ),
        Case(
            "anchor-of-500-once",
            "https://{host}/anchor/once#there",
            each_time(SERVER_ERROR, GOOD),
            "alive",
            "asked again, it is there",
        ),
    ]
)


# Whoever asks more than two at a time is seen in HostileServer.most_at_once.
CROWD_CASES = [
    Case(
        f"crowd-{number}",
        f"https://{{host}}/crowd/{number}",
        later(0.4, GOOD),
        "alive",
        "it is there",
        on="together",
    )
    for number in range(12)
]

# Each has a host of its own, and all lead to one.
MEETING_CASES = [
    Case(
        f"meeting-{number}",
        f"https://{{host}}/meeting/{number}",
        refresh("0", to) if code is None else redirect(code, to),
        "alive" if code == 302 else "moved",
        "it is there",
        to="" if code == 302 else to,
    )
    for number, code in enumerate([302, None, 302, 301, 302, 301])
    for to in [f"https://{{first}}/slow/{number}"]
]

CASES = [
    *(*PLAIN_CASES, *ODD_BUT_GOOD_CASES, *METHOD_CASES, *STATUS_CASES, *BROKEN_CASES),
    *(*TLS_CASES, *MOVED_CASES, *REDIRECT_CASES, *SOFT_CASES, *WALLED_CASES),
    *(*ANCHOR_CASES, *CROWD_CASES, *MEETING_CASES),
]


def hostile_server(cases: list[Case] | None = None) -> HostileServer:
    """Return the server of the table, or of a part of it."""
    return HostileServer(CASES if cases is None else cases, SHARED)

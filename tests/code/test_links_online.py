"""Links are judged as a person would judge them, whatever their servers do.

The servers are ours, on loopback; lychee is the real one.
"""

import datetime
import os
import random
import re
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass, field

import pytest

import asking
from asking import Answer, Asker, AskError, Limits
from checking import check
from copies import run_checks, small_guide
from hostile import Case, FlakyServer
from hostile_cases import CASES, CROWD_CASES, MEETING_CASES, hostile_server
from judging import Verdict, after, judge
from looking import Page, read_page
from record import Known, Seen, SeenLinks, read_seen

# Those that answer at once, of each kind.
QUICK = re.findall(
    r"\S+",
    """
    ok title-apostrophe windows-1252-called-latin-1 query issue-about-not-found
    login-box-in-the-corner unknown-agents-refused 404 410 403 tls-wrong-host
    tls-client-certificate-known 301 302-good 301-keeps-anchor 301-known 301-to-home
    refresh-to-404 soft-404 soft-404-french parked login-cas login-in-place wall-anubis
    anchor-missing anchor-github
    """,
)
LIMITS = Limits(request=4, waits=(0.5, 1.5))
DAY = datetime.date(2026, 11, 26)


def day(number: int) -> datetime.date:
    """Return one day of several, counted from 1."""
    return DAY + datetime.timedelta(weeks=number - 1)


@dataclass
class Asked:
    """What was seen of the cases.

    Attributes:
        seen: by the name of the case and the number of the day.
        days: on which they were asked, counted from 1.
        to: the addresses to be proposed.
        seconds: how long all of it took.
        most_at_once: how many requests a host worked on at a time, at most.
        longest: the longest that any request took, in seconds.
    """

    seen: dict[tuple[str, int], Seen] = field(default_factory=dict)
    days: tuple[int, ...] = (1,)
    to: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    most_at_once: int = 0
    longest: float = 0


@pytest.fixture(scope="module")
def asked(pytestconfig) -> Asked:
    """What was seen of the cases: of the quick ones, or of all, where nothing is left out."""
    is_all = pytestconfig.getoption("extended")
    chosen = CASES if is_all else CASES_AT_ONCE
    found, start = Asked(), time.monotonic()
    with hostile_server(chosen) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(server.ca))
        by_address = {server.address(case): case for case in chosen}
        known = {
            address: Known(what="a page", language=["en"], **case.known)
            for address, case in by_address.items()
        }
        seen = SeenLinks()
        found.days = (1, 2, 3) if is_all else (1,)
        for number in found.days:
            server.day = number
            # What a person judges alike on each day is asked once.
            again = [
                address
                for address, case in by_address.items()
                if number == 1 or len({case.accepted(each) for each in (1, 2, 3)}) > 1
            ]
            check(again, known, seen, seen.links.__setitem__, day(number), LIMITS)
            for address, case in by_address.items():
                found.seen[case.name, number] = seen.links[address]
        found.to = {case.name: server.to(case) for case in chosen}
        found.most_at_once = max(server.most_at_once.values())
        found.longest = server.longest
    found.seconds = time.monotonic() - start
    return found


CASES_AT_ONCE = [case for case in CASES if case.name in QUICK]
MARKED = [
    pytest.param(case, id=case.name, marks=[] if case.name in QUICK else [pytest.mark.extended])
    for case in CASES
]


@pytest.mark.parametrize("case", MARKED)
def test_link_is_judged_as_a_person_would(case: Case, asked):
    """The class is that which a person gives it, on each day, and so is the new address."""
    for number in asked.days:
        seen = asked.seen[case.name, number]
        assert seen.state in case.accepted(number), f"day {number}: {seen}. {case.why}"
        if seen.state == "moved" and asked.to[case.name]:
            assert seen.to == asked.to[case.name]


GITHUB = "https://github.com/DIRACGrid/DIRAC/issues/5123"
DOCS = "https://docs.example.org/guide/x"
# What a page is, by its address, its title, and its text, if that is short. Many pages are about
# what keeps readers from others.
PAGES = [
    (
        "alive",
        GITHUB,
        "Authentication fails: certificate file not found · Issue #5123 · D/DIRAC",
        "",
    ),
    ("alive", GITHUB, "404: Not Found · Issue #5 · x/y · GitHub", ""),
    ("alive", GITHUB, "Login page does not load on Firefox · Issue #12 · x/y", "Steps: open it."),
    ("alive", DOCS, "apache - page not found after SSLVerifyClient - Stack Overflow", ""),
    ("alive", DOCS, "Proxy file not found in /tmp – FAQ", ""),
    ("alive", DOCS, "Que faire si le fichier du certificat est introuvable ?", ""),
    ("alive", "https://docs.example.org/http/404", "404 Not Found - HTTP | MDN", ""),
    ("alive", DOCS, "Connexion au portail – Documentation", "Choisissez votre compte."),
    ("alive", DOCS, "Authentication — DIRAC 8.0 documentation", "Use a proxy."),
    ("alive", DOCS, "Maintenance calendar", "10 March: Lyon."),
    ("alive", DOCS, "Error 500 explained", "What it means."),
    ("alive", DOCS, "Certificat de domaine expiré : que faire ?", "Demandez-en un autre."),
    ("alive", DOCS, "Why was my certificate request rejected?", "Your name has changed."),
    ("alive", DOCS, "FAQ", "If the file does not exist there, convert it again."),
    ("alive", "https://downloads.example.org/", "Index of /", "guide.pdf"),
    ("alive", DOCS, "Example Status - Service unavailable in the west", "It is resolved."),
    ("alive", DOCS, "Login shows a captcha each time (#77) · Issues · ops · GitLab", "Each time."),
    ("alive", DOCS, "Glossary: parked domain – Example", "It says: buy this domain."),
    ("alive", DOCS, "Seite nicht gefunden – was tun? – Beispiel", "Suchen Sie danach."),
    ("alive", DOCS, "Log in — gridtool 2.4 documentation", ""),
    ("alive", DOCS, "12345 – Import fails: “file does not exist”", "Status: fixed."),
    ("doubtful", DOCS, "Page not found – Example", ""),
    ("doubtful", DOCS, "Página no encontrada | Ejemplo", ""),
    ("doubtful", DOCS, "Cette page n’existe plus", ""),
    ("doubtful", DOCS, "Die angeforderte Seite wurde nicht gefunden", ""),
    ("doubtful", DOCS, "Guide", "This topic does not exist yet. You have followed a link to it."),
    ("doubtful", DOCS, "example-lab.org is for sale | Names", ""),
    ("doubtful", DOCS, "Site en construction", "Félicitations !"),
    ("doubtful", DOCS, "Site under maintenance", "We will be back."),
    ("doubtful", DOCS, "Our site has moved", "Click here."),
    ("doubtful", DOCS, "grid:proxy [Wiki]", "This topic does not exist yet. You may create it."),
    ("doubtful", DOCS, "GridCertificates (not found) < Main < TWiki", "The topic does not exist."),
    ("doubtful", DOCS, "Invalid Bug ID", "Bug #99 does not exist. Go back."),
    ("doubtful", DOCS, "HTTP Status 404 – Not Found", "Type: status report."),
    ("doubtful", DOCS, "503 Backend fetch failed", "Guru Meditation"),
    ("walled", DOCS, "Access denied | Example", ""),
    ("walled", DOCS, "Select your identity provider", ""),
    ("walled", DOCS, "Just a moment...", ""),
    ("walled", DOCS, "Log in", "User name"),
    ("walled", DOCS, "Guide", "Checking your browser before you get to the site."),
]


@pytest.mark.parametrize(("state", "address", "title", "text"), PAGES)
def test_words_of_a_page_tell_what_it_is(state, address, title, text):
    """What says that it is no page is found out; what is about such pages is left alone."""
    page = Page(title=title, headings=(title,), text=text, is_short=bool(text), is_text=True)
    verdict = judge(address, Answer(200, "200 OK", page=page))
    assert after(None, verdict, DAY).state == state, verdict


def test_page_about_words_is_not_taken_for_an_empty_one():
    """Words that do not count are words; what has none may need its scripts."""
    title = "It fails · Issue #5 · x/y"
    short = Page(title=title, text="Steps.", is_short=True, has_script=True, is_text=True)
    nothing = Page(is_short=True, has_script=True, is_text=True)
    kinds = [judge(GITHUB, Answer(200, "200 OK", page=page)).kind for page in (short, nothing)]
    assert kinds == ["alive", "walled"]


@pytest.mark.parametrize(
    ("state", "address", "hops"),
    [
        ("alive", "https://doi.org/10.1/2", [(302, "https://sso.example.org/telescopes")]),
        ("alive", "https://w3id.org/p/", [(303, "https://project.example.org/")]),
        ("moved", "https://grid.example.org/doc", [(301, "https://grid.example.org/ca/")]),
        ("moved", "https://a.example.org/x", [(301, "https://a.example.org/manual/oauth2/x")]),
        ("doubtful", "https://a.example.org/x/y", [(301, "https://b.example.org/en/")]),
        ("doubtful", "https://a.example.org/x/y", [(302, "https://a.example.org/404.html")]),
        ("doubtful", "https://a.example.org/x/y", [(302, "https://a.example.org/?e=not_found")]),
        ("doubtful", "https://a.example.org/x/y", [(302, "https://a.example.org/wiki/Main_Page")]),
        ("doubtful", "https://a.example.org/x/y", [(302, "https://a.example.org/search?q=y")]),
        ("alive", "https://a.example.org/search?q=y", [(302, "https://a.example.org/search/?q=y")]),
    ],
)
def test_way_to_a_good_page_tells_what_it_is(state, address, hops):
    """Words in an address are not enough for a login; start pages and searches are not meant."""
    page = Page(title="The grid", headings=("The grid",), is_text=True)
    verdict = judge(address, Answer(200, "200 OK", tuple(hops), page=page))
    assert after(None, verdict, DAY).state == state, verdict


# What an address does from day to day, and what it is then. Letters: alive, moved, walled,
# failing, gone.
HISTORIES = {
    "f f f": "doubtful doubtful dead",
    "f a f f": "doubtful alive doubtful doubtful",
    "f m f f": "doubtful moved doubtful doubtful",
    "f w f f": "doubtful walled doubtful dead",
    "g g": "doubtful dead",
    "g f g": "doubtful doubtful dead",
    "g a g": "doubtful alive doubtful",
    "f g f": "doubtful doubtful dead",
    "g g a f": "doubtful dead alive doubtful",
}


@pytest.mark.parametrize("days", HISTORIES)
def test_history_decides_what_is_dead(days):
    """A link is dead after three different days, or when it was gone twice; not after less."""
    kinds = {kind[0]: kind for kind in ("alive", "moved", "walled", "failing", "gone")}
    seen, states = None, []
    for number, letter in enumerate(days.split(), 1):
        seen = after(seen, Verdict(kinds[letter], "answers"), day(number))
        states.append(seen.state)
    assert " ".join(states) == HISTORIES[days]


def test_one_day_counts_once():
    """A link that fails all day has failed on one day."""
    seen = None
    for _ in range(4):
        seen = after(seen, Verdict("failing", "answers"), day(1))
    assert (seen.state, seen.failed) == ("doubtful", [day(1)])


@pytest.mark.parametrize(
    ("named", "code", "title"),
    [
        ("iso-8859-2", "iso-8859-2", "Žádost o certifikát"),
        ("Shift_JIS", "cp932", "証明書の申請"),
        ("iso-8859-1", "cp1252", "L’autorité – l’aide"),
        ("x-unknown", "utf-8", "L’autorité"),
    ],
)
def test_server_says_in_which_encoding_it_sends(named, code, title):
    """Its header counts, as browsers understand it; what they do not know does not."""
    body = f"<title>{title}</title><h1>{title}</h1>".encode(code)
    assert read_page(body, f"text/html; charset={named}").title == title


def test_marks_and_plain_text_are_read():
    """A mark at the start tells the encoding, whatever the server says; short texts are read."""
    marked = "\ufeff<title>Titre é</title>".encode("utf-16-be")
    assert read_page(marked, "text/html; charset=utf-16").title == "Titre é"
    assert read_page(b"404: Not Found\n", "text/plain").text == "404: Not Found"


LONG = "<p>A certificate is asked for, fetched, and put in place.</p>" * 9
FORM = "<form><input type=password></form>"
# What is sent, with what is seen in it.
MARKUP = {
    f"<noscript>{FORM}</noscript><h1>Guide</h1>{FORM}": {
        "asks_login": True,
        "headings": ("Guide",),
    },
    f"<noscript>{FORM}</noscript>": {"asks_login": False},
    f"<header>Home {FORM}</header><p>Text": {"asks_login": False, "text": "Text"},
    f"<div id=page-header>Home {FORM}</div><p>Text": {"asks_login": False, "text": "Text"},
    f"<header>Home</header><main>{FORM}</main>": {"asks_login": True},
    f"<header><p>Enter.</p>{FORM}</header>": {"asks_login": True, "text": "Enter."},
    f"<ul class=menu>{LONG}</ul><p>Gone.": {"is_short": True, "first": ("Gone.",)},
    "<pre>Gone.</pre><p>See <b>this</b>.": {"first": ("See this .",)},
    "<h1 style='display: none'>Not found</h1><h1>Guide</h1>": {"headings": ("Guide",)},
    "<svg><title>Arrow</title></svg><title>Guide</title>": {"title": "Guide"},
    "<meta http-equiv=refresh content='5; url=/new'><p>Moved.": {"refresh": "/new"},
    f"<meta http-equiv=refresh content='5; url=/new'>{LONG}": {"refresh": ""},
    "<meta http-equiv=refresh content='60; url=/new'><p>Moved.": {"refresh": ""},
    "<noscript><meta http-equiv=refresh content='0; url=/no'></noscript>": {"refresh": ""},
    "<title>Guide</title><![ ]": {"is_text": True},
    "<textarea><h1>Not found</h1></textarea><h1>Try it</h1>": {"headings": ("Try it",)},
    "<base href=/new/><meta http-equiv=refresh content='0; url=x'>": {"refresh": "/new/x"},
}


@pytest.mark.parametrize(("sent", "seen"), MARKUP.items())
def test_page_is_read_as_a_browser_shows_it(sent, seen):
    """What is hidden, or around the text on each page, is left out; nothing is rejected."""
    page = read_page(sent.encode(), "text/html; charset=utf-8")
    assert {name: getattr(page, name) for name in seen} == seen


@pytest.mark.parametrize(
    "sent",
    [
        "<title>Forum</title><main><h2>Information</h2><p>The topic does not exist.</p></main>",
        "<b>Fatal error</b>: Uncaught PDOException in /var/www/db.php:31",
    ],
)
def test_first_words_of_a_short_page_tell_what_it_is(sent):
    """A notice may have a name for itself, or none."""
    page = read_page(sent.encode(), "text/html; charset=utf-8")
    assert judge(DOCS, Answer(200, "200 OK", page=page)).kind in ("failing", "gone")


@pytest.mark.parametrize(
    ("anchor", "sent"),
    [
        ("L120-L134", ""),
        ("L12-20", ""),
        ("note_2045113", ""),
        ("issuecomment-12", ""),
        ("/service/7", ""),
        ("d%C3%A9p%C3%B4t", "<a id=user-content-dépôt>"),
        ("dépôt", '<script type="application/json">{"anchor": "dépôt"}</script>'),
    ],
)
def test_anchors_of_scripts_are_known(anchor, sent):
    """Lines and comments that programs show are no anchors of the page; nor is all in JSON one."""
    page = f"<title>Guide</title>{sent}".encode()
    assert read_page(page, "text/html; charset=utf-8", anchor).has_anchor
    assert not read_page(page, "text/html; charset=utf-8", "nowhere").has_anchor


@pytest.mark.extended
@pytest.mark.parametrize("tag", ["title", "h1", "header", "div class=menu", "noscript", "p", "svg"])
def test_deep_pages_are_read_quickly(tag):
    """What is nested a thousand times takes no longer than what is not."""
    start = time.monotonic()
    read_page(f"<{tag}>x".encode() * 20_000, "text/html")
    assert time.monotonic() - start < 20


def test_quick_cases_are_there():
    """No name of the quick part is mistyped."""
    assert {case.name for case in CASES_AT_ONCE} == set(QUICK)


@pytest.mark.extended
def test_nothing_takes_too_long(asked):
    """All takes less than 3 minutes; no request more than its limit; two at a time a host."""
    assert asked.seconds < 180
    assert asked.longest < LIMITS.request + 2
    assert asked.most_at_once == 2


@pytest.mark.extended
def test_two_at_a_time_where_redirects_meet(monkeypatch):
    """Links of many hosts that lead to one have no more asked of it at a time."""
    with hostile_server(MEETING_CASES) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.ca))
        seen = {}
        cases = {server.address(case): case for case in server.cases}
        check(cases, {}, SeenLinks(), seen.__setitem__, DAY, LIMITS)
        assert {one: seen[one].state for one in cases} == {
            one: case.expected for one, case in cases.items()
        }
        assert max(server.most_at_once.values()) in (1, 2)


@pytest.mark.extended
@pytest.mark.parametrize("seed", range(10))
def test_flaky_servers_kill_no_link(seed, monkeypatch):
    """No page that is there dies of faults that come and go; the others die in their time."""
    with FlakyServer(seed, pages=24, missing=3, broken=3) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.ca))
        links, seen, states = [*server.there, *server.gone, *server.dead], SeenLinks(), []
        for number in (1, 2, 3):
            limits = Limits(request=4, waits=(0.1, 0.2, 0.3))
            check(links, {}, seen, seen.links.__setitem__, day(number), limits)
            states.append({one: seen.links[one].state for one in links})
        dead = [{one for one in links if there[one] == "dead"} for there in states]
        assert dead == [set(), {*server.gone}, {*server.gone, *server.dead}]
        alive = sum(state == "alive" for there in states for state in there.values())
        # Of 72, one or two may fail in all four attempts.
        assert alive >= 68


# -- What stops all -----------------------------------------------------------------------


def ask_some(names: set[str], limits: Limits, monkeypatch) -> tuple[dict[str, Seen], float]:
    """Ask some cases; return what was seen of each, by their names, and how long it took."""
    with hostile_server([case for case in CASES if case.name in names]) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.ca))
        by_address = {server.address(case): case.name for case in server.cases}
        seen, start = {}, time.monotonic()
        try:
            check(by_address, {}, SeenLinks(), seen.__setitem__, DAY, limits)
        finally:
            seconds = time.monotonic() - start
        return {by_address[address]: one for address, one in seen.items()}, seconds


def test_machine_without_network_blames_no_link(monkeypatch):
    """Where nobody answers, nothing is noted."""
    with pytest.raises(AskError, match="none of 2 addresses answered: nothing was noted"):
        ask_some({"refused", "closes-at-once"}, Limits(waits=()), monkeypatch)


def test_single_link_is_blamed_if_somebody_refuses(monkeypatch):
    """Who refuses is there, so that the network is; who is silent may be out of reach."""
    seen, _ = ask_some({"refused"}, Limits(waits=()), monkeypatch)
    assert seen["refused"].state == "doubtful"
    with pytest.raises(AskError, match="none of 1 addresses answered"):
        ask_some({"never-answers"}, Limits(request=1, waits=()), monkeypatch)


def test_all_ends_in_time(monkeypatch):
    """When the time is over, what has answered is noted, and the rest is not blamed."""
    limits = Limits(request=4, waits=(20,), total=2, at_once=8)
    seen, seconds = ask_some({"ok", "never-answers"}, limits, monkeypatch)
    assert {name: one.state for name, one in seen.items()} == {"ok": "alive"}
    assert seconds < 4


def test_missing_lychee_is_named(monkeypatch):
    """Where PyPI has none for the machine, one sentence says what to do."""
    monkeypatch.setattr(asking.sysconfig, "get_path", lambda name: "/nowhere")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(AskError, match=r"lychee is missing, .* install it from"):
        Asker(LIMITS)


# -- The whole command --------------------------------------------------------------------

# The foot of each page has a link of its own.
ONLINE = ("-m", "online", "tests/online", "-k", "linked.rst and 127.0")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """Return how to make a guide with one page that links some cases, and its server."""
    servers = []

    def make(chosen: list[Case]):
        server = hostile_server(chosen)
        server.start()
        servers.append(server)
        links = [f"* `The case {case.name} <{server.address(case)}>`__" for case in chosen]
        page = "\n".join([":orphan:", "", "Linked", "======", "", *links, ""])
        return small_guide(tmp_path_factory.mktemp("online") / "guide", linked=page), server

    yield make
    for server in servers:
        server.stop()


def summary(done: subprocess.CompletedProcess) -> str:
    """Return what a run has said."""
    return done.stdout + done.stderr


@pytest.mark.extended
def test_make_links_tells_what_to_do(copy):
    """Each class is told, with its advice; the status and the files say the same."""
    names = ("ok", "404", "301", "403")
    root, server = copy([case for name in names for case in CASES if case.name == name])
    addresses = {case.name: server.address(case) for case in server.cases}
    seen_file, trust = root / "build/links-seen.json", {"SSL_CERT_FILE": str(server.ca)}

    done = run_checks(root, *ONLINE, ASK="no")
    assert done.returncode == 0, summary(done)
    assert "4 never checked" in done.stdout
    assert not server.asked
    assert not seen_file.exists()
    # Ours are numbers, which no page may link.
    assert f"not added to links.toml: {addresses['ok']} leads to the IP address" in done.stdout

    done = run_checks(root, *ONLINE, **trust)
    assert done.returncode == 10, summary(done)
    assert "1 alive, 1 doubtful, 1 walled, 1 moved" in done.stdout
    told = " ".join(done.stdout.split())
    assert f"{addresses['403']} on linked it answers 403 Forbidden open it" in told
    assert (
        f"{addresses['404']} on linked it answers 404 Not Found it has failed on 1 of 3 days"
        in told
    )
    assert f"{addresses['301']} on linked it has moved to {server.to(server.cases[2])}" in told
    assert "link another address than this: it leads to the IP address" in told
    assert (root / "build/links.md").read_text().startswith("<!-- links: 2 -->\n")

    done = run_checks(root, *ONLINE, "-v", **trust)
    assert done.returncode == 1, summary(done)
    assert "1 alive, 1 walled, 1 moved, 1 dead" in done.stdout
    assert f"[linked.rst: {addresses['404']}] DEAD" in done.stdout
    assert f"[linked.rst: {addresses['ok']}] ALIVE" in done.stdout
    text = (root / "build/links.md").read_text()
    assert text.startswith("<!-- links: 3 -->\n")
    assert f"- `{addresses['404']}`, on `linked`\n  - it `answers 404 Not Found`\n" in text

    # What people know is expected.
    with open(root / "links.toml", "a", encoding="utf-8") as record:
        for name, key in (("404", "dead"), ("301", "redirect"), ("403", "walled")):
            record.write(f'["{addresses[name]}"]\nwhat = "x"\nlanguage = "en"\n{key} = "known"\n')
    done = run_checks(root, *ONLINE, **trust)
    assert done.returncode == 0, summary(done)
    assert (root / "build/links.md").read_text().startswith("<!-- links: 0 -->\n")
    assert read_seen(seen_file).links[addresses["404"]].state == "dead"
    agents = {headers["user-agent"] for _, _, headers in server.asked}
    assert len(agents) == 1
    assert re.fullmatch(r"Mozilla/5\.0 \(compatible; link check .*\)", agents.pop())


@pytest.mark.extended
def test_make_links_without_network_is_told(copy):
    """One sentence says so; nothing is written, and the status is that of a wrong use."""
    root, server = copy([case for case in CASES if case.name in ("refused", "closes-at-once")])
    done = run_checks(root, *ONLINE, SSL_CERT_FILE=str(server.ca))
    assert done.returncode == 4, summary(done)
    assert "ERROR: none of 2 addresses answered: nothing was noted" in done.stderr
    assert "Traceback" not in summary(done)
    assert not (root / "build").exists()


@pytest.mark.extended
def test_make_links_can_be_stopped_at_any_moment(copy):
    """Whenever it is stopped, both files are whole, and what was seen is kept."""
    root, server = copy(CROWD_CASES)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *ONLINE]
    environment = os.environ | {"LOCAL": "local", "SSL_CERT_FILE": str(server.ca)}
    moments, kept = random.Random(8), 0
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL) * 2:
        before = len(server.asked)
        with subprocess.Popen(
            command, cwd=root, env=environment, stdout=subprocess.PIPE, start_new_session=True
        ) as process:
            while len(server.asked) == before and process.poll() is None:
                time.sleep(0.01)
            time.sleep(moments.uniform(0, 1.5))
            os.killpg(process.pid, signum)
            process.communicate(timeout=30)
        assert process.returncode != 0
        assert tomllib.loads((root / "links.toml").read_text(encoding="utf-8"))
        seen = read_seen(root / "build/links-seen.json")
        assert len(seen.links) >= kept
        assert {one.state for one in seen.links.values()} <= {"alive"}
        assert not seen.checked
        kept = len(seen.links)
    assert kept
    done = run_checks(root, *ONLINE, SSL_CERT_FILE=str(server.ca))
    assert done.returncode == 0, summary(done)
    assert len(read_seen(root / "build/links-seen.json").links) == len(CROWD_CASES)

"""Files that browsers refuse: each says what the page says, and what the page advises helps.

The words of the windows are those that the headings of the page quote, in each language.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from docutils import nodes

import certificates
import homes
import installed
import problems
import proofs
import walks
from browsers import IMPORTED, chromium_profile, mozilla, put, visit_with_chromium
from chromium_store import NEW, OLD, filled, nicknames
from compared_labels import alike
from evidence import ANNOUNCED, FAILS, WORKS, labels_hash
from guide import Guide
from homes import PASSWORD
from kinds import FILES
from labels import quoted
from screen import screen
from shipped_labels import ADDRESS, COMMANDS, strings
from terminal import Terminal
from walks import Route, Walk
from web_server import SUBJECT, WebServer, give, web_server
from windows import Windows, answer, chromium, click, offer, refusal, wait_for
from zoo import Missing, Specimen, common, make

PAGE = "problems-browsers"
LANGUAGES = ("en", "fr")
NAME = "Anna Tester 1234"
FILE = FILES["AES-256"]
PROMPT = "Enter password for PKCS12 file:"
WRONG = "not the password"
LET_IN, TURNED_AWAY = {("SUCCESS", SUBJECT)}, {("NONE", "")}
# How long a question, or a message, that must not come is waited for.
SECONDS = 3
# The short way of the import page to the section with the certificates.
SECTION = "about:preferences#connectionSecurity"
WEB_PAGE = b"<!DOCTYPE html>\n<html><body>Log in</body></html>\n"


def made(specimen: Specimen) -> bytes:
    """Make a file of the zoo; skip the test where this machine cannot."""
    try:
        return make(specimen)
    except Missing as lacking:
        pytest.skip(str(lacking))


def incomplete() -> bytes:
    """Return what a download that broke off leaves."""
    return make(FILE)[: len(make(FILE)) // 2]


def files(wanted: list[str]) -> dict[str, bytes]:
    """Return the contents of files that browsers refuse, by what is wrong with them.

    Args:
        wanted: kinds of files of the zoo.
    """
    broken = {"web page": WEB_PAGE, "incomplete": incomplete()}
    return broken | {kind: made(FILES[kind]) for kind in wanted}


def seen(server: WebServer, path: str) -> set[tuple[str, str]]:
    """Return what a server saw of the certificates of those who asked for a path."""
    return {(visit.verified, visit.grid_subject) for visit in server.visits(path)}


def unseen(server: WebServer, path: str) -> bool:
    """Tell whether a path has not been asked for, after some time: the browser asks first."""
    time.sleep(SECONDS)
    return not server.visits(path, least=0)


def section(guide: Guide, entry: str, language: str) -> nodes.section:
    """Return the section of an entry of the page."""
    found = guide.doctree(PAGE, language).findall(nodes.section)
    return next(one for one in found if entry in one["ids"])


def heading(guide: Guide, entry: str, program: str, language: str) -> str:
    """Return the words of a program that the heading of an entry quotes."""
    (title,) = [
        label.astext()
        for label in quoted(section(guide, entry, language)[0])
        if label["program"] == program
    ]
    return title


def label(guide: Guide, entry: str, key: str, language: str) -> str:
    """Return a label that an entry quotes, by the key under which its program keeps it."""
    found = [one.astext() for one in quoted(section(guide, entry, language)) if one["key"] == key]
    assert found, f"{PAGE}: the entry {entry} does not quote {key}"
    return found[0]


def attempt(guide: Guide, entry: str, program: str, language: str) -> None:
    """Keep that a program does what an entry says, unless the test fails."""
    block = labels_hash(guide.doctree(PAGE, language))
    about = installed.about(COMMANDS[program])
    proofs.attempt(about, entry, page=PAGE, kind=language, block=block)


# -- pk12util -------------------------------------------------------------------------------


def reader(guide: Guide, home: Path, specimen: Specimen, content: bytes | None = None) -> Terminal:
    """Return the terminal of a reader who has made a store with the commands of the page.

    Args:
        guide: the guide.
        home: an empty home folder.
        specimen: the downloaded file.
        content: what is in the file in truth.
    """
    installed.needs("pk12util")
    made(specimen)
    homes.prepare(home, specimen, old=False)
    if content is not None:
        downloaded(home).write_bytes(content)
    answers = walks.answers(specimen.password) | {PROMPT: specimen.password}
    terminal = Terminal(home, answers)
    terminal.own(*home.rglob("*"))
    for block in walks.steps(guide, "import-certificate", "chromium"):
        for command in block.commands:
            if "pk12util" in command.typed:
                return terminal
            status, shown = terminal.type(command.typed)
            assert status == 0, shown
    raise AssertionError("the import page has no pk12util any more")


def downloaded(home: Path) -> Path:
    """Return the path of the downloaded file."""
    return home / "Downloads" / "Certificate.p12"


def download_again(home: Path) -> None:
    """Put the whole file where the bad download is."""
    downloaded(home).write_bytes(make(FILE))


def put_right(guide: Guide, name: str, terminal: Terminal, mend: Callable[[], None]) -> None:
    """See that an error is as printed, and that the command works once a cause in words is gone.

    Args:
        guide: the guide.
        name: the entry.
        terminal: that of the reader.
        mend: does what the page says in words.
    """
    (block,) = walks.with_role(guide, "error", name)
    route, done = Route(block.page, FILE, name, old=False), Walk(terminal.home)
    problem, _ = problems.go_wrong(terminal, block, route)
    done.results.append((block, FAILS if problem else ANNOUNCED))
    proofs.keep(route, done, installed.about("pk12util"))
    assert not problem, problem
    mend()
    problem = problems.go_right(terminal, block, route)
    terminal.close()
    assert not problem, problem


def test_pk12util_with_a_wrong_password(guide, home):
    """It says so; with the right one, it imports the file."""
    terminal = reader(guide, home, FILE)
    about = installed.about("pk12util")
    problems.prove(guide, "browser-pk12util-password", terminal, about, wrong=WRONG)
    assert "u,u,u" in nicknames(home / NEW)


@pytest.mark.parametrize(
    ("name", "content"),
    [("browser-pk12util-password", incomplete), ("browser-pk12util-der", lambda: WEB_PAGE)],
    ids=["incomplete", "web page"],
)
def test_pk12util_with_a_bad_download(guide, home, name, content):
    """It says what it says of other files, too; another download helps."""
    terminal = reader(guide, home, FILE, content())
    put_right(guide, name, terminal, lambda: download_again(home))
    assert "u,u,u" in nicknames(home / NEW)


def test_pk12util_that_does_not_know_the_protection(guide, home):
    """An older one takes PBMAC1 for a wrong password."""
    terminal = reader(guide, home, FILES["PBMAC1"])
    (block,) = walks.with_role(guide, "error", "browser-pk12util-password")
    status, _ = terminal.type(block.commands[-1].typed)
    if status == 0:
        pytest.skip("this version reads PBMAC1")
    problem, _ = problems.go_wrong(terminal, block, Route(PAGE, FILES["PBMAC1"]))
    terminal.close()
    assert not problem, problem


@pytest.mark.parametrize(
    ("name", "kind"),
    [("browser-pk12util-der", "no MAC"), ("browser-pk12util-key", "no localKeyID")],
)
def test_pk12util_reads_the_copy(guide, home, name, kind):
    """What it refuses, it takes as a copy, with key and certificate; nothing of the copy stays."""
    terminal = reader(guide, home, FILES[kind])
    problems.prove(guide, name, terminal, installed.about("pk12util"), specimen=FILES[kind])
    assert "u,u,u" in nicknames(home / NEW)
    assert not (home / "certificate-copy").exists()


@pytest.mark.extended
@pytest.mark.parametrize("kind", ["no MAC", "no localKeyID"])
def test_firefox_reads_the_copy(guide, home, kind):
    """What Firefox refuses, it takes as a copy."""
    installed.needs("firefox-esr")
    terminal = reader(guide, home, FILES[kind])
    block = walks.with_role(guide, "cure", "browser-pk12util-key")[0]
    problem, _, _ = walks.type_block(terminal, block, Route(PAGE, FILES[kind]))
    terminal.close()
    assert not problem, problem
    with mozilla("firefox-esr", home) as firefox:
        assert firefox.read(downloaded(home), PASSWORD) != IMPORTED
        assert firefox.subjects() == []
        copy = home / "certificate-copy" / "Certificate.p12"
        assert firefox.read(copy, PASSWORD) == IMPORTED
        assert len(firefox.subjects()) == 1


# -- What Firefox says ----------------------------------------------------------------------


def open_certificates(windows: Windows) -> None:
    """Open the list of certificates, which the import page leads to."""
    words = strings("firefox", windows.language)
    windows.program.visit(SECTION)
    windows.click(words["certs-view2.label"], words["certs-description3.label"])
    assert windows.see(words["certmgr-tab-ca.label"])["selected"]


# What Firefox says of which file, and the page with it.
OF_FIREFOX = {
    "web page": "browser-decode",
    "no MAC": "browser-decode",
    "incomplete": "browser-unknown",
    "no localKeyID": "browser-unknown",
}


@pytest.mark.extended
@pytest.mark.parametrize("language", LANGUAGES)
def test_firefox_says_why(guide, home, language):
    """Its windows say of each file what the page quotes, and nothing is changed by that."""
    installed.needs("firefox-esr", "Xvfb", "xdotool")
    for entry in ("browser-password", "browser-authorities", *OF_FIREFOX.values()):
        attempt(guide, entry, "firefox", language)
    contents = files(["no MAC", "no localKeyID"])
    file = put(FILE, home)
    with (
        screen(home) as shown,
        mozilla("firefox-esr", home, language, shown.display) as firefox,
    ):
        windows = Windows(firefox, shown, language, PAGE)
        open_certificates(windows)
        key = "certmgr-restore.label"
        button = label(guide, "browser-authorities", key, language)
        ignored_as_authority(windows, button, file)
        windows.click(label(guide, "browser-authorities", "certmgr-tab-mine.label", language))
        said = {}
        for kind in OF_FIREFOX:
            file.write_bytes(contents[kind])
            before = windows.offer(button, file)
            windows.answer(before, PASSWORD)
            said[kind] = windows.refusal()
        file.write_bytes(make(FILE))
        before = windows.offer(button, file)
        windows.answer(before, WRONG)
        said["wrong password"] = windows.refusal()
        assert firefox.subjects() == []
        windows.answer(before, PASSWORD)
        assert NAME in [row[0] for row in windows.listed()]
        windows.answer(windows.offer(button, file), WRONG)
        windows.refusal()
        assert len(firefox.subjects()) == 1
    assert file.read_bytes() == make(FILE)
    for kind, entry in {**OF_FIREFOX, "wrong password": "browser-password"}.items():
        assert alike(said[kind]) == alike(heading(guide, entry, "firefox", language)), kind


def ignored_as_authority(windows: Windows, button: str, file: Path) -> None:
    """Import a file in the tab for authorities, and see that nothing is said.

    Args:
        windows: the windows, which open on this tab.
        button: the label of the button that imports.
        file: the file.
    """
    words = strings("firefox", windows.language)
    before = windows.offer(button, file, below=words["certmgr-ca"])
    time.sleep(SECONDS)
    assert windows.screen.windows() == before
    assert windows.program.subjects() == []


@pytest.mark.extended
def test_firefox_that_keeps_no_certificate(guide, home):
    """With the setting, it refuses what it takes without."""
    installed.needs("firefox-esr")
    setting = "security.nocertdb"
    attempt(guide, "browser-unknown", "firefox", "en")
    assert setting in section(guide, "browser-unknown", "en").astext()
    file = put(FILE, home)
    with mozilla("firefox-esr", home, settings={setting: True}) as firefox:
        # nsIX509CertDB.idl: ERROR_UNKNOWN, of which the window says “for unknown reasons”.
        assert firefox.read(file, PASSWORD) == 1
    with mozilla("firefox-esr", home, settings={setting: False}) as firefox:
        assert firefox.read(file, PASSWORD) == IMPORTED


# -- What Chromium says ---------------------------------------------------------------------


OF_CHROMIUM = {
    "web page": "browser-invalid",
    "incomplete": "browser-invalid",
    "no MAC": "browser-invalid",
    "no localKeyID": "browser-unable",
    "PBMAC1": "browser-unable",
}


@pytest.mark.extended
@pytest.mark.parametrize("language", LANGUAGES)
def test_chromium_says_why(guide, server, home, language):
    """Its page says of each file what ours quotes."""
    installed.needs("chromium", "Xvfb", "xdotool")
    for entry in ("browser-password", *OF_CHROMIUM.values()):
        attempt(guide, entry, "chromium", language)
    contents = files(["no MAC", "no localKeyID", "PBMAC1"])
    words, where = strings("chromium", language), f"{PAGE} [{language}]"
    title = words["certificateManagerV2ImportErrorTitle"]
    button = words["certificateManagerV2ImportButtonLabel"]
    file, said = put(FILE, home), {}
    profile = chromium_profile(home, server)
    with screen(home) as shown, chromium(home, profile, language, shown.display) as browser:
        browser.goto(ADDRESS)
        click(browser, words["certificateManagerV2ClientCerts"], where)
        click(browser, words["certificateManagerV2PlatformCertsViewLink"], where)
        for kind in ("wrong password", *OF_CHROMIUM):
            file.write_bytes(contents.get(kind, make(FILE)))
            offer(browser, shown, button, file, where)
            answer(browser, WRONG if kind == "wrong password" else PASSWORD)
            said[kind] = refusal(browser, title)
        file.write_bytes(make(FILE))
        offer(browser, shown, button, file, where)
        answer(browser, PASSWORD)
        listed = browser.get_by_text(NAME, exact=True).filter(visible=True)
        wait_for(lambda: listed.count(), "the certificate is not in the list of Chromium")
    for kind, entry in {"wrong password": "browser-password", **OF_CHROMIUM}.items():
        assert alike(said[kind]) == alike(heading(guide, entry, "chromium", language)), kind


# -- A website that sees no certificate -----------------------------------------------------

NOT_SENT = "browser-not-sent"
ASK = {"security.default_personal_cert": "Ask Every Time"}


def message(guide: Guide) -> str:
    """Return what the website says, as the heading has it."""
    return section(guide, NOT_SENT, "en")[0].astext()


def quoted_there(guide: Guide, key: str, language: str) -> str:
    """Return a label of Firefox that the entry quotes."""
    return label(guide, NOT_SENT, key, language)


@pytest.mark.extended
@pytest.mark.parametrize("language", LANGUAGES)
def test_firefox_remembers_that_nothing_is_to_be_sent(guide, server, home, language):
    """It asks once, and again when the decision is deleted as the page says."""
    installed.needs("firefox-esr", "Xvfb", "xdotool")
    attempt(guide, NOT_SENT, "firefox", language)
    refused, decisions, delete = (
        quoted_there(guide, key, language)
        for key in (
            "client-auth-send-no-certificate.label",
            "certmgr-tab-remembered.label",
            "certmgr-delete.label",
        )
    )
    file, words = put(FILE, home), strings("firefox", language)
    address = f"{server.address}{language}-"
    with (
        screen(home) as shown,
        mozilla("firefox-esr", home, language, shown.display, ASK) as firefox,
    ):
        windows = Windows(firefox, shown, language, PAGE)
        firefox.trust(server.root)
        assert firefox.read(file, PASSWORD) == IMPORTED
        firefox.go(f"{address}first")
        windows.click(refused)
        wait_for(lambda: message(guide) in firefox.text(), "the website does not say it")
        firefox.visit(f"{address}second")
        assert message(guide) in firefox.text()
        assert not windows.shows(refused)
        open_certificates(windows)
        windows.click(decisions)
        about = words["certmgr-remembered"]
        windows.click("localhost", below=about)
        windows.click(delete, below=about)
        wait_for(lambda: not windows.shows("localhost", below=about), "the decision stays")
        firefox.visit("about:blank")
        firefox.go(f"{address}third")
        windows.see(refused)
        assert not server.visits(f"/{language}-third", least=0)
        windows.click("OK")
        wait_for(lambda: "Hello" in firefox.text(), "the website does not let the reader in")
    assert seen(server, f"/{language}-first") == TURNED_AWAY
    assert seen(server, f"/{language}-second") == TURNED_AWAY
    assert seen(server, f"/{language}-third") == LET_IN


@pytest.mark.extended
def test_chromium_remembers_that_nothing_is_to_be_sent(guide, server, home):
    """It asks once, and again when it has been closed."""
    installed.needs("chromium", "pk12util", "Xvfb", "xdotool")
    attempt(guide, NOT_SENT, "chromium", "en")
    assert filled(guide, home).finished
    profile = home / "profile"
    profile.mkdir()
    give(profile)

    def go(page, path: str) -> None:
        page.evaluate("(address) => { setTimeout(() => location.href = address) }", address + path)

    address = server.address.rstrip("/")
    with screen(home) as shown:
        with chromium(home, profile, "en", shown.display) as browser:
            go(browser, "/asked")
            assert unseen(server, "/asked")
            shown.press("Escape")
            browser.get_by_text(message(guide)).first.wait_for()
            browser.goto(f"{address}/not-asked")
            assert message(guide) in browser.locator("body").inner_text()
        with chromium(home, profile, "en", shown.display) as browser:
            go(browser, "/asked-again")
            assert unseen(server, "/asked-again")
            shown.press("Return")
            browser.get_by_text("Hello").wait_for()
    assert seen(server, "/asked") == seen(server, "/not-asked") == TURNED_AWAY
    assert seen(server, "/asked-again") == LET_IN


@pytest.mark.extended
def test_chromium_with_an_older_folder(guide, server, home):
    """Who imports the file again has it in the store that Chromium looks into by then."""
    installed.needs("chromium", "pk12util")
    attempt(guide, NOT_SENT, "chromium", "en")
    assert filled(guide, home).finished
    (home / OLD).mkdir(parents=True)
    give(home / OLD, (home / OLD).parent)
    visit_with_chromium(home, server, "/folder")
    assert seen(server, "/folder") == TURNED_AWAY
    assert message(guide) in (home / "messages").read_text()
    # The browser leaves empty files there, and who follows a page must not.
    for profile in home.glob("chromium-*"):
        shutil.rmtree(profile)
    assert filled(guide, home).finished
    visit_with_chromium(home, server, "/folder-again")
    assert seen(server, "/folder-again") == LET_IN


@pytest.fixture(scope="module")
def strict_server():
    """A web server that knows the root alone."""
    installed.needs("nginx")
    with web_server(only_root=True) as running:
        yield running


BARE = replace(common("AES-256", PASSWORD), chain=False)


def put_issuer(home: Path) -> Path:
    """Put the certificate of the authority that issued the reader's among the downloads."""
    file = home / "Downloads" / "issuer.pem"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(certificates.authorities()[0][0].public_bytes(Encoding.PEM))
    give(file.parent, file)
    return file


@pytest.mark.extended
def test_firefox_lacks_the_authority(guide, strict_server, home):
    """Without it, Firefox sends nothing; the authority, in its tab and without trust, helps."""
    installed.needs("firefox-esr", "Xvfb", "xdotool")
    attempt(guide, NOT_SENT, "firefox", "en")
    file, issuer = put(BARE, home), put_issuer(home)
    with screen(home) as shown, mozilla("firefox-esr", home, "en", shown.display) as firefox:
        windows = Windows(firefox, shown, "en", PAGE)
        firefox.trust(strict_server.root)
        assert firefox.read(file, PASSWORD) == IMPORTED
        firefox.visit(f"{strict_server.address}without")
        assert message(guide) in firefox.text()
        import_authority(windows, issuer)
        firefox.visit(f"{strict_server.address}with")
    assert seen(strict_server, "/without") == TURNED_AWAY
    assert seen(strict_server, "/with") == LET_IN


def import_authority(windows: Windows, file: Path) -> None:
    """Import the certificate of an authority with the windows of Firefox, and tick nothing."""
    words = strings("firefox", windows.language)
    open_certificates(windows)
    before = windows.offer(words["certmgr-restore.label"], file, below=words["certmgr-ca"])
    asked = windows.screen.another_window(before)
    windows.screen.press("Return")
    windows.screen.without(asked)


@pytest.mark.extended
def test_chromium_lacks_the_authority(guide, strict_server, home):
    """Without it, Chromium sends nothing; the command that adds it helps."""
    installed.needs("chromium", "pk12util")
    attempt(guide, NOT_SENT, "chromium", "en")
    assert filled(guide, home, BARE).finished
    put_issuer(home)
    visit_with_chromium(home, strict_server, "/chromium-without")
    (block,) = walks.with_role(guide, "cure", NOT_SENT)
    route, done, terminal = Route(PAGE, BARE, old=False), Walk(home), Terminal(home, {})
    problem, _, _ = walks.type_block(terminal, block, route)
    terminal.close()
    done.results.append((block, FAILS if problem else WORKS))
    proofs.keep(route, done, installed.about("pk12util"))
    assert not problem, problem
    visit_with_chromium(home, strict_server, "/chromium-with")
    assert seen(strict_server, "/chromium-without") == TURNED_AWAY
    assert seen(strict_server, "/chromium-with") == LET_IN

"""Browsers and mail take the certificate as the pages say, and a web server sees whose it is."""

import shutil
import subprocess
from pathlib import Path

import pytest

import certificates
import installed
import proofs
from browsers import (
    IMPORTED,
    WRONG_PASSWORD,
    home_folder,
    mozilla,
    put,
    visit_with_chromium,
)
from chromium_store import FILE, NEW, OLD, PAGE, filled, make_store, nicknames, stores
from evidence import FAILS, WORKS
from homes import PASSWORD
from kinds import FILES
from web_server import SUBJECT, give
from zoo import Missing, common


def seen(server, path: str) -> set[tuple[str, str]]:
    """Return what the server saw of the certificates of those who asked for a path."""
    return {(visit.verified, visit.grid_subject) for visit in server.visits(path)}


LET_IN, TURNED_AWAY = {("SUCCESS", SUBJECT)}, {("NONE", "")}


def attempt_login(program: str) -> None:
    """Keep that a browser shows the certificate to a web server, unless the test fails."""
    proofs.attempt(installed.about(program), "web-login", page=PAGE)


# -- Chromium -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "wanted"),
    [((), NEW), ((NEW,), NEW), ((OLD,), OLD), ((OLD, NEW), OLD)],
    ids=["none", "new", "old", "both"],
)
def test_chromium_takes_it_from_the_store_that_the_page_fills(
    guide, server, home, request, there, wanted
):
    """Whichever stores there are, the commands fill the one that Chromium looks into."""
    installed.needs("chromium", "pk12util")
    attempt_login("chromium")
    for place in there:
        make_store(home / place)
    path = f"/chromium-{request.node.callspec.id}"
    done = filled(guide, home)
    assert not done.problem, done.problem
    assert done.finished
    assert stores(home) == {*there, wanted}
    assert ("before" in nicknames(home / wanted)) == (wanted in there)
    if wanted not in there:
        assert open_to_others(home / wanted) == []
    visit_with_chromium(home, server, path)
    found = seen(server, path)
    assert found == LET_IN


@pytest.mark.extended
@pytest.mark.parametrize("kind", ["3DES", "AES-256", "P-256", "RC2-40", "accents"])
def test_chromium_shows_the_kind(server, home, kind):
    """Chromium shows what its store was given, whatever kind of file it came in."""
    installed.needs("chromium", "pk12util")
    specimen = FILES[kind]
    try:
        file = put(specimen, home)
    except Missing as error:
        pytest.skip(str(error))
    make_store(home / NEW)
    words = home / "password"
    words.write_text(specimen.password + "\n")
    given = ["-d", f"sql:{home / NEW}", "-i", file, "-w", words]
    subprocess.run(["pk12util", *given], check=True, capture_output=True)
    give(home / ".local", *(home / ".local").rglob("*"))
    path = f"/chromium-kind-{kind}"
    visit_with_chromium(home, server, path)
    found = seen(server, path) == LET_IN
    proofs.record("read", installed.about("chromium"), WORKS if found else FAILS, kind=kind)
    assert found


def open_to_others(folder: Path) -> list[Path]:
    """Return what others may read, of a folder and what is in it."""
    return [path for path in (folder, *folder.iterdir()) if path.stat().st_mode & 0o077]


def test_chromium_begins_its_store_where_the_page_says(server, home):
    """Where there is no store, Chromium begins one in the newer place, empty."""
    installed.needs("chromium")
    visit_with_chromium(home, server, "/chromium-begins")
    assert seen(server, "/chromium-begins") == TURNED_AWAY
    assert stores(home) == {NEW}


def test_older_folder_hides_the_newer_store(guide, server, home):
    """Who makes the older folder no longer has what is in the newer one."""
    installed.needs("chromium", "pk12util")
    assert filled(guide, home).finished
    (home / OLD).mkdir(parents=True)
    give(home / OLD, (home / OLD).parent)
    visit_with_chromium(home, server, "/chromium-hidden")
    assert seen(server, "/chromium-hidden") == TURNED_AWAY
    shutil.rmtree(home / ".pki")
    visit_with_chromium(home, server, "/chromium-found")
    assert seen(server, "/chromium-found") == LET_IN


# -- Firefox and Thunderbird ----------------------------------------------------------------


# What NSS, which both are made with, does not take.
REFUSED = ("no localKeyID", "no MAC")


def test_firefox_takes_it(server, home):
    """Firefox imports the file with its password alone, and shows it to a web server."""
    installed.needs("firefox-esr")
    attempt_login("firefox-esr")
    file = put(FILE, home)
    with mozilla("firefox-esr", home) as firefox:
        firefox.trust(server.root)
        assert firefox.read(file, "not the password") == WRONG_PASSWORD
        assert firefox.subjects() == []
        assert firefox.read(file, PASSWORD) == IMPORTED
        firefox.visit(f"{server.address}firefox")
    found = seen(server, "/firefox")
    assert found == LET_IN


@pytest.fixture(scope="module")
def readings():
    """Whether Firefox and Thunderbird read each kind of file, or why it cannot be made."""
    found = {}
    for program in ("firefox-esr", "thunderbird"):
        installed.needs(program)
        with home_folder() as home, mozilla(program, home) as running:
            for kind, specimen in FILES.items():
                running.empty()
                try:
                    result = running.read(put(specimen, home), specimen.password)
                except Missing as error:
                    found[program, kind] = error
                    continue
                found[program, kind] = result == IMPORTED and len(running.subjects()) == 1
    return found


@pytest.mark.extended
@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("program", ["firefox-esr", "thunderbird"])
def test_reads_the_kind(readings, program, kind):
    """Firefox and Thunderbird read the kinds of files that they are known to read."""
    found = readings[program, kind]
    if isinstance(found, Missing):
        pytest.skip(str(found))
    proofs.record("read", installed.about(program), WORKS if found else FAILS, kind=kind)
    assert found == (kind not in REFUSED)


@pytest.mark.extended
def test_only_a_certificate_for_e_mail_signs_e_mail(server, home):
    """In Thunderbird, that for the grid logs in, and that for e-mail signs; not the reverse."""
    installed.needs("thunderbird")
    proofs.attempt(installed.about("thunderbird"), "sign-email", page=PAGE)
    with mozilla("thunderbird", home) as thunderbird:
        thunderbird.trust(server.root)
        for kind in ("AES-256", "e-mail"):
            assert thunderbird.read(put(common(kind, PASSWORD), home), PASSWORD) == IMPORTED
        grid, mail = (
            certificates.personal("RSA 2048", use).serial_number for use in ("grid", "e-mail")
        )
        signs = thunderbird.fitness("e-mail signer")
        logs_in = thunderbird.fitness("TLS client")
    # SEC_ERROR_INADEQUATE_CERT_TYPE, as secerr.h of NSS numbers it.
    assert signs == {mail: 0, grid: -8101}
    assert logs_in == {mail: -8101, grid: 0}

"""The checks of a certificate: with each OpenSSL, and on a machine of the grid."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

import homes
import installed
import proofs
from certificates import DAYS, authorities
from evidence import FAILS, WORKS
from grid_authorities import person
from homes import PASSPHRASE, PASSWORD
from openssl_versions import fetched, own_program
from scenes import converted
from terminal import Terminal
from transcripts import blocks
from walks import Route, Walk, answers, steps, type_block, walk
from zoo import common

PAGE = "check-certificate"
GOOD = common("AES-256", PASSWORD)
FETCHED = [pytest.param(one, marks=pytest.mark.extended) for one in fetched()]


@pytest.mark.parametrize("openssl", ["", *FETCHED])
@pytest.mark.parametrize("way", ["check", "check-p12"])
def test_version_does_as_printed(guide, way, openssl):
    """With each OpenSSL, the answers are those of the page."""
    home = Path(tempfile.mkdtemp(prefix="home-", dir=guide.folder))
    route = Route(PAGE, GOOD, way, openssl=openssl)
    done = walk(guide, route, home)
    proofs.keep(route, done)
    shutil.rmtree(home)
    assert done.finished, done.problem


def command(guide, part: str) -> str:
    """Return the command of the page that has this in it."""
    typed = [one.typed for block in blocks(guide, PAGE) for one in block.commands]
    (found,) = {one for one in typed if part in one}
    return found


def text(guide) -> str:
    """Return the text of the page, in one line."""
    return " ".join(guide.doctree(PAGE, "en").astext().split())


# -- The pair -----------------------------------------------------------------------------


@pytest.fixture
def home(guide):
    """The home folder of a reader who has a pair; no test shares it."""
    folder = Path(tempfile.mkdtemp(prefix="home-", dir=guide.folder))
    homes.prepare(folder, GOOD)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def said(home: Path, typed: str, passphrase: str = PASSPHRASE) -> tuple[int, str]:
    """Return the status of a command that a reader types, and what it prints."""
    more = {r"Enter pass phrase for [^\n]+:": passphrase}
    terminal = Terminal(home, answers(PASSWORD) | more)
    terminal.own(*home.rglob("*"))
    try:
        return terminal.type(typed)
    finally:
        terminal.close()


def test_key_of_another_certificate_does_not_fit(guide, home):
    """There is nothing then, as the page says; not even an error."""
    other = converted(guide, "") / ".globus/userkey.pem"
    foreign = authorities()[1][0].public_bytes(Encoding.PEM)
    (home / ".globus/usercert.pem").write_bytes(foreign)
    shutil.copy(other, home / ".globus/userkey.pem")
    status, shown = said(home, command(guide, "public="))
    assert status
    assert shown.splitlines()[1:] == []


@pytest.mark.parametrize("broken", ["passphrase", "userkey.pem", "usercert.pem", "both"])
def test_what_cannot_be_read_does_not_fit(guide, home, broken):
    """A wrong passphrase or an empty file is never taken for a key that fits."""
    names = ["usercert.pem", "userkey.pem"] if broken == "both" else [broken]
    for name in names if broken != "passphrase" else []:
        (home / ".globus" / name).chmod(0o600)
        (home / ".globus" / name).write_bytes(b"")
    wrong = "not the passphrase" if broken == "passphrase" else PASSPHRASE
    status, shown = said(home, command(guide, "public="), wrong)
    assert status
    assert "fits" not in shown
    assert "ould not" in shown or "unable to load" in shown


# -- The name -----------------------------------------------------------------------------


@pytest.fixture
def reader(guide, machine):
    """The terminal of a reader of a machine of the grid, who has a pair."""
    terminal = machine.log_in(converted(guide, ""), PASSPHRASE, more=answers(PASSWORD))
    yield terminal
    terminal.close()


def test_name_is_that_of_the_grid(guide, reader):
    """A grid program writes the name as the command of the page does."""
    installed.needs("grid-proxy-init")
    _, shown = reader.type(command(guide, "-subject -issuer -nameopt compat"))
    status, made = reader.type("grid-proxy-init")
    assert status == 0, made
    _, identity = reader.type("grid-proxy-info -identity")
    assert f"subject={identity.strip()}\n" in shown


def test_name_is_that_of_a_web_server(guide, home, server):
    """A web server writes the name in the order in which the page says so."""
    installed.needs("curl")
    pair = [converted(guide, "") / ".globus" / name for name in ("usercert.pem", "userkey.pem")]
    subprocess.run(
        [
            *("curl", "--silent", "--fail", "--cacert", server.root, "--cert", pair[0]),
            *("--key", pair[1], "--pass", PASSPHRASE, f"{server.address}name"),
        ],
        check=True,
        capture_output=True,
    )
    (visit,) = server.visits("/name")
    assert said(home, command(guide, "RFC2253")) == (0, f"subject={visit.subject}\n")


# -- The issuer ---------------------------------------------------------------------------


def test_machine_knows_the_issuer(guide, reader):
    """On a machine of the grid, the authority vouches for the certificate."""
    route, done = Route(PAGE, GOOD, "check-issuer", old=False), Walk(reader.home)
    for block in steps(guide, PAGE, "check-issuer"):
        problem, _, _ = type_block(reader, block, route)
        done.results.append((block, FAILS if problem else WORKS))
        done.problem = done.problem or problem
    proofs.keep(route, done, own_program())
    assert done.results
    assert not done.problem


def revocations(days: int, *serials: int) -> bytes:
    """Return a list of revoked certificates in PEM, of the authority that issues.

    Args:
        days: for how many days from now it is valid; less than 0 if it no longer is.
        serials: the numbers of the certificates.
    """
    issuer, key = authorities()[0]
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.subject)
    builder = builder.last_update(now - timedelta(30)).next_update(now + timedelta(days))
    for serial in serials:
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
        builder = builder.add_revoked_certificate(one.build())
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


@contextlib.contextmanager
def authorities_of(machine) -> Iterator[Path]:
    """Yield the folder of the authorities of a machine; what is changed in it is undone."""
    folder = machine.folder / "etc/grid-security/certificates"
    kept = Path(shutil.copytree(folder, machine.folder / "kept"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        kept.rename(folder)


def lists(folder: Path, content: bytes | None) -> None:
    """Replace all lists of revoked certificates, or delete them."""
    for path in folder.glob("*.r0"):
        path.unlink()
    issuer = authorities()[0][0].public_bytes(Encoding.PEM)
    for path in list(folder.glob("*.0")) if content else []:
        if path.read_bytes() == issuer:
            path.with_suffix(".r0").write_bytes(content)


CHANGES = {
    "unable to get local issuer certificate": lambda folder: [
        path.unlink() for path in folder.iterdir()
    ],
    "certificate revoked": lambda folder: lists(folder, revocations(30, person().serial_number)),
    "unable to get certificate CRL": lambda folder: lists(folder, None),
    "CRL has expired": lambda folder: lists(folder, revocations(-1)),
}


@pytest.mark.parametrize(("message", "change"), CHANGES.items(), ids=CHANGES)
def test_machine_refuses_the_certificate(guide, machine, reader, message, change):
    """The command says so with the words of the page."""
    start = "openssl verify " + ("-crl_check" if "issuer" not in message else "-CApath")
    assert message in text(guide)
    with authorities_of(machine) as folder:
        change(folder)
        status, shown = reader.type(command(guide, start))
    assert status
    assert message in shown


def test_certificate_has_expired(guide, reader):
    """The command says so with the words of the page, once that is so."""
    later = int((datetime.now(UTC) + timedelta(DAYS)).timestamp())
    typed = command(guide, "openssl verify -CApath")
    status, shown = reader.type(typed.replace("verify", f"verify -attime {later}"))
    assert status
    assert "certificate has expired" in shown
    assert "certificate has expired" in text(guide)

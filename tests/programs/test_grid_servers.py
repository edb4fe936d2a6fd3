"""The grid programs and real servers: files, a virtual organisation, a store of proxies."""

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

import certificates
import installed
import proofs
from grid import SERVER, version_of_voms
from grid_servers import ACCOUNT, HELLO, VO, myproxy_server, voms_server, vomses, xrootd
from homes import PAIR, PASSPHRASE, PASSWORD
from proxies import read_proxy, unfit
from scenes import converted
from walks import Route, Walk, follow, steps
from zoo import common

pytestmark = pytest.mark.extended
PAGE = "use-certificate"
# Another password than that of the certificate, which no server may know.
OF_THE_STORE = "of the store 15"
STORE = {
    r"Verifying - Enter MyProxy pass phrase:": OF_THE_STORE,
    r"Enter MyProxy pass phrase:": OF_THE_STORE,
}


@pytest.fixture(scope="module")
def files(machine):
    """A server of files, which knows the reader."""
    installed.needs("xrootd", "xrdcp")
    return xrootd(machine)


@pytest.fixture(scope="module")
def organisation(machine):
    """The server of a virtual organisation, which has the reader as a member."""
    installed.needs("voms", "mariadbd")
    return voms_server(machine)


@pytest.fixture(scope="module")
def store(machine):
    """A server that keeps proxies."""
    installed.needs("myproxy-server", "myproxy-init")
    return myproxy_server(machine)


@pytest.fixture
def member(guide, tmp_path):
    """The home folder of a reader whose programs know the virtual organisation."""
    return knowing(converted(guide), tmp_path)


def knowing(home: Path, folder: Path) -> Path:
    """Return a copy of a home folder in which the programs know the virtual organisation."""
    copy = folder / "member"
    shutil.copytree(home, copy)
    vomses(copy)
    return copy


def stranger(folder: Path) -> Path:
    """Return the home folder of somebody else, who has a certificate of the same authority."""
    key = certificates.private_key("RSA 2048")
    issuer, issuer_key = certificates.authorities()[0]
    subject = certificates.name(*certificates.PERSON[:-1], (NameOID.COMMON_NAME, "Bob Stranger"))
    certificate = certificates.certificate(subject, key, issuer.subject, issuer_key, "grid")
    encryption = BestAvailableEncryption(PASSPHRASE.encode())
    globus = folder / "stranger/.globus"
    globus.mkdir(mode=0o700, parents=True)
    (globus / "usercert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    (globus / "userkey.pem").write_bytes(pem)
    for name, mode in PAIR.items():
        (globus / name).chmod(mode)
    return globus.parent


def keep(route: Route, done: Walk, voms: str) -> None:
    """Keep what a walk has shown, each block for the program that it is about."""
    for program in ("xrdcp", f"voms-proxy-init{voms}"):
        results = [
            (block, result)
            for block, result in done.results
            if block.commands[0].typed.startswith("xrdcp") == (program == "xrdcp")
        ]
        proofs.keep(route, Walk(done.home, results=results), about=installed.about(program))


@pytest.mark.parametrize("voms", ["2", "3"])
def test_file_is_copied_as_printed(guide, machine, files, voms):
    """With the proxy of either program, the server lets the reader in under their name."""
    installed.needs(f"voms-proxy-init{voms}")
    terminal = machine.log_in(converted(guide), PASSPHRASE, voms)
    route = Route(PAGE, common("AES-256", PASSWORD), "xrdcp", old=False)
    done = Walk(terminal.home)
    before = files.log.read_text().count(f"login as {ACCOUNT}")
    try:
        follow(guide, route, terminal, done, steps(guide, PAGE, "xrdcp"))
    finally:
        terminal.close()
    keep(route, done, voms)
    assert not done.problem
    assert (terminal.home / "hello.txt").read_text() == HELLO
    assert files.log.read_text().count(f"login as {ACCOUNT}") == before + 1
    assert not machine.proxy.exists()


def copies(machine, home: Path, secret: str) -> tuple[bool, bool, str]:
    """Have a reader without a proxy copy a file; return whether it came, and whether with one."""
    terminal = machine.log_in(home, secret)
    try:
        _, shown = terminal.type(f"xrdcp root://{SERVER}//data/hello.txt .")
    finally:
        terminal.close()
    return (terminal.home / "hello.txt").exists(), machine.proxy.exists(), shown


def test_xrdcp_makes_a_proxy_itself(guide, machine, files):
    """Without a proxy it asks for the passphrase, and leaves one."""
    came, proxy, shown = copies(machine, converted(guide), PASSPHRASE)
    assert came
    assert proxy
    assert "Enter PEM pass phrase:" in shown


def test_xrdcp_does_not_read_the_downloaded_file(guide, machine, files):
    """It does not even ask for its password."""
    came, proxy, shown = copies(machine, converted(guide, "usercred"), PASSWORD)
    assert not came
    assert not proxy
    assert "pass phrase" not in shown


def test_server_refuses_who_has_no_account(machine, files, tmp_path):
    """A certificate of the same authority is not enough: the server tells people apart."""
    came, proxy, _ = copies(machine, stranger(tmp_path), PASSPHRASE)
    assert not came
    assert proxy, "the stranger has not even got as far as the server"


def test_organisation_grants_as_printed(guide, machine, organisation, member):
    """The proxy holds that the reader is a member, as the page shows it."""
    installed.needs("voms-proxy-init2")
    terminal = machine.log_in(member, PASSPHRASE, "2")
    route = Route(PAGE, common("AES-256", PASSWORD), "voms-vo", old=False)
    done = Walk(terminal.home)
    *make, delete = steps(guide, PAGE, "voms-vo")
    try:
        follow(guide, route, terminal, done, make)
        is_granted = not done.problem and read_proxy(machine.proxy).granted
        follow(guide, route, terminal, done, [delete])
    finally:
        terminal.close()
    keep(route, done, "2")
    assert not done.problem
    assert is_granted
    assert not machine.proxy.exists()


@pytest.mark.parametrize(
    ("program", "command", "shows"),
    [
        # The other protocol, over HTTP, does not answer in Debian's build of the server.
        (
            "voms-proxy-init3",
            f"voms-proxy-init --rfc --voms {VO} --enable_legacy_protocol",
            "voms-proxy-info --fqan",
        ),
        (
            "voms-proxy-init2",
            f"voms-proxy-init --rfc --voms {VO}:/{VO}/Role=production",
            "voms-proxy-info --fqan",
        ),
        ("arcproxy", f"arcproxy --oldcom -S {VO}", "arcproxy -I"),
    ],
)
def test_organisation_grants(machine, organisation, member, program, command, shows):
    """Each program gets the reader's membership into a proxy, and shows it."""
    installed.needs(program)
    proofs.attempt(installed.about(program), "vo-attributes")
    terminal = machine.log_in(member, PASSPHRASE, version_of_voms(program))
    try:
        status, said = terminal.type(command)
        _, shown = terminal.type(shows)
    finally:
        terminal.close()
    assert status == 0, said
    assert read_proxy(machine.proxy).granted
    assert not unfit(read_proxy(machine.proxy))
    assert (f"/{VO}/Role=production" if "Role" in command else f"/{VO}") in shown


def asks(machine, home: Path, voms: str) -> tuple[int | None, str]:
    """Have a reader ask for the attributes as printed; return the status, and what it shows."""
    terminal = machine.log_in(home, PASSPHRASE, voms)
    try:
        return terminal.type(f"voms-proxy-init --rfc --voms {VO}")
    finally:
        terminal.close()


def test_organisation_knows_no_stranger(guide, machine, organisation, tmp_path):
    """It says what the page about joining quotes, to whom is not a member."""
    installed.needs("voms-proxy-init2")
    said = "User unknown to this VO"
    assert f"``{said}``" in " ".join(guide.source("join-vo"))
    status, shown = asks(machine, knowing(stranger(tmp_path), tmp_path), "2")
    assert status != 0
    assert said in shown
    assert not machine.proxy.exists()


@pytest.mark.parametrize("had", ["", "usercred"])
def test_store_keeps_a_proxy(guide, machine, store, had):
    """A proxy made from what the pages have put in place is kept, shown and given back."""
    proofs.attempt(installed.about("myproxy-init"), "myproxy")
    terminal = machine.log_in(converted(guide, had), PASSWORD if had else PASSPHRASE, more=STORE)
    results = {}
    try:
        for command in ("init", "logon", "info", "destroy"):
            typed = f"myproxy-{command} -s {SERVER} -l {ACCOUNT}"
            results[command] = terminal.type(typed)
            if command == "logon" and machine.proxy.exists():
                back = read_proxy(machine.proxy)
    finally:
        terminal.close()
    is_kept = all(status == 0 for status, _ in results.values())
    assert is_kept, results
    assert f"username: {ACCOUNT}" in results["info"][1]
    # The server has a proxy of the certificate, and made this one of it.
    assert back.certificate.issuer == back.issuer.subject
    assert back.key.public_key() == back.certificate.public_key()
    assert 0 < back.hours <= 12.1

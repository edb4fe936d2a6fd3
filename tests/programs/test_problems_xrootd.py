"""What ``xrdcp`` says when it fails, with a real server: each cause, and that the cure helps."""

import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

import certificates
import installed
import pairs
import problems
from grid import SERVER
from grid_authorities import person, subject, write_authorities, write_authority
from grid_servers import ACCOUNT, HELLO, xrootd
from homes import PASSPHRASE, PASSWORD
from openssl_versions import own_program
from pairs import put, put_pair
from scenes import converted
from walks import with_role

COPY = f"xrdcp root://{SERVER}//data/hello.txt ."
# How long the server keeps what it has read, in seconds, and when it has forgotten it for sure.
KEPT = 1
FORGOTTEN = 2.2


class Site:
    """A server of files, and what it knows of people and of authorities.

    Attributes:
        authorities: the folder of the authorities, which is not that of the reader's machine.
    """

    def __init__(self, machine):
        """Start the server.

        Args:
            machine: the machine that it runs on.
        """
        self.authorities = machine.folder / "site"
        write_authorities(self.authorities)
        options = (f"-certdir:{self.authorities}", "-crl:3", f"-crlrefresh:{KEPT}")
        self.server = xrootd(machine, *options, f"-gmapto:{KEPT}")

    def knows(self, *people: str) -> None:
        """Let in those whose subjects are given, as those who run the site do."""
        lines = [f'"{one}" {ACCOUNT}\n' for one in people or ["/CN=Nobody"]]
        (self.server.folder / "gridmap").write_text("".join(lines))
        time.sleep(FORGOTTEN)

    def has_lists(self, days: int) -> None:
        """Have other lists of revoked certificates, as after a failed or a good ``fetch-crl``.

        Args:
            days: how many days from now they expire.
        """
        pairs.write_lists(self.authorities, days)
        time.sleep(FORGOTTEN)

    @property
    def logins(self) -> int:
        """How often the reader was let in."""
        return self.server.log.read_text().count(f"login as {ACCOUNT}")


@pytest.fixture(scope="module")
def site(machine):
    """A server of files, which knows the reader."""
    installed.needs("xrootd", "xrdcp", "voms-proxy-init2")
    return Site(machine)


@pytest.fixture
def terminal(guide, machine, site):
    """The terminal of a reader who has converted the file, and has no proxy."""
    return machine.log_in(converted(guide), PASSPHRASE, "2")


@pytest.fixture
def unconverted(guide, machine, site):
    """The terminal of a reader who has put the downloaded file in place, and has no proxy."""
    return machine.log_in(converted(guide, "usercred"), PASSWORD, "2")


@pytest.fixture
def proved(guide, site):
    """A function that proves an entry, and sees that the file is copied at the end."""

    def prove(name: str, terminal, **how) -> str:
        before = site.logins
        shown = problems.prove(guide, name, terminal, installed.about("xrdcp"), **how)
        assert (terminal.home / "hello.txt").read_text() == HELLO
        assert site.logins == before + 1
        return shown

    return prove


def has_proxy(terminal) -> None:
    """Make a proxy, whatever it is worth."""
    status, shown = terminal.type("xrdgsiproxy init")
    assert (status, "time left" in shown) == (0, True), shown


# -- The proxy, and the files of the reader -----------------------------------------------


def test_no_proxy(unconverted, proved):
    """Without a pair, xrdcp cannot make a proxy; another program makes it."""
    proved("xrootd-no-proxy", unconverted)


def test_other_program_says_the_same(guide, unconverted):
    """So does xrdfs, as the page tells."""
    (block,) = with_role(guide, "error", "xrootd-no-proxy")
    assert "``xrdfs``" in " ".join(guide.source(block.page))
    _, shown = unconverted.type(f"xrdfs {SERVER} ls /data")
    unconverted.close()
    assert block.heading in shown


def test_no_key(unconverted, proved):
    """It says so if it is asked for more."""
    proved("xrootd-no-key", unconverted)


def test_proxy_has_expired(unconverted, proved):
    """A new proxy is needed; without a pair, xrdcp does not make it."""
    end_a_proxy(unconverted, " -C ~/.globus/usercred.p12")
    proved("xrootd-proxy-expired", unconverted)


def test_expired_proxy_is_made_anew_from_a_pair(terminal):
    """With a pair, xrdcp asks for the passphrase instead."""
    end_a_proxy(terminal)
    status, shown = terminal.type(COPY)
    terminal.close()
    assert status == 0
    assert "Enter PEM pass phrase:" in shown


def end_a_proxy(terminal, options: str = "") -> None:
    """Give the reader a proxy that has expired an hour ago.

    Args:
        terminal: that of the reader.
        options: those of ``arcproxy``.
    """
    installed.needs("arcproxy")
    moments = [time.strftime("%FT%TZ", time.gmtime(time.time() - 3600 * n)) for n in (3, 1)]
    start, end = moments
    terminal.type(f"arcproxy{options} -c validityStart={start} -c validityEnd={end}")
    _, shown = terminal.type("arcproxy -I")
    assert "Proxy expired" in shown


def test_wrong_passphrase(terminal, proved):
    """The right one is typed the second time."""
    wrong = pairs.wrong_passphrase(terminal.home / ".globus/userkey.pem")
    proved("xrootd-passphrase", terminal, wrong=wrong)


@pytest.mark.parametrize("mode", [0o640, 0o644])
def test_key_is_open(terminal, proved, mode):
    """The key is refused until its mode is set."""
    (terminal.home / ".globus/userkey.pem").chmod(mode)
    proved("xrootd-key-mode", terminal)


def test_key_is_open_for_the_program_that_makes_proxies(guide, terminal):
    """It says the same."""
    (terminal.home / ".globus/userkey.pem").chmod(0o644)
    about = ("xrdgsiproxy", installed.about("xrdcp")[1])
    problems.prove(guide, "xrootd-key-mode-init", terminal, about)


@pytest.mark.parametrize("mode", [0o400, 0o600])
def test_key_is_taken_under_the_modes_of_the_page(terminal, mode):
    """Both what the page sets, and what the message asks for."""
    (terminal.home / ".globus/userkey.pem").chmod(mode)
    status, _ = terminal.type(COPY)
    terminal.close()
    assert status == 0


def test_certificate_is_no_proxy(guide, unconverted, proved):
    """The variable names a certificate; without it, the new proxy is found."""
    write(unconverted, "usercert.pem", person().public_bytes(Encoding.PEM))
    unconverted.type("export X509_USER_PROXY=~/usercert.pem")
    proved("xrootd-not-a-proxy", unconverted)
    assert not has_key(unconverted.home / "usercert.pem")


def test_certificate_is_overwritten_by_a_proxy(terminal):
    """With a key beside it, the file that the variable names becomes the proxy."""
    path = terminal.home / ".globus/usercert.pem"
    status, _ = terminal.type(f"X509_USER_PROXY=~/.globus/usercert.pem {COPY}")
    terminal.close()
    assert status == 0
    assert has_key(path)


def write(terminal, name: str, content: bytes) -> None:
    """Write a file into the home folder of a reader."""
    (terminal.home / name).write_bytes(content)
    terminal.own(terminal.home / name)


def has_key(path: Path) -> bool:
    """Tell whether a file holds a private key that is not encrypted."""
    return b"-----BEGIN PRIVATE KEY-----" in path.read_bytes()


def test_certificate_has_expired(guide, terminal, proved):
    """A new pair is taken."""
    put(terminal, "usercert.pem", pairs.certificate_pem(-400, -5))
    proved("xrootd-expired", terminal, mend=lambda: put_pair(guide, terminal))


def test_key_of_another_certificate(guide, terminal, proved):
    """The proxy looks good, but no server accepts it; the new pair helps once it is gone."""
    put(terminal, "userkey.pem", pairs.key_pem(rsa.generate_private_key(65537, 2048)))
    has_proxy(terminal)
    proved("xrootd-mismatch", terminal, mend=lambda: put_pair(guide, terminal))


# -- The server ---------------------------------------------------------------------------


def test_machine_knows_no_authorities(terminal, proved):
    """The variable names a folder without them."""
    has_proxy(terminal)
    terminal.type("mkdir ~/elsewhere && export X509_CERT_DIR=~/elsewhere")
    proved("xrootd-no-authorities", terminal)


def test_machine_has_lost_its_authorities(guide, machine, terminal, proved):
    """Where the variable is not set, only those who run the machine can help."""
    has_proxy(terminal)
    with pairs.changed_authorities(machine) as folder:
        for path in folder.iterdir():
            path.unlink()
        proved("xrootd-no-authorities", terminal, mend=lambda: pairs.put_back(machine))


def test_site_does_not_know_the_authority(terminal, site, proved):
    """The reader has the certificate of another authority, which the site learns to know."""
    name = certificates.name((certificates.NameOID.COMMON_NAME, "Example New RSA CA"))
    key, mine = rsa.generate_private_key(65537, 2048), certificates.private_key("RSA 2048")
    authority = certificates.certificate(name, key, name, key)
    certificate = certificates.certificate(person().subject, mine, name, key, "grid")
    put(terminal, "usercert.pem", certificate.public_bytes(Encoding.PEM))
    put(terminal, "userkey.pem", pairs.key_pem(mine))
    has_proxy(terminal)
    before = set(site.authorities.iterdir())

    def learn() -> None:
        write_authority(site.authorities, authority, key)

    try:
        proved("xrootd-untrusted", terminal, mend=learn)
    finally:
        for path in set(site.authorities.iterdir()) - before:
            path.unlink()


@pytest.mark.extended
def test_lists_of_the_site_have_expired(terminal, site, proved):
    """The message is the same; the site fetches its lists again."""
    has_proxy(terminal)
    site.has_lists(-2)
    try:
        proved("xrootd-untrusted", terminal, mend=lambda: site.has_lists(30))
    finally:
        site.has_lists(30)


@pytest.mark.extended
def test_site_does_not_know_the_reader(terminal, site, proved):
    """It gives no reason; it registers the subject, and lets the reader in."""
    has_proxy(terminal)
    site.knows()
    try:
        proved("xrootd-no-account", terminal, mend=lambda: site.knows(subject(person())))
    finally:
        site.knows(subject(person()))


def test_lists_of_the_machine_have_expired(guide, machine, terminal):
    """The command finds it, and finds nothing wrong once they are fetched again."""
    with pairs.changed_authorities(machine) as folder:
        pairs.write_lists(folder, -2)
        problems.prove(
            guide,
            "xrootd-crl",
            terminal,
            own_program(),
            mend=lambda: pairs.put_back(machine),
        )


def test_lists_of_the_machine_have_the_certificate(guide, machine, terminal):
    """The command finds a certificate that is revoked, and says so."""
    (block,) = with_role(guide, "error", "xrootd-crl")
    with pairs.changed_authorities(machine) as folder:
        pairs.write_lists(folder, 30, person())
        status, shown = terminal.type(block.commands[0].typed)
    terminal.close()
    assert status
    assert "certificate revoked" in shown


@pytest.mark.extended
def test_lists_of_the_machine_are_good(guide, terminal, site):
    """Where only those of the site have expired, the command prints what the page says."""
    (block,) = with_role(guide, "error", "xrootd-crl")
    site.has_lists(-2)
    try:
        status, shown = terminal.type(block.commands[0].typed)
        refused, _ = terminal.type(COPY)
    finally:
        terminal.close()
        site.has_lists(30)
    assert status == 0
    assert shown.endswith("usercert.pem: OK\n")
    assert refused

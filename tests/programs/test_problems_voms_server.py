"""What both programs ``voms-proxy-init`` say when a virtual organisation refuses, and the cure.

The server is a real one, with its database: ``grid_servers.py``. It speaks the older protocol
only, which the program in Java must be told.
"""

import shutil

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

import certificates
import installed
import pairs
import problems
from certificates import authorities
from grid import Machine, Reader
from grid_authorities import person, subject, write_authority
from grid_servers import SECONDS, VO, voms_server, vomses
from homes import PASSPHRASE
from pairs import put, put_pair
from proxies import read_proxy
from scenes import converted
from voms import CPP, JAVA, about, both, is_said

PAGE = "problems-voms-server"
COMMAND = f"voms-proxy-init --rfc --voms {VO}"
OLDER = "voms-proxy-init --enable_legacy_protocol"


class Organisation:
    """The virtual organisation, which has the reader as a member.

    Attributes:
        machine: the machine that its server is on.
    """

    def __init__(self, machine: Machine):
        """Start its server, and its database.

        Args:
            machine: the machine.
        """
        self.machine = machine
        voms_server(machine)

    def tell(self, statement: str) -> None:
        """Have the database do something.

        Args:
            statement: what to do, in SQL.
        """
        socket = self.machine.folder / "mariadb/socket"
        client = ["mariadb", "--no-defaults", f"--socket={socket}", "--execute", statement, "voms"]
        assert self.machine.start(*client).wait(SECONDS) == 0

    def register(self, certificate: x509.Certificate, issuer: x509.Certificate) -> None:
        """Make a certificate that of a member, as the organisation does when it is asked.

        Args:
            certificate: the certificate.
            issuer: that of its issuer.
        """
        owner, authority = subject(certificate), subject(issuer)
        known = f"FROM ca WHERE subject_string = '{authority}'"
        self.tell(
            f"INSERT INTO ca SELECT 2, '{authority}', '{authority}' WHERE NOT EXISTS (SELECT 1 "
            f"{known}); INSERT INTO certificate SELECT 2, '{owner}', cid, FALSE, NULL {known};"
            "INSERT INTO m VALUES (2, 1, NULL)"
        )

    def forget(self) -> None:
        """Forget whom it has registered, and whom it has suspended."""
        self.tell(
            "DELETE FROM ca WHERE cid = 2; DELETE FROM certificate WHERE usr_id = 2;"
            "DELETE FROM m WHERE userid = 2; UPDATE certificate SET suspended = FALSE;"
        )


@pytest.fixture(scope="module")
def running(machine):
    """The organisation, whose server answers."""
    installed.needs("voms", "mariadbd")
    return Organisation(machine)


@pytest.fixture
def organisation(running):
    """The organisation, with the reader as its only member."""
    yield running
    running.forget()


@pytest.fixture
def trusted(machine):
    """What the machine knows of the authorities: a test may change it."""
    with pairs.changed_authorities(machine) as folder:
        yield folder


@pytest.fixture
def log_in(guide, machine):
    """A function that returns the terminal of a reader whose program knows the server."""

    def one(voms: str) -> Reader:
        about(voms)
        terminal = machine.log_in(converted(guide), PASSPHRASE, voms)
        vomses(terminal.home)
        terminal.own(*terminal.home.rglob("*"))
        return terminal

    return one


def older(terminal: Reader, voms: str) -> None:
    """Have the program in Java speak the protocol of the server where the page does not say so."""
    if voms == JAVA:
        terminal.type(f"alias voms-proxy-init='{OLDER}'")


def is_granted(machine: Machine) -> bool:
    """Tell whether the proxy holds what the organisation certifies."""
    return read_proxy(machine.proxy).granted


def certify(terminal: Reader, name: x509.Name, issuer: x509.Certificate, key) -> x509.Certificate:
    """Give the reader another certificate for the key that is in place, and return it.

    Args:
        terminal: that of the reader.
        name: the subject.
        issuer: the certificate of its issuer.
        key: the key of the issuer.
    """
    mine = certificates.private_key("RSA 2048")
    certificate = certificates.certificate(name, mine, issuer.subject, key, "grid")
    put(terminal, "usercert.pem", certificate.public_bytes(Encoding.PEM))
    return certificate


@both("vo-unknown-user", "vo-unknown-user-cpp")
def test_reader_is_no_member(guide, machine, organisation, log_in, voms, block):
    """Somebody else with a certificate of the same authority is unknown, until registered."""
    terminal = log_in(voms)
    issuer, key = authorities()[0]
    other = (NameOID.COMMON_NAME, "Bob Stranger")
    name = certificates.name(*certificates.PERSON[:-1], other)
    certificate = certify(terminal, name, issuer, key)

    def mend() -> None:
        organisation.register(certificate, issuer)

    problems.prove(guide, block, terminal, about(voms), mend=mend)
    assert is_granted(machine)


@pytest.mark.extended
@both("vo-unknown-user", "vo-unknown-user-cpp")
def test_issuer_is_another(guide, machine, organisation, log_in, trusted, voms, block):
    """So is the reader with a certificate of the same subject, but from another authority."""
    terminal = log_in(voms)
    key = rsa.generate_private_key(65537, 2048)
    root, root_key = authorities()[1]
    called = certificates.name((NameOID.COMMON_NAME, "Example Authentication RSA CA 5"))
    issuer = certificates.certificate(called, key, root.subject, root_key)
    write_authority(trusted, issuer, key)
    certificate = certify(terminal, person().subject, issuer, key)

    def mend() -> None:
        organisation.register(certificate, issuer)

    problems.prove(guide, block, terminal, about(voms), mend=mend)
    assert is_granted(machine)


def test_server_speaks_an_older_protocol(guide, machine, organisation, log_in):
    """The option of the page makes the program in Java speak it, too."""
    shown = problems.prove(guide, "vo-no-answer", log_in(JAVA), about(JAVA))
    said = "Unexpected end of file from server"
    assert said in shown
    assert is_said(guide, PAGE, said)
    assert is_granted(machine)


MOVED = [
    ('"15000"', '"15001"', ": Connection refused"),
    ('"server.example.org"', '"gone.example.org"', ": gone.example.org"),
]


@pytest.mark.extended
@pytest.mark.parametrize(("right", "wrong", "said"), MOVED, ids=["port", "name"])
def test_server_has_moved(guide, machine, organisation, log_in, right, wrong, said):
    """The present line for ``vomses`` helps."""
    terminal = log_in(JAVA)
    older(terminal, JAVA)
    known = terminal.home / ".voms/vomses"
    line = known.read_text()
    known.write_text(line.replace(right, wrong))
    shown = problems.prove(
        guide, "vo-no-answer-moved", terminal, about(JAVA), mend=lambda: known.write_text(line)
    )
    assert said in shown
    assert is_said(guide, PAGE, "Connection refused")
    assert is_granted(machine)


@pytest.mark.extended
@pytest.mark.parametrize(("right", "wrong", "said"), MOVED, ids=["port", "name"])
def test_program_in_cpp_says_less(guide, organisation, log_in, right, wrong, said):
    """It has the same last words, but for a line break, and no reason but this one."""
    terminal = log_in(CPP)
    known = terminal.home / ".voms/vomses"
    known.write_text(known.read_text().replace(right, wrong))
    try:
        status, shown = terminal.type(COMMAND)
    finally:
        terminal.close()
    assert status != 0
    assert f"None of the contacted servers for {VO} were capable" in shown
    assert is_said(guide, PAGE, "Failed")
    assert '" Failed' in shown
    assert said not in shown


@both("vo-unknown", "vo-unknown-cpp")
def test_server_is_not_known(guide, machine, organisation, log_in, voms, block):
    """With the line that the organisation gives, it is."""
    terminal = log_in(voms)
    older(terminal, voms)
    folder = terminal.home / ".voms"
    line = (folder / "vomses").read_text()
    assert is_said(guide, PAGE, line.strip())
    assert is_said(guide, PAGE, "~/.voms/vomses")
    shutil.rmtree(folder)

    def mend() -> None:
        vomses(terminal.home)
        terminal.own(*folder.rglob("*"), folder)

    problems.prove(guide, block, terminal, about(voms), mend=mend)
    assert is_granted(machine)


@pytest.mark.extended
@pytest.mark.parametrize(
    ("voms", "said"),
    [(JAVA, "Check your vomses configuration."), (CPP, "VOMS Server for tesvo not known!")],
    ids=["Java", "C++"],
)
def test_name_of_the_organisation_is_misspelt(log_in, voms, said):
    """The message is the same as if the server were not known."""
    terminal = log_in(voms)
    try:
        status, shown = terminal.type("voms-proxy-init --rfc --voms tesvo")
    finally:
        terminal.close()
    assert status != 0
    assert said in shown


@pytest.mark.extended
@pytest.mark.parametrize(
    ("voms", "said"),
    [(JAVA, "Error parsing VOMSES file"), (CPP, "data format in file")],
    ids=["Java", "C++"],
)
def test_line_is_not_like_the_one_of_the_page(guide, organisation, log_in, voms, said):
    """Without its quotation marks, neither program understands it."""
    terminal = log_in(voms)
    older(terminal, voms)
    known = terminal.home / ".voms/vomses"
    line = known.read_text()
    known.write_text(line.replace('"', ""))
    status, shown = terminal.type(COMMAND)
    known.write_text(line)
    again, _ = terminal.type(COMMAND)
    terminal.close()
    assert (status != 0, again) == (True, 0)
    assert said in shown
    assert is_said(guide, PAGE, said)


def test_role_is_not_granted(guide, machine, organisation, log_in):
    """Without it, the reader gets what there is."""
    problems.prove(guide, "vo-role", log_in(CPP), about(CPP))
    assert is_granted(machine)


@pytest.mark.extended
def test_group_is_not_granted(organisation, log_in):
    """It is the same with a group."""
    terminal = log_in(CPP)
    try:
        status, shown = terminal.type(f"{COMMAND}:/{VO}/nobody")
    finally:
        terminal.close()
    assert status != 0
    assert "Unable to satisfy" in shown


def test_member_is_suspended(guide, machine, organisation, log_in):
    """The reason is shown; the organisation lifts it."""
    reason = "The rules of use were not signed"
    organisation.tell(f"UPDATE certificate SET suspended = TRUE, suspended_reason = '{reason}'")
    shown = problems.prove(guide, "vo-suspended", log_in(CPP), about(CPP), mend=organisation.forget)
    assert f"Suspension reason: {reason}" in shown
    assert is_granted(machine)


@both("vo-lsc", "vo-lsc-cpp")
def test_machine_cannot_check_what_is_granted(guide, machine, organisation, log_in, voms, block):
    """The proxy is made all the same; with the file of the server, it can."""
    granted = []
    folder = machine.folder / "etc/grid-security/vomsdir" / VO
    assert is_said(guide, PAGE, f"/etc/grid-security/vomsdir/{VO}")
    aside = folder.with_name("aside")
    folder.rename(aside)

    def mend() -> None:
        granted.append(is_granted(machine))
        aside.rename(folder)

    try:
        problems.prove(guide, block, log_in(voms), about(voms), mend=mend)
    finally:
        if aside.exists():
            aside.rename(folder)
    assert granted == [True]
    assert is_granted(machine)


def test_certificate_has_expired(guide, machine, organisation, log_in):
    """The program in C++ gets an answer that it does not understand; a new pair is taken."""
    terminal = log_in(CPP)
    put(terminal, "usercert.pem", pairs.certificate_pem(-400, -5))
    shown = problems.prove(
        guide, "vo-format", terminal, about(CPP), mend=lambda: put_pair(guide, terminal)
    )
    # It depends on which of the two hears first that the other has ended.
    said = ("Server Answer was incorrectly formatted.", "bad write retry")
    assert any(text in shown for text in said)
    assert all(is_said(guide, PAGE, text) for text in said)
    assert is_granted(machine)


@pytest.mark.extended
def test_java_looks_at_the_certificate_first(machine, organisation, log_in):
    """With the name of an organisation, it says what the page on certificates has."""
    terminal = log_in(JAVA)
    put(terminal, "usercert.pem", pairs.certificate_pem(-400, -5))
    try:
        status, shown = terminal.type(COMMAND)
    finally:
        terminal.close()
    assert status != 0
    assert "Certificate has expired on" in shown
    assert "User credential is not valid!" in shown
    assert "contacting" not in shown.lower()
    assert not machine.proxy.exists()

"""What servers answer ``curl`` and other programs, and what these say of the reader's files."""

import importlib.util
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

import certificates
import installed
import pairs
import problems
import proofs
from evidence import ANNOUNCED, FAILS, WORKS
from grid import MAKE, SERVER, version_of_voms
from grid_authorities import person, write_authorities, write_authority
from grid_servers import HELLO, Server, xrootd
from homes import PASSPHRASE, PASSWORD
from kinds import is_read_by_openssl
from pairs import put, put_pair
from proxies import read_proxy, unfit
from scenes import converted
from walks import Route, Walk, steps, type_block, with_role
from web_server import CONFIGURATION, SUBJECT, WebServer, write_certificates
from zoo import Missing, common, make

ADDRESS = f"https://{SERVER}/"
# The one that wget and Python go to, and the first of those that only curl is sent to.
USUAL_PORT = 443
OTHER_PORTS = 8443
CURL = f"curl --cert ~/.globus/usercert.pem --key ~/.globus/userkey.pem {ADDRESS}"
QUESTION = "Enter PEM pass phrase:"
# What is typed at other prompts than those of the grid programs.
ANSWERS = dict.fromkeys([r"Password of the file:", r"Enter Import Password:"], PASSWORD)
SHOW_PROXY = f"curl --cert /tmp/x509up_u$(id -u) {ADDRESS}"


class Sites:
    """Web servers of a machine, each with other wishes."""

    def __init__(self, machine):
        """Let ordinary users of the machine have the usual port.

        Args:
            machine: the machine that they run on.
        """
        self.machine = machine
        self.known: dict[str, WebServer] = {}
        allow = f"echo {USUAL_PORT} > /proc/sys/net/ipv4/ip_unprivileged_port_start"
        inside = ("nsenter", f"--target={machine.process}", "--net")
        subprocess.run([*inside, "sh", "-c", allow], check=True)

    def nginx(self, name: str, root_only: bool = False, **lists) -> WebServer:
        """Return an nginx, which is started the first time; ``plain`` has the usual port.

        Args:
            name: the name that it is known by.
            root_only: whether it knows the root, and not the authority that issues.
            lists: what its lists of revoked certificates are, as in ``trusting``; without,
                it has none.
        """
        if name not in self.known:
            server, port = self.prepared(name)
            if root_only:
                shutil.copy(server.folder / "root.pem", server.folder / "authorities.pem")
            text = CONFIGURATION.format(folder=server.folder, port=port)
            if lists:
                trusted = self.trusting(server, **lists)
                crls = b"".join(path.read_bytes() for path in sorted(trusted.glob("*.r0")))
                (server.folder / "lists.pem").write_bytes(crls)
                more = f"ssl_crl {server.folder}/lists.pem;"
                text = text.replace("ssl_verify_depth", f"{more}\n    ssl_verify_depth")
            settings = server.folder / "nginx.conf"
            settings.write_text(text)
            command = ("nginx", "-p", server.folder, "-c", settings, "-e", "stderr")
            server.run(*command, answers=lambda: server.listens(port))
        return self.known[name]

    def openssl(self, name: str, *options: str, root_only: bool = False, **lists) -> WebServer:
        """Return a server that answers in the words of the protocol, as a rule.

        Args:
            name: the name that it is known by.
            options: those of ``openssl s_server``.
            root_only: whether it knows the root, and not the authority that issues.
            lists: as for ``nginx``.
        """
        if name not in self.known:
            server, port = self.prepared(name)
            trusted = self.trusting(server, root_only, **lists)
            server.run(
                *("openssl", "s_server", "-www", "-accept", f"127.0.0.1:{port}"),
                *("-cert", server.folder / "host.pem", "-key", server.folder / "host.key"),
                *("-cert_chain", server.folder / "host.pem", "-CApath", trusted),
                *("-Verify", "3", "-verify_return_error", *(["-crl_check"] if lists else [])),
                *options,
                answers=lambda: server.listens(port),
            )
        return self.known[name]

    def prepared(self, name: str) -> tuple[Server, int]:
        """Return a server that is not started yet, and its port."""
        server = Server(self.machine, name)
        port = USUAL_PORT if name == "plain" else OTHER_PORTS + len(self.known)
        write_certificates(server.folder)
        self.known[name] = WebServer(server.folder, port)
        return server, port

    def trusting(self, server: Server, root_only: bool = False, days: int = 30, revoked=()) -> Path:
        """Return a folder with the authorities of a server, and their lists.

        Args:
            server: the server.
            root_only: whether it knows the root, and not the authority that issues.
            days: how many days from now the lists expire.
            revoked: the certificates that are on them.
        """
        folder = server.folder / "trusted"
        if root_only:
            folder.mkdir()
            write_authority(folder, *certificates.authorities()[1])
        else:
            write_authorities(folder)
        pairs.write_lists(folder, days, *revoked)
        return folder


@pytest.fixture(scope="module")
def sites(machine):
    """Web servers that ask for a certificate."""
    installed.needs("nginx", "curl")
    return Sites(machine)


@pytest.fixture
def log_in(guide, machine, sites):
    """A function that returns the terminal of a reader whose programs reach one of the sites."""

    def one(site: WebServer, had: str = "", trusts: bool = True):
        terminal = machine.log_in(converted(guide, had), PASSPHRASE, more=ANSWERS)
        root = f"{site.folder}/root.pem"
        lines = [f'connect-to = "{SERVER}:443:127.0.0.1:{site.port}"']
        lines += [f'cacert = "{root}"'] if trusts else []
        (terminal.home / ".curlrc").write_text("\n".join(lines) + "\n")
        (terminal.home / ".wgetrc").write_text(f"ca_certificate = {root}\n")
        return terminal

    return one


@pytest.fixture
def proved(guide):
    """A function that proves an entry."""

    def prove(name: str, terminal, **how) -> str:
        return problems.prove(guide, name, terminal, installed.about("curl"), **how)

    return prove


def lets_in(site: WebServer) -> bool:
    """Tell whether the last visitor of a site was the reader, and was let in."""
    last = site.visits()[-1]
    return (last.status, last.grid_subject) == (200, SUBJECT)


def put_new_pair(terminal) -> None:
    """Put the pair of another certificate of the reader in place."""
    mine = certificates.personal("RSA 3072", "grid").public_bytes(Encoding.PEM)
    put(terminal, "usercert.pem", mine)
    put(terminal, "userkey.pem", pairs.key_pem(certificates.private_key("RSA 3072")))


def put_e_mail(terminal) -> None:
    """Put a certificate for e-mail in place."""
    mine = certificates.personal("RSA 2048", "e-mail").public_bytes(Encoding.PEM)
    put(terminal, "usercert.pem", mine)


def put_expired(terminal) -> None:
    """Put a certificate in place that has expired."""
    put(terminal, "usercert.pem", pairs.certificate_pem(-400, -5))


def says(terminal, command: str) -> tuple[int, str]:
    """Type a command, close the terminal, and return the status and what is printed."""
    try:
        return terminal.type(command)
    finally:
        terminal.close()


# -- What servers answer ------------------------------------------------------------------


def test_no_certificate(sites, log_in, proved):
    """Without a certificate, nginx says so; with the pair, it lets the reader in."""
    site = sites.nginx("plain")
    proved("curl-no-certificate", log_in(site))
    assert lets_in(site)


def test_no_certificate_in_the_words_of_the_protocol(sites, log_in, proved):
    """Others say it in the words of TLS 1.3."""
    proved("curl-no-certificate-alert", log_in(sites.openssl("alert")))


def test_no_certificate_in_the_words_of_an_older_protocol(guide, sites, log_in):
    """TLS 1.2 has no words for it."""
    said = "alert handshake failure"
    assert f"``{said}``" in " ".join(guide.source("problems-curl"))
    terminal = log_in(sites.openssl("older", "-tls1_2"))
    _, shown = terminal.type(f"curl {ADDRESS}")
    assert said in shown
    status, _ = says(terminal, CURL)
    assert status == 0


def test_chain_is_missing(machine, sites, log_in, proved, tmp_path):
    """A server that knows the root alone wants the certificate of the authority, too."""
    site = sites.nginx("root", root_only=True)
    terminal = log_in(site)
    proved("curl-certificate-error", terminal)
    assert lets_in(site)
    # Afterwards, the command that went wrong does not.
    shutil.copytree(terminal.home, tmp_path / "home")
    status, shown = says(machine.log_in(tmp_path / "home", PASSPHRASE), CURL)
    assert (status, SUBJECT in shown) == (0, True)


def test_chain_is_missing_in_the_words_of_the_protocol(sites, log_in, proved):
    """Others say it in the words of TLS."""
    site = sites.openssl("root-alert", root_only=True)
    proved("curl-certificate-error-alert", log_in(site))


def test_file_without_a_chain_gives_none(guide, sites, log_in):
    """Where there is no certificate of an authority in the file, the new file is empty."""
    (cure, _) = with_role(guide, "cure", "curl-certificate-error")
    terminal = log_in(sites.nginx("plain"))
    (terminal.home / "Downloads/Certificate.p12").write_bytes(
        make(replace(common("AES-256", PASSWORD), chain=False))
    )
    go, extract, *_ = (one.typed for one in cure.commands)
    says(terminal, f"{go} && {extract}")
    assert (terminal.home / ".globus/issuers.pem").read_text() == ""


@pytest.mark.parametrize("program", [*MAKE, pytest.param("xrdcp", marks=pytest.mark.extended)])
def test_grid_programs_take_the_chain(guide, machine, program):
    """With the file of the page in place, a proxy is made, or a file copied."""
    installed.needs(program)
    if program == "xrdcp":
        installed.needs("xrootd")
        xrootd(machine)
    terminal = machine.log_in(converted(guide), PASSPHRASE, version_of_voms(program), more=ANSWERS)
    for cure in with_role(guide, "cure", "curl-certificate-error"):
        for one in cure.commands:
            if not one.typed.startswith("curl"):
                assert terminal.type(one.typed)[0] == 0
    assert (terminal.home / ".globus/usercert.pem").read_text().count("BEGIN") == 3
    copy = f"cd && xrdcp root://{SERVER}//data/hello.txt ."
    status, shown = says(terminal, MAKE.get(program, copy))
    assert status == 0, shown
    if program == "xrdcp":
        assert (terminal.home / "hello.txt").read_text() == HELLO
    else:
        assert not unfit(read_proxy(machine.proxy))


@pytest.mark.parametrize("cause", ["expired", "revoked", "e-mail", "proxy", "lists"])
def test_nginx_does_not_tell_the_causes_apart(sites, log_in, cause):
    """Whatever is wrong with a certificate, its answer is the same."""
    lists = {"revoked": {"revoked": [person()]}, "lists": {"days": -2}}.get(cause, {})
    site = sites.nginx(cause if lists else "plain", **lists)
    terminal = log_in(site)
    spoil = {"expired": put_expired, "e-mail": put_e_mail, "proxy": show_proxy}.get(cause)
    if spoil:
        spoil(terminal)
    _, shown = says(terminal, SHOW_PROXY if cause == "proxy" else CURL)
    assert "400 The SSL certificate error" in shown


def show_proxy(terminal) -> None:
    """Give the reader a proxy."""
    assert terminal.type("grid-proxy-init -q")[0] == 0


def test_certificate_has_expired(guide, sites, log_in, proved):
    """A new pair is taken."""
    terminal = log_in(sites.openssl("alert"))
    put_expired(terminal)
    proved("curl-expired", terminal, mend=lambda: put_pair(guide, terminal))


def test_lists_of_the_server_have_expired(guide, sites, log_in):
    """The message is the same, though the certificate is good."""
    (block,) = with_role(guide, "error", "curl-expired")
    terminal = log_in(sites.openssl("lists-alert", days=-2))
    problem, shown = problems.go_wrong(terminal, block, route(block, "curl-expired"))
    terminal.close()
    assert not problem
    assert "alert certificate expired" in shown


def test_certificate_is_revoked(sites, log_in, proved):
    """A new one is taken."""
    terminal = log_in(sites.openssl("revoked-alert", revoked=[person()]))
    proved("curl-revoked", terminal, mend=lambda: put_new_pair(terminal))


def test_certificate_is_for_e_mail(guide, sites, log_in, proved):
    """The one for the grid is taken."""
    terminal = log_in(sites.openssl("alert"))
    put_e_mail(terminal)
    proved("curl-e-mail", terminal, mend=lambda: put_pair(guide, terminal))


def test_proxy_is_no_certificate(sites, log_in, proved):
    """The certificate itself is taken."""
    terminal = log_in(sites.openssl("alert"))
    show_proxy(terminal)
    proved("curl-proxy", terminal)


def test_server_is_not_trusted(sites, log_in, proved):
    """The folder of the grid has the authority of the server."""
    site = sites.nginx("plain")
    proved("curl-issuer", log_in(site, trusts=False))
    assert lets_in(site)


# -- What programs say of the files -------------------------------------------------------


def test_wrong_passphrase(sites, log_in, proved):
    """The right one is typed the second time."""
    site = sites.nginx("plain")
    terminal = log_in(site)
    wrong = pairs.wrong_passphrase(terminal.home / ".globus/userkey.pem")
    proved("curl-private-key", terminal, wrong=wrong)
    assert lets_in(site)


def test_key_of_another_certificate(guide, sites, log_in, proved):
    """The same message, though the passphrase is right; a new pair is taken."""
    site = sites.nginx("plain")
    terminal = log_in(site)
    put(terminal, "userkey.pem", pairs.key_pem(rsa.generate_private_key(65537, 2048)))
    proved("curl-private-key", terminal, mend=lambda: put_pair(guide, terminal))
    assert lets_in(site)


@pytest.mark.parametrize(
    ("spoil", "command", "file"),
    [
        ("rm -f ~/.globus/userkey.pem", CURL, "userkey.pem"),
        ("chmod 000 ~/.globus/userkey.pem", CURL, "userkey.pem"),
        ("true", f"curl --cert ~/.globus/usercert.pem {ADDRESS}", "usercert.pem"),
    ],
)
def test_key_is_not_there(sites, log_in, spoil, command, file):
    """The message again, without a question."""
    terminal = log_in(sites.nginx("plain"))
    terminal.type(spoil)
    status, shown = says(terminal, command)
    assert status == 58
    assert f"unable to set private key file: '{terminal.home}/.globus/{file}'" in shown
    assert QUESTION not in shown


def ask_password(guide, terminal) -> None:
    """Type the command that asks for the password of the file, as another page prints it."""
    asking = steps(guide, "use-certificate", "curl-p12")[0].commands[0].typed
    assert terminal.type(asking)[0] == 0


def test_type_of_the_file_is_not_given(guide, sites, log_in, proved):
    """With its type and its password, it is read."""
    site = sites.nginx("plain")
    terminal = log_in(site, "usercred")
    proved("curl-start-line", terminal, mend=lambda: ask_password(guide, terminal))
    assert lets_in(site)


def test_certificate_is_empty(sites, log_in):
    """The same message names the file then."""
    terminal = log_in(sites.nginx("plain"))
    put(terminal, "usercert.pem", b"")
    _, shown = says(terminal, CURL)
    assert "no start line" in shown
    assert "usercert.pem" in shown


@pytest.mark.parametrize("typed", ["", "not the password"])
def test_wrong_password(guide, sites, log_in, proved, typed):
    """It is wrong, or there is none; asked for again, it is right."""
    site = sites.nginx("plain")
    terminal = log_in(site, "usercred")
    terminal.type(f'password="{typed}"' if typed else "unset password")
    proved("curl-password", terminal, mend=lambda: ask_password(guide, terminal))
    assert lets_in(site)


def given(guide, log_in, site: WebServer, kind: str):
    """Return the terminal of a reader who has put a kind of file in place, and its content."""
    if is_read_by_openssl(kind):
        pytest.skip(f"this OpenSSL reads {kind}")
    specimen = common(kind, PASSWORD)
    try:
        content = make(specimen)
    except Missing as error:
        pytest.skip(str(error))
    terminal = log_in(site, "usercred")
    put(terminal, "usercred.p12", content)
    ask_password(guide, terminal)
    return terminal, specimen


def test_file_is_encrypted_in_an_old_way(guide, sites, log_in, proved):
    """The pair that is made from it is read."""
    site = sites.nginx("plain")
    terminal, specimen = given(guide, log_in, site, "RC2-40")

    def convert() -> None:
        pairs.put_converted(guide, terminal, specimen)

    proved("curl-old-encryption", terminal, mend=convert)
    assert lets_in(site)


@pytest.mark.parametrize(
    ("kind", "said"), [("PBMAC1", "routines::unsupported"), ("no MAC", "mac absent")]
)
def test_file_is_protected_in_another_way(guide, sites, log_in, kind, said):
    """The message that the page quotes for it."""
    (block,) = with_role(guide, "error", "curl-old-encryption")
    terminal, _ = given(guide, log_in, sites.nginx("plain"), kind)
    status, shown = says(terminal, block.commands[-1].typed)
    assert status == 58
    assert said in shown


def route(block, name: str) -> Route:
    """Return the route on which a block of an entry is met."""
    return Route(block.page, common("AES-256", PASSWORD), name, old=False)


def test_wget_sends_no_certificate(guide, sites, log_in):
    """It does not ask for the passphrase; curl does, and is let in."""
    installed.needs("wget")
    site = sites.nginx("plain")
    name = "curl-wget"
    (error,), (cure,) = (with_role(guide, role, name) for role in ("error", "cure"))
    terminal, before = log_in(site), len(site.visits(least=0))
    done = Walk(terminal.home)
    try:
        problem, _ = problems.go_wrong(terminal, error, route(error, name))
        refused = site.visits(least=before + 1)[-1]
        done.results = [(error, FAILS if problem else ANNOUNCED)]
        failed, _, _ = type_block(terminal, cure, route(cure, name))
        done.results.append((cure, FAILS if failed else WORKS))
    finally:
        terminal.close()
        proofs.keep(route(error, name), done, installed.about("wget"))
    assert not problem
    assert not failed
    assert (refused.verified, refused.program.split("/")[0]) == ("NONE", "Wget")
    assert lets_in(site)


# The library, and what it imports.
LIBRARIES = ("requests", "urllib3", "idna", "certifi", "charset_normalizer")


@pytest.fixture
def python(log_in, sites):
    """A function that returns the terminal of a reader whose Python has the library requests."""

    def one(site: WebServer, trusts: bool = True):
        terminal = log_in(site)
        # An ordinary user may not get at the Python of the tests: theirs is that of Debian.
        for name in LIBRARIES:
            package = Path(importlib.util.find_spec(name).origin).parent
            shutil.copytree(package, terminal.home / "libraries" / name)
        terminal.own(*(terminal.home / "libraries").rglob("*"))
        terminal.type("export PATH=/usr/bin:/bin PYTHONPATH=~/libraries")
        known = f"{site.folder}/root.pem" if trusts else "/dev/null"
        terminal.type(f"export SSL_CERT_FILE={known} SSL_CERT_DIR=/dev/null")
        return terminal

    return one


def test_requests_does_not_ask(guide, sites, python):
    """The library does not ask for the passphrase, Python itself does."""
    site = sites.nginx("plain")
    about = ("Python requests", requests.__version__)
    problems.prove(guide, "curl-python", python(site), about)
    assert lets_in(site)


def test_python_trusts_the_authorities_of_the_grid(guide, sites, python):
    """Where it does not know the authority of a server, what the page says helps."""
    site = sites.nginx("plain")
    (cure,) = with_role(guide, "cure", "curl-python")
    (command,) = cure.commands
    terminal = python(site, trusts=False)
    terminal.type("cd ~/.globus")
    status, shown = terminal.type(command.typed)
    assert status
    assert "unable to get local issuer certificate" in shown
    brackets = 'create_default_context(capath="/etc/grid-security/certificates")'
    assert brackets[23:-1] in " ".join(guide.source(cure.page))
    changed = command.typed.replace("create_default_context()", brackets)
    status, shown = says(terminal, changed)
    assert status == 0, shown
    assert lets_in(site)

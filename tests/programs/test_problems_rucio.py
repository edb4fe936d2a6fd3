"""What the client of Rucio says when it fails: its cause gives each message, the cure helps.

Both clients that make programs installs are tried: one is what sites keep, one is of today.
"""

import shutil
from pathlib import Path

import pytest

import installed
import problems
from grid import SERVER, Reader, version_of_voms
from grid_servers import Server
from homes import PASSPHRASE
from openssl_versions import ROOT
from proxies import read_proxy, unfit
from scenes import converted

OLDER, NEWER = "rucio-35", "rucio-41"
both = pytest.mark.parametrize("client", [OLDER, NEWER])
# Where both say the same.
each = pytest.mark.parametrize("client", [pytest.param(OLDER, marks=pytest.mark.extended), NEWER])
# Which program makes the proxy that a client uses: each of them serves.
VOMS = {OLDER: "voms-proxy-init2", NEWER: "voms-proxy-init3"}
INSTALLED = ROOT / "build/rucio"
SCRIPT = '#!/bin/sh\nexec {folder}/python {folder}/rucio "$@"\n'
PORT = 8443
PROXY = "/tmp/x509up_u$(id -u)"
# What a site gives to its users.
SETTINGS = f"""[client]
rucio_host = https://{SERVER}:{PORT}
auth_host = https://{SERVER}:{PORT}
auth_type = x509_proxy
ca_cert = /etc/grid-security/certificates
account = anna
"""


def about(client: str) -> tuple[str, str]:
    """Return what a client is called, and its version."""
    (info,) = (INSTALLED / client).glob("lib/python3*/site-packages/rucio_clients-*.dist-info")
    return "Rucio", info.stem.removeprefix("rucio_clients-")


@pytest.fixture(scope="module")
def site(machine):
    """The machine, with a Rucio server and both clients."""
    if not INSTALLED.exists():
        pytest.skip("run make programs, which installs Rucio")
    for client in (OLDER, NEWER):
        folder = machine.folder / client
        shutil.copytree(INSTALLED / client, folder / "venv", symlinks=True)
        # The scripts in there name the place where they were made.
        (folder / "rucio").write_text(SCRIPT.format(folder=folder / "venv/bin"))
        (folder / "rucio").chmod(0o755)
    server = Server(machine, "rucio-server")
    script = Path(shutil.copy(Path(__file__).with_name("rucio_server.py"), server.folder))
    server.run(
        *(machine.folder / NEWER / "venv/bin/python", script, server.certificate, server.key),
        *("/etc/grid-security/certificates", str(PORT)),
        answers=lambda: server.listens(PORT),
    )
    return machine


@pytest.fixture
def log_in(guide, site):
    """A function that returns the terminal of a reader who has a client of Rucio."""

    def one(client: str, *typed: str) -> Reader:
        installed.needs(VOMS[client])
        # What the client keeps of an earlier login would do for a proxy.
        shutil.rmtree(f"/proc/{site.process}/root/tmp/nobody", ignore_errors=True)
        terminal = site.log_in(converted(guide), PASSPHRASE, version_of_voms(VOMS[client]))
        settings = terminal.home / "rucio.cfg"
        settings.write_text(SETTINGS)
        terminal.own(settings)
        # The pager in which it shows an answer would wait in a terminal that can do little.
        begin = f"export PATH={site.folder / client}:$PATH RUCIO_CONFIG=~/rucio.cfg TERM=xterm"
        for command in (begin, *typed):
            status, shown = terminal.type(command)
            assert status == 0, shown
        return terminal

    return one


@pytest.fixture
def prove(guide, site):
    """A function that provokes the error of a block, and cures it as printed."""

    def one(name: str, client: str, terminal: Reader, **more) -> str:
        return problems.prove(guide, name, terminal, about(client), **more)

    return one


@both
def test_there_is_no_proxy(prove, site, log_in, client):
    """A proxy helps."""
    name = {OLDER: "rucio-no-proxy-older", NEWER: "rucio-no-proxy"}[client]
    prove(name, client, log_in(client))
    assert not unfit(read_proxy(site.proxy))


@both
def test_variable_names_a_missing_file(prove, site, log_in, client):
    """Without the variable, a proxy in its usual place helps."""
    name = {OLDER: "rucio-elsewhere-older", NEWER: "rucio-elsewhere"}[client]
    prove(name, client, log_in(client, "export X509_USER_PROXY=~/missing"))
    assert site.proxy.exists()


@each
def test_setting_names_a_missing_file(prove, log_in, client):
    """Without the line in the settings, the same helps."""
    name = {OLDER: "rucio-elsewhere-older", NEWER: "rucio-elsewhere"}[client]
    terminal = log_in(client, "echo client_x509_proxy = /tmp/missing >> rucio.cfg")
    settings = terminal.home / "rucio.cfg"
    prove(name, client, terminal, mend=lambda: settings.write_text(SETTINGS))


@each
def test_proxy_has_expired(prove, site, log_in, client):
    """A new proxy helps."""
    installed.needs("arcproxy")
    past = "arcproxy -c validityStart=2026-01-01T00:00:00Z -c validityPeriod=3600"
    terminal = log_in(client, past)
    assert read_proxy(site.proxy).hours < 0
    prove("rucio-expired", client, terminal)
    assert not unfit(read_proxy(site.proxy))


@each
def test_key_of_the_proxy_is_short(prove, site, log_in, client):
    """One of 2048 bits helps."""
    terminal = log_in(client, "voms-proxy-init --rfc --bits 1024")
    assert read_proxy(site.proxy).key.key_size == 1024
    prove("rucio-key-too-small", client, terminal)
    assert read_proxy(site.proxy).key.key_size == 2048


@each
def test_key_is_encrypted(prove, site, log_in, client):
    """A proxy in place of the certificate helps."""
    pair = "RUCIO_CLIENT_CERT=~/.globus/usercert.pem RUCIO_CLIENT_KEY=~/.globus/userkey.pem"
    prove("rucio-encrypted", client, log_in(client, f"export RUCIO_AUTH_TYPE=x509 {pair}"))
    assert not unfit(read_proxy(site.proxy))


@each
def test_others_may_read_the_key(prove, log_in, client):
    """The printed mode helps."""
    pair = f"RUCIO_CLIENT_CERT={PROXY} RUCIO_CLIENT_KEY={PROXY}"
    terminal = log_in(
        client,
        "voms-proxy-init --rfc",
        f"chmod 644 {PROXY}",
        f"export RUCIO_AUTH_TYPE=x509 {pair}",
    )
    prove("rucio-mode", client, terminal)


@each
def test_proxy_may_be_elsewhere(log_in, client):
    """Rucio takes it there when the variable says so, as the page has it."""
    terminal = log_in(
        client, "voms-proxy-init --rfc", f"mv {PROXY} ~/proxy", "export X509_USER_PROXY=~/proxy"
    )
    try:
        status, shown = terminal.type("rucio whoami")
    finally:
        terminal.close()
    assert status == 0, shown

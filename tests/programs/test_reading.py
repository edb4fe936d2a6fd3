"""Which .p12 files each program reads: what the pages say, and what the site's table shows."""

import os
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import installed
import proofs
from evidence import FAILS, KINDS, WORKS
from grid import MAKE, MAKE_FROM_P12, version_of_voms
from homes import PASSWORD
from kinds import FILES, is_read_by_openssl
from misread import misread
from openssl_versions import number
from zoo import Missing, make

SECONDS = 60


def done(command: list, password: str, **options) -> subprocess.CompletedProcess:
    """Run a program that finds the password in the variable PASSWORD, if it wants it there."""
    environment = os.environ | {"PASSWORD": password, "LANG": "C.UTF-8"}
    return subprocess.run(
        command, capture_output=True, timeout=SECONDS, env=environment, check=False, **options
    )


def nss(file: Path, password: str) -> bool:
    """Import a file into a store of NSS."""
    store, words = f"sql:{file.parent}", file.with_name("password")
    words.write_text(password + "\n")
    done(["certutil", "-d", store, "-N", "--empty-password"], "")
    # From a file, it takes no empty password.
    given = ["-w", words] if password else ["-W", ""]
    done(["pk12util", "-d", store, "-i", file, *given], "")
    return b"rsa" in (keys := done(["certutil", "-d", store, "-K"], "").stdout) or b" ec " in keys


def java(file: Path, password: str) -> bool:
    """Copy a file into a keystore, as the page has it."""
    out = file.with_name("keystore.jks")
    given = ["-srcstorepass:env", "PASSWORD", "-deststorepass:env", "OTHER"]
    os.environ["OTHER"] = PASSWORD
    done(
        [
            *("keytool", "-importkeystore", "-srckeystore", file, "-srcstoretype", "PKCS12"),
            *("-destkeystore", out, "-deststoretype", "JKS", "-noprompt", *given),
        ],
        password,
    )
    listed = done(["keytool", "-list", "-keystore", out, "-storepass:env", "OTHER"], "").stdout
    return b"PrivateKeyEntry" in listed


def gnutls(file: Path, password: str) -> bool:
    """Show what is in a file; GnuTLS wants the password on its command line."""
    given = ["--inder", "--infile", file, "--password", password]
    run = done(["certtool", "--p12-info", *given], "")
    # It shows what it can, and says by its exit status whether the MAC was right.
    return run.returncode == 0 and b"PRIVATE KEY-----" in run.stdout


def gnupg(file: Path, password: str) -> bool:
    """Import a file into a keyring."""
    options = ["--homedir", file.parent, "--batch", "--pinentry-mode", "loopback"]
    try:
        # On a busy machine, gpgsm would not wait for it long enough.
        done(["gpgconf", "--homedir", file.parent, "--launch", "gpg-agent"], "")
        given = [*options, "--passphrase-fd", "0", "--import", file]
        done(["gpgsm", *given], "", input=password.encode() + b"\n")
        listed = done(["gpgsm", *options, "--with-colons", "-K"], "").stdout
        # A certificate with a secret key: GnuPG's doc/DETAILS.
        return any(line.startswith(b"crs:") for line in listed.splitlines())
    finally:
        done(["gpgconf", "--homedir", file.parent, "--kill", "all"], "")


def proxy(machine, program: str, file: Path, password: str) -> bool:
    """Have a grid program make a proxy from a file that is in place of the pair."""
    globus = file.parent / "home/.globus"
    globus.mkdir(parents=True, mode=0o700)
    file.rename(globus / "usercred.p12").chmod(0o600)
    terminal = machine.log_in(globus.parent, password, version_of_voms(program))
    try:
        terminal.type(MAKE_FROM_P12[program])
    finally:
        terminal.close()
    return machine.proxy.exists()


READERS = {"pk12util": nss, "keytool": java, "certtool": gnutls, "gpgsm": gnupg}
# What a program refuses, and from which of its versions on it reads it, if any.
REFUSED: dict[str, dict[str, tuple[int, ...]]] = {
    "pk12util": {"PBMAC1": (3, 110), "no MAC": (), "no localKeyID": ()},
    "keytool": {"PBMAC1": (), "accents": ()},
    "certtool": {"PBMAC1": (3, 8), "no MAC": ()},
    # Before 2.4, GnuPG reads nothing that is encrypted with AES.
    "gpgsm": {kind: (2, 4) for kind in FILES if kind not in ("3DES", "RC2-40")},
    "voms-proxy-init3": {"PBMAC1": (), "accents": (), "P-256": ()},
}
# These leave the reading to OpenSSL; grid-proxy-init wants a MAC by itself.
OF_OPENSSL = ("voms-proxy-init2", "grid-proxy-init", "arcproxy")


def is_read(command: str, kind: str) -> bool:
    """Tell whether a program is known to read a kind of file."""
    if command in OF_OPENSSL:
        return is_read_by_openssl(kind) and (command, kind) != ("grid-proxy-init", "no MAC")
    since = REFUSED[command].get(kind)
    _, version = installed.about(command)
    return since is None or (since != () and number(version) >= since)


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        pytest.param(command, kind, marks=[pytest.mark.extended] if kind != "AES-256" else [])
        for command in READERS
        for kind in FILES
    ],
)
def test_program_reads_what_it_is_known_to_read(command, kind):
    """Each program reads the kinds of files that it is known to read, and no others."""
    judge(command, kind, READERS[command])


@pytest.mark.extended
@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("command", MAKE)
def test_grid_program_reads_what_it_is_known_to_read(machine, command, kind):
    """So does each of those that make a proxy."""
    judge(command, kind, partial(proxy, machine, command))


def test_table_has_a_column_for_each_kind():
    """The site shows each kind of file that is tried."""
    assert set(KINDS) == set(FILES)


def judge(command: str, kind: str, is_read_by: Callable[[Path, str], bool]) -> None:
    """Give a file to a program, keep what happens, and fail if it is something else than known.

    Args:
        command: the program.
        kind: one of ``FILES``.
        is_read_by: given the path of the file and its password, tells whether it was read.
    """
    installed.needs(command)
    try:
        content = make(FILES[kind])
    except Missing as error:
        pytest.skip(str(error))
    # By chance, GnuPG misreads some files: the page problems-gnupg shows it.
    while command == "gpgsm" and any(misread(content, FILES[kind].password)):
        content = make(FILES[kind], anew=True)
    with tempfile.TemporaryDirectory(prefix="reading-") as folder:
        file = Path(folder, "Certificate.p12")
        file.write_bytes(content)
        found = is_read_by(file, FILES[kind].password)
    proofs.record("read", installed.about(command), WORKS if found else FAILS, kind=kind)
    assert found == is_read(command, kind)

"""The pair of a reader: put in place as by the pages, or replaced by what makes programs fail."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

import certificates
from certificates import authorities
from grid import Machine
from grid_authorities import person
from guide import Guide
from homes import PAIR, PASSPHRASE
from scenes import converted
from terminal import Terminal
from walks import Route, walk
from zoo import Specimen

TRUSTED = "etc/grid-security/certificates"


def put(terminal: Terminal, name: str, content: bytes) -> None:
    """Write a file of the reader into ``~/.globus``, with the mode that the pages set.

    Args:
        terminal: that of the reader.
        name: the name of the file.
        content: what is to be in it.
    """
    path = terminal.home / ".globus" / name
    path.unlink(missing_ok=True)
    path.touch(0o600)
    path.write_bytes(content)
    path.chmod(PAIR.get(name, 0o600))
    terminal.own(path)


def put_pair(guide: Guide, terminal: Terminal) -> None:
    """Put a good pair in place, as when the reader converts the file again."""
    for name in PAIR:
        put(terminal, name, (converted(guide) / ".globus" / name).read_bytes())


def put_converted(guide: Guide, terminal: Terminal, specimen: Specimen, openssl: str = "") -> None:
    """Put a pair in place by the commands that the pages print for a kind of file.

    Args:
        guide: the guide.
        terminal: that of the reader.
        specimen: the file.
        openssl: the version to use, if not the machine's.

    Raises:
        AssertionError: the commands do not work.
    """
    home = Path(tempfile.mkdtemp(prefix="home-", dir=guide.folder))
    route = Route("convert-certificate", specimen, openssl=openssl, old=False)
    done = walk(guide, route, home, guide.answers)
    assert done.finished, done.problem or done.announced
    for name in PAIR:
        put(terminal, name, (home / ".globus" / name).read_bytes())


def key_pem(key, kind: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    """Return a private key as it is in ``userkey.pem``, with the passphrase of the reader.

    Args:
        key: the key.
        kind: as newer programs write it, or as older ones do (``TraditionalOpenSSL``).
    """
    return key.private_bytes(Encoding.PEM, kind, BestAvailableEncryption(PASSPHRASE.encode()))


def wrong_passphrase(key: Path) -> str:
    """Return a wrong passphrase that every program takes for one.

    What is encrypted ends with padding (RFC 8018, section 6), and of 256 wrong passphrases one
    gives what looks right: programs then fail in other words, or with a key that is none.

    Args:
        key: the file of the private key.

    Raises:
        AssertionError: OpenSSL does not read the file so far that it decrypts it.
    """
    for turn in range(20):
        wrong = f"not the passphrase {turn}"
        done = subprocess.run(
            ["openssl", "pkey", "-in", key, "-passin", "env:WRONG", "-noout"],
            env=os.environ | {"WRONG": wrong},
            capture_output=True,
            text=True,
        )
        if "bad decrypt" in done.stderr:
            return wrong
    raise AssertionError(done.stderr)


def certificate_pem(start: float, end: float) -> bytes:
    """Return the certificate of the reader as if it were valid at another time.

    Args:
        start: how many days from now its validity starts.
        end: how many days from now it ends.
    """
    mine, now = person(), datetime.now(UTC).replace(microsecond=0)
    builder = x509.CertificateBuilder(
        mine.issuer,
        mine.subject,
        mine.public_key(),
        x509.random_serial_number(),
        now + timedelta(start),
        now + timedelta(end),
        list(mine.extensions),
    )
    _, issuer_key = authorities()[0]
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(Encoding.PEM)


def certificate_of(somebody: str) -> bytes:
    """Return a certificate of somebody else, for the key of the reader."""
    issuer, issuer_key = authorities()[0]
    subject = certificates.name(*certificates.PERSON[:-1], (NameOID.COMMON_NAME, somebody))
    key = certificates.private_key("RSA 2048")
    other = certificates.certificate(subject, key, issuer.subject, issuer_key, "grid")
    return other.public_bytes(Encoding.PEM)


def put_p256(terminal: Terminal) -> None:
    """Give the reader a pair whose key is on an elliptic curve."""
    put(terminal, "userkey.pem", key_pem(certificates.private_key("P-256")))
    mine = certificates.personal("P-256", "grid")
    put(terminal, "usercert.pem", mine.public_bytes(Encoding.PEM))


def put_signed_by_ec(terminal: Terminal) -> None:
    """Give the reader a certificate that was signed with a key on an elliptic curve."""
    issuer = certificates.name((NameOID.COMMON_NAME, "Example Authentication ECC CA"))
    issuer_key = ec.generate_private_key(ec.SECP384R1())
    key = certificates.private_key("RSA 2048")
    mine = certificates.certificate(person().subject, key, issuer, issuer_key, "grid")
    put(terminal, "usercert.pem", mine.public_bytes(Encoding.PEM))


@contextlib.contextmanager
def changed_authorities(machine: Machine) -> Iterator[Path]:
    """Let a test change what a machine knows of the authorities, and put it back.

    Yields:
        The folder.
    """
    folder, kept = machine.folder / TRUSTED, machine.folder / "kept"
    shutil.copytree(folder, kept)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        kept.rename(folder)


def put_back(machine: Machine) -> None:
    """Do what those who run the machine do: put there what it must know of the authorities."""
    shutil.rmtree(machine.folder / TRUSTED, ignore_errors=True)
    shutil.copytree(machine.folder / "kept", machine.folder / TRUSTED)


def write_lists(folder: Path, days: int, *revoked: x509.Certificate) -> None:
    """Write other lists of what the authorities have revoked.

    Args:
        folder: what the machine knows of the authorities.
        days: how many days from now the lists expire.
        revoked: the certificates that are on them.
    """
    now = datetime.now(UTC)
    keys = {authority.subject: key for authority, key in authorities()}
    for path in folder.glob("*.r0"):
        issuer = x509.load_pem_x509_crl(path.read_bytes()).issuer
        lists = x509.CertificateRevocationListBuilder().issuer_name(issuer)
        lists = lists.last_update(now - timedelta(30)).next_update(now + timedelta(days))
        for one in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number)
            lists = lists.add_revoked_certificate(entry.revocation_date(now).build())
        content = lists.sign(keys[issuer], hashes.SHA256()).public_bytes(Encoding.PEM)
        path.write_bytes(content)

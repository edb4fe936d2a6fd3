"""The home folder of a reader: what is in it before a page is followed, and what must hold."""

import re
import stat
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
from cryptography.x509 import load_pem_x509_certificates

from zoo import ONCE, Specimen, common, make

PASSWORD = "correct horse 15 $taples"
PASSPHRASE = "a passphrase of my own"
# The names that the tools look for, and the modes that suit all of them.
PAIR = {"usercert.pem": 0o644, "userkey.pem": 0o400}
# Files that hold a private key and are no text, by their first bytes: PKCS#12 is a DER
# sequence (RFC 7292), a Java keystore begins with 0xFEEDFEED.
STORES = {".p12": b"\x30", ".jks": b"\xfe\xed\xfe\xed"}


def old_pair() -> dict[str, bytes]:
    """Return the pair of last year, by the names of its files."""
    with ONCE:
        return made_pair()


@cache
def made_pair() -> dict[str, bytes]:
    """Make the pair of last year."""
    content = make(common("AES-256", PASSWORD))
    key, certificate, _ = load_key_and_certificates(content, PASSWORD.encode())
    encryption = BestAvailableEncryption(PASSPHRASE.encode())
    return {
        # The comment makes it another file than the new one, whatever key it was made with.
        "usercert.pem": b"Last year's\n" + certificate.public_bytes(Encoding.PEM),
        "userkey.pem": b"Last year's\n"
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption),
    }


def prepare(home: Path, specimen: Specimen, old: bool = True, older: bool = False) -> None:
    """Put into a home folder what a reader has.

    Args:
        home: an empty folder.
        specimen: the file that was downloaded.
        old: whether there is a pair of last year.
        older: whether an earlier renewal has left one, too.
    """
    folder, globus = home / specimen.folder, home / ".globus"
    folder.mkdir(parents=True)
    (folder / specimen.file_name).write_bytes(make(specimen))
    globus.mkdir(0o700)
    if old:
        put_pair(globus)
    if older:
        (globus / "old").mkdir(0o700)
        put_pair(globus / "old")


def put_pair(folder: Path) -> None:
    """Put the pair of last year into a folder."""
    for name, content in old_pair().items():
        # Never readable by others, not even while it is written.
        (folder / name).touch(0o600)
        (folder / name).write_bytes(content)
        (folder / name).chmod(PAIR[name])


def keys(home: Path) -> dict[Path, bytes]:
    """Return the files that the pages wrote and that hold a private key, with their contents."""
    found = {}
    for path in home.rglob("*"):
        if path.is_file() and not path.is_symlink() and is_ours(home, path):
            content = path.read_bytes()
            if holds_key(path, content):
                found[path] = content
    return found


def is_ours(home: Path, path: Path) -> bool:
    """Tell whether a page wrote a file: what was downloaded is as the browser left it."""
    return path.suffix != ".p12" or path.parent in (home, home / ".globus")


def holds_key(path: Path, content: bytes) -> bool:
    """Tell whether a file holds a private key."""
    start = STORES.get(path.suffix)
    # RFC 7468: a label at the start of a line.
    return bool(re.search(rb"^-----BEGIN [A-Z ]*PRIVATE KEY-----", content, re.MULTILINE)) or (
        start is not None and content.startswith(start)
    )


def exposed(home: Path) -> str:
    """Return which file lets others get at a private key; or nothing."""
    for path, content in sorted(keys(home).items()):
        name, mode = f"~/{path.relative_to(home)}", stat.S_IMODE(path.stat().st_mode)
        if problem := unencrypted(name, content):
            return problem
        if mode & 0o077:
            return f"others may read the private key {name} ({mode:o}): set umask 077 first"
    return ""


def unencrypted(name: str, content: bytes) -> str:
    """Return that a file holds a private key that is not encrypted, or nothing."""
    kinds = re.findall(rb"^-----BEGIN ([A-Z ]*)PRIVATE KEY-----", content, re.MULTILINE)
    # RFC 1421: what older programs write says so in a header.
    if set(kinds) - {b"ENCRYPTED "} and b"Proc-Type: 4,ENCRYPTED" not in content:
        return f"{name} holds a private key that is not encrypted: do not write it so"
    return ""


def empty(home: Path) -> str:
    """Return which file is empty, or nothing."""
    for path in sorted(home.rglob("*")):
        if path.is_file() and not path.stat().st_size and ".git" not in path.parts:
            return f"~/{path.relative_to(home)} is empty: correct the command that writes it"
    return ""


def lost(home: Path) -> str:
    """Return which file of the old pair is nowhere any more, or nothing.

    Each must be whole under its own name or in the folder of what was put aside.
    """
    globus = home / ".globus"
    for name, content in old_pair().items():
        places = [globus / name, globus / "undone" / name, *globus.glob(f"old*/{name}")]
        if not any(path.is_file() and path.read_bytes() == content for path in places):
            return f"the old {name} is neither in ~/.globus nor in ~/.globus/old"
    return ""


def lost_download(home: Path, specimen: Specimen) -> str:
    """Return that the downloaded file is gone or was changed, or nothing: it is the backup."""
    path = home / specimen.folder / specimen.file_name
    if not path.parent.exists() or (path.exists() and path.read_bytes() == make(specimen)):
        return ""
    return f"the downloaded file ~/{path.relative_to(home)} is no longer what it was"


def half_made(home: Path) -> str:
    """Return which file has a final name though it is not whole, or nothing."""
    globus = home / ".globus"
    whole = {"usercert.pem": b"-----END CERTIFICATE-----\n"}
    whole["userkey.pem"] = b"-----END ENCRYPTED PRIVATE KEY-----\n"
    for name, end in whole.items():
        path = globus / name
        if path.exists() and not path.read_bytes().endswith(end):
            return f"~/.globus/{name} is not whole"
    return ""


def unfit(home: Path) -> str:
    """Return what is wrong with the pair in place, or nothing."""
    globus = home / ".globus"
    for name, mode in PAIR.items():
        path = globus / name
        if not path.is_file():
            return f"~/.globus/{name} is not there"
        found = stat.S_IMODE(path.stat().st_mode)
        if found != mode:
            return f"~/.globus/{name} has the mode {found:o} instead of {mode:o}"
    certificate = load_pem_x509_certificates((globus / "usercert.pem").read_bytes())[0]
    key = load_pem_private_key((globus / "userkey.pem").read_bytes(), PASSPHRASE.encode())
    if certificate.public_key() != key.public_key():
        return "the key in ~/.globus does not fit the first certificate"
    return ""


def is_old(home: Path) -> bool:
    """Tell whether the pair in place is that of last year."""
    globus = home / ".globus"
    return all(
        (globus / name).is_file() and (globus / name).read_bytes() == content
        for name, content in old_pair().items()
    )

"""The store of Chromium: where it is, what is in it, and the commands of the page that fill it."""

import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

import certificates
import homes
import installed
import proofs
from guide import Guide
from homes import PASSWORD
from terminal import Terminal
from walks import Route, Walk, follow, steps
from zoo import Specimen, common

PAGE = "import-certificate"
# The places of the store, the one that counts first.
OLD, NEW = ".pki/nssdb", ".local/share/pki/nssdb"
FILE = common("AES-256", PASSWORD)


def make_store(folder: Path) -> None:
    """Make a store with a certificate in it, as a browser has left it."""
    folder.mkdir(parents=True)
    authority = folder / "authority.pem"
    root, _ = certificates.authorities()[1]
    authority.write_bytes(root.public_bytes(Encoding.PEM))
    subprocess.run(["certutil", "-d", f"sql:{folder}", "-N", "--empty-password"], check=True)
    given = ["-n", "before", "-t", ",,", "-i", authority]
    subprocess.run(["certutil", "-d", f"sql:{folder}", "-A", *given], check=True)
    authority.unlink()


def filled(guide: Guide, home: Path, specimen: Specimen = FILE) -> Walk:
    """Type the commands of the page that put the certificate into Chromium's store.

    Args:
        guide: the guide.
        home: the home folder.
        specimen: the downloaded file.
    """
    if not (home / specimen.folder).exists():
        homes.prepare(home, specimen, old=False)
    route = Route(PAGE, specimen, way="chromium", old=False)
    done = Walk(home)
    terminal = Terminal(home, {"Enter password for PKCS12 file:": specimen.password})
    terminal.own(*home.rglob("*"))
    try:
        follow(guide, route, terminal, done, steps(guide, PAGE, "chromium"))
    finally:
        terminal.close()
    proofs.keep(route, done, installed.about("pk12util"))
    return done


def stores(home: Path) -> set[str]:
    """Return the stores that are in a home folder."""
    return {str(path.parent.relative_to(home)) for path in home.rglob("cert9.db")}


def nicknames(store: Path) -> str:
    """Return what is in a store."""
    command = ["certutil", "-d", f"sql:{store}", "-L"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout

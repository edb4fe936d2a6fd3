"""The versions of OpenSSL that this machine can run: its own, and those of make programs."""

import atexit
import re
import shutil
import subprocess
import tempfile
import threading
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FETCHED = ROOT / "build" / "openssl"


def number(version: str) -> tuple[int, ...]:
    """Return a version such as ``3.0.22`` as numbers, to compare it with others."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


@cache
def own_program() -> tuple[str, str]:
    """Return the name and the version of the machine's ``openssl``: it may be LibreSSL."""
    done = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True)
    name, version = done.stdout.split()[:2]
    return name, version


def own_version() -> str:
    """Return the version of OpenSSL whose behaviour the machine's ``openssl`` has.

    LibreSSL reads what 1.1.1 reads, and has no ``-legacy`` either.
    """
    name, version = own_program()
    return version if name == "OpenSSL" else "1.1.1"


def fetched() -> list[str]:
    """Return the versions that ``make programs`` has fetched, in their order."""
    return sorted((path.parent.name for path in FETCHED.glob("*/openssl")), key=number)


def openssl_folder(version: str = "") -> Path | None:
    """Return the folder of the command ``openssl`` of a version.

    The tests run the commands as an ordinary user, who may not get into the repository:
    the folder is in a copy that everybody can reach.

    Args:
        version: a version that was fetched, or nothing for the machine's own.
    """
    if not version:
        return None
    with _LOCK:
        return _copies() / version


# Tests that run side by side make one copy.
_LOCK = threading.Lock()


@cache
def _copies() -> Path:
    """Copy the versions into a folder that goes when the tests end, and return it."""
    folder = Path(tempfile.mkdtemp(prefix="openssl-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    return Path(shutil.copytree(FETCHED, folder / "openssl", symlinks=True))

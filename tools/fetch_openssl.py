"""Fetch the versions of OpenSSL that Debian's suites hold, to run them side by side.

    python3 tools/fetch_openssl.py build/openssl

Each becomes a folder named after its version, with a command ``openssl`` in it that needs
nothing of the machine: neither root, nor a chroot. Runs with the system's Python and apt,
whose own sources say where Debian's mirror is.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# What readers have: 1.1.1 on old machines, 4.0 on those to come. The second suite is
# where the libraries come from; experimental does not hold all of them.
SUITES = {
    "bullseye": "bullseye",
    "bookworm": "bookworm",
    "trixie": "trixie",
    "sid": "sid",
    "experimental": "sid",
}
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Its own loader and libraries, so that the C library of the machine does not matter.
WRAPPER = """#!/bin/sh
# OpenSSL of Debian's {suite}, with the libraries that it was made with.
here=$(dirname "$0")
OPENSSL_CONF=$here/{root}/etc/ssl/openssl.cnf OPENSSL_MODULES=$here/{modules} \\
  exec "$here/{loader}" --library-path "$here/{libraries}" \\
  "$here/{root}/usr/bin/openssl" "$@"
"""


def mirror():
    """Return the address of Debian's mirror, as apt on this machine knows it.

    Raises:
        SystemExit: apt has no source for Debian.
    """
    form = "$(REPO_URI)|$(ORIGIN)|$(LABEL)"
    lines = run(["apt-get", "indextargets", "--format", form]).splitlines()
    found = [line.split("|")[0] for line in lines if line.endswith("|Debian|Debian")]
    if not found:
        sys.exit(
            "apt on this machine has no source of Debian's main archive, from which the versions "
            "of OpenSSL come: add one, run apt-get update, then make programs again."
        )
    return found[0]


def run(command, folder=None):
    """Run a command and return what it prints.

    Raises:
        SystemExit: it failed; its own words are shown.
    """
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr.strip()}")
    return done.stdout


class Apt:
    """apt with lists of its own, which leaves those of the machine alone."""

    def __init__(self, folder, address):
        """Read the lists of the suites.

        Args:
            folder: an empty folder for them.
            address: the mirror.
        """
        for name in ("lists/partial", "archives/partial"):
            (folder / name).mkdir(parents=True)
        (folder / "status").touch()
        # Debian lets the release files of some of these suites expire on mirrors that lag.
        options = f"[check-valid-until=no signed-by={KEYRING}]"
        sources = [f"deb {options} {address} {suite} main\n" for suite in SUITES]
        (folder / "sources.list").write_text("".join(sources))
        settings = {
            "Dir::State": folder,
            "Dir::State::lists": folder / "lists",
            "Dir::State::status": folder / "status",
            "Dir::Cache": folder,
            "Dir::Etc::sourcelist": folder / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Acquire::Languages": "none",
            "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
        }
        self.options = [
            part for key, value in settings.items() for part in ("-o", f"{key}={value}")
        ]
        run(["apt-get", *self.options, "-qq", "update"])

    def download(self, folder, *packages):
        """Download packages, given as name/suite, and unpack them into a folder."""
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as files:
            run(["apt-get", *self.options, "-qq", "download", *packages], files)
            for file in Path(files).iterdir():
                run(["dpkg", "-x", file, folder])

    def holds(self):
        """Return the names of the packages of interest that each suite holds."""
        names = run(["apt-cache", *self.options, "pkgnames", "libssl"]).split()
        names = [name for name in names if re.fullmatch(r"libssl[\d.]+(t64)?", name)]
        names += ["openssl", "openssl-provider-legacy", "libc6", "libzstd1", "zlib1g"]
        found = {suite: set() for suite in SUITES}
        for line in run(["apt-cache", *self.options, "madison", *names]).splitlines():
            name, _, source = (part.strip() for part in line.split("|"))
            suite = source.split()[1].split("/")[0]
            if source.endswith(" Packages"):
                found[suite].add(name)
        return found


def fetch(apt, holds, suite, folder):
    """Put the OpenSSL of a suite into a folder, with a command to run it.

    Args:
        apt: where to get it.
        holds: the names of the packages that each suite holds.
        suite: the suite.
        folder: where to put it.

    Returns:
        Its version, as in ``3.0.22``.
    """
    packages = [f"{name}/{suite}" for name in holds[suite]]
    packages += [f"{name}/{SUITES[suite]}" for name in holds[SUITES[suite]] - holds[suite]]
    root = folder / "root"
    apt.download(root, *packages)
    # Only what runs is wanted.
    shutil.rmtree(root / "usr" / "share")
    # One of the links to the loader may lead out of the folder, to the machine's.
    top = root.resolve()
    loader = next(
        path
        for path in root.rglob("ld-linux*.so.*")
        if path.exists() and path.resolve().is_relative_to(top)
    )
    modules = next(
        path for path in root.rglob("ossl-modules" if suite != "bullseye" else "engines-*")
    )
    # The C library may stand in /lib or in /usr/lib.
    libraries = {
        path.parent for name in ("libc.so.6", "libcrypto.so*") for path in root.rglob(name)
    }
    inside = {
        "root": "root",
        "loader": loader.relative_to(folder),
        "modules": modules.relative_to(folder),
        "libraries": ":$here/".join(str(path.relative_to(folder)) for path in sorted(libraries)),
    }
    command = folder / "openssl"
    command.write_text(WRAPPER.format(suite=suite, **inside))
    command.chmod(0o755)
    return run([command, "version"]).split()[1]


def main(folder):
    """Fetch all the versions into a folder; what is there stays until all have come."""
    folder = Path(folder).resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="openssl-") as work:
        work = Path(work)
        apt = Apt(work / "apt", mirror())
        done = work / "done"
        done.mkdir()
        holds = apt.holds()
        for suite in SUITES:
            version = fetch(apt, holds, suite, work / suite)
            (work / suite).rename(done / version)
            print(f"OpenSSL {version} of Debian's {suite}")
        shutil.rmtree(folder, ignore_errors=True)
        done.rename(folder)


if __name__ == "__main__":
    main(sys.argv[1])

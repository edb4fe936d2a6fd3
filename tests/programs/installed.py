"""The programs that make programs installs: their packages, names and versions."""

import re
import shutil
import subprocess
from functools import cache

import pytest

import proofs

# By command: what the pages call the program, and its Debian package.
PROGRAMS = {
    "apache2": ("Apache", "apache2-bin"),
    "arcproxy": ("arcproxy", "nordugrid-arc-client"),
    "caddy": ("Caddy", "caddy"),
    "certtool": ("GnuTLS (certtool)", "gnutls-bin"),
    "chromium": ("Chromium", "chromium"),
    "curl": ("curl", "curl"),
    "file": ("file", "file"),
    "firefox-esr": ("Firefox", "firefox-esr"),
    "gpgsm": ("GnuPG (gpgsm)", "gpgsm"),
    "grid-proxy-init": ("grid-proxy-init", "globus-proxy-utils"),
    "keytool": ("Java (keytool)", "default-jre-headless"),
    "mariadbd": ("MariaDB", "mariadb-server-core"),
    "myproxy-init": ("MyProxy", "myproxy"),
    "myproxy-server": ("MyProxy server", "myproxy-server"),
    "nginx": ("nginx", "nginx-light"),
    "pk12util": ("NSS (pk12util)", "libnss3-tools"),
    "ssh": ("OpenSSH", "openssh-client"),
    "sshd": ("OpenSSH server", "openssh-server"),
    "thunderbird": ("Thunderbird", "thunderbird"),
    "voms": ("VOMS server", "voms-server"),
    "voms-proxy-init2": ("voms-proxy-init (C++)", "voms-clients"),
    "voms-proxy-init3": ("voms-proxy-init (Java)", "voms-clients-java"),
    "wget": ("wget", "wget"),
    "xdotool": ("xdotool", "xdotool"),
    "xrdcp": ("xrdcp", "xrootd-client"),
    "xrootd": ("XRootD server", "xrootd-server"),
    "Xvfb": ("Xvfb", "xvfb"),
}


def needs(*commands: str) -> None:
    """Skip the test, by name, where a program is not here."""
    lacking = [PROGRAMS[one][1] for one in commands if not shutil.which(one)]
    if lacking:
        pytest.skip(f"run make programs, which installs the Debian package {' '.join(lacking)}")


@cache
def about(command: str) -> tuple[str, str]:
    """Return what the pages call a program, and its version, as in ``153.7.0``.

    The version is that of its package: not every program says its own. The epoch before it
    and Debian's revision behind it say nothing to a reader.
    """
    name, package = PROGRAMS[command]
    if command in proofs.VERSIONS:
        return name, proofs.version_of(proofs.VERSIONS[command])
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", package],
        capture_output=True,
        text=True,
        check=True,
    )
    return name, re.match(r"(?:\d+:)?([\d.]+)", done.stdout)[1]

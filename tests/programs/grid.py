"""A machine of the grid, for readers to log in to: its authorities, a network of its own."""

import contextlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import installed
from grid_authorities import write_authorities
from guide import Guide
from terminal import Terminal, join_namespace

SERVER = "server.example.org"
# Started in namespaces of its own (unshare(1)), this puts the folder $1/etc in place of that of
# the real machine: with a passwd(5) that has the home of the reader, for the programs that do
# not ask HOME, the name of the server, and the authorities where all look for them. The
# proxies go to a /tmp of its own. When its input ends, so does all that runs in it.
MACHINE = """
set -e
ip link set lo up
echo server.example.org > /proc/sys/kernel/hostname
mount --bind "$1" /mnt
mount -t tmpfs -o mode=1777 tmpfs /tmp
mkdir -p "$1"
mount --bind /mnt "$1"
mount --bind "$1/etc" /etc
echo ready
cat
"""
APART = ("unshare", "--net", "--mount", "--uts", "--pid", "--fork")
# The prompts of the grid programs.
PROMPTS = (
    r"Enter GRID pass phrase(?: for this identity)?:",
    r"Enter pass phrase for private key:",
    r"Enter Password for PKCS12 certificate:",
    r"Enter PEM pass phrase:",
)
# What is typed to have a program make a proxy from the pair, and from the downloaded file.
MAKE = {
    "voms-proxy-init3": "voms-proxy-init --rfc",
    "voms-proxy-init2": "voms-proxy-init --rfc",
    "grid-proxy-init": "grid-proxy-init",
    "arcproxy": "arcproxy",
}
MAKE_FROM_P12 = MAKE | {"arcproxy": "arcproxy -C ~/.globus/usercred.p12"}


def version_of_voms(program: str) -> str:
    """Return which programs of VOMS go with one: 2, 3, or nothing if it is none of them."""
    return program.removeprefix("voms-proxy-init") if "voms" in program else ""


class Machine:
    """A machine that has the programs of the real one, but its own network and ``/tmp``.

    Attributes:
        folder: what it has of its own.
        process: the number of its first process.
    """

    def __init__(self, folder: Path):
        """Start it.

        Args:
            folder: an empty folder.

        Raises:
            RuntimeError: it does not start; its own words are on standard error.
        """
        self.folder = folder
        self.started: list[subprocess.Popen] = []
        folder.chmod(0o755)
        others = shutil.ignore_patterns("grid-security")
        shutil.copytree("/etc", folder / "etc", symlinks=True, ignore=others)
        write_authorities(folder / "etc/grid-security/certificates")
        (folder / "etc/grid-security/vomsdir").mkdir()
        (folder / "etc/hosts").write_text(f"127.0.0.1 localhost {SERVER}\n")
        self.unshare = subprocess.Popen(
            [*APART, "--kill-child", "sh", "-c", MACHINE, "sh", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if self.unshare.stdout.readline() != b"ready\n":
            self.stop()
            raise RuntimeError("no machine of its own could be started")
        number = self.unshare.pid
        self.process = int(Path(f"/proc/{number}/task/{number}/children").read_text())

    @property
    def proxy(self) -> Path:
        """Where the programs put the proxy of the reader, as seen from the real machine."""
        return Path(f"/proc/{self.process}/root/tmp/x509up_u{pwd.getpwnam('nobody').pw_uid}")

    def log_in(
        self, home: Path, secret: str, voms: str = "", more: Mapping[str, str] | None = None
    ) -> "Reader":
        """Return the terminal of a reader, who has no proxy yet.

        Args:
            home: what is to be in the home folder; each reader has a copy.
            secret: what is typed at each prompt of the grid programs.
            voms: which programs are called ``voms-proxy-…``: those whose names end in 2, which
                are in C++, or in 3, which are in Java.
            more: what is typed at other prompts.
        """
        self.proxy.unlink(missing_ok=True)
        copy = self.folder / "home"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(home, copy, symlinks=True)
        users = re.sub(
            r"^(nobody:(?:[^:\n]*:){4})[^:\n]*",
            rf"\g<1>{copy}",
            Path("/etc/passwd").read_text(),
            flags=re.MULTILINE,
        )
        (self.folder / "etc/passwd").write_text(users)
        answers = dict(more or {}) | dict.fromkeys(PROMPTS, secret)
        return Reader(self.process, copy, answers, self.programs(voms))

    def programs(self, voms: str) -> Path | None:
        """Return a folder in which programs of VOMS have the names that the pages call them."""
        if not voms:
            return None
        folder = self.folder / f"voms{voms}"
        for name in ("init", "info", "destroy") if not folder.exists() else ():
            folder.mkdir(exist_ok=True)
            (folder / f"voms-proxy-{name}").symlink_to(shutil.which(f"voms-proxy-{name}{voms}"))
        return folder

    def start(self, *command: str | Path, **options) -> subprocess.Popen:
        """Start a program in the machine, as an ordinary user; it ends with the machine.

        Args:
            command: the program and its arguments.
            options: those of ``subprocess.Popen``.
        """
        user = pwd.getpwnam("nobody")
        started = subprocess.Popen(
            [
                *("nsenter", f"--target={self.process}", "--net", "--mount", "--uts", "--pid"),
                *("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}"),
                *("--clear-groups", "--", *command),
            ],
            **options,
        )
        self.started.append(started)
        return started

    def stop(self) -> None:
        """Stop the machine, and all that runs in it."""
        self.unshare.stdin.close()
        try:
            self.unshare.wait(10)
        except subprocess.TimeoutExpired:
            self.unshare.kill()
            self.unshare.wait()
        self.unshare.stdout.close()
        for one in self.started:
            one.wait()


class Reader(Terminal):
    """The terminal of an ordinary user of a machine."""

    def __init__(self, process: int, home: Path, answers: dict[str, str], programs: Path | None):
        """Log in.

        Args:
            process: a process of the machine.
            home: the home folder; what is in it becomes the reader's.
            answers: what to type at each prompt.
            programs: a folder whose programs come before those of the machine.
        """
        super().__init__(home, answers, programs=programs, network=process)
        self.own(*home.rglob("*"))

    def _become_user(self, network: int) -> None:
        join_namespace(network, "mnt")
        # A process that joins a mount namespace stands at its root.
        os.chdir(self.home)
        super()._become_user(network)


@contextlib.contextmanager
def running_machine(guide: Guide) -> Iterator[Machine]:
    """Run a machine; skip the test where that cannot be.

    Args:
        guide: the guide, whose readers log in.

    Yields:
        The machine.
    """
    if os.geteuid() != 0:
        pytest.skip("run as root: the grid programs get a /tmp and a network of their own")
    if subprocess.run([*APART, "true"], capture_output=True).returncode:
        pytest.skip("run where namespaces are allowed: in a container, with --privileged")
    installed.needs("grid-proxy-init")
    machine = Machine(Path(tempfile.mkdtemp(prefix="machine-", dir=guide.folder)))
    try:
        yield machine
    finally:
        machine.stop()
        shutil.rmtree(machine.folder)

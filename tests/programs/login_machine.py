"""A machine that readers reach with ssh: an SSH server, and the account of a reader on it."""

import os
import pwd
import re
import shutil
import subprocess
import time
from pathlib import Path

from grid import Machine, Reader

HOST = "login.example.org"
ACCOUNT = "anna"
# An ordinary user whom nobody is: who reads the reader's files there is somebody else.
NUMBER = 4321
OF_THE_ACCOUNT = "of the account 15"
SECONDS = 30
SETTINGS = """
ListenAddress 127.0.0.1
HostKey {folder}/host_key
UsePAM no
PasswordAuthentication yes
PidFile none
Subsystem sftp internal-sftp
"""
# What it notes of those who log in stays in the machine: /run and /var/log are its own.
START = """
set -e
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/log
mkdir -m 755 /run/sshd
exec /usr/sbin/sshd -D -e -f "$1"
"""
# The shell there has the prompt that tells the end of a command, and echoes and keeps nothing.
PROFILE = r"""stty -echo
set +o emacs
unset HISTFILE
PS1='[guide $?]> '
"""


class LoginMachine:
    """A machine that readers reach with ssh, in the network of a machine of the grid.

    Attributes:
        home: the home folder of the reader's account on it, into which others can look.
        fingerprint: that of its key, as its administrators tell it.
    """

    def __init__(self, machine: Machine):
        """Start it.

        Args:
            machine: the machine whose readers reach it; it ends with this one.

        Raises:
            TimeoutError: it does not answer; its own words are in the message.
        """
        self.machine = machine
        folder = machine.folder / "ssh"
        folder.mkdir(mode=0o700)
        self.home = machine.folder / "far"
        key = folder / "host_key"
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
        self.fingerprint = _run("ssh-keygen", "-l", "-f", str(key)).split()[1]
        self.secret = _run("openssl", "passwd", "-6", "-stdin", typed=OF_THE_ACCOUNT).strip()
        (folder / "sshd_config").write_text(SETTINGS.format(folder=folder))
        hosts = machine.folder / "etc/hosts"
        hosts.write_text(hosts.read_text() + f"127.0.0.1 {HOST}\n")
        # The reader's account has another name than on the own computer.
        other = machine.folder / "etc/ssh/ssh_config.d/guide.conf"
        other.write_text(f"Host {HOST}\n  User {ACCOUNT}\n")
        self.log = folder / "log"
        with self.log.open("wb") as log:
            started = subprocess.Popen(
                [
                    *("nsenter", f"--target={machine.process}", "--net", "--mount", "--uts"),
                    *("--pid", "sh", "-c", START, "sh", folder / "sshd_config"),
                ],
                stdin=subprocess.DEVNULL,
                stderr=log,
            )
        machine.started.append(started)
        self._wait(started)

    def _wait(self, started: subprocess.Popen) -> None:
        """Wait until the server answers."""
        end = time.monotonic() + SECONDS
        while "Server listening" not in self.log.read_text():
            if time.monotonic() > end or started.poll() is not None:
                raise TimeoutError(f"sshd: {self.log.read_text()}")
            time.sleep(0.05)

    def reader(self, home: Path, secret: str, answers: dict[str, str]) -> Reader:
        """Return the terminal of a reader, on the own computer, with a fresh account on this one.

        Args:
            home: what is in the home folder of the own computer.
            secret: what is typed at each prompt of the grid programs.
            answers: what is typed at other prompts.
        """
        terminal = self.machine.log_in(home, secret, more=answers)
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(mode=0o755)
        (self.home / ".bash_profile").write_text(PROFILE)
        self.own()
        etc = self.machine.folder / "etc"
        known = f"{ACCOUNT}:x:{NUMBER}:{NUMBER}::{self.home}:/bin/bash\n"
        for name, line in (("passwd", known), ("shadow", f"{ACCOUNT}:{self.secret}:1::::::\n")):
            others = re.sub(rf"(?m)^{ACCOUNT}:.*\n", "", (etc / name).read_text())
            (etc / name).write_text(others + line)
        return terminal

    def own(self) -> None:
        """Give all that is in the home folder to the account."""
        for path in (self.home, *self.home.rglob("*")):
            os.chown(path, NUMBER, NUMBER, follow_symlinks=False)

    def is_open(self, path: Path) -> bool:
        """Tell whether somebody else on the machine can read a file."""
        assert pwd.getpwnam("nobody").pw_uid != NUMBER
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return self.machine.start("cat", path, **quiet).wait() == 0


def _run(*command: str, typed: str = "") -> str:
    """Run a program, and return what it prints."""
    done = subprocess.run(command, input=typed, capture_output=True, text=True, check=True)
    return done.stdout

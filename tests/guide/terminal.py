"""A real shell at a real terminal, as a reader has it."""

import ctypes
import functools
import os
import pwd
import re
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pexpect

# The shell prints this before each command, with the exit status of the one before.
PROMPT = re.compile(r"\[guide (\d+)\]> ")
SECONDS = 20
LIBC = ctypes.CDLL(None, use_errno=True)
# How each shell starts without the settings of this machine, and its prompt. zsh as macOS
# starts it: there, a line that begins with # is an error.
SHELLS = {
    "bash": (["--norc", "--noprofile", "--noediting"], "[guide $?]> "),
    "dash": (["-i"], "[guide $?]> "),
    "zsh": (["-f", "-i", "-o", "nozle", "-o", "noprompt_sp", "-o", "noprompt_cr"], "[guide %?]> "),
}


class Terminal:
    """A shell of an ordinary user, in a home folder that is thrown away.

    Attributes:
        home: the home folder; it belongs to the user.
        prompts: the questions that have an answer, as regular expressions.
    """

    def __init__(
        self,
        home: Path,
        answers: dict[str, str],
        shell: str = "bash",
        programs: Path | None = None,
        locale: str = "C.UTF-8",
        environment: dict[str, str] | None = None,
        network: int | None = None,
    ):
        """Start the shell.

        Args:
            home: an empty folder.
            answers: what to type at each prompt, by the regular expression of the prompt.
            shell: bash, dash or zsh.
            programs: a folder whose programs come before those of the machine.
            locale: the locale of the shell.
            environment: further variables.
            network: the number of a process whose network namespace the shell joins.
        """
        self.home = home
        self.prompts = list(answers)
        self.answers = [(re.compile(prompt), text) for prompt, text in answers.items()]
        self.user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self.own(home)
        options, prompt = SHELLS[shell]
        path = os.environ["PATH"]
        environment = (environment or {}) | {
            "HOME": str(home),
            "HISTFILE": "/dev/null",
            "LANG": locale,
            "PATH": f"{programs}:{path}" if programs else path,
            "PS1": prompt,
            "TERM": "dumb",
        }
        self.shell = pexpect.spawn(
            shutil.which(shell),
            options,
            cwd=home,
            env=environment,
            encoding="utf-8",
            echo=False,
            timeout=SECONDS,
            dimensions=(50, 500),
            preexec_fn=functools.partial(self._become_user, network),
        )
        self.shell.delaybeforesend = None
        # It ends at once; pexpect would wait ten times as long to see it.
        self.shell.ptyproc.delayafterclose = self.shell.ptyproc.delayafterterminate = 0.01
        self.shell.expect(PROMPT)

    def _become_user(self, network: int | None) -> None:
        if network:
            join_namespace(network, "net")
        os.umask(0o022)
        if self.user:
            os.setgroups([])
            os.setgid(self.user.pw_gid)
            os.setuid(self.user.pw_uid)

    def own(self, *paths: Path) -> None:
        """Give files to the user of the shell."""
        if self.user:
            for path in paths:
                os.chown(path, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)

    def type(
        self, command: str, instead: Callable[[int], str | None] = lambda number: None
    ) -> tuple[int | None, str]:
        r"""Type a command, and answer what it asks.

        Args:
            command: one line.
            instead: given the number of a prompt, from 0, returns what to type there in
                place of the answer: ``\x03`` is Ctrl-C.

        Returns:
            The exit status, and what the terminal shows until the next prompt. The status
            is None when the command asks something that has no answer, or does not end.
        """
        shown, number = "", 0
        # NSS switches the echo on behind a password, whatever it was before.
        self.shell.setecho(False)
        self.shell.sendline(command)
        prompts = [prompt for prompt, _ in self.answers]
        while True:
            found = self.shell.expect([PROMPT, *prompts, pexpect.TIMEOUT, pexpect.EOF])
            shown += self.shell.before
            if found == 0:
                return int(self.shell.match[1]), shown.replace("\r\n", "\n")
            if found > len(prompts):
                return None, shown.replace("\r\n", "\n")
            shown += self.shell.match[0]
            # Programs throw away what was typed before they switched the echo off.
            time.sleep(0.05)
            other = instead(number)
            number += 1
            if other is None:
                self.shell.sendline(self.answers[found - 1][1])
            else:
                self.shell.send(other)

    def answer(self, text: str) -> None:
        """Type the same at each prompt from now on.

        Args:
            text: what to type.
        """
        self.answers = [(prompt, text) for prompt, _ in self.answers]

    def kill(self) -> None:
        """Kill the shell and all that runs in it, as when the machine stops."""
        kill_session(self.shell.pid)

    def close(self) -> None:
        """End the shell and what runs in it."""
        end(self.shell)


def end(child: pexpect.spawn) -> None:
    """End a program that runs at a terminal, however long a busy machine takes for it.

    Args:
        child: the program.
    """
    try:
        child.close(force=True)
    except pexpect.ExceptionPexpect:
        # It is killed, but was still there a moment later.
        child.wait()


def join_namespace(process: int, kind: str) -> None:
    """Join a namespace of a process: setns(2), which Python has from 3.12 on.

    Args:
        process: its number.
        kind: which of its namespaces, as in ``/proc/PROCESS/ns``: ``net``, ``mnt``.

    Raises:
        OSError: it has ended, or this process is not root.
    """
    namespace = os.open(f"/proc/{process}/ns/{kind}", os.O_RDONLY)
    if LIBC.setns(namespace, 0):
        raise OSError(ctypes.get_errno(), "setns")
    os.close(namespace)


def kill_session(leader: int) -> None:
    """Kill all that runs in a session.

    Args:
        leader: the number of the process that began it.
    """
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The fields after the name, which may hold anything: proc(5).
            if int(stat.read_text().rsplit(")", 1)[1].split()[3]) == leader:
                os.kill(int(stat.parent.name), signal.SIGKILL)
        except (OSError, IndexError):
            continue

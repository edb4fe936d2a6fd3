"""A real bash at a real terminal, as a reader has it."""

import os
import pwd
import re
import shutil
import time
from pathlib import Path

import pexpect

# bash prints this before each command, with the exit status of the one before.
PROMPT = re.compile(r"\[guide (\d+)\]> ")
SECONDS = 20


class Terminal:
    """A shell of an ordinary user, in a home folder that is thrown away.

    Attributes:
        home: the home folder; it belongs to the user.
    """

    def __init__(self, home: Path, answers: dict[str, str]):
        """Start bash.

        Args:
            home: an empty folder.
            answers: what to type at each prompt, by the regular expression of the prompt.
        """
        self.home = home
        self.answers = [(re.compile(prompt), text) for prompt, text in answers.items()]
        self.user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self.own(home)
        environment = {
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "PS1": "[guide $?]> ",
            "TERM": "dumb",
        }
        bash = shutil.which("bash")
        self.shell = pexpect.spawn(
            bash,
            ["--norc", "--noprofile", "--noediting"],
            cwd=home,
            env=environment,
            encoding="utf-8",
            echo=False,
            timeout=SECONDS,
            dimensions=(50, 500),
            preexec_fn=self._become_user,
        )
        self.shell.delaybeforesend = None
        self.shell.expect(PROMPT)

    def _become_user(self) -> None:
        os.umask(0o022)
        if self.user:
            os.setgroups([])
            os.setgid(self.user.pw_gid)
            os.setuid(self.user.pw_uid)

    def own(self, *paths: Path) -> None:
        """Give files to the user of the shell."""
        if self.user:
            for path in paths:
                os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def type(self, command: str) -> tuple[int | None, str]:
        """Type a command, and answer what it asks.

        Args:
            command: one line.

        Returns:
            The exit status, and what the terminal shows until the next prompt. The status
            is None when the command asks something that has no answer, or does not end.
        """
        shown = ""
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
            self.shell.sendline(self.answers[found - 1][1])

    def close(self) -> None:
        """End bash and what runs in it."""
        self.shell.close(force=True)

"""A screen that nobody sees, with a window manager, a keyboard and a mouse."""

import contextlib
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from browsers import environment, started
from web_server import ordinary_user

SECONDS = 20
# A dialog of GTK loses what is typed faster.
MILLISECONDS = "40"


@dataclass(frozen=True)
class Screen:
    """A running screen.

    Attributes:
        home: the home folder of the user before it.
        display: its name, as in ``:1``.
    """

    home: Path
    display: str

    def do(self, *words: str, text: str = "") -> str:
        """Give a command to xdotool, and return what it prints.

        Args:
            words: the command.
            text: what it reads.
        """
        done = subprocess.run(
            ["xdotool", *words],
            env=environment(self.home, display=self.display),
            input=text,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            **ordinary_user(),
        )
        return done.stdout

    def windows(self) -> set[str]:
        """Return the numbers of the windows that are shown."""
        return set(self.do("search", "--onlyvisible", "--name", ".").split())

    def title(self, number: str) -> str:
        """Return the title of a window."""
        return self.do("getwindowname", number).strip()

    def titles(self) -> list[str]:
        """Return the titles of the windows that are shown."""
        return sorted(map(self.title, self.windows()))

    def another_window(self, before: set[str]) -> str:
        """Wait for a window that was not there before, and give it the keyboard.

        Args:
            before: the windows that were there.

        Returns:
            Its number.

        Raises:
            TimeoutError: there comes none.
        """
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if new := self.windows() - before:
                number = sorted(new)[-1]
                self.do("windowactivate", "--sync", number)
                # The window is there before it listens.
                time.sleep(0.7)
                return number
            time.sleep(0.2)
        raise TimeoutError(f"no window came to {self.titles()}")

    def without(self, number: str) -> None:
        """Wait until a window is gone.

        Raises:
            TimeoutError: it stays.
        """
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if number not in self.windows():
                return
            time.sleep(0.2)
        raise TimeoutError(f"a window stays: {self.titles()}")

    def type(self, text: str) -> None:
        """Type text into the window that has the keyboard."""
        self.do("type", "--clearmodifiers", "--delay", MILLISECONDS, "--file", "-", text=text)

    def press(self, *keys: str) -> None:
        """Press keys, as in ``alt+o``."""
        self.do("key", "--clearmodifiers", *keys)

    def click(self, x: float, y: float) -> None:
        """Click on a place."""
        self.do("mousemove", str(round(x)), str(round(y)), "click", "1")


@contextlib.contextmanager
def screen(home: Path) -> Iterator[Screen]:
    """Run a screen with a window manager.

    Args:
        home: the home folder of the user before it.

    Yields:
        The screen.
    """
    log = home / "screen"
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    with started(command, environment(home), log):
        display = f":{number_in(log)}"
        with started(["openbox"], environment(home, display=display), home / "openbox"):
            yield Screen(home, display)


def number_in(log: Path) -> str:
    """Return the number of the display, once the screen has said it.

    Args:
        log: what the screen has said.

    Raises:
        TimeoutError: it does not; its words are in the message.
    """
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if found := re.search(r"^(\d+)$", log.read_text(), re.MULTILINE):
            return found[1]
        time.sleep(0.1)
    raise TimeoutError(log.read_text())

"""Whatever stops a reader, nothing is lost, and no key lies open: the pages' own commands."""

import contextlib
import itertools
import os
import random
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import homes
from homes import PASSWORD
from openssl_versions import fetched, openssl_folder
from terminal import Terminal
from transcripts import blocks
from walks import FAULTS, answers, steps
from watch import Watch
from zoo import common

PAGE = "convert-certificate"
WAYS = ("", "usercred")
# At how many moments a reader is stopped on each way, in short and in the extended run.
MOMENTS = 10, 100


def typed_anyway(guide, way: str, terminal: Terminal, instead=lambda number: None) -> None:
    """Type the commands of a way, whatever they answer: as when one pastes them all.

    Args:
        guide: the guide.
        way: the way.
        terminal: where to type.
        instead: what to type at a prompt in place of its answer, by the number of the prompt.
    """
    counter = itertools.count()
    for block in steps(guide, PAGE, way):
        for command in block.commands:
            status, _ = terminal.type(command.typed, lambda _: instead(next(counter)))
            if status is None:
                return


class Reader:
    """A reader whose home is watched, and who types all the commands of a way.

    Attributes:
        home: the home folder.
        terminal: the terminal in it.
    """

    def __init__(
        self, guide, openssl: str = "", change: Callable[[Path], None] | None = None, **faults
    ):
        """Prepare the home folder.

        Args:
            guide: the guide.
            openssl: the version to use, if not the machine's.
            change: what is done to the home folder, when all is in it.
            faults: what to type at prompts in place of the right answer.
        """
        self.guide = guide
        self.home = Path(tempfile.mkdtemp(prefix="home-", dir=guide.folder))
        homes.prepare(self.home, common("AES-256", PASSWORD))
        typed = answers(PASSWORD) | {r"overwrite|replace|override": "n"} | faults.get("typed", {})
        self.terminal = Terminal(self.home, typed, openssl=openssl_folder(openssl))
        self.terminal.own(*self.home.rglob("*"))
        if change:
            change(self.home)
        self.watch = Watch(self.home)

    def ends(self) -> list[str]:
        """End it all, and return what is wrong."""
        self.terminal.close()
        wrong = self.watch.end()
        wrong += filter(None, [homes.lost(self.home), homes.half_made(self.home)])
        wrong += filter(None, [homes.exposed(self.home)])
        if (self.home / ".globus/old").is_dir():
            wrong += self.put_back()
        shutil.rmtree(self.home, ignore_errors=True)
        return wrong

    def put_back(self) -> list[str]:
        """Type the printed command that puts the old pair back; return what is wrong then."""
        terminal = Terminal(self.home, {})
        for page in self.guide.pages:
            for block in blocks(self.guide, page):
                if "undo" in block.roles:
                    terminal.type(block.commands[0].typed)
        terminal.close()
        return [] if homes.is_old(self.home) else ["the printed command did not put the pair back"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", range(5))
def test_stopped_by_hand(guide, way, number):
    """Ctrl-C at a prompt, after which all the other commands are typed all the same."""
    reader = Reader(guide)
    typed_anyway(guide, way, reader.terminal, lambda n: "\x03" if n == number else None)
    assert reader.ends() == []


@pytest.mark.parametrize("openssl", ["", *fetched()])
@pytest.mark.parametrize("fault", ["wrong-password", "short-passphrase"])
def test_wrong_answers(guide, openssl, fault):
    """A wrong password or passphrase, after which all the other commands are typed."""
    reader = Reader(guide, openssl, typed=FAULTS[fault])
    typed_anyway(guide, "", reader.terminal)
    placed = not homes.is_old(reader.home) and (reader.home / ".globus/userkey.pem").exists()
    assert not placed
    assert reader.ends() == []


@pytest.mark.parametrize("way", WAYS)
def test_killed(guide, pytestconfig, way):
    """At whatever moment the machine stops, the old pair is whole, and comes back."""
    chance = random.Random(20261126)
    wrong = []
    for _ in range(MOMENTS[pytestconfig.getoption("extended")]):
        reader = Reader(guide)
        moment = chance.uniform(0, 0.9)
        killer = threading.Timer(moment, reader.terminal.kill)
        killer.start()
        # The terminal is gone, too.
        with contextlib.suppress(OSError):
            typed_anyway(guide, way, reader.terminal)
        killer.join()
        wrong += [f"killed after {moment:.3f} s: {problem}" for problem in reader.ends()]
    assert wrong == []


def read_only(home: Path) -> None:
    """Take away the right to write into the folder of the certificates."""
    (home / ".globus").chmod(0o500)


def linked(home: Path) -> None:
    """Make the folder of the certificates a link to another folder."""
    (home / ".globus").rename(home / "grid")
    (home / ".globus").symlink_to("grid")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("change", [read_only, linked])
def test_unusual_folder(guide, way, change):
    """A folder that cannot be written to, or is a link."""
    reader = Reader(guide, change=change)
    typed_anyway(guide, way, reader.terminal)
    assert homes.is_old(reader.home) == (change is read_only)
    assert reader.ends() == []


def fill(home: Path, room: int) -> None:
    """Make the folder of the certificates a disk of its own, that is full but for some KiB."""
    globus = home / ".globus"
    owner = globus.stat()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", globus], check=True)
    os.chown(globus, owner.st_uid, owner.st_gid)
    globus.chmod(0o700)
    homes.put_pair(globus)
    for path in globus.iterdir():
        os.chown(path, owner.st_uid, owner.st_gid)
    free = shutil.disk_usage(globus).free
    (globus / "full").write_bytes(bytes(free - room * 1024))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("room", [0, 4, 8, 12, 16, 20])
def test_full_disk(guide, way, room):
    """The disk is full but for some KiB."""
    if os.geteuid():
        pytest.skip("a disk of its own can only be mounted by root")
    reader = Reader(guide, change=lambda home: fill(home, room))
    try:
        typed_anyway(guide, way, reader.terminal)
        problems = reader.ends()
    finally:
        subprocess.run(["umount", "-l", reader.home / ".globus"], check=True)
    assert problems == []

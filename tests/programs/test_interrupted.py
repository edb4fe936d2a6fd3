"""Whatever stops a reader, nothing is lost, and no key lies open: the pages' own commands."""

import contextlib
import itertools
import os
import random
import re
import shutil
import stat
import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import homes
from homes import PASSWORD
from openssl_versions import fetched, openssl_folder
from terminal import Terminal
from walks import FAULTS, PRINTED_FILE, answers, put_back, steps
from watch import Watch
from zoo import common, make

PAGE = "convert-certificate"
WAYS = ("", "usercred")
# At how many moments a reader is stopped on each way, in short and in the extended run.
MOMENTS = 5, 100


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
            faults: ``typed``, what to type at prompts in place of the right answer; ``kind``,
                another kind of file.
        """
        self.guide = guide
        self.home = Path(tempfile.mkdtemp(prefix="home-", dir=guide.folder))
        homes.prepare(self.home, common(faults.get("kind", "AES-256"), PASSWORD))
        typed = answers(PASSWORD) | {r"overwrite|replace|override": "n"} | faults.get("typed", {})
        self.terminal = Terminal(self.home, typed, programs=openssl_folder(openssl))
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
            put_back(self.guide, self.home)
            if not homes.is_old(self.home):
                wrong.append("the printed command did not put the pair back")
        shutil.rmtree(self.home, ignore_errors=True)
        return wrong

    @property
    def is_placed(self) -> bool:
        """Whether something new is where the tools look."""
        globus = self.home / ".globus"
        new = [globus / "usercred.p12", *(globus / name for name in homes.PAIR)]
        there = {path.name: path.read_bytes() for path in new if path.exists()}
        return any(there[name] != homes.old_pair().get(name) for name in there)


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
    assert not reader.is_placed
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
@pytest.mark.parametrize(
    "room", [8, *(pytest.param(room, marks=pytest.mark.extended) for room in (0, 4, 12, 16, 20))]
)
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


@pytest.mark.parametrize("way", WAYS)
def test_first_certificate(guide, way):
    """Who has no folder yet, and no old pair, gets along with the same commands."""
    reader = Reader(guide, change=lambda home: shutil.rmtree(home / ".globus"))
    typed_anyway(guide, way, reader.terminal)
    assert reader.is_placed
    globus = reader.home / ".globus"
    assert stat.S_IMODE(globus.stat().st_mode) == 0o700
    assert reader.watch.end() == []
    assert way or not homes.unfit(reader.home)
    reader.terminal.close()


@pytest.mark.parametrize("way", WAYS)
def test_file_for_e_mail(guide, way):
    """A certificate for e-mail does not get where the tools look, whatever is typed."""
    reader = Reader(guide, kind="e-mail")
    typed_anyway(guide, way, reader.terminal)
    assert homes.is_old(reader.home)
    assert not reader.is_placed
    assert reader.ends() == []


def left_behind(home: Path) -> None:
    """Leave what an earlier attempt may have left, readable by others: last year's things."""
    globus = home / ".globus"
    for name in ("new", "ready"):
        (globus / name).mkdir(0o755)
        for file, content in homes.old_pair().items():
            (globus / name / file).write_bytes(content)
        for public in ("certificate.pub", "key.pub"):
            (globus / name / public).write_text("the same\n")
    for name in ("usercred-new.p12", "usercred-ready.p12"):
        (globus / name).write_bytes(b"stale")
    for path in globus.rglob("*"):
        shutil.chown(path, "nobody" if os.geteuid() == 0 else os.geteuid())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", ["", "wrong-password"])
def test_what_was_left_behind_is_not_taken(guide, way, fault):
    """What an earlier attempt has left is never put in place, with or without mistakes."""
    reader = Reader(guide, change=left_behind, typed=FAULTS.get(fault, {}))
    # What lies there was written before anybody watched.
    reader.watch.end()
    typed_anyway(guide, way, reader.terminal)
    globus = reader.home / ".globus"
    if fault:
        assert not reader.is_placed
    elif way:
        assert (globus / "usercred.p12").read_bytes() == make(common("AES-256", PASSWORD))
    else:
        assert homes.unfit(reader.home) == ""
        assert not homes.is_old(reader.home)
    assert way or homes.exposed(reader.home) == ""
    reader.terminal.close()


def test_key_of_another_certificate(guide):
    """A key that does not fit gets nowhere: the files of two downloads are mixed."""
    reader = Reader(guide)
    other = replace(common("AES-256", PASSWORD), key="RSA 3072")
    (reader.home / "Downloads/Other.p12").write_bytes(make(other))
    for block in steps(guide, PAGE):
        for command in block.commands:
            is_key = "-nocerts" in command.typed
            file = "~/Downloads/Other.p12" if is_key else PRINTED_FILE
            reader.terminal.type(command.typed.replace(PRINTED_FILE, file))
    assert homes.is_old(reader.home)
    assert reader.ends() == []


@pytest.mark.parametrize("openssl", ["", *fetched()])
def test_copies_are_encrypted_as_the_page_says(guide, openssl):
    """The key is encrypted with AES-256, the copy for old systems with 3DES."""
    reader = Reader(guide, openssl)
    typed_anyway(guide, "", reader.terminal)
    said = asn1(reader.home / ".globus/userkey.pem")
    assert "aes-256-cbc" in said
    (copy,) = [s for s in steps(guide, "other-formats", "old-systems") if "export" in str(s)]
    for command in copy.commands:
        reader.terminal.type(command.typed)
    content = (reader.home / "certificate-3des/Certificate-3des.p12").read_bytes()
    # The identifiers of RFC 7292 and RFC 8018, in DER.
    assert content.count(bytes.fromhex("2a864886f70d010c0103")) == 2
    assert "aes-256-cbc" in asn1(reader.home / "certificate-3des/intermediate.pem")
    assert reader.ends() == []


@pytest.mark.parametrize("way", ["browser", "old-systems", "java"])
def test_files_of_the_reader_stay(guide, way):
    """A copy never takes the place of a file of this name, nor is it deleted in its stead."""
    names = ("Certificate-copy.p12", "Certificate-3des.p12", "intermediate.pem", "keystore.jks")
    reader = Reader(guide)
    mine = [reader.home / name for name in names]
    for path in mine:
        path.write_text("mine\n")
    reader.terminal.own(*mine)
    for block in steps(guide, "other-formats", way):
        for command in block.commands:
            reader.terminal.type(command.typed)
    assert [path.name for path in mine if path.read_text() != "mine\n"] == []
    assert reader.ends() == []


def asn1(file: Path) -> str:
    """Return what openssl says of how a key is encrypted."""
    text = re.search(
        r"-----BEGIN ENCRYPTED PRIVATE KEY-----.*?-----END [A-Z ]*-----\n", file.read_text(), re.S
    )[0]
    done = subprocess.run(["openssl", "asn1parse"], input=text, capture_output=True, text=True)
    return done.stdout

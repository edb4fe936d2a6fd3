"""What GnuPG says of a file that it refuses: its cause gives each message, and the cure helps."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

import homes
import installed
import problems
import walks
from homes import PASSWORD
from kinds import reading_version
from misread import misread, with_3des
from openssl_versions import number, openssl_folder
from terminal import Terminal
from transcripts import Block
from walks import steps
from zoo import Missing, Specimen, common

PAGE = "problems-gnupg"
IMPORT = "gpgsm --import ~/Downloads/Certificate.p12"
IMPORTED = "secret keys imported: 1"
OLD = common("3DES", PASSWORD)
COPY = "certificate-3des/Certificate-3des.p12"
# From this version on, it reads all kinds of files: what it says otherwise cannot be provoked.
READS_ALL = (2, 4)
# The window in which GnuPG asks, as far as GnuPG sees it: a program that speaks the protocol
# of libassuan. It gives the password in one file, and notes in another what it is to show.
PINENTRY = """#!/bin/sh
echo OK
while read -r word rest; do
  case $word in
    SETDESC) printf '%s\\n' "$rest" >> {folder}/shown; echo OK ;;
    GETPIN) printf 'D %s\\nOK\\n' "$(cat {folder}/password)" ;;
    BYE) echo OK; exit ;;
    *) echo OK ;;
  esac
done
"""


def file_of(home: Path) -> Path:
    """Return the path of the file that the reader has downloaded."""
    return home / "Downloads/Certificate.p12"


def configure(home: Path, program: Path) -> None:
    """Have the GnuPG of a reader ask by a program."""
    (home / ".gnupg/gpg-agent.conf").write_text(f"pinentry-program {program}\n")


def window(home: Path) -> Path:
    """Return the folder of the program that stands for the window of GnuPG."""
    return home / "window"


def prepare(home: Path, password: str) -> None:
    """Put into a home folder a window in which a password is typed at each question."""
    (home / ".gnupg").mkdir(0o700)
    folder = window(home)
    folder.mkdir()
    (folder / "shown").touch()
    (folder / "password").write_text(password)
    (folder / "pinentry").write_text(PINENTRY.format(folder=folder))
    (folder / "pinentry").chmod(0o755)
    configure(home, folder / "pinentry")


@pytest.fixture
def log_in(guide):
    """A function that returns the terminal of a reader, who has downloaded a file."""
    installed.needs("gpgsm")
    used = []

    def one(
        specimen: Specimen = OLD, openssl: str = "", wanted: list[bool] | None = None
    ) -> Terminal:
        home = Path(tempfile.mkdtemp(prefix="home-", dir=guide.folder))
        try:
            homes.prepare(home, specimen, old=False)
        except Missing as error:
            pytest.skip(str(error))
        if specimen.encryption == "3DES":
            file_of(home).write_bytes(with_3des(specimen, wanted or [False, False]))
        prepare(home, specimen.password)
        answers = walks.answers(specimen.password)
        terminal = Terminal(home, answers, programs=openssl_folder(openssl))
        terminal.own(*home.rglob("*"))
        used.append(home)
        # On a busy machine, gpgsm would not wait for it long enough.
        terminal.type("gpgconf --launch gpg-agent")
        return terminal

    yield one
    for home in used:
        last = Terminal(home, {})
        last.type("gpgconf --kill all")
        last.close()


@pytest.fixture
def prove(guide):
    """A function that provokes the error of a block, and cures it as printed."""

    def one(name: str, terminal: Terminal, **more) -> str:
        return problems.prove(guide, name, terminal, installed.about("gpgsm"), **more)

    return one


def is_read(terminal: Terminal) -> bool:
    """Tell whether this GnuPG is one that reads all, and then does read the reader's file."""
    if number(installed.about("gpgsm")[1]) < READS_ALL:
        return False
    try:
        status, shown = terminal.type(IMPORT)
    finally:
        terminal.close()
    assert status == 0, shown
    assert IMPORTED in shown
    return True


def text_of(guide) -> str:
    """Return the source of the page on one line."""
    return " ".join(" ".join(guide.source(PAGE)).split())


def make_copy(guide, terminal: Terminal) -> str:
    """Make the copy that another page prints, again if GnuPG misreads it; return what is shown."""
    *make_it, delete_it = steps(guide, "other-formats", "old-systems")
    said = type_all(terminal, make_it)
    while any(misread((terminal.home / COPY).read_bytes(), PASSWORD)):
        type_all(terminal, [delete_it])
        said += type_all(terminal, make_it)
    return said


def type_all(terminal: Terminal, chosen: list[Block]) -> str:
    """Type the commands of blocks, which must succeed, and return what is shown."""
    said = ""
    for command in [command for block in chosen for command in block.commands]:
        status, shown = terminal.type(command.typed)
        assert status == 0, shown
        said += shown
    return said


@pytest.mark.parametrize("kind", ["AES-256", "PBMAC1", "no MAC"])
def test_encryption_is_too_new(guide, prove, log_in, kind):
    """The copy that another page makes is read instead."""
    openssl = reading_version(kind)
    specimen = common(kind, PASSWORD)
    terminal = log_in(specimen, openssl)
    if is_read(terminal):
        return
    warned = []

    def mend() -> None:
        shown = make_copy(guide, terminal)
        warned.extend(line for line in shown.splitlines() if "MAC" in line)

    name = "gnupg-aes-no-mac" if kind == "no MAC" else "gnupg-aes"
    prove(name, terminal, mend=mend, specimen=specimen)
    assert [one for one in warned if f"``{one}``" not in text_of(guide)] == []


def test_password_is_wrong(prove, log_in):
    """The right one helps."""
    terminal = log_in()
    password = window(terminal.home) / "password"
    password.write_text("not the password")
    prove("gnupg-passphrase", terminal, mend=lambda: password.write_text(PASSWORD))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("gnupg-misread", [False, True]), ("gnupg-misread-whole", [True, False])],
)
def test_right_password_is_called_wrong(guide, prove, log_in, name, wanted):
    """Another copy is read, in which other random numbers are."""
    terminal = log_in(wanted=wanted)
    prove(name, terminal, mend=lambda: make_copy(guide, terminal))


def test_key_is_on_an_elliptic_curve(guide, prove, log_in):
    """A certificate with an RSA key is read; of the other, only the certificate was."""
    terminal = log_in(replace(OLD, key="P-256"))
    if is_read(terminal):
        return
    keys = terminal.home / ".gnupg/private-keys-v1.d"

    def get_another() -> None:
        assert list(keys.iterdir()) == []
        problems.spoil(file_of(terminal.home), with_3des(OLD, [False, False]))

    shown = prove("gnupg-p256", terminal, mend=get_another)
    assert "secret keys imported" not in shown
    assert len(list(keys.iterdir())) == 1


def test_file_is_a_web_page(prove, log_in):
    """The right file helps."""
    terminal = log_in()
    prove(
        "gnupg-end-of-file",
        terminal,
        mend=problems.spoil(file_of(terminal.home), b"<!DOCTYPE html>\n<p>Log in\n"),
    )


def test_download_was_cut_off(prove, log_in):
    """The whole file helps; older versions name what the page says."""
    terminal = log_in()
    mend = problems.spoil(file_of(terminal.home), file_of(terminal.home).read_bytes()[:-1000])
    assert "pfx" in prove("gnupg-truncated", terminal, mend=mend)


def test_nothing_asks(prove, log_in):
    """When there is something that asks, and GnuPG has looked again, it does."""
    terminal = log_in()
    asks = window(terminal.home) / "pinentry"
    configure(terminal.home, asks.with_name("missing"))
    terminal.type("gpgconf --reload gpg-agent")
    prove("gnupg-no-pinentry", terminal, mend=lambda: configure(terminal.home, asks))


def test_page_quotes_what_is_asked_and_shown(guide, log_in):
    """The questions are in the windows of a good import, and the last lines in the terminal."""
    terminal = log_in()
    try:
        first, second = terminal.type(IMPORT), terminal.type(IMPORT)
    finally:
        terminal.close()
    asked = (window(terminal.home) / "shown").read_text().splitlines()
    assert [one for one in asked[:2] if f"``{one}``" not in text_of(guide)] == []
    for (status, shown), words in ((first, IMPORTED), (second, "secret keys unchanged: 1")):
        assert status == 0
        assert words in shown.rstrip("\n").splitlines()[-1]
        assert f"``{words}``" in text_of(guide)

"""What Java says of a file that it refuses: its cause gives each message, and the cure helps.

``keytool`` says it, at the commands that the page ``other-formats`` has for Java programs.
"""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import homes
import installed
import problems
import walks
from homes import PASSWORD
from openssl_versions import fetched, number, openssl_folder
from terminal import Terminal
from transcripts import blocks
from walks import PRINTED_FILE, steps
from zoo import E_ACUTE, Missing, Specimen, certificates_pem, common, make

PAGES = ("problems-java", "problems-java-keystore")
PLAIN = common("AES-256", PASSWORD)
# What keytool asks besides, and the answer: nothing where it is about a keystore that exists.
QUESTIONS = {
    r"overwrite\? \[no\]:": "",
    r"Enter new alias name[^\n]*:": "",
    r"Enter key password for <[^>\n]+>": PASSWORD,
}
# What the page says that the number in the message means.
TAGS = {
    "java-not-p12": (b"<!DOCTYPE html>\n<title>Log in</title>\n", "60"),
    "java-pem": (certificates_pem(PLAIN)[0], "45"),
}


def keystore_command(guide) -> str:
    """Return the command that makes a keystore, as the page for Java programs has it."""
    found = [one.typed for block in steps(guide, "other-formats", "java") for one in block.commands]
    (command,) = [typed for typed in found if "-importkeystore" in typed]
    return command


@pytest.fixture
def log_in(guide):
    """A function that returns the terminal of a reader, who has downloaded a file."""
    installed.needs("keytool")

    def one(specimen: Specimen = PLAIN, openssl: str = "", home: Path | None = None) -> Terminal:
        if not home:
            home = Path(tempfile.mkdtemp(prefix="home-", dir=guide.folder))
            try:
                homes.prepare(home, specimen, old=False)
            except Missing as error:
                pytest.skip(str(error))
        answers = QUESTIONS | walks.answers(specimen.password)
        terminal = Terminal(home, answers, programs=openssl_folder(openssl))
        terminal.own(*home.rglob("*"))
        terminal.type("umask 077")
        return terminal

    return one


@pytest.fixture
def prove(guide):
    """A function that provokes the error of a block, and cures it as printed."""

    def one(name: str, terminal: Terminal, **more) -> str:
        return problems.prove(guide, name, terminal, installed.about("keytool"), **more)

    return one


def downloaded(terminal: Terminal) -> Path:
    """Return the path of the file that the reader has downloaded."""
    return terminal.home / "Downloads/Certificate.p12"


def answer(terminal: Terminal, word: str, text: str) -> Callable[[], None]:
    """Have the reader give another answer to some questions; return what takes it back.

    Args:
        terminal: that of the reader.
        word: what these questions have in them.
        text: the other answer.
    """
    right = terminal.answers
    terminal.answers = [(one, text if word in one.pattern else old) for one, old in right]

    def mend() -> None:
        terminal.answers = right

    return mend


def make_keystore(guide, terminal: Terminal, file: str = PRINTED_FILE) -> Path:
    """Make a keystore from a file by the printed command, and return its path."""
    status, shown = terminal.type(keystore_command(guide).replace(PRINTED_FILE, file))
    assert status == 0, shown
    return terminal.home / "keystore.jks"


def test_commands_are_those_of_the_other_page(guide):
    """The commands that go wrong are those that the page for Java programs prints."""
    printed = [
        one.typed for block in steps(guide, "other-formats", "java") for one in block.commands
    ]
    wrong = [
        block.commands[-1].typed
        for page in PAGES
        for block in blocks(guide, page)
        if block.names("error")
    ]
    assert wrong
    assert set(wrong) <= set(printed)


# -- Passwords ----------------------------------------------------------------------------


def test_password_is_wrong(prove, log_in):
    """The right one helps."""
    terminal = log_in()
    prove("java-password", terminal, wrong="not the password")
    assert (terminal.home / "keystore.jks").exists()


def test_password_has_an_accent(guide, prove, log_in):
    """Java refuses it though it is right; a keystore can be made from the printed copy."""
    specimen = replace(PLAIN, password=E_ACUTE)
    terminal = log_in(specimen)
    prove("java-accents", terminal, specimen=specimen)
    copy = terminal.home / "certificate-java/Certificate-java.p12"
    assert copy.stat().st_mode & 0o077 == 0
    assert list(copy.parent.iterdir()) == [copy]
    again = log_in(home=terminal.home)
    try:
        make_keystore(guide, again, "~/certificate-java/Certificate-java.p12")
        _, shown = again.type("keytool -list -keystore ~/keystore.jks")
    finally:
        again.close()
    assert "PrivateKeyEntry" in shown


def test_new_password_is_too_short(prove, log_in):
    """A longer one helps; nothing has been written before."""
    terminal = log_in()
    keystore = terminal.home / "keystore.jks"

    def look() -> None:
        assert not keystore.exists()

    prove("java-too-short", terminal, wrong="abcde", mend=look)
    assert keystore.exists()


def test_password_is_not_typed(prove, log_in):
    """The password of the file helps."""
    terminal = log_in()
    prove("java-not-verified", terminal, mend=answer(terminal, "source keystore", ""))


def test_file_has_no_password(prove, log_in):
    """Java cannot take it; it reads the printed copy, which has one."""
    specimen = common("AES-256", "")
    prove("java-no-password", log_in(specimen), specimen=specimen)


# -- Keystores ----------------------------------------------------------------------------


def test_keystore_exists(guide, prove, log_in):
    """The old certificate stays; the new one gets a keystore of its own."""
    terminal = log_in()
    keystore = make_keystore(guide, terminal)
    before = keystore.read_bytes()
    prove("java-exists", terminal)
    assert keystore.read_bytes() == before


def test_password_of_the_keystore_is_wrong(guide, prove, log_in):
    """That of the keystore which is there helps."""
    terminal = log_in(replace(PLAIN, friendly_name=""))
    make_keystore(guide, terminal)
    problems.spoil(downloaded(terminal), make(PLAIN))
    prove("java-tampered", terminal, wrong="not the password")


# -- Files --------------------------------------------------------------------------------


def test_file_is_protected_in_a_new_way(prove, log_in):
    """Java reads the printed copy, made with an OpenSSL that knows the new way."""
    # RFC 9579, OpenSSL's CHANGES.md.
    versions = [one for one in fetched() if number(one) >= (3, 4)]
    if not versions:
        pytest.skip("run make programs, which fetches an OpenSSL that reads PBMAC1")
    specimen = common("PBMAC1", PASSWORD)
    prove("java-pbmac1", log_in(specimen, versions[0]), specimen=specimen)


@pytest.mark.parametrize("name", TAGS)
def test_file_is_something_else(guide, prove, log_in, name):
    """The number in the message is the one that the page explains; the right file helps."""
    content, tag = TAGS[name]
    terminal = log_in()
    shown = prove(name, terminal, mend=problems.spoil(downloaded(terminal), content))
    assert f"tag type {tag}\n" in shown
    assert any(f"``{tag}``" in line for line in guide.source(PAGES[0]))


@pytest.mark.parametrize("left", [pytest.param(0.3, marks=pytest.mark.extended), 0.9])
def test_download_was_cut_off(prove, log_in, left):
    """The whole file helps, wherever it was cut off."""
    terminal, content = log_in(), make(PLAIN)
    mend = problems.spoil(downloaded(terminal), content[: int(len(content) * left)])
    prove("java-truncated", terminal, mend=mend)


def test_file_is_elsewhere(prove, log_in):
    """Where the file is, the command works."""
    terminal = log_in()
    path = downloaded(terminal)
    moved = path.rename(path.with_name("Another name.p12"))
    prove("java-missing", terminal, mend=lambda: moved.rename(path))


def test_keystore_is_elsewhere(guide, prove, log_in):
    """Where the keystore is, the command that shows it works."""
    terminal = log_in()
    prove("java-no-keystore", terminal, mend=lambda: make_keystore(guide, terminal))

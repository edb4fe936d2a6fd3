"""The messages of OpenSSL while the file is converted: each is provoked, and cured as printed."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import homes
import installed
import pairs
import problems
from homes import PASSWORD
from openssl_versions import fetched, number, openssl_folder, own_program, own_version
from terminal import Terminal
from walks import Route, answers, steps, walk, with_role
from zoo import Missing, Specimen, common, make

GOOD = common("AES-256", PASSWORD)
CONVERT = "convert-certificate"
WEB_PAGE = b"<!DOCTYPE html>\n<html><head><title>Log in</title></head><body></body></html>\n"
# The first words of each version for a certificate, or a key, that it does not find.
CERTIFICATE_WORDS = r"Could not [a-z ]+ certificate from|unable to load certificate"
KEY_WORDS = r"Could not (?:read private key from|read key from|find)|unable to load key"


def versions(least: tuple[int, ...] = (1,), below: tuple[int, ...] = (99,)) -> list:
    """Return the versions of OpenSSL to try, as parameters: the first of them in any run.

    Args:
        least: the first version that says what is tried.
        below: the first one that says something else.

    Returns:
        What was fetched; before it the empty name, of the machine's own.
    """
    known = {"": own_version()} | {one: one for one in fetched()}
    found = [name for name, version in known.items() if least <= number(version) < below]
    more = [pytest.param(one, marks=pytest.mark.extended) for one in found[1:]]
    skip = pytest.mark.skip("run make programs, which fetches this version of OpenSSL")
    return found[:1] + more if found else [pytest.param("", marks=skip)]


class Desk:
    """A reader who has downloaded the file, has a pair of last year, and has opened a terminal.

    Attributes:
        home: the home folder.
        specimen: the file.
        file: where it lies.
        new: the folder in which the files are made.
        terminal: the terminal.
    """

    def __init__(
        self,
        guide,
        specimen: Specimen = GOOD,
        openssl: str = "",
        converts: bool = False,
        **terminal,
    ):
        """Prepare it.

        Args:
            guide: the guide.
            specimen: the file.
            openssl: the version to use, if not the machine's.
            converts: whether the reader has already converted the file, as printed.
            terminal: further arguments of the terminal.
        """
        self.guide, self.specimen = guide, specimen
        self.home = Path(tempfile.mkdtemp(prefix="home-", dir=guide.folder))
        try:
            if converts:
                done = walk(guide, Route(CONVERT, specimen, openssl=openssl), self.home)
                assert done.finished, done.problem
            else:
                homes.prepare(self.home, specimen)
        except Missing as error:
            pytest.skip(str(error))
        self.file = self.home / specimen.folder / specimen.file_name
        self.new = self.home / ".globus/new"
        self.about = ("OpenSSL", openssl) if openssl else own_program()
        programs = {"programs": openssl_folder(openssl)} | terminal
        self.terminal = Terminal(self.home, answers(PASSWORD), **programs)
        self.terminal.own(*self.home.rglob("*"))

    def types(self, *typed: str) -> str:
        """Type commands, each of which succeeds; return what the last one prints."""
        for one in typed:
            status, shown = self.terminal.type(one)
            assert status == 0, f"$ {one}\n{shown}"
        return shown

    def says(self, typed: str) -> str:
        """Type a command that fails, and return what it prints."""
        status, shown = self.terminal.type(typed)
        assert status
        return shown

    def begins(self) -> None:
        """Make the folder of the new files, as the page of the conversion does."""
        self.types("umask 077", "cd ~/.globus && rm -rf new ready && mkdir -m 700 new")

    def puts(self, path: Path, content: bytes, mode: int = 0o600) -> None:
        """Write a file of the reader's."""
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)
        self.terminal.own(path, path.parent)

    def downloads(self) -> None:
        """Download the right file."""
        self.puts(self.file, make(self.specimen))

    def proves(self, name: str, **more) -> str:
        """Prove an entry, and that nothing is lost or lies open then.

        Args:
            name: that of its block.
            more: further arguments of ``problems.prove``.
        """
        shown = problems.prove(self.guide, name, self.terminal, self.about, **more)
        assert not homes.lost(self.home)
        assert not homes.lost_download(self.home, self.specimen)
        assert not homes.exposed(self.home)
        return shown


@pytest.fixture
def desk(guide):
    """A function that makes a desk; all are cleared away in the end."""
    made: list[Desk] = []

    def make_desk(*args, **more) -> Desk:
        made.append(Desk(guide, *args, **more))
        return made[-1]

    yield make_desk
    for one in made:
        one.terminal.close()
        shutil.rmtree(one.home, ignore_errors=True)


def printed(guide, page: str, start: str) -> str:
    """Return the command of a page's own way that starts so."""
    (found,) = {
        command.typed
        for block in steps(guide, page)
        for command in block.commands
        if command.typed.startswith(start)
    }
    return found


def text_of(guide, page: str) -> str:
    """Return the text of a page, in one line."""
    return " ".join(guide.doctree(page, "en").astext().split())


# -- The file -----------------------------------------------------------------------------


@pytest.mark.parametrize("openssl", versions())
def test_file_is_elsewhere(desk, openssl):
    """The file is in another folder than the one that is typed."""
    reader = desk(replace(GOOD, folder="Documents"), openssl)
    reader.proves("openssl-no-such-file")


@pytest.mark.parametrize("openssl", versions())
def test_name_with_a_space(desk, openssl):
    """The name of the file is typed without quotation marks."""
    reader = desk(replace(GOOD, file_name="My certificate.p12"), openssl)
    said = reader.proves("openssl-extra-option")
    # Only newer versions name what they do not understand.
    assert ("Extra option:" in said) == (number(openssl or own_version()) >= (3, 5))


NO_P12 = {
    "HTML document": WEB_PAGE,
    "PEM certificate": homes.old_pair()["usercert.pem"].split(b"\n", 1)[1],
    "ASCII text": homes.old_pair()["userkey.pem"],
}


@pytest.mark.parametrize("openssl", versions())
@pytest.mark.parametrize("content", NO_P12.values(), ids=NO_P12.keys())
def test_file_is_no_p12(desk, content, openssl):
    """A web page or a PEM file has the name of the certificate."""
    reader = desk(openssl=openssl)
    reader.puts(reader.file, content)
    reader.proves("openssl-not-p12", mend=reader.downloads)


@pytest.mark.parametrize(("what", "content"), NO_P12.items(), ids=NO_P12.keys())
def test_file_is_named(desk, guide, what, content):
    """The command that the page names says what the file is, with the words of the page."""
    installed.needs("file")
    reader = desk()
    reader.puts(reader.file, content)
    page = text_of(guide, "problems-files")
    command = "file ~/Downloads/Certificate.p12"
    assert command in page
    assert what in page
    assert what in reader.types(command)


@pytest.mark.parametrize("openssl", versions())
@pytest.mark.parametrize("kept", [1000, -10])
def test_file_is_cut_off(desk, kept, openssl):
    """The download stopped too early."""
    reader = desk(openssl=openssl)
    reader.puts(reader.file, make(GOOD)[:kept])
    reader.proves("openssl-truncated", mend=reader.downloads)


@pytest.mark.parametrize("openssl", versions(least=(3,)))
def test_empty_file_has_no_message(desk, guide, openssl):
    """OpenSSL 3 says nothing of an empty file, but fails."""
    reader = desk(openssl=openssl)
    reader.puts(reader.file, b"")
    (block,) = with_role(guide, "error", "openssl-truncated")
    assert reader.says(block.commands[0].typed) == ""


# -- What is written ----------------------------------------------------------------------


@pytest.mark.parametrize("openssl", versions(least=(3,)))
def test_folder_is_missing(desk, openssl):
    """The command is typed in another terminal than the one with the folder."""
    desk(openssl=openssl).proves("openssl-no-folder")


@pytest.mark.parametrize("openssl", versions(least=(3,)))
def test_old_key_is_protected(desk, openssl):
    """Nothing can be written over the key of last year; the new files lie beside it."""
    reader = desk(openssl=openssl)
    reader.proves("openssl-key-protected")
    assert homes.is_old(reader.home)
    assert b"BEGIN CERTIFICATE" in (reader.new / "usercert.pem").read_bytes()
    assert homes.holds_key(reader.new / "userkey.pem", (reader.new / "userkey.pem").read_bytes())


NO_CERTIFICATE = {"nothing": b"", "the key": homes.old_pair()["userkey.pem"]}


@pytest.mark.parametrize("openssl", versions(least=(3, 0), below=(3, 1)))
@pytest.mark.parametrize("content", NO_CERTIFICATE.values(), ids=NO_CERTIFICATE.keys())
def test_file_holds_no_certificate(desk, content, openssl):
    """The file of the certificate is empty, or is that of the key."""
    reader = desk(openssl=openssl)
    reader.begins()
    reader.puts(reader.new / "usercert.pem", content)
    reader.proves("openssl-no-certificate")


def damaged() -> dict[str, bytes]:
    """Return what becomes of a certificate that is copied from a message, in several ways."""
    lines = homes.old_pair()["usercert.pem"].strip().split(b"\n")
    begin = lines.index(b"-----BEGIN CERTIFICATE-----")
    start, body, end = lines[: begin + 1], lines[begin + 1 : -1], lines[-1:]
    ways = {
        "quoted": [b"> " + line for line in body],
        "HTML": [line + b"<br>" for line in body],
        "no-break spaces": [line[:30] + "\N{NO-BREAK SPACE}".encode() + line[30:] for line in body],
    }
    return {name: b"\n".join([*start, *changed, *end, b""]) for name, changed in ways.items()}


@pytest.mark.parametrize("openssl", versions(below=(3,)))
@pytest.mark.parametrize("content", damaged().values(), ids=damaged().keys())
def test_certificate_was_copied_from_a_message(desk, content, openssl):
    """The lines of the certificate have got signs that do not belong there."""
    reader = desk(openssl=openssl)
    file = reader.home / ".globus/usercert.pem"
    whole = file.read_bytes()
    reader.puts(file, content)
    reader.proves("openssl-bad-base64", mend=lambda: reader.puts(file, whole, 0o644))


@pytest.mark.parametrize("openssl", versions())
def test_words_for_no_certificate(desk, guide, openssl):
    """The page has the words of each version; from 3 on, they are the same for damaged text."""
    reader = desk(openssl=openssl)
    contents = dict(NO_CERTIFICATE)
    if number(openssl or own_version()) >= (3,):
        contents |= damaged()
    for content in contents.values():
        reader.puts(reader.home / "file.pem", content)
        said = re.search(CERTIFICATE_WORDS, reader.says("openssl x509 -in ~/file.pem -noout"))
        assert said[0] in text_of(guide, "problems-files")


# -- Passwords and encryption -------------------------------------------------------------


@pytest.mark.parametrize("openssl", versions())
def test_wrong_passphrase(desk, guide, openssl):
    """The passphrase of the key is mistyped; the page has the words of each version."""
    reader = desk(openssl=openssl)
    reader.begins()
    for name, content in homes.old_pair().items():
        reader.puts(reader.new / name, content)
    wrong = pairs.wrong_passphrase(reader.new / "userkey.pem")
    said = reader.proves("openssl-wrong-passphrase", wrong=wrong)
    assert re.search(KEY_WORDS, said)[0] in text_of(guide, "problems-conversion")
    assert ("maybe wrong password" in said) == (number(openssl or own_version()) >= (3,))


@pytest.mark.parametrize("openssl", versions(below=(3,)))
def test_version_without_the_option(desk, openssl):
    """An older version does not know the option that newer ones want."""
    file = common("RC2-40", PASSWORD)
    reader = desk(file, openssl)
    reader.begins()
    reader.proves("openssl-legacy-flag", specimen=file)
    assert b"BEGIN CERTIFICATE" in (reader.new / "usercert.pem").read_bytes()


def with_variable(folder: Path) -> dict:
    """Return how a terminal looks for the modules in a folder that has none."""
    return {"environment": {"OPENSSL_MODULES": str(folder)}}


def of_another(folder: Path) -> dict:
    """Return how a terminal takes an ``openssl`` that has no modules, as Conda may bring it."""
    program = folder / "openssl"
    program.write_text('#!/bin/sh\nOPENSSL_MODULES=/nowhere exec /usr/bin/openssl "$@"\n')
    program.chmod(0o755)
    return {"programs": folder}


@pytest.mark.skipif(number(own_version()) < (3,), reason="run with OpenSSL 3 or later")
@pytest.mark.parametrize("change", [with_variable, of_another])
def test_module_is_not_found(desk, guide, change: Callable[[Path], dict]):
    """The module is not where this openssl looks for it."""
    folder = Path(tempfile.mkdtemp(prefix="openssl-", dir=guide.folder))
    folder.chmod(0o755)
    file = common("RC2-40", PASSWORD)
    reader = desk(file, **change(folder))
    reader.begins()
    reader.proves("openssl-legacy-module", specimen=file)


@pytest.mark.parametrize("openssl", versions(least=(3,)))
def test_file_without_mac(desk, openssl, tmp_path):
    """The file can be converted; NSS, which the browsers have, refuses it, but not the copy."""
    installed.needs("pk12util")
    file = common("no MAC", PASSWORD)
    reader = desk(file, openssl, converts=True)
    assert not imports(reader.file, tmp_path / "refused")
    reader.proves("openssl-mac-absent", specimen=file)
    assert imports(reader.home / "Certificate-copy.p12", tmp_path / "taken")


def imports(file: Path, store: Path) -> bool:
    """Tell whether NSS imports a file into a new store."""
    store.mkdir()
    (store / "password").write_text(PASSWORD)
    subprocess.run(["certutil", "-d", f"sql:{store}", "-N", "--empty-password"], check=True)
    done = subprocess.run(
        ["pk12util", "-d", f"sql:{store}", "-i", file, "-w", store / "password"],
        capture_output=True,
    )
    return done.returncode == 0


# -- The pair -----------------------------------------------------------------------------


@pytest.mark.parametrize("openssl", versions())
def test_key_of_another_certificate(desk, guide, openssl):
    """The key comes from another file than the certificate."""
    reader = desk(openssl=openssl)
    other = replace(GOOD, key="RSA 3072", file_name="Other.p12")
    reader.puts(reader.home / "Downloads/Other.p12", make(other))
    extract = printed(guide, CONVERT, "openssl pkcs12 -in ~/Downloads/Certificate.p12 -nocerts")
    take = printed(guide, CONVERT, "openssl pkey")
    reader.begins()
    reader.types(
        printed(guide, CONVERT, "openssl pkcs12 -in ~/Downloads/Certificate.p12 -clcerts"),
        extract.replace("Certificate.p12", "Other.p12"),
        printed(guide, CONVERT, "openssl x509 -in new/usercert.pem -noout -purpose | grep -q"),
        take,
    )
    reader.proves("openssl-key-does-not-fit", mend=lambda: reader.types(extract, take) and None)


def test_nothing_to_compare(desk, guide):
    """What the page says of the comparison if a command before it has failed."""
    reader = desk(common("e-mail", PASSWORD))
    compare = printed(guide, CONVERT, "test -s new/key.pub")
    reader.begins()
    assert reader.says(compare) == ""
    reader.puts(reader.new / "key.pub", b"a key\n")
    assert "certificate.pub: No such file" in reader.says(compare)
    assert "certificate.pub" in text_of(guide, "problems-conversion")


@pytest.mark.parametrize("openssl", versions())
def test_key_without_modulus(desk, guide, openssl):
    """The key is on an elliptic curve; the public keys can be compared all the same."""
    file = replace(GOOD, key="P-256")
    reader = desk(file, openssl, converts=True)
    public = [
        reader.types(one).partition("-----BEGIN")[2]
        for one in (
            "openssl x509 -in ~/.globus/usercert.pem -noout -pubkey",
            "openssl pkey -in ~/.globus/userkey.pem -pubout",
        )
    ]
    assert public[0] == public[1] != ""
    if number(openssl or own_version()) < (3,):
        words = "expecting an rsa key"
        assert words in reader.says("openssl rsa -in ~/.globus/userkey.pem -noout -modulus")
        assert words in text_of(guide, "problems-conversion")
    else:
        reader.proves("openssl-not-rsa", specimen=file)

"""The file is brought to the machine that has the grid tools, and converted there, as printed."""

from dataclasses import replace

import pytest

import homes
import installed
import proofs
import walks
from evidence import FAILS, WORKS
from homes import PASSPHRASE, PASSWORD
from login_machine import OF_THE_ACCOUNT, LoginMachine
from transcripts import blocks
from walks import Route, Walk, answers, steps
from zoo import common

PAGE = "bring-certificate"
OWN = common("AES-256", PASSWORD)
# The same file, where the page has it copied to.
THERE = replace(OWN, folder="incoming")
QUESTION = r"Are you sure you want to continue connecting \(yes/no[^)]*\)\?"
AGAIN = r"Please type 'yes', 'no' or the fingerprint:"
# A browser leaves a download as the umask has it.
DOWNLOADED = 0o644


@pytest.fixture(scope="module")
def there(machine):
    """The machine that has the grid tools."""
    installed.needs("ssh", "sshd")
    return LoginMachine(machine)


@pytest.fixture
def reader(guide, there, tmp_path):
    """The terminal of a reader who has downloaded the file on another computer."""
    homes.prepare(tmp_path / "home", OWN, old=False)
    walks.download(guide, "gridcert", tmp_path / "home/Downloads")
    (tmp_path / "home/Downloads/Certificate.p12").chmod(DOWNLOADED)
    typed = {QUESTION: there.fingerprint, AGAIN: "no", r"[\w.@]+'s password:": OF_THE_ACCOUNT}
    more = typed | guide.answers | answers(PASSWORD)
    terminal = there.reader(tmp_path / "home", PASSPHRASE, more)
    yield terminal
    terminal.close()


def types(terminal, chosen, route, done) -> None:
    """Type blocks; fail at the first that does not do as printed."""
    for block in chosen:
        if "if-old" in block.roles and not route.old:
            continue
        problem, _, _ = walks.type_block(terminal, block, route)
        done.results.append((block, FAILS if problem else WORKS))
        if problem:
            pytest.fail(problem, pytrace=False)


def parts(guide) -> tuple[list, list, list]:
    """Return the blocks of the page: before the login, the login, and after the conversion."""
    found = steps(guide, PAGE, "bring")
    (login,) = [one for one in found if one.commands[-1].typed == "ssh login.example.org"]
    number = found.index(login)
    return found[:number], [login], found[number + 1 :]


@pytest.mark.parametrize("old", [True, False], ids=["old pair", "no pair"])
def test_file_is_brought_and_converted_as_printed(guide, there, reader, old):
    """The pair is in place there, the old one is kept, and nobody else could read the copy."""
    if old:
        (there.home / ".globus").mkdir(0o700)
        homes.put_pair(there.home / ".globus")
        there.own()
    copy = there.home / "incoming/Certificate.p12"
    route, done = Route(PAGE, OWN, "bring", old=old), Walk(reader.home)
    before, login, after = parts(guide)
    try:
        types(reader, before, route, done)
        assert copy.read_bytes() == (reader.home / "Downloads/Certificate.p12").read_bytes()
        assert not there.is_open(copy)
        types(reader, login, route, done)
        convert = Route("convert-certificate", THERE, old=old)
        types(reader, steps(guide, "convert-certificate"), convert, Walk(there.home))
        types(reader, after, route, done)
    finally:
        proofs.keep(route, done, about=installed.about("ssh"))
    assert not homes.unfit(there.home)
    assert not homes.exposed(there.home)
    assert not (old and homes.lost(there.home))
    assert not homes.is_old(there.home)
    assert {path.name for path in there.home.iterdir()} == {".bash_profile", ".globus"}
    assert not homes.lost_download(reader.home, OWN)
    # What is typed last ends the session: the shell is that of the own computer again.
    assert str(reader.home) in reader.type("cd && pwd")[1]


def test_gridcert_is_brought_the_same_way(guide, there, reader):
    """Copied into the same folder, it installs the pair there."""
    before, login, _ = parts(guide)
    route, done = Route(PAGE, OWN, "bring", old=False), Walk(reader.home)
    types(reader, before, route, done)
    copied = before[-1].commands[-1].typed.replace("Certificate.p12", "gridcert")
    status, shown = reader.type(copied)
    assert status == 0, shown
    types(reader, login, route, done)
    assert reader.type("cd ~/incoming")[0] == 0
    (install,) = [
        block
        for block in blocks(guide, "gridcert")
        if block.commands[0].typed.startswith("sh gridcert install")
    ]
    types(reader, [install], Route("gridcert", THERE, old=False), Walk(there.home))
    assert not homes.unfit(there.home)
    assert not homes.exposed(there.home)


def test_folder_is_what_keeps_others_out(there, reader):
    """In another folder, the copy can be read by others, as the page warns."""
    assert reader.type('ssh login.example.org "mkdir -m 755 other"')[0] == 0
    assert reader.type("scp ~/Downloads/Certificate.p12 login.example.org:other/")[0] == 0
    copy = there.home / "other/Certificate.p12"
    assert copy.stat().st_mode & 0o777 == DOWNLOADED
    assert there.is_open(copy)


def test_nothing_is_copied_without_the_folder(guide, there, reader):
    """Whoever has skipped the first command is told so by the second."""
    *_, copy = parts(guide)[0]
    status, _ = reader.type(copy.commands[-1].typed)
    assert status not in (0, None)
    assert {path.name for path in there.home.iterdir()} == {".bash_profile"}


def test_folder_that_exists_is_left_alone(guide, there, reader):
    """The command says what the page quotes, and does not open what is there."""
    first, *_ = parts(guide)[0]
    (there.home / "incoming").mkdir(0o755)
    (there.home / "incoming/mine").write_text("mine")
    there.own()
    status, shown = reader.type(first.commands[-1].typed)
    assert status == 1
    assert "File exists" in shown
    assert "``File exists``" in " ".join(guide.source(PAGE))
    assert (there.home / "incoming/mine").read_text() == "mine"


def test_wrong_fingerprint_is_not_taken(guide, there, reader):
    """With the fingerprint of another machine as the answer, nothing is sent."""
    first, *_ = parts(guide)[0]
    wrong = "SHA256:" + "A" * 43
    status, shown = reader.type(
        first.commands[-1].typed, lambda number: f"{wrong}\n" if number == 0 else None
    )
    assert status == 255
    assert "password:" not in shown
    assert not (there.home / "incoming").exists()

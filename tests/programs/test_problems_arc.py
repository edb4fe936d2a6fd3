"""What ``arcproxy`` says when it fails: each cause gives its message, the cure helps."""

import os
import shutil

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

import installed
import pairs
import problems
import walks
from certificates import private_key
from grid_authorities import person
from grid_servers import VO, VOMS_PORT, voms_server, vomses
from homes import PAIR, PASSPHRASE, PASSWORD
from kinds import reading_version
from pairs import put, put_pair
from proxies import read_proxy, unfit
from scenes import converted
from zoo import common, make

PROGRAM = "arcproxy"
QUESTION = "Enter pass phrase for private key:"
FROM_P12 = "arcproxy -C ~/.globus/usercred.p12"


@pytest.fixture
def about():
    """The program and its version."""
    installed.needs(PROGRAM)
    return installed.about(PROGRAM)


@pytest.fixture
def terminal(guide, machine):
    """The terminal of a reader who has converted the file."""
    return machine.log_in(converted(guide), PASSPHRASE)


@pytest.fixture(scope="module")
def organisation(machine):
    """The server of a virtual organisation, which has the reader as a member."""
    installed.needs("voms", "mariadbd")
    return voms_server(machine)


@pytest.fixture
def member(terminal, organisation):
    """The terminal of a reader whose programs know the virtual organisation."""
    know(terminal)
    return terminal


def know(terminal) -> None:
    """Tell the programs of a reader where the server of the virtual organisation is."""
    shutil.rmtree(terminal.home / ".voms", ignore_errors=True)
    vomses(terminal.home)
    terminal.own(terminal.home / ".voms", terminal.home / ".voms/vomses")


def is_proxy(machine) -> bool:
    """Tell whether there is a proxy of the reader that is as it must be."""
    return machine.proxy.exists() and not unfit(read_proxy(machine.proxy))


def is_member(machine) -> bool:
    """Tell whether the proxy holds what the virtual organisation grants."""
    return is_proxy(machine) and read_proxy(machine.proxy).granted


OPEN = [("userkey.pem", 0o644), ("usercert.pem", 0o666)]


@pytest.mark.parametrize("lacking", ["userkey.pem", "usercert.pem"])
def test_one_file_is_missing(guide, machine, terminal, about, lacking):
    """The program does not say so, until it is told to say more."""
    (terminal.home / ".globus" / lacking).unlink()
    said = f"Can not access {'key' if 'key' in lacking else 'certificate'} file"
    assert said in terminal.type("arcproxy -d VERBOSE")[1]
    problems.prove(guide, "arc-config", terminal, about, mend=lambda: put_pair(guide, terminal))
    assert is_proxy(machine)


@pytest.mark.parametrize(("file", "mode"), OPEN, ids=[file for file, _ in OPEN])
def test_words_are_others_while_there_is_a_proxy(guide, machine, terminal, about, file, mode):
    """With a proxy from before, the same is called differently."""
    assert terminal.type(PROGRAM)[0] == 0
    (terminal.home / ".globus" / file).chmod(mode)
    said = f"Wrong permissions of {'key' if 'key' in file else 'certificate'} file"
    assert said in terminal.type("arcproxy -d VERBOSE")[1]
    problems.prove(
        guide, "arc-config-proxy", terminal, about, mend=lambda: put_pair(guide, terminal)
    )
    assert is_proxy(machine)


def test_mode_is_set_again(guide, machine, terminal, about):
    """A file with too wide a mode is refused without a word why, until the mode is set."""
    (terminal.home / ".globus/userkey.pem").chmod(0o644)
    assert terminal.type(PROGRAM)[1] == "ERROR: Failed configuration initialization.\n"
    problems.prove(guide, "arc-mode", terminal, about)
    assert is_proxy(machine)


def test_mode_of_the_certificate_is_set_again(guide, machine, terminal):
    """So is a certificate that others may change, and the same commands help."""
    installed.needs(PROGRAM)
    (terminal.home / ".globus/usercert.pem").chmod(0o666)
    try:
        _, shown = terminal.type("arcproxy -d VERBOSE")
        for command in walks.with_role(guide, "cure", "arc-mode")[0].commands:
            terminal.type(command.typed)
        again, _ = terminal.type(PROGRAM)
    finally:
        terminal.close()
    assert "Wrong permissions of certificate file" in shown
    assert again == 0
    assert is_proxy(machine)


def test_missing_key_is_made_again(guide, machine, terminal, about):
    """The longer answer is what the page shows."""
    (terminal.home / ".globus/userkey.pem").unlink()
    problems.prove(guide, "arc-missing", terminal, about, mend=lambda: put_pair(guide, terminal))
    assert is_proxy(machine)


def fails_until_converted(guide, machine, terminal, said: str) -> str:
    """See that the program says something, and takes a pair that is made again.

    Returns:
        What it says first.
    """
    installed.needs(PROGRAM)
    try:
        status, shown = terminal.type(PROGRAM)
        put_pair(guide, terminal)
        again, _ = terminal.type(PROGRAM)
    finally:
        terminal.close()
    assert said in shown
    assert (status != 0, again) == (True, 0)
    assert is_proxy(machine)
    return shown


def test_key_of_somebody_else(guide, machine, terminal, about):
    """A key that the reader may not read is called missing; it can be put aside."""
    os.chown(terminal.home / ".globus/userkey.pem", 0, 0)

    def mend() -> None:
        aside = "cd ~/.globus && mkdir old && mv usercert.pem userkey.pem old/"
        assert terminal.type(aside)[0] == 0
        put_pair(guide, terminal)

    problems.prove(guide, "arc-owner", terminal, about, mend=mend)
    assert is_proxy(machine)


def test_downloaded_file_is_named(guide, machine, about):
    """The program does not look for it; told where it is, it reads it."""
    terminal = machine.log_in(converted(guide, "usercred"), PASSWORD)
    problems.prove(guide, "arc-not-found", terminal, about)
    assert is_proxy(machine)


def test_missing_pair_is_put_in_place(guide, machine, terminal):
    """So it is where there is no file at all."""
    for name in PAIR:
        (terminal.home / ".globus" / name).unlink()
    said = "Certificate and key ('usercert.pem' and 'userkey.pem') not found"
    fails_until_converted(guide, machine, terminal, said)


@pytest.mark.parametrize("name", ["usercred.pfx", "usercred.P12", "usercred"])
def test_name_ends_as_the_page_says(guide, machine, name):
    """With another name, the program says that there is no pair."""
    installed.needs(PROGRAM)
    terminal = machine.log_in(converted(guide, "usercred"), PASSWORD)
    folder = terminal.home / ".globus"
    (folder / "usercred.p12").rename(folder / name)
    try:
        status, shown = terminal.type(f"arcproxy -C ~/.globus/{name}")
        (folder / name).rename(folder / "usercred.p12")
        again, _ = terminal.type(FROM_P12)
    finally:
        terminal.close()
    assert status != 0
    assert "Certificate and key ('usercert.pem' and 'userkey.pem') not found" in shown
    assert again == 0
    assert is_proxy(machine)


def test_wrong_passphrase(guide, machine, terminal, about):
    """The right one is taken."""
    wrong = pairs.wrong_passphrase(terminal.home / ".globus/userkey.pem")
    problems.prove(guide, "arc-passphrase", terminal, about, wrong=wrong)
    assert is_proxy(machine)


def test_wrong_password_of_the_downloaded_file(guide, machine, about):
    """The right one is taken."""
    terminal = machine.log_in(converted(guide, "usercred"), PASSWORD)
    problems.prove(guide, "arc-p12", terminal, about, wrong="not it")
    assert is_proxy(machine)


@pytest.mark.parametrize("kind", ["RC2-40", "no MAC", "PBMAC1"])
def test_downloaded_file_is_of_an_unreadable_kind(guide, machine, about, kind):
    """With the right password, the message is the same; the converted file is taken."""
    openssl = reading_version(kind)
    specimen = common(kind, PASSWORD)
    terminal = machine.log_in(converted(guide, "usercred"), PASSWORD)
    put(terminal, "usercred.p12", make(specimen))
    status, shown = terminal.type(FROM_P12)
    assert status != 0
    assert "Can not parse PKCS12 file" in shown
    pairs.put_converted(guide, terminal, specimen, openssl)
    terminal.answer(PASSPHRASE)
    again, _ = terminal.type(PROGRAM)
    terminal.close()
    assert again == 0
    assert is_proxy(machine)


def test_key_is_empty(guide, machine, terminal, about):
    """The message comes before any question."""
    put(terminal, "userkey.pem", b"")
    problems.prove(guide, "arc-empty", terminal, about, mend=lambda: put_pair(guide, terminal))
    assert is_proxy(machine)


def test_certificate_is_empty(guide, machine, terminal):
    """The message is the same, but the passphrase is asked for."""
    put(terminal, "usercert.pem", b"")
    said = "Can't get the first byte of input BIO to get its format"
    assert QUESTION in fails_until_converted(guide, machine, terminal, said)


CONTENTS = {
    "a failed conversion": lambda: b"Bag Attributes\n    friendlyName: Anna Tester\n",
    "the certificate": lambda: person().public_bytes(Encoding.PEM),
    "the key": lambda: pairs.key_pem(private_key("RSA 2048")),
    "half of a certificate": lambda: person().public_bytes(Encoding.PEM)[:800],
}


@pytest.mark.parametrize("what", ["the key", "half of a certificate"])
def test_file_holds_no_certificate(guide, machine, terminal, about, what):
    """A good one is taken."""
    put(terminal, "usercert.pem", CONTENTS[what]())
    problems.prove(guide, "arc-content", terminal, about, mend=lambda: put_pair(guide, terminal))
    assert is_proxy(machine)


@pytest.mark.parametrize("what", ["a failed conversion", "the certificate"])
def test_file_holds_no_key(guide, machine, terminal, what):
    """The message is that of a wrong passphrase without its end, and without a question."""
    put(terminal, "userkey.pem", CONTENTS[what]())
    shown = fails_until_converted(guide, machine, terminal, "Can not read PEM private key")
    assert "probably bad password" not in shown
    assert QUESTION not in shown


def test_key_is_that_of_another_certificate(guide, machine, terminal, about):
    """The program says that it cannot verify what it has signed."""
    put(terminal, "userkey.pem", pairs.key_pem(rsa.generate_private_key(65537, 2048)))
    problems.prove(guide, "arc-mismatch", terminal, about, mend=lambda: put_pair(guide, terminal))
    assert is_proxy(machine)


def test_certificate_has_expired(guide, machine, terminal, about):
    """A new one is taken."""
    put(terminal, "usercert.pem", pairs.certificate_pem(-400, -5))
    problems.prove(guide, "arc-expired", terminal, about, mend=lambda: put_pair(guide, terminal))
    assert is_proxy(machine)


def test_certificate_is_not_valid_yet(guide, machine, terminal):
    """It is refused until its time has come."""
    put(terminal, "usercert.pem", pairs.certificate_pem(1, 395))
    fails_until_converted(guide, machine, terminal, "Certificate is not valid yet.")


@pytest.mark.parametrize("cause", ["the variable is wrong", "the folder is missing"])
def test_authorities_are_not_found(guide, machine, member, about, cause):
    """The variable that the page sets names the folder."""
    with pairs.changed_authorities(machine) as trusted:
        if cause == "the variable is wrong":
            member.type("export X509_CERT_DIR=~/nothing")
        else:
            shutil.rmtree(trusted)
        problems.prove(
            guide, "arc-authorities", member, about, mend=lambda: pairs.put_back(machine)
        )
    assert is_member(machine)


def test_no_organisation_is_known_to_the_machine(guide, machine, terminal, organisation, about):
    """With its line in the file that the page names, it is asked."""
    problems.prove(guide, "arc-vomses", terminal, about, mend=lambda: know(terminal))
    assert is_member(machine)


def change_line(terminal, old: str, new: str) -> None:
    """Change the line that says where the server is."""
    lines = terminal.home / ".voms/vomses"
    lines.write_text(lines.read_text().replace(old, new))


def test_only_other_organisations_are_known(guide, machine, member, about):
    """With its own line, it is asked."""
    change_line(member, VO, "other")
    problems.prove(guide, "arc-vomses-line", member, about, mend=lambda: know(member))
    assert is_member(machine)


def test_server_has_moved(guide, machine, member, about):
    """With the present line, the server is found."""
    change_line(member, str(VOMS_PORT), str(VOMS_PORT + 1))
    problems.prove(guide, "arc-unreachable", member, about, mend=lambda: know(member))
    assert is_member(machine)


def test_server_speaks_an_older_protocol(guide, machine, member, about):
    """Told so, the program gets what the organisation grants."""
    problems.prove(guide, "arc-oldcom", member, about)
    assert is_member(machine)


def test_organisation_does_not_know_the_certificate(guide, machine, member, about):
    """It knows that of its member."""
    put(member, "usercert.pem", pairs.certificate_of("Bob Stranger"))
    problems.prove(guide, "arc-member", member, about, mend=lambda: put_pair(guide, member))
    assert is_member(machine)


def test_organisation_has_not_given_the_role(guide, machine, member, about):
    """Without it, the proxy is made."""
    problems.prove(guide, "arc-role", member, about)
    assert is_member(machine)

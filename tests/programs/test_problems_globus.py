"""What ``grid-proxy-init`` says when it fails: each cause gives its message, the cure helps."""

import os
import shutil

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat

import installed
import pairs
import problems
from certificates import private_key
from grid import SERVER
from grid_authorities import person
from grid_servers import myproxy_server
from homes import PASSPHRASE, PASSWORD
from kinds import reading_version
from pairs import put, put_pair
from proxies import HOURS, read_proxy, unfit
from scenes import converted
from zoo import common, make

FILES, CERTIFICATE = "problems-globus", "problems-globus-certificate"
PROGRAM = "grid-proxy-init"
QUESTION = "Enter GRID pass phrase for this identity:"
VAGUE = "Couldn't find valid credentials to generate a proxy."
STORE = dict.fromkeys(
    [r"Verifying - Enter MyProxy pass phrase:", r"Enter MyProxy pass phrase:"], "of the store 15"
)


@pytest.fixture
def about():
    """The program and its version."""
    installed.needs(PROGRAM)
    return installed.about(PROGRAM)


@pytest.fixture
def terminal(guide, machine):
    """The terminal of a reader who has converted the file."""
    return machine.log_in(converted(guide), PASSPHRASE, more=STORE)


@pytest.fixture
def trusted(machine):
    """What the machine knows of the authorities: a test may change it."""
    with pairs.changed_authorities(machine) as folder:
        yield folder


@pytest.fixture(scope="module")
def store(machine):
    """A server that keeps proxies."""
    installed.needs("myproxy-server", "myproxy-init")
    return myproxy_server(machine)


def is_quoted(guide, page: str, said: str) -> bool:
    """Tell whether a page has a message, or a command, within its text."""
    return f"``{said}``" in " ".join(" ".join(guide.source(page)).split())


def opened(terminal, name: str, mode: int = 0o644) -> None:
    """Give a file another mode."""
    (terminal.home / ".globus" / name).chmod(mode)


def of_root(terminal, name: str) -> None:
    """Give a file to somebody else, under the mode that it should have."""
    os.chown(terminal.home / ".globus" / name, 0, 0)


def emptied(terminal, name: str) -> None:
    """Leave a file empty."""
    put(terminal, name, b"")


def removed(terminal, *names: str) -> None:
    """Remove files."""
    for name in names:
        (terminal.home / ".globus" / name).unlink()


def misled(terminal, variable: str) -> None:
    """Have a variable name a file that is not there."""
    terminal.type(f"export {variable}=~/.globus/nothing.pem")


def test_vague_message_goes_with_its_cause(guide, machine, terminal, about):
    """A file that is as it should be is no longer refused."""
    opened(terminal, "userkey.pem")
    problems.prove(
        guide, "globus-credentials", terminal, about, mend=lambda: put_pair(guide, terminal)
    )
    assert not unfit(read_proxy(machine.proxy))


@pytest.mark.parametrize(
    ("name", "spoil", "what"),
    [
        ("globus-not-found", removed, "usercert.pem userkey.pem"),
        ("globus-not-found", removed, "usercert.pem"),
        ("globus-empty", emptied, "userkey.pem"),
        ("globus-empty", emptied, "usercert.pem"),
        ("globus-owner", of_root, "userkey.pem"),
        ("globus-owner", of_root, "usercert.pem"),
        ("globus-variable", misled, "X509_USER_CERT"),
        ("globus-variable", misled, "X509_USER_KEY"),
    ],
)
def test_longer_answer_says_why(guide, machine, terminal, about, name, spoil, what):
    """Each cause gives the vague message, and its own with the option of the page."""
    spoil(terminal, *what.split())
    assert VAGUE in terminal.type(PROGRAM)[1]

    def convert_again() -> None:
        if spoil is of_root:
            # In a folder of their own, readers may put aside what is not theirs.
            aside = "cd ~/.globus && mkdir old && mv usercert.pem userkey.pem old/"
            assert terminal.type(aside)[0] == 0
        put_pair(guide, terminal)

    mend = None if spoil is misled else convert_again
    problems.prove(guide, name, terminal, about, mend=mend)
    assert not unfit(read_proxy(machine.proxy))


def test_key_alone_is_missing(guide, machine, terminal):
    """The longer answer names the key in the same way."""
    installed.needs(PROGRAM)
    removed(terminal, "userkey.pem")
    try:
        _, vague = terminal.type(PROGRAM)
        _, shown = terminal.type("grid-proxy-init -debug")
        put_pair(guide, terminal)
        again, _ = terminal.type(PROGRAM)
    finally:
        terminal.close()
    said = "The user key could not be found in"
    assert is_quoted(guide, FILES, said)
    assert VAGUE in vague
    assert said in shown
    assert again == 0


@pytest.mark.parametrize(
    ("file", "mode"),
    [("userkey.pem", 0o644), ("userkey.pem", 0o700), ("usercert.pem", 0o666)],
    ids=lambda one: one if isinstance(one, str) else f"{one:o}",
)
def test_modes_are_set_again(guide, machine, terminal, about, file, mode):
    """A key or a certificate with too wide a mode is refused until it is set."""
    opened(terminal, file, mode)
    shown = problems.prove(guide, "globus-mode", terminal, about)
    assert f"{file} are too permissive. Maximum allowable permissions are" in shown
    assert not unfit(read_proxy(machine.proxy))


def test_mode_of_the_downloaded_file_is_set_again(guide, machine, about):
    """So is the downloaded file, if it was put in place."""
    terminal = machine.log_in(converted(guide, "usercred"), PASSWORD)
    opened(terminal, "usercred.p12")
    shown = problems.prove(guide, "globus-mode-p12", terminal, about)
    assert "usercred.p12 are too permissive" in shown
    assert not unfit(read_proxy(machine.proxy))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (PrivateFormat.PKCS8, "Couldn't read user key in"),
        (PrivateFormat.TraditionalOpenSSL, "Bad passphrase for key in"),
    ],
    ids=["newer", "older"],
)
def test_wrong_passphrase(guide, machine, terminal, about, kind, said):
    """It is called differently for the keys that newer and older programs write."""
    put(terminal, "userkey.pem", pairs.key_pem(private_key("RSA 2048"), kind))
    wrong = pairs.wrong_passphrase(terminal.home / ".globus/userkey.pem")
    shown = problems.prove(guide, "globus-passphrase", terminal, about, wrong=wrong)
    assert said in shown
    assert not unfit(read_proxy(machine.proxy))


CONTENTS = {
    "a failed conversion": lambda: b"Bag Attributes\n    friendlyName: Anna Tester\n",
    "the certificate": lambda: person().public_bytes(Encoding.PEM),
    "the downloaded file": lambda: make(common("AES-256", PASSWORD)),
    "the key": lambda: pairs.key_pem(private_key("RSA 2048")),
    "half of a certificate": lambda: person().public_bytes(Encoding.PEM)[:800],
}


@pytest.mark.parametrize("what", ["a failed conversion", "the certificate", "the downloaded file"])
def test_file_holds_no_key(guide, machine, terminal, what):
    """The message is that of a wrong passphrase, but nobody asks for one."""
    installed.needs(PROGRAM)
    put(terminal, "userkey.pem", CONTENTS[what]())
    try:
        status, shown = terminal.type(PROGRAM)
        put_pair(guide, terminal)
        again, _ = terminal.type(PROGRAM)
    finally:
        terminal.close()
    assert "Couldn't read user key in" in shown
    assert QUESTION not in shown
    assert (status != 0, again) == (True, 0)


@pytest.mark.parametrize("what", ["the key", "the downloaded file", "half of a certificate"])
def test_file_holds_no_certificate(guide, machine, terminal, about, what):
    """A good one is taken."""
    put(terminal, "usercert.pem", CONTENTS[what]())
    problems.prove(
        guide, "globus-no-certificate", terminal, about, mend=lambda: put_pair(guide, terminal)
    )
    assert not unfit(read_proxy(machine.proxy))


KINDS = {"RC2-40": "RC2-40-CBC", "no MAC": "mac absent", "PBMAC1": "PBMAC1"}


def test_wrong_password_of_the_downloaded_file(guide, machine, about):
    """It gives the same message as the kinds of files that cannot be read, and no word more."""
    terminal = machine.log_in(converted(guide, "usercred"), "not it")
    _, shown = terminal.type("grid-proxy-init -debug")
    assert [word for word in KINDS.values() if word in shown] == []
    terminal.close()
    terminal = machine.log_in(converted(guide, "usercred"), PASSWORD)
    problems.prove(guide, "globus-p12", terminal, about, wrong="not it")
    assert not unfit(read_proxy(machine.proxy))


@pytest.mark.parametrize("kind", KINDS)
def test_downloaded_file_is_of_an_unreadable_kind(guide, machine, about, kind):
    """With the right password, the longer answer says why; the converted file is taken."""
    openssl = reading_version(kind)
    specimen = common(kind, PASSWORD)
    terminal = machine.log_in(converted(guide, "usercred"), PASSWORD)
    put(terminal, "usercred.p12", make(specimen))
    _, shown = terminal.type("grid-proxy-init -debug")
    assert [word for word in KINDS.values() if word in shown] == [KINDS[kind]]
    assert is_quoted(guide, FILES, KINDS[kind])

    def mend() -> None:
        pairs.put_converted(guide, terminal, specimen, openssl)
        terminal.answer(PASSPHRASE)

    problems.prove(guide, "globus-p12", terminal, about, mend=mend, specimen=specimen)
    assert not unfit(read_proxy(machine.proxy))


def test_certificate_has_expired(guide, machine, terminal, about):
    """A new pair is taken; until then, a proxy is made that has expired, too."""
    left = []
    put(terminal, "usercert.pem", pairs.certificate_pem(-400, -5))

    def mend() -> None:
        left.append(read_proxy(machine.proxy).hours)
        put_pair(guide, terminal)

    problems.prove(guide, "globus-expired", terminal, about, mend=mend)
    assert left[0] < 0
    assert not unfit(read_proxy(machine.proxy))


def test_certificate_ends_before_the_proxy(guide, machine, terminal, about):
    """The program warns, and makes a proxy; with a new certificate, it does not."""
    left = []
    put(terminal, "usercert.pem", pairs.certificate_pem(-394, 0.2))

    def mend() -> None:
        left.append(read_proxy(machine.proxy).hours)
        put_pair(guide, terminal)

    problems.prove(guide, "globus-expires", terminal, about, mend=mend)
    assert 0 < left[0] < HOURS / 2
    assert not unfit(read_proxy(machine.proxy))


def test_key_is_that_of_another_certificate(guide, machine, terminal, about):
    """The program says that the two do not fit."""
    put(terminal, "userkey.pem", pairs.key_pem(rsa.generate_private_key(65537, 2048)))
    problems.prove(
        guide, "globus-mismatch", terminal, about, mend=lambda: put_pair(guide, terminal)
    )
    assert not unfit(read_proxy(machine.proxy))


def mended_after_arcproxy(guide, terminal):
    """Return what makes a proxy with the program that the page names, then puts another pair."""

    def mend() -> None:
        if shutil.which("arcproxy"):
            assert terminal.type("arcproxy")[0] == 0
        put_pair(guide, terminal)

    return mend


def test_authority_signs_with_an_elliptic_curve(guide, machine, terminal, about):
    """The program makes no proxy of such a certificate; ``arcproxy`` does."""
    pairs.put_signed_by_ec(terminal)
    said = "Certificate's signing algorithm not supported by OpenSSL"
    assert said in terminal.type("grid-proxy-init -debug")[1]
    assert is_quoted(guide, CERTIFICATE, said)
    mend = mended_after_arcproxy(guide, terminal)
    problems.prove(guide, "globus-issuer", terminal, about, mend=mend)
    assert not unfit(read_proxy(machine.proxy))


def test_key_is_on_an_elliptic_curve(guide, machine, terminal, store):
    """The store takes no proxy that is signed with such a key; other programs make one."""
    pairs.put_p256(terminal)
    assert terminal.type(PROGRAM)[0] == 0
    mend = mended_after_arcproxy(guide, terminal)
    about = installed.about("myproxy-init")
    shown = problems.prove(guide, "globus-ec-key", terminal, about, mend=mend)
    # The page says of this program that it always verifies.
    assert "Proxy Verify OK" in shown


def test_store_says_the_same(guide, machine, terminal, store):
    """What ``myproxy-init`` says first is what ``grid-proxy-init`` says."""
    opened(terminal, "userkey.pem")
    try:
        _, plain = terminal.type(PROGRAM)
        status, shown = terminal.type(f"myproxy-init -s {SERVER} -l anna")
    finally:
        terminal.close()
    assert status != 0
    assert shown.startswith(plain)


def new_certificate(guide, terminal, machine) -> None:
    """Give the reader a certificate that is on no list."""
    put(terminal, "usercert.pem", pairs.certificate_pem(-1, 394))


def admins(guide, terminal, machine) -> None:
    """Do what those who run the machine are asked for."""
    pairs.put_back(machine)


UNVERIFIED = {
    "Cannot find trusted CA certificate": ("*", admins),
    "signing_policy is not a valid file": ("*.signing_policy", admins),
    "The available CRL has expired": ("", admins),
    "The certificate has been revoked": ("", new_certificate),
}


@pytest.mark.parametrize("said", UNVERIFIED)
def test_certificate_is_not_verified(guide, machine, terminal, trusted, about, said):
    """The longer answer names the cause; without the option, there is a proxy all the same."""
    lacking, cure = UNVERIFIED[said]
    for path in trusted.glob(lacking) if lacking else ():
        path.unlink()
    if "expired" in said:
        pairs.write_lists(trusted, -3)
    elif "revoked" in said:
        pairs.write_lists(trusted, 3, person())
    _, shown = terminal.type("grid-proxy-init -verify -debug")
    assert [one for one in UNVERIFIED if one in shown] == [said]
    assert is_quoted(guide, CERTIFICATE, said)
    assert terminal.type(PROGRAM)[0] == 0
    problems.prove(
        guide, "globus-verify", terminal, about, mend=lambda: cure(guide, terminal, machine)
    )


@pytest.mark.parametrize("cause", ["the variable is wrong", "the folder is missing"])
def test_authorities_are_not_found(guide, machine, terminal, trusted, about, cause):
    """The variable that the page sets names the folder."""
    if cause == "the variable is wrong":
        terminal.type("export X509_CERT_DIR=~/nothing")
    else:
        shutil.rmtree(trusted)
    problems.prove(
        guide, "globus-authorities", terminal, about, mend=lambda: pairs.put_back(machine)
    )
    assert not unfit(read_proxy(machine.proxy))


def test_options_have_one_dash(guide, machine, terminal, about):
    """Without the option of another program, there is a proxy."""
    problems.prove(guide, "globus-options", terminal, about)
    assert not unfit(read_proxy(machine.proxy))


def test_there_is_no_proxy_yet(guide, machine, terminal, about):
    """When one is made, it is shown."""
    problems.prove(guide, "globus-no-proxy", terminal, about, mend=lambda: terminal.type(PROGRAM))

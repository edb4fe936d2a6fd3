"""What both programs ``voms-proxy-init`` say when they fail: each cause gives its message.

The cure helps. ``test_problems_voms_server.py`` has what virtual organisations say.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from docutils import nodes

import pairs
import problems
from certificates import authorities
from grid import Reader
from grid_authorities import person, write_authority
from homes import PAIR, PASSPHRASE, PASSWORD
from kinds import reading_version
from pairs import put, put_pair
from proxies import read_proxy, unfit
from scenes import converted
from voms import CPP, JAVA, about, both, is_said
from walks import slug
from zoo import E_ACUTE, Missing, Specimen, common, make

COMMAND = "voms-proxy-init --rfc"
PLAIN = common("AES-256", PASSWORD)
NO_NAMES = replace(common("no localKeyID", PASSWORD), friendly_name="")
P256 = replace(PLAIN, key="P-256")
# What is tried of an entry beyond its first cause.
more = partial(pytest.param, marks=pytest.mark.extended)


@pytest.fixture
def log_in(guide, machine):
    """A function that returns the terminal of a reader who has one of the programs."""

    def one(voms: str, had: str = "") -> Reader:
        about(voms)
        return machine.log_in(converted(guide, had), PASSWORD if had else PASSPHRASE, voms)

    return one


@pytest.fixture
def with_file(log_in):
    """A function that returns the terminal of a reader who has put a file of a kind in place."""

    def one(voms: str, specimen: Specimen) -> Reader:
        terminal = log_in(voms, "usercred")
        put(terminal, "usercred.p12", make_or_skip(specimen))
        terminal.answer(specimen.password)
        return terminal

    return one


@pytest.fixture
def trusted(machine):
    """What the machine knows of the authorities: a test may change it."""
    with pairs.changed_authorities(machine) as folder:
        yield folder


def make_or_skip(specimen: Specimen) -> bytes:
    """Return the content of a file; skip the test where it cannot be made."""
    try:
        return make(specimen)
    except Missing as error:
        pytest.skip(str(error))


def converting(guide, terminal: Reader, specimen: Specimen) -> Callable[[], None]:
    """Return what converts the file that is in place, by the commands that the pages print.

    The pair is what the programs take then, and its passphrase is what they ask for.
    """
    openssl = reading_version(specimen.kind)

    def mend() -> None:
        pairs.put_converted(guide, terminal, specimen, openssl)
        terminal.answer(PASSPHRASE)

    return mend


def test_page_says_which_program_it_is(guide, log_in):
    """Each program says its own word of the two, and the one in Java its library, too."""
    shown = {}
    for voms in (JAVA, CPP):
        terminal = log_in(voms)
        try:
            _, shown[voms] = terminal.type("voms-proxy-init --version")
        finally:
            terminal.close()
    words = {JAVA: "voms-api-java", CPP: "Compiled"}
    assert all(is_said(guide, "problems-voms", word) for word in words.values())
    for page in ("problems-voms", "problems-voms-certificate"):
        assert is_said(guide, page, "voms-proxy-init --version")
    assert is_said(guide, "problems-voms-certificate", "canl/")
    for voms, text in shown.items():
        assert [one for one, word in words.items() if word in text] == [voms]
    assert "canl/" in shown[JAVA]


# -- Secrets ------------------------------------------------------------------------------


@both("voms-passphrase", "voms-passphrase-cpp")
def test_passphrase_is_wrong(guide, machine, log_in, voms, block):
    """The right one helps."""
    terminal = log_in(voms)
    wrong = pairs.wrong_passphrase(terminal.home / ".globus/userkey.pem")
    problems.prove(guide, block, terminal, about(voms), wrong=wrong)
    assert not unfit(read_proxy(machine.proxy))


@both("voms-password", "voms-password-cpp")
def test_password_is_wrong(guide, machine, log_in, voms, block):
    """So does the password of the downloaded file, without a word about its kind."""
    terminal = log_in(voms, "usercred")
    shown = problems.prove(guide, block, terminal, about(voms), wrong="not it")
    assert "mac absent" not in shown
    assert "PBMAC1" not in shown
    assert not unfit(read_proxy(machine.proxy))


@pytest.mark.extended
def test_password_has_an_accent(guide, machine, with_file):
    """The program in Java refuses it though it is right; that of the converted file is taken."""
    specimen = replace(PLAIN, password=E_ACUTE)
    terminal = with_file(JAVA, specimen)
    mend = converting(guide, terminal, specimen)
    problems.prove(guide, "voms-password", terminal, about(JAVA), mend=mend, specimen=specimen)
    assert not unfit(read_proxy(machine.proxy))


@pytest.mark.extended
@pytest.mark.parametrize(
    ("voms", "encryption"), [(JAVA, "3DES"), (CPP, "AES-256")], ids=["Java, 3DES", "C++, AES-256"]
)
def test_password_with_an_accent_is_taken(machine, with_file, voms, encryption):
    """With the older encryption it is, and the program in C++ takes it in any case."""
    terminal = with_file(voms, replace(common(encryption, PASSWORD), password=E_ACUTE))
    try:
        status, shown = terminal.type(COMMAND)
    finally:
        terminal.close()
    assert status == 0, shown
    assert not unfit(read_proxy(machine.proxy))


@pytest.mark.extended
@pytest.mark.parametrize(("kind", "said"), [("no MAC", "mac absent"), ("PBMAC1", "PBMAC1")])
def test_right_password_is_called_wrong(guide, machine, with_file, kind, said):
    """The program in C++ says why in another line; the converted file is taken."""
    specimen = common(kind, PASSWORD)
    terminal = with_file(CPP, specimen)
    mend = converting(guide, terminal, specimen)
    shown = problems.prove(
        guide, "voms-password-cpp", terminal, about(CPP), mend=mend, specimen=specimen
    )
    assert said in shown
    assert is_said(guide, "problems-voms", said)
    assert not unfit(read_proxy(machine.proxy))


# -- Files --------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["644", *map(more, ("640", "500", "700"))])
def test_mode_of_the_key_is_wrong(guide, machine, log_in, mode):
    """The program in Java names the two modes that it takes."""
    terminal = log_in(JAVA)
    (terminal.home / ".globus/userkey.pem").chmod(int(mode, 8))
    problems.prove(guide, "voms-mode", terminal, about(JAVA))
    assert not unfit(read_proxy(machine.proxy))


@pytest.mark.parametrize("mode", ["400", *map(more, ("640", "644"))])
def test_mode_of_the_downloaded_file_is_wrong(guide, machine, log_in, mode):
    """It takes that file with a single mode."""
    terminal = log_in(JAVA, "usercred")
    (terminal.home / ".globus/usercred.p12").chmod(int(mode, 8))
    problems.prove(guide, "voms-mode-p12", terminal, about(JAVA))
    assert not unfit(read_proxy(machine.proxy))


@pytest.mark.parametrize(
    ("block", "had", "file", "mode"),
    [
        ("voms-credentials", "", "userkey.pem", "640"),
        more("voms-credentials", "", "userkey.pem", "500"),
        more("voms-credentials", "", "usercert.pem", "666"),
        ("voms-credentials-p12", "usercred", "usercred.p12", "644"),
    ],
)
def test_credentials_are_not_valid(guide, machine, log_in, block, had, file, mode):
    """The program in C++ does not say that it is the mode of a file, unless it is asked."""
    terminal = log_in(CPP, had)
    (terminal.home / ".globus" / file).chmod(int(mode, 8))
    _, shown = terminal.type(f"{COMMAND} --debug")
    said = "Wrong permissions on file:"
    assert is_said(guide, "problems-voms", said)
    assert f"{said} {terminal.home}/.globus/{file}" in shown
    problems.prove(guide, block, terminal, about(CPP))
    assert not unfit(read_proxy(machine.proxy))


@both("voms-no-files", "voms-no-files-cpp")
def test_there_are_no_files(guide, machine, log_in, voms, block):
    """A pair is taken when it is there."""
    terminal = log_in(voms)
    for file in PAIR:
        (terminal.home / ".globus" / file).unlink()
    problems.prove(guide, block, terminal, about(voms), mend=lambda: put_pair(guide, terminal))
    assert not unfit(read_proxy(machine.proxy))


@pytest.mark.extended
def test_path_holds_a_space(guide, machine, log_in):
    """The program in Java does not find the files then; in another folder, it does."""
    terminal = log_in(JAVA)
    terminal.type('mv ~/.globus ~/"my files"')
    set_to = "export X509_USER_CERT={0}/usercert.pem X509_USER_KEY={0}/userkey.pem"
    terminal.type(set_to.format('~/"my files"'))

    def mend() -> None:
        terminal.type('mv ~/"my files" ~/my-files')
        terminal.type(set_to.format("~/my-files"))

    assert all(is_said(guide, "problems-voms", one) for one in ("X509_USER_CERT", "X509_USER_KEY"))
    problems.prove(guide, "voms-no-files", terminal, about(JAVA), mend=mend)
    assert not unfit(read_proxy(machine.proxy))


@both("voms-mismatch", "voms-mismatch-cpp")
def test_key_is_that_of_another_certificate(guide, machine, log_in, voms, block):
    """Two files that come out of one fit."""
    terminal = log_in(voms)
    put(terminal, "userkey.pem", pairs.key_pem(rsa.generate_private_key(65537, 2048)))
    problems.prove(guide, block, terminal, about(voms), mend=lambda: put_pair(guide, terminal))
    assert not unfit(read_proxy(machine.proxy))


@both("voms-empty", "voms-empty-cpp")
@pytest.mark.parametrize(
    "content",
    [b"", more(b"Bag Attributes\n    friendlyName: Anna Tester\n")],
    ids=["empty", "of a failed conversion"],
)
def test_certificate_is_empty(guide, machine, log_in, voms, block, content):
    """A whole pair is taken."""
    terminal = log_in(voms)
    put(terminal, "usercert.pem", content)
    problems.prove(guide, block, terminal, about(voms), mend=lambda: put_pair(guide, terminal))
    assert not unfit(read_proxy(machine.proxy))


# -- Kinds of certificates and files ------------------------------------------------------


def test_key_is_on_an_elliptic_curve(guide, machine, log_in):
    """The program in Java says that the two do not fit; an RSA key is taken."""
    terminal = log_in(JAVA)
    pairs.put_p256(terminal)
    problems.prove(guide, "voms-ec", terminal, about(JAVA), mend=lambda: put_pair(guide, terminal))
    assert not unfit(read_proxy(machine.proxy))


def test_key_on_an_elliptic_curve_is_in_the_file(guide, machine, with_file):
    """In the downloaded file, it has another message."""
    terminal = with_file(JAVA, P256)
    problems.prove(
        guide,
        "voms-ec-p12",
        terminal,
        about(JAVA),
        mend=lambda: put(terminal, "usercred.p12", make(PLAIN)),
        specimen=P256,
    )
    assert not unfit(read_proxy(machine.proxy))


@pytest.mark.extended
@pytest.mark.parametrize("had", ["", "usercred"], ids=["pair", "file"])
def test_program_in_cpp_takes_an_elliptic_curve(log_in, machine, had):
    """As the page says."""
    terminal = log_in(CPP, had)
    if had:
        put(terminal, "usercred.p12", make(P256))
    else:
        pairs.put_p256(terminal)
    try:
        status, shown = terminal.type(COMMAND)
    finally:
        terminal.close()
    assert status == 0, shown
    assert machine.proxy.exists()


@pytest.mark.parametrize(
    ("block", "voms", "specimen"),
    [
        ("voms-p12", JAVA, NO_NAMES),
        ("voms-p12-cpp", CPP, common("RC2-40", PASSWORD)),
        ("voms-pbmac1", JAVA, common("PBMAC1", PASSWORD)),
        ("voms-pbmac1-cpp", CPP, common("PBMAC1", PASSWORD)),
    ],
    ids=lambda value: slug(value.kind) if isinstance(value, Specimen) else value,
)
def test_file_is_of_an_unreadable_kind(guide, machine, with_file, block, voms, specimen):
    """Once it is converted, the program takes the pair, and not the file beside it."""
    terminal = with_file(voms, specimen)
    mend = converting(guide, terminal, specimen)
    problems.prove(guide, block, terminal, about(voms), mend=mend, specimen=specimen)
    assert (terminal.home / ".globus/usercred.p12").exists()
    assert not unfit(read_proxy(machine.proxy))


# -- Validity and authorities -------------------------------------------------------------


@both("voms-expired", "voms-expired-cpp")
def test_certificate_has_expired(guide, machine, log_in, voms, block):
    """A new pair is taken; until then, the program in C++ makes a proxy that has expired, too."""
    left = []
    terminal = log_in(voms)
    put(terminal, "usercert.pem", pairs.certificate_pem(-400, -5))

    def mend() -> None:
        left.append(machine.proxy.exists() and read_proxy(machine.proxy).hours < 0)
        put_pair(guide, terminal)

    problems.prove(guide, block, terminal, about(voms), mend=mend)
    assert left == [voms == CPP]
    assert not unfit(read_proxy(machine.proxy))


@pytest.mark.extended
@both("voms-expired", "voms-expired-cpp")
def test_old_pair_masks_a_new_file(guide, machine, log_in, voms, block):
    """What is in place beside it is taken once the pair is put aside."""
    terminal = log_in(voms, "usercred")
    put(terminal, "usercert.pem", pairs.certificate_pem(-400, -5))
    put(terminal, "userkey.pem", (converted(guide) / ".globus/userkey.pem").read_bytes())
    terminal.answer(PASSPHRASE)

    def mend() -> None:
        terminal.type("mkdir ~/.globus/old && mv ~/.globus/user*.pem ~/.globus/old/")
        terminal.answer(PASSWORD)

    problems.prove(guide, block, terminal, about(voms), mend=mend)
    assert not unfit(read_proxy(machine.proxy))


def without_issuer(folder: Path) -> None:
    """Have a machine know the root authority only, not the one that issued the certificate."""
    for path in folder.iterdir():
        path.unlink()
    write_authority(folder, *authorities()[1])


CAUSES = {
    "unknown": without_issuer,
    "outdated": lambda folder: pairs.write_lists(folder, -3),
    "revoked": lambda folder: pairs.write_lists(folder, 3, person()),
    "expired": lambda folder: None,
}
SAID = {
    ("unknown", JAVA): "No trusted CA certificate was found",
    ("unknown", CPP): "unable to get issuer certificate",
    ("outdated", JAVA): "Signature of a CRL corresponding to this certificates CA is invalid",
    ("outdated", CPP): "CRL has expired",
    ("revoked", JAVA): "Certificate was revoked at",
    ("revoked", CPP): "certificate revoked by CRL",
    ("expired", JAVA): "Certificate has expired on",
}
NOT_VALID = {JAVA: "voms-not-valid", CPP: "voms-not-valid-cpp"}


@pytest.mark.parametrize(
    ("cause", "voms"), [one if one[0] == "unknown" else more(*one) for one in SAID]
)
def test_certificate_is_not_valid(guide, machine, log_in, trusted, cause, voms):
    """Another line says why; what the page asks for helps."""
    terminal = log_in(voms)
    CAUSES[cause](trusted)
    if cause == "expired":
        put(terminal, "usercert.pem", pairs.certificate_pem(-400, -5))

    def mend() -> None:
        if cause == "revoked":
            put(terminal, "usercert.pem", pairs.certificate_pem(-1, 394))
        elif cause == "expired":
            put_pair(guide, terminal)
        else:
            pairs.put_back(machine)

    shown = problems.prove(guide, NOT_VALID[voms], terminal, about(voms), mend=mend)
    assert [one for one in SAID.values() if one in shown] == [SAID[cause, voms]]


def test_page_lists_what_is_said(guide):
    """The list has the lines that were provoked, and no others."""
    (listed,) = guide.doctree("problems-voms-certificate", "en").findall(nodes.definition_list)
    terms = [
        literal.astext()
        for term in listed.findall(nodes.term)
        for literal in term.findall(nodes.literal)
    ]
    assert sorted(terms) == sorted(SAID.values())


@pytest.mark.extended
def test_java_does_not_verify_unless_told_so(log_in, machine, trusted):
    """Without the option, it makes a proxy though the authority is not known."""
    without_issuer(trusted)
    terminal = log_in(JAVA)
    try:
        status, shown = terminal.type(COMMAND)
    finally:
        terminal.close()
    assert status == 0, shown
    assert not unfit(read_proxy(machine.proxy))


def test_variable_leads_to_no_authorities(guide, machine, log_in):
    """Without it, the program in C++ finds those of the machine."""
    terminal = log_in(CPP)
    terminal.type("export X509_CERT_DIR=~/nothing")
    problems.prove(guide, "voms-ca-dir", terminal, about(CPP))
    assert not unfit(read_proxy(machine.proxy))


@pytest.mark.extended
def test_machine_has_no_authorities(guide, machine, log_in, trusted):
    """The program in Java does without; that in C++ works when they are there again."""
    assert is_said(guide, "problems-voms-certificate", "/etc/grid-security/certificates")
    shutil.rmtree(trusted)
    terminal = log_in(JAVA)
    try:
        status, shown = terminal.type(COMMAND)
    finally:
        terminal.close()
    assert status == 0, shown
    terminal = log_in(CPP)
    problems.prove(guide, "voms-ca-dir", terminal, about(CPP), mend=lambda: pairs.put_back(machine))
    assert not unfit(read_proxy(machine.proxy))

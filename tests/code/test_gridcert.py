"""The download gridcert, run at a real terminal by an ordinary user."""

import datetime
import functools
import os
import random
import re
import resource
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path

import icalendar
import pexpect
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certificates import PERSON, name
from copies import ROOT
from terminal import end, kill_session

GRIDCERT = ROOT / "source" / "downloads" / "gridcert"
PASSWORD = "correct horse 15 $taples"
PASSPHRASE = "a passphrase of my own"
ANSWERS = (PASSWORD, PASSPHRASE, PASSPHRASE, PASSPHRASE)
PROMPT = re.compile(r"(Enter Import Password|pass phrase[^:\r\n]*):")
WHOLE = re.compile(rb"^-----BEGIN [^\n]+-----\n.+\n-----END [^\n]+-----\n$", re.DOTALL)
NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
# Ordinary rights can be judged only by one who is not root.
PIPES = {"capture_output": True, "text": True, "encoding": "utf-8"}
USER = 65534 if os.geteuid() == 0 else None


# -- What the reader has ------------------------------------------------------------------


@functools.cache
def rsa_key(number: int = 0):
    """Return an RSA key, the same for the same number."""
    return rsa.generate_private_key(65537, 2048)


def certificate(
    first: float = -1, last: float = 394, key=None, use=ExtendedKeyUsageOID.CLIENT_AUTH
) -> x509.Certificate:
    """Return a certificate for a person.

    Args:
        first: from when it is valid, in days from now.
        last: until when, likewise.
        key: the private key that it is for, ``rsa_key()`` if none.
        use: its extended key usage.
    """
    return (
        x509.CertificateBuilder()
        .subject_name(name(*PERSON))
        .issuer_name(name((NameOID.COMMON_NAME, "Example CA")))
        .public_key((key or rsa_key()).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + datetime.timedelta(first))
        .not_valid_after(NOW + datetime.timedelta(last))
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .sign(rsa_key(9), hashes.SHA256())
    )


@functools.cache
def authority() -> x509.Certificate:
    """Return the certificate of the authority."""
    subject = name((NameOID.COMMON_NAME, "Example CA"))
    start = NOW - datetime.timedelta(9)
    return (
        x509.CertificateBuilder(subject, subject, rsa_key(9).public_key(), 1)
        .not_valid_before(start)
        .not_valid_after(NOW + datetime.timedelta(999))
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .sign(rsa_key(9), hashes.SHA256())
    )


def packed(mine, others=(), key=None) -> bytes:
    """Return a PKCS#12 file of today's kind (AES-256, SHA-256)."""
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(2048)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(PASSWORD.encode())
    )
    key = key or rsa_key()
    # Latin-1 octets come out of OpenSSL: no text for awk or sed in a UTF-8 locale.
    friendly = "Anna Testér".encode()
    return pkcs12.serialize_key_and_certificates(friendly, key, mine, others, encryption)


def by_openssl(*options: str) -> bytes:
    """Return a PKCS#12 file that OpenSSL makes from a certificate and its key."""
    with tempfile.TemporaryDirectory() as folder:
        both = Path(folder, "both.pem")
        both.write_bytes(certificate().public_bytes(Encoding.PEM) + pem(rsa_key(), None))
        return subprocess.run(
            ["openssl", "pkcs12", "-export", "-in", both, "-passout", "env:PW", *options],
            env=os.environ | {"PW": PASSWORD},
            capture_output=True,
            check=True,
        ).stdout


def pem(key, passphrase: str | None = PASSPHRASE) -> bytes:
    """Return a private key in PEM, encrypted if there is a passphrase."""
    how = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


E_MAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
EC_KEY = ec.generate_private_key(ec.SECP256R1())
MAKERS = {
    "modern": lambda: packed(certificate(), [authority()]),
    # As NSS exports it: the reader's certificate is not the first, nothing names it.
    "unmarked": lambda: packed(None, [authority(), certificate()]),
    "ec": lambda: packed(certificate(key=EC_KEY), key=EC_KEY),
    "e-mail": lambda: packed(certificate(use=E_MAIL)),
    "expired": lambda: packed(certificate(-9, -1)),
    "future": lambda: packed(certificate(2, 9)),
    "misfit": lambda: packed(None, [authority()]),
    "renewed": lambda: packed(None, [certificate(-9, -1), certificate()]),
    # One key with two certificates, the wrong one first, and the other way round.
    "two uses": lambda: packed(None, [certificate(use=E_MAIL), certificate()]),
    "two uses, turned": lambda: packed(None, [certificate(), certificate(use=E_MAIL)]),
    "rc2": lambda: by_openssl(
        "-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"
    ),
    "no-mac": lambda: by_openssl("-nomac"),
    "no-key": lambda: by_openssl("-nokeys"),
    "empty": lambda: b"",
    "pem": lambda: certificate().public_bytes(Encoding.PEM),
    "der": lambda: certificate().public_bytes(Encoding.DER),
    "html": lambda: b"<!DOCTYPE html>\n<html><title>Log in</title></html>\n",
    "part": lambda: made("modern")[:2000],
}


@functools.cache
def made(kind: str) -> bytes:
    """Return the content of a file of a kind, made once."""
    return MAKERS[kind]()


@functools.cache
def old_pair() -> dict[str, bytes]:
    """Return the pair of last year, by the names of its files."""
    key = rsa_key(1)
    cert = certificate(-380, 15, key).public_bytes(Encoding.PEM)
    return {"usercert.pem": cert, "userkey.pem": pem(key)}


# -- A home folder, and what runs in it ---------------------------------------------------


class Home:
    """A home folder of an ordinary user, and gridcert in it."""

    def __init__(self, path: Path):
        self.path = path
        self.globus = path / ".globus"
        self.own(path)

    def own(self, *paths: Path) -> None:
        """Give files to the user."""
        for path in paths:
            if USER:
                os.chown(path, USER, USER, follow_symlinks=False)

    def put(self, where: str, content: bytes, mode: int = 0o600) -> Path:
        """Write a file, and the folder it is in."""
        path = self.path / where
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True)
            self.own(path.parent, path.parent.parent)
        path.write_bytes(content)
        path.chmod(mode)
        self.own(path)
        return path

    def put_pair(self, cert: bytes, key: bytes, mode: int = 0o400) -> None:
        """Write a pair into the folder of the grid tools."""
        self.put(".globus/usercert.pem", cert, 0o644)
        self.put(".globus/userkey.pem", key, mode)

    def put_old(self) -> dict[str, bytes]:
        """Write the pair of last year, and return it."""
        self.put_pair(*old_pair().values())
        return old_pair()

    def _become_user(self) -> None:
        os.umask(0o022)
        if USER:
            os.setgroups([])
            os.setgid(USER)
            os.setuid(USER)

    def start(self, *arguments: str, shell: tuple[str, ...] = ("sh",), before=None, **environment):
        """Start gridcert at a terminal, and return it."""
        environment = {"HOME": str(self.path), "PATH": os.environ["PATH"]} | environment
        script = self.path.parent / "gridcert"
        if not script.exists():
            shutil.copy(GRIDCERT, script)

        def prepare():
            if before:
                before()
            self._become_user()

        child = pexpect.spawn(
            shutil.which(shell[0]),
            [*shell[1:], str(script), *arguments],
            cwd=self.path,
            env=environment,
            encoding="utf-8",
            echo=False,
            timeout=20,
            dimensions=(50, 900),
            preexec_fn=prepare,
        )
        child.delaybeforesend = None
        child.ptyproc.delayafterclose = 0.01
        # Programs throw away what was typed before they switched the echo off: it is on at first.
        child.setecho(True)
        return child

    def run(self, *arguments: str, answers=ANSWERS, **how) -> tuple[int, str]:
        r"""Run gridcert, answer what is asked, and return its status and what it shows.

        An answer of one control character is sent as it is: ``\x03`` is Ctrl-C.
        """
        child = self.start(*arguments, **how)
        shown = answer_all(child, answers)
        assert child.exitstatus is not None, f"killed by {child.signalstatus}: {shown}"
        return child.exitstatus, shown

    def listing(self) -> dict[str, tuple[int, bytes]]:
        """Return the modes and contents of what the folder of the tools holds."""
        return {
            str(path.relative_to(self.globus)): (path.stat().st_mode & 0o777, path.read_bytes())
            for path in self.globus.rglob("*")
            if path.is_file()
        }


def type_answer(child: pexpect.spawn, answer: str | None) -> str:
    """Wait for a prompt or the end, type the answer, and return what was shown."""
    if child.expect([PROMPT, pexpect.EOF]) == 1:
        child.wait()
        return child.before
    shown = child.before + child.after
    assert answer is not None, f"no answer to: {shown}"
    for _ in range(500):
        if not child.getecho() or not child.isalive():
            break
        time.sleep(0.002)
    if len(answer) == 1 and ord(answer) < 32:
        # A signal that comes before OpenSSL reads does not end the reading.
        time.sleep(0.05)
        child.send(answer)
    else:
        child.send(f"{answer}\n")
    return shown


def answer_all(child: pexpect.spawn, answers) -> str:
    """Answer what is asked until the program ends, and return what was shown."""
    shown = ""
    for answer in (*answers, None):
        shown += type_answer(child, answer)
        if child.flag_eof:
            break
    end(child)
    return shown


@pytest.fixture
def home():
    """A home folder of an ordinary user."""
    folder = Path(tempfile.mkdtemp(prefix="gridcert-"))
    folder.chmod(0o711)
    (folder / "anna").mkdir(mode=0o700)
    yield Home(folder / "anna")
    shutil.rmtree(folder)


def judge(home: Path, old: dict[str, bytes] | None) -> list[str]:
    """Return what is wrong in a home folder, at whatever moment gridcert was stopped.

    Args:
        home: the home folder.
        old: the pair that was there before, content by name; None if there was none.

    Returns:
        A sentence a problem.
    """
    folder, problems = home / ".globus", []
    for path in (path for path in folder.rglob("*") if path.is_file()):
        text = path.read_bytes()
        if b"PRIVATE KEY" in text:
            if b"ENCRYPTED" not in text:
                problems.append(f"{path}: the key is not encrypted")
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                problems.append(f"{path}: others may read the key")
    pairs = {}
    for place in (folder, *folder.glob("old"), *folder.glob("old-*")):
        pair = {}
        for one in ("usercert.pem", "userkey.pem"):
            if (place / one).exists():
                pair[one] = (place / one).read_bytes()
                if not WHOLE.search(pair[one]):
                    problems.append(f"{place / one}: half made")
        pairs[place.name] = pair
        if place != folder and len(pair) < 2 and pairs[folder.name] == old:
            problems.append(f"{place}: an incomplete backup")
    if old and old not in pairs.values():
        problems.append("the old pair is nowhere complete")
    pair = pairs[folder.name]
    if len(pair) == 2:
        key = load_pem_private_key(pair["userkey.pem"], PASSPHRASE.encode())
        cert = x509.load_pem_x509_certificate(pair["usercert.pem"])
        if key.public_key() != cert.public_key():
            problems.append("the certificate and the key in place do not belong together")
    return problems


def assert_installed(home: Home, certificates: int = 2) -> None:
    """The pair is in place, as the tools want it, and nothing is left over."""
    assert judge(home.path, None) == []
    found = home.listing()
    mode, text = found["usercert.pem"]
    assert mode == 0o644
    assert text.count(b"BEGIN CERTIFICATE") == certificates
    assert text.startswith(b"-----BEGIN")
    assert b"Attributes" not in text + found["userkey.pem"][1]
    assert x509.load_pem_x509_certificate(text).subject == name(*PERSON)
    mode, text = found["userkey.pem"]
    assert mode == 0o400
    shown = subprocess.run(["openssl", "asn1parse"], input=text, capture_output=True).stdout
    assert b"aes-256-cbc" in shown
    assert not (home.globus / "new").exists()
    assert not (home.globus / "old.part").exists()


# -- install ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shell", [("dash",), ("bash",), ("busybox", "sh"), ("zsh",)], ids=lambda shell: shell[0]
)
def test_install_in_each_shell(home, shell):
    """The pair is put in place, and four passwords are asked."""
    if not shutil.which(shell[0]):
        pytest.skip(f"install the Debian package {shell[0]}")
    home.put("Certificate.p12", made("modern"))
    status, shown = home.run("install", "Certificate.p12", shell=shell)
    assert status == 0, shown
    assert len(PROMPT.findall(shown)) == 4
    before, _, after = shown.partition("Enter Import Password")
    assert "at least 15 characters, without accents" in before
    assert after.endswith("Next: sh gridcert check\r\n")
    assert "valid until " in after
    assert "warning" not in shown
    assert_installed(home)
    assert stat.S_IMODE(home.globus.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("kind", "certificates", "says"),
    [
        ("unmarked", 2, ""),
        ("renewed", 2, ""),
        ("two uses", 2, ""),
        ("two uses, turned", 2, ""),
        ("no-mac", 1, ""),
        ("ec", 1, "warning: the key is not an RSA key"),
        ("e-mail", 1, "warning: a certificate for e-mail"),
    ],
)
def test_install_each_kind(home, kind, certificates, says):
    """What can be read is put in place, the reader's certificate first."""
    home.put("c.p12", made(kind))
    status, shown = home.run("install", "c.p12")
    assert status == 0, shown
    assert says in shown
    assert ("warning:" in shown) == bool(says)
    assert_installed(home, certificates)
    first = x509.load_pem_x509_certificate(home.listing()["usercert.pem"][1])
    assert first.not_valid_after_utc > NOW


def test_install_old_encryption(home):
    """A file in RC2-40 is read at the second try, and the key gets today's encryption."""
    home.put("c.p12", made("rc2"))
    status, shown = home.run("install", "c.p12", answers=(PASSWORD, *ANSWERS))
    assert status == 0, shown
    assert "password once more" in shown
    assert_installed(home, 1)


def test_legacy_provider_is_missing(home):
    """Where OpenSSL cannot read RC2-40 at all, the package is named."""
    home.put("c.p12", made("rc2"))
    status, shown = home.run("install", "c.p12", OPENSSL_MODULES="/nowhere")
    assert status == 1
    assert "openssl-provider-legacy" in shown


@pytest.mark.parametrize(
    "file", ["a b.p12", "a'b\"$c.p12", "é.p12", "-x.p12", "sub/c.p12", "back\\nslash*.p12"]
)
def test_file_names(home, file):
    """Any name will do."""
    home.put(file, made("modern"))
    status, shown = home.run("install", file)
    assert status == 0, shown
    assert_installed(home)


def test_renewals(home):
    """The old pair is kept, with its modes, each time under another name, and can be put back."""
    old = home.put_old()
    home.put(".globus/usercred.p12", b"other")
    home.put("c.p12", made("modern"))
    status, shown = home.run("install", "c.p12")
    assert status == 0, shown
    assert "usercred.p12 is there too" in shown
    assert judge(home.path, old) == []
    assert_installed(home)
    first = home.listing()
    assert first["old/userkey.pem"] == (0o400, old["userkey.pem"])
    assert first["old/usercert.pem"] == (0o644, old["usercert.pem"])
    home.globus.joinpath("userkey.pem").chmod(0o644)
    assert home.run("install", "c.p12")[0] == 0
    second = home.listing()
    assert second["old-2/userkey.pem"] == (0o600, first["userkey.pem"][1])
    assert second["old/userkey.pem"] == first["old/userkey.pem"]
    command = re.search(r"puts it back: (.*)\r", shown)[1]
    subprocess.run(["sh", "-c", command], env={"HOME": str(home.path)}, check=True)
    assert {one: home.listing()[one][1] for one in old} == old


@pytest.mark.parametrize("half", ["usercert.pem", "userkey.pem"])
def test_half_a_pair(home, half):
    """Half of a pair is kept; no command is shown that would mix it with the new one."""
    home.put(f".globus/{half}", old_pair()[half], 0o400)
    home.put("c.p12", made("modern"))
    status, shown = home.run("install", "c.p12")
    assert status == 0, shown
    assert "half of a pair" in shown
    assert "mv -f" not in shown
    assert_installed(home)
    assert home.listing()[f"old/{half}"][1] == old_pair()[half]


def test_folder_behind_a_link(home):
    """~/.globus may be a symbolic link."""
    (home.path / "elsewhere").mkdir(mode=0o700)
    home.globus.symlink_to("elsewhere")
    home.own(home.path / "elsewhere", home.globus)
    home.put("c.p12", made("modern"))
    assert home.run("install", "c.p12")[0] == 0
    assert home.globus.is_symlink()
    assert_installed(home)


REFUSED = {
    "missing": "There is no file",
    "folder": "is a folder",
    "unreadable": "You may not read",
    "empty": "is empty",
    "pem": "is a PEM file",
    "html": "is a web page",
    "der": "is not a PKCS#12 file",
    "part": "is not a PKCS#12 file",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_before_any_password(home, kind):
    """What cannot be the file is refused at once, in both languages, and nothing is made."""
    if kind == "folder":
        (home.path / "c.p12").mkdir()
    elif kind == "unreadable":
        home.put("c.p12", b"x", 0o000)
    elif kind != "missing":
        home.put("c.p12", made(kind))
    status, shown = home.run("install", "c.p12")
    assert status == 1
    assert re.sub(r"^\S+ ", "", REFUSED[kind]) in shown
    assert shown.count("\n") == 1
    status, french = home.run("install", "c.p12", LANG="fr_FR.UTF-8")
    assert status == 1
    assert re.search("[àâçéèêîôû’]", french)
    assert not home.globus.exists()


@pytest.mark.parametrize(
    ("kind", "answers", "says"),
    [
        ("modern", ["wrong"], "Wrong password"),
        ("no-mac", ["wrong"], "Wrong password"),
        ("modern", [PASSWORD, "abc", "abc"], "passphrase was too short"),
        ("modern", [PASSWORD, PASSPHRASE, "another one"], "the two were not the same"),
        ("modern", [PASSWORD, PASSPHRASE, PASSPHRASE, "typo"], "not the passphrase"),
        ("no-key", ANSWERS, "holds no private key"),
        ("misfit", ANSWERS, "No certificate in the file fits"),
        ("expired", ANSWERS, "error: expired on"),
        ("future", ANSWERS, "error: not valid before"),
    ],
)
def test_refused(home, kind, answers, says):
    """What does not go is said, and the old pair is as it was."""
    home.put_old()
    before = home.listing()
    home.put("c.p12", made(kind))
    status, shown = home.run("install", "c.p12", answers=answers)
    assert status == 1, shown
    assert says in "".join(shown.splitlines()[-5:])
    assert home.listing() == before
    assert sorted(path.name for path in home.globus.iterdir()) == sorted(before)


@pytest.mark.extended
def test_wrong_password_by_chance(home):
    """Where no MAC tells that the password is wrong, one of 256 decrypts the key to nonsense."""
    file = home.put("c.p12", made("no-mac"))
    for turn in range(9999):
        wrong = f"wrong {turn}"
        done = subprocess.run(
            ["openssl", "pkcs12", "-in", file, "-passin", "env:WRONG", "-nodes"],
            env=os.environ | {"WRONG": wrong},
            **PIPES,
        )
        if "bad decrypt" not in done.stderr:
            break
    status, shown = home.run("install", "c.p12", answers=[wrong])
    assert status == 1
    assert "Wrong password" in shown


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize(
    "shell", [("sh",), pytest.param(("bash",), marks=pytest.mark.extended)], ids=("sh", "bash")
)
def test_interrupted(home, number, shell):
    """Ctrl-C at each prompt leaves all as it was."""
    home.put_old()
    before = home.listing()
    home.put("c.p12", made("modern"))
    # OpenSSL 3.0 asks for the passphrase of a key three times in spite of Ctrl-C.
    answers = [*ANSWERS[:number], *["\x03"] * 9]
    status, shown = home.run("install", "c.p12", answers=answers, shell=shell)
    assert status == 1, shown
    assert "Interrupted" in shown
    assert home.listing() == before
    assert not (home.globus / "new").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_told_to_end(home, number):
    """A polite signal leaves all as it was, too."""
    home.put_old()
    before = home.listing()
    home.put("c.p12", made("modern"))
    child = home.start("install", "c.p12")
    child.expect(PROMPT)
    # OpenSSL notes a signal that comes just before it reads, and waits for the answer all the same.
    found, left = 1, 9
    while found and left:
        os.killpg(child.pid, number)
        found, left = child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=2), left - 1
    assert not found
    child.wait()
    end(child)
    assert child.exitstatus == 1
    assert home.listing() == before
    assert not (home.globus / "new").exists()


def killed(home: Home, seconds: float, shell=("sh",), **environment: str) -> None:
    """Start ``gridcert install c.p12`` and kill it some seconds after the last answer.

    Args:
        home: the home folder, with c.p12.
        seconds: when; below 0, at the prompt of that number from the end.
        shell: what runs gridcert.
        environment: variables to set, as for another OpenSSL.
    """
    child = home.start("install", "c.p12", shell=shell, **environment)
    for answer in ANSWERS[: len(ANSWERS) + min(0, int(seconds))]:
        type_answer(child, answer)
    time.sleep(abs(seconds) % 1)
    kill_session(child.pid)
    end(child)


def test_killed_at_any_moment(home):
    """Whenever it is killed, nothing is lost or mixed, and the next run succeeds."""
    old = home.put_old()
    home.put("c.p12", made("modern"))
    moment = random.Random(15)
    for number in range(10):
        seconds = moment.uniform(0, 0.12) if number < 7 else -moment.uniform(1, 4)
        killed(home, seconds)
        assert judge(home.path, old) == [], seconds
    status, shown = home.run("install", "c.p12")
    assert status == 0, shown
    assert judge(home.path, old) == []
    assert_installed(home)


@pytest.mark.parametrize("program", ["cp", "mkdir", "mv", "rm"])
def test_killed_at_each_step(home, program):
    """The same, killed just before each program that changes something in the folder."""
    home.put("c.p12", made("modern"))
    real = shutil.which(program)
    count = home.path / "count"
    home.put(
        f"bin/{program}",
        f"#!/bin/sh\nn=$(($(cat {count}) - 1)); echo $n >{count}\n"
        f'[ $n != 0 ] || kill -9 $PPID\nexec {real} "$@"\n'.encode(),
        0o755,
    )
    path = f"{home.path}/bin:{os.environ['PATH']}"
    for step in range(1, 9):
        shutil.rmtree(home.globus, ignore_errors=True)
        old = home.put_old()
        home.put("count", str(step).encode())
        child = home.start("install", "c.p12", PATH=path)
        answer_all(child, ANSWERS)
        assert judge(home.path, old) == [], step
        if child.exitstatus == 0:
            break
    assert step > 1
    assert child.exitstatus == 0


@pytest.mark.parametrize(
    ("pid", "status", "says"),
    [
        (None, 1, "from an earlier attempt"),
        ("{alive} {host}", 1, "Another gridcert is at work"),
        ("{dead} {host}", 0, ""),
        ("{dead} elsewhere", 1, "on elsewhere"),
        ("", 0, ""),
    ],
)
def test_work_folder_is_there(home, pid, status, says):
    """What a killed gridcert left is removed; what somebody may need is not."""
    home.put(".globus/new/x" if pid is None else ".globus/pid", b"")
    home.put("c.p12", made("modern"))
    alive = subprocess.Popen(["sleep", "60"], user=USER)
    ended = subprocess.Popen(["true"])
    ended.wait()
    if pid is not None:
        text = pid.format(alive=alive.pid, dead=ended.pid, host=os.uname().nodename)
        (home.globus / "pid").unlink()
        home.put(".globus/new/pid", f"{text}\n".encode() if text else b"")
    try:
        assert home.run("install", "c.p12")[0] == status
        done, shown = home.run("install", "c.p12", LANG="C") if status else (0, "")
    finally:
        alive.kill()
        alive.wait()
    assert done == status
    assert says in shown
    assert (home.globus / "new").exists() == bool(status)


def test_read_only_folder(home):
    """Where nothing can be written, no password is asked."""
    home.put_old()
    home.put("c.p12", made("modern"))
    home.globus.chmod(0o500)
    status, shown = home.run("install", "c.p12")
    assert status == 1
    assert "cannot be written to" in shown
    assert "Enter" not in shown


def test_full_disk(home):
    """A disk without room shows before the questions, and loses nothing."""
    old = home.put_old()
    home.put("c.p12", made("modern"))

    def limit():
        # A limit of size stands for the full disk: a write fails in the same way.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    status, shown = home.run("install", "c.p12", before=limit)
    assert status == 1
    assert "the disk is full" in shown
    assert "Enter" not in shown
    assert judge(home.path, old) == []
    assert not (home.globus / "new").exists()


def test_openssl_is_missing(home):
    """The program that is missing is named."""
    home.put("c.p12", made("modern"))
    for command in (["install", "c.p12"], ["check"], ["remind"]):
        status, shown = home.run(*command, shell=(shutil.which("sh"),), PATH="/nowhere")
        assert status == 1
        assert "OpenSSL is missing" in shown


# -- check --------------------------------------------------------------------------------


def set_up(home: Home, kind: str) -> None:
    """Give the home folder a pair with one fault."""
    key = EC_KEY if kind == "ec" else rsa_key()
    cert = {
        "expired": lambda: certificate(-9, -1),
        "hidden and expired": lambda: certificate(-9, -1),
        "future": lambda: certificate(2, 99),
        "soon": lambda: certificate(-9, 20),
        "ec": lambda: certificate(key=EC_KEY),
        "e-mail": lambda: certificate(use=ExtendedKeyUsageOID.EMAIL_PROTECTION),
    }.get(kind, certificate)()
    cert = cert.public_bytes(Encoding.PEM)
    home.put_pair(cert, pem(key, None if kind == "clear" else PASSPHRASE))
    globus = home.globus
    if kind in ("no key", "no pair"):
        (globus / "userkey.pem").unlink()
    if kind in ("no certificate", "no pair"):
        (globus / "usercert.pem").unlink()
    if kind == "no folder":
        shutil.rmtree(globus)
    if kind.startswith("empty "):
        home.put(f".globus/{kind.split()[1]}.pem", b"", 0o400)
    if kind.startswith("rubbish "):
        home.put(f".globus/{kind.split()[1]}.pem", b"rubbish", 0o400)
    if kind.startswith("key "):
        (globus / "userkey.pem").chmod(int(kind.split()[1], 8))
    if kind.startswith("certificate "):
        (globus / "usercert.pem").chmod(int(kind.split()[1], 8))
    if kind == "open folder":
        globus.chmod(0o777)
    if kind == "other key":
        home.put(".globus/userkey.pem", pem(rsa_key(1)), 0o400)
    if kind.startswith("hidden"):
        home.put(".globus/usercred.p12", b"x")
    if kind.startswith("root"):
        home.put("cas/none" if kind == "root missing" else f"cas/{name_of_authority()}.0", b"")
        if kind == "root there":
            home.put(f"cas/{name_of_authority()}.0", authority().public_bytes(Encoding.PEM), 0o644)


@functools.cache
def name_of_authority() -> str:
    """Return the name under which OpenSSL looks for the authority."""
    command = ["openssl", "x509", "-noout", "-subject_hash"]
    cert = authority().public_bytes(Encoding.PEM)
    return subprocess.run(command, input=cert, capture_output=True).stdout.decode().strip()


@pytest.mark.parametrize(
    ("kind", "status", "says"),
    [
        ("good", 0, ["ok: the key fits the certificate", "not checked: the chain"]),
        ("key 600", 0, []),
        ("key 440", 1, ["error: the tools refuse the mode of userkey.pem"]),
        ("key 500", 1, ["error: the tools refuse the mode of userkey.pem"]),
        ("certificate 664", 1, ["error: the tools refuse the mode of usercert.pem"]),
        ("certificate 646", 1, ["error: the tools refuse the mode of usercert.pem"]),
        ("certificate 744", 1, ["error: the tools refuse the mode of usercert.pem"]),
        ("no folder", 1, ["error: the folder ~/.globus is missing"]),
        ("no pair", 1, ["error: ~/.globus holds no certificate"]),
        ("no key", 1, ["error: userkey.pem is missing"]),
        ("no certificate", 1, ["error: usercert.pem is missing"]),
        ("empty userkey", 1, ["error: userkey.pem is missing or empty"]),
        ("empty usercert", 1, ["error: usercert.pem is missing or empty"]),
        ("rubbish userkey", 1, ["error: userkey.pem holds no key"]),
        ("rubbish usercert", 1, ["error: usercert.pem holds no certificate"]),
        ("clear", 1, ["error: the key is not encrypted"]),
        ("other key", 1, ["error: the key belongs to another certificate"]),
        ("expired", 1, ["error: expired on"]),
        ("future", 1, ["error: not valid before"]),
        ("soon", 0, ["warning: valid until"]),
        ("ec", 0, ["warning: the key is not an RSA key"]),
        ("e-mail", 0, ["warning: a certificate for e-mail"]),
        ("open folder", 0, ["warning: others may write"]),
        ("hidden", 0, ["warning: the pair hides usercred.p12"]),
        ("hidden and expired", 1, ["error: the expired pair hides usercred.p12"]),
        ("root there", 0, ["ok: signed by an authority in"]),
        ("root missing", 1, ["error: no authority in", "unable to get local issuer"]),
    ],
)
def test_check(home, kind, status, says):
    """Each fault is told, and no other; some of them in French, too."""
    set_up(home, kind)
    where = {"X509_CERT_DIR": str(home.path / "cas")} if kind.startswith("root") else {}
    before = home.listing()
    done, shown = home.run("check", answers=[PASSPHRASE], **where)
    assert done == status, shown
    for words in says:
        assert words in shown
    lines = re.sub(PROMPT, "", shown).splitlines()
    starts = [line.split(":")[0] for line in lines if ": " in line]
    assert starts.count("error") + starts.count("warning") == (
        sum(words.startswith(("error", "warning")) for words in says)
        + (kind == "hidden and expired")
    ), shown
    assert starts[-2:] == ["not checked"] * 2
    assert home.listing() == before
    if kind not in ("good", "ec", "hidden and expired", "root missing"):
        return
    done, french = home.run("check", answers=[PASSPHRASE], LC_ALL="fr_FR.UTF-8", **where)
    assert done == status
    translated = {"error": "erreur", "warning": "attention", "not checked": "non vérifié"}
    found = [line.split("\N{NO-BREAK SPACE}:")[0] for line in french.splitlines()]
    kinds = ("ok", "erreur", "attention", "non vérifié")
    assert [word for word in found if word in kinds] == [
        translated.get(word, word) for word in starts if translated.get(word, word) in kinds
    ]


def test_check_with_a_wrong_passphrase(home):
    """A wrong passphrase is an error."""
    set_up(home, "good")
    status, shown = home.run("check", answers=["wrong"])
    assert status == 1
    assert "error: the key does not open" in shown


@pytest.mark.skipif(USER is None, reason="run the tests as root, to give files away")
@pytest.mark.parametrize("file", ["userkey.pem", "usercert.pem"])
def test_check_somebody_elses_file(home, file):
    """The tools want files of the reader's own."""
    set_up(home, "good")
    os.chown(home.globus / file, 0, 0)
    status, shown = home.run("check", answers=[PASSPHRASE])
    assert status == 1
    assert f"error: {file} belongs to somebody else" in shown


@pytest.mark.parametrize(
    ("kind", "mode", "answer", "says"),
    [
        ("modern", 0o600, PASSWORD, ""),
        ("unmarked", 0o600, PASSWORD, ""),
        ("modern", 0o400, PASSWORD, "error: the tools refuse the mode of usercred.p12"),
        ("modern", 0o600, "wrong", "error: usercred.p12 does not open"),
        ("rc2", 0o600, PASSWORD, "error: usercred.p12 is encrypted in an old way"),
        ("expired", 0o600, PASSWORD, "error: expired on"),
    ],
)
def test_check_usercred(home, kind, mode, answer, says):
    """Without a pair, the .p12 file itself is checked."""
    home.put(".globus/usercred.p12", made(kind), mode)
    status, shown = home.run("check", answers=[answer])
    assert status == (1 if says else 0), shown
    assert says in shown
    assert ("ok: usercred.p12 opens" in shown) == (answer == PASSWORD and kind != "rc2")


# -- remind -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "status", "says"),
    [(393.5, 0, "(393 days)"), (31.5, 0, "(31 days)"), (29.9, 1, "only"), (-1, 1, "expired on")],
)
def test_remind(home, last, status, says):
    """A cron job hears of it when it is time; the day is that of the certificate."""
    cert = certificate(-400, last)
    home.put(".globus/usercert.pem", cert.public_bytes(Encoding.PEM), 0o644)
    # What is said when it is time goes to the standard error.
    silent = f"exec sh {GRIDCERT} remind {'2' if status == 0 else ''}>/dev/null"
    done, shown = home.run("remind", answers=[])
    assert (done, shown.count("\n")) == (status, 1)
    assert says in shown
    end = cert.not_valid_after_utc
    assert f"{end.day} {end:%B %Y}" in shown
    again = subprocess.run(["sh", "-c", silent], env=os.environ | {"HOME": str(home.path)}, **PIPES)
    assert again.returncode == status
    assert says in (again.stdout if status == 0 else again.stderr)


def test_remind_without_certificate(home):
    """Nothing found is told, and not taken for good."""
    home.put(".globus/usercred.p12", made("modern"))
    status, shown = home.run("remind", answers=[])
    assert status == 1
    assert "There is no certificate" in shown


@pytest.mark.parametrize("last", [394, 20, -1])
@pytest.mark.parametrize("language", ["en_GB.UTF-8", "fr_FR.UTF-8"])
def test_calendar(home, last, language):
    """The calendar file is valid, has the right day, and the same UID each time."""
    cert = certificate(-400, last)
    home.put(".globus/usercert.pem", cert.public_bytes(Encoding.PEM), 0o644)
    uids = []
    for _ in range(2):
        assert home.run("remind", "-a b.ics", answers=[], LANG=language)[0] == (last < 30)
        text = (home.path / "-a b.ics").read_bytes()
        assert text.count(b"\r\n") == text.count(b"\n") == len(text.splitlines())
        assert max(map(len, text.splitlines())) <= 75
        calendar = icalendar.Calendar.from_ical(text)
        assert calendar["PRODID"]
        assert calendar["VERSION"] == "2.0"
        [event] = calendar.events
        assert not event.errors
        uids.append(event["UID"])
        month_before = (cert.not_valid_after_utc - datetime.timedelta(30)).date()
        today = datetime.datetime.now(datetime.UTC).date()
        assert event.start == max(month_before, today)
        assert not isinstance(event.start, datetime.datetime)
        assert ("Renouveler" in event["SUMMARY"]) == language.startswith("fr")
        assert str(cert.not_valid_after_utc.year) in event["SUMMARY"]
        assert event["DESCRIPTION"].endswith(".p12")
        assert "  " not in event["DESCRIPTION"]
        assert abs(event.DTSTAMP - datetime.datetime.now(datetime.UTC)).total_seconds() < 60
        [alarm] = event.subcomponents
        assert alarm["ACTION"] == "DISPLAY"
    assert len(set(uids)) == 1
    assert [path.name for path in home.path.iterdir() if "ics" in path.name] == ["-a b.ics"]


def test_calendar_of_others(home):
    """A file that gridcert did not write is left alone; so is a place that cannot be written."""
    cert = certificate().public_bytes(Encoding.PEM)
    home.put(".globus/usercert.pem", cert, 0o644)
    mine = home.put("mine.ics", b"BEGIN:VCALENDAR\r\nPRODID:-//other//EN\r\nEND:VCALENDAR\r\n")
    before = mine.read_bytes()
    status, shown = home.run("remind", "mine.ics", answers=[])
    assert (status, "is no calendar file of gridcert" in shown) == (1, True)
    assert mine.read_bytes() == before
    part = home.put("c.ics.part", b"mine")
    assert home.run("remind", "c.ics", answers=[])[0] == 0
    assert part.read_bytes() == b"mine"
    status, shown = home.run("remind", "nowhere/x.ics", answers=[])
    assert (status, "cannot be written" in shown) == (1, True)


def test_days_of_the_calendar(home):
    """Dates are computed as Python computes them, leap years included."""
    text = GRIDCERT.read_text(encoding="utf-8").split("# Sets facts,")[0]
    moment = random.Random(4)
    days = [datetime.datetime(2026, 1, 1) + datetime.timedelta(n, 86399) for n in range(0, 800, 13)]
    days += [datetime.datetime(y, 2, 28) + datetime.timedelta(1) for y in (2028, 2030, 2100)]
    moment.shuffle(days)
    script = text + "".join(
        f's=$(seconds "{day:%b %d %H:%M:%S %Y} GMT"); echo "$s $(day "$s" d)"\n' for day in days
    )
    done = subprocess.run(["sh", "-c", script], **PIPES)
    assert done.stdout.splitlines() == [
        f"{day.replace(tzinfo=datetime.UTC).timestamp():.0f} {day:%Y%m%d}" for day in days
    ]


# -- The command line, and the code -------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["help"], 0),
        (["-h"], 0),
        (["--help"], 0),
        ([], 2),
        (["unknown"], 2),
        (["install"], 2),
        (["install", "a", "b"], 2),
        (["check", "a"], 2),
        (["remind", "a", "b"], 2),
    ],
)
def test_usage(arguments, status):
    """Wrong usage shows the right one, on the standard error."""
    for language, word in (("C", "Usage:"), ("fr_FR.UTF-8", "Utilisation\N{NO-BREAK SPACE}:")):
        environment = os.environ | {"LC_ALL": "", "LC_MESSAGES": "", "LANG": language}
        done = subprocess.run(["sh", GRIDCERT, *arguments], env=environment, **PIPES)
        assert done.returncode == status
        assert (done.stderr if status else done.stdout).startswith(word)
        assert not (done.stdout if status else done.stderr)


@pytest.mark.parametrize(
    ("variables", "french"),
    [
        ({"LC_ALL": "C", "LANG": "fr_FR.UTF-8"}, False),
        ({"LC_ALL": "", "LC_MESSAGES": "fr_CA", "LANG": "C"}, True),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "fr"}, True),
        ({}, False),
    ],
)
def test_language(variables, french):
    """The first variable that is set decides."""
    environment = {"PATH": os.environ["PATH"]} | variables
    done = subprocess.run(["sh", GRIDCERT, "help"], env=environment, **PIPES)
    assert done.stdout.startswith("Utilisation") == french


STRING = r'"((?:[^"\\$]|\\.|\$\([^()]*(?:\([^()]*\)[^()]*)*\)|\$)*)"'
SAYS = re.compile(rf"(?<![\w-])(say|die|ok|warning|error|unknown) (?:\\\n\s+)?{STRING}")


def messages() -> list[tuple[str, str, str]]:
    """Return each message: what says it, in English, in French."""
    text = GRIDCERT.read_text(encoding="utf-8")
    found = []
    for match in SAYS.finditer(text):
        # The functions themselves hand on what they are given.
        if "$1" in match[2] or match[2] == "$@":
            continue
        second = re.compile(rf"\s+(?:\\\n\s+)?{STRING}").match(text, match.end())
        assert second, f"no French for: {match[2]}"
        found.append((match[1], match[2], second[1]))
    return found


def test_both_languages():
    """Each message is there in both languages, and the French is set as French is."""
    found = messages()
    text = GRIDCERT.read_text(encoding="utf-8")
    calls = re.findall(r'(?<![\w-])(?:say|die|ok|warning|error|unknown) (?:\\\n\s+)?"[^$]', text)
    assert len(found) >= len(calls) > 60
    for _, english, french in found:
        assert english != french
        assert english.replace("’", "").isascii(), english
        text = re.sub(r"https?://|\$\(.*?\)+|\$\{[^}]*\}", "x", french)
        assert not re.search(r"[^\N{NO-BREAK SPACE}\d/A-Z][:;?!](?!\w)", text), french
        assert not re.search(r"«[^\N{NO-BREAK SPACE}]|[^\N{NO-BREAK SPACE}]»|'", text), french
        # A variable must not touch an octet that is no ASCII: bash 3.2 takes it for a letter.
        assert not re.search(r"\$\w+[^\x00-\x7f]", french), french
        # Commands and files are the same in both.
        for thing in (
            r"chmod \d+",
            r"gridcert (?:install|check|remind)",
            r"user\w+\.\w+",
            r"\$\{?\w+",
        ):
            wanted = sorted(x.strip("${") for x in re.findall(thing, english))
            assert wanted == sorted(x.strip("${") for x in re.findall(thing, french)), french


def test_shellcheck():
    """The script is POSIX sh, without the usual mistakes, and may be executed."""
    assert GRIDCERT.stat().st_mode & 0o777 == 0o755
    if not shutil.which("shellcheck"):
        pytest.skip("install the Debian package shellcheck")
    done = subprocess.run(["shellcheck", "-s", "sh", GRIDCERT], **PIPES)
    assert done.returncode == 0, done.stdout


def test_no_password_can_leak():
    """No option gives a password to OpenSSL, or writes the key in clear."""
    text = GRIDCERT.read_text(encoding="utf-8")
    assert not re.search(r"-pass(in|out)?\b|-nodes|-noenc|<<|\bcurl\b|\bwget\b", text)

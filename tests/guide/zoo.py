"""The zoo: PKCS#12 files of all the kinds that readers get, made by all that writes them."""

import itertools
import json
import os
import shutil
import subprocess
import tempfile
import threading
import unicodedata
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

from allpairspy import AllPairs
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

import certificates
from openssl_versions import FETCHED, ROOT, fetched, number, own_version

# What decides whether a command works. Of several that apply, the first counts.
KINDS = ("no localKeyID", "no MAC", "PBMAC1", "RC2-40", "e-mail", "3DES", "AES-256")
E_ACUTE = "motdepasse d'été 2026"
PASSWORDS = (
    "correct horse 15 $taples",
    "  two blanks  ",
    "quotes ' and \" here",
    "$HOME $(id) `id`",
    "back\\slash\\n 15",
    unicodedata.normalize("NFC", E_ACUTE),
    unicodedata.normalize("NFD", E_ACUTE),
    "",
    "x" * 200,
)
FILE_NAMES = (
    "Certificate.p12",
    "My certificate (1).p12",
    "L'autre.p12",
    "Éloïse.p12",
    "-in.p12",
)
FOLDERS = ("Downloads", "Téléchargements", "My files/in")
NAMES = ("Anna Tester", "", "Éloïse Tester")
# Which encryptions each program writes here, as readers' versions of it do.
EXPORTERS = {
    "cryptography": ("AES-256", "3DES"),
    "OpenSSL 3": ("AES-256", "3DES", "RC2-40", "PBMAC1"),
    "OpenSSL 1.1.1": ("AES-256", "3DES", "RC2-40"),
    "NSS": ("AES-256",),
    "keytool": ("AES-256",),
    "GnuTLS": ("AES-256", "3DES"),
    "node-forge": ("AES-256",),
}


class Missing(Exception):
    """A program that makes a file is not here; the text says how to get it."""


@dataclass(frozen=True)
class Specimen:
    """One file of the zoo.

    Attributes:
        encryption: AES-256, 3DES or RC2-40; or PBMAC1, which is how its MAC is made.
        key: the kind of key.
        profile: grid or e-mail: what the certificate is for.
        chain: whether the certificates of the authorities are in it.
        friendly_name: what a browser calls it.
        local_key_id: whether it says which certificate belongs to the key.
        mac: whether it is protected against changes.
        password: that of the file.
        file_name: its name.
        folder: where it lies in the home folder.
        exporter: what wrote it.
    """

    encryption: str = "AES-256"
    key: str = "RSA 2048"
    profile: str = "grid"
    chain: bool = True
    friendly_name: str = NAMES[0]
    local_key_id: bool = True
    mac: bool = True
    password: str = PASSWORDS[0]
    file_name: str = FILE_NAMES[0]
    folder: str = FOLDERS[0]
    exporter: str = "cryptography"

    @property
    def kind(self) -> str:
        """One of ``KINDS``."""
        kinds = {self.encryption, self.profile}
        kinds |= set() if self.local_key_id else {"no localKeyID"}
        kinds |= set() if self.mac else {"no MAC"}
        return next(kind for kind in KINDS if kind in kinds)

    @property
    def name(self) -> str:
        """What distinguishes it, for the name of a test."""
        usual = Specimen()
        shown = [self.encryption, self.exporter]
        for one in fields(self):
            value = getattr(self, one.name)
            if value != getattr(usual, one.name) and value not in shown:
                shown.append(f"{one.name}={value!r:.24}" if isinstance(value, bool) else value[:24])
        return ", ".join(part or "empty" for part in shown)


def common(kind: str, password: str) -> Specimen:
    """Return the plainest file of a kind.

    Args:
        kind: one of ``KINDS``.
        password: that of the file.
    """
    changes = {
        "no localKeyID": {"local_key_id": False, "exporter": "node-forge"},
        "no MAC": {"mac": False, "exporter": "OpenSSL 3"},
        "PBMAC1": {"encryption": "PBMAC1", "exporter": "OpenSSL 3"},
        "RC2-40": {"encryption": "RC2-40", "exporter": "OpenSSL 3"},
        "e-mail": {"profile": "e-mail"},
        "3DES": {"encryption": "3DES"},
        "AES-256": {},
    }
    # Python's cryptography does not take an empty password.
    able = {} if password else {"exporter": "OpenSSL 3"}
    return Specimen(**({"password": password} | able | changes[kind]))


def exists(specimen: Specimen) -> bool:
    """Tell whether there can be such a file."""
    exporter, password = specimen.exporter, specimen.password
    if specimen.encryption not in EXPORTERS[exporter]:
        return False
    if not specimen.local_key_id and exporter != "node-forge":
        return False
    # Without a MAC, OpenSSL leaves the certificates open: no RC2-40 is in such a file.
    if not specimen.mac and (
        exporter != "OpenSSL 3" or specimen.encryption in ("PBMAC1", "RC2-40")
    ):
        return False
    if exporter == "cryptography":
        return password != ""
    if exporter == "keytool":
        # Java refuses others: its own words are “keystore password was incorrect”.
        return password.isascii() and len(password) >= 6
    if exporter == "node-forge":
        return specimen.key != "P-256" and password.isascii() and password != ""
    if exporter == "NSS":
        return specimen.friendly_name != "" and password != ""
    # GnuTLS normalises what it is given: no file of its own has NFD.
    is_usual = password != "" and unicodedata.is_normalized("NFC", password)
    return exporter != "GnuTLS" or is_usual


VALUES = {
    "exporter": tuple(EXPORTERS),
    "encryption": ("AES-256", "3DES", "RC2-40", "PBMAC1"),
    "mac": (True, False),
    "local_key_id": (True, False),
    "password": PASSWORDS,
    "key": certificates.KEYS,
    "friendly_name": NAMES,
    "file_name": FILE_NAMES,
    "folder": FOLDERS,
    "profile": ("grid", "e-mail"),
    "chain": (True, False),
}


@cache
def zoo() -> tuple[Specimen, ...]:
    """Return the zoo: each two values that can go together do so in some file."""

    def can_be(row: list) -> bool:
        """Tell whether the first values of a row allow for a file."""
        chosen = dict(zip(VALUES, row, strict=False))
        # What has not been chosen yet is what suits the exporter.
        later = {"encryption": EXPORTERS[chosen["exporter"]][0]}
        return exists(replace(Specimen(), **(later | chosen)))

    rows = AllPairs(list(VALUES.values()), filter_func=can_be)
    found = [Specimen(**dict(zip(VALUES, row, strict=True))) for row in rows]
    # The library leaves out pairs on which all that it had chosen before lays a ban.
    for one, other in itertools.combinations(VALUES, 2):
        for pair in itertools.product(VALUES[one], VALUES[other]):
            wanted = dict(zip((one, other), pair, strict=True))
            if not any(all(getattr(s, k) == v for k, v in wanted.items()) for s in found):
                found += [s for s in with_pair(wanted, len(found)) if exists(s)][:1]
    # What came late may have made what came early needless.
    for specimen in tuple(found):
        rest = [one for one in found if one is not specimen]
        if pairs(specimen) <= set().union(*map(pairs, rest)):
            found = rest
    return tuple(found)


@cache
def pairs(specimen: Specimen) -> frozenset:
    """Return each two properties of a file, with their values."""
    return frozenset(itertools.combinations([(n, getattr(specimen, n)) for n in VALUES], 2))


def with_pair(wanted: dict, turn: int):
    """Yield files with two values; what else they have changes from turn to turn."""
    others = {name: values[turn % len(values)] for name, values in VALUES.items()}
    others |= {"mac": True, "local_key_id": True}
    for exporter, encryptions in EXPORTERS.items():
        for encryption, mac, local_key_id in itertools.product(encryptions, *[(True, False)] * 2):
            shape = {"exporter": exporter, "encryption": encryption}
            shape |= {"mac": mac, "local_key_id": local_key_id}
            yield Specimen(**(others | shape | wanted))
            yield Specimen(**({"friendly_name": NAMES[0]} | shape | wanted))


# -- Making -------------------------------------------------------------------------------


# What is made once is made by one thread: another would make another key.
ONCE = threading.RLock()


def make(specimen: Specimen, anew: bool = False) -> bytes:
    """Return the content of a file, made once.

    Args:
        specimen: what is in it.
        anew: whether to make another one, with other salts.

    Raises:
        Missing: what makes it is not on this machine.
    """
    with ONCE:
        return made.__wrapped__(specimen) if anew else made(specimen)


@cache
def made(specimen: Specimen) -> bytes:
    """Make a file."""
    how = {
        "cryptography": with_cryptography,
        "OpenSSL 3": with_openssl,
        "OpenSSL 1.1.1": with_openssl,
        "NSS": with_nss,
        "keytool": with_keytool,
        "GnuTLS": with_gnutls,
        "node-forge": with_forge,
    }
    with tempfile.TemporaryDirectory(prefix="zoo-") as folder:
        return how[specimen.exporter](specimen, Path(folder))


def key_pem(specimen: Specimen) -> bytes:
    """Return the private key, not encrypted."""
    key = certificates.private_key(specimen.key)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def chain(specimen: Specimen) -> list:
    """Return the certificates of the authorities that are in the file."""
    return [issuer for issuer, _ in certificates.authorities()] if specimen.chain else []


def certificates_pem(specimen: Specimen) -> list[bytes]:
    """Return the certificates, the person's first."""
    person = certificates.personal(specimen.key, specimen.profile)
    return [one.public_bytes(Encoding.PEM) for one in (person, *chain(specimen))]


def with_cryptography(specimen: Specimen, folder: Path) -> bytes:
    """Make a file with Python's cryptography."""
    builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2048)
    if specimen.encryption == "AES-256":
        builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        builder = builder.hmac_hash(hashes.SHA256())
    else:
        builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        builder = builder.hmac_hash(hashes.SHA1())
    return pkcs12.serialize_key_and_certificates(
        specimen.friendly_name.encode() or None,
        certificates.private_key(specimen.key),
        certificates.personal(specimen.key, specimen.profile),
        chain(specimen),
        builder.build(specimen.password.encode()),
    )


def run(*command, **options) -> bytes:
    """Run a program that makes a file, and return what it prints.

    Raises:
        RuntimeError: it failed; its own words are shown.
    """
    done = subprocess.run(command, capture_output=True, **options)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {(done.stderr + done.stdout).decode()}")
    return done.stdout


def needs(program: str, package: str) -> str:
    """Return the path of a program.

    Raises:
        Missing: it is not installed.
    """
    found = shutil.which(program)
    if not found:
        raise Missing(f"install the Debian package {package}")
    return found


def pem_files(specimen: Specimen, folder: Path) -> tuple[Path, Path]:
    """Write the key and the certificates into files, and return their paths."""
    paths = folder / "key.pem", folder / "certificates.pem"
    paths[0].write_bytes(key_pem(specimen))
    paths[1].write_bytes(b"".join(certificates_pem(specimen)))
    return paths


def exporting(specimen: Specimen) -> str:
    """Return the ``openssl`` that writes a file.

    Raises:
        Missing: there is none that can.
    """
    known = {own_version(): "openssl"} | {one: str(FETCHED / one / "openssl") for one in fetched()}
    wanted = {"OpenSSL 1.1.1": (1, 1, 1), "OpenSSL 3": (3,)}[specimen.exporter]
    # PBMAC1 came with 3.4 (RFC 9579, OpenSSL's CHANGES.md).
    least = (3, 4) if specimen.encryption == "PBMAC1" else wanted
    for version, program in known.items():
        if number(version)[: len(wanted)] == wanted and number(version) >= least:
            return program
    raise Missing(f"run make programs, which fetches {specimen.exporter}")


def with_openssl(specimen: Specimen, folder: Path) -> bytes:
    """Make a file with a version of OpenSSL."""
    program = exporting(specimen)
    key, full = pem_files(specimen, folder)
    old = ["-legacy"] if specimen.exporter == "OpenSSL 3" else []
    options = {
        "AES-256": ["-certpbe", "AES-256-CBC", "-keypbe", "AES-256-CBC", "-macalg", "sha256"],
        "3DES": ["-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
        "RC2-40": [*old, "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-3DES"],
        "PBMAC1": ["-pbmac1_pbkdf2", "-pbmac1_pbkdf2_md", "sha256"],
    }[specimen.encryption]
    options += ["-macalg", "sha1"] if specimen.encryption == "RC2-40" else []
    options += [] if specimen.mac else ["-nomac"]
    options += ["-name", specimen.friendly_name] if specimen.friendly_name else []
    out = folder / "out.p12"
    command = [program, "pkcs12", "-export", "-inkey", key, "-in", full, "-out", out]
    run(
        *command,
        "-passout",
        "env:PASSWORD",
        *options,
        env=os.environ | {"PASSWORD": specimen.password},
    )
    return out.read_bytes()


def plain(specimen: Specimen) -> bytes:
    """Return the same content in a file that every program reads."""
    usual = replace(specimen, password=PASSWORDS[0], exporter="cryptography")
    return make(usual)


def with_nss(specimen: Specimen, folder: Path) -> bytes:
    """Make a file with what Firefox and Thunderbird are made with."""
    certutil, pk12util = (needs(one, "libnss3-tools") for one in ("certutil", "pk12util"))
    database, source, out = f"sql:{folder}", folder / "in.p12", folder / "out.p12"
    source.write_bytes(plain(specimen))
    (folder / "in").write_text(PASSWORDS[0])
    (folder / "password").write_text(specimen.password)
    run(certutil, "-d", database, "-N", "--empty-password")
    run(pk12util, "-d", database, "-i", source, "-w", folder / "in")
    name = ["-n", specimen.friendly_name]
    run(pk12util, "-d", database, "-o", out, *name, "-w", folder / "password")
    return out.read_bytes()


def with_keytool(specimen: Specimen, folder: Path) -> bytes:
    """Make a file with Java."""
    keytool = needs("keytool", "default-jre-headless")
    source, out = folder / "in.p12", folder / "out.p12"
    source.write_bytes(plain(specimen))
    run(
        *(keytool, "-importkeystore", "-srckeystore", source, "-srcstoretype", "PKCS12"),
        *("-destkeystore", out, "-deststoretype", "PKCS12"),
        *("-srcstorepass:env", "SOURCE", "-deststorepass:env", "PASSWORD"),
        env=os.environ | {"SOURCE": PASSWORDS[0], "PASSWORD": specimen.password},
    )
    return out.read_bytes()


def with_gnutls(specimen: Specimen, folder: Path) -> bytes:
    """Make a file with GnuTLS, which wants the password on its command line."""
    certtool = needs("certtool", "gnutls-bin")
    key, full = pem_files(specimen, folder)
    cipher = {"AES-256": "aes-256", "3DES": "3des-pkcs12"}[specimen.encryption]
    return run(
        *(certtool, "--to-p12", "--outder", "--load-privkey", key, "--load-certificate", full),
        *("--pkcs-cipher", cipher, "--p12-name", specimen.friendly_name),
        *("--password", specimen.password),
    )


def with_forge(specimen: Specimen, folder: Path) -> bytes:
    """Make a file with node-forge."""
    node = needs("node", "nodejs")
    modules = ROOT / "build" / "npm" / "node_modules"
    if not (modules / "node-forge").is_dir():
        raise Missing("run make programs, which fetches node-forge from npm")
    wanted = {
        "key": key_pem(specimen).decode(),
        "certificates": [one.decode() for one in certificates_pem(specimen)],
        "password": specimen.password,
        "name": specimen.friendly_name,
        "localKeyId": specimen.local_key_id,
    }
    return run(
        *(node, Path(__file__).with_name("forge.js")),
        input=json.dumps(wanted).encode(),
        env=os.environ | {"NODE_PATH": str(modules)},
    )

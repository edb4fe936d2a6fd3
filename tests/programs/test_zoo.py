"""Each file of the zoo is what it says: read with Python's cryptography, and with OpenSSL."""

import itertools
import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12KeyAndCertificates,
    load_pkcs12,
)
from cryptography.x509 import ExtendedKeyUsage

import zoo
from certificates import USES
from openssl_versions import FETCHED, fetched, number, own_version
from zoo import KINDS, VALUES, Missing, Specimen, common, exists, make

# How OpenSSL names what encrypts the key.
KEY_CIPHERS = {
    "AES-256": "AES-256-CBC",
    "3DES": "pbeWithSHA1And3-KeyTripleDES-CBC",
    "RC2-40": "pbeWithSHA1And3-KeyTripleDES-CBC",
    "PBMAC1": "AES-256-CBC",
}
MACS = {"AES-256": "sha256", "3DES": "sha1", "RC2-40": "sha1", "PBMAC1": "PBMAC1 using PBKDF2"}
# The properties that decide whether there can be a file; the others go with everything.
DECISIVE = ("exporter", "encryption", "mac", "local_key_id", "password", "friendly_name", "key")


def parameters() -> list:
    """Return the zoo; the first file of each exporter is enough for a quick run."""
    exporters = set()
    found = []
    for specimen in zoo.zoo():
        marks = [pytest.mark.extended] if specimen.exporter in exporters else []
        exporters.add(specimen.exporter)
        found.append(pytest.param(specimen, id=specimen.name, marks=marks))
    return found


def content(specimen: Specimen) -> bytes:
    """Return the content of a file, or skip the test where it cannot be made."""
    try:
        return make(specimen)
    except Missing as error:
        pytest.skip(str(error))


def with_openssl(specimen: Specimen, *options: str) -> str:
    """Return what the newest OpenSSL here says of a file, on both of its outputs.

    Only the newest is sure to read all of them: PBMAC1 came with 3.4.
    """
    programs = {own_version(): "openssl"} | {one: FETCHED / one / "openssl" for one in fetched()}
    version = max(programs, key=number)
    legacy = ["-legacy"] if number(version) >= (3,) else []
    done = subprocess.run(
        [programs[version], "pkcs12", *legacy, "-passin", "env:PASSWORD", *options],
        input=content(specimen),
        env=os.environ | {"PASSWORD": specimen.password},
        capture_output=True,
    )
    # A name that is not ASCII comes out as Latin-1.
    assert done.returncode == 0, done.stderr.decode("latin-1")
    return (done.stderr + done.stdout).decode("latin-1")


def read(specimen: Specimen) -> PKCS12KeyAndCertificates:
    """Return what is in a file."""
    return load_pkcs12(content(specimen), specimen.password.encode())


def name_inside(specimen: Specimen) -> str:
    """Return the friendlyName that a file has: not each program writes the one it is given."""
    name = specimen.friendly_name
    if specimen.exporter == "keytool":
        # Java's names are in lower case, and there is always one.
        return name.lower() or "1"
    if specimen.exporter == "GnuTLS":
        # It takes each octet of UTF-8 for a character.
        return name.encode().decode("latin-1")
    return name


def certificate_cipher(specimen: Specimen) -> str | None:
    """Return how OpenSSL names what encrypts the certificates, nothing if they lie open."""
    if specimen.exporter == "node-forge" or not specimen.mac:
        return None
    if specimen.exporter == "NSS":
        return "AES-128-CBC"
    rc2 = "pbeWithSHA1And40BitRC2-CBC"
    return rc2 if specimen.encryption == "RC2-40" else KEY_CIPHERS[specimen.encryption]


def mac(specimen: Specimen) -> str:
    """Return how OpenSSL names what protects a file against changes."""
    return {"node-forge": "sha1", "GnuTLS": "sha256"}.get(
        specimen.exporter, MACS[specimen.encryption]
    )


@pytest.mark.filterwarnings("ignore:PKCS#12 bundle could not be parsed as DER")
@pytest.mark.parametrize("specimen", parameters())
def test_holds_what_it_says(specimen):
    """The key, the certificate that fits it, its use, the chain and the name."""
    inside = read(specimen)
    assert inside.key.public_key() == inside.cert.certificate.public_key()
    is_rsa = isinstance(inside.key, rsa.RSAPrivateKey)
    kind = f"RSA {inside.key.key_size}" if is_rsa else f"P-{inside.key.key_size}"
    assert kind == specimen.key
    uses = inside.cert.certificate.extensions.get_extension_for_class(ExtendedKeyUsage).value
    assert list(uses) == [USES[specimen.profile]]
    assert len(inside.additional_certs) == (2 if specimen.chain else 0)
    assert (inside.cert.friendly_name or b"").decode() == name_inside(specimen)


@pytest.mark.parametrize("specimen", parameters())
def test_is_encrypted_as_it_says(specimen):
    """The key, the certificates and the MAC."""
    said = with_openssl(specimen, "-info", "-noout")
    key = re.search(r"^Shrouded Keybag: (.+)$", said, re.MULTILINE)[1]
    certificates = re.search(r"^PKCS7 Encrypted data: (.+)$", said, re.MULTILINE)
    assert KEY_CIPHERS[specimen.encryption] in key
    cipher = certificate_cipher(specimen)
    assert cipher in certificates[1] if cipher else certificates is None
    assert (f"MAC: {mac(specimen)}," if specimen.mac else "MAC is absent") in said


@pytest.mark.parametrize("specimen", parameters())
def test_tells_which_certificate_is_the_key_s(specimen):
    """The localKeyID of the key is that of a certificate, or there is none at all."""
    said = with_openssl(specimen, "-nokeys")
    certificates = re.findall(r"^ *localKeyID: (.+)$", said, re.MULTILINE)
    key = re.findall(
        r"^ *localKeyID: (.+)$",
        with_openssl(specimen, "-nocerts", "-passout", "pass:any one"),
        re.MULTILINE,
    )
    assert len(key) == (1 if specimen.local_key_id else 0)
    assert certificates.count(key[0]) == 1 if key else certificates == []


def test_each_two_values_are_in_some_file():
    """What can go together at all does so somewhere."""
    candidates = [
        one
        for values in itertools.product(*(VALUES[name] for name in DECISIVE))
        if exists(one := replace(Specimen(), **dict(zip(DECISIVE, values, strict=True))))
    ]
    missing = []
    for one, other in itertools.combinations(VALUES, 2):
        for pair in itertools.product(VALUES[one], VALUES[other]):
            wanted = dict(zip((one, other), pair, strict=True))
            decisive = {name: value for name, value in wanted.items() if name in DECISIVE}
            if has(candidates, decisive) and not has(zoo.zoo(), wanted):
                missing.append(wanted)
    assert missing == []


def has(specimens, wanted: dict) -> bool:
    """Tell whether some file has all the values."""
    return any(all(getattr(s, name) == v for name, v in wanted.items()) for s in specimens)


def test_zoo_is_whole():
    """Each kind and each exporter is there, and each name stands for one file."""
    animals = zoo.zoo()
    assert {one.kind for one in animals} == set(KINDS)
    assert {one.exporter for one in animals} == set(VALUES["exporter"])
    assert all(exists(one) for one in animals)
    names = [one.name for one in animals]
    assert sorted(names) == sorted(set(names))


def test_zoo_is_the_same_each_time():
    """Another Python process makes the same choice, whatever the order of its sets."""
    code = "import zoo; print(*[one.name for one in zoo.zoo()], sep='\\n')"
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment | {"PYTHONHASHSEED": "7"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.splitlines() == [one.name for one in zoo.zoo()]


@pytest.mark.parametrize("password", ["correct horse 15 $taples", ""])
@pytest.mark.parametrize("kind", KINDS)
def test_plainest_file_of_a_kind(kind, password):
    """It is of this kind, and opens with its password."""
    specimen = common(kind, password)
    assert specimen.kind == kind
    assert read(specimen).key


def test_says_what_is_missing(monkeypatch, tmp_path):
    """Without the program, the text names the package that has it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Missing, match="libnss3-tools"):
        make(Specimen(exporter="NSS", password="in no other test"))

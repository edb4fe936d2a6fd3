"""Certificates made for the tests, in the shape of a TCS personal certificate."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

DAYS = 395
# The policies of IGTF certificates: an authority with MICS vetting, a person.
POLICIES = ("1.2.840.113612.5.2.2.5", "1.2.840.113612.5.2.3.3.3")
PERSON = (
    (NameOID.DOMAIN_COMPONENT, "org"),
    (NameOID.DOMAIN_COMPONENT, "terena"),
    (NameOID.DOMAIN_COMPONENT, "tcs"),
    (NameOID.COUNTRY_NAME, "NL"),
    (NameOID.ORGANIZATION_NAME, "Example University"),
    (NameOID.COMMON_NAME, "Anna Tester 1234"),
)


def name(*parts: tuple[ObjectIdentifier, str]) -> x509.Name:
    """Return a distinguished name from its parts."""
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def certificate(subject, key, issuer, issuer_key, is_authority: bool) -> x509.Certificate:
    """Return a certificate that is valid from yesterday on."""
    start = datetime.datetime.now(datetime.UTC).replace(microsecond=0) - datetime.timedelta(1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(DAYS))
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
    )
    if not is_authority:
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH]
        address = x509.RFC822Name("anna@example.org")
        policies = [x509.PolicyInformation(ObjectIdentifier(oid), None) for oid in POLICIES]
        builder = (
            builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.CertificatePolicies(policies), critical=False)
        )
    return builder.sign(issuer_key, hashes.SHA256())


def make_p12(password: str) -> bytes:
    """Return a PKCS#12 file with a personal certificate, its RSA key and its chain.

    It is encrypted as portals do now: AES-256, with a SHA-256 MAC (RFC 7292, RFC 8018).

    Args:
        password: what protects the file.
    """
    keys = [rsa.generate_private_key(65537, 2048) for _ in range(3)]
    names = [
        name((NameOID.COMMON_NAME, "Example Root CA")),
        name((NameOID.COMMON_NAME, "Example Authentication RSA CA")),
        name(*PERSON),
    ]
    root = certificate(names[0], keys[0], names[0], keys[0], True)
    between = certificate(names[1], keys[1], names[0], keys[0], True)
    person = certificate(names[2], keys[2], names[1], keys[1], False)
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(2048)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(password.encode())
    )
    return pkcs12.serialize_key_and_certificates(
        b"Anna Tester", keys[2], person, [between, root], encryption
    )

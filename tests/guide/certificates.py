"""Certificates made for the tests, in the shape of a TCS personal certificate."""

import datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
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
# What a certificate is for: the grid's is no e-mail certificate, and the other way round.
USES = {"grid": ExtendedKeyUsageOID.CLIENT_AUTH, "e-mail": ExtendedKeyUsageOID.EMAIL_PROTECTION}
KEYS = ("RSA 2048", "RSA 3072", "RSA 4096", "P-256")


def name(*parts: tuple[ObjectIdentifier, str]) -> x509.Name:
    """Return a distinguished name from its parts."""
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


@cache
def private_key(kind: str):
    """Return a private key, made once: a long one takes its time.

    Args:
        kind: one of ``KEYS``.
    """
    if kind.startswith("RSA "):
        return rsa.generate_private_key(65537, int(kind.split()[1]))
    return ec.generate_private_key(ec.SECP256R1())


@cache
def authorities() -> list[tuple[x509.Certificate, rsa.RSAPrivateKey]]:
    """Return the authority that issues, then its root, each with its key."""
    root_key, issuer_key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root_name = name((NameOID.COMMON_NAME, "Example Root CA"))
    issuer_name = name((NameOID.COMMON_NAME, "Example Authentication RSA CA"))
    root = certificate(root_name, root_key, root_name, root_key)
    issuer = certificate(issuer_name, issuer_key, root_name, root_key)
    return [(issuer, issuer_key), (root, root_key)]


def certificate(subject, key, issuer, issuer_key, use: str = "") -> x509.Certificate:
    """Return a certificate that is valid from yesterday on.

    Args:
        subject: whose it is.
        key: the key pair of the subject.
        issuer: who issues it.
        issuer_key: the key pair of the issuer.
        use: one of ``USES`` for a person, empty for an authority.
    """
    start = datetime.datetime.now(datetime.UTC).replace(microsecond=0) - datetime.timedelta(1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(DAYS))
        .add_extension(x509.BasicConstraints(not use, None), critical=True)
        # voms-proxy-init (C++) makes no proxy from a certificate without this identifier.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .add_extension(key_usage(key, bool(use)), critical=True)
    )
    if use:
        address = x509.RFC822Name("anna@example.org")
        policies = [x509.PolicyInformation(ObjectIdentifier(oid), None) for oid in POLICIES]
        builder = (
            builder.add_extension(x509.ExtendedKeyUsage([USES[use]]), critical=False)
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.CertificatePolicies(policies), critical=False)
        )
    return builder.sign(issuer_key, hashes.SHA256())


def key_usage(key, is_person: bool) -> x509.KeyUsage:
    """Return what a key may be used for: only RSA encrypts (RFC 3279, 2.3.1; RFC 5480, 3).

    Args:
        key: the key pair.
        is_person: whether it is a person's, not an authority's.
    """
    return x509.KeyUsage(
        digital_signature=is_person,
        content_commitment=False,
        key_encipherment=is_person and isinstance(key, rsa.RSAPrivateKey),
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not is_person,
        crl_sign=not is_person,
        encipher_only=False,
        decipher_only=False,
    )


@cache
def personal(key: str, use: str) -> x509.Certificate:
    """Return a person's certificate, for a kind of key and a use."""
    issuer, issuer_key = authorities()[0]
    return certificate(name(*PERSON), private_key(key), issuer.subject, issuer_key, use)

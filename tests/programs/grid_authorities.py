"""What the grid programs and servers want of the authorities, and the certificates of both ends."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from certificates import authorities, personal
from web_server import give, host


def write_authorities(folder: Path) -> None:
    """Write what the grid programs want of each authority.

    Args:
        folder: a folder that is not there yet.
    """
    folder.mkdir(parents=True)
    for authority, key in authorities():
        write_authority(folder, authority, key)


def write_authority(folder: Path, authority: x509.Certificate, key: RSAPrivateKey) -> None:
    """Write what the grid programs want of an authority, under the names that they look for.

    The names are hashes of the subject: openssl-x509(1) has two, as some programs still look
    for the older one. Beside the certificate lie the list of those that it has revoked, and
    which subjects it may sign, for Globus and in the newer format.

    Args:
        folder: what the machine knows of the authorities.
        authority: the certificate of the authority.
        key: its key.
    """
    now = datetime.now(UTC)
    pem = authority.public_bytes(Encoding.PEM)
    lists = x509.CertificateRevocationListBuilder().issuer_name(authority.subject)
    lists = lists.last_update(now - timedelta(1)).next_update(now + timedelta(30))
    contents = {
        "0": pem,
        "r0": lists.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM),
        "signing_policy": (
            f"access_id_CA X509 '{subject(authority)}'\npos_rights globus CA:sign\n"
            "cond_subjects globus '\"*\"'\n"
        ).encode(),
        "namespaces": f'TO Issuer "{subject(authority)}" PERMIT Subject ".*"\n'.encode(),
    }
    for option in ("-subject_hash", "-subject_hash_old"):
        for ending, content in contents.items():
            (folder / f"{printed(pem, option)}.{ending}").write_bytes(content)


def printed(pem: bytes, *options: str) -> str:
    """Return what OpenSSL prints about a certificate."""
    command = ["openssl", "x509", "-noout", *options]
    done = subprocess.run(command, input=pem, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().strip()


def subject(certificate: x509.Certificate) -> str:
    """Return the subject of a certificate as the grid writes it, with slashes."""
    pem = certificate.public_bytes(Encoding.PEM)
    return printed(pem, "-subject", "-nameopt", "compat").removeprefix("subject=")


def person() -> x509.Certificate:
    """Return the certificate of the reader."""
    return personal("RSA 2048", "grid")


def write_host_certificate(folder: Path) -> tuple[Path, Path]:
    """Write the certificate of the server and its key.

    Args:
        folder: where to write them, if they are not there yet.

    Returns:
        Their paths; both belong to the ordinary user, whom the servers run as.
    """
    certificate, key = host()
    paths = folder / "host.pem", folder / "host.key"
    if not paths[1].exists():
        paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
        paths[1].touch(0o600)
        paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        paths[1].chmod(0o400)
        give(*paths)
    return paths

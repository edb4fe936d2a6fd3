"""The proxy that a program has made: what it is, and what it must be."""

import re
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID, ObjectIdentifier

from grid_authorities import person

# The extension of a certificate in which VOMS puts what it grants: voms/src/ac/newformat.h.
ATTRIBUTES = ObjectIdentifier("1.3.6.1.4.1.8005.100.100.5")
# proxyCertInfo, which makes a proxy one of RFC 3820: older kinds lack it.
PROXY_INFO = ObjectIdentifier("1.3.6.1.5.5.7.1.14")
# How long a proxy is valid unless more is asked for.
HOURS = 12


@dataclass(frozen=True)
class Proxy:
    """A proxy that a program has made.

    Attributes:
        mode: the mode of its file.
        certificate: the certificate of the proxy.
        issuer: that of its owner.
        key: the key of the proxy.
    """

    mode: int
    certificate: x509.Certificate
    issuer: x509.Certificate
    key: PrivateKeyTypes

    @property
    def hours(self) -> float:
        """How long it is still valid."""
        left = self.certificate.not_valid_after_utc - datetime.now(UTC)
        return left.total_seconds() / 3600

    @property
    def granted(self) -> bool:
        """Whether it holds what a virtual organisation has granted."""
        return any(one.oid == ATTRIBUTES for one in self.certificate.extensions)


def read_proxy(path: Path) -> Proxy:
    """Read the file of a proxy: its certificate, its key, then who issued it (RFC 3820)."""
    parts = re.findall(rb"-----BEGIN .*?-----END [^\n]*\n", path.read_bytes(), re.DOTALL)
    certificate, key, issuer = parts[:3]
    return Proxy(
        stat.S_IMODE(path.stat().st_mode),
        x509.load_pem_x509_certificate(certificate),
        x509.load_pem_x509_certificate(issuer),
        load_pem_private_key(key, None),
    )


def unfit(proxy: Proxy) -> str:
    """Return what is wrong with a proxy of the reader, or nothing."""
    *owner, last = proxy.certificate.subject.rdns
    if proxy.mode != 0o600:
        return f"others may read it ({proxy.mode:o})"
    if proxy.issuer != person():
        return "the certificate of its issuer is not the reader's"
    if (
        x509.Name(owner) != person().subject
        or last.get_attributes_for_oid(NameOID.COMMON_NAME) == []
    ):
        return f"its subject is {proxy.certificate.subject.rfc4514_string()}"
    if all(one.oid != PROXY_INFO for one in proxy.certificate.extensions):
        return "it is of an older kind than that of RFC 3820"
    if proxy.key.public_key() != proxy.certificate.public_key():
        return "its key does not fit"
    proxy.certificate.verify_directly_issued_by(person())
    if not HOURS - 0.1 < proxy.hours <= HOURS + 0.1:
        return f"it is valid for {proxy.hours} hours"
    return ""

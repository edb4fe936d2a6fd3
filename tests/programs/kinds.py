"""The kinds of .p12 files that each program is given, to see which it reads."""

from dataclasses import replace

from homes import PASSWORD
from openssl_versions import number, own_version
from zoo import E_ACUTE, KINDS, common

# What is special about a file, and the plainest file that has it.
FILES = {kind: common(kind, PASSWORD) for kind in KINDS} | {
    "P-256": replace(common("AES-256", PASSWORD), key="P-256"),
    "accents": replace(common("AES-256", PASSWORD), password=E_ACUTE),
    "empty password": common("AES-256", ""),
}


def is_read_by_openssl(kind: str) -> bool:
    """Tell whether programs that leave the reading to OpenSSL are known to read a kind of file.

    Args:
        kind: one of ``FILES``.
    """
    version = number(own_version())
    # RC2-40 needs an option from 3.0 on. 3.4 brought PBMAC1 (RFC 9579), and 3.5 was seen to
    # read what has no MAC.
    known = {"RC2-40": version < (3,), "PBMAC1": version >= (3, 4), "no MAC": version >= (3, 5)}
    return known.get(kind, True)

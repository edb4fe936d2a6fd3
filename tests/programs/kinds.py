"""The kinds of .p12 files that each program is given, to see which it reads."""

from dataclasses import replace

import pytest

from homes import PASSWORD
from openssl_versions import fetched, number, own_version
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


def reading_version(kind: str) -> str:
    """Return the fetched OpenSSL that converts a kind of file; nothing for the machine's own.

    The test is skipped where there is none.

    Args:
        kind: one of ``FILES``.
    """
    if kind != "PBMAC1":
        return ""
    # OpenSSL reads it from 3.4 on (RFC 9579, its CHANGES.md).
    found = next((one for one in fetched() if number(one) >= (3, 4)), "")
    if not found:
        pytest.skip("run make programs, which fetches an OpenSSL that reads PBMAC1")
    return found

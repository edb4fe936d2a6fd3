"""Which .p12 files GnuPG cannot read, though the password is right: a fault of its own.

The key for 3DES is derived from the password and a random salt, by sums of 512 bits (RFC 7292,
appendix B.2, steps 6B and 6C). Where such a sum begins with a zero octet, gpgsm takes another key.
"""

import re
from hashlib import sha1
from pathlib import Path
from tempfile import TemporaryDirectory

from zoo import Specimen, with_cryptography

# pbeWithSHAAnd3-KeyTripleDES-CBC, and the start of its parameters: a salt of 8 octets, and a
# number of two.
PARAMETERS = re.compile(
    re.escape(bytes.fromhex("060a2a864886f70d010c0103")) + rb"0.\x04\x08(.{8})\x02\x02(..)",
    re.DOTALL,
)
BLOCK = 64
TRIES = 2000


def is_misread(salt: bytes, rounds: int, password: str) -> bool:
    """Tell whether gpgsm derives another key than the right one."""
    text = (password + "\0").encode("utf-16-be")
    parts = [(one * BLOCK)[: -(-len(one) // BLOCK) * BLOCK] for one in (salt, text)]
    # The first octet stands for what is derived: a key.
    digest = b"\1" * BLOCK + b"".join(parts)
    for _ in range(rounds):
        digest = sha1(digest).digest()
    step = int.from_bytes((digest * BLOCK)[:BLOCK], "big") + 1
    blocks = [part[at : at + BLOCK] for part in parts for at in range(0, len(part), BLOCK)]
    sums = [(int.from_bytes(one, "big") + step) % 2 ** (8 * BLOCK) for one in blocks]
    return any(one >> 8 * (BLOCK - 1) == 0 for one in sums)


def misread(content: bytes, password: str) -> list[bool]:
    """Return for the certificates in a file with 3DES, and for the key, if gpgsm misreads them."""
    found = PARAMETERS.findall(content)
    return [is_misread(salt, int.from_bytes(rounds, "big"), password) for salt, rounds in found]


def with_3des(specimen: Specimen, wanted: list[bool]) -> bytes:
    """Return a file whose certificates and key gpgsm misreads or not.

    Args:
        specimen: what is in it.
        wanted: as ``misread`` returns it.

    Raises:
        RuntimeError: by chance, there was no such file.
    """
    with TemporaryDirectory() as folder:
        for _ in range(TRIES):
            content = with_cryptography(specimen, Path(folder))
            if misread(content, specimen.password) == wanted:
                return content
    raise RuntimeError(f"none of {TRIES} files is as wanted")

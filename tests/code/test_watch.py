"""What lies open for a moment only is seen."""

import os
import time

import pytest

from watch import Watch

KEY = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n"


def open_before_it_is_written(folder):
    """Make a file that others can read, and close it to them when the key is in it."""
    file = folder / "key.pem"
    file.touch()
    file.chmod(0o644)
    time.sleep(0.02)
    file.write_bytes(KEY)
    file.chmod(0o600)


def open_for_a_moment(folder):
    """Let others read a key, then no more."""
    file = folder / "key.pem"
    file.touch(0o600)
    file.write_bytes(KEY)
    file.chmod(0o640)
    time.sleep(0.02)
    file.chmod(0o600)


def not_encrypted_for_a_moment(folder):
    """Write a key that is not encrypted, and delete it."""
    file = folder / "key.pem"
    file.touch(0o600)
    file.write_bytes(KEY.replace(b"ENCRYPTED ", b""))
    time.sleep(0.02)
    file.unlink()


def in_a_new_folder(folder):
    """Write a key that others can read into a folder that was not there."""
    (folder / "new").mkdir()
    time.sleep(0.02)
    open_before_it_is_written(folder / "new")


def closed(folder):
    """Write a key as it should be, where a certificate that others read was before."""
    certificate = folder / "certificate.pem"
    certificate.write_bytes(b"-----BEGIN CERTIFICATE-----\n")
    time.sleep(0.02)
    certificate.unlink()
    file = os.open(folder / "key.pem", os.O_WRONLY | os.O_CREAT, 0o600)
    os.write(file, KEY)
    os.close(file)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (open_before_it_is_written, "others could read the private key ~/key.pem (644)"),
        (open_for_a_moment, "others could read the private key ~/key.pem (640)"),
        (not_encrypted_for_a_moment, "~/key.pem holds a private key that is not encrypted"),
        (in_a_new_folder, "others could read the private key ~/new/key.pem (644)"),
        (closed, None),
    ],
)
def test_what_lies_open_is_seen(tmp_path, act, said):
    """Each instant at which others get at a key is reported, and nothing else."""
    watch = Watch(tmp_path)
    act(tmp_path)
    time.sleep(0.05)
    problems = watch.end()
    assert [problem[: len(said)] for problem in problems] == [said] if said else problems == []

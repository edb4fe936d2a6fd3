"""A printed command that does not do as printed is caught, whatever is wrong with it."""

import copy
import re
import shutil
import tempfile
from pathlib import Path

import pytest

import terminal
import test_commands
from copies import copy_repository, run_checks
from homes import PASSWORD
from transcripts import as_printed
from walks import Route, steps, walk
from zoo import common

PAGE = "convert-certificate"
DASH, SPACE = "\N{EN DASH}", "\N{NO-BREAK SPACE}"
KEY_PROMPTS = "Enter PEM pass phrase:\nVerifying - Enter PEM pass phrase:"

# What is broken when it is run: pairs of old and new text in the transcripts of the page,
# and what must be said.
BREAKS = {
    "a flag": ([("-clcerts", "-clcert")], "prints\n    pkcs12: Un"),
    "an en dash": ([("-clcerts", f"{DASH}clcerts")], "prints\n    pkcs12: "),
    "a no-break space": ([("-aes256 -out", f"-aes256{SPACE}-out")], "but the page shows"),
    "a file name": ([("-out new/userkey.pem", "-out new/userkey-x.pem")], "No such file"),
    "a folder": ([("-out new/userkey.pem", "-out x/userkey.pem")], "No such file"),
    "a prompt": ([("Enter Import Password:", "Enter Password:")], "Enter Import Password:"),
    "a prompt left out": ([(f"\n{KEY_PROMPTS}", "")], "Verifying - Enter PEM pass phrase:"),
    "a missing chmod of the key": ([("chmod 400 ready/userkey.pem", "true")], "-rw-------"),
    "a missing chmod of the certificate": ([("chmod 644 ready/usercert.pem", "true")], "-rw----"),
    "a missing umask": ([("umask 077", "true")], "set umask 077 first"),
    "a missing cd": ([("cd ~/.globus", "cd /tmp/..")], "Permission denied"),
    "an order": (
        [
            ("cd ~/.globus && rm -rf new ready && mkdir -m 700 new", "true"),
            ("chmod 644 ready/usercert.pem", "mkdir -m 700 new && chmod 644 ready/usercert.pem"),
        ],
        "-out new/usercert.pem\nends with status 1",
    ),
    "an output": ([("\nThe key fits.", "\nThe key does not fit.")], "The key fits."),
    "a silent failure": ([("chmod 644 ready/usercert.pem", "test -d x")], "status 1"),
    "a question nobody answers": ([("umask 077", "read -r -p 'Sure? '")], "waits for something"),
    "a key without passphrase": (
        [("-nocerts -aes256", "-nocerts -nodes"), (f"\n{KEY_PROMPTS}", "")],
        "~/.globus/new/userkey.pem holds a private key that is not encrypted",
    ),
    "a key others can read": (
        [("umask 077", "umask 022"), ("-nocerts -aes256 -out", "-nocerts -aes256 >")],
        "others may read the private key ~/.globus/new/userkey.pem (644)",
    ),
    "a key others can read later": (
        [
            ("chmod 400 ready/userkey.pem", "chmod 440 ready/userkey.pem"),
            ("-r--------...", "-r--r-----..."),
        ],
        "others may read the private key ~/.globus/userkey.pem (440)",
    ),
    "an old pair that is deleted": (
        [("mv usercert.pem userkey.pem old/", "rm -f usercert.pem userkey.pem")],
        "the old usercert.pem is neither in ~/.globus nor in ~/.globus/old",
    ),
    "an empty file": ([("rmdir ready", "rmdir ready; touch empty.pem")], "empty.pem is empty"),
}
# What no command may hold, whatever it does.
HARM = {
    "openssl pkcs12 -in a.p12 -passin pass:secret -out b.pem": "holds a password",
    "keytool -list -storepass secret -keystore a.p12": "holds a password",
    "openssl pkcs12 -in a.p12 -nodes -out b.pem": "writes a private key that is not encrypted",
    "openssl pkcs12 -in a.p12 -noenc -out b.pem": "writes a private key that is not encrypted",
    "openssl pkcs12 -in a.p12 -nocerts > b.pem": "writes a key with >",
    f"openssl pkcs12 {DASH}in a.p12": "holds a typographic dash",
    f"openssl pkcs12{SPACE}-in a.p12": "holds a no-break space",
    "echo “a”": "holds typographic quotation marks",
    "ls -l # look": "holds a comment",
}


@pytest.fixture
def home():
    """A home folder that an ordinary user can get to."""
    folder = Path(tempfile.mkdtemp(prefix="home-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize(("changes", "said"), BREAKS.values(), ids=BREAKS.keys())
def test_broken_transcript_is_caught(guide, home, monkeypatch, changes, said):
    """The block that is broken fails, and the message shows what happened."""
    monkeypatch.setattr(terminal, "SECONDS", 3)
    chosen = copy.deepcopy(steps(guide, PAGE))
    changed = set()
    for block in chosen:
        text = "\n".join("\n".join([f"$ {one.typed}", *one.shown]) for one in block.commands)
        for old, new in changes:
            if old in text:
                changed.add(old)
                text = text.replace(old, new)
        for command, lines in zip(
            block.commands, re.split(r"^\$ ", text, flags=re.M)[1:], strict=True
        ):
            command.typed, *command.shown = lines.rstrip("\n").split("\n")
    assert changed == {old for old, _ in changes}
    done = walk(guide, Route(PAGE, common("AES-256", PASSWORD)), home, chosen=chosen)
    assert said in done.problem
    assert not done.finished


@pytest.mark.extended
def test_versions_that_are_missing_are_named(tmp_path):
    """Without the other versions of OpenSSL, the summary says that they were not tried."""
    done = run_checks(copy_repository(tmp_path / "guide"), "tests/guide/test_build.py", "-x")
    assert done.returncode == 0, done.stdout
    assert re.search(r"only \w+SSL [\w.]+ was tried, which this machine has", done.stdout)
    assert "make programs fetches other versions of OpenSSL" in done.stdout


@pytest.mark.parametrize(("command", "said"), HARM.items(), ids=HARM.values())
def test_harmful_command_is_caught(command, said):
    """What no printed command may hold is named."""
    assert said in test_commands.harm(command)


@pytest.mark.parametrize(
    ("expected", "shown", "same"),
    [
        ("", "", True),
        ("", "something", False),
        ("x=...", "x=1", True),
        ("x=...", "x=1\ny=2", False),
        ("a\n...\nz", "a\nb\nc\nz", True),
        ("a\n...\nz", "a\nz", True),
        ("a\n...\nz", "a\nb\nc", False),
        ("a\n", "a\n", True),
        ("a.c", "abc", False),
    ],
)
def test_dots_stand_for_what_differs(expected, shown, same):
    """Dots stand for anything on a line; alone on a line, for any lines."""
    assert as_printed(expected, shown) is same

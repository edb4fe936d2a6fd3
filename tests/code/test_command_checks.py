"""A printed command that does not do as printed is caught, whatever is wrong with it."""

import copy
import shutil
import tempfile
from pathlib import Path

import pytest

import terminal
import test_commands

PAGE = "convert-certificate"
DASH, SPACE = "\N{EN DASH}", "\N{NO-BREAK SPACE}"
KEY_PROMPTS = "Enter PEM pass phrase:\nVerifying - Enter PEM pass phrase:"

# What is broken: pairs of old and new text in the transcripts, and what must be said.
BREAKS = {
    "a flag": ([("-clcerts", "-clcert")], "prints\n    pkcs12: Un"),
    "an en dash": ([("-clcerts", f"{DASH}clcerts")], "prints\n    pkcs12: "),
    "a no-break space": ([("-nocerts -out", f"-nocerts{SPACE}-out")], "but the page shows"),
    "a file name": ([("-out userkey-new.pem", "-out userkey-nwe.pem")], "No such file"),
    "a prompt": ([("Enter Import Password:", "Enter Password:")], "Enter Import Password:"),
    "a prompt left out": ([(f"\n{KEY_PROMPTS}", "")], "Verifying - Enter PEM pass phrase:"),
    "a missing chmod": ([("chmod 400 userkey-new.pem", "true")], "-rw-------"),
    "a missing cd": ([("cd ~/.globus", "cd /")], "Permission denied"),
    "an output": ([("\nThe key fits.", "\nThe key does not fit.")], "The key fits."),
    "a silent failure": ([("chmod 644 usercert-new.pem", "test -d usercert-new.pem")], "status 1"),
    "a question nobody answers": ([("umask 077", "read -r -p 'Sure? '")], "waits for something"),
    "a key without passphrase": (
        [("-nocerts", "-nocerts -nodes"), (f"\n{KEY_PROMPTS}", "")],
        "~/.globus/userkey-new.pem holds a private key that is not encrypted",
    ),
    "a key others can read": (
        [("umask 077", "umask 022"), ("-nocerts -out", "-nocerts >")],
        "others may read the private key ~/.globus/userkey-new.pem (644)",
    ),
    "an empty file": (
        [("grep BEGIN userkey-new.pem", "grep BEGIN userkey-new.pem; touch empty.pem")],
        "~/.globus/empty.pem is empty",
    ),
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
    blocks = copy.deepcopy(test_commands.blocks(guide, PAGE, "en"))
    changed = set()
    for block in blocks:
        for command in block.commands:
            text = "\n".join([command.typed, *command.shown])
            for old, new in changes:
                if old in text:
                    changed.add(old)
                    text = text.replace(old, new)
            command.typed, *command.shown = text.split("\n")
    assert changed == {old for old, _ in changes}
    problems = test_commands.run_blocks(f"source/{PAGE}.rst", blocks, home).problems
    failed = [problem for problem in problems.values() if problem]
    assert said in failed[0]
    assert all(problem.startswith("not run, because") for problem in failed[1:])


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
    assert test_commands.as_printed(expected, shown) is same

"""Each printed command is run, as printed, with the real tool, and does what is printed."""

import re
import stat
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
from cryptography.x509 import load_pem_x509_certificates
from docutils import nodes

from certificates import make_p12
from forks import commit, make_fork, make_upstream
from guide import Guide
from results import Result, judged_by
from terminal import Terminal

PASSWORD = "correct horse 15 $taples"
PASSPHRASE = "a passphrase of my own"
# What the tests type at each prompt of the pages. A verification stands before what it
# repeats, because it ends with the same words.
ANSWERS = {
    r"Enter Import Password:": PASSWORD,
    r"Verifying - Enter PEM pass phrase:": PASSPHRASE,
    r"Enter PEM pass phrase:": PASSPHRASE,
    r"Enter pass phrase for [\w.-]+:": PASSPHRASE,
}
# The page whose reader has a fork of the guide.
FOR_ADMINS = "make-it-yours"
# Languages of blocks in which a command may hide; console is the one to use.
SHELLS = {"bash", "sh", "zsh", "ksh", "fish", "csh", "tcsh", "shell", "shell-session"}
SHELLS |= {"default", "none", "text", "bat", "batch", "doscon", "powershell", "pwsh", "ps1con"}


@dataclass
class Command:
    """A command as printed, the line it stands on, and what the page shows after it."""

    line: int
    typed: str
    shown: list[str] = field(default_factory=list)


@dataclass
class Block:
    """A command block of a page; one that says so is not run."""

    line: int
    commands: list[Command]
    is_run: bool = True


# -- What is printed ----------------------------------------------------------------------


def blocks(guide: Guide, page: str, language: str) -> list[Block]:
    """Return the command blocks that a page shows, in their order."""
    found = []
    for node in guide.doctree(page, language).findall(nodes.literal_block):
        if node.get("language") == "console":
            text = node.astext().split("\n")
            start = line_of(guide.source(page), text[0], node.line or 1)
            is_run = "not-tried" not in node["classes"]
            found.append(Block(start, commands(text, start), is_run))
    return found


def line_of(lines: list[str], first: str, after: int) -> int:
    """Return the number of the line where a block starts, at or after the directive's own."""
    numbers = (n for n, line in enumerate(lines, 1) if n >= after and line.strip() == first.strip())
    return next(numbers, after)


def commands(lines: list[str], start: int) -> list[Command]:
    """Split a transcript into commands and what they print."""
    found: list[Command] = []
    for number, line in enumerate(lines, start):
        if line.startswith("$ "):
            found.append(Command(number, line[2:]))
        elif found:
            found[-1].shown.append(line)
        else:
            found.append(Command(number, "", [line]))
    return found


def printed(guide: Guide):
    """Yield a result for each command of the source: is it in a block of the built page?"""
    for page in guide.pages:
        written = [
            (number, line.strip()[2:])
            for number, line in enumerate(guide.source(page), 1)
            if re.match(r"\s*(\.\. )?\s*\$ ", line)
        ]
        for language in guide.languages:
            there = [c.typed for block in blocks(guide, page, language) for c in block.commands]
            for number, typed in written:
                problem = ""
                if typed in there:
                    there.remove(typed)
                else:
                    problem = (
                        f"{guide.source_name(page)}:{number}: the published page does not show "
                        "this command. Put it into a block “.. code-block:: console”, with an "
                        "empty line above it and indented by three spaces"
                    )
                yield Result(f"{page}.rst: shows $ {typed} [{language}]", problem)


def marked(guide: Guide):
    """Yield a result for each block of text as it is: does a command hide in it?"""
    for page in guide.pages:
        for node in guide.doctree(page, "en").findall(nodes.literal_block):
            where = f"{guide.source_name(page)}:{node.line}"
            first = node.astext().split("\n")[0]
            problem = ""
            if node.get("language") == "console":
                if not first.startswith("$ "):
                    problem = f"{where}: start the block with “$ ” and what is typed"
                elif re.search(r"^\$ .*\\$", node.astext(), re.MULTILINE):
                    problem = f"{where}: write a command on one line, without \\ at its end"
            elif node.get("language", "default") in SHELLS:
                problem = f"{where}: write “.. code-block:: console”, so that the tests run it"
            yield Result(f"{page}.rst: block “{first}”", problem)


# -- What happens -------------------------------------------------------------------------


@cache
def personal_file(year: int) -> bytes:
    """Return the .p12 file of a year, made once: the keys take their time."""
    return make_p12(PASSWORD)


def prepare(home: Path) -> dict[str, bytes]:
    """Put into a home folder what a reader has: the downloaded file, and last year's pair.

    Returns:
        The contents of the pair, by the names of its files.
    """
    downloads, globus = home / "Downloads", home / ".globus"
    downloads.mkdir()
    globus.mkdir(0o700)
    (downloads / "Certificate.p12").write_bytes(personal_file(2026))
    key, certificate, _ = load_key_and_certificates(personal_file(2025), PASSWORD.encode())
    encryption = BestAvailableEncryption(PASSPHRASE.encode())
    old = {
        "usercert.pem": (certificate.public_bytes(Encoding.PEM), 0o644),
        "userkey.pem": (key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption), 0o400),
    }
    for name, (content, mode) in old.items():
        (globus / name).write_bytes(content)
        (globus / name).chmod(mode)
    return {name: content for name, (content, _) in old.items()}


@dataclass
class Run:
    """What happened when the blocks of a page were run, in order, in one shell."""

    problems: dict[int, str]
    home: Path
    old: dict[str, bytes]


def run_blocks(
    source: str, printed_blocks: list[Block], home: Path, answers: dict[str, str] = ANSWERS
) -> Run:
    """Run the command blocks of a page; stop at the first that does not do as printed.

    Args:
        source: where the page was written, for the messages.
        printed_blocks: its blocks.
        home: a folder with nothing in it but what the page alone needs.
        answers: what to type at each prompt.
    """
    old = prepare(home)
    terminal = Terminal(home, answers)
    terminal.own(*home.rglob("*"))
    problems: dict[int, str] = {}
    stopped = ""
    for block in filter(lambda block: block.is_run, printed_blocks):
        problem = stopped or run_block(terminal, source, block)
        problems[block.line] = problem
        if problem and not stopped:
            stopped = f"not run, because the block at {source}:{block.line} failed"
    terminal.close()
    return Run(problems, home, old)


def run_block(terminal: Terminal, source: str, block: Block) -> str:
    """Type the commands of a block; return the first thing that is not as printed, if any."""
    for command in block.commands:
        here = f"{source}:{command.line}: $ {command.typed}"
        status, shown = terminal.type(command.typed)
        expected = "\n".join(command.shown)
        if not as_printed(expected, shown):
            ends = "" if status is not None else "\nand then waits for something"
            return (
                f"{here}\nprints\n{indent(shown)}{ends}\nbut the page shows\n{indent(expected)}\n"
                "Correct the command or what the page shows; write ... for what differs"
            )
        if status is None:
            return (
                f"{here}\nwaits for something, or ends the shell. If it asks a question, add the "
                "prompt and its answer to ANSWERS in tests/guide/test_commands.py (in a fork: to "
                "local/answers.toml)"
            )
        if status != 0:
            return f"{here}\nends with status {status}. A printed command must succeed: correct it"
    problem = exposed(terminal.home)
    return f"{source}:{block.line}: after this block, {problem}" if problem else ""


def as_printed(expected: str, shown: str) -> bool:
    """Tell whether a program printed what the page shows.

    ``...`` stands for anything on a line; alone on a line, for any lines, or none.
    """
    pattern = ""
    for line in expected.strip("\n").split("\n"):
        pieces = [re.escape(piece) for piece in line.split("...")]
        pattern += r"(?:[^\n]*\n)*?" if line == "..." else r"[^\n]*?".join(pieces) + r"\n"
    return re.fullmatch(pattern, shown.strip("\n") + "\n") is not None


def indent(text: str) -> str:
    """Return text as it stands in a message."""
    return "\n".join(f"    {line}" for line in text.strip("\n").split("\n"))


def exposed(home: Path) -> str:
    """Return which file lets others get at a private key, or is empty; or nothing."""
    for path in sorted(home.rglob("*")):
        if not path.is_file():
            continue
        mode, content = stat.S_IMODE(path.stat().st_mode), path.read_bytes()
        name = f"~/{path.relative_to(home)}"
        if not content:
            return f"{name} is empty: correct the command that writes it"
        # RFC 7468: a label at the start of a line.
        if kinds := re.findall(rb"^-----BEGIN ([A-Z ]*)PRIVATE KEY-----", content, re.MULTILINE):
            if set(kinds) != {b"ENCRYPTED "}:
                return f"{name} holds a private key that is not encrypted: do not write it so"
            if mode & 0o077:
                return f"others may read the private key {name} ({mode:o}): set umask 077 first"
    return ""


@cache
def run(guide: Guide, page: str) -> Run:
    """Run a page once, in a home folder of its own."""
    home = Path(tempfile.mkdtemp(prefix="home-", dir=guide.folder))
    if page == FOR_ADMINS:
        upstream = make_upstream(guide.root, home / "upstream")
        make_fork(upstream, home / "guide")
        (upstream / "NEWS").write_text("Our later work.\n")
        commit(upstream, "Add our later work")
    printed_blocks = blocks(guide, page, "en")
    return run_blocks(guide.source_name(page), printed_blocks, home, guide.answers | ANSWERS)


def runnable(guide: Guide):
    """Yield each command block, to be run."""
    for page in guide.pages:
        for block in filter(lambda block: block.is_run, blocks(guide, page, "en")):
            yield Ran(f"{page}.rst: run $ {block.commands[0].typed}", guide, page, block)


@dataclass(frozen=True)
class Ran:
    """A command block as a result: it is run when it is asked for."""

    name: str
    guide: Guide
    page: str
    block: Block

    def report(self) -> None:
        """Run the page, if that has not been done, and fail if this block failed."""
        problem = run(self.guide, self.page).problems[self.block.line]
        if problem:
            pytest.fail(problem, pytrace=False)


@judged_by(printed)
def test_command_is_published(result):
    """A command of the source is in a block of the page, in each language."""
    result.report()


@judged_by(marked)
def test_block_is_marked(result):
    """A block that holds commands says so, and starts with one."""
    result.report()


@judged_by(runnable)
def test_command_does_as_printed(result):
    """The commands of a block succeed, and print what the page shows."""
    result.report()


def test_conversion_gives_a_pair(guide):
    """After the conversion, the pair is in place, fits, and the old one is kept."""
    done = run(guide, "convert-certificate")
    if any(done.problems.values()):
        pytest.fail("not judged, because a block of convert-certificate.rst failed", pytrace=False)
    globus = done.home / ".globus"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in globus.iterdir()}
    assert modes == {
        "usercert.pem": 0o644,
        "userkey.pem": 0o400,
        "usercert-old.pem": 0o644,
        "userkey-old.pem": 0o400,
    }
    certificates = load_pem_x509_certificates((globus / "usercert.pem").read_bytes())
    key = load_pem_private_key((globus / "userkey.pem").read_bytes(), PASSPHRASE.encode())
    assert [certificate.public_key() for certificate in certificates] == [key.public_key()]
    for name, content in done.old.items():
        assert (globus / name.replace(".", "-old.")).read_bytes() == content

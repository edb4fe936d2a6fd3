"""Follow a page as a reader does: block after block, in one shell, with one downloaded file."""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from sphinx import addnodes

import homes
from evidence import ANNOUNCED, FAILS, WORKS
from guide import Guide
from homes import PASSPHRASE, PASSWORD
from openssl_versions import openssl_folder
from terminal import Terminal
from transcripts import Block, Command, as_printed, blocks, indent
from zoo import Specimen

PRINTED_FILE = "~/Downloads/Certificate.p12"
# What goes wrong by the reader's own doing, with what is answered then, by its prompt.
FAULTS: dict[str, dict[str, str]] = {
    "wrong-password": {r"Enter Import Password:": "not the password"},
    "short-passphrase": {r"Enter PEM pass phrase:": "abc"},
    "verify-failure": {r"Verifying - Enter PEM pass phrase:": "another passphrase"},
    "second-renewal": {},
}
# The Debian packages of programs that a machine may lack.
PROGRAMS = {"keytool": "default-jre-headless"}


def answers(password: str) -> dict[str, str]:
    """Return what is typed at each prompt of the pages.

    A verification stands before what it repeats, because it ends with the same words.

    Args:
        password: that of the downloaded file.
    """
    return {
        r"Enter Import Password:": password,
        r"Verifying - Enter PEM pass phrase:": PASSPHRASE,
        r"Enter PEM pass phrase:": PASSPHRASE,
        r"Enter pass phrase for [^\n]+:": PASSPHRASE,
        r"Verifying - Enter Export Password:": PASSWORD,
        r"Enter Export Password:": PASSWORD,
        r"Enter source keystore password:": password,
        r"Enter destination keystore password:": PASSWORD,
        r"Re-enter new password:": PASSWORD,
        r"Enter keystore password:": PASSWORD,
    }


@dataclass(frozen=True)
class Route:
    """How a page is followed.

    Attributes:
        page: the page.
        specimen: the downloaded file.
        way: the name of the way, if it is another than the page's own.
        fault: what the reader does wrong.
        openssl: the version to use, if not the machine's.
        shell: the shell.
        locale: its locale.
        old: whether there is a pair of last year.
    """

    page: str
    specimen: Specimen
    way: str = ""
    fault: str = ""
    openssl: str = ""
    shell: str = "bash"
    locale: str = "C.UTF-8"
    old: bool = True

    @property
    def name(self) -> str:
        """What distinguishes the route, for the name of a test."""
        parts = [self.page, self.way, self.openssl, self.shell, self.locale]
        parts += [self.fault or self.specimen.name, "" if self.old else "no old pair"]
        return ", ".join(part for part in parts if part)

    @property
    def labels(self) -> set[str]:
        """The names of what may go wrong, as in the class of a block."""
        file = self.specimen
        names = {file.encryption, file.kind, file.profile}
        names |= set() if file.local_key_id else {"no localKeyID"}
        names |= set() if file.mac else {"no MAC"}
        return {self.fault} if self.fault else {slug(name) for name in names}


def slug(kind: str) -> str:
    """Return the name of a kind of file as it stands in the class of a block."""
    return re.sub(r"[^a-z0-9]+", "-", kind.lower())


@dataclass
class Walk:
    """What happened on a route.

    Attributes:
        problem: the first thing that was not as printed.
        failed: the block that it happened in.
        results: what became of each block that was tried.
        announced: the block that shows what went wrong, if it did as the pages say.
        finished: whether the last step was reached.
        lacks: what this machine lacks to go on.
    """

    home: Path
    problem: str = ""
    failed: Block | None = None
    results: list[tuple[Block, str]] = field(default_factory=list)
    announced: Block | None = None
    finished: bool = False
    lacks: str = ""


def ways(guide: Guide, page: str) -> list[str]:
    """Return the ways that a page shows; its own is the empty name."""
    names = {name for block in blocks(guide, page) for name in block.names("way")}
    own = any(block.is_step for block in blocks(guide, page))
    return ([""] if own else []) + sorted(names)


def steps(guide: Guide, page: str, way: str = "") -> list[Block]:
    """Return the blocks of a way, in their order."""
    if way:
        return [block for block in blocks(guide, page) if way in block.names("way")]
    return [block for block in blocks(guide, page) if block.is_step]


def with_role(guide: Guide, role: str, name: str) -> list[Block]:
    """Return the blocks of all pages that show an error, or its cure."""
    return [
        block
        for page in guide.pages
        for block in blocks(guide, page)
        if name in block.names(role) and block.is_run
    ]


def walk(
    guide: Guide,
    route: Route,
    home: Path,
    extra: dict[str, str] | None = None,
    chosen: list[Block] | None = None,
) -> Walk:
    """Follow a page; stop at the first block that does not do as printed.

    Where a step goes wrong in the way that a page announces for this file or this fault,
    the cure that the page prints is typed, and the steps go on behind it.

    Args:
        guide: the guide.
        route: how to follow the page.
        home: a folder that holds nothing but what the page alone needs.
        extra: what to type at prompts of an overlay's own.
        chosen: the blocks to follow, if not those of the page.
    """
    done = Walk(home)
    homes.prepare(home, route.specimen, route.old, route.fault == "second-renewal")
    download(guide, route.page, home / "Downloads")
    typed = (extra or {}) | answers(route.specimen.password) | FAULTS.get(route.fault, {})
    terminal = Terminal(home, typed, route.shell, openssl_folder(route.openssl), route.locale)
    terminal.own(*home.rglob("*"))
    try:
        follow(guide, route, terminal, done, chosen or steps(guide, route.page, route.way))
    finally:
        terminal.close()
    return done


def download(guide: Guide, page: str, folder: Path) -> None:
    """Put what a page offers for download into a folder, as a browser does."""
    for node in guide.doctree(page, "en").findall(addnodes.download_reference):
        folder.mkdir(exist_ok=True)
        (folder / Path(node["reftarget"]).name).write_bytes(
            (guide.root / "source" / node["reftarget"]).read_bytes()
        )


def follow(guide: Guide, route: Route, terminal: Terminal, done: Walk, chosen: list[Block]) -> None:
    """Type blocks into a terminal, and note in a walk what happens."""
    written: set[str] = set()
    for block in chosen:
        # What the cure has written need not be written again.
        is_written = outputs(block) and outputs(block) <= written
        if is_written or (not route.old and "if-old" in block.roles) or not block.is_run:
            continue
        if lacks := missing(block):
            done.lacks = lacks
            return
        problem, command, shown = type_block(terminal, block, route)
        announced = command and announcement(guide, route, command, shown)
        if announced:
            done.results += [(block, ANNOUNCED), (announced, ANNOUNCED)]
            done.announced = announced
            names = announced.names("error") & route.labels
            cures = [
                cure
                for name in sorted(names)
                for cure in with_role(guide, "cure", name)
                if cure.names("way") == ({route.way} if route.way else set())
            ]
            if not cures:
                return
            for cure in cures:
                block = cure
                problem, _, _ = type_block(terminal, cure, route)
                done.results.append((cure, FAILS if problem else WORKS))
                written |= outputs(cure)
        else:
            done.results.append((block, FAILS if problem else WORKS))
        if problem:
            done.problem, done.failed = problem, block
            return
    lost = homes.lost(done.home) if route.old else ""
    lost = lost or homes.lost_download(done.home, route.specimen)
    if problem := lost or homes.empty(done.home):
        done.problem, done.failed = f"{block.place}: after this block, {problem}", block
        # Which block did it is not known: none has worked.
        done.results = [(one, FAILS) for one, _ in done.results]
        return
    done.finished = True


def put_back(guide: Guide, home: Path) -> int | None:
    """Type the command that puts the old pair back, as a page prints it.

    Args:
        guide: the guide.
        home: the home folder of a reader who was stopped.

    Returns:
        The exit status of the command.
    """
    (undo,) = [b for page in guide.pages for b in blocks(guide, page) if "undo" in b.roles]
    (command,) = undo.commands
    terminal = Terminal(home, {})
    terminal.own(*home.rglob("*"))
    status, _ = terminal.type(command.typed)
    terminal.close()
    return status


def outputs(block: Block) -> set[str]:
    """Return the files that the commands of a block write."""
    return {name for one in block.commands for name in re.findall(r" -out (\S+)", one.typed)}


def missing(block: Block) -> str:
    """Return what a machine lacks to run a block, or nothing."""
    for command in block.commands:
        package = PROGRAMS.get(command.typed.split(" ")[0])
        if package and not shutil.which(command.typed.split(" ")[0]):
            return f"install the Debian package {package}"
    return ""


def announcement(guide: Guide, route: Route, command: Command, shown: str) -> Block | None:
    """Return the block that says that a command goes wrong just so, if any."""
    shown_errors = {
        block.place: block for name in route.labels for block in with_role(guide, "error", name)
    }
    for block in shown_errors.values():
        first = block.commands[0]
        if essence(first.typed) == essence(command.typed) and as_printed(
            "\n".join(first.shown), shown
        ):
            return block
    return None


def essence(command: str) -> str:
    """Return the part of a command that goes wrong or not, whatever file it reads."""
    last = command.split(" && mv ")[0].split(" | ")[-1]
    return re.sub(r"( -in )\S+", r"\1", last)


def type_block(terminal: Terminal, block: Block, route: Route) -> tuple[str, Command | None, str]:
    """Type the commands of a block.

    Returns:
        The first thing that is not as printed, the command that did it, and what was shown.
    """
    before = set(homes.keys(terminal.home))
    for command in block.commands:
        here = f"{block.source}:{command.line}: $ {command.typed}"
        status, shown = terminal.type(command.typed.replace(PRINTED_FILE, printed(route.specimen)))
        expected = "\n".join(command.shown)
        if not as_printed(expected, shown, terminal.prompts):
            ends = "" if status is not None else "\nand then waits for something"
            problem = (
                f"{here}\nprints\n{indent(shown)}{ends}\nbut the page shows\n{indent(expected)}\n"
                "Correct the command or what the page shows; write ... for what differs"
            )
            return problem, command, shown
        if status is None:
            problem = (
                f"{here}\nwaits for something, or ends the shell. If it asks a question, add the "
                "prompt and its answer to answers() in tests/guide/walks.py (in a fork: to "
                "local/answers.toml)"
            )
            return problem, command, shown
        if status != 0:
            problem = (
                f"{here}\nends with status {status}. A printed command must succeed: correct it"
            )
            return problem, command, shown
    problem = homes.exposed(terminal.home)
    # OpenSSL 3 writes keys for its owner alone in any case; LibreSSL, on macOS, does not.
    writes = any(re.search(r"\b(openssl|keytool|cp) ", one.typed) for one in block.commands)
    if not problem and writes and set(homes.keys(terminal.home)) - before:
        _, mask = terminal.type("umask")
        if int(mask, 8) & 0o077 != 0o077:
            problem = "the files of this terminal can be read by others: set umask 077 first"
    return (f"{block.place}: after this block, {problem}" if problem else ""), None, ""


def printed(specimen: Specimen) -> str:
    """Return the path of the downloaded file as the page tells the reader to write it."""
    path = f"{specimen.folder}/{specimen.file_name}"
    return f"~/{path}" if re.fullmatch(r"[\w./-]+", path) else f'~/"{path}"'

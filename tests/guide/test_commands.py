"""Each printed command is run, as printed, with the real tool, and does what is printed."""

import re
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from docutils import nodes

import homes
import proofs
from forks import commit, make_fork, make_upstream
from guide import Guide
from homes import PASSWORD
from openssl_versions import ROOT
from results import Result, judged_by
from transcripts import Block, blocks
from walks import FAULTS, Route, Walk, put_back, slug, steps, walk, ways, with_role
from zoo import KINDS, Missing, common

# The page whose reader has a fork of the guide.
FOR_ADMINS = "make-it-yours"
# Languages of blocks in which a command may hide; console is the one to use.
SHELLS = {"bash", "sh", "zsh", "ksh", "fish", "csh", "tcsh", "shell", "shell-session"}
SHELLS |= {"default", "none", "text", "bat", "batch", "doscon", "powershell", "pwsh", "ps1con"}
# What no printed command may hold, and why.
FORBIDDEN = {
    r"[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]": "holds a no-break space: write a blank",
    r"[\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}]": "holds a typographic dash: write a hyphen",
    r"[“”‘’«»]": "holds typographic quotation marks: write straight ones",
    r"\bpass:|-storepass\b|-keypass\b|-srcstorepass\b|-deststorepass\b|curl .*-u \S+:": (
        "holds a password, which others on the machine can see: let the program ask for it"
    ),
    r"\bpk12util\b.* -[WKwk] |\bcurl\b.* (--pass\b|--cert \S+:)|--password\b|-pass(in|out)\b": (
        "holds a password, which others on the machine can see: let the program ask for it"
    ),
    r"\bcurl\b.* (-\w*k\w*|--insecure)\b": "asks a server that may be another: leave this out",
    r"-(nodes|noenc)\b": "writes a private key that is not encrypted: leave this option out",
    r"-(nocerts|inkey)\b.* > ": "writes a key with >, readable by others: write it with -out",
    r" #|^#": "holds a comment, which zsh takes for a command: say it in the text",
}


# -- What is printed ----------------------------------------------------------------------


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


def harmless(guide: Guide):
    """Yield a result for each command: does it hold what no command may hold?"""
    for page in guide.pages:
        for block in blocks(guide, page):
            for command in block.commands:
                problem = harm(command.typed)
                yield Result(
                    f"{page}.rst: harmless $ {command.typed}",
                    f"{block.source}:{command.line}: $ {command.typed}\n{problem}"
                    if problem
                    else "",
                )


def harm(command: str) -> str:
    """Return what a command holds that no printed command may hold, or nothing."""
    return next((why for what, why in FORBIDDEN.items() if re.search(what, command)), "")


# -- What happens -------------------------------------------------------------------------


@cache
def run(guide: Guide, route: Route) -> Walk:
    """Follow a page once, in a home folder of its own, and keep what it proves."""
    home = Path(tempfile.mkdtemp(prefix="home-", dir=guide.folder))
    if route.page == FOR_ADMINS:
        upstream = make_upstream(guide.root, home / "upstream")
        make_fork(upstream, home / "guide")
        (upstream / "NEWS").write_text("Our later work.\n")
        commit(upstream, "Add our later work")
    done = walk(guide, route, home, guide.answers)
    # Our own tests also follow pages that they have made.
    if guide.root == ROOT:
        proofs.keep(route, done)
    return done


def routes(guide: Guide, block: Block) -> list[Route]:
    """Return the routes on which a block is met."""
    plain = common("AES-256", PASSWORD)
    if block.is_step:
        return [Route(block.page, plain)]
    found = [Route(block.page, plain, way=name) for name in sorted(block.names("way"))]
    for name in sorted(block.names("error") | block.names("cure")):
        found += [labelled(page, way, name) for page, way in goes_wrong(guide, block, name)]
    return found


def labelled(page: str, way: str, name: str) -> Route:
    """Return the route on which a way goes wrong as a name says."""
    if name in FAULTS:
        return Route(page, common("AES-256", PASSWORD), way, fault=name)
    kind = next((kind for kind in KINDS if slug(kind) == name), None)
    if kind is None:
        known = ", ".join(sorted([*FAULTS, *map(slug, KINDS)]))
        pytest.fail(f"no kind of file and no fault is called {name}: write one of {known}", False)
    return Route(page, common(kind, PASSWORD), way)


def goes_wrong(guide: Guide, block: Block, name: str) -> list[tuple[str, str]]:
    """Return the pages and their ways that have the command that an error is shown for.

    For a cure, it is the command of the error of that name.
    """
    errors = [block] if block.names("error") else with_role(guide, "error", name)
    first = {error.commands[0].typed for error in errors}
    return [
        (page, way)
        for page in guide.pages
        for way in ways(guide, page)
        if any(one.typed in first for step in steps(guide, page, way) for one in step.commands)
    ]


def runnable(guide: Guide):
    """Yield each command block, to be run."""
    for page in guide.pages:
        for block in blocks(guide, page):
            if block.is_run and not block.needs_programs and "undo" not in block.roles:
                role = ", ".join(sorted(block.roles - {"if-old"}))
                name = f"{page}.rst: run $ {block.commands[0].typed}"
                yield Ran(f"{name} [{role}]" if role else name, guide, page, block)


@dataclass(frozen=True)
class Ran:
    """A command block as a result: it is run when it is asked for."""

    name: str
    guide: Guide
    page: str
    block: Block

    def report(self) -> None:
        """Follow the routes on which the block is met, and fail if it did not do as printed."""
        met, lacks, walks = False, "", []
        found = routes(self.guide, self.block)
        if not found:
            pytest.fail(f"{self.block.place}: no page has the command that this is about", False)
        for route in found:
            try:
                walks.append(run(self.guide, route))
            except Missing as error:
                lacks = str(error)
        # Behind an error and its cure, the page must go on as it is printed.
        is_aside = bool(self.block.names("error") | self.block.names("cure"))
        for done in walks:
            is_here = done.failed and done.failed.place == self.block.place
            if done.problem and (is_here or is_aside):
                pytest.fail(done.problem, pytrace=False)
            met = met or any(block.place == self.block.place for block, _ in done.results)
            lacks = lacks or done.lacks
        if met:
            return
        for done in walks:
            if done.problem:
                problem = f"not run, because the block at {done.failed.place} failed"
                pytest.fail(problem, pytrace=False)
        lacks = lacks or "with the openssl of this machine, no command of the page fails so"
        pytest.skip(f"{self.name}: {lacks}")


@judged_by(printed)
def test_command_is_published(result):
    """A command of the source is in a block of the page, in each language."""
    result.report()


@judged_by(marked)
def test_block_is_marked(result):
    """A block that holds commands says so, and starts with one."""
    result.report()


@judged_by(harmless)
def test_command_is_harmless(result):
    """No command holds a password, an unencrypted key or a character that no shell knows."""
    result.report()


@judged_by(runnable)
def test_command_does_as_printed(result):
    """The commands of a block succeed, and print what the page shows."""
    result.report()


def followed(guide: Guide, page: str, way: str = "") -> Path:
    """Return the home folder of a reader who has followed a page."""
    done = run(guide, Route(page, common("AES-256", PASSWORD), way=way))
    if done.problem:
        pytest.fail(f"not judged, because the block at {done.failed.place} failed", pytrace=False)
    return done.home


def test_conversion_gives_a_pair(guide):
    """After the conversion, the pair is in place and fits, and the old one is kept."""
    home = followed(guide, "convert-certificate")
    assert not homes.unfit(home)
    assert not homes.lost(home)
    assert not homes.is_old(home)
    names = sorted(path.name for path in (home / ".globus").iterdir())
    assert names == ["old", "usercert.pem", "userkey.pem"]


def test_file_is_put_in_place_without_conversion(guide):
    """The downloaded file is where the tools look, and no old pair is taken before it."""
    home = followed(guide, "convert-certificate", "usercred")
    file = home / ".globus/usercred.p12"
    assert file.read_bytes() == (home / "Downloads/Certificate.p12").read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert not homes.lost(home)
    assert sorted(path.name for path in file.parent.iterdir()) == ["old", "usercred.p12"]


def test_copies_do_not_stay(guide):
    """A copy with weaker encryption, and what it was made from, are deleted in the end."""
    home = followed(guide, "other-formats", "old-systems")
    assert {path.name for path in home.iterdir()} == {"Downloads", ".globus"}


def test_keystore_is_of_the_type_that_is_wanted(guide):
    """The keystore for Java programs that do not read PKCS#12 is a JKS."""
    done = run(guide, Route("other-formats", common("AES-256", PASSWORD), way="java"))
    if done.lacks:
        pytest.skip(done.lacks)
    home = followed(guide, "other-formats", "java")
    # The first bytes of a JKS, as in the JDK's JavaKeyStore.java.
    assert (home / "keystore.jks").read_bytes().startswith(bytes.fromhex("feedfeed"))


@pytest.mark.parametrize("moved", [("userkey.pem",), ("usercert.pem",), tuple(homes.PAIR)])
@pytest.mark.parametrize("in_place", [True, False])
def test_old_pair_comes_back(guide, moved, in_place):
    """One printed command puts the old pair back, wherever one was stopped."""
    home = Path(tempfile.mkdtemp(prefix="home-", dir=guide.folder))
    globus = home / ".globus"
    globus.mkdir(0o700)
    homes.put_pair(globus)
    (globus / "old").mkdir()
    for name in moved:
        (globus / name).rename(globus / "old" / name)
        if in_place:
            (globus / name).write_text("new\n")
    assert put_back(guide, home) == 0
    assert homes.is_old(home)
    assert not (globus / "old").exists()
    for name in moved if in_place else ():
        assert (globus / "undone" / name).read_text() == "new\n"


def test_pair_in_place_is_not_lost_when_an_older_one_comes_back(guide):
    """Where the folder is from an earlier renewal, the pair in place is kept."""
    home = Path(tempfile.mkdtemp(prefix="home-", dir=guide.folder))
    globus = home / ".globus"
    (globus / "old").mkdir(parents=True)
    homes.put_pair(globus)
    for name in homes.PAIR:
        (globus / "old" / name).write_text("older\n")
    assert put_back(guide, home) == 0
    assert not homes.lost(home)
    assert not homes.exposed(home)
    # A second time, it does nothing: the folder is there.
    assert put_back(guide, home) == 1
    assert not homes.lost(home)

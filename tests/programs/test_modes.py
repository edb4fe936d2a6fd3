"""Under which modes the grid programs take the files of the reader: as the page says."""

import re
from functools import cache

import pytest
from docutils import nodes
from sphinx import addnodes

import installed
import proofs
from evidence import FAILS, WORKS
from grid import MAKE, MAKE_FROM_P12, SERVER, version_of_voms
from grid_servers import xrootd
from homes import PAIR, PASSPHRASE, PASSWORD
from scenes import converted
from transcripts import blocks
from walks import Route, Walk, follow, steps, with_role
from zoo import common

PAGE = "use-certificate"
MODES = {
    "userkey.pem": ("400", "440", "444", "500", "600", "640", "644", "660", "700"),
    "usercert.pem": ("400", "444", "600", "640", "644", "664", "666"),
    "usercred.p12": ("400", "600", "640", "644"),
}
# What is typed to have a program read the files.
COMMANDS = MAKE | {"xrdcp": f"xrdcp root://{SERVER}//data/hello.txt ."}
# It does not read the downloaded file at all.
NEVER = {("xrdcp", "usercred.p12")}
# It takes that file under any mode.
TOLERANT = ("arcproxy", "usercred.p12")
# The entries on the pages of problems with what they say of an open key.
ENTRIES = {
    "voms-proxy-init3": "voms-mode",
    "voms-proxy-init2": "voms-credentials",
    "grid-proxy-init": "globus-credentials",
    "arcproxy": "arc-config",
    "xrdcp": "xrootd-key-mode",
}
# What the pages set, and a mode that lets others read.
ADVISED = {**{name: f"{mode:o}" for name, mode in PAIR.items()}, "usercred.p12": "600"}
OPEN = "644"


@pytest.fixture(scope="module")
def tried(guide, machine):
    """A function that tells whether a program takes a file under a mode, and what it says."""

    @cache
    def server():
        installed.needs("xrootd")
        return xrootd(machine)

    @cache
    def one(program: str, file: str, mode: str) -> tuple[bool, str]:
        installed.needs(program)
        if program == "xrdcp":
            server()
        is_p12 = file == "usercred.p12"
        terminal = machine.log_in(
            converted(guide, "usercred" if is_p12 else ""),
            PASSWORD if is_p12 else PASSPHRASE,
            version_of_voms(program),
        )
        (terminal.home / ".globus" / file).chmod(int(mode, 8))
        try:
            status, shown = terminal.type((MAKE_FROM_P12 if is_p12 else COMMANDS)[program])
        finally:
            terminal.close()
        is_taken = status == 0 and machine.proxy.exists()
        result = WORKS if is_taken else FAILS
        about = installed.about(program)
        proofs.record("mode", about, result, page=PAGE, command=file, kind=mode)
        return is_taken, shown

    return one


def columns() -> list[tuple[str, str]]:
    """Return the programs, each with the files that it reads."""
    return [
        (program, file) for program in COMMANDS for file in MODES if (program, file) not in NEVER
    ]


def said_modes(guide) -> dict[str, set[str]]:
    """Return which modes the page names for which file."""
    items = guide.doctree(PAGE, "en").findall(nodes.definition_list_item)
    found = {}
    for item in items:
        names, modes = (
            {node.astext() for node in part.findall(nodes.literal)} for part in item.children
        )
        found |= dict.fromkeys(names, modes)
    return found


def parameters() -> list:
    """Return the programs and their files; what needs a server takes longer."""
    return [
        pytest.param(*one, marks=[pytest.mark.extended] if one[0] == "xrdcp" else [])
        for one in columns()
    ]


@pytest.mark.parametrize(("program", "file"), parameters())
def test_advised_mode_is_taken_and_an_open_key_is_not(tried, program, file):
    """A program takes a file with the mode that the pages set, and no key that is open."""
    is_taken, shown = tried(program, file, ADVISED[file])
    assert is_taken, shown
    if file != "usercert.pem":
        is_taken, shown = tried(program, file, OPEN)
        assert is_taken == ((program, file) == TOLERANT), shown


@pytest.mark.extended
@pytest.mark.parametrize("file", MODES)
def test_page_names_the_modes_that_all_programs_take(guide, tried, file):
    """They are just these: the list of the page is neither too short nor too long."""
    programs = [program for program, other in columns() if other == file]
    found = {mode: [tried(one, file, mode)[0] for one in programs] for mode in MODES[file]}
    assert said_modes(guide)[file] == {mode for mode, taken in found.items() if all(taken)}


def test_page_names_each_file(guide):
    """The list of the page has the files that the modes are tried of, and no others."""
    assert set(said_modes(guide)) == set(MODES)


def test_printed_modes_are_among_those(guide):
    """A page that sets a mode sets one that all programs take."""
    said = said_modes(guide)
    found = [
        (mode, path.rsplit("/", 1)[-1])
        for page in guide.pages
        for block in blocks(guide, page)
        for command in block.commands
        for mode, path in re.findall(r"\bchmod (\d+) (\S+)", command.typed)
    ]
    # Before it is in place, the file has another name.
    named = [(mode, re.sub(r"-(new|ready)\.p12$", ".p12", file)) for mode, file in found]
    assert {file for _, file in named} >= set(MODES)
    wrong = [(mode, file) for mode, file in named if file in said and mode not in said[file]]
    assert wrong == []


@pytest.mark.parametrize("program", COMMANDS)
def test_page_leads_to_what_the_program_says(guide, program):
    """It links the entry with the message of each program, which another test provokes."""
    section = next(
        one
        for one in guide.doctree(PAGE, "en").findall(nodes.section)
        if "file-modes" in one["ids"]
    )
    linked = {node["reftarget"] for node in section.findall(addnodes.pending_xref)}
    assert ENTRIES[program] in linked
    shown = with_role(guide, "error", ENTRIES[program])
    typed = {block.commands[-1].typed for block in shown}
    assert any(program.rstrip("23") in one for one in typed), typed


@pytest.mark.parametrize(
    ("way", "had", "wrong"),
    [
        ("modes", "", {"userkey.pem": 0o644, "usercert.pem": 0o666}),
        ("modes-p12", "usercred", {"usercred.p12": 0o644}),
    ],
)
def test_modes_are_set_again_as_printed(guide, machine, way, had, wrong):
    """The printed commands give the files the modes that all programs take."""
    terminal = machine.log_in(converted(guide, had), "")
    files = {name: terminal.home / ".globus" / name for name in wrong}
    for name, path in files.items():
        path.chmod(wrong[name])
    route = Route(PAGE, common("AES-256", PASSWORD), way, old=False)
    done = Walk(terminal.home)
    try:
        follow(guide, route, terminal, done, steps(guide, PAGE, way))
    finally:
        terminal.close()
    proofs.keep(route, done)
    assert not done.problem
    found = {name: f"{path.stat().st_mode & 0o777:o}" for name, path in files.items()}
    assert found == {name: ADVISED[name] for name in wrong}

"""Provoke an error of the troubleshooting pages with the real program, then cure it as printed."""

from collections.abc import Callable
from pathlib import Path

import pytest

import proofs
import walks
from evidence import ANNOUNCED, FAILS, WORKS
from guide import Guide
from homes import PASSWORD
from terminal import Terminal
from transcripts import Block, as_printed, indent
from walks import Route, Walk
from zoo import Specimen, common


def prove(
    guide: Guide,
    name: str,
    terminal: Terminal,
    about: tuple[str, str],
    *,
    wrong: str | None = None,
    mend: Callable[[], None] | None = None,
    specimen: Specimen | None = None,
) -> str:
    """Type the block that shows an error, then the one that cures it; fail if either lies.

    The cure works if the command that went wrong succeeds after it. Where the cure ends with
    another command in its place, that one must succeed.

    Args:
        guide: the guide.
        name: what the block is called, as in ``error-NAME`` and ``cure-NAME``.
        terminal: that of a reader whose files are so that the command goes wrong.
        about: the program and its version, as ``installed.about`` returns them.
        wrong: what is answered to each question while it goes wrong, if not what is right.
        mend: does what the page tells in words, between the error and its cure.
        specimen: the downloaded file, where it matters of which kind it is.

    Returns:
        What the program printed that was seen as the error.
    """
    (block,) = walks.with_role(guide, "error", name)
    cures = walks.with_role(guide, "cure", name)
    route = Route(block.page, specimen or common("AES-256", PASSWORD), name, old=False)
    done = Walk(terminal.home)
    try:
        right = terminal.answers
        if wrong is not None:
            terminal.answer(wrong)
        problem, shown = go_wrong(terminal, block, route)
        terminal.answers = right
        done.results.append((block, FAILS if problem else ANNOUNCED))
        if mend and not problem:
            mend()
        for cure in [] if problem else cures:
            problem, _, _ = walks.type_block(terminal, cure, route)
            done.results.append((cure, FAILS if problem else WORKS))
            if problem:
                break
        if not problem and not replaced(block, cures):
            problem = go_right(terminal, block, route)
    finally:
        terminal.close()
        proofs.keep(route, done, about, of_any_file=specimen is None)
    if problem:
        pytest.fail(problem, pytrace=False)
    return shown


def spoil(path: Path, content: bytes) -> Callable[[], None]:
    """Put something else in the place of a file; return what puts it back.

    Args:
        path: the file.
        content: what is to be in it meanwhile.
    """
    right = path.read_bytes()
    path.write_bytes(content)

    def mend() -> None:
        path.write_bytes(right)

    return mend


def go_wrong(terminal: Terminal, block: Block, route: Route) -> tuple[str, str]:
    """Type the commands of a block whose last one goes wrong.

    Returns:
        What is not as printed, if anything, and what the last command printed.
    """
    shown = ""
    for command in block.commands:
        status, shown = terminal.type(located(command.typed, route))
        expected = "\n".join(command.shown)
        here = f"{block.source}:{command.line}: $ {command.typed}"
        if not as_printed(expected, shown, terminal.prompts):
            printed = f"prints\n{indent(shown)}\nbut the page shows\n{indent(expected)}"
            return f"{here}\n{printed}\nCorrect what the page shows; write ... for what differs", ""
        if status is None:
            return f"{here}\nwaits for something that has no answer: give it one", ""
        if status and command is not block.commands[-1]:
            return f"{here}\nends with status {status}; only the last command may go wrong", ""
    return "", shown


def go_right(terminal: Terminal, block: Block, route: Route) -> str:
    """Type the command that went wrong again; return what is wrong with it, if anything."""
    command = block.commands[-1]
    status, shown = terminal.type(located(command.typed, route))
    if status == 0 and not as_printed("\n".join(command.shown), shown, terminal.prompts):
        return ""
    return (
        f"{block.source}:{command.line}: $ {command.typed}\nstill goes wrong after the cure "
        f"(status {status})\n{indent(shown)}"
    )


def replaced(block: Block, cures: list[Block]) -> bool:
    """Tell whether the cure has a command of the program that went wrong."""
    program = program_of(block.commands[-1].typed)
    return any(program_of(one.typed) == program for cure in cures for one in cure.commands)


def program_of(typed: str) -> str:
    """Return the program that a command ends with, behind what is piped into it."""
    return typed.split(" | ")[-1].split(" && ")[-1].split(" ")[0]


def located(typed: str, route: Route) -> str:
    """Return a command with the name of the reader's own file, as the page tells to write it."""
    return typed.replace(walks.PRINTED_FILE, walks.printed(route.specimen))

"""Command blocks as the reader sees them: what is typed, and what is printed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from docutils import nodes

from evidence import block_hash
from guide import Guide


@dataclass
class Command:
    """A command as printed, the line it stands on, and what the page shows after it."""

    line: int
    typed: str
    shown: list[str] = field(default_factory=list)


@dataclass
class Block:
    """A command block of a page.

    Attributes:
        page: the name of the page.
        source: the file that it was written in, for messages.
        line: the line of its first command.
        commands: its commands.
        hash: what evidence knows it by.
        heading: that of the section it stands in.
        roles: what it is for, from its classes. Without any, it is a step on the way that
            the page describes. ``way-NAME`` is a step on another way, from the same start;
            ``error-NAME`` shows what goes wrong, ``cure-NAME`` what is typed then; ``undo``
            puts back what there was; ``if-old`` is only for those who have an old pair;
            ``with-programs`` needs what only make programs installs, so that
            ``tests/programs`` runs it; ``not-tried`` cannot run in the tests.
    """

    page: str
    source: str
    line: int
    commands: list[Command]
    hash: str
    heading: str = ""
    roles: set[str] = field(default_factory=set)

    @property
    def place(self) -> str:
        """Where the block was written, for messages."""
        return f"{self.source}:{self.line}"

    def names(self, role: str) -> set[str]:
        """Return the names that the block has in a role, as in ``error``."""
        return {one.split("-", 1)[1] for one in self.roles if one.startswith(f"{role}-")}

    @property
    def is_step(self) -> bool:
        """Whether the block is a step on the way that its page describes."""
        return self.roles <= {"if-old", "with-programs"}

    @property
    def is_run(self) -> bool:
        """Whether the tests run the block."""
        return "not-tried" not in self.roles

    @property
    def needs_programs(self) -> bool:
        """Whether only ``tests/programs`` can run the block."""
        return "with-programs" in self.roles


ROLES = re.compile(r"(way|error|cure)-[a-z0-9-]+|if-old|undo|with-programs|not-tried")


@cache
def blocks(guide: Guide, page: str, language: str = "en") -> list[Block]:
    """Return the command blocks that a page shows, in their order."""
    found = []
    for node in guide.doctree(page, language).findall(nodes.literal_block):
        if node.get("language") == "console":
            text = node.astext().split("\n")
            start = line_of(guide.source(page), text[0], node.line or 1)
            roles = {name for name in node["classes"] if ROLES.fullmatch(name)}
            source = guide.source_name(page)
            known = block_hash(node.astext())
            found.append(
                Block(page, source, start, commands(text, start), known, heading(node), roles)
            )
    return found


def heading(node: nodes.Node) -> str:
    """Return the heading of the section that a node stands in."""
    while node is not None and not isinstance(node, nodes.section):
        node = node.parent
    return node[0].astext() if node is not None else ""


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


def as_printed(expected: str, shown: str, prompts: Iterable[str] = ()) -> bool:
    """Tell whether a program printed what the page shows.

    ``...`` stands for anything on a line; alone on a line, for any lines, or none, but
    never for a question: the reader sees each.

    Args:
        expected: what the page shows.
        shown: what was printed.
        prompts: regular expressions of the questions that are answered.
    """
    pattern = ""
    question = "".join(rf"(?!{prompt})" for prompt in prompts)
    for line in expected.strip("\n").split("\n"):
        pieces = [re.escape(piece) for piece in line.split("...")]
        pattern += (
            rf"(?:{question}[^\n]*\n)*?" if line == "..." else r"[^\n]*?".join(pieces) + r"\n"
        )
    # Blanks at the end of a line cannot be seen, nor that a program returns to its beginning.
    shown = re.sub(r"^\r+|[ \r]+$", "", shown, flags=re.MULTILINE)
    return re.fullmatch(pattern, shown.strip("\n") + "\n") is not None


def indent(text: str) -> str:
    """Return text as it stands in a message."""
    return "\n".join(f"    {line}" for line in text.strip("\n").split("\n"))

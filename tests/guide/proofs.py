"""What a test run has proved: kept, and merged into build/evidence.json at its end."""

import datetime
import re
import subprocess
from functools import cache

from evidence import ANNOUNCED, FAILS, WORKS, Row
from openssl_versions import own_program
from transcripts import Block
from walks import Route, Walk

ROWS: list[Row] = []
# The messages of the troubleshooting pages that a test has provoked, and seen to be cured.
MESSAGES: list[str] = []
# How a program that a block is about says its version; otherwise the shell is named.
VERSIONS = {"keytool": "java -version", "git": "git --version", "curl": "curl --version"}


@cache
def version_of(command: str) -> str:
    """Return the version that a command prints, as in ``17.0.19``."""
    done = subprocess.run(command.split(" "), capture_output=True, text=True)
    return re.search(r"\d[\w.]*", done.stdout + done.stderr)[0]


def subject(block: Block, route: Route) -> tuple[str, str, str]:
    """Return the command that a block is about, its program, and the program's version."""
    typed = [command.typed for command in block.commands]
    for one in typed:
        if re.search(r"\bopenssl |\bgridcert ", one):
            return one, *(("OpenSSL", route.openssl) if route.openssl else own_program())
        for name, command in VERSIONS.items():
            # It may be behind a pipe.
            if re.search(rf"(^|\| ){name} ", one):
                return one, name, version_of(command)
    # dash does not say which it is.
    return (
        typed[0],
        route.shell,
        "" if route.shell == "dash" else version_of(f"{route.shell} --version"),
    )


def keep(
    route: Route, walk: Walk, about: tuple[str, str] | None = None, of_any_file: bool = False
) -> None:
    """Keep what a walk has shown, for each block that it tried.

    Where the reader does something wrong, a step that fails says nothing about the file.

    Args:
        route: how the page was followed.
        walk: what happened.
        about: the program and its version, where the command does not say which it is.
        of_any_file: whether it does not depend on the kind of PKCS#12 file.
    """
    today = datetime.date.today().isoformat()
    for block, result in walk.results:
        if route.fault and not block.names("error") and result == ANNOUNCED:
            continue
        command, name, version = subject(block, route)
        if about:
            name, version = about
        if block.names("error") and result == ANNOUNCED and not walk.problem:
            MESSAGES.append(f"{block.page}: {block.heading} ({name} {version})")
        ROWS.append(
            Row(
                block=block.hash,
                page=block.page,
                command=command,
                program=name,
                version=version,
                kind=route.specimen.kind if name.endswith("SSL") and not of_any_file else "",
                result=result,
                date=today,
            )
        )


def record(
    task: str,
    program: tuple[str, str],
    result: str,
    *,
    page: str = "",
    command: str = "",
    kind: str = "",
    block: str = "",
) -> None:
    """Keep what a program did, where no command block of a page says it.

    Args:
        task: one of ``evidence.TASKS``.
        program: the name and the version of the program, as ``programs.about`` returns them.
        result: ``WORKS`` or ``FAILS``.
        page: the page that it is about, if any.
        command: what ``Row`` has there for this task.
        kind: likewise.
        block: likewise.
    """
    name, version = program
    ROWS.append(
        Row(
            task=task,
            block=block,
            page=page,
            command=command,
            program=name,
            version=version,
            kind=kind,
            result=result,
            date=datetime.date.today().isoformat(),
        )
    )


def attempt(program: tuple[str, str], command: str, **more: str) -> None:
    """Keep that something works which the rest of the test does.

    If the test fails or ends early, this becomes a failure: ``unless_failed``.

    Args:
        program: as for ``record``.
        command: what is done, as ``Row`` has it.
        more: the further arguments of ``record``.
    """
    record("done", program, WORKS, command=command, **more)


def unless_failed(outcome: str) -> list[Row]:
    """Return what a test has proved, and forget it.

    A test that fails has not proved that a block or a deed works, whenever it was kept. What
    a program reads, which modes it takes and what it says, it has shown all the same.

    Args:
        outcome: that of the test, as pytest has it.
    """
    rows = [] if outcome == "skipped" else list(ROWS)
    ROWS.clear()
    if outcome != "passed":
        MESSAGES.clear()
    if outcome == "failed":
        failed = {"result": FAILS}
        rows = [row.model_copy(update=failed) if row.task in ("", "done") else row for row in rows]
    return rows

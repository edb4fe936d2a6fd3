"""What a test run has proved: kept, and merged into build/evidence.json at its end."""

import datetime
import re
import subprocess
from functools import cache

from evidence import ANNOUNCED, Row
from openssl_versions import own_program
from transcripts import Block
from walks import Route, Walk

ROWS: list[Row] = []
# How a program that a block is about says its version; otherwise the shell is named.
VERSIONS = {"keytool": "java -version", "git": "git --version"}


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
            if one.startswith(f"{name} "):
                return one, name, version_of(command)
    # dash does not say which it is.
    return (
        typed[0],
        route.shell,
        "" if route.shell == "dash" else version_of(f"{route.shell} --version"),
    )


def keep(route: Route, walk: Walk) -> None:
    """Keep what a walk has shown, for each block that it tried.

    Where the reader does something wrong, a step that fails says nothing about the file.
    """
    today = datetime.date.today().isoformat()
    for block, result in walk.results:
        if route.fault and not block.names("error") and result == ANNOUNCED:
            continue
        command, name, version = subject(block, route)
        ROWS.append(
            Row(
                block=block.hash,
                page=block.page,
                command=command,
                program=name,
                version=version,
                kind=route.specimen.kind if name.endswith("SSL") else "",
                result=result,
                date=today,
            )
        )

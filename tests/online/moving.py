"""Propose the new addresses of links that have moved, as a patch for ``git apply``."""

import difflib
import os
import re
from pathlib import Path

# What goes on here is another, longer address.
GOES_ON = r"(?![\w/~%=&#?+@-]|[.:,;!()'*$\[\]]+[\w/])"
KINDS = (".rst", ".po", ".toml")


def patch(root: Path, files: list[Path], moved: dict[str, str]) -> str:
    """Return the changes that write new addresses for old ones; empty if there are none.

    Args:
        root: the folder that the names of the files begin at.
        files: the files that may hold the addresses.
        moved: the new addresses by the old ones.
    """
    changes = []
    for path in files:
        old = path.read_bytes().decode()
        new = old
        for before, now in moved.items():
            # A record that has the new address already needs no second one.
            if f'["{now}"]' not in old:
                new = re.sub(re.escape(before) + GOES_ON, lambda _, now=now: now, new)
        if new != old:
            name = Path(os.path.relpath(path, root)).as_posix()
            changes += difflib.unified_diff(
                old.splitlines(keepends=True),
                new.splitlines(keepends=True),
                f"a/{name}",
                f"b/{name}",
            )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in changes
    )


def own_files(root: Path, local: Path, is_fork: bool) -> list[Path]:
    """Return the files that may hold addresses, of those that an admin may change.

    Args:
        root: the folder of ``conf.py``.
        local: the overlay.
        is_fork: whether the guide is a fork, to which only its overlay belongs.
    """
    folders = [local] if is_fork else [root / "source", root / "locale"]
    found = [path for folder in folders for kind in KINDS for path in folder.rglob(f"*{kind}")]
    return sorted(found if is_fork else [*found, *root.glob("*.toml")])

"""Add addresses to the record of links: what each is remains for people to say."""

import re
import tomllib
from pathlib import Path

from checking import Link
from kept import write_whole
from settings import read_text


def add(path: Path, links: list[Link]) -> None:
    """Add links to a record, among the others in alphabetical order.

    Args:
        path: the record; it may be missing.
        links: links that it does not hold.

    Raises:
        ConfigError: it cannot be read, or is no UTF-8.
    """
    text = read_text(path) if path.exists() else ""
    for link in links:
        entry = f'["{link.address}"]\nwhat = {quoted(link.text)}\nlanguage = []\n'
        # A comment belongs to what follows it.
        later = (
            found.start()
            for found in re.finditer(r'^(?:#.*\n)*\["(https://[^"]+)"\]', text, re.MULTILINE)
            if found[1] > link.address
        )
        place = next(later, None)
        if place is None:
            text = f"{text.rstrip()}\n\n{entry}".lstrip()
        else:
            text = f"{text[:place]}{entry}\n{text[place:]}"
    # What is not whole must not replace what is.
    tomllib.loads(text)
    write_whole(path, text)


def quoted(text: str) -> str:
    """Return a text as TOML writes it (https://toml.io/en/v1.0.0#string)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

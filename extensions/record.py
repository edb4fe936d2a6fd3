"""The record of links: what people know of each external address, and what ``make links`` saw.

What people know stands in ``links.toml``, and in that of the overlay. What was seen is apart,
in ``links-seen.json``: a run writes it into ``build/``, a release has it beside ``conf.py``.
"""

import datetime
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from sphinx.errors import ConfigError

from kept import read_kept, write_whole
from schema import ADDRESS, Address, Language, Text
from settings import found, meant, read_toml

RECORD = "links.toml"
SEEN = ["links-seen.json", "build/links-seen.json"]
ADVICE = "Delete it, or restore it, then run make links again"
# What is seen of a link, the worst last.
CLASSES = ("alive", "moved", "walled", "doubtful", "dead")


def listed(value: Any) -> Any:
    """Return a value as a list, where one may be written without brackets."""
    return value if isinstance(value, list) else [value]


class Known(BaseModel):
    """What people know of an address.

    Attributes:
        what: what the page is.
        language: the codes of the languages that it has; empty until somebody has said so.
        counterpart: by the code of a language, the address that the page in it links instead.
        title: words that the title of the page must contain, if any are known.
        redirect: why it may lead to another address; empty if it may not.
        walled: why it may ask for a login, or refuse programs; empty if it may not.
        anchor: why its anchor is not in the text of the page, as one that a script makes.
        archived: the address of a copy in an archive.
        dead: since when, or why, the page is no more; empty while it is there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: Text = Field(description='what = "RENATER: importing a certificate"')
    language: Annotated[list[Language], BeforeValidator(listed)] = Field(
        description='language = "fr", or a list of languages'
    )
    counterpart: dict[Language, Address] = Field({}, description='counterpart.fr = "https://…"')
    title: Text = Field("", description='title = "…", words of its title')
    redirect: Text = Field("", description='redirect = "…", why it may redirect')
    walled: Text = Field("", description='walled = "…", why it may need a login')
    anchor: Text = Field("", description='anchor = "…", why it is not in the page')
    archived: Address = Field("", description='archived = "https://…"')
    dead: Text = Field("", description='dead = "…", since when it is no more')


class Seen(BaseModel):
    """What was last seen of an address.

    Attributes:
        state: one of ``CLASSES``.
        answer: what it answered, in words, as in ``404 Not Found``.
        date: the day on which it was asked.
        to: the address to write instead, of one that has moved.
        failed: the different days on which it has failed since it was last alive.
        gone: how often in a row it was said to be no more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: Literal[CLASSES]
    answer: str
    date: datetime.date
    to: str = ""
    failed: list[datetime.date] = []
    gone: int = Field(0, ge=0)


class SeenLinks(BaseModel):
    """The content of a file of what was seen.

    Attributes:
        checked: the day on which all links were last asked, as far as is known.
        links: what was last seen of each address.
    """

    model_config = ConfigDict(extra="forbid")

    checked: datetime.date | None = None
    links: dict[str, Seen] = {}


def read_known(
    path: Path, shown: str, under: Mapping[str, Known] = MappingProxyType({})
) -> dict[str, Known]:
    """Return the record that one file holds, by the addresses.

    Args:
        path: the file; it may be missing.
        shown: what messages call it.
        under: the record that it is laid over, key by key.

    Raises:
        ConfigError: with all that is wrong, a line each.
    """
    try:
        values = read_toml(path) if path.exists() else {}
    except ConfigError as error:
        raise ConfigError(shown + str(error).removeprefix(str(path))) from None
    known, problems = {}, []
    for address, value in values.items():
        if not isinstance(value, dict):
            problems.append(f'{shown}: {address} is no address. Write a table, ["https://…"]')
            continue
        try:
            base = under[address].model_dump(exclude_unset=True) if address in under else {}
            known[address] = Known.model_validate(base | value)
        except ValidationError as error:
            where = f'{shown}: ["{address}"]: '
            problems += [where + complaint(one) for one in error.errors(include_url=False)]
    if problems:
        raise ConfigError("\n".join(dict.fromkeys(problems)))
    return known


def complaint(error: dict) -> str:
    """Return what is wrong with a key of the record, and what to write."""
    key = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        return f"{key} is no key of this table. {meant(key, Known.model_fields)}"
    example = Known.model_fields[key].description
    if error["type"] == "missing":
        return f"{key} is missing: write {example}"
    advice = error.get("ctx", {}).get("advice", "")
    return f"{key} holds {found(error['input'])}: write {example}" + (advice and f" ({advice})")


def read_record(root: Path, local: Path) -> dict[str, Known]:
    """Return what people know: our record, and over it that of the overlay, key by key.

    Args:
        root: the folder of ``conf.py``.
        local: the overlay.

    Raises:
        ConfigError: with all that is wrong in the first file that is wrong, a line each.
    """
    ours = read_known(root / RECORD, RECORD)
    return ours | read_known(local / RECORD, os.path.relpath(local / RECORD, root), ours)


def read_seen(*files: Path) -> SeenLinks:
    """Return what was seen; of each address, what was seen last.

    Args:
        files: files that may be missing.

    Raises:
        ConfigError: a file holds something else.
    """
    all_seen = SeenLinks()
    for file in files:
        one = read_kept(file, SeenLinks, "file of make links", ADVICE) or SeenLinks()
        for address, seen in one.links.items():
            there = all_seen.links.get(address)
            if not there or there.date <= seen.date:
                all_seen.links[address] = seen
        dates = [date for date in (all_seen.checked, one.checked) if date]
        all_seen.checked = max(dates, default=None)
    return all_seen


def write_seen(file: Path, seen: SeenLinks) -> None:
    """Write what was seen."""
    write_whole(file, seen.model_dump_json(indent=1, exclude_defaults=True) + "\n")


def settings_addresses(values: Any) -> set[str]:
    """Return the addresses that the settings hold; their titles say there what they are."""
    if isinstance(values, dict):
        return {one for value in values.values() for one in settings_addresses(value)}
    return {values} if isinstance(values, str) and ADDRESS.fullmatch(values) else set()

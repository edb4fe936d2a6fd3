"""Show what the tests have proved about the printed commands; without evidence, no claim.

A test run writes ``build/evidence.json``: which command block was run, with which version of
which program, on which kind of file, with what result. A release ships such a file beside
``conf.py``, for forks; own runs win. A block is known by the hash of its text: a block that
is changed loses its claim, one that is left unchanged keeps it, in a fork, too.
"""

import fcntl
import hashlib
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from docutils import nodes
from pydantic import BaseModel, ConfigDict, Field
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import process_only_nodes

import checked
from kept import read_kept, write_whole
from labels import quoted
from languages import rendered

ADVICE = "Delete it, or restore it from git, then run make test again"
FILES = ["evidence.json", "build/evidence.json"]
# What is tried without a command block: which files a program reads, under which modes it
# takes a file, what else was done with it, whether its labels are those that a page quotes.
TASKS = ("read", "mode", "done", "label")
# In which order the kinds of files stand in a table.
KINDS = ("AES-256", "3DES", "RC2-40", "PBMAC1", "no MAC", "no localKeyID", "P-256", "accents")
KINDS += ("empty password", "e-mail")
BUILDERS = {"html", "dirhtml", "singlehtml", "epub"}
WORKS, ANNOUNCED, FAILS = "works", "fails as announced", "fails"
# Which result of one run counts, where there are several of the same key. A reader's mistake
# fails as announced with a file that works otherwise.
FIRST = (FAILS, WORKS, ANNOUNCED)

# -- The file -----------------------------------------------------------------------------


class Row(BaseModel):
    """What one run of a command block has shown, or of a program without a block.

    Attributes:
        task: empty for a command block; otherwise one of ``TASKS``.
        block: the hash of the block's text; without a block, what ``labels_hash`` returns
            where it is about the labels that a page quotes in a language; otherwise empty.
        page: the name of the page that it was run for; empty where it is for none.
        command: the first command of the block. Without one: for ``mode`` the name of the
            file, for ``done`` one of the names in ``theme/evidence.html``.
        program: the program that it is about.
        version: the version of the program.
        kind: the kind of PKCS#12 file; for ``mode`` the mode in octal, for ``label`` and
            ``done`` the language; empty where it does not depend on one.
        result: what happened.
        date: the day, as in ``2026-11-26``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    task: Literal["", "read", "mode", "done", "label"] = ""
    block: str = Field("", pattern="^([0-9a-f]{64})?$")
    page: str
    command: str
    program: str
    version: str
    kind: str
    result: Literal["works", "fails as announced", "fails"]
    date: str = Field(pattern=r"^\d{4}-\d\d-\d\d$")

    @property
    def key(self) -> tuple[str, ...]:
        """What a later run replaces.

        Of a program without a block, what its newest version did is all that counts.
        """
        if self.task:
            return self.task, self.page, self.command, self.program, self.kind
        return self.block, self.program, self.version, self.kind


class Rows(BaseModel):
    """The content of a file of evidence."""

    model_config = ConfigDict(extra="forbid")

    rows: list[Row]


def block_hash(text: str) -> str:
    """Return what evidence knows a block by: the SHA-256 of its text, as the page shows it."""
    return hashlib.sha256(text.rstrip("\n").encode()).hexdigest()


def labels_hash(doctree: nodes.document) -> str:
    """Return what evidence knows the labels of a page by: their texts, and whose they are."""
    labels = (f"{one['program']}/{one['key']} {one.astext()}" for one in quoted(doctree))
    return block_hash("\n".join(labels))


def read(*files: Path) -> list[Row]:
    """Return the rows of files; where they are about the same, that of the later file.

    Args:
        files: files that may be missing.

    Raises:
        ConfigError: a file holds something else.
    """
    found: dict[tuple, Row] = {}
    for file in files:
        content = read_kept(file, Rows, "evidence of a test run", ADVICE) or Rows(rows=[])
        found |= {row.key: row for row in content.rows}
    return list(found.values())


def merge(file: Path, rows: Iterable[Row]) -> None:
    """Put the rows of a run into a file, and keep those that the run is not about.

    Args:
        file: the file; it may be missing.
        rows: what the run has shown.

    Raises:
        ConfigError: the file holds something else.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # Runs that end together wait for each other.
    folder = os.open(file.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        found = {row.key: row for row in read(file)}
        ordered = sorted(rows, key=lambda row: FIRST.index(row.result), reverse=True)
        found |= {row.key: row for row in ordered}
        rows = sorted(found.values(), key=lambda row: (row.page, row.command, *row.key))
        write_whole(file, Rows(rows=rows).model_dump_json(indent=1) + "\n")
    finally:
        os.close(folder)


# -- What is shown ------------------------------------------------------------------------


class Page(NamedTuple):
    """What a page has to do with evidence: the hashes of its blocks, its tables, its labels.

    A table is known by its task; that of the blocks by the empty name.
    """

    blocks: tuple[str, ...]
    tables: tuple[str, ...]
    labels: str


class Results(nodes.General, nodes.Element):
    """Where a table stands, until the page is written."""


class Evidence(SphinxDirective):
    """``.. evidence::`` shows all that is known about the blocks of all the pages.

    ``.. evidence:: TASK TASK`` shows what programs did without a block, for some of ``TASKS``.
    """

    optional_arguments = len(TASKS)

    def run(self):
        """Keep the place.

        Raises:
            DirectiveError: there is no such task.
        """
        for task in self.arguments:
            if task not in TASKS:
                raise self.error(f"“{task}” is none of {', '.join(TASKS)}: write one, or nothing")
        return [Results(tasks=self.arguments or [""])]


def blocks(doctree: nodes.Element) -> list[nodes.literal_block]:
    """Return the blocks of a page, or of a part of it, about which there may be evidence."""
    return [
        block
        for block in doctree.findall(nodes.literal_block)
        if block.get("language") == "console" and "not-tried" not in block["classes"]
    ]


def in_order(version: str) -> list[tuple[int, str]]:
    """Return what a version is sorted by: 3.0.9 comes before 3.0.22, 1.1.1a before 1.1.1w."""
    return [(int(number), rest) for number, rest in re.findall(r"(\d+)([a-z]*)", version)]


def in_words(rows: list[Row]) -> tuple[str, str]:
    """Return the programs of rows, as in ``OpenSSL 1.1.1w, 3.0.22``, and their days."""
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.program, set()).add(row.version)
    names = (
        f"{name} {', '.join(sorted(versions, key=in_order))}".strip()
        for name, versions in sorted(found.items())
    )
    days = [row.date for row in rows]
    return ", ".join(names), " – ".join(sorted({min(days), max(days)}))


def line(rows: list[Row]) -> dict:
    """Return what the line below a block says; nothing where there is nothing to claim.

    A version with which the block fails is not named: ``works`` are those with which it
    works for each kind of file, ``mixed`` those with which some kinds fail as announced.
    An error that a page shows never works: ``seen`` are those that showed it.
    """
    results: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        results.setdefault((row.program, row.version), set()).add(row.result)
    seen = {ANNOUNCED} if all(row.result == ANNOUNCED for row in rows) else set()
    said, named = {}, []
    for name, wanted in (("works", {WORKS}), ("mixed", {WORKS, ANNOUNCED}), ("seen", seen)):
        chosen = [row for row in rows if results[row.program, row.version] == wanted]
        named += chosen
        if chosen:
            said[name] = in_words(chosen)
    return said | {"has_kinds": any(row.kind for row in named)} if said else {}


def table(app: Sphinx, task: str = "") -> list:
    """Return what a table shows.

    Args:
        app: Sphinx, with the evidence.
        task: one of ``TASKS``; without, the table is about the blocks.

    Returns:
        The rows of the task; or those of the blocks, as ``block_table`` has them.
    """
    if not task:
        return block_table(app)
    pages = app.env.evidence_pages
    rows = [
        row
        for row in app.builder.evidence.get(task, [])
        # Of a page that is left out, or that quotes other labels now, nothing is known.
        if not row.page or (row.page in pages and row.block in ("", pages[row.page].labels))
    ]
    newest: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: (row.date, in_order(row.version))):
        newest[row.program] = row
    # A partial run of a newer version must not look like a full one.
    return [row for row in rows if row.version == newest[row.program].version]


def block_table(app: Sphinx) -> list[tuple[str, list[list[Row]]]]:
    """Return the pages about whose blocks something is known, in order, with their rows.

    A block that several pages show stands under the first.
    """
    env, known, found = app.env, app.builder.evidence.copy(), []
    for name in [*env.collect_relations(), *sorted(env.evidence_pages)]:
        there = env.evidence_pages[name].blocks if name in env.evidence_pages else ()
        rows = [known.pop(block) for block in there if block in known]
        if rows:
            found.append((name, rows))
    return found


# -- Sphinx -------------------------------------------------------------------------------


def load(app: Sphinx) -> None:
    """Read the evidence, by block, for the builders that show it.

    Raises:
        SystemExit: a file is broken. Sphinx would report its own errors with a traceback.
    """
    if not hasattr(app.env, "evidence_pages"):
        app.env.evidence_pages, app.env.evidence_shown = {}, {}
    app.builder.evidence = {}
    if app.builder.name in BUILDERS:
        try:
            rows = read(*(Path(app.confdir, name) for name in app.config.evidence_files))
        except ConfigError as error:
            sys.exit(str(error))
        for row in sorted(rows, key=lambda row: row.key):
            app.builder.evidence.setdefault(row.task or row.block, []).append(row)


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Note the blocks of a page that has been read, without what ``only`` leaves out."""
    shown = doctree.deepcopy()
    process_only_nodes(shown, app.tags)
    hashes = tuple(block_hash(block.astext()) for block in blocks(shown))
    tables = tuple(task for place in shown.findall(Results) for task in place["tasks"])
    app.env.evidence_pages[app.env.docname] = Page(hashes, tables, labels_hash(shown))


def forget(app: Sphinx, env: BuildEnvironment, name: str) -> None:
    """Forget the blocks of a page that is gone, or is read anew."""
    env.evidence_pages.pop(name, None)


def take(app: Sphinx, env: BuildEnvironment, names: set[str], other: BuildEnvironment) -> None:
    """Take over what another process has noted."""
    env.evidence_pages |= {name: other.evidence_pages[name] for name in names}


def outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the pages to write again, because other evidence is known about them now."""
    if app.builder.name not in BUILDERS:
        return []
    evidence, found = app.builder.evidence, {}
    for name, page in env.evidence_pages.items():
        shown = [line(evidence[block]) for block in page.blocks if block in evidence]
        shown += [table(app, task) for task in page.tables]
        found[app.builder.name, name] = hashlib.sha256(repr(shown).encode()).hexdigest()
    changed = [key[1] for key, digest in found.items() if env.evidence_shown.get(key) != digest]
    env.evidence_shown |= found
    return changed


def show(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Put the evidence into a page that is about to be written."""
    for block in blocks(doctree):
        said = line(app.builder.evidence.get(block_hash(block.astext()), []))
        if said:
            doctree["has_kinds"] = doctree.get("has_kinds") or said["has_kinds"]
            whole = block if not block.parent.get("literal_block") else block.parent
            whole.parent.insert(whole.parent.index(whole) + 1, render(app, name, line=said))
    for place in list(doctree.findall(Results)):
        found = [(task, table(app, task)) for task in place["tasks"]]
        shown = [(task, rows) for task, rows in found if rows] or found[:1]
        is_shown = app.builder.name in BUILDERS
        place.replace_self(
            [render(app, name, task=task, rows=rows) for task, rows in shown] if is_shown else []
        )


def render(app: Sphinx, name: str, template: str = "evidence.html", **what) -> nodes.raw:
    """Return HTML of a template that shows evidence.

    Args:
        app: Sphinx, with the evidence.
        name: the page that it is for.
        template: the name of the template.
        what: what is to be shown.
    """
    builder = app.builder
    tables = [page for page, each in app.env.evidence_pages.items() if "" in each.tables]
    context = {
        "in_order": lambda versions: sorted(set(versions), key=in_order),
        "in_words": in_words,
        "days": lambda days: " – ".join(
            checked.in_words(checked.day(day), app.config.language) for day in days.split(" – ")
        ),
        "order": KINDS,
        "address": builder.get_relative_uri(name, tables[0]) if tables else "",
        "address_of": lambda page: builder.get_relative_uri(name, page),
        "title_of": lambda page: builder.render_partial(app.env.titles[page])["title"],
    }
    return rendered(app, template, context | what)


def say_whose_files(
    app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None
) -> None:
    """Let the foot of a page say that its commands were run on no portal's own file."""
    context["has_kinds"] = doctree is not None and doctree.get("has_kinds", False)


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.add_config_value("evidence_files", FILES, "", types=frozenset({list}))
    app.add_directive("evidence", Evidence)
    app.connect("builder-inited", load)
    # When `languages` and others have done with the page.
    app.connect("doctree-read", note, priority=950)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", take)
    app.connect("env-updated", outdated)
    app.connect("doctree-resolved", show)
    app.connect("html-page-context", say_whose_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 3}

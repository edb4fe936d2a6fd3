"""Make an EPUB of the guide, and link the documents that were made of it.

The EPUB is what Sphinx's own builder ``epub`` makes, with a frame and a style of ours; from
its pages, ``tools/build_documents.py`` makes the PDF, too. A site links the documents that
lie beside the folders of its languages, in ``documents/``.
"""

import datetime
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from babel.units import format_unit
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders import _epub_base

from checked import day
from evidence import FILES
from institute import pick
from overlay import fields, pages
from record import SEEN
from schema import Settings
from settings import Reading

FOLDER = "documents"
# The kinds of documents: their names, and their media types.
KINDS = {"PDF": "application/pdf", "EPUB": "application/epub+zip"}
# What a document is made from, in the folder of the guide. Of an overlay, it is everything.
SOURCES = ("source", "locale", "theme", "extensions", "tools/build_documents.py", "conf.py")
SOURCES += ("institute.toml", "links.toml", *FILES, *SEEN, "requirements.txt")


def name(settings: Settings, language: str, kind: str) -> str:
    """Return the name of the file of a document, as in ``certificate-guide-en.pdf``.

    Args:
        settings: the institute's settings: the name is the title of the site.
        language: its code.
        kind: one of ``KINDS``.
    """
    title = nodes.make_id(pick(settings.site, language).title) or "guide"
    return f"{title}-{language}.{kind.lower()}"


def stamp(root: Path, reading: Reading) -> str:
    """Return what tells whether the sources of a document have changed: a hash of all of them.

    Args:
        root: the folder of the guide.
        reading: the settings, with the overlay that they are of.
    """
    found = hashlib.sha256(repr(reading.settings).encode())
    for base, names in ((root, SOURCES), (reading.local, ("",))):
        for path in sorted(each for name in names for each in files(base / name)):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            found.update(f"{path.relative_to(base)}\0{content}\n".encode())
    return found.hexdigest()


def files(path: Path) -> list[Path]:
    """Return a file, or the files of a folder, without what the build itself writes there."""
    found = path.rglob("*") if path.is_dir() else [path]
    return [each for each in found if each.is_file() and each.suffix not in (".mo", ".pyc")]


def stamp_of(document: Path) -> Path:
    """Return the file that holds the stamp of a document."""
    return document.with_name(f".{document.name}.made-from")


def lay_beside(root: Path, reading: Reading, folder: Path, site: Path) -> Iterator[str]:
    """Copy the documents to a site that is about to be built from the same sources.

    Args:
        root: the folder of the guide.
        reading: the settings.
        folder: where the documents are.
        site: the folder in which those of the languages will be.

    Yields:
        For each that was made from other sources, and is left out, a sentence that says so.
    """
    made_from = stamp(root, reading)
    for code in reading.settings.languages:
        for kind in KINDS:
            document = folder / name(reading.settings, code, kind)
            known = stamp_of(document)
            if not document.exists():
                continue
            if known.exists() and known.read_text(encoding="utf-8").strip() == made_from:
                (site / FOLDER).mkdir(parents=True, exist_ok=True)
                shutil.copy(document, site / FOLDER)
            else:
                yield (
                    f"{document} is left out, because the guide has changed since it was made: "
                    f"run make {kind.lower()} first, then make site."
                )


def latest_check(app: Sphinx) -> datetime.date:
    """Return the latest day on which the text of a page was checked."""
    paths = [*Path(app.srcdir).rglob("*.rst"), *pages(Path(app.config.overlay)).values()]
    days = [day(fields(path).get("checked", "")) for path in paths]
    return max(filter(None, days), default=datetime.date(1980, 1, 1))


def describe(app: Sphinx) -> None:
    """Say what the EPUB is, from the settings: nothing in it depends on when it is made.

    https://www.sphinx-doc.org/en/master/usage/configuration.html#options-for-epub-output
    """
    if app.builder.name != "epub":
        return
    config, settings = app.config, Reading(Path(app.confdir), Path(app.config.overlay)).settings
    institute = pick(settings.institute, config.language).name
    owner = settings.owner and pick(settings.owner, config.language).name
    checked = latest_check(app)
    address = config.html_baseurl or f"{institute}/{config.html_title}/{config.language}"
    # Two files of the EPUB must name it alike, and Sphinx takes one of these for each.
    config.epub_uid = config.epub_identifier = f"guide-{uuid.uuid5(uuid.NAMESPACE_URL, address)}"
    config.epub_title = config.epub_description = config.html_title
    config.epub_author, config.epub_publisher = institute, owner or institute
    config.epub_contributor = config.copyright
    config.epub_copyright = f"{config.copyright}, CC BY 4.0"
    config.version = checked.isoformat()
    midnight = datetime.datetime.combine(checked, datetime.time(), datetime.UTC)
    os.environ.setdefault("SOURCE_DATE_EPOCH", str(int(midnight.timestamp())))
    app.builder.guide_titles = {"toc": app.translator.gettext("Contents")}
    # Smart quotes would change commands and messages.
    _epub_base.ssp = str


def choose_frame(
    app: Sphinx, pagename: str, templatename: str, context: dict, doctree
) -> str | None:
    """Give a page of the EPUB its frame; a page of a site, the documents beside it."""
    if app.builder.name == "epub":
        return "document.html"
    beside = app.outdir.parent / FOLDER
    if app.outdir.name == app.config.language:
        up = "../" * (pagename.count("/") + 1)
        context["documents"] = [
            {
                "address": f"{up}{FOLDER}/{path.name}",
                "type": media_type,
                "name": kind,
                "size": size(path.stat().st_size, app.config.language),
            }
            for kind, media_type in KINDS.items()
            for path in beside.glob(f"*-{app.config.language}.{kind.lower()}")
        ]
    return None


def size(count: int, language: str) -> str:
    """Return the size of a file in words, as in ``1.2 MB``, in French ``1,2 Mo``.

    Args:
        count: the bytes.
        language: the language of the words.
    """
    unit, number = ("megabyte", count / 1e6) if count >= 1e6 else ("kilobyte", count / 1e3)
    pattern = "#,##0.#" if number < 10 else "#,##0"
    return format_unit(number, unit, length="short", format=pattern, locale=language)


def link_downloads(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Lead to the site, if its address is known, for a file to download: an EPUB holds none."""
    base = app.config.html_baseurl
    if app.builder.name != "epub" or not base:
        return
    for node in list(doctree.findall(addnodes.download_reference)):
        if "filename" in node:
            address = f"{base}_downloads/{quote(node['filename'])}"
            node.replace_self(nodes.reference("", "", *node.children, refuri=address))


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    # Before the builder judges the settings.
    app.connect("builder-inited", describe, priority=400)
    app.connect("html-page-context", choose_frame)
    app.connect("doctree-resolved", link_downloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

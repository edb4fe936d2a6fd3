"""The guide as it is published: its pages, built by Sphinx in each language."""

import os
import pickle
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import polib
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx import addnodes
from sphinx.util.tags import Tags

import institute
from build_site import plainly

# What is published: `.. only::` may leave something out.
HTML = Tags(["html", "format_html", "builder_html"])
# Sphinx's class for a paragraph or title without translation.
UNTRANSLATED = "untranslated"


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
        languages: the codes of the languages, English first.
        pages: the names of the pages, as in ``convert-certificate``.
    """

    def __init__(self, root: Path, folder: Path):
        """Build the pages in all languages, and fresh templates of the catalogues.

        Args:
            root: the folder that holds ``conf.py``.
            folder: an empty folder for the builds.

        Raises:
            ConfigError: the settings are wrong.
            GuideError: Sphinx stopped.
        """
        self.root, self.folder = root, folder
        self.local = root / os.environ.get("LOCAL", "local")
        self.settings = institute.read(root / "institute.toml")
        self.languages = self.settings.languages()
        self.translations = self.languages[1:]
        builds = [self._start("html", language) for language in self.languages]
        builds.append(self._start("gettext", "en"))
        for build in builds:
            _, messages = build.communicate()
            if build.returncode:
                raise GuideError(f"Sphinx stopped: {plainly(messages).strip()}")
        doctrees = folder / "doctrees-html-en"
        self.pages = sorted(
            str(path.relative_to(doctrees).with_suffix("")) for path in doctrees.rglob("*.doctree")
        )

    def _start(self, builder: str, language: str) -> subprocess.Popen:
        name = f"{builder}-{language}"
        command = [sys.executable, "-m", "sphinx", "-n", "-q", "-b", builder, "-c", self.root]
        command += ["-D", f"language={language}", "-d", self.folder / f"doctrees-{name}"]
        # Sphinx then marks with a class what has no translation.
        command += ["-D", "translation_progress_classes=1"]
        command += ["-w", self.folder / f"{name}.warnings"]
        command += [self.root / "source", self.folder / builder / language]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8")

    # -- Pages ------------------------------------------------------------------

    @cache  # noqa: B019  one guide a session
    def doctree(self, page: str, language: str) -> nodes.document:
        """Return a page as Sphinx read it, translated, without what HTML leaves out."""
        path = self.folder / f"doctrees-html-{language}" / f"{page}.doctree"
        doctree = pickle.loads(path.read_bytes())
        for only in list(doctree.findall(addnodes.only)):
            if not HTML.eval_condition(only["expr"]):
                only.parent.remove(only)
        return doctree

    @cache  # noqa: B019
    def html(self, page: str, language: str) -> BeautifulSoup:
        """Return a page as it is published."""
        path = self.folder / "html" / language / f"{page}.html"
        return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")

    def source(self, page: str) -> list[str]:
        """Return the lines of a page as it was written."""
        return self._lines(f"source/{page}.rst")

    @cache  # noqa: B019
    def _lines(self, name: str) -> list[str]:
        path = self.root / name
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def paragraphs(self, page: str, language: str) -> list[str]:
        """Return the running text of a page, and of its pictures: no code, no address.

        Of a translated page, what is not translated is left out: that is a finding already.
        """
        doctree = self.doctree(page, language)
        if language == "en":
            # The text of a picture is not translated.
            alts = [image.get("alt", "") for image in doctree.findall(nodes.image)]
            written = prose(doctree)
        else:
            alts = []
            written = [node for node in prose(doctree) if UNTRANSLATED not in node["classes"]]
        return [text for text in [*map(running_text, written), *alts] if text]

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
        english = self.warnings("en") if language != "en" else []
        return [warned for warned in dict.fromkeys(found) if warned not in english]

    # -- Catalogues -------------------------------------------------------------

    def catalogue_path(self, page: str, language: str) -> str:
        """Return where the catalogue of a page lies, from the root."""
        return f"locale/{language}/LC_MESSAGES/{page}.po"

    @cache  # noqa: B019
    def catalogue(self, page: str, language: str) -> polib.POFile | None:
        """Return the catalogue of a page, or None where there is none."""
        path = self.root / self.catalogue_path(page, language)
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
    def record(self) -> dict[str, dict]:
        """What is known of each external address: links.toml, then local/links.toml."""
        found: dict[str, dict] = {}
        for path in (self.root / "links.toml", self.local / "links.toml"):
            if path.exists():
                try:
                    found |= tomllib.loads(path.read_text(encoding="utf-8-sig"))
                except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                    raise GuideError(f"{path}: this is no TOML: {error}") from None
        return found

    @cache  # noqa: B019
    def words(self, language: str) -> frozenset[str]:
        """Return the words that the spelling check accepts, ours and the overlay's."""
        known: list[str] = []
        for folder in (Path(__file__).parent, self.local):
            path = folder / "words" / f"{language}.txt"
            try:
                known += path.read_text(encoding="utf-8-sig").split() if path.exists() else []
            except UnicodeDecodeError as error:
                line = error.object[: error.start].count(b"\n") + 1
                raise GuideError(f"{path}:{line}: save the file as UTF-8") from None
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
        return f"source/{page}.rst" if language == "en" else self.catalogue_path(page, language)

    def _find(self, page: str, language: str, text: str) -> str | None:
        # hunspell is given the apostrophe of a typewriter, whatever was typed.
        either = re.escape(text).replace("'", "['’]")
        word = re.compile(rf"(?<!\w){either}(?!\w)")
        own = f"source/{page}.rst" if language == "en" else self.catalogue_path(page, language)
        for name in (own, "institute.toml"):
            for number, line in enumerate(self._lines(name), 1):
                if word.search(line):
                    return f"{name}:{number}"
        return None


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


def running_text(node: nodes.TextElement) -> str:
    """Return the words of a paragraph, with … for code, addresses and footnote marks."""
    apart = nodes.literal, nodes.footnote_reference, nodes.problematic, nodes.label
    text = "".join(
        "…" if any(isinstance(parent, apart) for parent in parents(child)) else child.astext()
        for child in node.findall(nodes.Text)
    )
    return re.sub(r"https?://\S+", "…", " ".join(re.split(r"[ \n]+", text))).strip()

"""Lead from each page to the same page in the other languages, and say what is in which.

The languages of a site lie side by side, in folders named after their codes. A build into
a folder of another name (plain ``sphinx-build … out``) stands alone and gets no switch.
What has no translation stands in the language in which it was written, and says so.
"""

import re
from functools import partial
from gettext import NullTranslations
from pathlib import Path

from babel import Locale
from docutils import nodes
from markupsafe import Markup, escape
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.nodes import extract_messages

from overlay import written_in


def language_name(code: str) -> str:
    """Return a language's name in that language, as Unicode CLDR has it.

    Args:
        code: a language code such as ``fr``.

    Raises:
        babel.UnknownLocaleError: there is no such language.
    """
    name = Locale.parse(code).get_display_name()
    return name[:1].upper() + name[1:]


class NoteAlternatives(SphinxTransform):
    """Note the text alternative of each picture as it was written.

    Sphinx translates it, but does not say so.
    """

    default_priority = 15  # before Sphinx translates

    def apply(self, **kwargs) -> None:
        """Note those of a page."""
        for picture in self.document.findall(nodes.image):
            picture["written-alt"] = picture.get("alt")


class MarkUntranslated(SphinxTransform):
    """Mark each text that has no translation with the language that it was written in.

    docutils makes a ``lang`` attribute from a class such as ``language-en``.
    """

    default_priority = 870  # when Sphinx has translated, before it collects the titles

    def apply(self, **kwargs) -> None:
        """Mark the texts of a page."""
        written = written_in(Path(self.env.doc2path(self.env.docname)))
        if written == self.config.language:
            return
        for node, _ in extract_messages(self.document):
            is_language = not isinstance(node, (nodes.literal_block, nodes.raw))
            done = node.get("translated") or node.get("alt") != node.get("written-alt")
            if is_language and not done:
                node["classes"].append(f"language-{written}")
        # What is typed, and what programs answer, is the same in each translation.
        for node in self.document.findall(nodes.literal_block):
            node["classes"].append(f"language-{written}")
        for node in self.document.findall(nodes.literal):
            if re.search("[a-z] [a-z]", node.astext(), re.IGNORECASE):
                node["classes"].append(f"language-{written}")


def mark_title(app: Sphinx, doctree: nodes.document) -> None:
    """Mark a title without translation where menus and links show it, too."""
    title = next(doctree.findall(nodes.title), None)
    marks = [name for name in title["classes"] if name.startswith("language-")] if title else []
    if not marks:
        return
    name = app.env.docname
    menu = next(app.env.tocs[name].findall(nodes.reference), None)
    for shown in (app.env.titles[name], menu):
        if shown is not None:
            words = nodes.inline("", "", *shown.children, classes=marks)
            shown.clear()
            shown += words


def is_translated(translator: NullTranslations | None, text: str) -> bool:
    """Tell whether a catalogue, or one that it falls back on, has a translation of a text."""
    while translator:
        if text in getattr(translator, "_catalog", ()):
            return True
        translator = getattr(translator, "_fallback", None)
    return False


def tag(code: str) -> str:
    """Return the code of a language as HTML writes it, as in ``pt-BR``."""
    return code.replace("_", "-")


def word(text: str, translator: NullTranslations, language: str) -> Markup:
    """Return a text of the theme in a language, marked as English where it has no translation."""
    if language == "en" or is_translated(translator, text):
        return escape(translator.gettext(text))
    return Markup('<span lang="en">{}</span>').format(text)


def rendered(app: Sphinx, template: str, context: dict) -> nodes.raw:
    """Return HTML of a template, in the language of the page.

    Not before the page is written: nothing of it is to be translated, or kept.

    Args:
        app: Sphinx.
        template: the name of the template.
        context: what it shows. ``_`` returns a text, marked as English where it has no
            translation.
    """
    words = partial(word, translator=app.translator, language=app.config.language)
    html = app.builder.templates.render(template, {"_": words} | context)
    return nodes.raw("", html, format="html")


def add_words(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give the templates the addresses of a page in each language, and the words of the menus.

    ``_`` returns a text, marked as English where it has no translation; ``english`` the
    attribute for a tag whose own attributes hold a text without translation.
    """
    language = app.config.language

    def english(text: str) -> Markup:
        is_english = language != "en" and not is_translated(app.translator, text)
        return Markup(' lang="en"' if is_english else "")

    context["_"] = partial(word, translator=app.translator, language=language)
    context["english"], context["tag"] = english, tag(language)
    blocks = doctree.findall(nodes.literal_block) if doctree else ()
    context["not_tried"] = any("not-tried" in block["classes"] for block in blocks)
    if app.outdir.name != language:
        return
    up = "../" * (pagename.count("/") + 1)
    context["languages"] = [
        {
            "code": code,
            "tag": tag(code),
            "name": language_name(code),
            "address": f"{up}{code}/{pagename}.html",
        }
        for code in app.config.site_languages
    ]


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.add_transform(NoteAlternatives)
    app.add_transform(MarkUntranslated)
    app.connect("doctree-read", mark_title, priority=900)
    app.connect("html-page-context", add_words)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

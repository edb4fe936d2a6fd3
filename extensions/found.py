"""Say to search engines, and to whoever shows a link to a page, what the page is about.

Libraries do not fit: sphinxext-opengraph cuts a description in the middle of a word, has none
for a page without source, and no locale, and gives pages an address where none is known;
sphinx-sitemap makes one sitemap a language, of the languages that the folders of catalogues
have, and these come twice, for the overlay.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from babel.core import get_global
from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx

from checked import LOCALES
from languages import tag
from search import plain, sentences

# How many characters search engines show of a description, more or less.
LENGTH = 160
# Rather than to cut a sentence, or to say next to nothing.
LONGEST = 200
# What introduces a list or a command says nothing without it.
ENDS = (".", "!", "?")
# What leads to other pages only, so that nobody is to find it elsewhere.
UNLISTED = ("search",)
# A text in one of these says nothing of the page as a whole.
APART = (nodes.Admonition, nodes.footnote, nodes.table, nodes.list_item, nodes.definition)


def locale(language: str) -> str:
    """Return a language as Open Graph writes it (https://ogp.me/#optional), as in ``fr_FR``.

    Args:
        language: its code. Without a country, it gets the likeliest one by Unicode CLDR.
    """
    code = LOCALES.get(language, language)
    likely = code if "_" in code else get_global("likely_subtags").get(code, code)
    return "_".join(dict.fromkeys((code.partition("_")[0], likely.rpartition("_")[2])))


def addresses(base: str, page: str, languages: list[str]) -> dict[str, str]:
    """Return where a page is in each language, by the values of ``hreflang``.

    Args:
        base: the address of the site, which ends with a slash; nothing if it is not known.
        page: its name.
        languages: the codes of the languages, the main one first.

    Returns:
        Nothing for a site of one language. ``x-default`` is the page to choose one, where
        there is such a page
        (https://developers.google.com/search/docs/specialty/international/localized-versions).
    """
    if not base or len(languages) < 2:
        return {}
    found = {tag(code): f"{base}{code}/{quote(page)}.html" for code in languages}
    return found | {"x-default": base if page == "index" else next(iter(found.values()))}


def fitting(texts: Iterable[str], between: str) -> str:
    """Join texts as long as they fit into a description; the first one is cut if it must be."""
    found = ""
    for text in texts:
        joined = f"{found}{between}{text}" if found else text
        if found and len(joined) > (LENGTH if len(found) > LENGTH // 2 else LONGEST):
            break
        found = joined
    if len(found) > LONGEST:
        found = found[:LENGTH].rpartition(" ")[0].rstrip(" ,;:") + " …"
    return found


def around(node: nodes.Node) -> list[nodes.Element]:
    """Return a node and those that it stands in, but for the document."""
    found = []
    while node.parent:
        found.append(node)
        node = node.parent
    return found


def opening(doctree: nodes.document) -> Iterator[str]:
    """Yield the whole sentences of the text of a page, without those in another language."""
    for paragraph in doctree.findall(nodes.paragraph):
        place = around(paragraph)
        classes = [name for node in place for name in node["classes"]]
        is_foreign = any(name.startswith("language-") for name in classes)
        if not is_foreign and not any(isinstance(node, APART) for node in place):
            texts = (text.replace("\t", "") for text in sentences(plain(paragraph)))
            yield from (text for text in texts if text.rstrip("”»)\u00a0").endswith(ENDS))


def description(app: Sphinx, page: str, title: str, doctree: nodes.document | None) -> str:
    """Return what a page is about: its first sentences, or the messages that it explains.

    Args:
        app: Sphinx.
        page: its name.
        title: its title, without markup.
        doctree: its text; a page that a template makes has none.
    """
    if entries := app.env.messages.get(page):
        first, *others = (" ".join(entry.title.astext().split()) for entry in entries)
        return fitting([f"{title} – {first}", *others], " · ")
    texts = opening(doctree) if isinstance(doctree, nodes.document) else ()
    return fitting(texts, " ") or f"{title} – {app.config.html_title}"


def add_found(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give the template what is to be found of a page."""
    config = app.config
    title = Markup(context.get("title", "")).striptags()
    context["description"] = description(app, pagename, title, doctree)
    context["is_listed"] = pagename not in UNLISTED
    context["locales"] = [locale(config.language)]
    if app.outdir.name != config.language:
        # It stands alone, whatever the address of the site is.
        context["pageurl"] = None
        return
    base = config.html_baseurl.removesuffix(f"{config.language}/")
    others = [code for code in config.site_languages if code != config.language]
    context["locales"] += map(locale, others)
    if context["is_listed"]:
        context["alternates"] = addresses(base, pagename, config.site_languages)


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("html-page-context", add_found)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

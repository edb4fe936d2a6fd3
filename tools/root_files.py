"""Make what stands at the root of a site, beside the folders of its languages.

The page that leads to each language; the one that a server shows in the place of a page that
is not there; and what search engines read.
"""

import gettext
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup
from sphinx import package_dir

import institute
from found import UNLISTED, addresses
from languages import language_name, tag, word
from settings import Reading


def words(folders: list[Path], language: str) -> Callable[[str], Markup]:
    """Return what translates a text of the theme, or marks it as English.

    Args:
        folders: those of the catalogues; the first one that has a word wins.
        language: the code of the language.
    """
    translator = gettext.NullTranslations()
    for folder in folders:
        translator.add_fallback(gettext.translation("sphinx", folder, [language], fallback=True))
    return partial(word, translator=translator, language=language)


def pages(folder: Path) -> list[str]:
    """Return the names of the pages of a language that are to be found, in order."""
    files = (path.relative_to(folder).with_suffix("") for path in folder.rglob("*.html"))
    return sorted({path.as_posix() for path in files} - set(UNLISTED))


def root_files(reading: Reading, html: Path) -> dict[str, str]:
    """Return the texts of the files, by their names.

    Args:
        reading: the settings.
        html: the folder of the site, with its languages.
    """
    root, codes = reading.root, reading.settings.languages
    folders = [reading.local / "locale", root / "locale", package_dir / "locale"]
    languages = [
        {
            "code": code,
            "tag": tag(code),
            "name": language_name(code),
            "title": institute.pick(reading.settings.site, code).title,
            "word": words(folders, code),
        }
        for code in codes
    ]
    listed = {page: addresses(reading.address, page, codes) for page in pages(html / codes[0])}
    known = {
        "languages": languages,
        "address": reading.address,
        # A page that is not there may have been looked for in any folder.
        "path": urlsplit(reading.address).path or "/",
        "pages": listed,
    }
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(root / "theme"), autoescape=True, keep_trailing_newline=True
    )
    made = {
        "index.html": "choose-language.html",
        "404.html": "404.html",
        "robots.txt": "robots.txt",
    }
    if reading.address:
        made["sitemap.xml"] = "sitemap.xml"
    texts = {name: templates.get_template(file).render(known) for name, file in made.items()}
    # GitHub would leave out the folders whose names begin with _.
    return texts | {".nojekyll": ""}

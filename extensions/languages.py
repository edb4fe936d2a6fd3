"""Lead from each page to the same page in the other languages.

The languages of a site lie side by side, in folders named after their codes. A build into
a folder of another name (plain ``sphinx-build … out``) stands alone and gets no switch.
"""

from babel import Locale
from sphinx.application import Sphinx


def language_name(code: str) -> str:
    """Return a language's name in that language, as Unicode CLDR has it.

    Args:
        code: a language code such as ``fr``.

    Raises:
        babel.UnknownLocaleError: there is no such language.
    """
    name = Locale.parse(code).get_display_name()
    return name[:1].upper() + name[1:]


def add_switch(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give the templates the addresses of a page in each language."""
    if app.outdir.name != app.config.language:
        return
    up = "../" * (pagename.count("/") + 1)
    context["languages"] = [
        {"code": code, "name": language_name(code), "address": f"{up}{code}/{pagename}.html"}
        for code in app.config.site_languages
    ]


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("html-page-context", add_switch)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

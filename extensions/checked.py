"""Say at the foot of a page when its text was last checked, and from what it was written.

The first lines of a page may be fields:

``:checked: 2026-11-26``
    the day on which somebody last compared the whole text with what it describes.
``:documents: 2025``
    the date of the documents that it was written from, where nobody could try what it
    describes: as on the pages of portals.
"""

import datetime
import re

from babel.dates import format_date
from docutils import nodes
from sphinx.application import Sphinx

# For the order of day and month, English means British English here.
LOCALES = {"en": "en_GB"}


def day(text: str) -> datetime.date | None:
    """Return the day that a field names.

    Args:
        text: as in ``2026-11-26``.

    Returns:
        None where there is no such day, or it is written otherwise.
    """
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").date() if len(text) == 10 else None
    except ValueError:
        return None


def latest() -> datetime.date:
    """Return the day that it is where it is latest on Earth: no page is checked after it."""
    return datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=14))).date()


def in_words(checked: datetime.date, language: str) -> str:
    """Return a day as it is written in a language, as in ``26 November 2026``."""
    text = format_date(checked, "long", locale=LOCALES.get(language, language))
    # The first of a month has an ending in French, which Unicode CLDR leaves out.
    text = re.sub("^1 ", "1er ", text) if language == "fr" else text
    # The day and its month stay on one line.
    return text.replace(" ", "\u00a0", 1)


def add_day(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give the template the day on which the text of a page was checked."""
    checked = day((context.get("meta") or {}).get("checked", ""))
    if checked and isinstance(doctree, nodes.document):
        context["checked"] = {
            "iso": checked.isoformat(),
            "words": in_words(checked, app.config.language),
        }


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.connect("html-page-context", add_day)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

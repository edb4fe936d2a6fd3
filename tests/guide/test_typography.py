"""French typography, as the Imprimerie nationale and every French newspaper have it."""

import re

from guide import Guide
from results import Result, judged_by
from settings import place
from test_catalogues import entries

# What is wrong in a French text, and what to write instead.
FRENCH = (
    (
        r"[^\s\u00a0][:;?!»](?=[\s.,)»]|$)",
        "put a no-break space (U+00A0) before the last sign of “{}”",
    ),
    (r"[ \u202f\u2009][:;?!»](?=[\s.,)]|$)", "put a no-break space (U+00A0) before “{}”"),
    (r"«(?!\u00a0).", "put a no-break space (U+00A0) after « in “{}”"),
    (r"\w*'\w*", "write ’ instead of ' in “{}”"),
    (r'"[^"]*"?', "write « … » instead of the straight quotes of {}"),
    (r"“[^”]*”?", "write « … » instead of the English quotes of {}"),
    (r"\.\.\.", "write … instead of “{}”"),
)
# reStructuredText that typography does not touch.
MARKUP = r"``.+?``|`[^`<]*<[^>]*>`__|:[\w-]+:`|\[#?[\w-]+\]_|\|[^|\s][^|]*\||https?://\S+"


def bare(text: str) -> str:
    """Return a text without its markup, keeping the words of links and roles."""
    return re.sub(MARKUP, lambda found: link_text(found[0]), text)


def link_text(markup: str) -> str:
    """Return the words of a link; a figure for other markup, so that no space is lost."""
    words = re.fullmatch(r"`([^`<]*)<[^>]*>`__", markup)
    return words[1].strip() if words else "" if markup.startswith(":") else "0"


def french(guide: Guide):
    """Yield a result for each French entry, page and text of the settings."""
    for language, name, where, entry in entries(guide):
        if language == "fr" and entry.msgstr:
            yield judged(name, where, entry.msgstr)
    for page in guide.pages:
        if guide.written_in(page) == "fr":
            for text in guide.paragraphs(page, "fr"):
                where = guide.where(page, "fr", text, " ".join(text.split(" ")[:3]))
                yield judged(f"{page}.rst: “{text[:40]}”", where, text)
    for keys, text in settings_in_french(guide.reading.values):
        where = f"{guide.reading.file_of(keys)}: {place(keys)}"
        yield judged(where, where, text)


def settings_in_french(values: dict, path: tuple = (), inside: bool = False):
    """Yield the keys and texts of the settings that are French, but for quoted labels."""
    for key, value in values.items():
        here = (*path, key)
        if isinstance(value, dict) and key != "labels":
            yield from settings_in_french(value, here, inside or key == "fr")
        elif isinstance(value, str) and inside:
            yield here, value


def judged(name: str, where: str, french_text: str) -> Result:
    """Return the result for one text."""
    text = bare(french_text)
    problems = [
        advice.format(found[0])
        for pattern, advice in FRENCH
        for found in re.finditer(pattern, text)
    ]
    return Result(name, f"{where}: {'; '.join(problems)}" if problems else "")


@judged_by(french)
def test_french_typography(result):
    """No-break spaces before : ; ? ! » and after «, ’ and no straight quotes."""
    result.report()

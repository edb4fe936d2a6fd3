"""Say behind each external link which language its target has, where that is another one.

What is known of the targets is in the record, ``links.toml``; an address that is not there,
as those of the settings, gets no mark.
"""

import sys
from pathlib import Path

from babel import Locale
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

from evidence import BUILDERS
from languages import is_translated, rendered
from settings import read_toml

RECORD = "links.toml"
# What the template says; where it has no translation, the language is named in English.
WORDS = "(in {language})"


def languages_of(known: dict) -> list[str]:
    """Return the languages that the record has for an address."""
    found = known.get("language", []) if isinstance(known, dict) else []
    return found if isinstance(found, list) else [found]


def load(app: Sphinx, config: Config) -> None:
    """Read the record: ours, then that of the overlay.

    Raises:
        SystemExit: it cannot be read. Sphinx would report its own errors with a traceback.
    """
    found: dict[str, list[str]] = {}
    for folder in (Path(app.confdir), Path(config.overlay)):
        path = folder / RECORD
        try:
            known = read_toml(path) if path.exists() else {}
        except ConfigError as error:
            sys.exit(str(error))
        found |= {address: languages_of(one) for address, one in known.items()}
    config.linked_languages = found


def named(language: str, code: str) -> str:
    """Return what a language is called in another one, as Unicode CLDR has it.

    Args:
        language: the code of the language to name.
        code: that of the language in which to name it.
    """
    return Locale.parse(code).languages.get(language, language)


def mark(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Mark the links of a page that is about to be written."""
    if app.builder.name not in BUILDERS:
        return
    language, record = app.config.language, app.config.linked_languages
    code = language if is_translated(app.translator, WORDS) else "en"
    for link in list(doctree.findall(nodes.reference)):
        targets = record.get(link.get("refuri", ""), [])
        if targets and language not in targets:
            said = rendered(app, "linked-language.html", {"name": named(targets[0], code)})
            link.parent.insert(link.parent.index(link) + 1, [nodes.Text(" "), said])


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.add_config_value("linked_languages", {}, "env", types=frozenset({dict}))
    app.connect("config-inited", load)
    app.connect("doctree-resolved", mark)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

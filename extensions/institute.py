"""Fill the pages with the words of one institute.

The pages hold substitutions such as ``|at-institute|``. This extension reads
``institute.toml`` and defines them, in the language that is being built, when Sphinx has
read its configuration.
"""

import re
import sys
import tomllib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError


class Settings:
    """The settings of an institute, looked up key by key.

    What is wrong is collected in ``errors``, so that all of it is reported at once.
    """

    def __init__(self, path: Path):
        """Read the settings file.

        Args:
            path: the TOML file (https://toml.io/en/v1.0.0).

        Raises:
            ConfigError: the file cannot be read or is no TOML.
        """
        self.name = path.name
        self.errors: list[str] = []
        try:
            self.values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            raise ConfigError(f"{path} is missing: restore it from the repository") from None
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise ConfigError(f"{path}: line {line}: save the file as UTF-8") from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: this is no TOML: {error}") from None

    def _find(self, keys: tuple[str, ...], kind: type, expected: str):
        value = self.values
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, kind) and value:
            return value
        self._complain(keys, value, f"write {expected}")
        return None

    def _complain(self, keys: tuple[str, ...], value, advice: str) -> None:
        table, key = ".".join(keys[:-1]), keys[-1]
        where = f"{self.name}: {f'[{table}] ' if table else ''}{key}"
        found = "is missing" if value is None else f"holds {value!r}"
        self.errors.append(f"{where} {found}: {advice}")

    def text(self, *keys: str) -> str:
        """Return the text under a path of keys; an empty one after an error."""
        value = self._find(keys, str, f'{keys[-1]} = "…", a text on one line')
        if value and not value.isprintable() and re.search(r"[\x00-\x1f\x7f\u2028\u2029]", value):
            self._complain(keys, value, "write it on one line, without control characters")
        return value or ""

    def address(self, *keys: str) -> str:
        """Return the https address under a path of keys; an empty one after an error."""
        value = self.text(*keys)
        if value and not re.fullmatch(r"https://[\w.-]+(:\d+)?([/?][^\s<>`\\\"']*)?", value):
            self._complain(keys, value, "write an address that starts with https://")
        return value

    def table(self, *keys: str) -> dict:
        """Return the table under a path of keys; an empty one after an error."""
        return self._find(keys, dict, f"a table [{'.'.join(keys)}]") or {}

    def languages(self) -> list[str]:
        """Return the codes of the languages the site is published in."""
        keys = ("languages",)
        value = self._find(keys, list, 'a list such as languages = ["en", "fr"]')
        if value and value[0] == "en" and all(isinstance(code, str) for code in value):
            return value
        if value:
            advice = 'write language codes, that of the pages first, as in languages = ["en", "fr"]'
            self._complain(keys, value, advice)
        return []

    def check(self) -> None:
        """Raise ConfigError if anything was wrong, with all of it."""
        if self.errors:
            raise ConfigError("\n".join(dict.fromkeys(self.errors)))


def plain(text: str) -> str:
    """Return text as reStructuredText that prints it, whatever characters it holds."""
    return re.sub(r"([^\w\s]|_)", r"\\\1", text)


def link(text: str, address: str) -> str:
    """Return reStructuredText for a link."""
    return f"`{plain(text)} <{re.sub(r'_$', '%5F', address)}>`__"


def label(text: str) -> str:
    """Return reStructuredText for what a button or a menu says."""
    return f":guilabel:`{plain(text.replace('&', '&&'))}`"


def substitutions(settings: Settings, language: str) -> dict[str, str]:
    """Return the substitutions that the pages may use.

    Args:
        settings: the institute's settings; what is wrong is added to its errors.
        language: the code of the language that is built.

    Returns:
        The reStructuredText of each substitution, by its name.
    """
    words = {
        "institute": ("institute", "name"),
        "at-institute": ("institute", "at"),
        "by-institute": ("institute", "by"),
        "from-institute": ("institute", "from"),
        "of-institute": ("institute", "of"),
        "staff": ("institute", "staff"),
        "identity": ("identity", "name"),
        "identity-corrected-by": ("identity", "corrected-by"),
        "other-staff": ("other-authority", "staff"),
        "by-other-authority": ("other-authority", "by"),
        "to-other-authority": ("other-authority", "to"),
    }
    result = {
        name: plain(settings.text(table, language, key)) for name, (table, key) in words.items()
    }
    result["documentation"] = link(
        settings.text("documentation", language, "title"),
        settings.address("documentation", "address"),
    )
    result["identity-help"] = link(
        settings.text("identity", language, "help-title"),
        settings.address("identity", language, "help-address"),
    )
    for portal in settings.table("portals"):
        place = ("portals", portal, language)
        result[portal] = plain(settings.text(*place, "name"))
        result[f"{portal}-help-desk"] = plain(settings.text(*place, "help-desk"))
        address = settings.address("portals", portal, "address")
        result[f"{portal}-address"] = link(address, address)
        for name in settings.table(*place, "labels"):
            result[f"{portal}-{name}"] = label(settings.text(*place, "labels", name))
    main = settings.text("main-portal")
    result["portal"] = plain(settings.text("portals", main, language, "name"))
    return result


def read(path: Path) -> Settings:
    """Read the settings and judge them for all their languages.

    Args:
        path: the TOML file.

    Raises:
        ConfigError: with all that is wrong, a line each.
    """
    settings = Settings(path)
    languages = settings.languages()
    for language in languages:
        settings.text("site", language, "title")
        substitutions(settings, language)
    for portal in settings.table("portals"):
        tables = [settings.table("portals", portal, code, "labels") for code in languages]
        for name in dict.fromkeys(name for table in tables for name in table):
            for language in languages:
                settings.text("portals", portal, language, "labels", name)
    settings.check()
    return settings


def fill(app: Sphinx, config: Config) -> None:
    """Set what depends on the institute, for the language that is built.

    Raises:
        SystemExit: the settings are wrong. Sphinx would report its own errors with a traceback.
    """
    try:
        settings = read(Path(config.institute_file))
    except ConfigError as error:
        sys.exit(str(error))
    config.site_languages = settings.languages()
    if config.language not in config.site_languages:
        sys.exit(
            f"{settings.name}: languages does not hold {config.language!r}, the language "
            f"to build: add it, or build one of {', '.join(config.site_languages)}"
        )
    config.html_title = settings.text("site", config.language, "title")
    config.rst_epilog = "\n".join(
        f".. |{name}| replace:: {text}"
        for name, text in sorted(substitutions(settings, config.language).items())
    )


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.add_config_value("institute_file", "", "env", types=frozenset({str}))
    app.add_config_value("site_languages", [], "html", types=frozenset({list}))
    app.connect("config-inited", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""What an institute may set: the schema of institute.toml, and how the overlay is laid over.

``institute.toml`` has the values of the upstream institute, ``local/institute.toml`` those
that differ. Where the overlay names another institute, whatever tells one institute from
another is taken from the overlay alone, so that no fork publishes contacts of ours.
"""

import difflib
import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sphinx.errors import ConfigError

from schema import ADDRESS, URL, WORDS, Settings, example, is_language, shortened, shown, siblings

NAME = "institute.toml"
# What makes an institute. None of it is taken from upstream for another institute.
IDENTITY = (
    *("institute", "site", "identity", "help-desk", "domains", "authorities"),
    *("offered-portals", "main-portal", "owner", "accessibility", "documentation", "vo"),
)
# The phrases that hold the name of the institute.
PHRASES = ("at", "by", "from", "of")
# Tables of words that upstream may leave out.
OPTIONAL = ("owner", "accessibility", "documentation")
# The entries of an overlay.
OVERLAY = (NAME, "links.toml", "answers.toml", "README.md", "pages", "locale", "words", "static")
# How many kB a logo may weigh without a warning: each reader loads it with the first page.
LOGO = 100
# The variable of the environment that holds the address of the site.
VARIABLE = "SITE_ADDRESS"
# Keys by their old names, accepted for one release: “old.key”: “new-key”. A star stands
# for any one name, such as a language.
RENAMED: dict[str, str] = {}


def overlay_folder(root: Path) -> Path:
    """Return the overlay that the environment variable LOCAL names, or local/."""
    return root / (os.environ.get("LOCAL") or "local")


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises:
        ConfigError: it cannot be read, or is no UTF-8; with the line.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}: save the file as UTF-8") from None


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds (https://toml.io/en/v1.0.0).

    Raises:
        ConfigError: it cannot be read, or is no TOML; with the line.
    """
    try:
        return tomllib.loads(read_text(path))
    except RecursionError:
        raise ConfigError(f"{path}: this is no TOML: too many brackets") from None
    except ValueError as error:
        raise ConfigError(f"{path}: this is no TOML: {error}") from None


def laid_over(base: Any, over: Any) -> Any:
    """Return one value laid over another: tables key by key, anything else as a whole."""
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    return base | {key: laid_over(base.get(key), value) for key, value in over.items()}


def holds(values: Any, keys: tuple) -> bool:
    """Tell whether there is a value under a path of keys."""
    for key in keys:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True


def is_another(base: dict, own: dict) -> bool:
    """Tell whether the settings of an overlay are those of another institute.

    They are if they give it another name; or other phrases, without saying that the name
    stays.
    """
    upstream, institute = base.get("institute"), own.get("institute")
    known = upstream if isinstance(upstream, dict) else {}
    names = [words.get("name") for words in known.values() if isinstance(words, dict)]
    for code, words in institute.items() if isinstance(institute, dict) else ():
        theirs = words if isinstance(words, dict) else {}
        ours = known.get(code) if isinstance(known.get(code), dict) else {}
        differs = any(theirs[key] != ours.get(key) for key in PHRASES if key in theirs)
        if (theirs["name"] not in names) if "name" in theirs else differs:
            return True
    return False


def rename(values: dict, file: str) -> list[str]:
    """Give keys that have an old name their new one; return the warnings."""
    warnings = []
    for old, new in RENAMED.items():
        for path in matching_paths(values, tuple(old.split("."))):
            *tables, key = path
            table = values
            for name in tables:
                table = table[name]
            value = table.pop(key)
            if new not in table:
                table[new] = value
            warnings.append(
                f"{file}: {place(path)} is now called {new}: rename it. "
                "The old name is accepted until the next release"
            )
    return warnings


def matching_paths(values: Any, pattern: tuple) -> list[tuple]:
    """Return the paths of keys that are there and match a pattern."""
    if not pattern:
        return [()]
    if not isinstance(values, dict):
        return []
    keys = list(values) if pattern[0] == "*" else [key for key in pattern[:1] if key in values]
    return [(key, *rest) for key in keys for rest in matching_paths(values[key], pattern[1:])]


class Reading:
    """The settings of an institute, as they were read.

    Attributes:
        settings: what is set, valid.
        values: the same as it stands in the files, laid over each other.
        warnings: what an admin should see to, though it is accepted.
        local: the overlay.
        is_another: whether the overlay is that of another institute than upstream's.
        is_fork: whether the overlay holds anything; upstream's has a README only.
        address: where the site is published, with a slash at its end; empty if that is not
            known. A forge tells by the variable SITE_ADDRESS, where the settings do not.
    """

    def __init__(self, root: Path, local: Path):
        """Read the settings of a guide and its overlay.

        Args:
            root: the folder of ``conf.py``, with ``institute.toml``.
            local: the overlay; it may hold an ``institute.toml`` of its own.

        Raises:
            ConfigError: with all that is wrong, a line each.
        """
        self.root, self.local = root, local
        self._judge_overlay()
        base, own = self._read(root / NAME), {}
        self._own_file = self._shown(local / NAME)
        # A link that leads nowhere is no missing file: it would publish upstream's contacts.
        if os.path.lexists(local / NAME):
            own = self._read(local / NAME)
        self.warnings = rename(base, NAME) + rename(own, self._own_file)
        self._own = own
        self.is_another = is_another(base, own)
        if self.is_another:
            base = {key: value for key, value in base.items() if key not in IDENTITY}
        self._base, self.values = base, laid_over(base, own)
        problems = []
        try:
            self.settings = Settings.model_validate(self._with_languages())
        except ValidationError as error:
            problems = [self._message(one) for one in error.errors(include_url=False)]
        problems = problems or self._judge_sense() + self._judge_address()
        if problems:
            raise ConfigError("\n".join(dict.fromkeys(problems)))
        self.warnings += self._heavy_logo()

    def _read(self, path: Path) -> dict[str, Any]:
        """Read a file, and name it from the root if it is wrong."""
        try:
            return read_toml(path)
        except ConfigError as error:
            said = str(error).removeprefix(str(path))
            raise ConfigError(self._shown(path) + said) from None

    def _shown(self, path: Path) -> str:
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    def file_of(self, keys: tuple) -> str:
        """Return the name of the file that sets a path of keys."""
        if holds(self._own, tuple(key for key in keys if not isinstance(key, int))):
            return self._own_file
        return self._own_file if self.is_another and keys[0] in IDENTITY else NAME

    def _judge_overlay(self) -> None:
        if not self.local.is_dir():
            raise ConfigError(f"LOCAL={self._shown(self.local)}: there is no such folder")
        problems = [
            f"{self._shown(path)}: nothing is read from here. {meant(path.name, OVERLAY)}"
            for path in sorted(self.local.iterdir())
            if path.name not in OVERLAY and not path.name.startswith(".")
        ]
        if problems:
            raise ConfigError("\n".join(problems))
        self.is_fork = any(
            path.name != "README.md" and not path.name.startswith(".")
            for path in self.local.iterdir()
        )

    def _with_languages(self) -> dict:
        """Return the values with an empty table for each language that lacks one.

        Then each word that is missing in it is reported.
        """
        codes = self.values.get("languages")
        codes = [code for code in codes if isinstance(code, str)] if isinstance(codes, list) else []
        if not all(is_language(code) for code in codes):
            return self.values
        empty: dict = {code: {} for code in codes}
        tables = {
            name: empty
            for name in ("site", "institute", "identity", "help-desk", *OPTIONAL)
            if isinstance(self.values.get(name), dict) or name not in OPTIONAL
        }
        for name in ("authorities", "portals"):
            table = self.values.get(name)
            # A portal speaks its own languages: where one is missing, English is quoted.
            tables[name] = {
                key: {code: {} for code in codes if name != "portals" or "en" not in value}
                for key, value in (table.items() if isinstance(table, dict) else ())
                if isinstance(value, dict)
            }
        tables = {name: table for name, table in tables.items() if table}
        if self.is_another:
            # Whoever publishes upstream may not be known yet; a fork knows who it is.
            tables["owner"] = empty
        return laid_over(tables, self.values)

    # -- What is wrong ------------------------------------------------------------------

    def _message(self, error: dict) -> str:
        """Return what is wrong and what to write, for an error that pydantic found."""
        *tables, last = error["loc"]
        keys = (*(key for key in tables if key != WORDS), last)
        if last == "[key]" and error["type"] != "extra_forbidden":
            keys = keys[:-1]
        if error["type"] == "missing":
            return self._missing(keys)
        where = f"{self.file_of(keys)}: {place(keys)}"
        if error["type"] == "extra_forbidden":
            return f"{where} is no key of this table. {meant(keys[-1], siblings(keys))}"
        advice = error.get("ctx", {}).get("advice") or f"write {example(keys)}"
        return f"{where} holds {found(error['input'])}: {advice}"

    def _missing(self, keys: tuple) -> str:
        file = self.file_of(keys)
        if self._own and not holds(self._base, keys[:-1]):
            # What upstream has no table for, such as a language that the overlay adds.
            file = self._own_file
        return f"{file}: {place(keys)} is missing: write {example(keys)}"

    def _judge_sense(self) -> list[str]:
        """Return what is wrong with values that are each right by themselves."""
        settings, problems = self.settings, []

        def say(keys: tuple, advice: str) -> None:
            problems.append(f"{self.file_of(keys)}: {place(keys)} {advice}")

        for name in settings.offered_portals:
            if name not in settings.portals:
                say(("offered-portals",), f"holds {found(name)}: {meant(name, settings.portals)}")
            elif not any((at / f"request-{name}.rst").exists() for at in self._pages()):
                here = self._shown(self.local / "pages" / f"request-{name}.rst")
                say(("offered-portals",), f"holds {name!r}, which has no page: write {here}")
        if settings.main_portal not in settings.offered_portals:
            advice = meant(settings.main_portal, settings.offered_portals)
            name = found(settings.main_portal)
            say(("main-portal",), f"holds {name}, which is not offered. {advice}")
        for name, portal in settings.portals.items():
            english = portal.words.get("en")
            for code, words in portal.words.items():
                for label in words.labels if english else ():
                    if label not in english.labels:
                        advice = f"is no label of [portals.{name}.en.labels]. "
                        advice += meant(label, english.labels)
                        say(("portals", name, code, "labels", label), advice)
        for code, words in settings.identity.words.items():
            for name in words.organisations:
                if name not in settings.portals:
                    advice = f"is no portal. {meant(name, settings.portals)}"
                    say(("identity", code, "organisations", name), advice)
            if bool(words.help_title) != bool(words.help_address):
                say(("identity", code), "needs both help-title and help-address, or neither")
        if settings.site.logo and not self._logo():
            here = self._shown(self.local / "static" / settings.site.logo)
            say(("site", "logo"), f"holds {settings.site.logo!r}: there is no file {here}")
        return problems

    def _judge_address(self) -> list[str]:
        """Take over the address of the site, and return what is wrong with it."""
        where = f"{self.file_of(('site', 'address'))}: {place(('site', 'address'))}"
        address = self.settings.site.address
        if not address:
            where, address = VARIABLE, os.environ.get(VARIABLE, "")
        self.address = f"{address.rstrip('/')}/" if address else ""
        if address.startswith("http://"):
            # GitLab tells such an address where it has no https for Pages, or no Pages.
            self.warnings.append(
                f"{where} holds {found(address)}: the site is built as if its address were not "
                "known, because it does not start with https://"
            )
            self.address = ""
        elif address and not ADDRESS.fullmatch(address):
            return [f"{where} holds {found(address)}: {URL}"]
        elif "?" in address or "#" in address:
            return [f"{where} holds {found(address)}: leave out what follows ? or #"]
        return []

    def _pages(self) -> list[Path]:
        return [self.root / "source", self.local / "pages"]

    def _logo(self) -> Path | None:
        folders = (self.local / "static", self.root / "theme" / "static")
        paths = [at / self.settings.site.logo for at in folders]
        return next((path for path in paths if path.is_file()), None)

    def _heavy_logo(self) -> list[str]:
        path = self.settings.site.logo and self._logo()
        weight = path.stat().st_size / 1000 if path else 0
        if weight <= LOGO:
            return []
        where = f"{self.file_of(('site', 'logo'))}: {place(('site', 'logo'))}"
        return [
            f"{where} holds {path.name!r}, which weighs {weight:.0f} kB, and each reader loads "
            f"it: make {self._shown(path)} smaller, {LOGO} kB at most"
        ]


def place(keys: tuple) -> str:
    """Return a path of keys as it stands in a TOML file."""
    tables = [shown(key) for key in keys if not isinstance(key, int)]
    return f"[{'.'.join(tables[:-1])}] {tables[-1]}" if tables[:-1] else tables[-1]


def found(value: Any) -> str:
    """Return what was found, as messages show it."""
    try:
        return shortened(repr(value))
    except (RecursionError, ValueError):
        return "something much too long"


def meant(name: str, known) -> str:
    """Return which of the names that are known was probably meant, or all of them."""
    close = difflib.get_close_matches(str(name), list(known), 1)
    return f"Did you mean {close[0]}?" if close else f"Known here: {', '.join(known) or 'nothing'}"

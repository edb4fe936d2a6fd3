"""The schema of institute.toml: which keys there are, and what each may hold.

Each kind of value has a description: the example that messages show.
"""

import datetime
import functools
import math
import re
from typing import Annotated, Any

from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

import colours

# https, a name with a dot, and only the characters that RFC 3986 leaves unescaped.
ADDRESS = re.compile(
    r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?([/?#]([\w.~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?",
    re.ASCII,
)
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.ASCII)
EMAIL = re.compile(rf"[\w.+-]+@{DOMAIN.pattern}", re.ASCII)
COLOUR = re.compile(r"#([0-9a-fA-F]{3}){1,2}", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?", re.ASCII)
UNPRINTABLE = r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"


# -- Kinds of values ----------------------------------------------------------------------


def complain(advice: str) -> PydanticCustomError:
    """Return the error of a value that is not what it should be."""
    return PydanticCustomError("advice", "{advice}", {"advice": advice})


def plain_text(value: str) -> str:
    """Refuse what is empty, not on one line, or looks like markup."""
    if not value.strip():
        raise complain("fill in a text")
    if value != value.strip():
        raise complain("write it without blanks at its start and end")
    if re.search(UNPRINTABLE, value):
        raise complain("write it on one line, without control characters")
    if found := re.search(r"[<>`|\\]|\*\*|__|::|\{\{|\{%", value):
        raise complain(f"write plain text, without markup such as {found[0]}")
    return value


def matching(pattern: re.Pattern, advice: str) -> AfterValidator:
    """Return the judge of a value that must match a pattern."""

    def judge(value: str) -> str:
        if not pattern.fullmatch(value):
            raise complain(advice)
        return value

    return AfterValidator(judge)


def is_language(code: Any) -> bool:
    """Tell whether something is the code of a language that Unicode CLDR knows."""
    try:
        return bool(LANGUAGE.fullmatch(code) and Locale.parse(code))
    except (TypeError, UnknownLocaleError, ValueError):
        return False


def known_language(code: str) -> str:
    """Refuse what is no code of a language."""
    if not is_language(code):
        raise complain('write codes of languages, as in languages = ["en", "fr"]')
    return code


def legible(scheme: str) -> AfterValidator:
    """Return the judge of a colour of text on the paper of a scheme, “light” or “dark”."""

    def judge(value: str) -> str:
        found, ground = colours.weakest(value, scheme)
        if found < colours.TEXT:
            # Never rounded up: 4.46 is not 4.5.
            measured = math.floor(found * 10) / 10
            raise complain(
                f"its contrast with the background {ground} is {measured} to 1, and links need "
                f"{colours.TEXT} to 1: write a {'darker' if scheme == 'light' else 'lighter'} "
                f'one, such as "{colours.shade(value, scheme)}"'
            )
        return value

    return AfterValidator(judge)


def unique(values: list) -> list:
    """Refuse a list that holds something twice."""
    if twice := [value for value in values if values.count(value) > 1]:
        raise complain(f"name {twice[0]} once")
    return values


def kind(description: str, base: type, *judges):
    """Return a type of value, with the example that messages show."""
    return Annotated[base, *judges, Field(description=description)]


URL = 'write an address that starts with https://, as in "https://example.org/help"'
Text = kind('"…", a text on one line', str, AfterValidator(plain_text))
Address = kind('"https://…"', str, matching(ADDRESS, URL))
Contact = kind(
    '"https://…" or "name@example.org"',
    str,
    matching(
        re.compile(f"{ADDRESS.pattern}|{EMAIL.pattern}", re.ASCII), f"{URL}, or an e-mail address"
    ),
)
Domain = Annotated[str, matching(DOMAIN, 'write e-mail domains, as in ["example.org"]')]
Domains = kind('["example.org"], a list of e-mail domains, or []', list[Domain])
Picture = kind(
    '"logo.svg"',
    str,
    matching(
        re.compile(r"[\w-][\w.-]{0,99}\.(svg|png|jpe?g|webp)", re.ASCII),
        'write the name of a picture in static/, as in "logo.svg"',
    ),
)
NO_COLOUR = 'write a colour as # and six digits, as in "#0b5a7d"'
Light = kind('"#0b5a7d"', str, matching(COLOUR, NO_COLOUR), legible("light"))
Dark = kind('"#7cc4e8"', str, matching(COLOUR, NO_COLOUR), legible("dark"))
Days = kind("395, a number of days", int, Field(ge=1, le=3660))
Percent = kind("62, a number from 0 to 100", int, Field(ge=0, le=100))
Date = kind("2026-01-31, a date", datetime.date)
# Short enough for the name of a file.
Name = Annotated[
    str,
    matching(
        re.compile(r"[a-z][a-z0-9]{0,39}", re.ASCII), "write small letters and digits, at most 40"
    ),
]
Label = Annotated[
    str,
    matching(re.compile(r"[a-z][a-z0-9-]*", re.ASCII), "write small letters, digits and hyphens"),
]
Language = Annotated[str, AfterValidator(known_language)]
Languages = kind(
    '["en", "fr"], a list of codes of languages',
    list[Language],
    Field(min_length=1),
    AfterValidator(unique),
)
Portals = kind('["…"], a list of portals', list[Text], Field(min_length=1), AfterValidator(unique))
Names = kind('["…"], a list of names', list[Text])
Flag = kind("true or false", bool)


# The key, which nobody writes, for the tables of words that are named after languages.
WORDS = "<words>"


def written(name: str) -> str:
    """Return how a field is written as a key: with hyphens."""
    return WORDS if name == "words" else name.strip("_").replace("_", "-")


def shown(key: str) -> str:
    """Return a key as messages show it: on one line, and not for pages."""
    return key if re.fullmatch(r"[\w-]{1,60}", key, re.ASCII) else shortened(repr(key), 60)


def shortened(text: str, length: int = 80) -> str:
    """Return a text, or its start."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


# -- The schema ---------------------------------------------------------------------------


class Table(BaseModel):
    """A table of the settings. Its keys are written with hyphens."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=written,
    )


class Translated(Table):
    """A table that has a table of words for each language."""

    @model_validator(mode="before")
    @classmethod
    def gather(cls, values: Any) -> Any:
        """Put the tables named after languages into one."""
        if not isinstance(values, dict) or WORDS in values:
            return values
        keys = {field.alias for field in cls.model_fields.values()}
        words = {
            key: value
            for key, value in values.items()
            if key not in keys and isinstance(value, dict) and LANGUAGE.fullmatch(key)
        }
        return {key: value for key, value in values.items() if key not in words} | {WORDS: words}


class SiteWords(Table):
    """What the site is called."""

    title: Text


class Site(Translated):
    """The published site."""

    address: Address | None = None
    errors: Contact | None = None
    logo: Picture | None = None
    colour: Light | None = None
    colour_dark: Dark | None = None
    words: dict[Language, SiteWords]


class InstituteWords(Table):
    """The institute, in whole phrases."""

    name: Text
    at: Text
    by: Text
    from_: Text
    of: Text
    staff: Text


class Institute(Translated):
    """The institute."""

    words: dict[Language, InstituteWords]


class IdentityWords(Table):
    """The login that the portals ask for."""

    name: Text
    organisation: Text
    organisations: dict[Name, Text] = {}
    corrected_by: Text
    help_title: Text | None = None
    help_address: Address | None = None


class Identity(Translated):
    """The login that the portals ask for."""

    words: dict[Language, IdentityWords]


class HelpDeskWords(Table):
    """Who helps."""

    name: Text


class HelpDesk(Translated):
    """Who helps, and where."""

    address: Contact
    words: dict[Language, HelpDeskWords]


class AuthorityWords(Table):
    """People whose domain belongs to somebody else, and to whom."""

    people: Text
    name: Text


class Authority(Translated):
    """Somebody else, to whom the people of some domains must apply."""

    domains: Domains = []
    address: Contact | None = None
    words: dict[Language, AuthorityWords]


class OwnerWords(Table):
    """What the owner is called."""

    name: Text
    address: Text | None = None
    director: Text | None = None
    host: Text | None = None


class Owner(Translated):
    """Who answers for the site."""

    contact: Contact
    words: dict[Language, OwnerWords]


class AccessibilityWords(Table):
    """Who has audited how accessible the site is."""

    audited_by: Text


class Accessibility(Translated):
    """What an audit has found by the French rules of accessibility, RGAA."""

    criteria_met: Percent
    audited_on: Date
    words: dict[Language, AccessibilityWords]

    @property
    def state(self) -> str:
        """What these rules call the site: “none”, “partial” or “full” for its compliance."""
        return (
            "full" if self.criteria_met == 100 else "partial" if self.criteria_met >= 50 else "none"
        )


class DocumentationWords(Table):
    """What the institute's own documentation is called."""

    title: Text


class Documentation(Translated):
    """The institute's own documentation."""

    address: Address
    words: dict[Language, DocumentationWords]


class VirtualOrganisation(Table):
    """The virtual organisation that most readers join."""

    name: Text
    address: Address


class PortalWords(Table):
    """What a portal calls itself and its buttons."""

    name: Text
    help_desk: Text
    labels: dict[Label, Text] = {}


class Portal(Translated):
    """A portal on which certificates are asked for."""

    address: Address
    help_address: Contact | None = None
    authority: Text | None = None
    issuers: Names = []
    lifetime_days: Days | None = None
    words: dict[Language, PortalWords]


class Settings(Table):
    """All that an institute may set."""

    languages: Languages
    require_own_translations: Flag
    offered_portals: Portals
    main_portal: Text
    domains: Domains
    site: Site
    institute: Institute
    identity: Identity
    help_desk: HelpDesk
    authorities: dict[Name, Authority]
    owner: Owner | None = None
    accessibility: Accessibility | None = None
    documentation: Documentation | None = None
    vo: VirtualOrganisation | None = None
    portals: dict[Name, Portal]


# -- What may stand where -----------------------------------------------------------------


def child(schema: dict, node: dict, key: Any) -> dict:
    """Return the schema of what stands under a key of a table, or in a list."""
    node = plainly(schema, node)
    properties = node.get("properties", {})
    if key in properties:
        return properties[key]
    if WORDS in properties and LANGUAGE.fullmatch(str(key)):
        return child(schema, properties[WORDS], key)
    return node.get("items" if isinstance(key, int) else "additionalProperties") or {}


def plainly(schema: dict, node: dict) -> dict:
    """Return what a reference or a choice of the schema stands for."""
    if isinstance(node, dict) and "anyOf" in node:
        return plainly(schema, node["anyOf"][0])
    if isinstance(node, dict) and "$ref" in node:
        return schema["$defs"][node["$ref"].rpartition("/")[2]]
    return node if isinstance(node, dict) else {}


json_schema = functools.cache(Settings.model_json_schema)


def described(keys: tuple) -> dict:
    """Return the schema under a path of keys."""
    schema = json_schema()
    node = schema
    for key in keys:
        node = child(schema, node, key)
    return plainly(schema, node)


def example(keys: tuple) -> str:
    """Return what may be written under a path of keys."""
    keys = tuple(key for key in keys if not isinstance(key, int))
    here = described(keys)
    if here.get("type") == "object" or "description" not in here:
        return f"a table [{'.'.join(map(shown, keys))}]"
    return f"{shown(keys[-1])} = {here['description']}"


def siblings(keys: tuple) -> list[str]:
    """Return the keys of the table that a path of keys ends in."""
    return [key for key in described(keys[:-1]).get("properties", {}) if key != WORDS]

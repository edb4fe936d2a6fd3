"""Fill the pages with the words of one institute.

The pages hold substitutions such as ``|at-institute|``. This extension reads the settings
and defines them, in the language that is being built, when Sphinx has read its
configuration. What is optional in the settings is also a tag: ``.. only:: documentation``.
"""

import re
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import roles
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError
from sphinx.roles import GUILabel
from sphinx.util.docutils import SphinxDirective

from checked import in_words
from colours import palette
from schema import Settings
from settings import Reading

# -- reStructuredText ---------------------------------------------------------------------


def plain(text: str) -> str:
    """Return text as reStructuredText that prints it, whatever characters it holds."""
    return re.sub(r"([^\w\s]|_)", r"\\\1", text)


def link(text: str, address: str) -> str:
    """Return reStructuredText for a link to an https or e-mail address."""
    scheme = "" if address.startswith("https:") else "mailto:"
    return f"`{plain(text)} <{scheme}{re.sub(r'_$', '%5F', address)}>`__"


def label(text: str, language: str = "") -> str:
    """Return reStructuredText for what a button or a menu says.

    Args:
        text: its words.
        language: their language, if it is another one than that of the page.
    """
    role = f"guilabel-{language}" if language else "guilabel"
    return f":{role}:`{plain(text.replace('&', '&&'))}`"


def foreign(text: str, language: str) -> str:
    """Return reStructuredText for words of another language than that of the page."""
    return f":in-{language}:`{plain(text)}`" if language else plain(text)


class ForeignLabel(GUILabel):
    """What a button says in another language than that of the page."""

    def run(self):
        """Mark the language of the label; docutils makes ``lang`` from the class."""
        language = self.name.removeprefix("guilabel-")
        self.name = "guilabel"
        found, messages = super().run()
        found[0]["classes"].append(f"language-{language}")
        return found, messages


def add_roles(language: str) -> None:
    """Add the roles for words of a language that a page quotes."""
    options = {"class": [f"language-{language}"]}
    role = roles.CustomRole(f"in-{language}", roles.generic_custom_role, options)
    roles.register_local_role(f"in-{language}", role)
    roles.register_local_role(f"guilabel-{language}", ForeignLabel())


# -- Words --------------------------------------------------------------------------------


def fallback(words: dict[str, Any], language: str) -> str:
    """Return the language to take words from: that one, else English, else the first."""
    return next((code for code in (language, "en") if code in words), next(iter(words), language))


def pick(table: Any, language: str) -> Any:
    """Return the words of a table in a language, or what stands in for them."""
    return table.words[fallback(table.words, language)]


def quoted(texts: dict[str, str], language: str) -> str:
    """Return a label in a language, or as it is known in another one, and marked so."""
    code = fallback(texts, language)
    return label(texts[code], code if code != language else "")


def portal_substitutions(settings: Settings, name: str, language: str) -> dict[str, str]:
    """Return the substitutions of a portal, by their names without that of the portal."""
    portal = settings.portals[name]
    code = fallback(portal.words, language)
    words, spoken = portal.words[code], code if code != language else ""
    offered = name in settings.offered_portals
    result = {
        "": plain(words.name),
        "-address": link(portal.address, portal.address),
        "-help-desk": foreign(words.help_desk, spoken),
        "-page": f":doc:`/request-{name}`" if offered else plain(words.name),
    }
    identities = settings.identity.words
    chosen = {at: each.organisations.get(name) for at, each in identities.items()}
    chosen = {at: text for at, text in chosen.items() if text}
    usual = label(pick(settings.identity, language).organisation)
    result["-organisation"] = quoted(chosen, language) if chosen else usual
    if portal.help_address:
        result["-help-address"] = link(portal.help_address, portal.help_address)
    if portal.issuers:
        result["-issuers"] = ", ".join(f"``{issuer}``" for issuer in portal.issuers)
    if portal.lifetime_days:
        result["-lifetime-days"] = str(portal.lifetime_days)
    keys = dict.fromkeys(key for each in portal.words.values() for key in each.labels)
    for key in keys:
        texts = {at: each.labels[key] for at, each in portal.words.items() if key in each.labels}
        # No label takes the name of what is defined above.
        result.setdefault(f"-{key}", quoted(texts, language))
    return result


def substitutions(settings: Settings, language: str) -> dict[str, str]:
    """Return the substitutions that the pages may use.

    Args:
        settings: the institute's settings.
        language: the code of the language that is built.

    Returns:
        The reStructuredText of each substitution, by its name.
    """
    institute = pick(settings.institute, language)
    identity = pick(settings.identity, language)
    help_desk = link(pick(settings.help_desk, language).name, settings.help_desk.address)
    result = {
        "institute": plain(institute.name),
        "at-institute": plain(institute.at),
        "by-institute": plain(institute.by),
        "from-institute": plain(institute.from_),
        "of-institute": plain(institute.of),
        "staff": plain(institute.staff),
        "identity": plain(identity.name),
        "organisation": label(identity.organisation),
        "identity-corrected-by": plain(identity.corrected_by),
        "identity-help": help_desk,
        "help-desk": help_desk,
        "domains": ", ".join(f"``{domain}``" for domain in settings.domains),
        "portal": plain(pick(settings.portals[settings.main_portal], language).name),
        "portal-page": f":doc:`/request-{settings.main_portal}`",
        "other-portals": ", ".join(
            f":doc:`/request-{name}`"
            for name in settings.offered_portals
            if name != settings.main_portal
        ),
    }
    if identity.help_title and identity.help_address:
        result["identity-help"] = link(identity.help_title, identity.help_address)
    if settings.documentation:
        title = pick(settings.documentation, language).title
        result["documentation"] = link(title, settings.documentation.address)
    if settings.vo:
        result["vo"] = f"``{settings.vo.name}``"
        result["vo-registration"] = link(settings.vo.address, settings.vo.address)
    if settings.owner:
        owner, contact = pick(settings.owner, language), settings.owner.contact
        result["owner"] = plain(owner.name)
        result["owner-contact"] = link(contact, contact)
        result |= {"owner-address": plain(owner.address)} if owner.address else {}
        result |= {"owner-director": plain(owner.director)} if owner.director else {}
        result |= {"owner-host": plain(owner.host)} if owner.host else {}
    if audit := settings.accessibility:
        result["criteria-met"] = str(audit.criteria_met)
        result["audited-on"] = plain(in_words(audit.audited_on, language))
        result["audited-by"] = plain(pick(audit, language).audited_by)
    for name in settings.portals:
        own = portal_substitutions(settings, name, language)
        # A portal may be called as one likes, but it changes no word of the institute.
        result = {f"{name}{end}": text for end, text in own.items()} | result
    return result


# What may be missing is still a substitution, so that the text around it, which a tag
# leaves out, can be read.
OPTIONAL = ("documentation", "vo", "vo-registration", "owner", "owner-contact")
OPTIONAL += ("owner-address", "owner-director", "owner-host")
OPTIONAL += ("criteria-met", "audited-on", "audited-by")


def left_out(settings: Settings) -> list[str]:
    """Return the names of the pages of portals that are not offered."""
    names = [name for name in settings.portals if name not in settings.offered_portals]
    return [f"request-{name}" for name in names]


def tags(settings: Settings, language: str) -> set[str]:
    """Return the tags of ``.. only::`` that the settings set, for a language."""
    owner = settings.owner and pick(settings.owner, language)
    there = {
        "domains": settings.domains,
        "authorities": settings.authorities,
        "documentation": settings.documentation,
        "vo": settings.vo,
        "owner": owner,
        "owner_address": owner and owner.address,
        "owner_director": owner and owner.director,
        "owner_host": owner and owner.host,
        "audited": settings.accessibility,
        f"accessible_{accessibility(settings)}": True,
        "other_portals": len(settings.offered_portals) > 1,
    }
    there |= {f"offers_{name}": True for name in settings.offered_portals}
    return {name for name, value in there.items() if value}


def accessibility(settings: Settings) -> str:
    """Return what the rules of accessibility call the site; “none”, as long as nobody audits it."""
    return settings.accessibility.state if settings.accessibility else "none"


def errors_address(settings: Settings) -> str:
    """Return where readers report an error of the guide: an https or an e-mail address."""
    owner = settings.owner and settings.owner.contact
    return settings.site.errors or owner or settings.help_desk.address


class Authorities(SphinxDirective):
    """``.. authorities::`` lists who must apply elsewhere, and to whom."""

    def run(self):
        """Return a definition list, or nothing if there are no such people."""
        items = []
        for authority in self.config.authorities:
            term = nodes.term("", authority["people"])
            body = nodes.paragraph()
            if authority["address"]:
                body += nodes.reference("", authority["name"], refuri=authority["address"])
            else:
                body += nodes.Text(authority["name"])
            for number, domain in enumerate(authority["domains"]):
                body += [nodes.Text(", " if number else " – "), nodes.literal("", f"@{domain}")]
            items.append(nodes.definition_list_item("", term, nodes.definition("", body)))
        return [nodes.definition_list("", *items)] if items else []


def listed(settings: Settings, language: str) -> list[dict]:
    """Return the other authorities as the directive shows them."""
    found = []
    for authority in settings.authorities.values():
        words, address = pick(authority, language), authority.address
        if address and not address.startswith("https:"):
            address = f"mailto:{address}"
        found.append(
            {
                "people": words.people,
                "name": words.name,
                "address": address,
                "domains": authority.domains,
            }
        )
    return found


def fill(app: Sphinx, config: Config) -> None:
    """Set what depends on the institute, for the language that is built.

    Raises:
        SystemExit: the settings are wrong. Sphinx would report its own errors with a traceback.
    """
    try:
        reading = Reading(Path(app.confdir), Path(config.overlay))
    except ConfigError as error:
        sys.exit(str(error))
    # Not a warning of Sphinx's: with -W, it would fail the build.
    for warning in reading.warnings:
        print(f"Warning: {warning}", file=sys.stderr)
    settings, language = reading.settings, config.language
    # English is what the pages are written in: the checks compare with it.
    if language not in [*settings.languages, "en"]:
        sys.exit(
            f"{reading.file_of(('languages',))}: languages does not hold {language!r}, the "
            f"language to build: add it, or build one of {', '.join(settings.languages)}"
        )
    for code in {
        "en",
        *settings.languages,
        *(c for p in settings.portals.values() for c in p.words),
    }:
        add_roles(code)
    config.site_languages = settings.languages
    config.html_title = pick(settings.site, language).title
    if reading.address:
        config.html_baseurl = f"{reading.address}{language}/"
    config.html_context["logo"] = settings.site.logo
    config.html_context["colours"] = palette(settings.site.colour, settings.site.colour_dark)
    config.html_context["accessibility"] = accessibility(settings)
    config.html_context["errors_address"] = errors_address(settings)
    config.authorities = listed(settings, language)
    names = [settings.main_portal, *settings.offered_portals, *settings.portals]
    config.menu_portals = [f"request-{name}" for name in dict.fromkeys(names)]
    config.left_out = left_out(settings)
    for tag in tags(settings, language):
        app.tags.add(tag)
    defined = dict.fromkeys(OPTIONAL, "…") | substitutions(settings, language)
    config.substitutions = {name: text or "…" for name, text in sorted(defined.items())}


def define(app: Sphinx, name: str, source: list[str]) -> None:
    """Define the substitutions that a page uses, behind its last line.

    As ``rst_prolog``, all of them would be parsed for each page, which takes as long as the
    page itself.
    """
    used = set(re.findall(r"\|([^|\s]+)\|", source[0]))
    lines = [
        f".. |{name}| replace:: {text}"
        for name, text in app.config.substitutions.items()
        if name in used
    ]
    if lines:
        source[0] = "\n".join([source[0], "", *lines, ""])


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.setup_extension("overlay")
    app.add_config_value("substitutions", {}, "env", types=frozenset({dict}))
    app.add_config_value("site_languages", [], "html", types=frozenset({list}))
    app.add_config_value("authorities", [], "env", types=frozenset({list}))
    app.add_directive("authorities", Authorities)
    app.connect("config-inited", fill)
    app.connect("source-read", define)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

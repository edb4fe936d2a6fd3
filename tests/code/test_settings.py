"""Settings: what is wrong is said, and no value brings markup into a page."""

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from sphinx.errors import ConfigError

import institute
from copies import ROOT, reword

WRONG = {
    "a key left out": (
        'of = "of the CNRS"\n',
        "",
        'institute.toml: [institute.en] of is missing: write of = "…", a text on one line',
    ),
    "an empty text": (
        'of = "of the CNRS"',
        'of = ""',
        "institute.toml: [institute.en] of holds ''",
    ),
    "a number": ('of = "of the CNRS"', "of = 3", "[institute.en] of holds 3: write"),
    "a line break": ('of = "of the CNRS"', 'of = "of\\nit"', "write it on one line"),
    "no language": ('languages = ["en", "fr"]', "", "languages is missing: write a list"),
    "a language that is none": ('["en", "fr"]', '["en", 3]', "languages holds ['en', 3]"),
    "a table for a text": ('of = "of the CNRS"', "of = {}", "[institute.en] of holds {}"),
    "http": ('"https://sesame.cnrs.fr/"', '"http://sesame.cnrs.fr/"', "starts with https://"),
    "a script": ('"https://sesame.cnrs.fr/"', '"javascript:alert(1)"', "starts with https://"),
    "markup in an address": ('cnrs.fr/"', 'cnrs.fr/>`__ *x*"', "starts with https://"),
    "a portal that is not there": ('main-portal = "sesame"', 'main-portal = "x"', "[portals.x.en]"),
    "no portal": ("[portals.sesame", "[gone.sesame", "institute.toml: portals is missing"),
    "a label in one language only": (
        'staff = "CNRS - Personnels des unités"\n',
        "",
        "institute.toml: [portals.sesame.fr.labels] staff is missing",
    ),
    "another language first": ('["en", "fr"]', '["fr"]', "that of the pages first"),
    "no TOML": ('languages = ["en", "fr"]', "languages = en", "this is no TOML: Invalid value"),
}


@pytest.fixture
def settings_file(tmp_path):
    """A copy of the settings."""
    path = tmp_path / "institute.toml"
    path.write_bytes((ROOT / "institute.toml").read_bytes())
    return path


@pytest.mark.parametrize(("old", "new", "said"), WRONG.values(), ids=WRONG.keys())
def test_wrong_setting_is_said(settings_file, old, new, said):
    """The message names the file, the key, what was found and what to write."""
    reword(settings_file, old, new)
    with pytest.raises(ConfigError) as error:
        institute.read(settings_file)
    assert said in str(error.value)
    assert "institute.toml" in str(error.value)


def test_file_that_cannot_be_read_is_said(settings_file):
    """A file of another encoding, or none at all, is said too."""
    settings_file.write_bytes("# été\nname = 'é'\n".encode("latin-1"))
    with pytest.raises(ConfigError, match="line 1: save the file as UTF-8"):
        institute.read(settings_file)
    settings_file.unlink()
    with pytest.raises(ConfigError, match="is missing: restore it"):
        institute.read(settings_file)


@pytest.mark.parametrize(
    "text",
    ["*x* **y** `z`_ |a| [1]_ <b>", r"back\slash", "a_ b__ ::", "l’été & co", "http://x.org/"],
)
def test_text_is_printed_as_it_is(text):
    """No character of a setting is markup."""
    document = publish_doctree(f"A |word| here.\n\n.. |word| replace:: {institute.plain(text)}\n")
    paragraph = next(iter(document.findall(nodes.paragraph)))
    assert paragraph.astext() == f"A {text} here."
    assert all(isinstance(child, nodes.Text) for child in paragraph.children)


def test_link_leads_where_it_says():
    """A link keeps its text and its address, an underscore at the end included."""
    text, address = "Aide (*en ligne*)", "https://example.org/a_b?c=d&e_"
    document = publish_doctree(f"|x|\n\n.. |x| replace:: {institute.link(text, address)}\n")
    reference = next(iter(document.findall(nodes.reference)))
    assert reference.astext() == text
    assert reference["refuri"] == "https://example.org/a_b?c=d&e%5F"

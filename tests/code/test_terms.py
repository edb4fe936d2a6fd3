"""A word of the glossary leads there where a page has it for the first time."""

import pytest

from copies import reword, shown, small_guide
from terms import pattern, sorting_key

PAGE = """:orphan:

A private key in a title
========================

See `the private key <https://example.org/>`__ and ``private key``, **private key**.
Two Private
keys, a private key, and then the CA of a certification authority; no CAT, no unsubject.

.. note::

   A private key, an authority, its subject. [#key]_

.. [#key] A proxy.
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A guide with one page of its own."""
    return small_guide(tmp_path_factory.mktemp("terms") / "guide", "glossary", words=PAGE)


def test_first_place_is_linked(root):
    """Of each term, the first place in running text leads to the glossary, and no other."""
    links = shown(root, "words").select("a.term")
    assert [(link["href"], " ".join(link.text.split())) for link in links] == [
        ("glossary.html#term-private-key", "Private keys"),
        ("glossary.html#term-certification-authority", "CA"),
        ("glossary.html#term-subject", "subject"),
    ]


def test_glossary_explains_by_its_own_words(root):
    """Each explanation links the terms that it uses, but not its own."""
    page = shown(root, "glossary")
    explained = page.find(id="term-key-pair").find_next("dd")
    assert [link["href"] for link in explained.select("a.term")] == [
        "#term-private-key",
        "#term-public-key",
    ]


def test_translated_terms_have_the_same_anchors(root):
    """In French, the terms are sorted and linked as French words, with the anchors of English."""
    page = shown(root, "glossary", "fr")
    terms = [term for term in page.select("main dt") if term.find_previous_sibling("dt") or True]
    anchors = {term["id"] for term in terms}
    assert anchors == {term["id"] for term in shown(root, "glossary").select("main dt")}
    firsts = [
        item.text.rstrip("#") for item in page.select("main dd + dt, main dl > dt:first-child")
    ]
    assert firsts == sorted(firsts, key=sorting_key)
    assert page.find(id="term-certification-authority").text.startswith("autorité")


@pytest.mark.extended
def test_changed_term_is_linked_in_a_next_build(root):
    """The pages are written again when the glossary changes."""
    shown(root, "words")
    reword(root / "source/glossary.rst", "   subject\n", "   authority\n")
    links = [link.text for link in shown(root, "words").select("a.term")]
    assert "authority" in links
    assert "subject" not in links


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("certification authority", "Certification authorities.", "Certification authorities"),
        ("clé privée", "Les clés privées", "clés privées"),
        ("émetteur", "l’émetteur", "émetteur"),
        ("réseau", "les réseaux", "réseaux"),
        ("CA", "Ca va, le CA", "CA"),
        ("proxy", "proxies", "proxies"),
        ("proxy", "voms-proxy-init, proxy-server", None),
    ],
)
def test_forms_of_a_word(term, text, found):
    """Plurals and capital letters count, parts of longer words do not."""
    match = pattern({term: "x"}).search(text)
    assert (match and match[0]) == found

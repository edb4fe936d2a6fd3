"""What the search page knows of a page: its parts, and their text in sentences."""

import pytest

from search import sentences


@pytest.mark.parametrize(
    "text",
    [
        "Write e.g. Firefox, i.e. Mozilla’s.",
        "Demandez-le, p. ex. Firefox.",
        "Copy \tusercred.p12\t to the machine.",
        "It says \tUnable to import. Error attempting to import private key.\t and ends.",
        "With OpenSSL 3.0.22 it works.",
        "Ask R. Smith.",
        "«\u00a0Qui\u00a0? moi\u00a0», dit-il.",
    ],
)
def test_sentence_stays_whole(text):
    """Abbreviations, initials, versions and what stands in code end no sentence."""
    assert sentences(text) == [text]


def test_sentences_are_cut():
    """A sentence ends with its sign, and what closes behind it."""
    found = ["It ends soon.", "\topenssl\t says “no.”", "(Really?)", "Oui\u00a0!", "Then?"]
    assert sentences(" ".join(found)) == found

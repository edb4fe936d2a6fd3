"""The labels that the pages quote are those that the installed programs have."""

import pytest

import installed
import labels
from compared_labels import compare
from shipped_labels import COMMANDS, Missing


@pytest.mark.parametrize("program", labels.PROGRAMS)
def test_labels_are_those_of_the_program(guide, program):
    """Each label that a page quotes is what the program says there, in each language."""
    installed.needs(COMMANDS[program])
    try:
        wrong = compare(guide, program)
    except Missing as lacking:
        pytest.skip(f"{lacking}, as make programs does")
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


@pytest.mark.parametrize("program", labels.PROGRAMS)
def test_a_page_quotes_each_program(guide, program):
    """Our pages quote each program that the role knows: otherwise nothing was compared."""
    pages = [guide.doctree(page, "en") for page in guide.pages]
    there = {label["program"] for page in pages for label in labels.quoted(page)}
    # An overlay may have put a page of its own in the place of ours.
    assert program in there or guide.own_pages

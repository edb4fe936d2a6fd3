"""The labels that the pages quote are those that the installed programs have."""

import re

import pytest

import installed
import labels
from compared_labels import compare
from results import REPORTED
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


@pytest.mark.parametrize("program", labels.PROGRAMS)
def test_version_of_the_menus_is_one_that_there_was(guide, program):
    """Where a page says of which version its menus are, a newer one is reported, no older one."""
    installed.needs(COMMANDS[program])
    name, version = installed.about(COMMANDS[program])
    own = version.split(".")[0]
    said = {
        (page, number)
        for page in guide.pages
        for number in re.findall(rf"the menus of {name} (\d+)", " ".join(guide.source(page)))
    }
    assert said or guide.own_pages
    for page, number in said:
        assert int(number) <= int(own), f"{page}.rst: there is no {name} {number} here, but {own}"
        if number != own:
            REPORTED.append(f"{page}.rst names {name} {number}, and {own} has the same menus")

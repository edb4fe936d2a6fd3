"""Lighthouse gives full marks to the pages that readers see first."""

import pytest
from playwright.sync_api import sync_playwright

import installed
import lighthouse

# What else runs on the machine makes a page slower, never faster: a median that falls short
# for the time alone is taken anew.
TRIES = 3
PAGES = ("index", "convert-certificate", "problems")


@pytest.fixture(scope="module")
def port(npm):
    """A Chromium that Lighthouse drives."""
    installed.needs("chromium")
    with sync_playwright() as playwright, lighthouse.debugged(playwright.chromium) as found:
        yield found


@pytest.mark.extended
@pytest.mark.parametrize("form", lighthouse.FORMS)
@pytest.mark.parametrize("page", PAGES)
def test_lighthouse_gives_full_marks(at, port, guide, page, form):
    """A page has 100 in all four categories, in each language: the median of three runs."""
    found = []
    for language in guide.languages:
        name = f"{language}/{page}.html"
        for _ in range(TRIES):
            marks = lighthouse.judged(at(name), form, port)
            if {key for key, score in marks.scores.items() if score < 100} != {"performance"}:
                break
        lost = ", ".join(f"{key} {score}" for key, score in marks.scores.items() if score < 100)
        if lost:
            found.append(f"{name} ({form}): {lost}: {'; '.join(marks.faults)}")
    assert not found, "\n".join(found)

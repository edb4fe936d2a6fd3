"""The Nu Html Checker (vnu) finds no fault in the pages, the style sheets and the drawings."""

import pytest

import installed
from vnu import messages


# One run of Java over all of it: seconds, yet too many for the default set.
@pytest.mark.extended
def test_checker_finds_no_fault(site, npm):
    """No error and no warning."""
    installed.needs("keytool")
    options = ("--skip-non-html", "--also-check-css", "--also-check-svg")
    found = [
        f"{each['url']}:{each.get('lastLine')}: {each['message']}: {each.get('extract')}"
        for each in messages(npm, *options, site)
    ]
    assert not found, "\n".join(found)

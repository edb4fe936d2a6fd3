"""Each external link of each page, as it was seen online. `make links` runs it."""

from dataclasses import dataclass

import pytest

from checking import Link, published
from guide import Guide
from results import judged_by


@dataclass(frozen=True)
class OnPage:
    """A link on a page."""

    guide: Guide
    link: Link
    name: str


def links(guide: Guide):
    """Yield each link of each page."""
    for link in published(guide).values():
        for page in link.pages:
            yield OnPage(guide, link, f"{page}.rst: {link.address}")


@pytest.mark.online
@judged_by(links)
def test_link_is_alive(result, run, record_property):
    """A link leads to the page that it means, or a person sees to it."""
    address = result.link.address
    state = run.state(address)
    record_property("state", state)
    if state == "dead" and run.is_concern(address):
        pytest.fail(f"it {run.seen.links[address].answer}: {run.advice(address)}", pytrace=False)

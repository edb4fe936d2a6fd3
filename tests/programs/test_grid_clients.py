"""The grid programs make a proxy, as the page prints it, from what the pages have put in place."""

import pytest

import installed
import proofs
from grid import version_of_voms
from homes import PASSPHRASE, PASSWORD
from proxies import HOURS, read_proxy, unfit
from scenes import converted
from transcripts import Block
from walks import Route, Walk, follow, steps
from zoo import common

PAGE = "use-certificate"
# Which way of the page a program goes, from the pair and from the downloaded file.
TRIED = [
    ("voms-proxy-init3", "", "voms"),
    ("voms-proxy-init2", "", "voms"),
    ("grid-proxy-init", "", "globus"),
    ("arcproxy", "", "arc"),
    ("voms-proxy-init3", "usercred", "voms"),
    ("voms-proxy-init2", "usercred", "voms"),
    ("grid-proxy-init", "usercred", "globus"),
    ("arcproxy", "usercred", "arc-p12"),
]


def is_deletion(block: Block) -> bool:
    """Tell whether a block deletes the proxy."""
    return any(one.typed.split("-")[-1] in ("destroy", "r") for one in block.commands)


@pytest.mark.parametrize(("program", "had", "way"), TRIED, ids=lambda text: text or "pair")
def test_proxy_is_made_and_deleted_as_printed(guide, machine, program, had, way):
    """The commands make a proxy that is the reader's, for 12 hours, and delete it."""
    installed.needs(program)
    terminal = machine.log_in(
        converted(guide, had),
        PASSWORD if had else PASSPHRASE,
        version_of_voms(program),
    )
    route = Route(PAGE, common("AES-256", PASSWORD), way, old=False)
    printed = steps(guide, PAGE, way)
    make = [block for block in printed if not is_deletion(block)]
    delete = [block for block in printed if is_deletion(block)]
    done = Walk(terminal.home)
    try:
        follow(guide, route, terminal, done, make)
        problem = done.problem or unfit(read_proxy(machine.proxy))
        if not problem:
            follow(guide, route, terminal, done, delete)
    finally:
        terminal.close()
    proofs.keep(route, done, about=installed.about(program))
    assert not problem
    assert not done.problem
    assert make
    assert delete
    assert not machine.proxy.exists()


def test_page_says_how_long_a_proxy_is_valid(guide):
    """It names the hours that the proxies were seen to have."""
    text = " ".join(" ".join(guide.source(PAGE)).split())
    assert f"valid for {HOURS} hours" in text
    assert f"until its {HOURS} hours are over" in text

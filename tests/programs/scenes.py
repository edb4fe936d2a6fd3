"""Where the printed blocks are tried that need more programs than the pages do."""

import tempfile
from functools import cache
from pathlib import Path

import pytest

from guide import Guide
from homes import PASSWORD
from walks import Route, walk
from zoo import common

# By the name of a way: the modules of this folder that follow it. A way that is new on a page
# goes here, with the test that types it.
WAYS = {
    "arc": ["test_grid_clients.py"],
    "arc-p12": ["test_grid_clients.py"],
    "bring": ["test_bring.py"],
    "check-issuer": ["test_check_certificate.py"],
    "chromium": ["test_browsers.py"],
    "curl": ["test_web.py"],
    "curl-p12": ["test_web.py"],
    "globus": ["test_grid_clients.py"],
    "modes-p12": ["test_modes.py"],
    "voms": ["test_grid_clients.py"],
    "voms-vo": ["test_grid_servers.py"],
    "xrdcp": ["test_grid_servers.py"],
}


@cache
def converted(guide: Guide, way: str = "") -> Path:
    """Return the home folder of a reader who has converted the file as the page prints it.

    It is made once: whoever changes what is in it takes a copy.

    Args:
        guide: the guide.
        way: the way of the page ``convert-certificate``; its own gives a pair.
    """
    home = Path(tempfile.mkdtemp(prefix="home-", dir=guide.folder))
    route = Route("convert-certificate", common("AES-256", PASSWORD), way, old=False)
    done = walk(guide, route, home, guide.answers)
    if done.problem:
        pytest.fail(f"not judged, because the conversion failed: {done.problem}", pytrace=False)
    return home

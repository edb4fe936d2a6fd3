"""What the tests of the programs share: a home folder, a web server, a machine of the grid."""

import pytest

import installed
from browsers import home_folder
from grid import running_machine
from web_server import web_server


@pytest.fixture
def home():
    """A home folder."""
    with home_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def server():
    """A web server that lets nobody in without a certificate."""
    installed.needs("nginx")
    with web_server() as running:
        yield running


@pytest.fixture(scope="module")
def machine(guide):
    """A machine whose readers have the grid programs, and on which servers can be."""
    with running_machine(guide) as running:
        yield running

"""Build the guide once and make a test of each result of each check."""

import functools
import shutil
import tempfile
from pathlib import Path

import pytest

from guide import Guide, GuideError


@functools.cache
def built(root: Path) -> Guide:
    """Return the guide of a folder, built in all its languages."""
    if not shutil.which("openssl"):
        raise GuideError("openssl is missing: install the Debian package openssl")
    folder = Path(tempfile.mkdtemp(prefix="guide-"))
    # The commands are run by an ordinary user, who must get to the home folder inside.
    folder.chmod(0o711)
    return Guide(root, folder)


@pytest.fixture(scope="session")
def guide(pytestconfig) -> Guide:
    """The guide, built in all its languages."""
    return built(pytestconfig.rootpath)


def pytest_generate_tests(metafunc):
    """Run the check that a test names, and give the test each of its results."""
    mark = metafunc.definition.get_closest_marker("judged_by")
    if mark:
        try:
            results = list(mark.args[0](built(metafunc.config.rootpath)))
        except GuideError as error:
            pytest.exit(str(error), returncode=1)
        metafunc.parametrize("result", results, ids=[result.name for result in results])


def pytest_unconfigure(config):
    """Delete what was built."""
    if built.cache_info().currsize:
        shutil.rmtree(built(config.rootpath).folder, ignore_errors=True)

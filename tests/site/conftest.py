"""What the tests of the site share: a server for the site, and a browser."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import installed
from built import FEW
from served import served


@pytest.fixture(scope="session")
def npm(pytestconfig) -> Path:
    """The folder of what make programs installs from npm for the tests of the site."""
    folder = pytestconfig.rootpath / "build" / "npm-site" / "node_modules"
    if not folder.is_dir():
        pytest.skip("run make programs, which installs the npm packages of tests/site/package.json")
    return folder


@pytest.fixture
def names(request, site) -> list[str]:
    """The paths of the pages to judge: all, or a few, each in one of the languages."""
    found = sorted(str(path.relative_to(site)) for path in site.rglob("*.html"))
    if request.param == "all":
        return found
    languages = sorted({name.split("/")[0] for name in found if "/" in name})
    few = zip(FEW, itertools.cycle(languages), strict=False)
    few = {f"{language}/{stem}.html" for stem, language in few}
    return [name for name in found if "/" not in name or name in few]


@pytest.fixture(scope="module")
def at(site) -> Iterator[Callable[[str], str]]:
    """What gives the address of a page on a web server.

    The site lies below a path, as a project's site does; but for the page for what is not
    there, which is shown at any depth and so knows from the settings where the site lies: at
    the root of a server.
    """
    with served(site, "/project/site/") as project, served(site, "/") as root:
        yield lambda name: (root if name == "404.html" else project) + name


# Not for the whole session: other tests of the same process start Playwright, too, which
# cannot run twice.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium without a window."""
    installed.needs("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium) -> Iterator[Page]:
    """A tab of its own, with nothing kept from others."""
    with chromium.new_context() as context:
        yield context.new_page()

"""What all the tests share: the guide, built once, and nothing skipped in CI."""

import atexit
import contextlib
import fcntl
import functools
import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sphinx.errors import ConfigError

import messages
import proofs
from evidence import WORKS, Row, merge
from guide import Guide, GuideError
from openssl_versions import fetched, own_program
from results import REPORTED, Result, bundled
from settings import Reading, overlay_folder

# The variable that says where the guide is built for the tests.
FOLDER = "GUIDE_FOLDER"


def pytest_addoption(parser):
    """Add the option that CI uses."""
    parser.addoption(
        "--extended", action="store_true", help="run everything, and fail what would be skipped"
    )


def pytest_collection_modifyitems(config, items):
    """Leave out what takes long, unless all is wanted."""
    if not config.getoption("--extended"):
        long = [item for item in items if item.get_closest_marker("extended")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


def pytest_configure(config):
    """Say at once, and plainly, what is wrong with the settings."""
    # Whoever runs the tests in the background has them ignore Ctrl-C, and with them the
    # programs at whose prompts it is typed.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        Reading(config.rootpath, overlay_folder(config.rootpath))
    except ConfigError as error:
        raise pytest.UsageError(f"the settings are wrong\n{error}") from None
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Kept(config))
        # The processes of tests that run side by side inherit it.
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="guide-")
        atexit.register(shutil.rmtree, os.environ[FOLDER], ignore_errors=True)
        # The commands are run by an ordinary user, who must get to the home folder inside.
        os.chmod(os.environ[FOLDER], 0o711)


def pytest_collection(session):
    """Stop at once, with one sentence, where nothing could be judged."""
    if not shutil.which("openssl"):
        pytest.exit("openssl is missing: install the Debian package openssl", returncode=1)


def pytest_collection_finish(session):
    """Have Python look no more through the parsed pages, which stay: a fifth of the time."""
    gc.freeze()


def pytest_unconfigure(config):
    """Let the process end at once, without a last look through all that it holds."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn a skipped test into a failed one where nothing may be skipped."""
    report = yield
    # Where tests run side by side, each in its process, only the report comes back.
    report.user_properties += [("reported", text) for text in REPORTED]
    proved = proofs.unless_failed(report.outcome)
    report.user_properties += [("proved", row.model_dump()) for row in proved]
    report.user_properties += [("message", text) for text in proofs.MESSAGES]
    REPORTED.clear()
    proofs.MESSAGES.clear()
    strict = item.config.getoption("--extended") or os.environ.get("CI")
    if strict and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason} (nothing may be skipped here)"
    return report


@functools.cache
def entries() -> dict[str, str]:
    """Return the pages of the entries about messages, by their anchors."""
    lines = (Path(__file__).parent / "guide/anchors.txt").read_text(encoding="utf-8").split()
    found = (line.split("#") for line in lines if line.startswith(messages.PREFIX))
    return {anchor: page for page, anchor in found}


class Kept:
    """What the reports of all the tests bring, for the end of the run."""

    def __init__(self, config):
        self.config = config
        self.reported: list[str] = []
        self.proved: list[Row] = []
        self.messages: set[str] = set()

    def pytest_runtest_logreport(self, report):
        """Keep what a test has reported and proved."""
        for name, value in report.user_properties:
            if name == "reported":
                self.reported.append(value)
            elif name == "proved":
                self.proved.append(Row(**value))
            elif name == "message":
                self.messages.add(value)

    def pytest_terminal_summary(self, terminalreporter):
        """Keep what was proved, for the site to show, and show what stops nothing."""
        if self.proved:
            try:
                merge(self.config.rootpath / "build" / "evidence.json", self.proved)
            except ConfigError as error:
                self.reported.append(str(error))
        # What is asked online has nothing to do with it.
        is_online = "online" in self.config.option.markexpr
        if not is_online and not fetched() and shutil.which("openssl"):
            self.reported.append(
                f"only {' '.join(own_program())} was tried, which this machine has: as root, "
                "make programs fetches other versions of OpenSSL"
            )
        # A message in a window is no block: what was done has the name of its entry.
        pages = entries()
        self.messages |= {
            f"{pages[row.command]}: {row.command} ({row.program} {row.version})"
            for row in self.proved
            if row.task == "done" and row.result == WORKS and row.command in pages
        }
        if self.messages:
            terminalreporter.section("messages of the guide: provoked, and cured as printed")
            for text in sorted(self.messages):
                terminalreporter.line(text)
        if self.reported:
            terminalreporter.section("reported: stops nothing, but see to it")
            for text in dict.fromkeys(self.reported):
                terminalreporter.line(text)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Have tests that run side by side wait for each other at a folder."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@functools.cache
def built(root: Path) -> Guide:
    """Return the guide of a folder, built in all its languages.

    Raises:
        GuideError: the guide cannot be built.
    """
    with alone(Path(os.environ[FOLDER])):
        return Guide(root, Path(os.environ[FOLDER]))


@pytest.fixture(scope="session")
def guide(pytestconfig) -> Guide:
    """The guide, built in all its languages."""
    return built(pytestconfig.rootpath)


@pytest.fixture(scope="session")
def site(pytestconfig) -> Path:
    """The site, built as make site builds it; tests that run side by side share it."""
    # Few tests want it, and it takes a while to load.
    from build_site import make_site

    folder = Path(os.environ[FOLDER]) / "site"
    folder.mkdir(exist_ok=True)
    out, problem = folder / "html", None
    with alone(folder):
        if not out.exists():
            problem = make_site(out, folder / "work", overlay_folder(pytestconfig.rootpath))
    if problem:
        pytest.fail(problem, pytrace=False)
    return out


def pytest_generate_tests(metafunc):
    """Run the check that a test names, and give the test each of its results."""
    mark = metafunc.definition.get_closest_marker("judged_by")
    if mark:
        try:
            guide = built(metafunc.config.rootpath)
            results = bundled(list(mark.args[0](guide)))
        except GuideError as error:
            metafunc.definition.session.shouldfail = "the guide cannot be judged"
            raise pytest.Collector.CollectError(str(error)) from None
        # Our only translation is the French one.
        if not results and "fr" not in guide.languages:
            results = [Result("this site has no translation")]
        metafunc.parametrize("result", results, ids=[result.name for result in results])

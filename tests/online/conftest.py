"""Ask the links before the tests that stand for them, and sum up what was seen."""

import datetime
import os
from contextlib import nullcontext

import pytest
from sphinx.errors import ConfigError
from tqdm import tqdm

from adding import add
from addresses import fault
from asking import AskError, Limits
from checking import check, published
from kept import write_whole
from moving import own_files, patch
from record import RECORD, SEEN, read_seen, settings_addresses, write_seen
from summary import HEADINGS, NEVER, advice, counted, is_concern, markdown

# The status of the process where nothing is dead, but a person has to look.
LOOK = 10


def pytest_ignore_collect(config):
    """Leave all this out of any run that is not about being online."""
    return None if "online" in config.option.markexpr else True


class Run:
    """What is known of the links, before and after they were asked.

    Attributes:
        links: the links of the tests that are run, by their addresses.
        known: the record.
        seen: what was last seen.
        asked: the addresses that have answered in this run.
        is_asking: whether any are to be asked.
    """

    def __init__(self, guide, items):
        """Read what is known.

        Args:
            guide: the guide.
            items: the tests.

        Raises:
            ConfigError: what was seen cannot be read.
        """
        self.guide, self.root = guide, guide.root
        found = [item.callspec.params["result"].link for item in items]
        self.links = {link.address: link for link in found}
        self.known = guide.record
        self.file = guide.root / SEEN[-1]
        self.seen = read_seen(*(guide.root / name for name in SEEN))
        self.record = guide.in_overlay(RECORD) if guide.reading.is_fork else RECORD
        self.today = datetime.date.today()
        self.asked: list[str] = []
        self.is_asking = os.environ.get("ASK") != "no"

    def state(self, address: str) -> str:
        """Return the state of a link."""
        seen = self.seen.links.get(address)
        return seen.state if seen else NEVER

    def advice(self, address: str) -> str:
        """Return what to do about a link; empty if nothing."""
        seen = self.seen.links.get(address)
        return (
            advice(self.links[address], seen, self.known.get(address), self.record) if seen else ""
        )

    def is_concern(self, address: str) -> bool:
        """Tell whether a person has to see to a link."""
        seen = self.seen.links.get(address) if self.is_asking else None
        return bool(seen) and is_concern(seen, self.known.get(address))

    def complete_record(self) -> None:
        """Add to the record what it lacks."""
        settings = settings_addresses(self.guide.reading.values)
        new = [one for one in self.links if one not in self.known and one not in settings]
        # What is wrong is to be mended first: make check says how.
        self.added = [address for address in new if not fault(address)]
        self.wrong = [address for address in new if fault(address)]
        if self.added:
            add(self.root / self.record, [self.links[address] for address in self.added])

    def ask(self) -> None:
        """Ask the links, and write down each answer at once.

        Raises:
            AskError: nobody could be asked.
        """
        settings = self.guide.settings
        contact = self.guide.reading.address or settings.site.errors or ""
        with tqdm(total=len(self.links), desc="links", unit="link", disable=None) as bar:

            def note(address, seen):
                self.seen.links[address] = seen
                self.asked.append(address)
                write_seen(self.file, self.seen)
                bar.update()

            check(self.links, self.known, self.seen, note, self.today, Limits(), contact)
        if set(self.asked) == published(self.guide).keys():
            self.seen.checked = self.today
            # Of what no page links any more, nobody wants to know.
            self.seen.links = {one: self.seen.links[one] for one in self.links}
            write_seen(self.file, self.seen)

    def report(self) -> None:
        """Write the summary for the issue of a forge, and the patch for what has moved."""
        rows = [
            (self.links[one], self.seen.links[one], self.known.get(one))
            for one in self.links
            if one in self.seen.links
        ]
        write_whole(self.root / "build/links.md", markdown(rows, self.today, self.record))
        moved = {link.address: seen.to for link, seen, _ in rows if seen.to and not fault(seen.to)}
        files = own_files(self.root, self.guide.local, self.guide.reading.is_fork)
        changes = patch(self.root, files, moved)
        if changes:
            write_whole(self.root / "build/links.patch", changes)
        else:
            (self.root / "build/links.patch").unlink(missing_ok=True)


def pytest_runtestloop(session):
    """Ask all the links that are to be tested, first of all."""
    config = session.config
    items = [item for item in session.items if item.get_closest_marker("online")]
    if config.option.collectonly or not items:
        return
    guide = items[0].callspec.params["result"].guide
    capturing = config.pluginmanager.getplugin("capturemanager")
    try:
        config.links = Run(guide, items)
        config.links.complete_record()
        if config.links.is_asking:
            # The progress bar is for the person who waits.
            with capturing.global_and_fixture_disabled() if capturing else nullcontext():
                config.links.ask()
            config.links.report()
    except (AskError, ConfigError) as error:
        # There is nothing to sum up.
        config.links = None
        raise pytest.UsageError(str(error)) from None


@pytest.fixture(scope="session")
def run(pytestconfig) -> Run:
    """What is known of the links, now that they were asked."""
    return pytestconfig.links


def pytest_report_teststatus(report):
    """Show a link by its state."""
    state = dict(report.user_properties).get("state") if report.when == "call" else None
    if state:
        letter = {"alive": ".", "dead": "D"}.get(state, state[0])
        return state, letter, state.upper()


def pytest_terminal_summary(terminalreporter, config):
    """Say what was seen, and what to do about it; the worst comes last, where it is read."""
    run = getattr(config, "links", None)
    if not run:
        return
    write = terminalreporter.line
    for state, heading in reversed(HEADINGS.items()):
        told = [(one, run.advice(one)) for one in run.links if run.state(one) == state]
        if any(words for _, words in told):
            terminalreporter.section(heading)
        for address, words in told:
            if words:
                write(f"{address}\n  on {run.links[address].where}")
                write(f"  it {run.seen.links[address].answer}\n  {words}")
    revived = [one for one in run.links if run.state(one) == "alive" and run.advice(one)]
    for address in revived:
        write(f"{address}: {run.advice(address)}")
    terminalreporter.section("links")
    for address in run.wrong:
        write(f"not added to {run.record}: {address} {fault(address)}")
    if run.added:
        write(f"added to {run.record}; say there what each is: {' '.join(run.added)}")
    if len(run.asked) < len(run.links):
        write(f"asked {len(run.asked)} of {len(run.links)}; of the others, what was seen before:")
    write(counted([run.state(address) for address in run.links]))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """Tell by the status of the process what the worst state was."""
    run = getattr(session.config, "links", None)
    if run and exitstatus == pytest.ExitCode.OK and any(map(run.is_concern, run.links)):
        session.exitstatus = LOOK

"""gridcert does its work with each OpenSSL, kind of .p12 file and shell, and loses nothing."""

import contextlib
import random
import shutil
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

import homes
from homes import PASSPHRASE, PASSWORD
from openssl_versions import ROOT, fetched, number, openssl_folder, own_version
from side_by_side import side_by_side
from terminal import Terminal
from walks import answers, printed
from watch import Watch
from zoo import Missing, Specimen, common, zoo

SHELLS = ("dash", "bash", "zsh", "busybox sh")
KILLS = 200


@dataclass(frozen=True)
class Trial:
    """One run of gridcert.

    Attributes:
        specimen: the file to install.
        openssl: the version to use, if not the machine's.
        shell: what runs gridcert.
        moment: when it is killed, in seconds; never, if 0.
    """

    specimen: Specimen
    openssl: str
    shell: str
    moment: float = 0

    @property
    def name(self) -> str:
        """What distinguishes the trial, for the name of a test."""
        killed = f"killed after {self.moment:.3f} s" if self.moment else ""
        parts = [self.openssl, self.shell, self.specimen.name, killed]
        return ", ".join(part for part in parts if part)


@dataclass
class Outcome:
    """What gridcert did: its status, what it showed, and what is wrong."""

    status: int | None
    shown: str
    wrong: list[str]


def trials() -> list[Trial]:
    """Return each version with each file, the shells in turn."""
    pairs = [(version, one) for version in ["", *fetched()] for one in zoo()]
    return [
        Trial(one, version, SHELLS[(turn + turn // len(SHELLS)) % len(SHELLS)])
        for turn, (version, one) in enumerate(pairs)
    ]


def kills() -> list[Trial]:
    """Return the runs that are killed, at moments by chance, for each version and shell in turn."""
    chance = random.Random(4)
    versions = ["", *fetched()]
    return [
        Trial(
            common("AES-256", PASSWORD),
            versions[turn % len(versions)],
            SHELLS[turn // len(versions) % len(SHELLS)],
            chance.uniform(0.01, 0.7),
        )
        for turn in range(KILLS)
    ]


def attempt(folder: Path, trial: Trial) -> Outcome:
    """Run gridcert in a home folder of its own, under watch.

    Args:
        folder: where to make the home folder.
        trial: what to do.
    """
    home = Path(tempfile.mkdtemp(prefix="home-", dir=folder))
    homes.prepare(home, trial.specimen)
    shutil.copy(ROOT / "source" / "downloads" / "gridcert", home)
    typed = answers(trial.specimen.password)
    terminal = Terminal(home, typed, programs=openssl_folder(trial.openssl))
    terminal.own(*home.rglob("*"))
    watch = Watch(home)
    killer = threading.Timer(trial.moment or 60, terminal.kill)
    killer.start()
    status, shown = None, ""
    with contextlib.suppress(OSError):
        file = printed(trial.specimen)
        status, shown = terminal.type(f"{trial.shell} ~/gridcert install {file}")
    killer.cancel()
    killer.join()
    terminal.close()
    wrong = watch.end()
    wrong += filter(None, [whole(home), homes.half_made(home), homes.exposed(home)])
    if status == 0:
        wrong += filter(None, [homes.unfit(home)])
    elif not trial.moment and not homes.is_old(home):
        wrong.append("the old pair is not in place, though the file was refused")
    shutil.rmtree(home, ignore_errors=True)
    return Outcome(status, shown, wrong)


def whole(home: Path) -> str:
    """Return that the old pair is nowhere complete, in one folder, or nothing."""
    globus = home / ".globus"
    for folder in (globus, *globus.glob("old*")):
        found = {path.name: path.read_bytes() for path in folder.glob("*.pem")}
        if found == homes.old_pair():
            return ""
    return "the old pair is nowhere complete"


def refusal(trial: Trial) -> str:
    """Return what gridcert says if it cannot install a file with this OpenSSL; or nothing."""
    version = number(trial.openssl or own_version())
    if trial.specimen.encryption == "PBMAC1" and version < (3, 4):
        return "PBMAC1"
    if not trial.specimen.mac and version < (3,):
        return "MAC"
    return ""


ALL, KILLED = trials(), kills()


@pytest.fixture(scope="module")
def outcomes(guide):
    """What became of each trial."""
    shells = [shell.split()[0] for shell in SHELLS]
    return side_by_side(lambda trial: attempt(guide.folder, trial), [*ALL, *KILLED], shells)


@pytest.mark.extended
@pytest.mark.parametrize("trial", ALL, ids=lambda trial: trial.name)
def test_installs_or_says_why(outcomes, trial):
    """A file that can be read is installed; another one is refused, with the reason."""
    found = outcomes[trial]
    if isinstance(found, Missing):
        pytest.skip(str(found))
    reason = refusal(trial)
    assert found.wrong == []
    assert found.status == (1 if reason else 0), found.shown
    assert reason in found.shown
    assert ("e-mail" in found.shown) == (trial.specimen.profile == "e-mail" and not reason)
    assert PASSPHRASE not in found.shown


@pytest.mark.extended
def test_killed_at_any_moment(outcomes):
    """Killed at each of many moments, the old pair is complete, and no key lies open."""
    wrong = {trial.name: outcomes[trial].wrong for trial in KILLED if outcomes[trial].wrong}
    assert wrong == {}
    # Some were stopped, and some had ended already: the moments cover the whole run.
    ended = [trial for trial in KILLED if outcomes[trial].status == 0]
    assert 0 < len(ended) < len(KILLED)

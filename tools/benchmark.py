"""Compare make site and make sites with plain sphinx-build, side by side on this machine.

    .venv/bin/python tools/benchmark.py [ROUNDS]

Prints the wall time of ``make site`` over plain builds of each language one after the other,
and the CPU time of ``make sites`` over the same builds as plain ``sphinx-build`` runs, for a
growing number of overlays. The rounds alternate; each figure is the median of its rounds.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "fr")
COUNTS = (5, 10, 20)


def measured(*commands: list, **environment: str) -> tuple[float, float]:
    """Run commands one after the other; return their wall and their CPU time in seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    for command in commands:
        run = [str(word) for word in command]
        subprocess.run(run, cwd=ROOT, env=os.environ | environment, check=True, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def plain(out: Path) -> list[list]:
    """Return the plain sphinx-build runs of one site."""
    sphinx = [sys.executable, "-m", "sphinx", "-n", "-W", "--keep-going", "-q", "-c", "."]
    return [[*sphinx, "-D", f"language={code}", "source", out / code] for code in LANGUAGES]


def overlays(folder: Path, count: int) -> list[Path]:
    """Make overlays of as many institutes."""
    made = []
    for number in range(count):
        local = folder / "overlays" / f"institute-{number}"
        shutil.copytree(ROOT / "examples" / "small", local, dirs_exist_ok=True)
        settings = local / "institute.toml"
        text = settings.read_text(encoding="utf-8").replace("Institute", f"Institute {number}")
        settings.write_text(text, encoding="utf-8")
        made.append(local)
    return made


def one_site(folder: Path) -> tuple[float, float]:
    """Return the wall times of make site and of the plain builds, from nothing."""
    ours, _ = measured(["make", "site", f"OUT={folder / 'site'}"])
    theirs, _ = measured(*plain(folder / "plain"))
    for work in (ROOT / "build" / "work").glob(f"*{folder.name}*"):
        shutil.rmtree(work) if work.is_dir() else work.unlink()
    return ours, theirs


def many_sites(folder: Path, count: int) -> tuple[float, float]:
    """Return the CPU times of make sites and of the plain builds, from nothing."""
    made = overlays(folder, count)
    names = " ".join(str(local) for local in made)
    _, ours = measured(["make", "sites", f"OVERLAYS={names}", f"OUT={folder / 'sites'}"])
    theirs = sum(
        measured(*plain(folder / "plain" / local.name), LOCAL=str(local))[1] for local in made
    )
    return ours, theirs


def report(title: str, unit: str, rounds: list[tuple[float, float]], per: int = 1) -> None:
    """Print the medians of the rounds, and of their ratios."""
    ours, theirs = (statistics.median(times) for times in zip(*rounds, strict=True))
    ratio = statistics.median(own / other for own, other in rounds)
    print(f"{title:22} {ours / per:6.2f} s  plain {theirs / per:6.2f} s {unit}  ratio {ratio:.2f}")


def in_folders(count: int, measure, *arguments) -> list[tuple[float, float]]:
    """Return the figures of some rounds, each in a new folder."""
    figures = []
    for _ in range(count):
        with tempfile.TemporaryDirectory(prefix="benchmark") as folder:
            figures.append(measure(Path(folder), *arguments))
    return figures


def main(count: int) -> None:
    """Measure and print."""
    in_folders(1, one_site)  # compiles the catalogues
    report("make site", "wall", in_folders(count, one_site))
    for number in COUNTS:
        rounds = in_folders(max(1, count // 3), many_sites, number)
        report(f"make sites, {number} overlays", "CPU an overlay", rounds, number)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)

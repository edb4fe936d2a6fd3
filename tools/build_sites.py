"""Build the sites of several institutes, on all cores.

    python tools/build_sites.py OUT examples/a examples/b …

Each overlay gets the folder of its name in OUT. One that fails is named, and spoils no
other. Hundreds are the matter of a forge's matrix, a job each.
"""

import os
import shutil
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from sphinx.errors import ConfigError
from tqdm import tqdm

from build_site import ROOT, Build, compile_catalogues, holds_other_files, publish, run_all
from settings import VARIABLE, Reading


def plan(overlays: list[Path], out: Path) -> tuple[dict[Path, Reading], dict[Path, str]]:
    """Return the settings of each overlay that can be built, and why others cannot."""
    readings, failures = {}, {}
    for local in overlays:
        try:
            if problem := holds_other_files(out / local.name):
                raise ConfigError(problem)
            if local.name in [other.name for other in readings]:
                raise ConfigError(f"{out / local.name} is taken: give {local} another name.")
            reading = Reading(ROOT, local)
            compile_catalogues(reading)
            readings[local] = reading
        except ConfigError as error:
            failures[local] = str(error)
    return readings, failures


def main(out: Path, overlays: list[Path]) -> str | None:
    """Build the site of each overlay; return what failed, if anything."""
    if not overlays:
        return 'Say which overlays, as in make sites OVERLAYS="examples/a examples/b" OUT=sites'
    # It would be the address of one site.
    os.environ.pop(VARIABLE, None)
    work = Path(tempfile.mkdtemp(prefix="sites-"))
    try:
        readings, failures = plan(overlays, out)
        builds = []
        for number, (local, reading) in enumerate(readings.items()):
            builds += [
                Build(local, code, work / str(number)) for code in reading.settings.languages
            ]
        missing = {local: len(reading.settings.languages) for local, reading in readings.items()}
        said = defaultdict(list)
        for build, good in tqdm(run_all(builds), "Building", len(builds), unit=" languages"):
            said[build.local].append(build.messages() or ("" if good else "the build was killed\n"))
            missing[build.local] -= good
            if not good:
                failures[build.local] = ""
            if not missing[build.local]:
                publish(readings[build.local], build.work, out / build.local.name)
                shutil.rmtree(build.work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for local in overlays:
        for text in dict.fromkeys([*said[local], failures.get(local, "")]):
            print(text.strip(), file=sys.stderr, end="\n" if text.strip() else "")
    if failures:
        names = ", ".join(str(local) for local in failures)
        return f"Failed, and left as they were: {names}. Built: {len(overlays) - len(failures)}."
    print(f"The sites are in {out}: {', '.join(local.name for local in overlays)}.")
    return None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [ROOT / name for name in sys.argv[2:]]))

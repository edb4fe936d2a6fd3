"""Build the site of an institute, all languages at once, and put it in its place.

    python tools/build_site.py build/html

Each language is an ordinary ``sphinx-build -n -W --keep-going``, in a process of its own
because two languages in one process leak into each other. Sphinx is imported once, before
the processes fork. They work beside the site; it is replaced only when all have succeeded.
"""

import contextlib
import fcntl
import gc
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import connection, get_context
from pathlib import Path
from typing import ClassVar

from babel.messages.pofile import PoFileError, read_po
from sphinx.application import builtin_extensions
from sphinx.cmd.build import build_main
from sphinx.errors import ConfigError
from sphinx.util.i18n import CatalogRepository

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "extensions"))

from documents import lay_beside
from languages import language_name
from root_files import root_files
from settings import Reading, overlay_folder

# What each process would import by itself.
for module in (*builtin_extensions, "docutils.parsers.rst.states"):
    import_module(module)
# A folder that holds this file was made here, and may be replaced as a whole.
MARK = ".certificate-guide"
# Where make pdf and make epub put what they make.
DOCUMENTS = ROOT / "build" / "documents"


@dataclass(frozen=True)
class Build:
    """A language of a site, to be built.

    Attributes:
        local: the overlay.
        language: its code.
        work: the folder for all that is built of this site.
        builder: which of Sphinx's builders makes it, in a folder of its name.
    """

    local: Path
    language: str
    work: Path
    builder: ClassVar[str] = "html"

    @property
    def log(self) -> Path:
        """The file for what Sphinx says."""
        return self.work / f"{self.language}.log"

    def run(self) -> None:
        """Build, and end this process with the exit code."""
        os.environ["LOCAL"] = str(self.local)
        with (
            open(self.log, "w", encoding="utf-8") as log,
            contextlib.redirect_stdout(log),
            contextlib.redirect_stderr(log),
        ):
            try:
                code = self.build()
            except SystemExit as error:
                print(error.code)
                code = 1
            except KeyboardInterrupt:
                code = 130
        sys.exit(code)

    def build(self) -> int:
        """Run Sphinx, and return its exit code."""
        arguments = ["-n", "-W", "--keep-going", "-q", "-b", self.builder, "-c", ROOT]
        arguments += [
            "-D",
            f"language={self.language}",
            "-d",
            self.work / "doctrees" / self.language,
        ]
        arguments += [ROOT / "source", self.work / self.builder / self.language]
        return build_main([str(argument) for argument in arguments])

    def messages(self) -> str:
        """Return what Sphinx said."""
        return plainly(self.log.read_text(encoding="utf-8")) if self.log.exists() else ""


def plainly(messages: str) -> str:
    """Return what Sphinx says without the traceback that it adds to any error of its own."""
    error = re.search(r"\nTraceback\n=+\n(?:.*\n)*?    \S*?(\w+: .*)\n\n", messages)
    return f"{error[1]}\n" if error else messages


def run_all(builds: Iterable[Build]) -> Iterator[tuple[Build, bool]]:
    """Run builds on all cores, and yield each with whether it succeeded, as it ends."""
    waiting, running = list(builds), {}
    context = get_context("fork")
    # What is here now is not looked through again, and copied, in each process.
    gc.freeze()
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            build = waiting.pop(0)
            build.work.mkdir(parents=True, exist_ok=True)
            process = context.Process(target=build.run, daemon=True)
            process.start()
            running[process.sentinel] = process, build
        for sentinel in connection.wait(running):
            process, build = running.pop(sentinel)
            process.join()
            yield build, process.exitcode == 0


def failure(ended: dict[Build, bool], out: Path) -> str | None:
    """Print what Sphinx said, and return which builds have failed, if any.

    Args:
        ended: whether each build succeeded.
        out: the folder that stays as it was, if one failed.
    """
    for messages in dict.fromkeys(build.messages() for build in ended):
        print(messages, end="", file=sys.stderr)
    failed = [language_name(build.language) for build, good in ended.items() if not good]
    names = ", ".join(sorted(failed))
    return f"The build failed ({names}): {out} is left as it was." if failed else None


def judge_catalogue(path: Path) -> None:
    """Refuse a catalogue that cannot be read whole: Sphinx would publish what is left of it.

    Raises:
        ConfigError: with the line.
    """
    name = os.path.relpath(path, ROOT)
    advice = "Mend it, or restore it from git"
    try:
        with open(path, "rb") as file:
            read_po(file, abort_invalid=True)
    except PoFileError as error:
        raise ConfigError(f"{name}:{error.lineno + 1}: {error}. {advice}") from None
    except (LookupError, OSError, ValueError) as error:
        raise ConfigError(f"{name} is no catalogue: {error}. {advice}") from None


def compile_catalogues(reading: Reading) -> None:
    """Compile the catalogues that have changed, before several processes would do so.

    What was compiled of a catalogue that is gone would still be used: it goes, too.

    Raises:
        ConfigError: a catalogue is broken; with its line.
    """
    folders = [folder / "locale" for folder in (reading.local, ROOT)]
    for compiled in [path for folder in folders for path in folder.rglob("*.mo")]:
        if not compiled.with_suffix(".po").exists():
            compiled.unlink()
    for code in reading.settings.languages:
        for catalogue in CatalogRepository(ROOT, folders, code, "utf-8").catalogs:
            if catalogue.is_outdated():
                judge_catalogue(Path(catalogue.po_path))
                catalogue.write_mo(code)


def holds_other_files(out: Path) -> str:
    """Return why a folder must not be replaced, if so."""
    if out.exists() and not out.is_dir():
        return f"{out} is a file: give a folder as OUT."
    if out.exists() and not (out / MARK).exists() and any(out.iterdir()):
        return f"{out} holds other files than a site made here: give an empty folder as OUT."
    return ""


def publish(reading: Reading, work: Path, out: Path) -> None:
    """Put a copy of what was built into the place of ``out``, by renaming."""
    for name, text in root_files(reading, work / "html").items():
        (work / "html" / name).write_text(text, encoding="utf-8")
    (work / "html" / MARK).write_text("Replaced as a whole by make site.\n", encoding="utf-8")
    out.parent.mkdir(parents=True, exist_ok=True)
    beside, old = (out.with_name(f".{out.name}.{end}") for end in ("next", "old"))
    for folder in (beside, old):
        shutil.rmtree(folder, ignore_errors=True)
    ignored = shutil.ignore_patterns(".buildinfo*", "_sources")
    shutil.copytree(work / "html", beside, ignore=ignored)
    if out.exists():
        out.rename(old)
    beside.rename(out)
    shutil.rmtree(old, ignore_errors=True)


def make_site(out: Path, work: Path, local: Path, documents: Path | None = None) -> str | None:
    """Build all the languages and replace the site; return what went wrong, if anything.

    The site links the PDF and the EPUB in ``documents``, if given, that were made from the
    same sources.

    What Sphinx has read is kept in ``work`` for the next build. It stands under another
    name during the build, so that a build that fails or is killed leaves nothing behind
    that the next one would take for good.
    """
    # A build that was killed while it put the site into its place left the old one beside.
    old = out.with_name(f".{out.name}.old")
    if old.exists() and not out.exists():
        old.rename(out)
    if problem := holds_other_files(out):
        return problem
    try:
        reading = Reading(ROOT, local)
        compile_catalogues(reading)
    except ConfigError as error:
        return str(error)
    busy = work.with_name(work.name + ".busy")
    shutil.rmtree(busy, ignore_errors=True)
    if work.exists():
        work.rename(busy)
    languages = reading.settings.languages
    # All pages are written anew: Sphinx leaves those of pages, portals and files that are gone.
    shutil.rmtree(busy / "html", ignore_errors=True)
    if documents:
        for sentence in lay_beside(ROOT, reading, documents, busy / "html"):
            print(sentence, file=sys.stderr)
    ended = dict(run_all(Build(local, language, busy) for language in languages))
    if problem := failure(ended, out):
        shutil.rmtree(busy)
        return problem
    publish(reading, busy, out)
    busy.rename(work)
    return None


def main(out: Path) -> str | None:
    """Build the site into ``out``, one build at a time."""
    name = re.sub(r"\W+", "-", str(out.resolve())).strip("-")
    work = ROOT / "build" / "work" / name
    work.parent.mkdir(parents=True, exist_ok=True)
    with open(work.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        problem = make_site(out, work, overlay_folder(ROOT), DOCUMENTS)
    if not problem:
        print(f"The site is in {out}.")
    return problem


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

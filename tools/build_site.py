"""Build the site of an institute, all languages at once, and put it in its place.

    python tools/build_site.py build/html

Each language is an ordinary ``sphinx-build -n -W --keep-going``, in a process of its own
because two languages in one process leak into each other. Sphinx is imported once, before
the processes fork. They work beside the site; it is replaced only when all have succeeded.
"""

import contextlib
import fcntl
import io
import os
import re
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import docutils.parsers.rst.states  # noqa: F401
import jinja2
import sphinx.builders.html  # noqa: F401  what each process would import by itself
from sphinx.cmd.build import build_main
from sphinx.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "extensions"))

import institute
from languages import language_name

# A folder that holds this file was made here, and may be replaced as a whole.
MARK = ".certificate-guide"


def build(language: str, work: Path) -> tuple[int, str]:
    """Build one language into ``work``; return Sphinx's exit code and its messages."""
    messages = io.StringIO()
    arguments = ["-n", "-W", "--keep-going", "-q", "-c", ROOT, "-D", f"language={language}"]
    folders = ["-d", work / "doctrees" / language, ROOT / "source", work / "html" / language]
    with contextlib.redirect_stdout(messages), contextlib.redirect_stderr(messages):
        try:
            code = build_main([str(argument) for argument in [*arguments, *folders]])
        except SystemExit as error:
            code = 1
            print(error.code)
    return code, plainly(messages.getvalue())


def plainly(messages: str) -> str:
    """Return what Sphinx says without the traceback that it adds to any error of its own."""
    error = re.search(r"\nTraceback\n=+\n(?:.*\n)*?    \S*?(\w+: .*)\n\n", messages)
    return f"{error[1]}\n" if error else messages


def chooser(settings: institute.Settings) -> str:
    """Return the page at the root of the site, which leads to each language."""
    languages = [
        {"code": code, "name": language_name(code), "title": settings.text("site", code, "title")}
        for code in settings.languages()
    ]
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "theme"), autoescape=True, keep_trailing_newline=True
    )
    return templates.get_template("choose-language.html").render(languages=languages)


def replace(out: Path, new: Path) -> None:
    """Put a copy of the folder ``new`` in the place of ``out``, by renaming."""
    out.parent.mkdir(parents=True, exist_ok=True)
    beside, old = (out.with_name(f".{out.name}.{end}") for end in ("next", "old"))
    for folder in (beside, old):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(new, beside, ignore=shutil.ignore_patterns(".buildinfo*", "_sources"))
    if out.exists():
        out.rename(old)
    beside.rename(out)
    shutil.rmtree(old, ignore_errors=True)


def make_site(out: Path, work: Path) -> str | None:
    """Build all the languages and replace the site; return what went wrong, if anything.

    What Sphinx has read is kept in ``work`` for the next build. It stands under another
    name during the build, so that a build that fails or is killed leaves nothing behind
    that the next one would take for good.
    """
    if out.exists() and not (out / MARK).exists() and any(out.iterdir()):
        return f"{out} holds other files than a site made here: give an empty folder as OUT."
    try:
        settings = institute.read(ROOT / "institute.toml")
    except ConfigError as error:
        return str(error)
    busy = work.with_name(work.name + ".busy")
    shutil.rmtree(busy, ignore_errors=True)
    if work.exists():
        work.rename(busy)
    languages = settings.languages()
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        results = pool.map(build, languages, [busy] * len(languages))
        failed, said = [], []
        for language, (code, messages) in zip(languages, results, strict=True):
            if messages not in said:
                print(messages, end="", file=sys.stderr)
            said.append(messages)
            if code:
                failed.append(language_name(language))
    if failed:
        shutil.rmtree(busy)
        return f"The build failed ({', '.join(failed)}): {out} is left as it was."
    (busy / "html" / "index.html").write_text(chooser(settings), encoding="utf-8")
    (busy / "html" / MARK).write_text("Replaced as a whole by make site.\n", encoding="utf-8")
    replace(out, busy / "html")
    busy.rename(work)
    return None


def main(out: Path) -> str | None:
    """Build the site into ``out``, one build at a time."""
    name = re.sub(r"\W+", "-", str(out.resolve())).strip("-")
    work = ROOT / "build" / "work" / name
    work.parent.mkdir(parents=True, exist_ok=True)
    with open(work.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        problem = make_site(out, work)
    if not problem:
        print(f"The site is in {out}.")
    return problem


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

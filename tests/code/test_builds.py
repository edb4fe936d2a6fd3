"""A failed build stays failed, and never harms a good site."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from copies import copy_repository, retranslate, reword, run, run_checks


@pytest.fixture
def root(tmp_path) -> Path:
    """A copy of the repository."""
    return copy_repository(tmp_path / "guide")


def make_site(root: Path, out: str = "build/html") -> subprocess.CompletedProcess:
    """Build the site of a copy, as make site does."""
    return run(root, "tools/build_site.py", out)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, by their paths."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def english(root) -> Path:
    """A copy of the repository that publishes English only, which is quicker."""
    return in_english(root)


def in_english(root: Path) -> Path:
    """Have a copy of the repository publish English only."""
    reword(root / "institute.toml", 'languages = ["en", "fr"]', 'languages = ["en"]')
    return root


@pytest.mark.extended
def test_broken_page_fails_twice_with_plain_sphinx(root):
    """Sphinx run again on an unchanged broken page does not call it good."""
    reword(root / "source/index.rst", "What you need\n===", "What you need\n")
    command = ["-m", "sphinx", "-q", "-W", "--keep-going", "-c", ".", "source", "build/plain/en"]
    for _ in range(2):
        done = run(root, *command)
        assert done.returncode == 1
        assert "source/index.rst:64: WARNING: Title underline too short." in done.stderr


@pytest.mark.extended
def test_failed_build_leaves_the_good_site(english):
    """A broken page fails each time, and the site stays as it was until it is mended."""
    root = english
    assert make_site(root).returncode == 0
    good = contents(root / "build/html")
    assert {"index.html", "en/index.html"} <= good.keys()
    page = root / "source/request-sesame.rst"
    whole = page.read_text(encoding="utf-8")
    reword(page, "<eligibility>", "<nothing>")
    for _ in range(2):
        done = make_site(root)
        assert done.returncode == 1
        assert "source/request-sesame.rst:8: WARNING: unknown document" in done.stderr
        assert "build/html is left as it was" in done.stderr
        assert "Traceback" not in done.stderr
        assert contents(root / "build/html") == good
    page.write_text(whole, encoding="utf-8")
    assert make_site(root).returncode == 0
    assert contents(root / "build/html") == good


@pytest.mark.extended
def test_translation_is_strict_too(root):
    """A footnote that vanishes from the French page fails the build."""

    def drop(entry):
        entry.msgstr = entry.msgstr.replace("[#identity]_", "")

    retranslate(root, "eligibility", "The portal goes by", drop)
    done = make_site(root)
    assert done.returncode == 1
    assert "inconsistent footnote references" in done.stderr
    assert "(Français)" in done.stderr
    assert not (root / "build/html").exists()


def written_since(start: float, work: Path) -> bool:
    """Tell whether a page was written since; the build may rename the folders meanwhile."""
    try:
        return any(page.stat().st_mtime > start for page in work.glob("*/html/*/*.html"))
    except FileNotFoundError:
        return False


@pytest.mark.extended
def test_killed_build_is_begun_anew(english):
    """A build that is killed once Sphinx has read hides no warning from the next one."""
    root = english
    assert make_site(root).returncode == 0
    good = contents(root / "build/html")
    reword(root / "source/index.rst", "What you need\n===", "What you need\n")
    start = time.time()
    command = [sys.executable, "tools/build_site.py", "build/html"]
    build = subprocess.Popen(command, cwd=root, start_new_session=True)
    # Once Sphinx writes pages, what it has read is on the disk.
    while not written_since(start, root / "build/work"):
        assert build.poll() is None
        time.sleep(0.001)
    os.killpg(build.pid, signal.SIGKILL)
    build.wait()
    assert contents(root / "build/html") == good
    assert make_site(root).returncode == 1
    assert contents(root / "build/html") == good


@pytest.mark.extended
def test_site_that_was_put_aside_is_put_back(english):
    """A build that was killed between two renames loses no site, even if the next one fails."""
    root = english
    assert make_site(root).returncode == 0
    good = contents(root / "build/html")
    (root / "build/html").rename(root / "build/.html.old")
    reword(root / "source/eligibility.rst", "Can I get a certificate?\n===", "Can I?\n")
    assert make_site(root).returncode == 1
    assert contents(root / "build/html") == good


@pytest.mark.extended
def test_page_that_is_no_utf8_is_named(root):
    """The build and the checks say the file and the line, once, without traceback."""
    page = root / "source/index.rst"
    page.write_bytes(page.read_bytes().replace("“".encode(), b"\x93"))
    done = make_site(root)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"{page}:7: save the file as UTF-8",
        "The build failed (English, Français): build/html is left as it was.",
    ]
    done = run_checks(root, "tests/guide")
    assert done.returncode != 0
    assert done.stdout.count(f"Sphinx stopped: {page}:7: save the file as UTF-8") == 1
    assert "Traceback" not in done.stdout


def test_start_page_that_is_missing_is_named(english):
    """An error of Sphinx's own comes without its traceback."""
    (english / "source/index.rst").unlink()
    done = make_site(english)
    assert done.returncode == 1
    assert "unable to load the master document" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.extended
def test_site_of_one_language_passes_the_checks(tmp_path):
    """A guide without translation has none to judge."""
    root = in_english(copy_repository(tmp_path / "guide", whole=True))
    done = run_checks(root, "tests/guide", "--deselect=tests/guide/test_commands.py")
    assert done.returncode == 0, done.stdout


def test_other_files_are_not_replaced(root):
    """A folder that holds something else than a site is left alone."""
    (root / "mine").mkdir()
    (root / "mine/thesis.txt").write_text("years of work")
    done = make_site(root, "mine")
    assert done.returncode == 1
    assert "mine holds other files than a site made here" in done.stderr
    assert contents(root / "mine") == {"thesis.txt": b"years of work"}


def test_wrong_settings_are_said_before_the_build(root):
    """What is wrong in institute.toml is said once, for all languages, without traceback."""
    reword(root / "institute.toml", 'at = "au CNRS"', "")
    reword(root / "institute.toml", 'name = "Janus"', "name = 7")
    done = make_site(root)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        'institute.toml: [institute.fr] at is missing: write at = "…", a text on one line',
        'institute.toml: [identity.en] name holds 7: write name = "…", a text on one line',
        'institute.toml: [identity.fr] name holds 7: write name = "…", a text on one line',
    ]


@pytest.mark.extended
def test_plain_sphinx_builds_a_page_that_stands_alone(root):
    """sphinx-build without our tools works, and offers no language that is not there.

    A translation of the overlay wins over ours.
    """
    folder = root / "local/locale/fr/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "index.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "What you need"\nmsgstr "À préparer"\n',
        encoding="utf-8",
    )
    command = ["-c", ".", "-D", "language=fr", "source", "out"]
    done = run(root, "-m", "sphinx", "-q", "-n", "-W", *command)
    assert done.returncode == 0, done.stderr
    page = (root / "out/index.html").read_text(encoding="utf-8")
    assert '<html lang="fr">' in page
    # There is nothing to switch to.
    assert 'lang="en" hreflang="en"' not in page
    assert 'rel="alternate"' not in page
    assert "À préparer" in page
    assert "Vos identifiants CNRS" in page


def test_unknown_language_is_refused(root):
    """A language that the site does not have is named, with those it has."""
    done = run(root, "-m", "sphinx", "-q", "-c", ".", "-D", "language=de", "source", "out")
    assert done.returncode == 1
    assert "languages does not hold 'de'" in done.stderr
    assert "Traceback" not in done.stderr

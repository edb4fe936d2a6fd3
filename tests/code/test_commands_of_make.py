"""The commands of the Makefile say in one sentence what a machine lacks, and do their job."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

import test_words
from copies import ROOT, copy_repository, reword, run_checks


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(address: str) -> str:
    """Return a page of the local server."""
    with urllib.request.urlopen(address, timeout=5) as answer:
        return answer.read().decode()


def until(condition, seconds: float = 30) -> None:
    """Wait until a condition holds, or fail."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"not so after {seconds} s")


def test_python_that_is_missing_is_named(tmp_path):
    """Make names the Debian package when there is no Python."""
    root = copy_repository(tmp_path / "guide")
    command = ["make", "site", "PYTHON=python-that-is-not-there"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode != 0
    assert "install the Debian package python3 (apt install python3)" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_venv_module_that_is_missing_is_named(tmp_path):
    """Without Debian's python3-venv, set-up says which package to install."""
    tool = tmp_path / "tools" / "set_up.py"
    tool.parent.mkdir()
    shutil.copy(ROOT / "tools" / "set_up.py", tool)
    (tmp_path / "ensurepip.py").write_text("raise ImportError('as on a bare Debian')\n")
    done = subprocess.run(
        [sys.executable, tool, "requirements.txt"],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "Python's venv module is missing: "
        "install the Debian package python3-venv (apt install python3-venv)."
    )
    assert not (tmp_path / ".venv").exists()


def test_openssl_that_is_missing_is_named(tmp_path):
    """Without OpenSSL, the checks stop with the name of the package."""
    done = run_checks(ROOT, "tests/guide/test_build.py", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "openssl is missing: install the Debian package openssl" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_dictionary_that_is_missing_skips_by_name(guide, tmp_path, monkeypatch):
    """Without hunspell, each page's spelling is skipped, with the packages to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    results = list(test_words.spelling(guide))
    assert len(results) == len(guide.pages) * len(guide.languages)
    for result in results:
        package = "hunspell-fr" if "[fr]" in result.name else "hunspell-en-gb"
        with pytest.raises(pytest.skip.Exception) as skipped:
            result.report()
        said = f"{result.name}: install the Debian packages hunspell and {package}"
        assert str(skipped.value) == said


@pytest.mark.extended
def test_dictionary_that_is_missing_fails_in_ci(tmp_path):
    """What is skipped on a laptop fails in CI, with the same words."""
    for name in ("openssl", "bash"):
        (tmp_path / name).symlink_to(shutil.which(name))
    words = ("tests/guide/test_words.py", "-k", "spelled")
    done = run_checks(ROOT, *words, PATH=str(tmp_path), CI="true")
    assert done.returncode == 1
    said = "index.rst: spelling [fr]: install the Debian packages hunspell and hunspell-fr"
    assert f"{said} (nothing may be skipped here)" in done.stdout


@pytest.mark.extended
def test_serve_shows_both_languages_and_builds_again(tmp_path):
    """The site is served on the loopback address, and follows what is saved."""
    root, port = copy_repository(tmp_path / "guide"), free_port()
    command = [sys.executable, "tools/serve.py", "build/html", str(port)]
    server = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    site = f"http://127.0.0.1:{port}"
    try:
        until(lambda: "Français" in fetch(f"{site}/"))
        assert '<html lang="en">' in fetch(f"{site}/en/index.html")
        assert '<html lang="fr">' in fetch(f"{site}/fr/convert-certificate.html")
        time.sleep(1)
        reword(root / "source/index.rst", "What you need\n=============", "Needed\n======")
        until(lambda: "Needed" in fetch(f"{site}/en/index.html"))
        taken = subprocess.run(command, cwd=root, capture_output=True, text=True)
        assert taken.returncode == 1
        assert f"Give another one: make serve PORT={port + 1}" in taken.stderr
    finally:
        server.terminate()
        server.communicate()


@pytest.mark.extended
def test_catalogues_are_carried_on(tmp_path):
    """A reworded sentence comes to the catalogue; nothing else changes in it."""
    root = copy_repository(tmp_path / "guide")
    (root / ".venv").symlink_to(Path(sys.prefix))
    for stamp in ("site", "tests"):
        (root / ".venv" / stamp).touch()
    make = ["make", "--old-file=.venv/site", "catalogues"]
    before = {path.name: path.read_text() for path in root.glob("locale/fr/LC_MESSAGES/*.po")}
    subprocess.run(make, cwd=root, check=True, capture_output=True)
    after = {path.name: path.read_text() for path in root.glob("locale/fr/LC_MESSAGES/*.po")}
    assert after == before
    reword(root / "source/eligibility.rst", "Ask for the correction", "Ask for this")
    subprocess.run(make, cwd=root, check=True, capture_output=True)
    path = root / "locale/fr/LC_MESSAGES/eligibility.po"
    old, new = before["eligibility.po"].splitlines(), path.read_text().splitlines()
    changed = [line for line in new if line not in old]
    assert changed == ["#, fuzzy", 'msgid "Ask for this before you request a certificate."']
    assert len(new) == len(old) + 1

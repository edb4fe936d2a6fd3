"""A fork pulls our later work without conflict, and its words stand."""

from pathlib import Path

import polib
import pytest

import test_build
import test_catalogues
import test_overlay
from copies import copy_repository, reword, run
from forks import commit, git, make_fork, make_upstream
from guide import Guide

OWN_CATALOGUE = """\
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "What you need"
msgstr "À préparer"

msgid "The whole way"
msgstr "Le chemin jusqu’au certificat"
"""


def replace_page(root: Path, page: str) -> None:
    """Start a page of the fork from ours, or mark it as up to date."""
    done = run(root, "tools/replace_page.py", page)
    assert done.returncode == 0, done.stderr


def make_it_theirs(fork: Path) -> None:
    """Do in a fork what an admin does: settings, a page of ours, one of theirs, French."""
    local = fork / "local"
    text = (fork / "examples/small/institute.toml").read_text(encoding="utf-8")
    (local / "institute.toml").write_text(
        text.replace(
            "[owner]\n",
            '[vo]\nname = "vo.example.org"\naddress = "https://x.example.org/"\n\n[owner]\n',
        ),
        encoding="utf-8",
    )
    replace_page(fork, "import-certificate")
    reword(local / "pages/import-certificate.rst", "The browser is no backup:", "Make a backup:")
    (local / "pages/cluster.rst").write_text(
        ":after: eligibility\n:language: fr\n\nLa grappe\n=========\n\nElle est à vous.\n",
        encoding="utf-8",
    )
    catalogues = local / "locale/fr/LC_MESSAGES"
    catalogues.mkdir(parents=True)
    (catalogues / "index.po").write_text(OWN_CATALOGUE, encoding="utf-8")
    commit(fork, "Make the guide ours")


def go_on(upstream: Path) -> None:
    """Do upstream what we do: reword, add a page, rename a setting, refresh the catalogues."""
    source = upstream / "source"
    reword(
        source / "index.rst", "What you need\n=============", "Before you start\n================"
    )
    reword(source / "index.rst", "secure websites.", "websites that ask for a certificate.")
    reword(source / "index.rst", "   legal\n", "   renew\n   legal\n")
    reword(source / "import-certificate.rst", "Firefox keeps certificates", "Firefox has them")
    (source / "renew.rst").write_text("Renew it\n========\n\nRequest a new one in time.\n")
    # The setting `name` of the virtual organisation is called `called` from now on.
    reword(
        upstream / "extensions/settings.py",
        "RENAMED: dict[str, str] = {}",
        'RENAMED: dict[str, str] = {"vo.name": "called"}',
    )
    schema = upstream / "extensions/schema.py"
    reword(
        schema,
        'virtual organisation that most readers join."""\n\n    name: Text',
        'virtual organisation that most readers join."""\n\n    called: Text',
    )
    reword(upstream / "extensions/institute.py", "settings.vo.name", "settings.vo.called")
    done = run(upstream, "tools/catalogues.py")
    assert done.returncode == 0, done.stderr
    catalogue = polib.pofile(str(upstream / "locale/fr/LC_MESSAGES/index.po"))
    for entry in catalogue:
        if entry.fuzzy:
            entry.msgstr = f"{entry.msgstr.rstrip('.')}, donc."
            entry.flags.remove("fuzzy")
    catalogue.save()
    commit(upstream, "Go on")


@pytest.fixture(scope="module")
def fork(tmp_path_factory) -> Path:
    """A fork that has pulled our later work."""
    folder = tmp_path_factory.mktemp("merging")
    upstream = make_upstream(copy_repository(folder / "guide"), folder / "upstream")
    fork = make_fork(upstream, folder / "fork")
    make_it_theirs(fork)
    go_on(upstream)
    git(fork, "fetch", "--quiet", "upstream")
    git(fork, "merge", "--quiet", "--no-edit", "upstream/main")
    return fork


def test_merge_has_no_conflict(fork):
    """Git merges by itself, and both histories are in."""
    assert git(fork, "status", "--porcelain") == ""
    assert git(fork, "log", "--format=%s").splitlines()[1:] == [
        "Go on",
        "Make the guide ours",
        "Publish the guide",
    ]
    assert (fork / "source/renew.rst").exists()


@pytest.fixture(scope="module")
def site(fork) -> Path:
    """The site of the fork, built after the merge."""
    done = run(fork, "tools/build_site.py", "build/html")
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [
        "Warning: local/institute.toml: [vo] name is now called called: rename it. "
        "The old name is accepted until the next release"
    ]
    return fork / "build/html"


def test_words_of_the_fork_stand(site):
    """Its names, its page, its text and its translations are there, beside our new ones."""
    index = (site / "fr/index.html").read_text(encoding="utf-8")
    assert "le personnel de l’Institut Exemple" in index
    assert "Le chemin jusqu’au certificat" in index
    # Our new text, in our new French; the fork's words for the old one are gone with it.
    assert "À préparer" not in index
    assert "donc." in index
    assert 'href="renew.html"' in index
    assert "Make a backup:" in (site / "en/import-certificate.html").read_text(encoding="utf-8")
    assert "Elle est à vous." in (site / "fr/cluster.html").read_text(encoding="utf-8")
    assert "vo.example.org" in (site / "en/join-vo.html").read_text(encoding="utf-8")


@pytest.mark.extended
def test_checks_say_what_to_see_to(fork, tmp_path):
    """The replaced page has changed, a translation has lost its text: both are reported."""
    guide = Guide(fork, tmp_path)
    checks = (test_build.warnings, test_catalogues.own, test_overlay.replaced)
    results = [result for check in checks for result in check(guide)]
    assert not [result.problem for result in results if result.problem]
    reported = "\n".join(result.reported for result in results)
    for said in (
        "local/pages/import-certificate.rst:1: source/import-certificate.rst has changed",
        "-Firefox keeps certificates in a store of its own.",
        "+Firefox has them in a store of its own.",
        "index.po:4: no page has this text any more: “What you need”",
    ):
        assert said in reported
    replace_page(fork, "import-certificate")
    assert not [result for result in test_overlay.replaced(guide) if result.reported]
    text = (fork / "local/pages/import-certificate.rst").read_text(encoding="utf-8")
    assert text.count(":replaces:") == 1
    assert "Make a backup:" in text


def test_key_that_is_unknown_is_an_error(fork):
    """A key that was never there fails the build, with the key that was probably meant."""
    settings = fork / "local/institute.toml"
    text = settings.read_text(encoding="utf-8")
    reword(settings, "[help-desk]\n", '[help-desk]\nadress = "x"\n')
    done = run(fork, "tools/build_site.py", "build/html")
    settings.write_text(text, encoding="utf-8")
    assert done.returncode == 1
    assert (
        "local/institute.toml: [help-desk] adress is no key of this table. Did you mean address?"
        in done.stderr
    )
    assert "Traceback" not in done.stderr


@pytest.mark.extended
def test_catalogues_of_the_fork_are_its_own(fork):
    """Refreshing the catalogues in a fork changes none of ours, and loses no translation."""
    reword(fork / "source/eligibility.rst", "Ask for the correction", "Ask for this")
    own = fork / "local/locale/fr/LC_MESSAGES/import-certificate.po"
    own.write_text(
        'msgid "Keep the file"\nmsgstr "Garder le tout"\n\n'
        '#, fuzzy\nmsgid "Firefox keeps certificates in a store of its own."\nmsgstr "À revoir"\n\n'
        'msgid "A sentence that may come back"\nmsgstr "Une phrase"\n',
        encoding="utf-8",
    )
    done = run(fork, "tools/catalogues.py")
    git(fork, "checkout", "--quiet", "source")
    assert done.returncode == 0, done.stderr
    changed = git(fork, "status", "--porcelain", "--untracked-files=all").splitlines()
    assert {line[3:].partition("/")[0] for line in changed} == {"local"}
    entries = {entry.msgid: entry.msgstr for entry in polib.pofile(str(own))}
    assert entries["Keep the file"] == "Garder le tout"
    assert entries["Firefox keeps certificates in a store of its own."] == "À revoir"
    assert entries["A sentence that may come back"] == "Une phrase"
    # What the fork alone can translate is there to be filled in; what we have is not.
    assert "" in entries.values()
    assert "Firefox" not in entries

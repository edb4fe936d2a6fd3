"""What a fork adds and replaces is built and judged as its own, in a copy of the guide."""

import re
import subprocess
from pathlib import Path

import pytest

import test_build
import test_catalogues
import test_commands
import test_links
import test_overlay
import test_typography
import test_words
from copies import copy_repository, needs_spelling, page, run, run_checks, words
from guide import Guide


@pytest.fixture
def fork(tmp_path) -> Path:
    """A copy of the repository in whose overlay there is nothing yet."""
    return copy_repository(tmp_path / "guide")


def make(fork: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run make in a copy."""
    return subprocess.run(["make", *arguments], cwd=fork, capture_output=True, text=True)


def judged(fork: Path) -> Guide:
    """Return the guide of a copy, built to be judged."""
    folder = fork.with_name("built")
    folder.mkdir()
    return Guide(fork, folder)


def test_make_institute_asks_for_all_and_overwrites_nothing(fork):
    """It writes the mandatory keys, empty; each is then named; a second run changes nothing."""
    done = make(fork, "institute")
    assert done.returncode == 0, done.stderr
    path = fork / "local/institute.toml"
    text = path.read_text(encoding="utf-8")
    assert "# |staff|: the people the guide is written for." in text
    done = run_checks(fork, "tests/guide/test_build.py")
    keys = [line for line in text.splitlines() if ' = ""  # such as ' in line and line[0] != "#"]
    said = [line for line in done.stderr.splitlines() if "local/institute.toml: [" in line]
    assert len(said) == len(keys) > 20
    assert "[institute.fr] at holds '': fill in a text" in done.stderr
    again = make(fork, "institute")
    assert again.returncode != 0
    assert "is there already, and was left as it is" in again.stderr
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.extended
def test_faults_of_own_pages_are_found(fork):
    """A fork's page, catalogue and settings are judged, and the file that is named is its own."""
    needs_spelling()
    (fork / "local/pages").mkdir()
    (fork / "local/pages/cluster.rst").write_text(
        ":after: nowhere\n\nThe cluster\n===========\n\n"
        "A certifcate for the `cluster <https://example.org/cluster>`__.\n"
    )
    (fork / "local/pages/salle.rst").write_text(
        ":language: fr\n\nLa salle\n========\n\nQui décide ? Le conseil de l'institut.\n"
    )
    (fork / "local/pages/index.rst").write_text((fork / "source/index.rst").read_text())
    (fork / "local/locale/fr/LC_MESSAGES").mkdir(parents=True)
    (fork / "local/locale/fr/LC_MESSAGES/legal.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Responsible for the publication: |owner-director|."\nmsgstr "Responsable : X"\n\n'
        'msgid "A sentence that is gone"\nmsgstr "Une phrase disparue"\n',
        encoding="utf-8",
    )
    guide = judged(fork)
    checks = (
        test_build.warnings,
        test_catalogues.kept,
        test_catalogues.own,
        test_links.links,
        test_overlay.replaced,
        test_typography.french,
        test_words.spelling,
    )
    results = [result for check in checks for result in check(guide)]
    problems = "\n".join(result.problem for result in results)
    reported = "\n".join(result.reported for result in results)
    for said in (
        "local/pages/cluster.rst:1: :after: nowhere: there is no such other page in the menu",
        "local/pages/cluster.rst:6: “certifcate” is no word of en_GB",
        "local/pages/cluster.rst:6: https://example.org/cluster is not in local/links.toml",
        "local/pages/salle.rst:6: put a no-break space (U+00A0) before “ ?”",
        "local/pages/index.rst:1: this page replaces source/index.rst, and does not say which",
        "local/locale/fr/LC_MESSAGES/legal.po:4: the substitution |owner-director|",
    ):
        assert said in problems
    for said in (
        "legal.po:7: no page has this text any more: “A sentence that is gone”",
        "local/locale/fr/LC_MESSAGES/cluster.po: 2 of 2 messages are not translated",
    ):
        assert said in reported


@pytest.mark.extended
def test_missing_translations_fail_if_the_settings_say_so(fork):
    """What a fork has not translated is reported; it is a failure only if it wants that."""
    (fork / "local/pages").mkdir()
    (fork / "local/pages/cluster.rst").write_text("The cluster\n===========\n\nIt is large.\n")
    guide = judged(fork)
    said = "cluster.po: 2 of 2 messages are not translated, such as “The cluster”"
    for required, kind, other in (
        (False, "reported", "problem"),
        (True, "problem", "reported"),
    ):
        guide.settings = guide.settings.model_copy(update={"require_own_translations": required})
        name = "cluster.po of the overlay [fr]"
        (result,) = [one for one in test_catalogues.own(guide) if one.name == name]
        assert said in getattr(result, kind)
        assert not getattr(result, other)


@pytest.mark.extended
def test_site_in_french_only(fork):
    """A fork publishes French only, with a page written straight in French, and all is well."""
    local = fork / "local"
    (local / "pages").mkdir()
    text = "La salle\n========\n\nElle est ouverte à tous.\n"
    (local / "pages/salle.rst").write_text(f":language: fr\n\n{text}", encoding="utf-8")
    (local / "institute.toml").write_text('languages = ["fr"]\n')
    guide = judged(fork)
    results = [
        *test_build.warnings(guide),
        *test_catalogues.complete(guide),
        *test_catalogues.own(guide),
        *test_catalogues.kept(guide),
        *test_overlay.replaced(guide),
        *test_overlay.catalogues(guide),
        *test_typography.french(guide),
    ]
    assert len(results) > 100
    assert not [result for result in results if result.problem or result.reported]
    done = run(fork, "tools/build_site.py", "out")
    assert done.returncode == 0, done.stderr
    assert not (fork / "out/en").exists()
    refresh = page(fork, "out/index").find("meta", attrs={"http-equiv": "refresh"})
    assert refresh["content"] == "0; url=fr/index.html"
    assert "ouverte à tous" in words(page(fork, "out/fr/salle").main)


@pytest.mark.extended
def test_change_of_a_translation_is_built_at_once(fork):
    """A sentence put otherwise, then back again, is on the page after the next build."""
    (fork / "local/institute.toml").write_text('languages = ["fr"]\n')
    folder = fork / "local/locale/fr/LC_MESSAGES"
    folder.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    own = {
        "index.po": 'msgid "What you need"\nmsgstr "À préparer"\n',
        "sphinx.po": 'msgid "Skip to the text"\nmsgstr "Lire"\n',
    }

    def built() -> list[str]:
        done = run(fork, "tools/build_site.py", "build/html")
        assert done.returncode == 0, done.stderr
        start = page(fork, "build/html/fr/index")
        return [words(start.select_one(".skip")), words(start.find(id="what-you-need").h2)]

    ours = built()
    assert ours == ["Aller au texte", "Ce qu’il vous faut#"]
    for name, text in own.items():
        (folder / name).write_text(head + text, encoding="utf-8")
    assert built() == ["Lire", "À préparer#"]
    for name in own:
        (folder / name).unlink()
    assert built() == ours


@pytest.mark.extended
def test_names_of_another_institute_are_no_fault_of_ours(fork):
    """A fork whose help desk is called “the help desk” has nothing to mend in our pages."""
    text = (fork / "examples/small/institute.toml").read_text(encoding="utf-8")
    text = text.replace("the help desk of the Example Institute", "the help desk")
    (fork / "local/institute.toml").write_text(text, encoding="utf-8")
    assert "the help desk" in text
    results = list(test_words.names(judged(fork)))
    assert results
    assert not [result for result in results if result.problem]


@pytest.mark.extended
def test_one_s_own_faults_are_named_in_one_s_own_files(fork):
    """What a fork has to mend is said of its own files, in words that it can follow."""
    needs_spelling()
    local = fork / "local"
    (local / "pages").mkdir()
    (local / "pages/salle.rst").write_text("\nLa salle\n========\n\nElle est ouverte.\n")
    (local / "locale/fr").mkdir(parents=True)
    (local / "locale/fr/index.po").write_text('msgid "What you need"\nmsgstr "À préparer"\n')
    folder = local / "locale/fr/LC_MESSAGES"
    folder.mkdir()
    (folder / "legal.po").write_bytes((fork / "locale/fr/LC_MESSAGES/legal.po").read_bytes())
    guide = judged(fork)
    spelling = "\n".join(result.problem for result in test_words.spelling(guide))
    assert "local/pages/salle.rst:5: “ouverte” is no word of en_GB" in spelling
    assert "add it to local/words/en.txt. If the page is not in English" in spelling
    places = "\n".join(result.problem for result in test_overlay.catalogues(guide))
    assert "local/locale/fr/index.po: nothing is read from here" in places
    reported = "\n".join(result.reported for result in test_catalogues.own(guide))
    assert "entries are the same as ours, such as “Legal information”" in reported


@pytest.mark.extended
def test_own_pages_follow_each_other(fork):
    """Pages after the same one stand in the order of their names, and one may follow another."""
    (fork / "local/pages").mkdir()
    places = {"a": "b", "b": "c", "c": "eligibility", "d": "eligibility"}
    for name, after in places.items():
        text = f":after: {after}\n\nPage {name}\n======\n\nText.\n"
        (fork / f"local/pages/{name}.rst").write_text(text)
    command = ["-c", ".", "source", "out"]
    done = run(fork, "-m", "sphinx", "-q", "-n", "-W", *command)
    assert done.returncode == 0, done.stderr
    links = [link["href"] for link in page(fork, "out/legal").select(".guide .toctree-l1 a")]
    assert links[:5] == ["eligibility.html", "c.html", "b.html", "a.html", "d.html"]


@pytest.mark.extended
def test_own_commands_are_run_unless_they_say_so(fork):
    """Commands of a fork's page are run with its own answers; one that cannot run says so."""
    (fork / "local/pages").mkdir()
    (fork / "local/answers.toml").write_text('"Your name: " = "Anna"\n')
    (fork / "local/pages/cluster.rst").write_text(
        "Cluster\n=======\n\n.. code-block:: console\n\n"
        "   $ read -r -p 'Your name: ' name && echo \"Hello $name\"\n"
        "   Your name: Hello Anna\n\n"
        ".. code-block:: console\n   :class: not-tried\n\n   $ ssh login.example.org\n"
    )
    guide = judged(fork)
    results = [one for one in test_commands.runnable(guide) if one.page == "cluster"]
    assert len(results) == 1
    results[0].report()
    here = guide.folder / "html/fr"
    note = page(here, "cluster").select_one(".not-tried-note")
    assert words(note).startswith("Les commandes encadrées en pointillés n’ont pas été essayées")
    assert not page(here, "index").select(".not-tried-note")


def files(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, by their names."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.mark.extended
def test_site_of_another_overlay_leaves_nothing_behind(fork):
    """Built over the site of another institute, a site is as if built from nothing."""
    for out, overlays in (("a", ("local", "examples/small")), ("b", ("examples/small",))):
        for overlay in overlays:
            done = run(fork, "tools/build_site.py", out, LOCAL=overlay)
            assert done.returncode == 0, done.stderr
    assert files(fork / "a") == files(fork / "b")


@pytest.mark.extended
def test_broken_catalogue_is_not_published(fork):
    """A catalogue with a conflict or in no known charset is named, and spoils no other site."""
    for name, text in (
        ("one", '<<<<<<< HEAD\nmsgid "Next"\nmsgstr "Après"\n'),
        (
            "two",
            'msgid ""\nmsgstr "Content-Type: text/plain; charset=none\\n"\n\n'
            'msgid "a"\nmsgstr "b"\n',
        ),
    ):
        path = fork / name / "locale/fr/LC_MESSAGES/index.po"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    (fork / "good").mkdir()
    done = run(fork, "tools/build_sites.py", "sites", "one", "two", "good")
    assert done.returncode == 1
    assert "one/locale/fr/LC_MESSAGES/index.po:1: " in done.stderr
    assert "two/locale/fr/LC_MESSAGES/index.po is no catalogue: unknown encoding" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in (fork / "sites").iterdir()] == ["good"]
    done = run(fork, "tools/catalogues.py", LOCAL="one")
    assert done.returncode == 1
    assert "one/locale/fr/LC_MESSAGES/index.po:1: " in done.stderr


def test_replaced_page_keeps_its_own_lines(fork):
    """A page marked as up to date gets one field at its top, and keeps the rest of its text."""
    path = fork / "local/pages/index.rst"
    path.parent.mkdir()
    text = ":after: legal\n:replaces: old\n\nTitle\n=====\n\nA line.\n\n:replaces: in the text\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert run(fork, "tools/replace_page.py", "index").returncode == 0
    first, rest = path.read_text(encoding="utf-8").split("\n", 1)
    assert re.fullmatch(r":replaces: [0-9a-f]{40}", first)
    assert rest == text.replace(":replaces: old\n", "")
    path.write_bytes("été".encode("latin-1"))
    done = run(fork, "tools/replace_page.py", "index")
    assert "local/pages/index.rst: save the file as UTF-8" in done.stderr
    done = run(fork, "tools/replace_page.py", "../source/index")
    assert "There is no page ../source/index." in done.stderr

"""A label that a page quotes wrongly is caught, and the message says what to write."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import compared_labels
import installed
import proofs
import shipped_labels
from copies import copy_repository, retranslate, reword, run_checks

PAGE = "import-certificate"
PLACE = f"source/{PAGE}.rst"
FRENCH = f"locale/fr/LC_MESSAGES/{PAGE}.po"


def break_labels(root: Path) -> None:
    """Break labels of the page in several ways, each in a sentence of its own."""
    page = root / PLACE
    reword(page, "`Manage certificates <", "`Manage certificate <")
    reword(page, "`Import… <firefox/certmgr-restore.label>", "`Import… <firefox/certmgr-import>")
    reword(page, "`Current User <reported>`", "`Current User <opera/current-user>`")
    reword(page, ":ui-label:`Keychain Access <reported>`", ":ui-label:`Keychain Access`")
    reword(page, "Let Windows choose", "Let :guilabel:`Windows` choose")
    before, mark, after = page.read_text(encoding="utf-8").rpartition(".. rst-class:: reported\n\n")
    assert mark
    page.write_text(before + after, encoding="utf-8")

    def reletter(entry):
        entry.msgstr = entry.msgstr.replace("Importer…", "Importez…")

    def leave_out(entry):
        entry.msgstr = entry.msgstr.replace(" <firefox/certmgr-tab-ca.label>", " <reported>")

    retranslate(root, PAGE, "Select the tab :ui-label:`Your Certificates <thunder", reletter)
    retranslate(root, PAGE, "Select the tab :ui-label:`Your Certificates <firefox", leave_out)


@pytest.fixture(scope="module")
def findings(tmp_path_factory) -> dict[str, str]:
    """The messages of the checks that fail on a broken copy, by their names."""
    installed.needs("firefox-esr", "thunderbird")
    root = copy_repository(tmp_path_factory.mktemp("broken") / "guide")
    break_labels(root)
    report = root / "report.xml"
    tests = ("guide/test_build", "guide/test_labels", "programs/test_labels")
    # Its running page takes long, and is compared like the others.
    left_out = "tests/programs/test_labels.py::test_labels_are_those_of_the_program[chromium]"
    done = run_checks(
        root,
        *(f"tests/{name}.py" for name in tests),
        f"--junitxml={report}",
        f"--deselect={left_out}",
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return {
        case.get("name").partition("[")[2].removesuffix("]"): failure.text
        for case in ElementTree.parse(report).iter("testcase")
        for failure in case.iter("failure")
    }


@pytest.mark.extended
def test_label_that_differs_by_a_letter_is_named(findings):
    """Another letter is named with page, language, program, and what the program says."""
    firefox = " ".join(installed.about("firefox-esr"))
    said = (
        rf"^{PLACE}:\d+ \[en\]: the page says “Manage certificate”, {re.escape(firefox)} says "
        r"“Manage certificates” \(certs-view2\.label\): correct the page$"
    )
    assert re.search(said, findings["firefox"], re.MULTILINE)
    thunderbird = " ".join(installed.about("thunderbird"))
    lines = findings["thunderbird"].splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"{FRENCH}:")
    assert lines[0].endswith(
        f"[fr]: the page says “Importez…”, {thunderbird} says “Importer…” "
        "(certmgr-restore.label): correct the page"
    )


@pytest.mark.extended
def test_key_that_is_gone_is_named(findings):
    """A key that the program has no more is named, with the nearest texts and their keys."""
    firefox = " ".join(installed.about("firefox-esr"))
    assert (
        f"the page says “Import…”, {firefox} has no text certmgr-import: the nearest are “Import…” "
        "(certmgr-restore.label)"
    ) in findings["firefox"]


@pytest.mark.extended
@pytest.mark.parametrize(
    "label", [":ui-label:`Current User <opera/current-user>`", ":ui-label:`Keychain Access`"]
)
def test_label_of_no_known_program_is_named(findings, label):
    """A label without program, or of one that no test reads, stops the build with advice."""
    text = label.partition("`")[2].partition(" <")[0].rstrip("`")
    said = [message for message in findings.values() if f"{label} does not say" in message]
    assert said
    assert f"Write :ui-label:`{text} <PROGRAM/KEY>`, where PROGRAM is one of chromium, " in said[0]
    assert f":ui-label:`{text} <reported>` for what the tests do not see" in said[0]


@pytest.mark.extended
def test_unmarked_label_is_named(findings):
    """A label that says nothing of its program is named, with what to write."""
    said = findings[f"{PAGE}.rst: labels of programs: Windows"]
    assert f"{PLACE}:" in said
    assert "instead of :guilabel:`Windows`, write :ui-label:`Windows <PROGRAM/KEY>`" in said


@pytest.mark.extended
@pytest.mark.parametrize("language", ["en", "fr"])
def test_reported_label_without_a_word_is_named(findings, language):
    """Where the reader is not told that a label was not tried, it is named."""
    names = {"en": "login", "fr": "session"}
    said = findings[f"{PAGE}.rst: reported labels [{language}]: {names[language]}"]
    assert f"“{names[language]}” is reported: say in this section" in said
    # Windows and the older Firefox still say so.
    started = f"{PAGE}.rst: reported labels [{language}]: "
    there = {name.removeprefix(started) for name in findings if name.startswith(started)}
    assert there == {"en": {"login", "Add"}, "fr": {"session", "Ajouter"}}[language]


@pytest.mark.extended
def test_label_that_the_french_lacks_is_named(findings):
    """A label that a translation leaves out is named."""
    said = findings[f"{PAGE}.rst: keys of labels [fr]: firefox/certmgr-tab-ca.label"]
    assert "the label <firefox/certmgr-tab-ca.label> of the English is missing: write it" in said


def test_language_that_is_not_installed_is_named():
    """Without its package, the words of a language are not taken from another one."""
    with pytest.raises(shipped_labels.Missing, match=r"firefox-esr-l10n-xx$"):
        shipped_labels.strings("firefox", "xx")


def test_evidence_says_what_differs(guide, monkeypatch):
    """A page whose label differs from the program's own counts as failed, another does not."""
    installed.needs("firefox-esr")
    monkeypatch.setattr(proofs, "ROWS", [])
    own = shipped_labels.strings

    def other(program, language):
        return own(program, language) | ({"certs-view2.label": "x"} if language == "fr" else {})

    monkeypatch.setattr(compared_labels, "strings", other)
    wrong = compared_labels.compare(guide, "firefox")
    assert len(wrong) == 1
    rows = {(row.page, row.kind): row.result for row in proofs.ROWS}
    # The report of this test would carry them to the site.
    proofs.ROWS.clear()
    assert rows.pop((PAGE, "fr")) == "fails"
    assert (PAGE, "en") in rows
    assert set(rows.values()) == {"works"}


def test_only_typography_is_alike():
    """A letter, its case and an ellipsis count; the form of an apostrophe does not."""
    alike = compared_labels.alike
    assert alike("l’appli\u00a0?") == alike("l'appli ?")
    assert len({alike(text) for text in ("Import", "import", "Import…", "Impart")}) == 4

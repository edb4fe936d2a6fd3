"""The foot of a page, and what is said behind its links."""

import pytest

from checked import day
from copies import reword, run, shown, small_guide

PAGE = """:orphan:
:checked: 2026-11-23

Page
====

See `one <https://example.org/fr>`__, `two <https://example.org/en>`__,
`three <https://example.org/both>`__ and `four <https://example.org/unknown>`__.
"""
RECORD = """
["https://example.org/fr"]
what = "x"
language = "fr"
["https://example.org/en"]
what = "x"
language = "en"
["https://example.org/both"]
what = "x"
language = ["fr", "en"]
"""


@pytest.fixture
def root(tmp_path):
    """A guide with one page of its own, and a record of its links."""
    guide = small_guide(tmp_path / "guide", page=PAGE)
    (guide / "local/links.toml").write_text(RECORD)
    return guide


@pytest.mark.parametrize(
    ("language", "date", "marks", "report"),
    [
        ("en", "26 November 2026", ["(in French)"], "Report an error"),
        ("fr", "26 novembre 2026", ["(en anglais)"], "Signaler une erreur"),
    ],
)
def test_foot_and_marks_are_in_the_language_of_the_page(root, language, date, marks, report):
    """The day, the link to report an error and the marks of links are in the page's language."""
    page = shown(root, "page", language)
    foot = page.select_one(".about-page")
    assert foot.time["datetime"] == "2026-11-23"
    assert foot.time.text.replace("\u00a0", " ") == date.replace("26", "23", 1)
    assert report in foot.a.text
    found = page.select("main section .language-mark")
    assert [mark.text for mark in found] == marks
    expected = "fr" if language == "en" else "en"
    assert found[0].find_previous("a")["href"] == f"https://example.org/{expected}"


@pytest.mark.parametrize("written", ["2026-02-30", "26.11.2026", "2026-11-2", "", "yesterday"])
def test_what_is_no_day_is_not_shown(root, written):
    """A day that does not exist is not taken for one; the site is built without it."""
    assert day(written) is None


def test_wrong_day_stops_no_build(root):
    """It is for the checks to complain."""
    reword(root / "source/page.rst", "2026-11-23", "soon")
    assert shown(root, "page").select(".about-page time") == []


@pytest.mark.extended
@pytest.mark.parametrize(
    ("errors", "href"),
    [
        ("", "https://sesame.cnrs.fr/"),
        ("https://example.org/issues", "https://example.org/issues"),
        (
            "guide@example.org",
            "mailto:guide@example.org?subject=Certificate%20guide%20for%20CNRS%20employees"
            "%3A%20page%20%5Ben%5D",
        ),
    ],
)
def test_errors_are_reported_where_the_settings_say(root, errors, href):
    """Without a setting, to the help desk; an e-mail says which page it is about."""
    if errors:
        reword(
            root / "institute.toml",
            '#errors = "https://example.org/certificates/issues"',
            f'errors = "{errors}"',
        )
    assert shown(root, "page").select_one(".about-page a")["href"] == href


def test_broken_record_is_named(root):
    """A record that cannot be read stops the build with its name, and without a traceback."""
    (root / "local/links.toml").write_text("[broken")
    done = run(root, "-m", "sphinx", "-q", "-c", ".", "source", "out")
    assert done.returncode != 0
    assert "links.toml" in done.stderr
    assert "Traceback" not in done.stderr

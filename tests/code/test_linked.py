"""The site says of its links what a reader should know, when they were checked, and no more."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from copies import page, run, small_guide, words
from record import Seen, SeenLinks, write_seen

SITE = "https://example.org/"
COPY = "https://archive.example.org/"
# What people know of the links of the page, by their ends.
RECORD = {
    "french": 'language = "fr"',
    "both": 'language = ["en", "fr"]\narchived = "https://archive.example.org/both"',
    "english": 'language = "en"',
    "kept": 'language = "fr"\narchived = "https://archive.example.org/kept"',
    "told": 'language = ["en", "fr"]\ndead = "since 2025"',
    "told-and-kept": 'language = ["en", "fr"]\ndead = "since 2025"\n'
    'archived = "https://archive.example.org/told?a=1&b=2"',
    "moved": 'language = ["en", "fr"]',
    "walled": 'language = ["en", "fr"]',
    "doubtful": 'language = ["en", "fr"]',
    "never": 'language = ["en", "fr"]',
    "brazilian": 'language = ["pt_BR", "de"]',
}
# What was seen of them, on which day of November.
SEEN = {
    "french": ("alive", 26),
    "both": ("alive", 26),
    "english": ("dead", 20),
    "kept": ("dead", 26),
    "told": ("alive", 26),
    "told-and-kept": ("alive", 26),
    "moved": ("moved", 26),
    "walled": ("walled", 26),
    "doubtful": ("doubtful", 26),
    "brazilian": ("alive", 26),
}
GONE = "archived copy; the page itself is gone"
N = "\N{NO-BREAK SPACE}"
DISPARUE = f"copie archivée{N}; la page elle-même n’existe plus"
# Where each link leads, the language of its target, and what stands behind it.
SHOWN = {
    "en": {
        "french": (f"{SITE}french", "fr", "(in French)"),
        "both": (f"{SITE}both", None, ""),
        "english": (f"{SITE}english", None, f"(page gone, as seen on 20{N}November 2026)"),
        "kept": (f"{COPY}kept", "fr", f"(in French) ({GONE})"),
        "told": (f"{SITE}told", None, "(page gone)"),
        "told-and-kept": (f"{COPY}told?a=1&b=2", None, f"({GONE})"),
        "moved": (f"{SITE}moved", None, ""),
        "walled": (f"{SITE}walled", None, ""),
        "doubtful": (f"{SITE}doubtful", None, ""),
        "never": (f"{SITE}never", None, ""),
        "brazilian": (f"{SITE}brazilian", "pt-BR", "(in Brazilian Portuguese)"),
    }
}
SHOWN["fr"] = SHOWN["en"] | {
    "french": (f"{SITE}french", None, ""),
    "english": (
        f"{SITE}english",
        "en",
        f"(en anglais) (page disparue, constaté le 20{N}novembre 2026)",
    ),
    "kept": (f"{COPY}kept", None, f"({DISPARUE})"),
    "told": (f"{SITE}told", None, "(page disparue)"),
    "told-and-kept": (f"{COPY}told?a=1&b=2", None, f"({DISPARUE})"),
    "brazilian": (f"{SITE}brazilian", "pt-BR", "(en portugais brésilien)"),
}
LISTED = ", ".join(f"`{name} <{SITE}{name}>`__" for name in RECORD if name != "kept")
PAGES = {
    "index": "Guide\n=====\n\n.. toctree::\n\n   page\n   checked\n   other\n",
    "page": f"Page\n====\n\nSee {LISTED}. [#kept]_\n\n.. [#kept] `kept <{SITE}kept>`__. Read it.\n",
    "checked": "Checked\n=======\n\n.. links-checked::\n",
    "other": f"Other\n=====\n\nSee `moved <{SITE}moved>`__.\n",
    # The settings name them.
    "request_sesame": ":orphan:\n\nOne\n===\n",
    "request_harica": ":orphan:\n\nTwo\n===\n",
}
NEVER = "The links have never been checked."


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A guide with a record of its own, and nothing seen."""
    root = small_guide(tmp_path_factory.mktemp("linked") / "guide", **PAGES)
    (root / "links-seen.json").unlink(missing_ok=True)
    tables = (f'["{SITE}{name}"]\nwhat = "x"\n{known}\n' for name, known in RECORD.items())
    # One that no page links: it does not count.
    unused = f'["{SITE}unused"]\nwhat = "x"\nlanguage = "en"\n'
    (root / "links.toml").write_text("".join([*tables, unused]))
    return root


def see(file: Path, checked: str | None = "2026-11-26", **changed: tuple[str, int]) -> str:
    """Write what was seen into a file, and return the option of Sphinx that reads it."""
    links = {
        f"{SITE}{name}": Seen(state=state, answer="x", date=f"2026-11-{day}")
        for name, (state, day) in (SEEN | changed).items()
    }
    write_seen(file, SeenLinks(checked=checked, links=links))
    return f"-Dlinks_seen_files={file}"


def build(root: Path, out: Path, *options: str) -> None:
    """Build a guide with plain Sphinx, again if it was built before."""
    done = run(root, "-m", "sphinx", "-q", "-n", "-W", "-c", ".", *options, "source", out)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def built(made, tmp_path_factory) -> dict[str, Path]:
    """The site, built when nothing was seen; and with what was seen, in both languages.

    The English one was built before, when nothing was seen.
    """
    folder = tmp_path_factory.mktemp("built")
    seen = see(folder / "links-seen.json")
    with ThreadPoolExecutor() as at_once:
        list(
            at_once.map(
                lambda options: build(made, *options),
                [(folder / "never",), (folder / "fr", seen, "-Dlanguage=fr")],
            )
        )
    shutil.copytree(folder / "never", folder / "en")
    build(made, folder / "en", seen)
    return {name: folder / name for name in ("never", "en", "fr")}


@pytest.fixture
def out(built, tmp_path) -> Path:
    """A copy of the English site, to be built again."""
    return Path(shutil.copytree(built["en"], tmp_path / "out"))


def behind(link: Tag) -> str:
    """Return what stands in marks behind a link."""
    found = []
    while (link := link.find_next_sibling()) and link.name == "span":
        assert link["class"] in (["language-mark"], ["gone-mark"])
        found.append(link.get_text())
    return " ".join(found)


def links(site: BeautifulSoup) -> dict[str, tuple[str, str | None, str]]:
    """Return where the links of a page lead, in which language, and what stands behind them."""
    found = site.select("a.external")
    return {link.text: (link["href"], link.get("hreflang"), behind(link)) for link in found}


def written(out: Path) -> dict[str, int]:
    """Return when each page and each doctree was written, in nanoseconds."""
    paths = [*out.glob("*.html"), *out.glob(".doctrees/*.doctree")]
    return {
        path.name: path.stat().st_mtime_ns
        for path in paths
        if path.name not in ("search.html", "sitemap.html")
    }


def changed(before: dict[str, int], after: dict[str, int]) -> set[str]:
    """Return what was written in between, but for the menu of all pages."""
    return {name for name in after if after[name] != before.get(name)} - {"index.html"}


def said(site: BeautifulSoup) -> list[str]:
    """Return the sentences and the list of what was checked."""
    return [words(tag) for tag in site.select("main section > p, main section li")]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_links_say_what_a_reader_should_know(built, language):
    """Of another language, of what is gone, and of nothing else; in the text, and in a footnote."""
    assert links(page(built[language], "page")) == SHOWN[language]
    assert links(page(built[language], "other"))["moved"] == (f"{SITE}moved", None, "")
    note = page(built[language], "page").select_one("aside.footnote")
    expected = SHOWN[language]["kept"][2]
    assert words(note.p) == " ".join(f"kept {expected}. Read it.".split())


def test_what_was_never_seen_is_marked_by_the_record_alone(built):
    """The language, and what people say is gone."""
    found = links(page(built["never"], "page"))
    language_only = {
        "english": (f"{SITE}english", None, ""),
        "kept": (f"{SITE}kept", "fr", "(in French)"),
    }
    assert found == SHOWN["en"] | language_only


def test_page_says_when_links_were_checked(built):
    """How many of those that pages link answered how; without a check, that there was none."""
    count = len(RECORD)
    never = count - len(SEEN)
    assert said(page(built["never"], "checked")) == [NEVER]
    assert said(page(built["en"], "checked")) == [
        f"The links were last checked on 26 November 2026. Of {count} addresses:",
        "answered as expected: 3",
        "have moved: 1",
        "want a login, or refuse programs: 1",
        "fail at the moment: 1",
        "are gone: 4",
        f"never checked: {never}",
    ]
    french = said(page(built["fr"], "checked"))
    assert french[0] == (
        "Les liens ont été vérifiés pour la dernière fois le 26 novembre 2026. "
        f"Sur {count} adresses :"
    )
    assert french[-2:] == ["n’existent plus : 4", f"jamais vérifiées : {never}"]


def test_pages_are_written_again_when_something_else_is_seen(built):
    """Those that show it, and none is read again."""
    expected = {"page.html", "checked.html"}
    assert changed(written(built["never"]), written(built["en"])) == expected


def test_marks_are_no_text_of_the_page(built):
    """Neither the search nor a description has them, nor the space before them."""
    data = (built["en"] / "_static/search-data.js").read_text(encoding="utf-8")
    description = page(built["en"], "page").find("meta", attrs={"name": "description"})
    for text in (data, description["content"]):
        assert "See french, both, english, told, " in text
        assert "gone" not in text


# -- What takes longer --------------------------------------------------------------------


@pytest.mark.extended
def test_broken_files_are_named(made, tmp_path):
    """What is wrong is all that is said, whichever file it is in."""
    files = {"broken": '{"links": ', "strange": '{"links": {"https://a.example": {"state": "x"}}}'}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    (overlay / "links.toml").write_text(
        f'["{SITE}x"]\nwhat = "x"\nlanguage = "en"\narchive = "https://example.org/y"\n'
    )
    starts = [
        ({"LOCAL": "local"}, f"-Dlinks_seen_files={tmp_path / 'broken'}"),
        ({"LOCAL": "local"}, f"-Dlinks_seen_files={tmp_path / 'strange'}"),
        ({"LOCAL": str(overlay)}, "-q"),
    ]
    command = ["-m", "sphinx", "-q", "-c", ".", "source", tmp_path / "out"]
    with ThreadPoolExecutor() as at_once:
        ended = list(at_once.map(lambda one: run(made, *command, one[1], **one[0]), starts))
    assert [done.returncode for done in ended] == [1, 1, 1]
    broken, strange, record = (done.stderr.splitlines() for done in ended)
    assert broken[0].startswith(f"{tmp_path}/broken is no file of make links: Invalid JSON")
    assert strange[0].startswith(f"{tmp_path}/strange is no file of make links: links: https://a.")
    for [line] in (broken, strange):
        assert line.endswith("Delete it, or restore it, then run make links again")
    [line] = record
    assert f'links.toml: ["{SITE}x"]: archive is no key of this table.' in line
    assert "archived" in line


@pytest.mark.extended
def test_same_again_writes_nothing(made, out):
    """What was seen is the same: no page is written."""
    before = written(out)
    build(made, out, see(out.parent / "links-seen.json"))
    assert changed(before, written(out)) == set()


@pytest.mark.extended
def test_another_day_changes_its_page_only(made, out):
    """All was asked again, with the same answers."""
    before = written(out)
    build(made, out, see(out.parent / "links-seen.json", "2026-11-27"))
    assert changed(before, written(out)) == {"checked.html"}
    assert said(page(out, "checked"))[0].startswith("The links were last checked on 27 November")


@pytest.mark.extended
def test_page_that_is_there_again_loses_its_mark(made, out):
    """The next build leads to it again."""
    build(made, out, see(out.parent / "links-seen.json", kept=("alive", 26)))
    assert links(page(out, "page"))["kept"] == (f"{SITE}kept", "fr", "(in French)")


@pytest.mark.extended
def test_changed_record_is_shown(made, out, tmp_path):
    """A build finds what people have written since; only pages with such links are written."""
    record = made / "local" / "links.toml"
    record.write_text(
        f'["{SITE}moved"]\nwhat = "x"\nlanguage = ["en", "fr"]\narchived = "{COPY}moved"\n'
        'dead = "since yesterday"\n'
    )
    before = written(out)
    try:
        build(made, out, see(tmp_path / "links-seen.json"))
    finally:
        record.unlink()
    assert changed(before, written(out)) == {"page.html", "other.html", "checked.html"}
    assert links(page(out, "other"))["moved"] == (f"{COPY}moved", None, f"({GONE})")


@pytest.mark.extended
def test_partial_run_claims_no_day(made, out):
    """As long as not all links were asked, no day is named."""
    build(made, out, see(out.parent / "links-seen.json", None, doubtful=("alive", 26)))
    first, *others = said(page(out, "checked"))
    assert first.startswith("Not all links have been checked yet. Of ")
    assert not [text for text in others if text.startswith("fail at the moment")]


@pytest.mark.extended
def test_run_of_ones_own_wins_over_the_released_one(made, tmp_path):
    """Without an option, both files are read; of each address, what was seen last counts."""
    released, own = made / "links-seen.json", made / "build" / "links-seen.json"
    see(released, "2026-11-20", english=("alive", 19), kept=("dead", 19), french=("dead", 25))
    see(own, english=("dead", 20), kept=("alive", 20))
    try:
        build(made, tmp_path / "out", "-j2")
        before = written(tmp_path / "out")
        see(own, english=("dead", 20), kept=("dead", 27))
        build(made, tmp_path / "out", "-j2")
    finally:
        released.unlink()
        own.unlink()
    found = links(page(tmp_path / "out", "page"))
    for name in ("english", "french"):
        assert found[name] == SHOWN["en"][name]
    assert found["kept"] == SHOWN["en"]["kept"]
    assert "26 November 2026" in said(page(tmp_path / "out", "checked"))[0]
    assert changed(before, written(tmp_path / "out")) == {"page.html", "checked.html"}


@pytest.mark.extended
@pytest.mark.parametrize("builder", ["dirhtml", "singlehtml", "epub"])
def test_each_kind_of_site_says_it(made, tmp_path, builder):
    """A site of folders, one of one page, and a book."""
    build(made, tmp_path / "out", "-b", builder, see(tmp_path / "links-seen.json"))
    name = {"dirhtml": "page/index.html", "singlehtml": "index.html", "epub": "page.xhtml"}[builder]
    text = (tmp_path / "out" / name).read_text(encoding="utf-8")
    assert links(BeautifulSoup(text, "html.parser")) == SHOWN["en"]


@pytest.mark.extended
def test_builders_without_marks_keep_the_text(made, tmp_path):
    """Plain text has the addresses as they are written, and no summary."""
    build(made, tmp_path / "out", "-b", "text", see(tmp_path / "links-seen.json"))
    assert "gone" not in (tmp_path / "out" / "page.txt").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "checked.txt").read_text(encoding="utf-8").split() == [
        "Checked",
        "*******",
    ]

"""What search engines, and other sites that show a link, find of each page; the page for none."""

import re
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.errors import ConfigError

from built import file_at, is_of_language, read
from copies import copy_repository, run, small_guide
from found import LONGEST, UNLISTED, addresses, fitting, locale
from root_files import root_files
from settings import VARIABLE, Reading, overlay_folder

ADDRESS = "https://lab.example.org/guide"
URL = f'{VARIABLE} holds %s: write an address that starts with https://, as in "https://'
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def there(tmp_path_factory) -> Path:
    """A site whose address a forge has told."""
    root = copy_repository(tmp_path_factory.mktemp("found") / "guide")
    done = run(root, "tools/build_site.py", "out", **{VARIABLE: ADDRESS})
    assert done.returncode == 0, done.stderr
    return root / "out"


def heads(folder: Path) -> dict[str, BeautifulSoup]:
    """Return the heads of the pages of a folder, by their paths, but for the page for none."""
    return {
        str(path.relative_to(folder)): head(path)
        for path in sorted(folder.rglob("*.html"))
        if path.name != "404.html"
    }


@cache
def head(path: Path) -> BeautifulSoup:
    """Return the head of a page: to read the whole page takes ten times as long."""
    text = path.read_text(encoding="utf-8")
    return BeautifulSoup(text.partition("</head>")[0], "html.parser")


def said(page, name: str) -> str | None:
    """Return what a page says of itself by ``meta``; nothing if it does not."""
    found = page.find_all("meta", attrs={"name": name}) + page.find_all("meta", property=name)
    assert len(found) <= 1, f"{name} is said twice"
    return found[0]["content"] if found else None


def links(page, relation: str) -> dict[str, str]:
    """Return the addresses in the head of a page, by their language."""
    found = page.find_all("link", rel=relation)
    return {link.get("hreflang", ""): link["href"] for link in found}


def test_each_page_has_a_description_of_its_own(site, guide):
    """In whole sentences of the page, or with the messages that it explains; shown by links too."""
    for language in guide.languages:
        texts = {}
        for name, page in heads(site / language).items():
            text = texts[name] = said(page, "description")
            assert 30 <= len(text) <= LONGEST, f"{language}/{name}: {text}"
            assert not re.search(r"[\t\n]|<|  | ,|\[|\.\.\.|…$", text), f"{language}/{name}: {text}"
            assert said(page, "og:description") == text
            title = said(page, "og:title")
            assert page.title.get_text().startswith(title)
            if name.startswith("problems-"):
                assert text.startswith(f"{title} – "), text
            elif name.removesuffix(".html") not in ("search", "sitemap"):
                assert text[-1] in ".!?", f"{language}/{name}: {text}"
        twice = [name for name, text in texts.items() if list(texts.values()).count(text) > 1]
        assert not twice
    assert said(read(site / "index.html"), "description")


def test_links_show_the_site_and_the_language(site, guide):
    """Who shows a link learns the name of the site, the language, the others; no picture."""
    for language in guide.languages:
        for name, page in heads(site / language).items():
            assert page.title.get_text().endswith(said(page, "og:site_name"))
            assert said(page, "og:locale").startswith(f"{language}_")
            others = {tag["content"] for tag in page.find_all(property="og:locale:alternate")}
            assert {one[:2] for one in others} == set(guide.languages) - {language}
            assert said(page, "og:type") == ("website" if name == "index.html" else "article")
            assert not page.find(property=re.compile("^og:image"))
            is_hidden = name.removesuffix(".html") in UNLISTED
            assert said(page, "robots") == ("noindex" if is_hidden else None), name


def test_no_address_is_told_where_none_is_known(site, pytestconfig):
    """Without an address, no page and no file at the root tells one."""
    if Reading(pytestconfig.rootpath, overlay_folder(pytestconfig.rootpath)).address:
        pytest.xfail("the settings hold the address of the site")
    assert not (site / "sitemap.xml").exists()
    assert (site / "robots.txt").read_text() == "User-agent: *\nDisallow:\n"
    for name, page in heads(site).items():
        assert not links(page, "canonical"), name
        assert not links(page, "alternate"), name
        assert not said(page, "og:url"), name


def test_each_page_tells_where_it_is_in_each_language(there):
    """With an address: its own, the others', and the one for whoever reads neither language."""
    for name, page in heads(there).items():
        at = f"{ADDRESS}/{name}" if is_of_language(name) else f"{ADDRESS}/"
        if Path(name).stem in UNLISTED:
            assert not links(page, "canonical")
            assert not links(page, "alternate")
            continue
        assert links(page, "canonical") == {"": at}
        if is_of_language(name):
            assert said(page, "og:url") == at
        found = links(page, "alternate")
        rest = name.removeprefix("fr/").removeprefix("en/")
        main = f"{ADDRESS}/" if rest == "index.html" else f"{ADDRESS}/en/{rest}"
        pair = {code: f"{ADDRESS}/{code}/{rest}" for code in ("en", "fr")}
        assert found == pair | {"x-default": main}, name


def test_sitemap_lists_each_page_once(there):
    """By the rules of sitemaps.org, with the other languages, and without a date of the build."""
    root = ET.parse(there / "sitemap.xml").getroot()
    assert root.tag == f"{SITEMAP}urlset"
    assert {entry.tag for entry in root} == {f"{SITEMAP}url"}
    listed = {}
    for entry in root:
        first, *others = entry
        assert first.tag == f"{SITEMAP}loc"
        assert first.text not in listed
        assert {other.tag for other in others} == {f"{XHTML}link"}
        assert {other.get("rel") for other in others} == {"alternate"}
        listed[first.text] = {other.get("hreflang"): other.get("href") for other in others}
    expected = {}
    for page in heads(there).values():
        for at in links(page, "canonical").values():
            expected[at] = links(page, "alternate")
    assert listed == expected
    assert f"\nSitemap: {ADDRESS}/sitemap.xml\n" in (there / "robots.txt").read_text()


def test_page_for_none_leads_on_in_each_language(site, there, guide, pytestconfig):
    """It speaks each language, and its links hold at any depth: they begin at the root."""
    local = overlay_folder(pytestconfig.rootpath)
    known = Reading(pytestconfig.rootpath, local).address
    for folder, languages, path in (
        (site, guide.languages, re.sub(r"https://[^/]+", "", known) or "/"),
        (there, ["en", "fr"], "/guide/"),
    ):
        page = read(folder / "404.html")
        assert said(page, "robots") == "noindex"
        assert len(page.find_all("h1")) == 1
        assert [part["lang"] for part in page.h1.find_all("span", recursive=False)] == languages
        sections = page.main.find_all("section")
        assert [section["lang"] for section in sections] == languages
        for language, section in zip(languages, sections, strict=True):
            found = [link["href"] for link in section.find_all("a")]
            names = ("index", "search", "sitemap")
            assert found == [f"{path}{language}/{name}.html" for name in names]
        for tag in page.find_all(href=True):
            assert tag["href"].startswith(path)
            name = f"/{tag['href'].removeprefix(path)}"
            assert file_at(folder, "404.html", name).is_file(), tag["href"]
    assert (site / ".nojekyll").read_bytes() == b""


@pytest.mark.extended
def test_page_that_stands_alone_tells_no_address(tmp_path):
    """Built without the other languages, a page is described, but is not that of the address."""
    root = small_guide(tmp_path / "guide")
    command = ["-m", "sphinx", "-q", "-D", "language=fr", "-c", ".", "source", "out"]
    done = run(root, *command, **{VARIABLE: ADDRESS})
    assert done.returncode == 0, done.stderr
    page = read(root / "out" / "index.html")
    assert said(page, "description").startswith("Ce guide vous mène de")
    assert (said(page, "og:locale"), page.html["lang"]) == ("fr_FR", "fr")
    assert not said(page, "og:url")
    assert not page.find(property="og:locale:alternate")
    assert not page.find("link", rel=["canonical", "alternate"])


# -- The parts ----------------------------------------------------------------------------


def overlay(folder: Path, text: str) -> Path:
    """Make an overlay that holds some settings."""
    folder.mkdir()
    (folder / "institute.toml").write_text(text, encoding="utf-8")
    return folder


def test_settings_win_over_the_forge(tmp_path, monkeypatch, pytestconfig):
    """The address in the settings counts; without it, the one that the forge tells."""
    root, chosen = pytestconfig.rootpath, 'site.address = "https://example.org/a"\n'
    named, unnamed = overlay(tmp_path / "named", chosen), overlay(tmp_path / "unnamed", "")
    monkeypatch.setenv(VARIABLE, ADDRESS)
    assert Reading(root, named).address == "https://example.org/a/"
    assert Reading(root, unnamed).address == f"{ADDRESS}/"
    monkeypatch.setenv(VARIABLE, "")
    assert Reading(root, unnamed).address == ""


@pytest.mark.parametrize(
    "value", ["lab.example.org", "https://", "https://x.org/<b>", "ftp://x.org"]
)
def test_address_of_the_forge_is_judged(tmp_path, monkeypatch, pytestconfig, value):
    """What is no address stops the build, with the name of the variable and an example."""
    monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(ConfigError) as error:
        Reading(pytestconfig.rootpath, overlay(tmp_path / "local", ""))
    assert str(error.value).startswith(URL % repr(value))


def test_address_without_https_is_not_told(tmp_path, monkeypatch, pytestconfig):
    """A GitLab without https for its Pages, or without Pages, tells one: a warning, no error."""
    monkeypatch.setenv(VARIABLE, "http://pages.example.org/guide")
    reading = Reading(pytestconfig.rootpath, overlay(tmp_path / "local", ""))
    assert reading.address == ""
    assert reading.warnings == [
        f"{VARIABLE} holds 'http://pages.example.org/guide': the site is built as if its address "
        "were not known, because it does not start with https://"
    ]


def test_address_of_one_page_is_refused(tmp_path, pytestconfig):
    """The address of a site ends with a folder."""
    text = 'site.address = "https://example.org/?page=1"\n'
    with pytest.raises(ConfigError, match=r"\[site\] address holds .*: leave out what follows"):
        Reading(pytestconfig.rootpath, overlay(tmp_path / "local", text))


def test_site_of_one_language_has_no_others(tmp_path, pytestconfig):
    """The root then is no page of its own, and no page has an alternative."""
    text = 'languages = ["fr"]\nsite.address = "https://example.org/"\n'
    reading = Reading(pytestconfig.rootpath, overlay(tmp_path / "local", text))
    (tmp_path / "html/fr").mkdir(parents=True)
    for name in ("index", "legal", "search"):
        (tmp_path / f"html/fr/{name}.html").touch()
    files = root_files(reading, tmp_path / "html")
    assert re.findall(r"<loc>(.+)</loc>", files["sitemap.xml"]) == [
        "https://example.org/fr/index.html",
        "https://example.org/fr/legal.html",
    ]
    assert "alternate" not in files["sitemap.xml"] + files["index.html"]
    assert '<link rel="canonical" href="https://example.org/fr/index.html">' in files["index.html"]
    assert '<html lang="fr">' in files["404.html"]


def test_languages_are_written_as_each_reader_wants_them():
    """Open Graph has an underscore and a country, HTML a hyphen."""
    codes = ("en", "fr", "de", "pt_BR", "el", "zxx")
    assert [locale(code) for code in codes] == [
        *("en_GB", "fr_FR", "de_DE", "pt_BR", "el_GR", "zxx"),
    ]
    assert addresses("https://x.org/", "a/é b", ["pt_BR", "en"]) == {
        "pt-BR": "https://x.org/pt_BR/a/%C3%A9%20b.html",
        "en": "https://x.org/en/a/%C3%A9%20b.html",
        "x-default": "https://x.org/pt_BR/a/%C3%A9%20b.html",
    }


def test_descriptions_end_with_a_sentence_if_they_can():
    """Sentences are added as long as they fit; only one that is too long by itself is cut."""
    short, long = "A short one.", f"{'word ' * 30}end."
    assert fitting([short, long, short], " ") == f"{short} {long}"
    assert fitting([long, short], " ") == long
    cut = fitting([long.replace("word", "words and more"), short], " ")
    assert cut.endswith(" …")
    assert len(cut) <= 162

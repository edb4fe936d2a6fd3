"""An overlay makes the guide of another institute, and its text is judged like ours."""

import re
import zlib
from pathlib import Path

import pytest

from copies import ROOT, copy_repository, page, run, run_checks, words

EXAMPLES = ("examples/small", "examples/full")
# Words by which one would know the upstream institute.
OURS = ("cnrs", "sesame", "janus", "réséda", "creatis", "insa", "core-cloud")


@pytest.fixture(scope="module")
def sites(tmp_path_factory) -> Path:
    """The sites of the examples, built together."""
    out = tmp_path_factory.mktemp("sites")
    done = run(ROOT, "tools/build_sites.py", out, *EXAMPLES)
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.parametrize("example", ["small", "full"])
def test_site_of_another_institute_never_names_ours(sites, example):
    """No file of a built example holds a word of the upstream institute."""
    files = [path for path in (sites / example).rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        content = path.read_bytes()
        if path.suffix == ".inv":
            content = zlib.decompress(content.split(b"\n", 4)[4])
        text = content.decode("utf-8").lower()
        assert not re.findall(rf"\b({'|'.join(OURS)})\b", text), path


def test_settings_of_another_institute_are_printed(sites):
    """Names, domains, contacts and the owner are those of the overlay, in each language."""
    start = words(page(sites, "small/fr/index").main)
    assert "Un certificat pour le personnel de l’Institut Exemple" in start
    assert "Demander un certificat sur HARICA" in start
    assert "documentation de référence" not in start
    eligibility = page(sites, "small/en/eligibility")
    assert "These domains are: example.org." in words(eligibility.main)
    assert "apply for their certificate to" not in words(eligibility.main)
    assert eligibility.find(href="mailto:certificates%40example.org")
    assert "Publisher: Example Institute. Contact: guide@" in words(page(sites, "small/en/legal"))


def test_portals_are_those_offered(sites):
    """The menu has the portals of the settings, the main one first, and no page of another."""
    assert not (sites / "small/en/request-sesame.html").exists()
    menu = [link["href"] for link in page(sites, "full/en/legal").select(".guide .toctree-l1 a")]
    assert menu[1:3] == ["request-campus.html", "request-harica.html"]
    start = page(sites, "full/en/index").main
    assert start.find("a", href="request-campus.html")
    assert "sesame" not in words(page(sites, "small/en/request-harica")).lower()


def test_own_pages_have_their_place(sites):
    """A page of the overlay replaces ours, or stands in the menu where its first line says."""
    assert "the university hospital" in words(page(sites, "full/en/eligibility").main)
    assert "Réséda" not in words(page(sites, "full/en/eligibility").main)
    for language in ("en", "fr", "de"):
        links = page(sites, f"full/{language}/index").select(".guide a")
        menu = [link["href"] for link in links]
        place = menu.index("convert-certificate.html")
        assert menu[place + 1 : place + 3] == ["campus-cluster.html", "salle-calcul.html"]


def test_other_authorities_are_listed(sites):
    """Each is listed with its people, its address and its domains."""
    listed = page(sites, "full/fr/eligibility").main.find("dl")
    assert words(listed.find("dt")) == "Le personnel du centre hospitalier"
    assert words(listed.find("dd")) == (
        "le service informatique du centre hospitalier – @hospital.example.org"
    )
    assert listed.find("a")["href"] == "mailto:certificates%40hospital.example.org"
    assert len(listed.find_all("dt")) == 2


def test_third_language_is_one_of_three(sites):
    """The chooser and the switch list three, and the menus speak the third."""
    assert [words(link) for link in page(sites, "full/index").find_all("a")] == [
        "English",
        "Français",
        "Deutsch",
    ]
    start = page(sites, "full/de/index")
    assert start.html["lang"] == "de"
    assert [words(item) for item in start.select(".languages li")] == [
        "English",
        "Français",
        "Deutsch",
    ]
    assert words(start.select_one(".skip")) == "Zum Text"
    assert words(start.h1).startswith("Ein Zertifikat für die Angehörigen")


def test_what_is_not_translated_says_its_language(sites):
    """Text without translation stands there as it was written, marked with its language."""
    german = page(sites, "full/de/import-certificate")
    assert german.h1["lang"] == "en"
    # What a run has proved says its language sentence by sentence.
    written = german.main.select("p:not(.evidence, .group, .about-page p)")
    paragraphs = [tag for tag in written if not tag.find_parent("nav")]
    assert {tag.get("lang") for tag in paragraphs} == {"en"}
    menu = german.select_one('.guide a[href="salle-calcul.html"]')
    assert menu.find("span")["lang"] == "fr"
    assert german.select_one("main > .group span")["lang"] == "en"
    english = page(sites, "full/en/salle-calcul")
    assert english.h1["lang"] == english.select_one("section > p")["lang"] == "fr"
    french = page(sites, "full/fr/salle-calcul")
    assert not french.main.find(lang="fr", class_=False, string=True)
    assert not french.h1.get("lang")
    label = page(sites, "full/de/request-campus").find(class_="guilabel")
    assert (words(label), label["lang"]) == ("Order a certificate", "en")


def test_drawings_speak_the_language_or_say_so(sites):
    """A drawing is that of the language; where there is none, the English one, marked so."""
    shown = {}
    for language in ("en", "fr", "de"):
        picture = page(sites, f"full/{language}/convert-certificate").main.img
        assert (sites / "full" / language / picture["src"]).is_file()
        shown[language] = picture["src"], picture["alt"].split()[0], picture.get("lang")
    assert shown == {
        "en": ("_images/p12.svg", "The", None),
        "fr": ("_images/p12.fr.svg", "Le", None),
        "de": ("_images/p12.svg", "The", "en"),
    }


@pytest.mark.extended
def test_menu_words_without_translation_say_so(tmp_path):
    """Without a catalogue of the menus, their words are English and say so."""
    root = copy_repository(tmp_path / "guide")
    (root / "examples/full/locale/de/LC_MESSAGES/sphinx.po").unlink()
    command = ["-c", ".", "-D", "language=de", "source", "out/de"]
    done = run(root, "-m", "sphinx", "-q", "-n", "-W", *command, LOCAL="examples/full")
    assert done.returncode == 0, done.stderr
    start = page(root, "out/de/index")
    assert str(start.select_one(".skip")).endswith('<span lang="en">Skip to the text</span></a>')
    menu = start.select_one("nav.guide")
    assert (menu["aria-label"], menu["lang"]) == ("Pages of the guide", "en")
    assert menu.find("div")["lang"] == "de"


def test_site_says_how_accessible_it_is(sites):
    """The foot of each page says what an audit has found, if there was one, and links more."""
    for name, said in (
        ("small/en/index", "Accessibility: not compliant"),
        ("small/fr/legal", "Accessibilité : non conforme"),
        ("full/en/index", "Accessibility: partially compliant"),
        ("full/fr/request-campus", "Accessibilité : partiellement conforme"),
    ):
        link = page(sites, name).footer.find("a", href="accessibility.html")
        assert words(link) == said
    declared = words(page(sites, "full/en/accessibility").main)
    assert "This site is partially compliant" in declared
    assert "The audit was made by Example Audits on 31 January 2026: 62 per cent" in declared
    assert "not been audited" not in declared
    declared = words(page(sites, "small/en/accessibility").main)
    assert "This site is not compliant" in declared
    assert "Nobody has audited it yet" in declared
    assert "Write to guide@example.org" in declared


def test_logo_and_address_of_the_site(sites):
    """The logo is shown, and search engines learn the address of each language."""
    start = page(sites, "full/fr/legal")
    logo = start.select_one(".site img")
    assert (sites / "full/fr" / logo["src"]).is_file()
    base = "https://example.org/certificates"
    assert start.find("link", rel="canonical")["href"] == f"{base}/fr/legal.html"
    others = {link["hreflang"]: link["href"] for link in start.find_all("link", rel="alternate")}
    codes = {"en": "en", "fr": "fr", "de": "de", "x-default": "en"}
    assert others == {code: f"{base}/{at}/legal.html" for code, at in codes.items()}
    assert not page(sites, "small/fr/legal").find("link", rel=["canonical", "alternate"])


def test_colours_of_the_institute_are_shown(sites):
    """The style sheet holds the colours of the settings, for light and for dark screens."""
    text = (sites / "full/fr/_static/style.css").read_text(encoding="utf-8")
    assert re.findall(r"--link: (.+);", text) == ["#7a1f3d", "#f2a7bd"]
    text = (sites / "small/fr/_static/style.css").read_text(encoding="utf-8")
    assert re.findall(r"--link: (.+);", text) == ["#0b5a7d", "#7cc4e8"]


@pytest.mark.extended
def test_one_that_fails_spoils_no_other(tmp_path):
    """Of several sites, one that fails is named with its reason, and the others are built."""
    root, out = copy_repository(tmp_path / "guide"), tmp_path / "sites"
    bad, worse = root / "bad", root / "worse"
    (bad / "pages").mkdir(parents=True)
    (bad / "pages/own.rst").write_text("Own\n===\n\n:doc:`nowhere`\n")
    worse.mkdir()
    (worse / "institute.toml").write_text('main-portal = "sesmae"\n')
    small = root / "small"
    small.mkdir()
    (small / "institute.toml").write_text('languages = ["en"]\n')
    done = run(root, "tools/build_sites.py", out, "bad", "worse", "small", "gone")
    assert done.returncode == 1
    assert "bad/pages/own.rst:4: WARNING: unknown document: 'nowhere'" in done.stderr
    assert "worse/institute.toml: main-portal holds 'sesmae'" in done.stderr
    assert "gone: there is no such folder" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Failed, and left as they were: ")
    assert "Built: 1." in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in out.iterdir()] == ["small"]
    assert (out / "small/en/index.html").is_file()


@pytest.mark.extended
@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_pass_the_checks(example):
    """The examples pass what a fork's text must pass."""
    done = run_checks(ROOT, "tests/guide", LOCAL=example)
    assert done.returncode == 0, done.stdout

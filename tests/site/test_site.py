"""The built site: two languages side by side, each whole, asking nobody."""

import pytest

from built import pages, read


def test_both_languages_have_the_same_pages(site, guide):
    """Each page of the source is there in each language, and those that Sphinx makes."""
    expected = {f"{page}.html" for page in [*guide.pages, "search", "sitemap"]}
    for language in guide.languages:
        assert pages(site, language).keys() == expected


def test_root_page_leads_to_each_language_without_script(site, guide):
    """The page at the root of the site links the start page of each language."""
    page = read(site / "index.html")
    assert not page.find_all("script")
    links = {link["lang"]: link["href"] for link in page.find_all("a")}
    assert links == {code: f"{code}/index.html" for code in guide.languages}
    assert all((site / address).is_file() for address in links.values())


def test_switch_leads_to_the_same_page(site, guide):
    """Each page says its language, and leads to itself in each other one."""
    for language in guide.languages:
        for name, page in pages(site, language).items():
            assert page.html["lang"] == language
            switch = page.select_one(".languages")
            others = {link["hreflang"]: link["href"] for link in switch.find_all("a")}
            assert others.keys() == set(guide.languages) - {language}
            for other, address in others.items():
                there = (site / language / name).parent / address
                assert there.resolve() == (site / other / name).resolve()
                assert there.is_file()


@pytest.mark.extended
def test_internal_links_resolve(site, guide):
    """A link inside the site leads to a file, and its anchor to an element."""
    for language in guide.languages:
        for name, page in pages(site, language).items():
            for link in page.find_all("a", href=True):
                address, _, anchor = link["href"].partition("#")
                if "://" in address or address.startswith("mailto:"):
                    continue
                there = (site / language / name).parent / address if address else None
                target = read((there).resolve()) if there else page
                assert not anchor or target.find(id=anchor), f"{language}/{name}: {link['href']}"


def test_menus_of_french_pages_are_french(site, guide):
    """The words of the theme are translated."""
    page = pages(site, "fr")["request-sesame.html"]
    assert page.select_one(".skip").get_text() == "Aller au texte"
    assert page.select_one("[rel=prev] span").get_text() == "Précédent"
    assert page.select_one(".guide li a").get_text() == "Accueil"
    assert page.select_one(".headerlink")["title"] == "Lien vers cette rubrique"


def test_site_holds_no_working_files(site):
    """What Sphinx keeps for itself is not published."""
    assert not [path for path in site.rglob("*") if path.name in ("_sources", ".buildinfo")]
    assert not list(site.rglob("*.doctree"))
